"""``check``: whoever edits a row behind the store's back is found, and the row is named."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.permit import Permit, sign_permit
from insyn.core.signing import SigningKey
from insyn.core.terms import DisclosureGroup
from insyn.core.text import Text
from insyn.evidence.check import MAX_FINDINGS, CheckReport, check
from insyn.evidence.errors import WrongRootKey
from insyn.evidence.records import StopRow
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.notes import generate_log_key

Check = Callable[..., CheckReport]


@pytest.fixture
def audit(office: Any) -> Check:
    """Fill a store (300 refusals, then decisions, a review, an erasure, a permit, a stop and its resume), edit rows, and check it."""

    def run(*statements: str, file: str = "evidence.sqlite") -> CheckReport:
        if not office.folder.exists():
            _fill(office)
        connection = sqlite3.connect(office.folder / file)
        for statement in statements:
            assert connection.execute(statement).rowcount, f"changes nothing: {statement}"
        connection.commit()
        connection.close()
        return check(office.folder, office.root_key, office.signer.vkey)

    return run


def _fill(office: Any) -> None:
    store = office.open()
    with store.transaction() as transaction:
        for _ in range(300):
            transaction.append(public={"kind": "refusal", "system": "lanestod"})
    proposals = office.decided(store, 4)
    with store.transaction() as transaction:
        review = transaction.append(
            public={"kind": "review", "system": "lanestod", "day": "2026-11-21", "about": proposals[1].rid},
            private={DisclosureGroup.REVIEW: b"reasons"},
            fact=office.fact("refuse", about=proposals[1].fact_id),
        )
        transaction.set_waiting(proposals[1].rid, False, by=review.rid)
        permit = Permit(system="lanestod", epoch=3, compiled_from=2, granted=False, packs="", name=Text("Lånestöd", "Loan support"))
        transaction.put_permit("lanestod", 3, sign_permit(permit, SigningKey.generate("register")))
        stop = transaction.append(public={"kind": "stop", "system": "lanestod"}, private={DisclosureGroup.ORDER: b"order"})
        resume = transaction.append(public={"kind": "resume", "system": "lanestod", "at": stop.index})
        transaction.put_stop(StopRow(system="lanestod", index=stop.index, rid=stop.rid, lifted_by=resume.index))
    store.erase(proposals[3].rid, public={"system": "lanestod", "day": "2026-11-21", "basis": "GDPR 17"})
    store.sign_checkpoint(office.signer)
    store.close()


def findings(report: CheckReport) -> list[tuple[str, object]]:
    return [(finding.table, finding.row) for finding in report.findings]


def test_a_store_that_nobody_touched_is_found_sound(audit: Check) -> None:
    report = audit()
    assert report.findings == []
    assert report.ok
    assert (report.size, report.checkpoint_size, report.opened, report.erased) == (308, 308, 5, 1)


def test_a_store_in_use_can_be_checked(office: Any, audit: Check) -> None:
    audit()
    store = office.open()
    office.decided(store, 2)
    report = check(office.folder, office.root_key, office.signer.vkey)
    assert (report.ok, report.size, report.checkpoint_size) == (True, 310, 308)


@pytest.mark.parametrize("index", [5, 299, 304])
def test_an_edited_entry_is_named(audit: Check, index: int) -> None:
    report = audit(f"UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'lanestod', 'lanestad') AS BLOB) WHERE idx = {index}")
    assert ("entry", index) in findings(report)
    assert str(report.findings[0]) == f"entry {index}: its bytes are not those that its leaf hash was taken over"


def test_an_entry_edited_with_its_leaf_hash_is_found_by_tile_and_checkpoint(office: Any, audit: Check) -> None:
    forged = b'{"kind":"refusal","system":"other","v":1}'
    report = audit(f"UPDATE entry SET bytes = x'{forged.hex()}', leaf = x'{leaf_hash(forged).hex()}' WHERE idx = 7")
    assert findings(report)[:3] == [("entry", "0 to 255"), ("entry", "0 to 307"), ("entry", "0 to 307")]


def test_a_deleted_entry_is_named(audit: Check) -> None:
    assert findings(audit("DELETE FROM entry WHERE idx = 5"))[0] == ("entry", 5)


def test_entries_cut_off_at_the_end_are_missed(audit: Check) -> None:
    assert ("entry", "306 to 307") in findings(audit("DELETE FROM entry WHERE idx > 305"))


def test_entries_in_another_order_are_found(audit: Check) -> None:
    swapped = (
        "UPDATE entry SET idx = 1000 WHERE idx = 300",
        "UPDATE entry SET idx = 300 WHERE idx = 301",
        "UPDATE entry SET idx = 301 WHERE idx = 1000",
    )
    found = findings(audit(*swapped))
    assert ("entry", "0 to 307") in found
    assert {("payload", 300), ("payload", 301)} <= set(found)
    assert [table for table, _ in found].count("tag") >= 2


@pytest.mark.parametrize(
    ("statement", "table", "row"),
    [
        ("UPDATE payload SET sealed = zeroblob(length(sealed)) WHERE idx = 300", "payload", 300),
        ("DELETE FROM payload WHERE idx = 300", "payload", 300),
        ("UPDATE payload SET key_id = key_id + 1 WHERE idx = 300", "payload", 300),
        ("UPDATE payload SET sealed = (SELECT sealed FROM payload WHERE idx = 301) WHERE idx = 300", "payload", 300),
        ("UPDATE payload SET fact_id = 'x' WHERE idx = 300", "fact", 300),
        ("INSERT INTO payload VALUES(7, 1, x'', NULL, NULL, NULL)", "payload", 7),
        ("INSERT INTO payload VALUES(999, 1, x'', NULL, NULL, NULL)", "payload", 999),
        ("UPDATE fact_row SET outcome = 'refuse' WHERE idx = 300", "fact", 300),
        ("UPDATE fact_row SET groups = '{}' WHERE idx = 300", "fact", 300),
        ("UPDATE fact_row SET groups = 'x' WHERE idx = 300", "fact", 300),
        ("UPDATE fact_row SET score_bin = NULL WHERE idx = 300", "fact", 300),
        ("UPDATE fact_row SET about = '' WHERE idx = 304", "fact", 304),
        ("DELETE FROM fact_row WHERE idx = 300", "fact", 300),
        ("INSERT INTO fact_row SELECT 7, erased, 'x', month, system, version, stage, outcome, 1, '{}', '{}', '' FROM fact_row LIMIT 1",
         "fact_row", 7),
        ("UPDATE waiting SET idx = 5 WHERE idx = 300", "waiting", 5),
        ("UPDATE waiting SET system = 'other' WHERE idx = 300", "waiting", 300),
        ("INSERT INTO waiting VALUES('lanestod', 303)", "waiting", 303),
        ("UPDATE answer SET tag = x'00' WHERE idx = 300", "answer", 300),
        ("DELETE FROM erased", "record_key", 4),
        ("UPDATE erased SET shred = 4", "erased", 303),
        ("UPDATE fact_row SET erased = 0 WHERE idx = 303", "payload", 303),
        ("UPDATE permit SET epoch = 9", "permit", "lanestod"),
        ("UPDATE permit SET signed = x'00'", "permit", "lanestod"),
        ("UPDATE stop SET row = CAST(replace(row, '305', '304') AS BLOB)", "stop", "lanestod"),
        ("UPDATE stop SET row = CAST(replace(row, '306', '304') AS BLOB)", "stop", "lanestod"),
        ("UPDATE stop SET row = x'00'", "stop", "lanestod"),
        ("UPDATE tile SET root = zeroblob(32)", "entry", "0 to 255"),
        ("INSERT INTO tile VALUES(5, zeroblob(32))", "entry", "1280 to 1535"),
        ("UPDATE meta SET value = CAST('other.example' AS BLOB) WHERE key = 'origin'", "meta", "checkpoint"),
        ("UPDATE meta SET value = CAST(replace(value, '308', '307') AS BLOB) WHERE key = 'checkpoint'", "meta", "checkpoint"),
        ("INSERT INTO tag VALUES(zeroblob(16), 5000)", "tag", 5000),
    ],
)  # fmt: skip
def test_an_edited_row_is_named(audit: Check, statement: str, table: str, row: object) -> None:
    report = audit(statement)
    assert (table, row) in findings(report)
    assert not report.ok


def test_a_lost_lookup_is_found(office: Any, audit: Check) -> None:
    audit()
    connection = sqlite3.connect(office.folder / "evidence.sqlite")
    tags = [row[0] for row in connection.execute("SELECT tag FROM tag WHERE idx = 300")]
    connection.close()
    for tag in tags:
        statement = f"DELETE FROM tag WHERE idx = 300 AND tag = x'{tag.hex()}'"
        report = audit(statement)
        assert findings(report) in ([("tag", tag.hex())], [("answer", 300)]), statement
        audit(f"INSERT INTO tag VALUES(x'{tag.hex()}', 300)")
    assert len(tags) == 4


@pytest.mark.parametrize(
    ("statement", "table"),
    [
        ("DELETE FROM record_key WHERE id = {key}", "record_key"),
        ("UPDATE record_key SET wrapped = zeroblob(40) WHERE id = {key}", "payload"),
        ("UPDATE record_key SET wrapped = (SELECT wrapped FROM record_key WHERE id = {key} + 1) WHERE id = {key}", "payload"),
        ("UPDATE kek SET month = '2020-01'", "payload"),
        ("UPDATE kek SET system = 'other'", "payload"),
    ],
)
def test_an_edited_key_file_is_found(office: Any, audit: Check, statement: str, table: str) -> None:
    audit()
    connection = sqlite3.connect(office.folder / "evidence.sqlite")
    (key,) = connection.execute("SELECT key_id FROM payload WHERE idx = 300").fetchone()
    connection.close()
    report = audit(statement.format(key=key), file="keys.sqlite")
    assert (table, key if table == "record_key" else 300) in findings(report)


def test_a_key_that_came_back_after_erasure_is_found(office: Any, audit: Check) -> None:
    audit()
    connection = sqlite3.connect(office.folder / "evidence.sqlite")
    (key,) = connection.execute("SELECT key_id FROM erased").fetchone()
    connection.close()
    report = audit(f"INSERT INTO record_key VALUES({key}, 1, zeroblob(40))", file="keys.sqlite")
    assert findings(report) == [("record_key", key)]


def test_a_checkpoint_by_another_key_is_found_and_the_wrong_root_key_refused(office: Any, audit: Check) -> None:
    audit()
    report = check(office.folder, office.root_key, generate_log_key(office.signer.name).vkey)
    assert findings(report) == [("meta", "checkpoint")]
    with pytest.raises(WrongRootKey):
        check(office.folder, bytes(32), office.signer.vkey)


def test_a_store_full_of_faults_is_reported_in_bounds(audit: Check) -> None:
    report = audit("UPDATE entry SET leaf = zeroblob(32)")
    assert len(report.findings) == MAX_FINDINGS
    assert report.found > MAX_FINDINGS
    assert json.dumps([str(finding) for finding in report.findings])
