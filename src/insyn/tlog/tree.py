"""A tree kept as tiles: what a writer needs in memory of a log of any size.

Of level 0 only the leaf hashes of the last, partial tile are kept; of each higher level all hashes (one for 256 of the level below), so
ten million entries take 39,000 hashes. Appending costs no inner hash until a tile is full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .errors import TlogError
from .hashing import fold, root_of
from .tiles import TILE_WIDTH

#: (first leaf, count) -> leaf hashes of a full level 0 tile that is no longer in memory
LeafReader = Callable[[int, int], Sequence[bytes]]
Mark = tuple[int, list[bytes], tuple[int, ...]]


class TileTree:
    """Append leaf hashes, take the root, go back to a :meth:`mark`, and hand out inner hashes for proofs."""

    __slots__ = ("_partial", "_upper", "size")

    def __init__(self) -> None:
        self.size = 0
        self._partial: list[bytes] = []
        self._upper: list[list[bytes]] = []  # level 1 first

    @classmethod
    def from_tile_roots(cls, roots: Sequence[bytes]) -> TileTree:
        """A tree of ``256 * len(roots)`` leaves from the roots of its full level 0 tiles."""
        tree = cls()
        for root in roots:
            tree._push(0, root)
        tree.size = TILE_WIDTH * len(roots)
        return tree

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        partial = self._partial
        partial.append(leaf)
        self.size += 1
        if len(partial) == TILE_WIDTH:
            self._push(0, root_of(partial))
            self._partial = []

    def append_all(self, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes in order."""
        at = 0
        while at < len(leaves):
            take = leaves[at : at + TILE_WIDTH - len(self._partial)]
            self._partial.extend(take)
            self.size += len(take)
            at += len(take)
            if len(self._partial) == TILE_WIDTH:
                self._push(0, root_of(self._partial))
                self._partial = []

    def append_tile(self, root: bytes) -> None:
        """Add a full level 0 tile by its root. The tree must end at the border of a tile."""
        if self._partial:
            raise TlogError("a tile is added where the one before it is not full")
        self._push(0, root)
        self.size += TILE_WIDTH

    def drop_partial(self) -> None:
        """Forget the leaves after the last full tile."""
        self.size -= len(self._partial)
        self._partial = []

    def _push(self, level: int, root: bytes) -> None:
        if len(self._upper) == level:
            self._upper.append([])
        hashes = self._upper[level]
        hashes.append(root)
        if len(hashes) % TILE_WIDTH == 0:
            self._push(level + 1, root_of(hashes[-TILE_WIDTH:]))

    def tile_roots(self) -> Sequence[bytes]:
        """Roots of all full level 0 tiles."""
        return self._upper[0] if self._upper else ()

    def level(self, level: int) -> Sequence[bytes]:
        """All hashes of a level from 1 on; of level 0 those of the partial tile."""
        if level == 0:
            return self._partial
        return self._upper[level - 1] if level <= len(self._upper) else ()

    def root(self) -> bytes:
        """RFC 6962 root over the perfect subtrees of each level's partial tile, the highest (leftmost) first."""
        return fold([root for level in range(len(self._upper), -1, -1) for root in _perfect_subtrees(self._rest(level))])

    def _rest(self, level: int) -> Sequence[bytes]:
        if level == 0:
            return self._partial
        hashes = self._upper[level - 1]
        return hashes[len(hashes) - len(hashes) % TILE_WIDTH :]

    def mark(self) -> Mark:
        """A point to come back to."""
        return self.size, self._partial[:], tuple(len(hashes) for hashes in self._upper)

    def reset(self, mark: Mark) -> None:
        """Forget what was appended since the mark."""
        self.size, partial, lengths = mark
        self._partial = partial[:]
        del self._upper[len(lengths) :]
        for hashes, length in zip(self._upper, lengths, strict=True):
            del hashes[length:]

    def node(self, height: int, index: int, leaves: LeafReader) -> bytes:
        """Root of the perfect subtree of ``2**height`` leaves that begins at leaf ``index * 2**height``."""
        level, above = divmod(height, 8)
        first, count = index << above, 1 << above
        if level:
            return root_of(self._upper[level - 1][first : first + count])
        kept = self.size - len(self._partial)
        if first >= kept:
            return root_of(self._partial[first - kept : first - kept + count])
        return root_of(leaves(first, count))


def _perfect_subtrees(hashes: Sequence[bytes]) -> Iterator[bytes]:
    at = 0
    for bit in (128, 64, 32, 16, 8, 4, 2, 1):
        if len(hashes) & bit:
            yield root_of(hashes[at : at + bit])
            at += bit
