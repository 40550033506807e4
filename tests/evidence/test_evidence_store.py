"""The store as the sequencer uses it: all or nothing, durable, and nothing lost between two openings."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, date, datetime
from typing import Any

import pytest

from insyn.core.entries import encode_entry
from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.signing import Signed
from insyn.core.terms import DisclosureGroup
from insyn.evidence.errors import RecordUnknown, StoreBusy, StoreRolledBack, WrongRootKey
from insyn.evidence.reader import EvidenceReader
from insyn.evidence.records import Appended, Fact, StopRow
from insyn.evidence.store import EvidenceStore
from insyn.tlog.checkpoint import Checkpoint, open_checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.hashing import EMPTY_ROOT, leaf_hash, root_of
from insyn.tlog.notes import NoteSigner, generate_log_key
from insyn.tlog.proofs import verify_proof

REFUSAL = {"kind": "refusal", "system": "lanestod", "code": "STOPPED"}


def test_a_new_store_holds_an_empty_log(store: EvidenceStore) -> None:
    assert (store.size, store.root(), store.origin) == (0, EMPTY_ROOT, "log.example/kommun")
    assert store.checkpoint_note() == ""
    assert store.receipt_proof(0) == ""


def test_what_is_committed_is_there_after_the_store_is_opened_anew(office: Any) -> None:
    store = office.open()
    made = office.decided(store, 300)
    before = (store.size, store.root(), store.entries(0, 1000), store.find_case("lanestod", "2026-1"))
    store.close()
    again = office.open()
    assert (again.size, again.root(), again.entries(0, 1000), again.find_case("lanestod", "2026-1")) == before
    assert again.root() == root_of([leaf_hash(data) for _, data in again.entries(0, 1000)])
    assert [again.index_of(appended.rid) for appended in made] == list(range(300))
    assert again.open_groups(made[7].rid, ["input"]).groups == {"input": b'{"income":1}'}
    assert again.remembered("client", "key-8-7").answer == b"answer"


def test_an_entry_holds_rid_commitments_and_nothing_that_was_sealed(office: Any, store: EvidenceStore) -> None:
    (made,) = office.decided(store)
    entry = json.loads(store.entry(0))
    assert (entry["v"], entry["rid"], sorted(entry["c"])) == (1, made.rid, ["input", "output"])
    assert made.leaf == leaf_hash(store.entry(0)) == store.leaf(0)
    assert b"income" not in store.entry(0)
    assert b"approve" not in store.entry(0)


def test_an_error_in_a_transaction_leaves_nothing_of_it(office: Any, store: EvidenceStore) -> None:
    office.decided(store, 255)
    root, permits = store.root(), store.permits()
    made: list[Appended] = []

    def interrupted() -> None:
        with store.transaction() as transaction:
            made.extend(office.decide(transaction) for _ in range(300))
            transaction.put_permit("lanestod", 1, Signed("register", b"body", b"signature"))
            transaction.put_stop(StopRow(system="lanestod", index=255, rid=made[0].rid))
            transaction.put_meta("name", b"value")
            transaction.remember(client="client", key="key-new", digest=b"", answer=b"", index=255)
            assert store.size == 555
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert (store.size, store.root(), store.permits(), store.stops(), store.get_meta("name")) == (255, root, permits, {}, None)
    assert store.index_of(made[0].rid) is None
    assert store.remembered("client", "key-new") is None
    assert store.waiting("lanestod", 1)[1] == 255
    office.decided(store, 3)
    assert store.root() == root_of([leaf_hash(data) for _, data in store.entries(0, 1000)])


def test_reads_inside_a_transaction_see_its_rows(office: Any, store: EvidenceStore) -> None:
    with store.transaction() as transaction:
        made = office.decide(transaction)
        assert store.index_of(made.rid) == 0
        assert store.open_groups(made.rid).groups["input"] == b'{"income":1}'
        assert store.is_waiting(made.rid)


def test_one_transaction_at_a_time(store: EvidenceStore) -> None:
    with store.transaction() as transaction:
        transaction.append(public=REFUSAL)
        with pytest.raises(InvalidInput, match="open already"), store.transaction():
            pass
    assert store.size == 1


def test_an_act_is_appended_byte_for_byte(store: EvidenceStore) -> None:
    entry = b'{"v":1,  "kind":"act", "rid":"%s", "act":"order_stop"}' % (b"ab" * 16)
    with store.transaction() as transaction:
        made = transaction.append_bytes(entry)
    assert (store.entry(0), store.index_of("ab" * 16), made.leaf) == (entry, 0, leaf_hash(entry))


@pytest.mark.parametrize("entry", [b"", b"[]", b"{}", b"\xff", b'{"kind":1}', b'{"kind":"act","rid":"x"}', bytes(65_536)])
def test_bytes_that_are_no_entry_are_refused(store: EvidenceStore, entry: bytes) -> None:
    with pytest.raises(InvalidInput), store.transaction() as transaction:
        transaction.append_bytes(entry)
    assert (store.size, store.failed) == (0, False)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"public": {"kind": "nonsense"}}, "unknown entry kind"),
        ({"public": {**REFUSAL, "subject": "19121212-1212"}}, "not allowed in a public entry"),
        ({"public": {**REFUSAL, "epoch": 1.5}}, "not float"),
        ({"public": {**REFUSAL, "code": "å"}}, "ASCII"),
        ({"public": {**REFUSAL, "rid": "AB" * 16}}, "not a record id"),
        ({"public": {**REFUSAL, "rid": "ab"}}, "not a record id"),
        ({"public": {**REFUSAL, "about": "elsewhere"}}, "not a record id"),
        ({"public": REFUSAL, "case": "2026-1"}, "belong to a sealed record"),
        ({"public": REFUSAL, "waits": True}, "belong to a sealed record"),
        ({"public": REFUSAL, "fact": Fact(month="", system="", version="", stage="", outcome="")}, "belong to a sealed record"),
    ],
)
def test_what_an_entry_cannot_hold_is_refused(store: EvidenceStore, given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words), store.transaction() as transaction:
        transaction.append(**given)
    assert store.size == 0


def test_a_rid_is_given_once(office: Any, store: EvidenceStore) -> None:
    with store.transaction() as transaction:
        transaction.append(public={**REFUSAL, "rid": "ab" * 16})
    for again in (
        lambda t: t.append(public={**REFUSAL, "rid": "ab" * 16}),
        lambda t: t.append_bytes(encode_entry({**REFUSAL, "rid": "ab" * 16})),
    ):
        with pytest.raises(InvalidInput, match="stands already"), store.transaction() as transaction:
            again(transaction)
    assert store.size == 1


def test_those_who_follow_a_record_are_listed_in_order(office: Any, store: EvidenceStore) -> None:
    (made,) = office.decided(store)
    with store.transaction() as transaction:
        review = transaction.append(public={"kind": "review", "about": made.rid}, private={DisclosureGroup.REVIEW: b"reasons"})
        unused = transaction.append(public={"kind": "not_used", "about": made.rid})
        transaction.append(public={"kind": "not_used", "about": "cd" * 16})
    assert store.followers(made.rid) == [(review.rid, "review"), (unused.rid, "not_used")]
    assert store.index_of("cd" * 16) is None
    assert store.index_of(made.rid) == 0


def test_a_case_is_found_in_its_system_only(office: Any, store: EvidenceStore) -> None:
    first, second = office.decided(store, 2, case="2026-77")
    office.decided(store, 1, case="2026-78", subject="20010101-1234")
    assert store.find_case("lanestod", "2026-77") == [first.rid, second.rid]
    assert store.find_case("other", "2026-77") == []
    assert store.find_subject("19121212-1212", on=date(2026, 11, 21)) == [first.rid, second.rid]


def test_a_proposal_waits_until_a_person_has_decided(office: Any, store: EvidenceStore) -> None:
    first, second = office.decided(store, 2)
    rows, total = store.waiting("lanestod", 1)
    assert total == 2
    assert [(row.rid, row.index, row.day, row.leaf, row.outcome) for row in rows] == [
        (first.rid, 0, "2026-11-21", store.leaf(0), "approve")
    ]
    with store.transaction() as transaction:
        review = transaction.append(public={"kind": "review", "system": "lanestod", "about": first.rid})
        transaction.set_waiting(first.rid, False, by=review.rid)
    assert [row.rid for row in store.waiting("lanestod", 10)[0]] == [second.rid]
    assert (store.is_waiting(first.rid), store.decided_by(first.rid)) == (False, review.rid)
    assert (store.is_waiting(second.rid), store.decided_by(second.rid)) == (True, "")
    with store.transaction() as transaction:
        transaction.set_waiting(first.rid, True)
    assert store.waiting("lanestod", 10)[1] == 2
    with pytest.raises(InvalidInput, match="no record"), store.transaction() as transaction:
        transaction.set_waiting("cd" * 16, False)


def test_an_idempotency_key_answers_once(office: Any, store: EvidenceStore) -> None:
    with store.transaction() as transaction:
        made = office.decide(transaction)
        transaction.remember(client="a", key="k", digest=b"\x07" * 32, answer=b"answer", index=made.index)
    kept = store.remembered("a", "k")
    assert kept is not None
    assert (kept.digest, kept.answer, kept.index) == (b"\x07" * 32, b"answer", 0)
    assert store.remembered("b", "k") is None
    assert store.remembered("a", "k2") is None
    for given in ({"key": "k", "index": 0}, {"key": "other", "index": 1}, {"key": "other", "index": -1}):
        with pytest.raises(InvalidInput), store.transaction() as transaction:
            transaction.remember(client="a", digest=b"", answer=b"", **given)


def test_a_permit_gives_way_to_a_higher_epoch_only(store: EvidenceStore) -> None:
    second = Signed("register", b"two", b"s")
    with store.transaction() as transaction:
        transaction.put_permit("lanestod", 1, Signed("register", b"one", b"s"))
        transaction.put_permit("lanestod", 2, second)
    for epoch in (1, 2):
        with pytest.raises(InvalidInput, match="is not above 2"), store.transaction() as transaction:
            transaction.put_permit("lanestod", epoch, Signed("register", b"old", b"s"))
    assert store.permits() == {"lanestod": second}


def test_a_stop_gives_way_to_a_newer_one_only(store: EvidenceStore) -> None:
    row = StopRow(system="lanestod", index=4, rid="ab" * 16, committed_at="2026-11-21T12:00:00Z")
    lifted = StopRow(system="lanestod", index=4, rid="ab" * 16, lifted_by=9)
    with store.transaction() as transaction:
        transaction.put_stop(row)
    assert store.stops() == {"lanestod": row}
    assert row.stands
    with store.transaction() as transaction:
        transaction.put_stop(lifted)
    with pytest.raises(InvalidInput, match="older"), store.transaction() as transaction:
        transaction.put_stop(StopRow(system="lanestod", index=3, rid="cd" * 16))
    assert store.stops() == {"lanestod": lifted}
    assert not lifted.stands


def test_meta_values_and_facts_are_kept(office: Any, store: EvidenceStore) -> None:
    with store.transaction() as transaction:
        transaction.put_meta("clock", b"one")
        transaction.put_meta("clock", b"two")
        made = office.decide(transaction)
    assert store.get_meta("clock") == b"two"
    (row,) = store.facts()
    assert (row.fact_id, row.outcome, row.score_bin, row.groups) == (made.fact_id, "approve", 7, {"sex": "female"})
    assert made.fact_id not in store.entry(0).decode()


def test_a_receipt_comes_with_the_checkpoint_that_covers_it(office: Any, store: EvidenceStore) -> None:
    office.decided(store, 260)
    assert store.receipt_proof(259) == ""
    store.sign_checkpoint(office.signer)
    office.decided(store, 5)
    verifiers = [office.signer.verifier]
    for index in (0, 255, 256, 259):
        at, checkpoint = verify_proof(store.receipt_proof(index), store.leaf(index), verifiers)
        assert (at, checkpoint.size) == (index, 260)
    assert store.receipt_proof(260) == store.receipt_proof(-1) == ""
    with pytest.raises(TlogError):
        verify_proof(store.receipt_proof(3), store.leaf(4), verifiers)


def test_a_checkpoint_is_signed_once_per_size_and_kept(office: Any, store: EvidenceStore) -> None:
    first = store.sign_checkpoint(office.signer)
    assert open_checkpoint(first, [office.signer.verifier]) == Checkpoint(store.origin, 0, EMPTY_ROOT)
    office.decided(store, 2)
    second = store.sign_checkpoint(office.signer)
    assert open_checkpoint(second, [office.signer.verifier]) == Checkpoint(store.origin, 2, store.root())
    assert store.sign_checkpoint(office.signer) == second == store.checkpoint_note()
    with pytest.raises(InvalidInput, match="cannot be signed by"):
        store.sign_checkpoint(generate_log_key("other.example"))


def test_the_state_is_durable_before_it_is_signed(office: Any) -> None:
    """A signer that never comes back: the next start still holds the log to what may have been signed."""
    store = office.open()
    office.decided(store, 3)

    class Gone(NoteSigner):
        def sign(self, body: str) -> bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.sign_checkpoint(Gone(store.origin, bytes(32)))
    store.close()
    _edit(office, "DELETE FROM entry WHERE idx = 2")
    with pytest.raises(StoreRolledBack, match="the checkpoint being signed has 3: rows are lost"):
        office.open()


def _edit(office: Any, *statements: str) -> None:
    connection = sqlite3.connect(office.folder / "evidence.sqlite")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_store_that_lost_or_changed_rows_behind_its_checkpoint_does_not_open(office: Any) -> None:
    store = office.open()
    office.decided(store, 5)
    store.sign_checkpoint(office.signer)
    store.close()
    _edit(office, "DELETE FROM entry WHERE idx = 4")
    with pytest.raises(StoreRolledBack, match=r"has 4 entries, the checkpoint .* has 5: rows are lost"):
        office.open()
    entry = encode_entry({**REFUSAL, "rid": "ab" * 16})
    _edit(office, f"INSERT INTO entry VALUES(4, x'{entry.hex()}', x'{leaf_hash(entry).hex()}')")
    with pytest.raises(StoreRolledBack, match="are not those of the checkpoint"):
        office.open()
    _edit(office, "UPDATE entry SET bytes = x'7b7d' WHERE idx = 4")
    with pytest.raises(StoreFailed, match=r"entry 4 .* is not what its leaf hash"):
        office.open()
    _edit(office, "DELETE FROM entry WHERE idx = 2")
    with pytest.raises(StoreFailed, match="entry 2 is missing"):
        office.open()


def test_a_store_put_back_from_an_old_copy_is_held_to_a_checkpoint_known_elsewhere(office: Any) -> None:
    store = office.open()
    office.decided(store, 3)
    known = Checkpoint(store.origin, 3, store.root())
    office.decided(store, 1)
    store.close()
    assert office.open(known=[known]).size == 4
    with pytest.raises(StoreBusy):
        office.open()


def test_a_checkpoint_known_elsewhere_that_is_ahead_or_other_is_refused(office: Any) -> None:
    store = office.open()
    office.decided(store, 3)
    store.close()
    with pytest.raises(StoreRolledBack, match="known from elsewhere has 9"):
        office.open(known=[Checkpoint("log.example/kommun", 9, bytes(32))])
    with pytest.raises(StoreRolledBack, match="not those of the checkpoint known from elsewhere"):
        office.open(known=[Checkpoint("log.example/kommun", 2, bytes(32))])


def test_only_one_process_writes(office: Any, store: EvidenceStore) -> None:
    with pytest.raises(StoreBusy, match="another process writes"):
        office.open()
    store.close()
    assert office.open().size == 0


def test_the_wrong_root_key_opens_nothing(office: Any, store: EvidenceStore) -> None:
    store.close()
    with pytest.raises(WrongRootKey, match="give the one that it was made with"):
        office.open(root_key=bytes(32))
    with pytest.raises(WrongRootKey):
        EvidenceReader.read_only(office.folder, root_key=bytes(32))
    with pytest.raises(InvalidInput, match="has 32 bytes, not 5"):
        office.open(root_key=b"short")
    assert office.open().size == 0


def test_a_store_keeps_its_origin(office: Any, store: EvidenceStore) -> None:
    store.close()
    with pytest.raises(InvalidInput, match="holds the log"):
        office.open(origin="other.example")
    with pytest.raises(TlogError, match="not a key name"):
        office.open(origin="with space")


def test_the_tile_cache_can_be_lost(office: Any) -> None:
    store = office.open()
    with store.transaction() as transaction:
        for _ in range(700):
            transaction.append(public=REFUSAL)
    store.sign_checkpoint(office.signer)
    root = store.root()
    store.close()
    _edit(office, "DELETE FROM tile WHERE n = 0")
    store = office.open()
    assert store.root() == root
    store.close()
    _edit(office, "DELETE FROM tile")
    assert office.open().root() == root


def test_a_reader_beside_the_writer_sees_what_is_committed(office: Any, store: EvidenceStore) -> None:
    made = office.decided(store, 3)
    with EvidenceReader.read_only(office.folder) as reader:
        assert (reader.size, reader.origin, reader.root()) == (3, store.origin, store.root())
        office.decided(store)
        assert reader.size == 4
        with pytest.raises(InvalidInput, match="need the root key"):
            reader.open_groups(made[0].rid)
    with EvidenceReader.read_only(office.folder, root_key=office.root_key) as reader:
        assert reader.open_groups(made[0].rid).groups["input"] == b'{"income":1}'
        with pytest.raises(RecordUnknown):
            reader.open_groups("ab" * 16)


def test_there_is_nothing_to_read_where_no_store_is(office: Any) -> None:
    with pytest.raises(StoreFailed, match=r"there is no evidence\.sqlite"):
        EvidenceReader.read_only(office.folder)


def test_a_store_of_another_schema_is_refused(office: Any, store: EvidenceStore) -> None:
    store.close()
    _edit(office, "PRAGMA user_version = 99")
    with pytest.raises(StoreFailed, match="schema version 99"):
        office.open()


def test_files_are_closed_to_other_users(office: Any, store: EvidenceStore) -> None:
    office.decided(store)
    for path in [office.folder, *office.folder.iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_month_of_a_record_without_a_day_is_that_of_the_clock(office: Any) -> None:
    store = office.open(clock=lambda: datetime(2027, 3, 4, tzinfo=UTC))
    office.decided(store, 1, public={"kind": "decision", "system": "lanestod"})
    assert store.keys.connection.execute("SELECT month FROM kek").get == "2027-03"
