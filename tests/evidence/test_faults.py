"""A disk that fails: nothing more is written, nothing is tried again, nothing acknowledged is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import apsw
import pytest

from insyn.core.errors import StoreFailed
from insyn.evidence.check import check
from insyn.evidence.store import EvidenceStore
from insyn.tlog.hashing import leaf_hash, root_of


@pytest.fixture
def disk(faulty_disk: Any) -> Any:
    return faulty_disk()


def _fails(office: Any, store: EvidenceStore) -> None:
    with pytest.raises(StoreFailed, match="read-only from here"):
        office.decided(store)


@pytest.mark.parametrize("fault", ["sync_fails", "full"])
def test_a_commit_that_does_not_reach_the_disk_ends_all_writing(office: Any, disk: Any, fault: str) -> None:
    store = office.open(vfs=disk.vfs)
    kept = office.decided(store, 3)
    before = (store.size, store.root(), store.stops())
    setattr(disk, fault, ("evidence.sqlite-wal",))
    _fails(office, store)
    assert store.failed
    setattr(disk, fault, ())
    disk.calls.clear()
    for write in (lambda: office.decided(store), lambda: store.sign_checkpoint(office.signer), lambda: store.erase(kept[0].rid, public={})):
        with pytest.raises(StoreFailed, match="nothing is written until"):
            write()
    for write in (store.flush_wal, store.scrub):
        with pytest.raises(StoreFailed):
            write()
    assert (store.size, store.root(), store.stops()) == before
    assert store.open_groups(kept[0].rid).groups["input"] == b'{"income":1}'
    store.close()
    assert [call for call in disk.calls if call[0] == "sync" or "keys" not in call[1]] == []
    again = office.open()
    assert [again.index_of(made.rid) for made in kept] == [0, 1, 2]
    assert again.root() == root_of([leaf_hash(data) for _, data in again.entries(0, 100)])


def test_a_failed_flush_is_not_tried_again_by_the_transaction_that_met_it(office: Any, disk: Any) -> None:
    store = office.open(vfs=disk.vfs)
    office.decided(store)
    disk.sync_fails = ("evidence.sqlite-wal",)
    disk.calls.clear()
    _fails(office, store)
    assert [file for call, file in disk.calls if call == "sync"] == [str(office.folder / "evidence.sqlite-wal")]


def test_a_key_that_cannot_be_made_durable_is_not_used(office: Any, disk: Any) -> None:
    store = office.open(vfs=disk.vfs)
    disk.sync_fails = ("keys.sqlite-wal",)
    _fails(office, store)
    assert (store.failed, store.size) == (True, 0)
    store.close()
    assert office.open().size == 0


def test_a_checkpoint_of_the_wal_that_fails_ends_all_writing(office: Any, disk: Any) -> None:
    """SQLite's own checkpoints hide this error, and the next one would seem to succeed."""
    store = office.open(vfs=disk.vfs)
    kept = office.decided(store, 3)
    disk.sync_fails = ("evidence.sqlite",)
    with pytest.raises(StoreFailed):
        store.flush_wal()
    disk.sync_fails = ()
    with pytest.raises(StoreFailed, match="nothing is written until"):
        office.decided(store)
    store.close()
    assert [office.open().index_of(made.rid) for made in kept[:1]] == [0]


def test_sqlite_folds_no_wal_back_by_itself(office: Any, disk: Any) -> None:
    store = office.open(vfs=disk.vfs)
    disk.calls.clear()
    office.decided(store, 100)
    assert {Path(file).name for _, file in disk.calls} == {"evidence.sqlite-wal", "keys.sqlite-wal"}
    store.flush_wal()
    assert {Path(file).name for call, file in disk.calls if call == "sync"} >= {"evidence.sqlite", "keys.sqlite"}


def test_an_erasure_whose_key_could_not_be_deleted_is_finished_at_the_next_start(office: Any, disk: Any) -> None:
    store = office.open(vfs=disk.vfs)
    (made,) = office.decided(store)
    key_id = store.connection.execute("SELECT key_id FROM payload").get
    disk.sync_fails = ("keys.sqlite-wal",)
    with pytest.raises(StoreFailed):
        store.erase(made.rid, public={"basis": "GDPR 17"})
    assert store.keys.has(key_id)
    store.close()
    store = office.open()
    assert not store.keys.has(key_id)
    assert store.size == 2
    store.sign_checkpoint(office.signer)
    store.close()
    assert check(office.folder, office.root_key, office.signer.vkey).ok


@pytest.mark.parametrize("file", ["keys.sqlite-wal", "evidence.sqlite-wal"])
def test_a_store_that_cannot_be_made_is_refused_and_made_when_the_disk_is_well(office: Any, disk: Any, file: str) -> None:
    disk.sync_fails = (file,)
    with pytest.raises(StoreFailed, match="does not open"):
        office.open(vfs=disk.vfs)
    disk.sync_fails = ()
    assert office.open(vfs=disk.vfs).size == 0


APPEND = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from insyn.core.terms import DisclosureGroup
from insyn.evidence.records import Fact
from insyn.evidence.store import EvidenceStore
from insyn.tlog.notes import NoteSigner
signer = NoteSigner("log.example/kommun", bytes(32))
store = EvidenceStore.open(folder=Path(sys.argv[1]), root_key=bytes(range(32)), origin=signer.name, clock=lambda: datetime.now(UTC))
public = {"kind": "decision", "system": "lanestod", "day": "2026-11-21"}
fact = Fact(month="2026-11", system="lanestod", version="1", stage="proposal", outcome="approve")
print("ready", flush=True)
while True:
    made = []
    with store.transaction() as transaction:
        for _ in range(1 + store.size % 5):
            made.append(transaction.append(public=public, private={DisclosureGroup.INPUT: b"x" * 600}, fact=fact, case="1", waits=True))
    if store.size % 97 < 3:
        store.sign_checkpoint(signer)
    if store.size % 31 < 2:
        gone = store.erase(made[0].rid, public={"basis": "x"})
        print("gone", made[0].rid, flush=True)
    for appended in made:
        print(appended.index, appended.rid, appended.leaf.hex(), flush=True)
"""


def test_kill_9_at_any_instant_loses_nothing_acknowledged(office: Any) -> None:
    acknowledged: list[list[str]] = []
    gone: set[str] = set()
    chance = random.Random(2)
    for _ in range(6):
        for line in _until_killed(office.folder, chance.uniform(0.05, 0.6)):
            words = line.split()
            if words[0] == "gone":
                gone.add(words[1])
            else:
                acknowledged.append(words)
        store = office.open()
        assert store.root() == root_of([leaf_hash(data) for _, data in store.entries(0, 10**6)])
        for index, rid, leaf in acknowledged:
            assert store.index_of(rid) == int(index)
            assert store.leaf(int(index)).hex() == leaf
            assert store.is_erased(int(index)) == (rid in gone)
        store.sign_checkpoint(office.signer)
        store.close()
    assert len(acknowledged) > 100
    assert gone
    report = check(office.folder, office.root_key, office.signer.vkey)
    assert report.ok, report.findings


def _until_killed(folder: Path, seconds: float) -> list[str]:
    """Whole lines that the child wrote before it was killed."""
    with subprocess.Popen([sys.executable, "-c", APPEND, str(folder)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(seconds)
        child.kill()
        lines = child.stdout.read().splitlines(keepends=True)
    return [line for line in lines if line.endswith("\n")]


def test_a_foreign_writer_in_the_file_closes_the_store(office: Any, store: EvidenceStore) -> None:
    """One writer is the rule; SQLite's lock held by another connection is a fault and not a reason to wait for long."""
    store.connection.set_busy_timeout(10)
    other = apsw.Connection(str(office.folder / "evidence.sqlite"))
    other.execute("BEGIN IMMEDIATE")
    _fails(office, store)
    other.close()


@pytest.mark.parametrize("fault", ["sync_fails", "full"])
def test_a_disk_that_can_no_longer_be_read_either_ends_all_writing(
    office: Any, disk: Any, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking a transaction back reads the disk: that this fails too must not hide that the flush did."""
    store = office.open(vfs=disk.vfs)
    office.decided(store)

    def unreadable() -> None:
        raise apsw.IOError("the disk is gone")

    monkeypatch.setattr(store.vouched, "load", unreadable)
    setattr(disk, fault, ("evidence.sqlite-wal",))
    _fails(office, store)
    assert store.failed


def test_an_error_inside_a_transaction_that_cannot_be_taken_back_ends_all_writing(
    office: Any, disk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = office.open(vfs=disk.vfs)
    office.decided(store)

    def unreadable() -> None:
        raise apsw.IOError("the disk is gone")

    monkeypatch.setattr(store.vouched, "load", unreadable)
    with pytest.raises(StoreFailed), store.transaction() as transaction:
        transaction.append(public={"kind": "nothing that there is"})
    assert store.failed
