"""Inclusion, consistency and receipts against the recursion of RFC 6962."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given, strategies as st

from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.hashing import leaf_hash, node_hash
from insyn.tlog.notes import NoteSigner, sign_note
from insyn.tlog.proofs import TlogProof, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion, verify_proof
from insyn.tlog.tree import TileTree

LARGEST = 130
LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(LARGEST)]


def reader(leaves: list[bytes]) -> Any:
    tree = TileTree()
    tree.append_all(leaves)
    return lambda height, index: tree.node(height, index, lambda start, count: leaves[start : start + count])


@pytest.fixture(scope="module")
def roots(request: pytest.FixtureRequest) -> list[bytes]:
    oracle = request.getfixturevalue("oracle")
    return [oracle.root(LEAVES[:size]) for size in range(LARGEST + 1)]


def test_every_entry_is_proven_in_every_tree(oracle: Any, roots: list[bytes]) -> None:
    read = reader(LEAVES)
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, read)
            assert proof == oracle.path(index, LEAVES[:size])
            verify_inclusion(LEAVES[index], index, size, proof, roots[size])


def test_every_tree_is_proven_the_beginning_of_every_larger_one(oracle: Any, roots: list[bytes]) -> None:
    read = reader(LEAVES)
    for new in range(LARGEST + 1):
        for old in range(new + 1):
            proof = consistency_proof(old, new, read)
            assert proof == oracle.proof(old, LEAVES[:new])
            verify_consistency(old, roots[old], new, roots[new], proof)


@given(data=st.data(), size=st.integers(1, LARGEST))
def test_no_other_entry_place_size_or_proof_passes(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    read = reader(LEAVES)
    proof = inclusion_proof(index, size, read)
    root = TileTree.from_tile_roots([]).root() if not size else _root(size)
    with pytest.raises(TlogError):
        verify_inclusion(leaf_hash(b"another"), index, size, proof, root)
    with pytest.raises(TlogError):
        verify_inclusion(LEAVES[index], index, size, [*proof, bytes(32)], root)
    if proof:
        with pytest.raises(TlogError):
            verify_inclusion(LEAVES[index], index, size, proof[:-1], root)
        other = data.draw(st.integers(0, size - 1).filter(lambda number: number != index))
        with pytest.raises(TlogError):
            verify_inclusion(LEAVES[index], other, size, proof, root)


def _root(size: int) -> bytes:
    tree = TileTree()
    tree.append_all(LEAVES[:size])
    return tree.root()


@given(data=st.data(), new=st.integers(2, LARGEST))
def test_no_other_beginning_passes(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new - 1))
    proof = consistency_proof(old, new, reader(LEAVES))
    for spoiled in ([*proof, bytes(32)], proof[:-1], [bytes(32), *proof[1:]]):
        with pytest.raises(TlogError):
            verify_consistency(old, _root(old), new, _root(new), spoiled)
    with pytest.raises(TlogError):
        verify_consistency(old, bytes(32), new, _root(new), proof)
    with pytest.raises(TlogError):
        verify_consistency(old, _root(old), new, bytes(32), proof)


def test_an_inner_node_does_not_pass_as_an_entry() -> None:
    left, right = (node_hash(LEAVES[at], LEAVES[at + 1]) for at in (0, 2))
    with pytest.raises(TlogError, match="too short"):
        verify_inclusion(left, 0, 4, [right], _root(4))


def test_places_and_sizes_outside_the_tree_are_refused() -> None:
    read = reader(LEAVES)
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(TlogError):
            inclusion_proof(index, size, read)
        with pytest.raises(TlogError):
            verify_inclusion(LEAVES[0], index, size, [], bytes(32))
    for old, new in ((-1, 3), (4, 3)):
        with pytest.raises(TlogError):
            consistency_proof(old, new, read)
        with pytest.raises(TlogError):
            verify_consistency(old, bytes(32), new, bytes(32), [])
    with pytest.raises(TlogError):
        verify_consistency(3, bytes(32), 3, b"\x01" * 32, [])
    with pytest.raises(TlogError):
        verify_consistency(0, bytes(32), 3, bytes(32), [bytes(32)])


def test_a_receipt_proves_its_entry_and_no_other(signer: NoteSigner) -> None:
    note = sign_note(Checkpoint(signer.name, 100, _root(100)).body(), signer)
    text = TlogProof(7, tuple(inclusion_proof(7, 100, reader(LEAVES))), note).text()
    assert verify_proof(text, LEAVES[7], [signer.verifier]) == (7, Checkpoint(signer.name, 100, _root(100)))
    with pytest.raises(TlogError):
        verify_proof(text, LEAVES[8], [signer.verifier])
    with pytest.raises(TlogError):
        verify_proof(text, LEAVES[7], [NoteSigner(signer.name, bytes(32)).verifier])


def test_a_receipt_reads_as_the_specification_writes_it(signer: NoteSigner) -> None:
    one, two = bytes(32), b"\xff" * 32
    encoded = [base64.b64encode(hashed).decode() for hashed in (one, two)]
    assert TlogProof(5, (one, two), "test checkpoint\n").text() == (
        f"c2sp.org/tlog-proof@v1\nindex 5\n{encoded[0]}\n{encoded[1]}\n\ntest checkpoint\n"
    )
    assert TlogProof(0, (), "checkpoint\n", b"extra").text() == "c2sp.org/tlog-proof@v1\nextra ZXh0cmE=\nindex 0\n\ncheckpoint\n"


@given(
    st.builds(
        TlogProof,
        st.integers(0, 10**18),
        st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
        st.text(max_size=50),
        st.none() | st.binary(max_size=20),
    )
)
def test_a_receipt_is_read_back(proof: TlogProof) -> None:
    assert TlogProof.parse(proof.text()) == proof


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v2\nindex 0\n\nnote",
        "c2sp.org/tlog-proof@v1\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0",
        "c2sp.org/tlog-proof@v1\nindex 00\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nnote",
        "c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + "A" * 43 + "B\n\nnote",
        "c2sp.org/tlog-proof@v1\nindex 0" + ("\n" + base64.b64encode(bytes(32)).decode()) * 64 + "\n\nnote",
    ],
)
def test_text_that_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(TlogError):
        TlogProof.parse(text)
