"""Disposal by the sequencer: only under a decision that stands in the log, never against a legal hold, and a stop does not wait for it."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, SYSTEM, Bench, FakeClock, decide, number, outcome

from insyn.core import messages as m
from insyn.core.commitments import commitment
from insyn.core.entries import encode_entry, read_head
from insyn.core.refusals import RefusalCode
from insyn.evidence.check import check

MONTH = 31 * 24 * 3600.0


def an_act(bench: Bench, verb: str, text: dict[str, Any], hold: m.HoldChange | None = None) -> tuple[m.SubmitAct, bytes, str]:
    rid, salt = secrets.token_hex(16), secrets.token_hex(32)
    sealed = msgspec.json.encode({"actor": {"name": "Nina"}, "text": text, "verb": verb})
    bound = commitment(group="act", rid=rid, salt=bytes.fromhex(salt), text=sealed)
    entry = encode_entry({"kind": "act", "system": SYSTEM, "rid": rid, "act": verb, "day": "2026-12-21", "c": {"act": bound}})
    message = m.SubmitAct(id=number(), act=rid, system=SYSTEM, entry=entry, hold=hold if hold is not None else msgspec.UNSET)
    return message, sealed, salt


def decided(bench: Bench, **changes: Any) -> dict[str, Any]:
    """A disposal decision in the log, as the words of a ``Dispose``."""
    text = {"system": SYSTEM, "retention": "standard", "months": ["2026-11"], "case_number": "KS 2026/77", **changes}
    act, sealed, salt = an_act(bench, "decide_disposal", text)
    assert isinstance(bench.order(act), m.Done)
    return {"decision": act.act, "text": sealed, "salt": salt}


def dispose(bench: Bench, words: dict[str, Any], **changes: Any) -> Any:
    whole = {"id": number(), "act": secrets.token_hex(16), "system": SYSTEM, "retention": "standard", "month": "2026-11", "actor": ADMIN}
    return bench.order(m.Dispose(**{**whole, **words, **changes}))


@pytest.fixture
def after(bench: Bench, clock: FakeClock) -> tuple[Bench, str]:
    """A month later: three decisions of November, and one of them by its id."""
    rids = [bench.tell(decide(outcome=outcome(case=f"LN-{case}"))).receipt.rid for case in range(3)]
    clock.pass_time(MONTH)
    return bench, rids[0]


def test_a_decided_month_is_destroyed_piece_by_piece_and_the_log_says_on_what_ground(after: tuple[Bench, str]) -> None:
    bench, rid = after
    words = decided(bench)
    done = dispose(bench, words)
    assert isinstance(done, m.Done), done
    head = read_head(bench.engine.books.store.entry(done.receipt.index))
    assert (head.kind, head.system, head.retention, head.month, head.about) == ("shred", SYSTEM, "standard", "2026-11", words["decision"])
    assert (head.basis, head.day, head.until) == ("KS 2026/77", "2026-12-21", "2027-01-25")
    opened = bench.order(m.Open(id=1, rid=rid, groups=("input",), actor=ADMIN, purpose="see"))
    assert opened.refusal.code is RefusalCode.RECORD_ERASED
    assert bench.stop().status == "committed"  # it did not wait for the rows to be overwritten
    for _ in range(3):
        bench.engine.tick()
    bench.engine.checkpoint()
    town = bench.town
    report = check(town.home.evidence, town.root_key, town.signer.vkey)
    assert (report.findings, report.erased) == ([], 3)
    again = dispose(bench, words, act=done.receipt.rid)
    assert again.repeated
    assert dispose(bench, words).refusal.code is RefusalCode.NOTHING_TO_DISPOSE


def test_nothing_is_disposed_of_without_a_decision_that_covers_it(after: tuple[Bench, str]) -> None:
    bench, _rid = after
    code = RefusalCode.DISPOSAL_NOT_DECIDED
    assert dispose(bench, decided(bench, months=["2026-10"])).refusal.code is code
    assert dispose(bench, decided(bench, system="other")).refusal.code is code
    assert dispose(bench, decided(bench, retention="short")).refusal.code is code
    words = decided(bench)
    assert dispose(bench, {**words, "decision": secrets.token_hex(16)}).refusal.code is code
    assert dispose(bench, {**words, "salt": secrets.token_hex(32)}).refusal.code is code
    forged = words["text"].replace(b"2026-11", b"2026-12")
    assert dispose(bench, {**words, "text": forged}, month="2026-12").refusal.code is code
    other, sealed, salt = an_act(bench, "supply_record", {})
    bench.order(other)
    assert dispose(bench, {"decision": other.act, "text": sealed, "salt": salt}).refusal.code is code


def test_a_legal_hold_refuses_disposal_and_erasure_until_it_is_lifted_by_an_act(after: tuple[Bench, str]) -> None:
    bench, rid = after
    words = decided(bench)
    put, _, _ = an_act(bench, "put_hold", {"why": "tillsyn"}, m.HoldChange(case="LN-0"))
    assert isinstance(bench.order(put), m.Done)
    assert dispose(bench, words).refusal.code is RefusalCode.LEGAL_HOLD
    erase = m.Erase(id=1, rid=rid, basis="GDPR Art. 17", actor=ADMIN)
    assert bench.order(erase).refusal.code is RefusalCode.LEGAL_HOLD
    lift, _, _ = an_act(bench, "lift_hold", {}, m.HoldChange(lifts=put.act))
    assert isinstance(bench.order(lift), m.Done)
    twice, _, _ = an_act(bench, "lift_hold", {}, m.HoldChange(lifts=put.act))
    assert bench.order(twice).refusal.code is RefusalCode.INVALID_REQUEST
    assert isinstance(bench.order(erase), m.Done)
    assert bench.last().until == "2027-01-25"
    assert isinstance(dispose(bench, words), m.Done)


def test_a_hold_on_a_record_of_another_system_is_refused_and_leaves_no_entry(after: tuple[Bench, str]) -> None:
    bench, _rid = after
    size = bench.engine.books.store.size
    put, _, _ = an_act(bench, "put_hold", {}, m.HoldChange(rid="ab" * 16))
    assert bench.order(put).refusal.code is RefusalCode.INVALID_REQUEST
    assert bench.engine.books.store.size == size


def test_everything_about_a_record_is_opened_at_once_with_receipts_and_one_entry(bench: Bench) -> None:
    answer = bench.tell(decide())
    message = m.OpenBundle(id=1, rid=answer.receipt.rid, actor=ADMIN, purpose="audit")
    assert bench.order(message).refusal.code is RefusalCode.NOT_READY  # no checkpoint covers it yet
    bench.engine.checkpoint()
    size = bench.engine.books.store.size
    bundled = bench.order(message)
    kinds = [read_head(entry.entry).kind for entry in bundled.entries]
    assert kinds == ["decision", "permit"]
    record = bundled.entries[0]
    head = read_head(record.entry)
    assert set(record.groups) == set(head.c)
    for group, text in record.groups.items():
        assert commitment(group=group, rid=head.rid, salt=bytes.fromhex(record.salts[group]), text=text) == head.c[group]
    assert bench.engine.books.store.size == size + 1
    assert (bench.last().kind, bench.last().about) == ("opened", head.rid)


def test_an_act_that_a_restore_took_back_is_not_entered_twice(bench: Bench) -> None:
    act, _, _ = an_act(bench, "supply_record", {})
    store = bench.engine.books.store
    with store.transaction() as transaction:
        made = transaction.append_bytes(act.entry)  # as a restore does: the entry, and no remembered answer
    again = bench.order(act)
    assert (again.receipt.index, again.repeated) == (made.index, True)
    assert store.size == made.index + 1


def test_a_hold_is_lifted_by_an_act_of_its_own_system_only(after: tuple[Bench, str]) -> None:
    bench, _rid = after
    put, _, _ = an_act(bench, "put_hold", {}, m.HoldChange())
    assert isinstance(bench.order(put), m.Done)
    bench.permit(system="other")
    entry = encode_entry({"kind": "act", "system": "other", "rid": "cd" * 16, "act": "lift_hold", "day": "2026-12-21"})
    lift = m.SubmitAct(id=number(), act="cd" * 16, system="other", entry=entry, hold=m.HoldChange(lifts=put.act))
    assert bench.order(lift).refusal.code is RefusalCode.INVALID_REQUEST
    assert dispose(bench, decided(bench)).refusal.code is RefusalCode.LEGAL_HOLD


def test_a_hold_that_names_a_record_and_a_case_holds_both(after: tuple[Bench, str]) -> None:
    bench, rid = after
    other = bench.order(m.FindCase(id=1, system=SYSTEM, case="LN-1", actor=ADMIN, purpose="test")).rids[0]
    put, _, _ = an_act(bench, "put_hold", {}, m.HoldChange(rid=rid, case="LN-1"))
    assert isinstance(bench.order(put), m.Done)
    for held in (rid, other):
        assert bench.order(m.Erase(id=1, rid=held, basis="GDPR Art. 17", actor=ADMIN)).refusal.code is RefusalCode.LEGAL_HOLD
