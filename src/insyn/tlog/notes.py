"""Signed notes (C2SP signed-note) with Ed25519 keys, type 0x01. Other types of signature stand in :mod:`insyn.tlog.cosignature`.

A note is a text that ends in a newline, a blank line, and one or more lines ``— <key name> base64(key id || signature)``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .errors import TlogError

ED25519 = 0x01
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
_DASH = "\N{EM DASH} "


def strict_base64(text: str) -> bytes:
    """Decode standard base64; a second spelling of the same bytes is refused with :class:`TlogError`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise TlogError(f"not base64: {text[:60]!r}") from error
    if base64.b64encode(data).decode() != text:
        raise TlogError(f"not canonical base64: {text[:60]!r}")
    return data


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """First four bytes of ``SHA256(name || 0x0A || kind || public key)``."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey_text(name: str, kind: int, public: bytes) -> str:
    return f"{name}+{key_id(name, kind, public).hex()}+{base64.b64encode(bytes([kind]) + public).decode()}"


def split_vkey(vkey: str) -> tuple[str, int, bytes]:
    """Name, kind and public key of a verifier key. Raises :class:`TlogError`, also when the key id is not that of the key."""
    name, _, rest = vkey.strip().partition("+")
    hexed, _, encoded = rest.partition("+")
    key = strict_base64(encoded)
    if not key:
        raise TlogError(f"not a verifier key: {vkey[:60]!r}")
    found = key_id(name, key[0], key[1:]).hex()
    if found != hexed:
        raise TlogError(f"the key id of {name!r} is {found}, the verifier key says {hexed[:16]!r}")
    return name, key[0], key[1:]


def check_key_name(name: str) -> None:
    """Raises :class:`TlogError` unless the name is not empty and has no space, no plus and no control character."""
    if not name or "+" in name or any(sign.isspace() or not sign.isprintable() for sign in name):
        raise TlogError(f"not a key name: {name[:60]!r}")


class Verifier(Protocol):
    """A public key with its name, of any type of signature."""

    @property
    def name(self) -> str: ...

    @property
    def public(self) -> bytes: ...

    @property
    def key_id(self) -> bytes: ...

    @property
    def vkey(self) -> str:
        """Its text form ``name+hex key id+base64(kind || public key)``."""
        ...

    def verify(self, body: str, signature: bytes) -> bool:
        """Did this key sign the text of a note?"""
        ...


class Signer(Protocol):
    """A private key with its name."""

    @property
    def name(self) -> str: ...

    @property
    def verifier(self) -> Verifier: ...

    def sign(self, body: str) -> bytes: ...


@dataclass(frozen=True)
class NoteVerifier:
    """A public key with its name; :attr:`vkey` is its text form ``name+hex key id+base64(kind || public key)``."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public) != 32:
            raise TlogError("an Ed25519 public key has 32 bytes")

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, ED25519, self.public)

    @property
    def vkey(self) -> str:
        return vkey_text(self.name, ED25519, self.public)

    @classmethod
    def parse(cls, vkey: str) -> NoteVerifier:
        """Raises :class:`TlogError`, also when the key id is not that of the key."""
        name, kind, public = split_vkey(vkey)
        if kind != ED25519:
            raise TlogError("not an Ed25519 verifier key (kind 1)")
        return cls(name, public)

    def verify(self, body: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, body.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


class NoteSigner:
    """A private key with its name. ``seed`` is the 32-byte Ed25519 seed."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = NoteVerifier(name, self._private.public_key().public_bytes_raw())
        self.name = name

    @property
    def vkey(self) -> str:
        return self.verifier.vkey

    @property
    def seed(self) -> bytes:
        return self._private.private_bytes_raw()

    def sign(self, body: str) -> bytes:
        return self._private.sign(body.encode())


def generate_log_key(name: str) -> NoteSigner:
    """A new key; the name of a log's key is its origin."""
    return NoteSigner(name, Ed25519PrivateKey.generate().private_bytes_raw())


def sign_note(body: str, signers: Iterable[Signer] | NoteSigner) -> str:
    """The note of a body that ends in a newline. Raises :class:`TlogError` for a body that no reader would take."""
    check_body(body)
    lines = [signature_line(signer, body) for signer in ([signers] if isinstance(signers, NoteSigner) else signers)]
    if not lines:
        raise TlogError("a note needs at least one signature")
    return f"{body}\n{''.join(lines)}"


def signature_line(signer: Signer, body: str) -> str:
    """The line, with its newline, that one more signature adds to a note."""
    return NoteSignature(signer.name, signer.verifier.key_id, signer.sign(body)).line


def check_body(body: str) -> None:
    if not body.endswith("\n"):
        raise TlogError("the text of a note ends in a newline")
    if any(ord(sign) < 0x20 and sign != "\n" for sign in body):
        raise TlogError("a note holds no control characters but newlines")


@dataclass(frozen=True)
class NoteSignature:
    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


def parse_note(note: str) -> tuple[str, list[NoteSignature]]:
    """Split a note into its body and signatures, none of them verified. Raises :class:`TlogError`."""
    if len(note) > MAX_NOTE_BYTES:
        raise TlogError("the note is too long")
    check_body(note)
    body, blank, lines = note.rpartition("\n\n")
    if not blank or not lines:
        raise TlogError("a note is a text, a blank line and signatures")
    return body + "\n", parse_signatures(lines)


def parse_signatures(lines: str) -> list[NoteSignature]:
    """Signature lines, each ending in a newline. Raises :class:`TlogError`."""
    if not lines.endswith("\n"):
        raise TlogError("a signature line ends in a newline")
    signatures = [_parse_signature(line) for line in lines[:-1].split("\n")]
    if len(signatures) > MAX_SIGNATURES:
        raise TlogError(f"more than {MAX_SIGNATURES} signatures")
    return signatures


def _parse_signature(line: str) -> NoteSignature:
    if not line.startswith(_DASH):
        raise TlogError(f"not a signature line: {line[:60]!r}")
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    check_key_name(name)
    data = strict_base64(encoded)
    if len(data) < 5:
        raise TlogError(f"the signature of {name!r} is too short")
    return NoteSignature(name, data[:4], data[4:])


def open_note(note: str, verifiers: Sequence[Verifier]) -> str:
    """The body, when at least one known key has signed it and no known key's signature fails.

    Signatures by other keys are ignored. Raises :class:`TlogError`.
    """
    body, signed = signed_by(note, verifiers)
    if not signed:
        raise TlogError("no signature by a known key")
    return body


def signed_by(note: str, verifiers: Sequence[Verifier]) -> tuple[str, list[Verifier]]:
    """The body, and those of the known keys that have signed it. Raises :class:`TlogError` when a known key's signature fails."""
    body, signatures = parse_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    found: list[Verifier] = []
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.verify(body, signature.signature):
            raise TlogError(f"the signature of {signature.name!r} does not hold")
        found.append(verifier)
    return body, found
