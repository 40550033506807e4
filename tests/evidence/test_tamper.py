"""A database administrator with SQLite and no key: whatever row of whatever table is edited, deleted or moved, ``check`` names table and row."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from insyn.core.permit import Permit, permit_digest, sign_permit
from insyn.core.signing import SigningKey
from insyn.core.terms import DisclosureGroup
from insyn.core.text import Text
from insyn.evidence import disposal
from insyn.evidence.check import CheckReport, check
from insyn.evidence.checkpublic import check_published
from insyn.evidence.escrow import new_key
from insyn.evidence.publisher import publish
from insyn.evidence.records import StopRow
from insyn.evidence.store import EvidenceStore

EVIDENCE, KEYS = "evidence.sqlite", "keys.sqlite"
#: Tables of the two files. A new table must come with a case here.
TABLES = {
    EVIDENCE: {
        "answer", "decided", "disposal", "entry", "erased", "fact_row", "hold", "meta", "payload", "permit", "stop", "tag", "tile", "vouch", "waiting",
    },
    KEYS: {"escrow", "kek", "meta", "record_key", "sqlite_sequence"},
}  # fmt: skip


def later() -> datetime:
    return datetime(2026, 12, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A store with something in every table, published. Made once; each test works on a copy."""
    from tests.evidence.conftest import Office

    with ExitStack() as opened:
        office = Office(tmp_path_factory.mktemp("filled") / "evidence", opened)
        _fill(office)
        yield office


def _fill(office: Any) -> None:
    store = office.open(clock=later, archive_key=new_key()[1])
    with store.transaction() as transaction:
        for _ in range(300):
            transaction.append(public={"kind": "refusal", "system": "lanestod"})
    old = {"kind": "decision", "system": "lanestod", "version": "1.0", "day": "2026-10-03", "verdict": "proposal"}
    office.decided(store, 2, public=old)  # 300, 301: disposed of below
    proposals = office.decided(store, 4)  # 302 to 305
    with store.transaction() as transaction:
        review = transaction.append(
            public={"kind": "review", "system": "lanestod", "day": "2026-11-21", "about": proposals[1].rid},
            private={DisclosureGroup.REVIEW: b"reasons"},
            fact=office.fact("refuse", about=proposals[1].fact_id),
        )
        transaction.set_waiting(proposals[1].rid, False, by=review.rid)
        key = SigningKey.generate("register")
        permit = Permit(system="lanestod", epoch=3, compiled_from=2, granted=False, packs="", name=Text("Lånestöd", "Loan support"))
        signed = sign_permit(permit, key)
        transaction.append(public={"kind": "permit", "system": "lanestod", "epoch": 3, "permit": permit_digest(signed.body)})
        transaction.put_permit("lanestod", 3, signed)
        stop = transaction.append(public={"kind": "stop", "system": "lanestod"}, private={DisclosureGroup.ORDER: b"order"})
        resume = transaction.append(public={"kind": "resume", "system": "lanestod", "at": stop.index})
        transaction.put_stop(StopRow(system="lanestod", index=stop.index, rid=stop.rid, lifted_by=resume.index))
        held = transaction.append(public={"kind": "act", "system": "lanestod", "act": "put_hold"})
        transaction.put_hold(held.index, system="lanestod", rid=proposals[0].rid)
        transaction.put_meta("named/lanestod/income", b"2026-11")
    store.erase(proposals[3].rid, public={"system": "lanestod", "day": "2026-11-21", "basis": "GDPR 17", "until": "2026-12-30"})
    office.decided(store, 1, retention="preserve")
    disposal.begin(
        store, rid="ab" * 16, system="lanestod", retention="standard", month="2026-10",
        public={"day": "2026-12-05", "basis": "KS 1", "until": "2027-01-09"},
    )  # fmt: skip
    while disposal.go_on(store):
        pass
    store.sign_checkpoint(office.signer)
    publish(store, office.folder.parent / "public")
    store.close()


class Copy:
    """A copy of the filled installation, to spoil."""

    def __init__(self, office: Any, folder: Path) -> None:
        self.office, self.folder = office, folder / "evidence"
        shutil.copytree(office.folder.parent, folder, dirs_exist_ok=True)

    def edit(self, *statements: str, file: str = EVIDENCE) -> None:
        connection = sqlite3.connect(self.folder / file)
        for statement in statements:
            assert connection.execute(statement).rowcount, f"changes nothing: {statement}"
        connection.commit()
        connection.close()

    def check(self) -> CheckReport:
        report = check(self.folder, self.office.root_key, self.office.signer.vkey)
        check_published(self.folder, self.folder.parent / "public", self.office.signer.vkey, report)
        return report


@pytest.fixture
def copy(filled: Any, tmp_path: Path) -> Copy:
    return Copy(filled, tmp_path)


def named(report: CheckReport) -> list[tuple[str, str]]:
    return [(finding.table, str(finding.row)) for finding in report.findings]


CASES = [
    # file, statement, the table that is named, the row (empty: any)
    (EVIDENCE, "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'lanestod', 'lanestad') AS BLOB) WHERE idx = 5", "entry", "5"),
    (EVIDENCE, "DELETE FROM entry WHERE idx = 5", "entry", "5"),
    (EVIDENCE, "DELETE FROM tile", "tile", "0"),
    (EVIDENCE, "UPDATE tile SET root = zeroblob(32)", "entry", "0 to 255"),
    (EVIDENCE, "DELETE FROM payload WHERE idx = 302", "payload", "302"),
    (EVIDENCE, "UPDATE payload SET sealed = (SELECT sealed FROM payload WHERE idx = 303) WHERE idx = 302", "payload", "302"),
    (EVIDENCE, "DELETE FROM fact_row WHERE idx = 302", "fact", "302"),
    (EVIDENCE, "UPDATE fact_row SET outcome = 'deny' WHERE idx = 302", "fact", "302"),
    (EVIDENCE, "DELETE FROM erased WHERE idx = 305", "record_key", ""),
    (EVIDENCE, "UPDATE erased SET shred = 7 WHERE idx = 300", "erased", "300"),
    (EVIDENCE, "DELETE FROM tag WHERE idx = 302 AND tag IN (SELECT case_tag FROM payload)", "tag", ""),
    (EVIDENCE, "INSERT INTO tag VALUES(zeroblob(16), 302)", "tag", "00" * 16),
    (EVIDENCE, "UPDATE answer SET answer = CAST('other!' AS BLOB) WHERE idx = 303", "answer", "303"),
    (EVIDENCE, "UPDATE answer SET digest = (SELECT digest FROM answer WHERE idx = 302) WHERE idx = 303", "answer", "303"),
    (EVIDENCE, "DELETE FROM waiting WHERE idx = 304", "waiting", "304"),
    (EVIDENCE, "INSERT INTO waiting VALUES('lanestod', 5)", "waiting", "5"),
    (EVIDENCE, "DELETE FROM decided", "decided", "303"),
    (EVIDENCE, "UPDATE decided SET decided_by = 'cd'", "decided", "303"),
    (EVIDENCE, "UPDATE permit SET signed = CAST(replace(CAST(signed AS TEXT), 'e', 'f') AS BLOB)", "permit", "lanestod"),
    (EVIDENCE, "DELETE FROM permit", "permit", "lanestod"),
    (EVIDENCE, "DELETE FROM stop", "stop", "lanestod"),
    (EVIDENCE, "UPDATE stop SET row = CAST(replace(CAST(row AS TEXT), '\"drained_at\":\"\"', '\"drained_at\":\"x\"') AS BLOB)", "stop", "lanestod"),
    (EVIDENCE, "UPDATE stop SET row = CAST(replace(CAST(row AS TEXT), '\"lifted_by\":309', '\"lifted_by\":-1') AS BLOB)", "stop", "lanestod"),
    (EVIDENCE, "UPDATE hold SET lifted = 9", "hold", "310"),
    (EVIDENCE, "UPDATE hold SET idx = 9", "hold", "310"),
    (EVIDENCE, "DELETE FROM hold", "hold", "310"),
    (EVIDENCE, "INSERT INTO hold VALUES(9, 'lanestod', NULL, '', -1)", "hold", "9"),
    (EVIDENCE, "DELETE FROM disposal", "disposal", "313"),
    (EVIDENCE, "UPDATE disposal SET month = '2026-11'", "disposal", "313"),
    (EVIDENCE, "UPDATE meta SET value = CAST('2026-01' AS BLOB) WHERE key LIKE 'named/%'", "meta", "named/lanestod/income"),
    (EVIDENCE, "DELETE FROM meta WHERE key LIKE 'named/%'", "meta", "named/lanestod/income"),
    (EVIDENCE, "INSERT INTO meta VALUES('named/lanestod/debt', x'00')", "meta", "named/lanestod/debt"),
    (EVIDENCE, "DELETE FROM vouch WHERE place LIKE 'hold%'", "hold", "310"),
    (EVIDENCE, "UPDATE vouch SET mac = zeroblob(32) WHERE place LIKE 'stop%'", "stop", "lanestod"),
    (EVIDENCE, "UPDATE vouch SET mac = zeroblob(40) WHERE place = ''", "vouch", "all"),
    (KEYS, "DELETE FROM record_key WHERE id IN (SELECT id FROM record_key)", "record_key", ""),
    (KEYS, "UPDATE record_key SET wrapped = zeroblob(40)", "payload", "302"),
    (KEYS, "UPDATE record_key SET kek = 99", "record_key", ""),
    (KEYS, "UPDATE kek SET retention = 'gone' WHERE retention = 'standard' AND month = '2026-11'", "kek", "lanestod 2026-11"),
    (KEYS, "UPDATE kek SET retention = 'standard', month = '2026-09' WHERE retention = 'preserve'", "kek", "lanestod 2026-09"),
    (KEYS, "UPDATE kek SET wrapped = zeroblob(40)", "payload", "302"),
    (KEYS, "DELETE FROM kek", "record_key", ""),
    (KEYS, "UPDATE meta SET value = zeroblob(40)", "key file meta", "index_key"),
    (KEYS, "DELETE FROM meta", "key file meta", "index_key"),
    (KEYS, "DELETE FROM escrow", "escrow", ""),
    (KEYS, "UPDATE escrow SET sealed = zeroblob(80)", "escrow", ""),
    (KEYS, "UPDATE escrow SET recipient = 'x'", "escrow", ""),
    (KEYS, "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'record_key'", "sqlite_sequence", "record_key"),
]  # fmt: skip


def test_nobody_touched_it_and_nothing_is_found(copy: Copy) -> None:
    report = copy.check()
    assert report.findings == []
    assert (report.erased, report.vouched_since) == (3, 0)


def test_every_table_has_a_case(copy: Copy) -> None:
    for file, tables in TABLES.items():
        connection = sqlite3.connect(copy.folder / file)
        found = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        connection.close()
        assert found == tables
        for table in tables:
            assert any(case[0] == file and f" {table} " in f"{case[1]} " for case in CASES), table


@pytest.mark.parametrize(("file", "statement", "table", "row"), CASES)
def test_whatever_row_is_edited_deleted_or_moved_is_named(copy: Copy, file: str, statement: str, table: str, row: str) -> None:
    copy.edit(statement, file=file)
    found = named(copy.check())
    assert any(name == table and row in ("", where) for name, where in found), found


@pytest.mark.parametrize("index", [302, 303, 304])
def test_a_remembered_answer_that_is_deleted_with_its_lookup_is_missed(copy: Copy, index: int) -> None:
    copy.edit(f"DELETE FROM tag WHERE tag = (SELECT tag FROM answer WHERE idx = {index})", f"DELETE FROM answer WHERE idx = {index}")
    assert ("answer", str(index)) in named(copy.check())


def test_the_last_remembered_answer_is_missed_too(copy: Copy) -> None:
    copy.edit("DELETE FROM tag WHERE tag = (SELECT tag FROM answer WHERE idx = 312)", "DELETE FROM answer WHERE idx = 312")
    assert ("answer", "312") in named(copy.check())


def test_a_row_deleted_with_its_hash_is_found_by_the_hash_over_all(copy: Copy) -> None:
    copy.edit("DELETE FROM hold", "DELETE FROM vouch WHERE place LIKE 'hold%'")
    assert ("vouch", "all") in named(copy.check())


def test_two_answers_that_change_places_are_both_found(copy: Copy) -> None:
    copy.edit(
        "UPDATE answer SET idx = 9999 WHERE idx = 302",
        "UPDATE answer SET idx = 302 WHERE idx = 303",
        "UPDATE answer SET idx = 303 WHERE idx = 9999",
    )
    assert {("answer", "302"), ("answer", "303")} <= set(named(copy.check()))


def test_entries_that_change_places_are_found(copy: Copy) -> None:
    copy.edit(
        "UPDATE entry SET idx = 9999 WHERE idx = 302",
        "UPDATE entry SET idx = 302 WHERE idx = 303",
        "UPDATE entry SET idx = 303 WHERE idx = 9999",
    )
    found = named(copy.check())
    assert {("payload", "302"), ("payload", "303")} <= set(found)
    assert ("published log", "checkpoint") in found


def test_a_store_put_back_from_yesterday_is_behind_what_is_published(copy: Copy) -> None:
    copy.edit("DELETE FROM entry WHERE idx > 310", "DELETE FROM meta WHERE key IN ('checkpoint', 'signing')")
    assert ("entry", "311 to 313") in named(copy.check())


@pytest.mark.parametrize("file", ["tile/0/000", "tile/entries/001.p/58", "checkpoint"])
def test_an_edited_file_of_the_published_log_is_found(copy: Copy, file: str) -> None:
    path = copy.folder.parent / "public" / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert any(table == "published log" for table, _ in named(copy.check()))


def test_a_store_from_before_there_were_hashes_is_read_opened_and_vouched_for_from_then_on(copy: Copy) -> None:
    """The older file lacks the later tables; its answers lack the keyed hash."""
    for file, tables in ((EVIDENCE, ("vouch", "hold", "disposal")), (KEYS, ("escrow",))):
        connection = sqlite3.connect(copy.folder / file)
        for table in tables:
            connection.execute(f"DROP TABLE {table}")
        if file == EVIDENCE:
            connection.execute("UPDATE answer SET digest = substr(digest, 2, 32)")
            connection.execute("DELETE FROM erased WHERE idx IN (300, 301)")
            connection.execute("DELETE FROM payload WHERE idx IN (300, 301)")
            connection.execute("DELETE FROM fact_row WHERE idx IN (300, 301)")
            connection.execute("DELETE FROM answer WHERE idx IN (300, 301)")
        connection.commit()
        connection.close()
    before = {finding.table for finding in copy.check().findings}
    assert before <= {"payload", "answer", "record_key"}, "an older file is still read"
    store = EvidenceStore.open(folder=copy.folder, root_key=copy.office.root_key, origin=copy.office.signer.name, clock=later)
    size = store.size
    made = copy.office.decided(store, 1)[0]
    store.close()
    report = copy.check()
    assert report.vouched_since == size
    copy.edit("UPDATE answer SET answer = CAST('other!' AS BLOB) WHERE idx = " + str(made.index))
    assert ("answer", str(made.index)) in named(copy.check())
