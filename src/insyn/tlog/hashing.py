"""Merkle tree hashes of RFC 6962, section 2.1, with SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from .errors import TlogError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of an entry: ``SHA256(0x00 || data)``."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: ``SHA256(0x01 || left || right)``."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Join subtree roots, largest (leftmost) first, into the root of the tree they make up."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def root_of(leaf_hashes: Sequence[bytes]) -> bytes:
    """Root of the tree over these leaf hashes.

    Pairs level by level; an odd last node moves up unchanged, which gives the same tree as the split at the largest power of two.
    """
    level = b"".join(leaf_hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > HASH_BYTES:
        paired = len(level) - len(level) % (2 * HASH_BYTES)
        above = [sha256(b"\x01" + level[at : at + 64]).digest() for at in range(0, paired, 64)]
        level = b"".join(above) + level[paired:]
    return level


class Frontier:
    """A compact range from 0: the roots of the perfect subtrees that make up a tree of ``size`` leaves, largest first."""

    __slots__ = ("_roots", "size")

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        size, node = self.size, leaf
        while size & 1:
            node = node_hash(self._roots.pop(), node)
            size >>= 1
        self._roots.append(node)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        return fold(self._roots)

    def copy(self) -> Frontier:
        twin = Frontier()
        twin.size, twin._roots = self.size, list(self._roots)
        return twin

    def to_bytes(self) -> bytes:
        """Eight bytes of size, big-endian, then the roots."""
        return self.size.to_bytes(8, "big") + b"".join(self._roots)

    @classmethod
    def from_bytes(cls, data: bytes) -> Frontier:
        """Inverse of :meth:`to_bytes`. Raises :class:`TlogError`."""
        size = int.from_bytes(data[:8], "big")
        if len(data) != 8 + HASH_BYTES * size.bit_count():
            raise TlogError(f"a frontier of {size} leaves does not take {len(data)} bytes")
        made = cls()
        made.size = size
        made._roots = [data[at : at + HASH_BYTES] for at in range(8, len(data), HASH_BYTES)]
        return made
