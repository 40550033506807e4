"""Ed25519 signatures over messages between the planes (RFC 8032).

Every signature covers a context line before the body, so that a signed stop can never be replayed as a signed permit.
"""

from __future__ import annotations

from typing import Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .errors import SignatureInvalid


class Signed(msgspec.Struct, frozen=True):
    """``body`` as sent, the name of the key, and the signature over context, key name and body."""

    key: str
    body: bytes
    signature: bytes


def _message(context: str, key: str, body: bytes) -> bytes:
    return f"insyn/{context}/v1\n{key}\n".encode() + body


class SigningKey:
    """A named private key."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.name = name
        self._private = private

    @classmethod
    def generate(cls, name: str) -> Self:
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> Self:
        """``data`` is the 32-byte seed."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(data))

    def to_bytes(self) -> bytes:
        return self._private.private_bytes_raw()

    @property
    def public(self) -> bytes:
        """The 32-byte public key."""
        return self._private.public_key().public_bytes_raw()

    def sign(self, context: str, body: bytes) -> Signed:
        return Signed(key=self.name, body=body, signature=self._private.sign(_message(context, self.name, body)))


def verify(signed: Signed, *, context: str, public: bytes) -> bytes:
    """Return the body when the signature holds, otherwise raise :class:`SignatureInvalid`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signed.signature, _message(context, signed.key, signed.body))
    except (InvalidSignature, ValueError) as error:
        raise SignatureInvalid(f"the signature of {signed.key!r} over this {context} does not hold") from error
    return signed.body
