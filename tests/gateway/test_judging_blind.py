"""A drawn share of the proposals is judged by a person before anybody is shown what the system proposed."""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, CASE_GROUPS, KEY, OFFICER, SYSTEM, Bench, FakeClock, asked, decide, number, outcome
from review_kit import NEVER_HOLDS, code_of, judge, judgement_of, propose, review, review_of, sealed_review

from insyn.core import messages as m
from insyn.core.permit import Reviewer
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, Mode
from insyn.evidence.affected import Sought, count_affected
from insyn.evidence.check import check

SECOND = m.Actor(person="p-second", name="Sigrid Granskare", role="case_officer")


@pytest.fixture
def blind(bench: Bench) -> Bench:
    """Every proposal is drawn."""
    bench.permit(blind_share=1000, reviewers=(Reviewer(OFFICER.person, "2099-12-31"), Reviewer(SECOND.person, "2099-12-31")))
    return bench


def test_the_draw_takes_about_the_declared_share_and_says_so_in_the_entry(bench: Bench) -> None:
    bench.permit(blind_share=250)
    cases = {propose(bench, case=f"DR-{number}").rid: f"DR-{number}" for number in range(400)}
    heads, keys = {head.rid: head for head in bench.heads()}, bench.engine.books.store.keys
    drawn = [case for rid, case in cases.items() if heads[rid].blind]
    assert 55 < len(drawn) < 145, "a quarter of 400, within five standard errors"
    assert drawn == [case for case in cases.values() if keys.is_drawn(keys.drawn_by(SYSTEM, "", case=case, subject=""), 250)]


def test_no_share_and_what_waits_for_nobody_are_never_drawn(bench: Bench) -> None:
    propose(bench)
    assert not bench.last().blind
    assert b"blind" not in bench.engine.books.store.entry(bench.engine.books.store.size - 1)
    bench.permit(blind_share=1000, modes=frozenset({Mode.ADVICE}))
    bench.tell(decide(asked=asked(mode=Mode.ADVICE)))
    assert not bench.last().blind


def test_of_a_drawn_case_the_material_is_shown_and_the_proposal_is_not(blind: Bench) -> None:
    receipt = propose(blind)
    opened = blind.open_case(receipt.rid)
    assert (sorted(opened.groups), opened.blind) == (["case", "input"], True)
    assert "approve" not in msgspec.json.encode(opened).decode()
    (item,) = blind.order(m.Waiting(id=1, system=SYSTEM)).items
    assert (item.blind, item.outcome, item.rid) == (True, "", receipt.rid)
    bundle = m.OpenBundle(id=1, rid=receipt.rid, actor=ADMIN, purpose="audit")
    assert code_of(blind.order(bundle)) is RefusalCode.BLIND_FIRST
    for purpose in ("own_case", "extract"):
        own = blind.open_case(receipt.rid, purpose=purpose)
        assert (own.groups["output"]["outcome"], own.blind) == ("approve", False)


def test_the_judgement_stands_in_the_log_before_the_proposal_is_shown(blind: Bench) -> None:
    receipt = propose(blind)
    opening = blind.open_case(receipt.rid).opened
    assert code_of(blind.order(review_of(receipt, opening))) is RefusalCode.BLIND_FIRST
    done = blind.order(judgement_of(receipt, opening))
    head = blind.last()
    assert (head.kind, head.about, head.verdict, head.rid) == ("blind_judgement", receipt.rid, "", done.receipt.rid)
    sealed = sealed_review(blind, done.receipt.rid)
    assert (sealed["outcome"], sealed["reasons"], sealed["actor"]["person"], sealed["opened"]) == (
        "deny", "Too many debts.", OFFICER.person, opening,
    )  # fmt: skip
    shown = blind.open_case(receipt.rid)
    assert (shown.groups["output"]["outcome"], shown.blind, shown.followers[-1]) == (
        "approve", False, (done.receipt.rid, "blind_judgement"),
    )  # fmt: skip
    (item,) = blind.order(m.Waiting(id=1, system=SYSTEM)).items
    assert (item.blind, item.outcome) == (False, "approve")


def test_the_fact_of_a_judgement_is_about_the_proposals_and_is_no_review(blind: Bench) -> None:
    receipt = propose(blind)
    judge(blind, receipt)
    review(blind, receipt)
    facts = {fact.stage: fact for fact in blind.engine.books.store.facts()}
    assert {stage: fact.outcome for stage, fact in facts.items()} == {"proposal": "approve", "blind": "deny", "review": "deny"}
    assert facts["blind"].about == facts["review"].about == facts["proposal"].fact_id
    assert facts["blind"].groups == {}


def test_one_may_judge_and_another_decide(blind: Bench) -> None:
    receipt = propose(blind)
    assert isinstance(judge(blind, receipt, actor=SECOND), m.Done)
    assert isinstance(review(blind, receipt), m.Done)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        *NEVER_HOLDS,
        (RefusalCode.PROPOSAL_CHANGED, {"proposal": "0" * 64}),
        (RefusalCode.OPENING_MISSING, {"opened": "0" * 32}),
        (RefusalCode.OPENING_MISSING, {"actor": SECOND}),
    ],
)
def test_a_judgement_that_does_not_hold_is_refused(blind: Bench, code: RefusalCode, changes: dict[str, Any]) -> None:
    receipt = propose(blind)
    opening = blind.open_case(receipt.rid).opened
    assert code_of(blind.order(judgement_of(receipt, changes.pop("opened", opening), **changes))) is code
    assert isinstance(blind.order(judgement_of(receipt, opening)), m.Done)


def test_a_case_is_judged_once_and_only_while_it_waits(blind: Bench) -> None:
    receipt = propose(blind)
    judge(blind, receipt)
    assert code_of(judge(blind, receipt, actor=SECOND)) is RefusalCode.NOT_BLIND
    review(blind, receipt)
    assert code_of(judge(blind, receipt)) is RefusalCode.NOT_BLIND
    dropped = propose(blind)
    blind.tell(m.NotUsed(id=number(), key=decide().key, system=SYSTEM, rid=dropped.rid))
    assert code_of(judge(blind, dropped)) is RefusalCode.NOT_BLIND
    assert blind.open_case(dropped.rid).groups["output"]["outcome"] == "approve"


def test_a_case_that_was_not_drawn_is_not_judged_blind(bench: Bench) -> None:
    assert code_of(judge(bench, propose(bench))) is RefusalCode.NOT_BLIND


def test_whoever_has_seen_the_proposal_on_the_persons_behalf_does_not_judge_blind(blind: Bench) -> None:
    receipt = propose(blind)
    seen = blind.open_case(receipt.rid, purpose="own_case").opened
    assert code_of(blind.order(judgement_of(receipt, seen))) is RefusalCode.OPENING_MISSING
    answer = judge(blind, receipt)
    assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.OPENING_MISSING, "actor"), (
        "nor by opening it blind afterwards"
    )
    assert isinstance(judge(blind, receipt, actor=SECOND), m.Done)


def test_whoever_judged_blind_decides_only_after_the_proposal_was_shown(blind: Bench) -> None:
    receipt = propose(blind)
    opening = blind.open_case(receipt.rid).opened
    blind.order(judgement_of(receipt, opening))
    assert code_of(blind.order(review_of(receipt, opening))) is RefusalCode.OPENING_MISSING
    assert isinstance(review(blind, receipt), m.Done)


def test_a_part_of_the_answer_that_left_early_does_not_tell_the_proposal(blind: Bench) -> None:
    cleared = blind.tell(m.Clear(id=number(), key=KEY, asked=asked()))
    part = m.Release(
        id=number(), key=KEY, system=SYSTEM, clearance=cleared.clearance, part=1, text="approve", request={"q": 1}, case="LN-7"
    )
    released = blind.tell(part)
    recorded = blind.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))
    opened = blind.open_case(released.receipt.rid)
    assert (sorted(opened.groups), opened.blind) == (["case", "input"], True)
    assert isinstance(judge(blind, recorded.receipt), m.Done)
    assert blind.open_case(released.receipt.rid).groups["output"]["text"] == "approve"


def test_a_case_from_before_a_stop_is_still_judged_and_an_erased_one_is_not(blind: Bench) -> None:
    receipt, erased = propose(blind), propose(blind)
    opening = blind.open_case(erased.rid).opened
    blind.order(m.Erase(id=1, rid=erased.rid, basis="GDPR 17.1 a", actor=ADMIN))
    assert code_of(blind.order(judgement_of(erased, opening))) is RefusalCode.RECORD_ERASED
    blind.stop()
    assert isinstance(judge(blind, receipt), m.Done)


def test_the_draw_holds_after_the_share_has_changed_and_the_store_is_opened_anew(blind: Bench, clock: FakeClock) -> None:
    receipt = propose(blind)
    blind.permit(blind_share=0)
    blind.town.close_store()
    after = blind.town.engine(clock)
    assert after.open_case(receipt.rid).blind
    assert isinstance(judge(after, receipt), m.Done)
    assert not after.open_case(receipt.rid).blind


# ------------------------------------------------------------------------------------------------------------ the draw, redone


def findings(bench: Bench) -> list[str]:
    report = check(bench.town.home.evidence, bench.town.root_key, bench.town.signer.vkey)
    return [str(finding) for finding in report.findings]


def test_check_redoes_the_draw_and_finds_it_right(bench: Bench) -> None:
    for share in (0, 300, 1000):
        bench.permit(blind_share=share)
        for _ in range(10):
            propose(bench)
    judge(bench, propose(bench))
    bench.engine.checkpoint()
    assert findings(bench) == []


def test_check_finds_a_case_that_was_kept_from_the_draw(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sequencer that leaves out the cases of its choice: one that was drawn and is not marked, and one that was marked by hand."""
    bench.permit(blind_share=1000)
    keys = bench.engine.books.store.keys
    with monkeypatch.context() as patched:
        patched.setattr(keys, "is_drawn", lambda rid, share: False)
        kept_away = propose(bench)
    bench.permit(blind_share=1)
    with monkeypatch.context() as patched:
        patched.setattr(keys, "is_drawn", lambda rid, share: True)
        chosen = propose(bench)
    bench.engine.checkpoint()
    told = findings(bench)
    assert f"entry {kept_away.index}: was drawn to be judged blind, and is not marked" in told
    assert f"entry {chosen.index}: is marked to be judged blind, and was not drawn" in told
    assert len(told) == 2


def test_check_finds_a_share_that_is_not_the_permits(bench: Bench) -> None:
    bench.permit(blind_share=1000)
    whole = bench.engine.books.state.permits[SYSTEM]
    bench.engine.books.state.permits[SYSTEM] = msgspec.structs.replace(whole, blind_share=0)
    receipt = propose(bench)
    bench.engine.checkpoint()
    assert findings(bench) == [f"payload {receipt.index}: was drawn at 0 of a thousand, its permit says 1000"]


def test_the_outcome_of_a_drawn_case_is_not_found_through_the_waiting_rows_of_others(blind: Bench) -> None:
    """A queue of both kinds: those judged show their outcome, the others do not."""
    first, second = propose(blind), propose(blind)
    judge(blind, first)
    items = {item.rid: item for item in blind.order(m.Waiting(id=1, system=SYSTEM)).items}
    assert (items[first.rid].outcome, items[second.rid].outcome) == ("approve", "")


def test_the_outcome_of_a_drawn_case_is_not_found_by_counting_what_an_error_touched(blind: Bench) -> None:
    receipt = propose(blind)
    day = date.fromisoformat(receipt.day)

    def waiting() -> list[int]:
        sought = (Sought(system=SYSTEM, first=day, last=day, outcome=outcome) for outcome in ("approve", "deny"))
        return [count_affected(blind.engine.books.store.connection, one).waiting for one in sought]

    assert waiting() == [1, 1]
    judge(blind, receipt)
    assert waiting() == [1, 0]


def test_old_records_without_a_share_are_read_as_they_were(bench: Bench) -> None:
    """A store from before there was any draw: its rows hold no share, and nothing is found wrong with them."""
    receipt = propose(bench)
    bench.engine.checkpoint()
    assert findings(bench) == []
    with sqlite3.connect(bench.town.home.evidence / "evidence.sqlite") as rows:
        data = rows.execute("SELECT bytes FROM entry WHERE idx = ?", (receipt.index,)).fetchone()[0]
    assert b'"blind"' not in data
    opened = bench.order(m.Open(id=1, rid=receipt.rid, groups=CASE_GROUPS, actor=OFFICER, purpose="review"))
    assert DisclosureGroup.OUTPUT in opened.groups
    assert outcome().outcome == opened.groups["output"]["outcome"]


def test_whoever_has_read_a_part_that_left_before_the_whole_judges_nothing_blind(blind: Bench) -> None:
    """Also where the part names no case."""
    cleared = blind.tell(m.Clear(id=number(), key=KEY, asked=asked()))
    part = blind.tell(
        m.Release(id=number(), key=KEY, system=SYSTEM, clearance=cleared.clearance, part=1, text="approve", request={"income": 4200})
    )
    assert "output" in blind.open_case(part.receipt.rid).groups
    recorded = blind.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))
    answer = judge(blind, recorded.receipt)
    assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.OPENING_MISSING, "actor")
    assert isinstance(judge(blind, recorded.receipt, actor=SECOND), m.Done)
