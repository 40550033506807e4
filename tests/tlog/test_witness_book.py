"""What a witness answers, in the order of the protocol; and that it never goes back on what it cosigned."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from insyn.tlog.checkpoint import Checkpoint, open_checkpoint
from insyn.tlog.cosignature import ED25519_COSIGNATURE, Cosigner
from insyn.tlog.errors import TlogError
from insyn.tlog.hashing import leaf_hash, root_of
from insyn.tlog.notes import NoteSigner, sign_note
from insyn.tlog.proofs import consistency_proof
from insyn.tlog.witness import AddCheckpoint, with_lines
from insyn.tlog.witness_book import BadRequest, Conflict, NotSigned, ProofFails, UnknownLog, WitnessBook

LOG = NoteSigner("log.example/kommun", bytes(range(32)))
WITNESS = [Cosigner("vittne.example/1", bytes(32), kind=kind, now=lambda: 1_800_000_000) for kind in (ED25519_COSIGNATURE, 6)]
LEAVES = [leaf_hash(b"entry %d" % number) for number in range(200)]
OTHER = [leaf_hash(b"other %d" % number) for number in range(200)]


def checkpoint(size: int, leaves: Sequence[bytes] = LEAVES, origin: str = LOG.name) -> Checkpoint:
    return Checkpoint(origin, size, root_of(leaves[:size]))


def request(old: int, new: int, *, leaves: Sequence[bytes] = LEAVES, signer: NoteSigner = LOG) -> AddCheckpoint:
    def node(height: int, index: int) -> bytes:
        return root_of(leaves[index << height : (index + 1) << height])

    proof = consistency_proof(old, new, node) if old <= new else []
    return AddCheckpoint(old, tuple(proof), sign_note(checkpoint(new, leaves, signer.name).body(), signer))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "witness.sqlite"


@pytest.fixture
def book(path: Path) -> Iterator[WitnessBook]:
    made = WitnessBook(path)
    made.watch(LOG.vkey)
    yield made
    made.close()


def seen(book: WitnessBook) -> int:
    (watched,) = book.watched()
    return watched.seen.size if watched.seen else 0


def test_a_log_is_followed_step_by_step(book: WitnessBook) -> None:
    old = 0
    for new in (0, 1, 2, 64, 65, 65, 128, 200):
        asked = request(old, new)
        lines = book.cosign(asked, WITNESS)
        cosigned = with_lines(asked.note, [lines])
        for one in WITNESS:
            assert open_checkpoint(cosigned, [one.verifier]) == checkpoint(new)
        old = new
    assert seen(book) == 200


def test_a_witness_that_was_restarted_remembers(book: WitnessBook, path: Path) -> None:
    book.cosign(request(0, 100), WITNESS)
    again = WitnessBook(path)
    with pytest.raises(Conflict) as found:
        again.cosign(request(0, 100), WITNESS)
    assert found.value.size == 100
    assert again.cosign(request(100, 101), WITNESS)
    again.close()


def test_another_size_is_answered_with_the_size_seen(book: WitnessBook) -> None:
    book.cosign(request(0, 100), WITNESS)
    for old, new in ((0, 150), (99, 150), (101, 150), (0, 50), (50, 60)):
        with pytest.raises(Conflict) as found:
            book.cosign(request(old, new), WITNESS)
        assert found.value.size == 100
    assert seen(book) == 100


def test_a_fork_is_never_cosigned(book: WitnessBook) -> None:
    book.cosign(request(0, 100), WITNESS)
    with pytest.raises(Conflict):
        book.cosign(request(100, 100, leaves=OTHER), WITNESS)
    with pytest.raises(ProofFails):
        book.cosign(request(100, 150, leaves=OTHER), WITNESS)
    assert seen(book) == 100


@pytest.mark.parametrize(
    "asked",
    [
        AddCheckpoint(0, (bytes(32),), request(0, 100).note),
        AddCheckpoint(0, (), sign_note(Checkpoint(LOG.name, 0, bytes(32)).body(), LOG)),
    ],
)
def test_a_first_proof_that_is_not_empty_and_an_empty_tree_with_a_root_are_refused(book: WitnessBook, asked: AddCheckpoint) -> None:
    with pytest.raises((ProofFails, Conflict)):
        book.cosign(asked, WITNESS)
    assert seen(book) == 0


def test_a_proof_that_does_not_hold_is_refused(book: WitnessBook) -> None:
    book.cosign(request(0, 100), WITNESS)
    good = request(100, 150)
    for proof in (good.proof[:-1], (*good.proof, bytes(32)), (), (bytes(32), *good.proof[1:])):
        with pytest.raises(ProofFails):
            book.cosign(AddCheckpoint(100, proof, good.note), WITNESS)
    assert seen(book) == 100


def test_only_logs_that_are_watched_and_have_signed_are_cosigned(book: WitnessBook) -> None:
    stranger = NoteSigner("other.example", bytes(32))
    with pytest.raises(UnknownLog):
        book.cosign(request(0, 9, signer=stranger), WITNESS)
    with pytest.raises(NotSigned):
        book.cosign(request(0, 9, signer=NoteSigner(LOG.name, bytes(32))), WITNESS)
    forged = request(0, 9).note.replace("\n9\n", "\n8\n", 1)
    with pytest.raises(NotSigned, match="does not hold"):
        book.cosign(AddCheckpoint(0, (), forged), WITNESS)
    with pytest.raises(BadRequest):
        book.cosign(request(10, 9), WITNESS)
    with pytest.raises(BadRequest):
        book.cosign(AddCheckpoint(0, (), sign_note(f"{LOG.name}\n9\nnonsense\n", LOG)), WITNESS)
    with pytest.raises(BadRequest, match="no log has"):
        book.cosign(AddCheckpoint(0, (), sign_note(Checkpoint(LOG.name, 2**63, bytes(32)).body(), LOG)), WITNESS)


def test_a_log_may_have_two_keys_and_be_left_but_never_forgotten(book: WitnessBook) -> None:
    second = Cosigner(LOG.name, bytes(32))
    book.watch(second.vkey)
    assert len(book.watched()[0].vkeys) == 2
    body = checkpoint(5).body()
    assert book.cosign(AddCheckpoint(0, (), sign_note(body, [second])), WITNESS)
    assert book.leave(LOG.name)
    assert not book.leave(LOG.name)
    with pytest.raises(UnknownLog):
        book.cosign(request(5, 9), WITNESS)
    book.watch(LOG.vkey)
    with pytest.raises(Conflict):  # it does not start anew
        book.cosign(request(0, 9, leaves=OTHER), WITNESS)


def test_two_requests_at_once_never_roll_each_other_back(book: WitnessBook, path: Path) -> None:
    """Several threads and a second process's book: each size is taken by one of them, and the book never goes down."""
    second, given, start = WitnessBook(path), [], threading.Barrier(8)

    def run(number: int) -> None:
        start.wait()
        for new in range(1 + number, 70, 8):
            old = 0
            for _ in range(4):
                try:
                    (book if number % 2 else second).cosign(request(old, new), WITNESS[:1])
                    given.append((old, new))
                    break
                except Conflict as conflict:
                    old = conflict.size
                    if old > new:
                        break

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    second.close()
    steps = sorted(given)
    assert steps
    assert all(old < new or old == new for old, new in steps)
    assert [old for old, _ in steps[1:]] == [new for _, new in steps[:-1]]  # a chain: nobody continued what another had left behind
    assert seen(book) == steps[-1][1]


def test_nothing_is_signed_that_could_not_be_kept(book: WitnessBook, path: Path) -> None:
    signed: list[str] = []

    class Watching(Cosigner):
        def sign(self, body: str) -> bytes:
            signed.append(body)
            return super().sign(body)

    book._connection.execute("PRAGMA query_only=ON")  # as a full disk or a lost mount would
    with pytest.raises(sqlite3.Error):
        book.cosign(request(0, 9), [Watching("w.example", bytes(32))])
    book._connection.execute("PRAGMA query_only=OFF")
    assert signed == []
    assert seen(book) == 0


@given(
    st.builds(
        AddCheckpoint,
        st.integers(0, 10**18),
        st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple),
        st.integers(0, 10**18).map(lambda size: sign_note(Checkpoint(LOG.name, size, bytes(32)).body(), LOG)),
    )
)
def test_a_request_is_read_back(asked: AddCheckpoint) -> None:
    assert AddCheckpoint.parse(asked.encode()) == asked


@given(st.binary(max_size=200))
def test_bytes_that_are_no_request_are_refused_as_such(data: bytes) -> None:
    with pytest.raises(TlogError):
        AddCheckpoint.parse(data)


@pytest.mark.parametrize("head", ["old -1", "old 01", "old", "old 1 ", "new 1", "old 1\nAAAA", "old 1\n" + "A" * 43 + "=\n" * 1 + "x"])
def test_a_request_with_a_head_of_another_form_is_refused(head: str) -> None:
    with pytest.raises(TlogError):
        AddCheckpoint.parse(f"{head}\n\n{request(0, 3).note}".encode())
    with pytest.raises(TlogError, match="more than 63"):
        AddCheckpoint.parse(AddCheckpoint(1, (bytes(32),) * 64, request(0, 3).note).encode())
