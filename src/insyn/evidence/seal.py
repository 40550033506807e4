"""Padding, salts, commitments and the sealing of a record.

A commitment binds the public entry to one disclosure group of the sealed text: ``SHA256("insyn/c/v1" || len8(group) || group || rid ||
salt || padded text)`` with a salt of 32 bytes that is derived from the record key. Whoever is given the text and the salt of one group
can check it against the entry and learns nothing of the others. It is taken over the padded text, not over the ciphertext, because
AES-GCM does not commit to its key. When the key is destroyed the salts are gone too, and what is left in the log hides everything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from insyn.core.commitments import commitment
from insyn.core.errors import InvalidInput

from .mac import Mac

KEY_BYTES = 32
#: Sizes that sealed text is padded to. Six down to one rows of this size fill a page of 4 KiB; beyond that, whole pages.
_SEALED_BUCKETS = (432, 576, 704, 912, 1_248, 1_920, 3_920)
_PAGE = 4_096
# Every record key seals one text once, so a constant nonce never repeats under a key.
_NONCE = bytes(12)


class SealedText(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed: the groups, the digest of the facts row (empty without one), the retention class that its key was made for,
    whether the record was put on the review queue, how many of a thousand such were then judged blind, and whether the case was drawn or,
    as at first, the record alone. Records from before the last four have none of them: ``retention`` is empty."""

    groups: dict[str, bytes]
    fact: bytes = b""
    retention: str = ""
    waits: bool = False
    blind_share: int = 0
    by_case: bool = False


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SealedText).decode


def unpad(padded: bytes) -> bytes:
    """Inverse of :func:`pad` for any bucket. Raises :class:`InvalidInput`."""
    text, mark, zeros = padded.rpartition(b"\x80")
    if not mark or zeros.strip(b"\x00"):
        raise InvalidInput("the padding is broken")
    return text


def salt_of(key: bytes, group: str) -> bytes:
    """Salt of a group: HKDF-Expand (RFC 5869, 2.3) of the record key with info ``salt || group``, one block."""
    return _salt(Mac(key), group)


def _salt(keyed: Mac, group: str) -> bytes:
    return keyed.digest(b"salt" + group.encode() + b"\x01")


def commitments(key: bytes, rid: str, groups: Mapping[str, bytes]) -> dict[str, str]:
    """The field ``c`` of an entry: a commitment per group."""
    keyed = Mac(key)
    return {group: commitment(group=group, rid=rid, salt=_salt(keyed, group), text=text) for group, text in groups.items()}


def seal(key: bytes, rid: str, text: SealedText) -> bytes:
    """AES-256-GCM under the record key, bound to the rid; padded, so that the length tells little."""
    plain = _encode(text) + b"\x80"
    return AESGCM(key).encrypt(_NONCE, plain.ljust(_sealed_size(len(plain)), b"\x00"), bytes.fromhex(rid))


def _sealed_size(length: int) -> int:
    if length <= _SEALED_BUCKETS[-1]:
        return _SEALED_BUCKETS[bisect_left(_SEALED_BUCKETS, length)]
    return -(-length // _PAGE) * _PAGE


def unseal(key: bytes, rid: str, sealed: bytes) -> SealedText:
    """Raises :class:`InvalidInput` when the bytes were not sealed under this key for this rid."""
    try:
        return _decode(unpad(AESGCM(key).decrypt(_NONCE, sealed, bytes.fromhex(rid))))
    except (InvalidTag, msgspec.DecodeError) as error:
        raise InvalidInput("the sealed text does not open under its key") from error
