"""Commitments: how a public entry binds sealed text without telling it.

``SHA256("insyn/c/v1" || len8(group) || group || rid || salt || padded text)``. Whoever is given text and salt of one group can check it
against the entry; without them it hides everything. It is taken over the padded plaintext because AES-GCM does not commit to its key.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

SMALLEST_BUCKET = 256
SALT_BYTES = 32
_CONTEXT = b"insyn/c/v1"


def pad(text: bytes) -> bytes:
    """ISO/IEC 7816-4: 0x80, then zeros, up to 256, 512, 1024, … bytes, so that the length tells little."""
    bucket = max(SMALLEST_BUCKET, 1 << len(text).bit_length())
    return (text + b"\x80").ljust(bucket, b"\x00")


def commitment(*, group: str, rid: str, salt: bytes, text: bytes) -> str:
    """Commitment (hex) to the text of a group; ``rid`` is the 32 hex digits of the entry's id, ``salt`` 32 random or derived bytes."""
    return sha256(b"".join((_head(group), bytes.fromhex(rid), salt, pad(text)))).hexdigest()


@lru_cache(maxsize=64)
def _head(group: str) -> bytes:
    name = group.encode()
    return _CONTEXT + bytes((len(name),)) + name
