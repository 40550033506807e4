"""A person decides only on what that person has opened, not long ago; and a person whose results are held is shown to nobody else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from gateway_kit import ADMIN, CASE_GROUPS, OFFICER, SYSTEM, Bench, FakeClock, Town, decide, number, outcome
from review_kit import code_of, propose, review, review_of, sealed_review

from insyn.core import messages as m
from insyn.core.permit import Reviewer
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, NoticeChannel, ReviewVerdict
from insyn.sdk.control import ControlClient

HOURS = 3600.0
SECOND = m.Actor(person="p-second", name="Sigrid Granskare", role="case_officer")
TOLD = m.NoticeGiven(channel=NoticeChannel.CALL, step="the telephone call", words="An AI made a proposal.")


def test_an_opening_is_answered_with_the_id_of_its_entry(bench: Bench) -> None:
    receipt = propose(bench)
    opened = bench.open_case(receipt.rid)
    head = bench.last()
    assert (head.rid, head.kind, head.about, opened.blind) == (opened.opened, "opened", receipt.rid, False)
    again = bench.open_case(receipt.rid)
    assert again.followers == ((opened.opened, "opened"),), "the opening itself is not among what came before it"


def test_a_decision_without_an_opening_is_refused(bench: Bench) -> None:
    receipt, another = propose(bench), propose(bench)
    bench.permit(reviewers=(Reviewer(OFFICER.person, "2099-12-31"), Reviewer(SECOND.person, "2099-12-31")))
    by_another = bench.open_case(receipt.rid, actor=SECOND).opened
    of_another = bench.open_case(another.rid).opened
    nothing_seen = bench.order(m.Open(id=number(), rid=receipt.rid, groups=(), actor=OFFICER, purpose="review")).opened
    number_only = bench.order(m.Open(id=number(), rid=receipt.rid, groups=(DisclosureGroup.CASE,), actor=OFFICER, purpose="review")).opened
    input_only = bench.order(m.Open(id=number(), rid=receipt.rid, groups=(DisclosureGroup.INPUT,), actor=OFFICER, purpose="review")).opened
    for opened in (msgspec.UNSET, "0" * 32, receipt.rid, by_another, of_another, nothing_seen, number_only, input_only):
        answer = bench.order(review_of(receipt, opened))
        assert code_of(answer) is RefusalCode.OPENING_MISSING
        assert answer.refusal.reasons[0].place == "opened"
    assert bench.order(m.Waiting(id=1, system=SYSTEM)).total == 2
    assert isinstance(bench.order(review_of(receipt, by_another, actor=SECOND)), m.Done)


def test_an_opening_counts_for_twelve_hours(bench: Bench, clock: FakeClock) -> None:
    first, second = propose(bench), propose(bench)
    opened = [bench.open_case(receipt.rid).opened for receipt in (first, second)]
    clock.pass_time(12 * HOURS)
    assert isinstance(bench.order(review_of(first, opened[0])), m.Done)
    clock.pass_time(1.0)
    assert code_of(bench.order(review_of(second, opened[1]))) is RefusalCode.OPENING_MISSING
    assert isinstance(review(bench, second), m.Done)


def test_an_opening_still_counts_after_a_restart(bench: Bench, clock: FakeClock) -> None:
    receipt = propose(bench)
    opened = bench.open_case(receipt.rid).opened
    bench.town.close_store()
    assert isinstance(bench.town.engine(clock).order(review_of(receipt, opened)), m.Done)


def test_letter_and_notice_are_sealed_with_the_decision(bench: Bench) -> None:
    done = review(bench, propose(bench), notice=TOLD, letter="## Beslut\n\nDu får inte lånet.")
    sealed = sealed_review(bench, done.receipt.rid)
    assert (sealed["letter"], sealed["notice"]) == ("## Beslut\n\nDu får inte lånet.", msgspec.to_builtins(TOLD))
    assert sealed["opened"] == bench.heads()[-2].rid
    entry = bench.engine.books.store.entry(done.receipt.index)
    assert b"Beslut" not in entry
    assert b"telephone" not in entry


@pytest.mark.parametrize(("in_record", "given", "due"), [("", None, True), (" ", msgspec.structs.replace(TOLD, step=" "), True)])
def test_a_due_notice_without_a_trace_keeps_the_case_open(bench: Bench, in_record: str, given: Any, due: bool) -> None:
    bench.permit(notice_due=False)
    receipt = propose(bench, notice=in_record)
    bench.permit(notice_due=due)
    answer = review(bench, receipt, notice=given)
    assert (code_of(answer), answer.refusal.reasons[0].place) == (RefusalCode.NOTICE_MISSING, "notice")
    assert isinstance(review(bench, receipt, notice=TOLD), m.Done)


@pytest.mark.parametrize("channel", list(NoticeChannel))
def test_each_way_of_telling_closes_the_case_and_an_empty_trace_of_it_does_not(bench: Bench, channel: NoticeChannel) -> None:
    bench.permit(notice_due=False)
    receipt = propose(bench, notice="\u200b")
    bench.permit(notice_due=True)
    empty = m.NoticeGiven(channel=channel, step="\u200b.")
    assert code_of(review(bench, receipt, notice=empty)) is RefusalCode.NOTICE_MISSING
    done = review(bench, receipt, notice=msgspec.structs.replace(empty, step="In the step"))
    assert sealed_review(bench, done.receipt.rid)["notice"]["channel"] == channel.value


def test_a_notice_that_is_not_due_or_stands_in_the_record_is_not_asked_for_again(bench: Bench) -> None:
    assert isinstance(review(bench, propose(bench)), m.Done)
    bench.permit(notice_due=False)
    assert isinstance(review(bench, propose(bench, notice="")), m.Done)


@pytest.mark.parametrize(
    "long",
    [{"letter": "a" * 20_001}, {"reasons": "a" * 10_001}, {"notice": msgspec.structs.replace(TOLD, words="a" * 2_001)}],
)
def test_what_is_too_long_is_refused_before_anything_is_kept(served: Town, long: dict[str, Any]) -> None:
    guard, control = served.guard(), served.control()
    receipt = guard.decide(outcome()).receipt
    opened = _open(control, receipt.rid)
    answer = control.ask(review_of(receipt, opened, **long))
    assert code_of(answer) is RefusalCode.INVALID_REQUEST
    whole = {"letter": "å" * 20_000, "reasons": "å" * 10_000, "notice": msgspec.structs.replace(TOLD, words="å" * 2_000)}
    assert isinstance(control.ask(review_of(receipt, opened, **whole)), m.Done)
    control.close()
    guard.close()


def _open(control: ControlClient, rid: str) -> str:
    opened = control.ask(m.Open(id=number(), rid=rid, groups=CASE_GROUPS, actor=OFFICER, purpose="review"))
    assert isinstance(opened, m.Opened), opened
    return opened.opened


# ------------------------------------------------------------------------------------------------------- results that are held


def test_held_results_are_shown_to_the_person_and_to_nobody_else(bench: Bench) -> None:
    receipt = propose(bench, case="PA-1")
    bench.permit(held=True)
    size = bench.engine.books.store.size
    asks = (
        m.Open(id=1, rid=receipt.rid, groups=CASE_GROUPS, actor=ADMIN, purpose="review"),
        m.FindCase(id=1, system=SYSTEM, case="PA-1", actor=ADMIN, purpose="a letter"),
        m.OpenBundle(id=1, rid=receipt.rid, actor=ADMIN, purpose="audit"),
        m.Waiting(id=1, system=SYSTEM),
    )
    for ask in asks:
        assert code_of(bench.order(ask)) is RefusalCode.EMPLOYEE_RESULTS_HELD
    assert bench.engine.books.store.size == size
    for purpose in ("own_case", "extract"):
        assert bench.open_case(receipt.rid, purpose=purpose).groups["output"]["outcome"] == "approve"
    bare = bench.order(m.Open(id=1, rid=receipt.rid, groups=(), actor=ADMIN, purpose="erasure"))
    assert (bare.groups, bare.leaf) == ({}, receipt.leaf), "that it is there may be known, for whoever answers a request to erase it"
    assert isinstance(bench.tell(decide()), m.Recorded), "what the system may do is for the gates, not for this"
    bench.permit(held=False)
    assert isinstance(bench.open_case(receipt.rid), m.Opened)


def test_a_decision_that_was_held_back_is_made_when_the_hold_ends(bench: Bench) -> None:
    receipt = propose(bench)
    bench.permit(held=True)
    assert code_of(bench.open_case(receipt.rid)) is RefusalCode.EMPLOYEE_RESULTS_HELD
    bench.permit()
    assert isinstance(review(bench, receipt, verdict=ReviewVerdict.ACCEPTED, outcome="approve"), m.Done)


def test_a_step_of_the_clock_that_closes_nothing_takes_no_opening_away(bench: Bench, clock: FakeClock) -> None:
    receipt = propose(bench)
    opened = bench.open_case(receipt.rid).opened
    clock.set_wall(-2.0)
    assert isinstance(bench.order(review_of(receipt, opened)), m.Done)
