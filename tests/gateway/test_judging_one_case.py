"""A case that is proposed more than once is judged blind as one: what one of its proposals would tell, another holds back."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, KEY, OFFICER, SYSTEM, Bench, FakeClock, Town, a_permit, asked, decide, number, outcome
from review_kit import code_of, judge, judgement_of, propose, reconsider, reconsideration_of, review, review_of

from insyn.core import messages as m
from insyn.core.limits import FieldGrant
from insyn.core.permit import PurposeGrant, Reviewer
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Mode
from insyn.evidence import transaction
from insyn.evidence.affected import Sought, count_affected
from insyn.evidence.check import check
from insyn.evidence.seal import SealedText
from insyn.supervision.followup import follow_up

CASE = "LN-2026-77"
SECOND = m.Actor(person="p-second", name="Sigrid Granskare", role="case_officer")
BOTH = (Reviewer(OFFICER.person, "2099-12-31"), Reviewer(SECOND.person, "2099-12-31"))
EVERY, NONE = 1000, 0


def share(bench: Bench, per_mille: int, **more: Any) -> None:
    bench.permit(blind_share=per_mille, reviewers=BOTH, **more)


@pytest.fixture
def twins(bench: Bench) -> tuple[Bench, m.Receipt, m.Receipt]:
    """One case proposed twice: before there was a share, and again when all are drawn."""
    share(bench, NONE)
    plain = propose(bench, case=CASE)
    share(bench, EVERY)
    return bench, plain, propose(bench, case=CASE)


def shows(bench: Bench, receipt: m.Receipt, *, actor: m.Actor = OFFICER, purpose: str = "review") -> bool:
    opened = bench.open_case(receipt.rid, actor=actor, purpose=purpose)
    assert opened.blind is not ("output" in opened.groups)
    assert opened.blind or opened.groups["output"]["outcome"] == "approve"
    return not opened.blind


def findings(bench: Bench) -> list[str]:
    bench.engine.checkpoint()
    return [str(finding) for finding in check(bench.town.home.evidence, bench.town.root_key, bench.town.signer.vkey).findings]


# ------------------------------------------------------------------------------------------------------------------- the draw


def test_proposals_of_one_case_are_drawn_alike_and_check_draws_them_again(bench: Bench) -> None:
    share(bench, 300)
    rids = {case: [propose(bench, case=case).rid for _ in range(3)] for case in (f"AL-{number}" for number in range(60))}
    heads = {head.rid: head for head in bench.heads()}
    marks = [{heads[rid].blind for rid in each} for each in rids.values()]
    assert {0} in marks
    assert {1} in marks
    assert all(len(each) == 1 for each in marks)
    assert findings(bench) == []


def test_what_the_draw_is_made_by_stands_in_no_entry_and_differs_between_systems(bench: Bench) -> None:
    share(bench, EVERY)
    receipt = propose(bench, case=CASE)
    keys = bench.engine.books.store.keys
    by = keys.drawn_by(SYSTEM, receipt.rid, case=CASE, subject="191212121212")
    assert by == keys.drawn_by(SYSTEM, "0" * 32, case=CASE, subject="")
    assert by != keys.drawn_by("another", receipt.rid, case=CASE, subject="")
    entry = bench.engine.books.store.entry(receipt.index).decode()
    assert CASE not in entry
    assert by not in entry


def test_what_was_drawn_is_counted_by_case_so_that_one_case_sent_often_is_no_sign_of_a_wrong_draw(bench: Bench) -> None:
    share(bench, EVERY)
    for _ in range(20):
        propose(bench, case=CASE)
    propose(bench)
    permit = bench.engine.books.state.permits[SYSTEM]
    found = follow_up(bench.engine.books.store.connection, permit, on=date(2026, 11, 20)).drawn
    assert found is not None
    assert (found.share.k, found.share.n) == (2, 2)


def test_a_repeated_request_is_answered_by_the_first_and_drawn_once(bench: Bench) -> None:
    share(bench, EVERY)
    sent = decide(outcome=outcome(case=CASE), idempotency="once-and-no-more")
    first, again = bench.tell(sent), bench.tell(msgspec.structs.replace(sent, id=number()))
    assert (again.replayed, again.receipt.rid) == (True, first.receipt.rid)
    assert sum(bool(head.blind) for head in bench.heads()) == 1
    assert findings(bench) == []


@pytest.fixture
def as_at_first(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A sequencer from before cases were drawn: it draws by the record's own id, and seals no word of it."""
    monkeypatch.setattr(transaction, "SealedText", lambda *of: SealedText(*of[:5]))
    monkeypatch.setattr("insyn.evidence.keys.KeyFile.drawn_by", lambda keys, system, rid, **of: rid)
    return monkeypatch


def test_what_was_drawn_by_its_own_id_keeps_checking_clean_and_holds_back_as_one(
    bench: Bench, as_at_first: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    share(bench, 500)
    receipts = [propose(bench, case=CASE) for _ in range(12)]
    heads = {head.rid: head for head in bench.heads()}
    assert len({heads[receipt.rid].blind for receipt in receipts}) == 2, "once in two thousand all fall alike"
    as_at_first.undo()
    bench.town.close_store()
    after = bench.town.engine(clock)
    propose(after)
    assert findings(after) == []
    assert [shows(after, receipt) for receipt in receipts] == [False] * 12
    judge(after, receipts[0])
    assert [shows(after, receipt) for receipt in receipts] == [True] * 12


def test_check_finds_a_record_that_was_drawn_by_its_own_id_after_cases_were(bench: Bench, as_at_first: pytest.MonkeyPatch) -> None:
    share(bench, EVERY)
    as_at_first.undo()
    first = propose(bench)
    as_at_first.setattr(transaction, "SealedText", lambda *of: SealedText(*of[:5]))
    steered = propose(bench)
    assert findings(bench) == [f"payload {steered.index}: was drawn by its own id, although cases are drawn since entry {first.index}"]


def test_check_finds_a_record_that_lies_under_another_case_than_its_own(bench: Bench) -> None:
    share(bench, EVERY)
    hidden, other = propose(bench, case=CASE), propose(bench)
    rows = bench.engine.books.store.connection
    tag = rows.execute("SELECT case_tag FROM payload WHERE idx = ?", (other.index,)).get
    rows.execute("UPDATE tag SET tag = ?1 WHERE idx = ?2 AND tag = (SELECT case_tag FROM payload WHERE idx = ?2)", (tag, hidden.index))
    rows.execute("UPDATE payload SET case_tag = ? WHERE idx = ?", (tag, hidden.index))
    assert findings(bench) == [f"payload {hidden.index}: lies under another case than its own"]


# ----------------------------------------------------------------------------------------------------------------- holding back


def test_the_undrawn_proposal_tells_nobody_what_the_drawn_one_holds_back(twins: tuple[Bench, m.Receipt, m.Receipt]) -> None:
    bench, plain, drawn = twins
    assert (bench.engine.books.store.entry(plain.index).count(b'"blind"'), bench.last().blind) == (0, 1)
    opened = bench.open_case(plain.rid)
    assert (opened.blind, sorted(opened.groups)) == (True, ["case", "input"])
    assert not shows(bench, drawn)
    assert [(item.blind, item.outcome) for item in bench.order(m.Waiting(id=1, system=SYSTEM)).items] == [(True, "")] * 2
    assert code_of(bench.order(m.OpenBundle(id=1, rid=plain.rid, actor=ADMIN, purpose="audit"))) is RefusalCode.BLIND_FIRST
    assert code_of(bench.order(review_of(plain, opened.opened))) is RefusalCode.BLIND_FIRST
    assert shows(bench, plain, actor=ADMIN, purpose="own_case"), "the person's own is never held back"


def test_the_outcome_is_not_found_by_counting_what_an_error_touched(twins: tuple[Bench, m.Receipt, m.Receipt]) -> None:
    bench, plain, drawn = twins
    day = date.fromisoformat(plain.day)

    def waiting() -> list[int]:
        sought = (Sought(system=SYSTEM, first=day, last=day, outcome=outcome) for outcome in ("approve", "deny"))
        return [count_affected(bench.engine.books.store.connection, one).waiting for one in sought]

    assert waiting() == [2, 2]
    judge(bench, drawn)
    assert waiting() == [2, 0]


@pytest.mark.parametrize("which", [0, 1])
def test_one_judgement_of_the_case_opens_both(twins: tuple[Bench, m.Receipt, m.Receipt], which: int) -> None:
    bench, *receipts = twins
    assert isinstance(judge(bench, receipts[which]), m.Done)
    assert code_of(judge(bench, receipts[1 - which])) is RefusalCode.NOT_BLIND
    assert [shows(bench, receipt) for receipt in receipts] == [True, True]
    assert [item.outcome for item in bench.order(m.Waiting(id=1, system=SYSTEM)).items] == ["approve", "approve"]
    for receipt in receipts:
        assert isinstance(review(bench, receipt), m.Done)
    assert findings(bench) == []


def test_another_case_and_another_system_are_held_back_by_nothing_of_this(bench: Bench) -> None:
    share(bench, NONE)
    other = propose(bench)
    bench.permit(system="another", blind_share=NONE)
    elsewhere = bench.tell(decide(asked=asked(system="another"), outcome=outcome(case=CASE))).receipt
    share(bench, EVERY)
    drawn = propose(bench, case=CASE)
    assert (shows(bench, other), shows(bench, elsewhere), shows(bench, drawn)) == (True, True, False)


def test_a_proposal_that_comes_while_the_judged_one_waits_needs_no_judgement_of_its_own(bench: Bench) -> None:
    """A request sent twice does not shut the officer out who has the case open."""
    share(bench, EVERY)
    first = propose(bench, case=CASE)
    judge(bench, first)
    assert shows(bench, first)
    second = propose(bench, case=CASE)
    assert bench.last().blind
    assert (shows(bench, first), shows(bench, second)) == (True, True)
    review(bench, first)
    third = propose(bench, case=CASE)
    assert [shows(bench, receipt) for receipt in (first, second, third)] == [False] * 3, "the case is decided: this is to be judged anew"


def test_a_case_that_is_proposed_again_after_its_decision_is_judged_anew_and_by_the_same_officer(bench: Bench) -> None:
    share(bench, EVERY)
    before = propose(bench, case=CASE)
    judge(bench, before)
    decided = review(bench, before).receipt.rid
    earlier = bench.open_case(before.rid).opened
    again = propose(bench, case=CASE)
    assert not shows(bench, before)
    refused = judge(bench, before)
    assert (code_of(refused), "This proposal does not wait" in refused.refusal.reasons[0].sentence.en) == (RefusalCode.NOT_BLIND, True)
    assert code_of(reconsider(bench, before, decided)) is RefusalCode.BLIND_FIRST
    assert isinstance(bench.order(reconsideration_of(before, earlier, decided)), m.Done), "who opened it before goes on"
    assert isinstance(judge(bench, again), m.Done)
    assert (shows(bench, before), shows(bench, again)) == (True, True)


@pytest.mark.parametrize("purpose", ["review", "audit"])
def test_whoever_has_seen_what_the_waiting_twin_proposed_does_not_judge_the_case(bench: Bench, purpose: str) -> None:
    share(bench, NONE)
    plain = propose(bench, case=CASE)
    if purpose == "audit":
        bench.engine.checkpoint()
        assert isinstance(bench.order(m.OpenBundle(id=1, rid=plain.rid, actor=OFFICER, purpose=purpose)), m.Bundled)
    else:
        assert shows(bench, plain)
    share(bench, EVERY)
    drawn = propose(bench, case=CASE)
    for receipt in (plain, drawn):
        answer = judge(bench, receipt)
        assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.OPENING_MISSING, "actor")
    assert isinstance(judge(bench, drawn, actor=SECOND), m.Done)
    assert isinstance(review(bench, plain), m.Done)


def test_whoever_has_seen_a_decided_twin_on_the_persons_behalf_since_does_not_judge_the_case(bench: Bench) -> None:
    share(bench, NONE)
    before = propose(bench, case=CASE)
    review(bench, before)
    share(bench, EVERY)
    drawn = propose(bench, case=CASE)
    assert shows(bench, before, purpose="extract")
    assert code_of(judge(bench, drawn)) is RefusalCode.OPENING_MISSING
    assert isinstance(judge(bench, drawn, actor=SECOND), m.Done)


def test_advice_on_the_same_case_and_a_part_of_an_answer_hold_back_too(bench: Bench) -> None:
    share(bench, EVERY, modes=frozenset({Mode.ADVICE, Mode.SUPPORT}))
    advice = bench.tell(decide(asked=asked(mode=Mode.ADVICE), outcome=outcome(case=CASE))).receipt
    cleared = bench.tell(m.Clear(id=number(), key=KEY, asked=asked()))
    part = m.Release(id=number(), key=KEY, system=SYSTEM, clearance=cleared.clearance, part=1, text="approve", request={"q": 1}, case=CASE)
    released = bench.tell(part).receipt
    assert shows(bench, advice)
    assert not bench.open_case(released.rid).blind
    propose(bench, case=CASE)
    assert not shows(bench, advice)
    assert bench.open_case(released.rid).blind


# ----------------------------------------------------------------------------------------- what is gone, and what was before Insyn


def test_when_the_drawn_twin_is_erased_or_not_used_the_other_is_shown(bench: Bench) -> None:
    for ended in ("erased", "not used"):
        share(bench, NONE)
        plain = propose(bench, case=f"{CASE} {ended}")
        share(bench, EVERY)
        drawn = propose(bench, case=f"{CASE} {ended}")
        assert not shows(bench, plain)
        if ended == "erased":
            bench.order(m.Erase(id=number(), rid=drawn.rid, basis="GDPR 17.1 a", actor=ADMIN))
        else:
            bench.tell(m.NotUsed(id=number(), key=KEY, system=SYSTEM, rid=drawn.rid))
        assert shows(bench, plain)
    assert findings(bench) == []


def test_when_the_other_is_erased_the_drawn_one_is_judged_as_any(twins: tuple[Bench, m.Receipt, m.Receipt]) -> None:
    bench, plain, drawn = twins
    bench.order(m.Erase(id=number(), rid=plain.rid, basis="GDPR 17.1 a", actor=ADMIN))
    assert code_of(bench.order(judgement_of(plain, "0" * 32))) is RefusalCode.RECORD_ERASED
    assert not shows(bench, drawn)
    assert isinstance(judge(bench, drawn), m.Done)
    assert shows(bench, drawn)
    assert findings(bench) == []


def test_what_was_decided_before_insyn_is_neither_drawn_nor_held_back(bench: Bench) -> None:
    share(bench, EVERY)
    old = m.Historical(id=number(), key=KEY, system=SYSTEM, case=CASE, outcome="deny", decided="2024")
    told = bench.tell(old).receipt
    assert not bench.last().blind
    drawn = propose(bench, case=CASE)
    opened = bench.open_case(told.rid)
    assert (opened.blind, opened.groups["output"]["outcome"]) == (False, "deny")
    assert not shows(bench, drawn)
    assert isinstance(judge(bench, drawn), m.Done), "an earlier decision is part of the case"
    assert findings(bench) == []


def test_it_holds_back_when_the_store_is_opened_anew(twins: tuple[Bench, m.Receipt, m.Receipt], clock: FakeClock, town: Town) -> None:
    bench, plain, drawn = twins
    bench.town.close_store()
    after = town.engine(clock)
    assert not shows(after, plain)
    assert isinstance(judge(after, drawn), m.Done)
    assert shows(after, plain)


# -------------------------------------------------------------------------------------------- fields that may tell what was proposed


def grant(*names: str) -> tuple[PurposeGrant, ...]:
    (whole,) = a_permit().purposes
    return (msgspec.structs.replace(whole, fields=tuple(FieldGrant(name, whole.categories) for name in names)),)


TOLD = {"income": 4200, "debt": 0.3, "score": 0.75, "applicant": {"age": 44, "recommendation": "approve"}}


@pytest.mark.parametrize(
    ("named", "shown", "kept_back"),
    [
        ({"purposes": grant("income", "debt", "applicant.age")}, {"income": 4200, "debt": 0.3, "applicant": {"age": 44}}, 2),
        ({"unchangeable": frozenset({"income"}), "changeable": frozenset({"debt"})}, {"income": 4200, "debt": 0.3}, 2),
        ({"purposes": grant("income", "debt", "score", "applicant")}, TOLD, 0),
        ({"purposes": grant("something_else", "applicant.name")}, TOLD, 0),
        ({}, TOLD, 0),
    ],
)
def test_a_field_that_the_register_does_not_name_is_shown_after_the_judgement(
    bench: Bench, named: dict[str, Any], shown: dict[str, Any], kept_back: int
) -> None:
    share(bench, EVERY, **named)
    receipt = propose(bench, case=CASE, payload=TOLD)
    opened = bench.open_case(receipt.rid)
    assert (opened.groups["input"], opened.kept_back) == (shown, kept_back)
    assert ("input" in opened.salts) is (kept_back == 0), "what is not whole is checked against no commitment"
    assert bench.open_case(receipt.rid, purpose="own_case").groups["input"] == TOLD
    assert isinstance(judge(bench, receipt, actor=SECOND), m.Done)
    after = bench.open_case(receipt.rid)
    assert (after.groups["input"], after.kept_back, "input" in after.salts) == (TOLD, 0, True)
