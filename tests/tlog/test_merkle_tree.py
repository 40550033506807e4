"""The tree: RFC 6962 vectors, and three ways to a root that must agree with a fourth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from insyn.tlog.errors import TlogError
from insyn.tlog.hashing import EMPTY_ROOT, Frontier, leaf_hash, root_of
from insyn.tlog.proofs import consistency_proof, inclusion_proof
from insyn.tlog.tree import TileTree

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent.parent / "vectors/tlog/rfc6962.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]


def tree_of(leaves: list[bytes]) -> TileTree:
    tree = TileTree()
    for leaf in leaves:
        tree.append(leaf)
    return tree


def test_the_hashes_are_those_of_certificate_transparency() -> None:
    assert EMPTY_ROOT.hex() == VECTORS["empty_root"]
    assert [leaf.hex() for leaf in LEAVES] == VECTORS["leaf_hashes"]
    assert [root_of(LEAVES[: size + 1]).hex() for size in range(8)] == VECTORS["roots"]


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_an_inclusion_proof_is_that_of_certificate_transparency(case: dict[str, Any]) -> None:
    tree = tree_of(LEAVES[: case["size"]])
    proof = inclusion_proof(case["index"], case["size"], lambda height, index: tree.node(height, index, lambda start, count: []))
    assert [hashed.hex() for hashed in proof] == case["proof"]


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_a_consistency_proof_is_that_of_certificate_transparency(case: dict[str, Any]) -> None:
    tree = tree_of(LEAVES[: case["new"]])
    proof = consistency_proof(case["old"], case["new"], lambda height, index: tree.node(height, index, lambda start, count: []))
    assert [hashed.hex() for hashed in proof] == case["proof"]


def test_all_ways_lead_to_the_same_root_at_every_size(oracle: Any) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(600)]
    frontier, tree = Frontier(), TileTree()
    for size in range(601):
        expected = oracle.root(leaves[:size])
        assert frontier.root() == tree.root() == root_of(leaves[:size]) == expected, size
        if size < 600:
            frontier.append(leaves[size])
            tree.append(leaves[size])


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 70_000, 131_072 + 256 + 3])
def test_a_tree_over_several_levels_of_tiles_has_the_root_of_its_leaves(size: int) -> None:
    leaves = [number.to_bytes(32, "big") for number in range(size)]
    tree = TileTree()
    tree.append_all(leaves)
    assert tree.root() == root_of(leaves)
    assert TileTree.from_tile_roots(tree.tile_roots()).root() == root_of(leaves[: size - size % 256])


@given(first=st.integers(0, 700), more=st.integers(0, 700))
def test_a_tree_that_goes_back_to_a_mark_has_forgotten_what_came_after(first: int, more: int) -> None:
    tree = TileTree()
    tree.append_all([number.to_bytes(32, "big") for number in range(first)])
    root, mark = tree.root(), tree.mark()
    tree.append_all([bytes(32)] * more)
    tree.reset(mark)
    assert (tree.size, tree.root()) == (first, root)
    tree.append_all([number.to_bytes(32, "big") for number in range(first, first + 300)])
    assert tree.root() == root_of([number.to_bytes(32, "big") for number in range(first + 300)])


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=40))
def test_a_frontier_survives_its_bytes(leaves: list[bytes]) -> None:
    frontier = Frontier()
    frontier.extend(leaves)
    read = Frontier.from_bytes(frontier.to_bytes())
    assert (read.size, read.root()) == (len(leaves), root_of(leaves))
    twin = read.copy()
    twin.append(bytes(32))
    assert (read.size, read.root()) == (len(leaves), root_of(leaves))


@given(st.binary(max_size=80))
def test_bytes_that_are_no_frontier_are_refused(data: bytes) -> None:
    try:
        frontier = Frontier.from_bytes(data)
    except TlogError:
        return
    assert frontier.to_bytes() == data
