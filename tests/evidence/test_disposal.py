"""Disposal of a month: nothing of it is left, it is taken up again after a crash anywhere, and a legal hold keeps it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from insyn.core.entries import read_head
from insyn.core.terms import DisclosureGroup
from insyn.evidence import disposal
from insyn.evidence.check import check
from insyn.evidence.errors import NothingToDispose, RecordErased, RecordHeld, RecordPreserved
from insyn.evidence.store import EvidenceStore

Bytes = Callable[[Path], dict[str, bytes]]
PUBLIC = {"day": "2026-12-05", "basis": "KS 2026/77", "until": "2027-01-09", "about": "cd" * 16}
MONTH = {"system": "lanestod", "retention": "standard", "month": "2026-11"}


def later() -> datetime:
    return datetime(2026, 12, 5, 12, tzinfo=UTC)


def marked(office: Any, store: EvidenceStore, number: int, *, day: str = "2026-11-21", retention: str = "standard") -> str:
    with store.transaction() as transaction:
        made = office.decide(
            transaction,
            public={"kind": "decision", "system": "lanestod", "version": "1.0", "day": day, "verdict": "proposal"},
            private={DisclosureGroup.INPUT: f"planted-{number:04d}".encode()},
            fact=office.fact(f"outcome-{number:04d}"),
            case=f"2026-{number}",
            retention=retention,
        )
        transaction.remember(client="c", key=f"key-{number:06d}", digest=bytes(32), answer=b"planted", index=made.index)
    return str(made.rid)


def begin(store: EvidenceStore, rid: str = "ab" * 16, **changes: str) -> Any:
    return disposal.begin(store, rid=rid, public=PUBLIC, **{**MONTH, **changes})


def finish(store: EvidenceStore) -> int:
    rounds = 1
    while disposal.go_on(store):
        rounds += 1
    return rounds


def test_a_month_is_disposed_of_and_nothing_of_it_is_left_in_any_file(office: Any, all_bytes: Bytes) -> None:
    store = office.open(clock=later)
    gone = [marked(office, store, number) for number in range(450)]
    kept = marked(office, store, 900, day="2026-12-01")
    assert [(row.month, row.records, row.kept_why) for row in disposal.holdings(office.folder)] == [
        ("2026-11", 450, ""),
        ("2026-12", 1, ""),
    ]
    made = begin(store)
    with pytest.raises(RecordErased):
        store.open_groups(gone[7])  # from the entry on, before any row is overwritten
    assert finish(store) > 2
    entry = read_head(store.entry(made.index))
    assert (entry.kind, entry.retention, entry.month, entry.basis, entry.until) == (
        "shred",
        "standard",
        "2026-11",
        "KS 2026/77",
        "2027-01-09",
    )
    for rid in gone[::50]:
        with pytest.raises(RecordErased):
            store.open_groups(rid)
    assert store.open_groups(kept).groups["input"] == b"planted-0900"
    assert [row.outcome for row in store.facts()] == ["outcome-0900"]
    store.sign_checkpoint(office.signer)
    report = check(office.folder, office.root_key, office.signer.vkey)
    assert (report.findings, report.opened, report.erased) == ([], 1, 450)
    after = all_bytes(office.folder)
    for number in range(450):
        assert not [path for path, data in after.items() if f"outcome-{number:04d}".encode() in data]
    assert store.keys.find_kek(("lanestod", "standard", "2026-11")) is None
    assert [(row.month, row.records, row.disposed) for row in disposal.holdings(office.folder)] == [
        ("2026-11", 450, made.index),
        ("2026-12", 1, -1),
    ]
    with pytest.raises(NothingToDispose):
        begin(store, "ef" * 16)


@pytest.mark.parametrize("calls", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_disposal_killed_anywhere_is_taken_up_again(office: Any, calls: int) -> None:
    """A child process is killed (SIGKILL) at its n-th commit; the next opening finishes what stands in the log, or nothing was begun."""
    store = office.open(clock=later)
    gone = [marked(office, store, number) for number in range(420)]
    kept = marked(office, store, 900, day="2026-12-01")
    store.close()
    child = multiprocessing.get_context("fork").Process(target=_dispose_and_die, args=(office, calls))
    child.start()
    child.join(30)
    assert child.exitcode in (0, -signal.SIGKILL)
    store = office.open(clock=later)
    begun = store.index_of("ab" * 16) is not None
    assert begun == (store.keys.find_kek(("lanestod", "standard", "2026-11")) is None)
    if not begun:
        begin(store)
        finish(store)
    assert not disposal.go_on(store)
    with pytest.raises(RecordErased):
        store.open_groups(gone[-1])
    assert store.open_groups(kept).groups
    store.sign_checkpoint(office.signer)
    report = check(office.folder, office.root_key, office.signer.vkey)
    assert (report.findings, report.erased) == ([], 420)


def _dispose_and_die(office: Any, calls: int) -> None:
    store = office.open(clock=later)
    left = [calls]

    def trace(cursor: Any, statement: str, bindings: Any) -> bool:
        if statement == "COMMIT":
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return True

    store.connection.exec_trace = store.keys.connection.exec_trace = trace
    store.cursor.exec_trace = trace
    begin(store)
    finish(store)


@pytest.mark.parametrize("what", ["system", "case", "record"])
def test_a_legal_hold_keeps_the_month_and_each_record_until_it_is_lifted(office: Any, what: str) -> None:
    store = office.open(clock=later)
    rid, other = marked(office, store, 1), marked(office, store, 2)
    on = {"system": {}, "case": {"case": "2026-1"}, "record": {"rid": rid}}[what]
    with store.transaction() as transaction:
        put = transaction.append(public={"kind": "act", "system": "lanestod", "act": "put_hold"})
        transaction.put_hold(put.index, system="lanestod", **on)
    with pytest.raises(RecordHeld):
        begin(store)
    with pytest.raises(RecordHeld):
        store.erase(rid, public=PUBLIC)
    (row,) = disposal.holdings(office.folder)
    assert (row.records, row.held, row.kept_why) == (2, 2 if what == "system" else 1, "hold")
    if what != "system":
        store.erase(other, public=PUBLIC)
    assert store.open_groups(rid).groups
    with store.transaction() as transaction:
        lifted = transaction.append(public={"kind": "act", "system": "lanestod", "act": "lift_hold"})
        transaction.lift_hold(put.index, lifted.index)
    store.erase(rid, public=PUBLIC)
    begin(store)
    finish(store)
    store.sign_checkpoint(office.signer)
    assert check(office.folder, office.root_key, office.signer.vkey).findings == []


def test_a_hold_on_a_record_keeps_what_was_entered_about_it_too(office: Any) -> None:
    store = office.open(clock=later)
    rid = marked(office, store, 1)
    with store.transaction() as transaction:
        review = transaction.append(
            public={"kind": "review", "system": "lanestod", "day": "2026-11-22", "about": rid}, private={DisclosureGroup.REVIEW: b"reasons"}
        )
        put = transaction.append(public={"kind": "act", "system": "lanestod", "act": "put_hold"})
        transaction.put_hold(put.index, system="lanestod", rid=rid)
    with pytest.raises(RecordHeld):
        store.erase(review.rid, public=PUBLIC)


def test_what_is_to_be_kept_for_good_is_never_disposed_of(office: Any) -> None:
    store = office.open(clock=later)
    rid = marked(office, store, 1, retention="preserve")
    with pytest.raises(RecordPreserved):
        begin(store, retention="preserve")
    with pytest.raises(RecordPreserved):
        store.erase(rid, public=PUBLIC)
    assert disposal.holdings(office.folder)[0].kept_why == "preserve"


def test_a_month_that_is_not_over_is_not_disposed_of(office: Any) -> None:
    store = office.open(clock=later)
    marked(office, store, 1, day="2026-12-01")
    with pytest.raises(NothingToDispose, match="not over"):
        begin(store, month="2026-12")


def test_each_piece_of_a_disposal_is_small_however_many_keys_there_are(office: Any) -> None:
    """A stop waits for one piece at most, so none may walk through all keys of the month, or all that there ever were."""
    store = office.open(clock=later)
    gone = [marked(office, store, number) for number in range(3)]
    keys = store.keys.connection
    kek = store.keys.find_kek(tuple(MONTH.values()))
    with store.transaction() as transaction:
        office.decide(transaction, public={"kind": "decision", "system": "other", "day": "2026-12-01"})
    other = store.keys.find_kek(("other", "standard", "2026-12"))
    for owner in (kek, other):
        keys.execute(f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
                     f"INSERT INTO record_key(kek, wrapped) SELECT {owner}, x'00' FROM n")  # fmt: skip
    left = keys.execute("SELECT count(*) FROM record_key WHERE kek = ?", (other,)).get
    begin(store)
    steps = [0]

    def count() -> bool:
        steps[0] += 1
        return False

    keys.set_progress_handler(count, 100)
    going = True
    while going:
        steps[0] = 0
        going = disposal.go_on(store)
        assert steps[0] * 100 < 200_000
    keys.set_progress_handler(None)
    assert keys.execute("SELECT count(*) FROM record_key WHERE kek = ?", (kek,)).get == 0
    assert keys.execute("SELECT count(*) FROM record_key WHERE kek = ?", (other,)).get == left
    assert all(store.is_erased(store.index_of(rid)) for rid in gone)
