"""Timestamped signatures over checkpoints (C2SP tlog-cosignature): Ed25519 (type 0x04) and ML-DSA-44 (type 0x06).

Witnesses cosign with either. A log signs its own checkpoints with ML-DSA-44 beside Ed25519, so that a log kept for decades still speaks when
Ed25519 no longer does. A signature is eight bytes of time, big-endian, and then the signature proper. Time 0 says nothing of when, nor that
the tree is the largest: so a log signs, whose public entries never tell the second of a decision.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from .checkpoint import Checkpoint
from .errors import TlogError
from .notes import ED25519, NoteVerifier, Verifier, check_key_name, key_id, split_vkey, vkey_text

ED25519_COSIGNATURE = 0x04
ML_DSA_44 = 0x06
_PUBLIC_BYTES = {ED25519_COSIGNATURE: 32, ML_DSA_44: 1312}
_TIME = struct.Struct(">Q")
_LABEL = b"subtree/v1\n\x00"
_MAX_TIME = 2**63 - 1

#: seconds since 1970, UTC
Now = Callable[[], int]


class _Private(Protocol):
    def sign(self, data: bytes) -> bytes: ...


def no_time() -> int:
    """The time of a log's own signature: none."""
    return 0


def signed_message(kind: int, name: str, time: int, body: str) -> bytes:
    """The bytes under a cosignature. Raises :class:`TlogError` when the body is no checkpoint."""
    checkpoint = Checkpoint.parse(body)
    if kind == ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {time}\n{body}".encode()
    tree = struct.pack(">QQ", 0, checkpoint.size) + checkpoint.root
    return _LABEL + _short(name) + _TIME.pack(time) + _short(checkpoint.origin) + tree


def _short(text: str) -> bytes:
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise TlogError(f"a name or origin has 1 to 255 bytes: {text[:60]!r}")
    return bytes([len(data)]) + data


@dataclass(frozen=True)
class CosignatureVerifier:
    """The public key of a witness, or the ML-DSA-44 key of a log."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.public) != _PUBLIC_BYTES.get(self.kind):
            raise TlogError(f"not a cosignature key: kind {self.kind} with {len(self.public)} bytes")

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    @property
    def vkey(self) -> str:
        return vkey_text(self.name, self.kind, self.public)

    @classmethod
    def parse(cls, vkey: str) -> CosignatureVerifier:
        """Raises :class:`TlogError`, also when the key id is not that of the key."""
        name, kind, public = split_vkey(vkey)
        return cls(name, kind, public)

    def verify(self, body: str, signature: bytes) -> bool:
        time = int.from_bytes(signature[:8], "big")
        if len(signature) <= 8 or time > _MAX_TIME:
            return False
        try:
            message = signed_message(self.kind, self.name, time, body)
            if self.kind == ED25519_COSIGNATURE:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature[8:], message)
            else:
                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature[8:], message)
        except (InvalidSignature, ValueError):  # TlogError is a ValueError
            return False
        return True


class Cosigner:
    """A private key with its name. ``seed`` has 32 bytes for either kind."""

    def __init__(self, name: str, seed: bytes, *, kind: int = ML_DSA_44, now: Now = no_time) -> None:
        self.name, self.seed, self.kind, self._now = name, seed, kind, now
        self._private: _Private
        if kind == ED25519_COSIGNATURE:
            ed25519 = Ed25519PrivateKey.from_private_bytes(seed)
            self._private, public = ed25519, ed25519.public_key().public_bytes_raw()
        elif kind == ML_DSA_44:
            ml_dsa = MLDSA44PrivateKey.from_seed_bytes(seed)
            self._private, public = cast("_Private", ml_dsa), ml_dsa.public_key().public_bytes_raw()
        else:
            raise TlogError(f"not a kind of cosignature: {kind}")
        self.verifier = CosignatureVerifier(name, kind, public)

    @property
    def vkey(self) -> str:
        return self.verifier.vkey

    def sign(self, body: str) -> bytes:
        """Raises :class:`TlogError` when the body is no checkpoint."""
        time = self._now()
        return _TIME.pack(time) + self._private.sign(signed_message(self.kind, self.name, time, body))


def time_of(signature: bytes) -> int:
    """When a cosignature was made, seconds since 1970; 0 where it does not say."""
    return int.from_bytes(signature[:8], "big")


def parse_vkey(vkey: str) -> Verifier:
    """A public key of any type that we know. Raises :class:`TlogError`."""
    return NoteVerifier.parse(vkey) if split_vkey(vkey)[1] == ED25519 else CosignatureVerifier.parse(vkey)


def parse_vkeys(text: str) -> list[Verifier]:
    """Public keys, one a line. Raises :class:`TlogError`, also when there is none."""
    found = [parse_vkey(line) for line in text.splitlines() if line.strip()]
    if not found:
        raise TlogError("no public key")
    return found
