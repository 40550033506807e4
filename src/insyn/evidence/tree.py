"""The tree over the entry rows, read back from the file."""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from insyn.core.errors import StoreFailed
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.proofs import NodeReader, range_root
from insyn.tlog.tiles import TILE_WIDTH
from insyn.tlog.tree import TileTree


def load_tree(connection: apsw.Connection, *, use_cache: bool = True) -> TileTree:
    """Derive the tree: full tiles from the cache as far as it goes, then every entry from its bytes.

    Raises :class:`StoreFailed` that names the entry when a row is missing or its leaf hash is not that of its bytes.
    """
    tree = TileTree.from_tile_roots(cached_tile_roots(connection) if use_cache else [])
    rows = connection.execute("SELECT idx, bytes, leaf FROM entry WHERE idx >= ? ORDER BY idx", (tree.size,))
    for index, data, leaf in rows:
        if index != tree.size:
            raise StoreFailed(f"entry {tree.size} is missing from the evidence store (the next row is {index})")
        if leaf_hash(data) != leaf:
            raise StoreFailed(f"entry {index} of the evidence store is not what its leaf hash was taken over")
        tree.append(leaf)
    return tree


def cached_tile_roots(connection: apsw.Connection) -> list[bytes]:
    """The unbroken beginning of the tile cache, never beyond the entries that are there."""
    last = connection.execute("SELECT max(idx) FROM entry").get
    full = 0 if last is None else (last + 1) // TILE_WIDTH
    roots: list[bytes] = []
    for n, root in connection.execute("SELECT n, root FROM tile WHERE n < ? ORDER BY n", (full,)):
        if n != len(roots):
            break
        roots.append(root)
    return roots


def node_reader(tree: TileTree, connection: apsw.Connection) -> NodeReader:
    """Inner hashes of the tree; leaf hashes of full tiles come from the rows."""

    def leaves(start: int, count: int) -> Sequence[bytes]:
        found = connection.execute("SELECT leaf FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx", (start, start + count))
        return [row[0] for row in found]

    return lambda height, index: tree.node(height, index, leaves)


def root_at(tree: TileTree, size: int, connection: apsw.Connection) -> bytes:
    """Root of the first ``size`` entries."""
    return tree.root() if size == tree.size else range_root(0, size, node_reader(tree, connection))
