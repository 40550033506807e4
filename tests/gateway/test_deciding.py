"""Callers ask, and each answer stands in the log before it is given."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from gateway_kit import KEY, Bench, FakeClock, Town, a_permit, asked, decide, number, outcome

from insyn.core import messages as m
from insyn.core.permit import End
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, Mode

IDEM = "once-and-only-once"


def clear(**changes: Any) -> m.Clear:
    return m.Clear(id=number(), key=KEY, asked=asked(**changes))


def record(clearance: str, **changes: Any) -> m.Record:
    return msgspec.structs.replace(m.Record(id=number(), key=KEY, clearance=clearance, outcome=outcome()), **changes)


def code_of(answer: Any) -> RefusalCode:
    assert isinstance(answer, m.Denied), answer
    return answer.refusal.code


def test_a_decision_stands_in_the_log_with_its_sealed_groups_and_facts(bench: Bench) -> None:
    answer = bench.tell(decide())
    head = bench.last()
    assert isinstance(answer, m.Recorded)
    assert (answer.stage, answer.epoch, answer.max_age_ms) == ("proposal", 1, 2000)
    assert (head.kind, head.system, head.version, head.verdict, head.rid) == ("decision", "lanestod", "1.0", "proposal", answer.receipt.rid)
    assert head.day == "2026-11-20"
    assert set(head.c) == {"input", "output", "factors", "case"}
    store = bench.engine.books.store
    opened = store.open_groups(answer.receipt.rid)
    assert msgspec.json.decode(opened.groups["input"]) == {"income": 4200, "debt": 0.3}
    assert msgspec.json.decode(opened.groups["case"])["at"] == "2026-11-20T12:00:00.000Z"
    (fact,) = store.facts()
    assert (fact.month, fact.stage, fact.outcome, fact.score_bin, fact.groups) == ("2026-11", "proposal", "approve", 7, {"sex": "female"})
    assert store.waiting("lanestod", 10)[1] == 1


def test_no_personal_words_of_a_decision_are_public(bench: Bench) -> None:
    marks = ["MARKCASE", "MARKSUBJECT", "MARKPAYLOAD", "MARKNOTICE", "MARKOUTCOME", "MARKGROUP"]
    told = outcome(
        case=marks[0],
        subject=marks[1],
        payload={"income": marks[2], "debt": 1},
        factors=(m.Factor("income", marks[2], 0.35), m.Factor("debt", 1, -0.1)),
        notice=marks[3],
        outcome=marks[4],
        groups={"sex": marks[5]},
    )
    assert isinstance(bench.tell(decide(outcome=told)), m.Recorded)
    assert code_of(bench.tell(decide(asked=asked(version="MARKVERSION")))) is RefusalCode.VERSION_NOT_ALLOWED
    public = b"".join(data for _, data in bench.engine.books.store.entries(0, 100))
    assert [mark for mark in [*marks, "MARKVERSION"] if mark.encode() in public] == []


def test_a_refusal_of_a_known_system_is_logged_with_its_code(bench: Bench) -> None:
    answer = bench.tell(decide(asked=asked(purpose="train")))
    assert code_of(answer) is RefusalCode.OUTSIDE_PURPOSE
    head = bench.last()
    assert (head.kind, head.code, head.version, head.epoch, head.rid) == ("refusal", "outside_purpose", "1.0", 1, answer.receipt.rid)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (RefusalCode.UNKNOWN_SYSTEM, decide(asked=asked(system="nobody"))),
        (RefusalCode.CLIENT_UNKNOWN, decide(key="some-other-key-here")),
        (RefusalCode.CLEARANCE_UNKNOWN, record("0" * 32)),
    ],
)
def test_who_is_not_known_is_counted_and_not_logged(bench: Bench, code: RefusalCode, message: m.Decide) -> None:
    size = bench.engine.books.store.size
    assert code_of(bench.tell(message)) is code
    assert bench.engine.books.store.size == size
    pong = bench.tell(m.Ping(id=1))
    assert pong.counters[f"refused.{code}"] == 1


def test_a_clearance_decides_nothing_and_a_record_under_it_does(bench: Bench) -> None:
    cleared = bench.tell(clear())
    assert (bench.last().kind, bench.last().verdict) == ("clearance", "cleared")
    assert cleared.human_review
    assert cleared.notice_due
    recorded = bench.tell(record(cleared.clearance))
    assert isinstance(recorded, m.Recorded)
    assert bench.last().about == cleared.clearance


def test_a_clearance_serves_once(bench: Bench) -> None:
    cleared = bench.tell(clear())
    assert isinstance(bench.tell(record(cleared.clearance)), m.Recorded)
    assert code_of(bench.tell(record(cleared.clearance))) is RefusalCode.CLEARANCE_UNKNOWN


def test_an_outcome_that_was_refused_leaves_the_clearance_for_a_better_one(bench: Bench) -> None:
    cleared = bench.tell(clear())
    assert code_of(bench.tell(record(cleared.clearance, outcome=outcome(notice="")))) is RefusalCode.NOTICE_MISSING
    assert isinstance(bench.tell(record(cleared.clearance)), m.Recorded)


def test_a_clearance_expires(bench: Bench, clock: FakeClock) -> None:
    cleared = bench.tell(clear())
    clock.pass_time(15 * 60)
    assert code_of(bench.tell(record(cleared.clearance))) is RefusalCode.CLEARANCE_UNKNOWN
    bench.engine.tick()
    assert len(bench.engine.books.state.clearances) == 0


def test_a_clearance_of_an_older_permit_is_superseded(bench: Bench) -> None:
    cleared = bench.tell(clear())
    bench.permit()
    assert code_of(bench.tell(record(cleared.clearance))) is RefusalCode.CLEARANCE_SUPERSEDED


def test_a_stop_between_clearance_and_record_refuses_the_record(bench: Bench) -> None:
    cleared = bench.tell(clear())
    bench.stop()
    assert code_of(bench.tell(record(cleared.clearance))) is RefusalCode.STOPPED


def test_a_clearance_from_before_a_stop_is_worth_nothing_after_the_resume(bench: Bench) -> None:
    cleared = bench.tell(clear())
    lifted = bench.order(bench.town.act(resume_of=bench.stop().index))
    assert isinstance(lifted, m.Done), lifted
    assert code_of(bench.tell(record(cleared.clearance))) is RefusalCode.CLEARANCE_UNKNOWN
    assert isinstance(bench.tell(record(bench.tell(clear()).clearance)), m.Recorded)


def test_another_clients_clearance_is_unknown(bench: Bench) -> None:
    cleared = bench.tell(clear())
    assert code_of(bench.tell(record(cleared.clearance, key="some-other-key-here"))) is RefusalCode.CLEARANCE_UNKNOWN


def test_a_permit_ends_by_itself_when_its_last_day_has_passed(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    bench.permit(ends=(End("2026-11-20", RefusalCode.OVERDUE_EVALUATION, "evaluation"),))
    assert isinstance(bench.tell(decide()), m.Recorded)
    clock.pass_time(11 * 3600)  # 23:00 UTC is the next day in Stockholm
    assert code_of(bench.tell(decide())) is RefusalCode.OVERDUE_EVALUATION


def test_a_repeated_key_gets_its_old_receipt_once_logged(bench: Bench) -> None:
    told = decide(idempotency=IDEM)
    first = bench.tell(told)
    size = bench.engine.books.store.size
    again = bench.tell(msgspec.structs.replace(told, id=number()))
    assert again.replayed
    assert again.receipt == first.receipt
    assert bench.engine.books.store.size == size


def test_a_repeated_key_with_another_body_is_a_conflict(bench: Bench) -> None:
    bench.tell(decide(idempotency=IDEM))
    assert code_of(bench.tell(decide(idempotency=IDEM))) is RefusalCode.IDEMPOTENCY_CONFLICT


def test_a_repeated_key_after_a_stop_is_refused_and_keeps_its_old_receipt(bench: Bench) -> None:
    told = decide(idempotency=IDEM)
    first = bench.tell(told)
    bench.stop()
    again = bench.tell(told)
    assert code_of(again) is RefusalCode.STOPPED
    assert again.receipt == first.receipt
    assert (bench.last().kind, bench.last().about) == ("refusal", first.receipt.rid)


def test_a_repeated_key_within_one_chunk_is_answered_once(bench: Bench) -> None:
    told = decide(idempotency=IDEM)
    answers: list[m.Answer] = []
    bench.engine.ask(told, answers.append)
    bench.engine.ask(told, answers.append)
    bench.engine.turn()
    assert [getattr(answer, "replayed", None) for answer in answers] == [False, True]


def test_a_repeated_record_finds_its_receipt_after_the_clearance_is_used_and_lost(bench: Bench, town: Town, clock: FakeClock) -> None:
    cleared = bench.tell(clear())
    told = record(cleared.clearance, idempotency=IDEM)
    first = bench.tell(told)
    assert bench.tell(told).receipt == first.receipt
    town.close_store()
    after = town.engine(clock)
    again = after.tell(told)
    assert again.replayed
    assert again.receipt == first.receipt


def test_an_answer_that_was_not_used_cannot_be_used_by_repeating_its_key(bench: Bench) -> None:
    told = decide(idempotency=IDEM)
    first = bench.tell(told)
    assert isinstance(bench.tell(m.NotUsed(id=1, key=KEY, system="lanestod", rid=first.receipt.rid)), m.Done)
    assert (bench.last().kind, bench.last().about) == ("not_used", first.receipt.rid)
    assert bench.engine.books.store.waiting("lanestod", 10)[1] == 0
    again = bench.tell(told)
    assert code_of(again) is RefusalCode.ANSWER_TOO_OLD
    assert again.receipt == first.receipt


def test_not_used_is_said_only_of_ones_own_decisions(bench: Bench) -> None:
    assert code_of(bench.tell(m.NotUsed(id=1, key=KEY, system="lanestod", rid="0" * 32))) is RefusalCode.RECORD_UNKNOWN
    log_opened = bench.heads()[0]
    assert code_of(bench.tell(m.NotUsed(id=1, key=KEY, system="lanestod", rid=log_opened.rid))) is RefusalCode.RECORD_UNKNOWN


def test_a_historical_decision_closes_the_proposal_and_is_no_review(bench: Bench) -> None:
    proposal = bench.tell(decide())
    told = m.Historical(
        id=number(),
        key=KEY,
        system="lanestod",
        case="LN-1",
        outcome="deny",
        decided="1990-04",
        about=proposal.receipt.rid,
        idempotency=IDEM,
    )
    done = bench.tell(told)
    assert isinstance(done, m.Done)
    assert (bench.last().kind, bench.last().about) == ("historical_decision", proposal.receipt.rid)
    store = bench.engine.books.store
    assert store.waiting("lanestod", 10)[1] == 0
    facts = {fact.stage: fact for fact in store.facts()}
    assert set(facts) == {"proposal", "historical"}
    assert facts["historical"].about == facts["proposal"].fact_id
    assert facts["historical"].month == "1990-04"
    assert bench.tell(told).repeated
    assert code_of(bench.tell(msgspec.structs.replace(told, outcome="approve"))) is RefusalCode.IDEMPOTENCY_CONFLICT


def test_history_may_be_entered_while_the_system_is_stopped(bench: Bench) -> None:
    bench.stop()
    told = m.Historical(id=1, key=KEY, system="lanestod", case="LN-1", outcome="deny", decided="1990")
    assert isinstance(bench.tell(told), m.Done)


@pytest.mark.parametrize(
    ("code", "changes"),
    [(RefusalCode.RECORD_UNKNOWN, {"about": "0" * 32}), (RefusalCode.GROUP_NOT_DECLARED, {"groups": {"religion": "x"}})],
)
def test_history_that_points_nowhere_or_at_undeclared_groups_is_refused(bench: Bench, code: RefusalCode, changes: dict[str, Any]) -> None:
    told = m.Historical(id=1, key=KEY, system="lanestod", case="LN-1", outcome="deny", decided="1990", **changes)
    assert code_of(bench.tell(told)) is code


def test_a_receipt_has_its_proof_once_a_checkpoint_covers_it(bench: Bench) -> None:
    index = bench.tell(decide()).receipt.index
    asked_for = m.AskReceipt(id=1, key=KEY, system="lanestod", index=index)
    assert bench.tell(asked_for).text == ""
    bench.engine.checkpoint()
    assert bench.tell(asked_for).text.startswith("c2sp.org/tlog-proof@v1\n")


@pytest.mark.parametrize("index", [0, 10_000, 2**62])
def test_a_receipt_of_another_systems_entry_or_of_none_is_unknown(bench: Bench, index: int) -> None:
    assert code_of(bench.tell(m.AskReceipt(id=1, key=KEY, system="lanestod", index=index))) is RefusalCode.RECORD_UNKNOWN


def test_a_batch_is_answered_in_order_each_item_by_itself(bench: Bench) -> None:
    items = tuple(m.Item(outcome=outcome(notice="" if position == 1 else "told")) for position in range(3))
    answer = bench.tell(m.Batch(id=1, key=KEY, asked=asked(), items=items))
    assert [type(found).__name__ for found in answer.answers] == ["Recorded", "Denied", "Recorded"]
    assert code_of(answer.answers[1]) is RefusalCode.NOTICE_MISSING


def test_a_stop_falls_between_two_items_of_a_batch(bench: Bench) -> None:
    items = tuple(m.Item(outcome=outcome()) for _ in range(200))
    answers: list[Any] = []
    bench.engine.ask(m.Batch(id=1, key=KEY, asked=asked(), items=items), answers.append)
    bench.engine.turn()
    report = bench.stop()
    bench.turn_until(answers)
    kinds = [found.receipt.index < report.index if isinstance(found, m.Recorded) else False for found in answers[0].answers]
    assert 0 < sum(kinds) < 200
    assert kinds == sorted(kinds, reverse=True)
    after = [head.kind for head in bench.heads()[report.index + 1 :]]
    assert set(after) == {"refusal"}


def test_what_would_be_answered_too_late_is_not_logged(bench: Bench, clock: FakeClock) -> None:
    answers: list[Any] = []
    bench.engine.ask(decide(), answers.append)
    clock.pass_time(1.0)
    size = bench.engine.books.store.size
    bench.engine.turn()
    assert code_of(answers[0]) is RefusalCode.ANSWER_TOO_OLD
    assert answers[0].receipt is None
    assert bench.engine.books.store.size == size


def test_too_much_to_seal_is_refused(bench: Bench) -> None:
    answer = bench.tell(decide(outcome=outcome(payload={"income": 4200, "debt": 0.3, "letter": "x" * 300_000})))
    assert code_of(answer) is RefusalCode.TOO_LARGE


def test_one_record_that_cannot_be_entered_does_not_take_others_with_it(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    bench.permit(versions=frozenset({"1.0", "höst"}))
    answers: list[Any] = []
    for message in (decide(), decide(asked=asked(version="höst")), decide()):
        bench.engine.ask(message, answers.append)
    bench.engine.turn()
    assert [type(answer).__name__ for answer in answers] == ["Recorded", "Denied", "Recorded"]
    assert code_of(answers[1]) is RefusalCode.INVALID_REQUEST


def test_an_automated_decision_is_one_only_where_no_person_reviews(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    bench.permit(modes=frozenset({Mode.AUTOMATED}), human_review=False)
    assert bench.tell(decide(asked=asked(mode=Mode.AUTOMATED))).stage == "decision"
    assert bench.engine.books.store.waiting("lanestod", 10)[1] == 0


def test_nothing_is_answered_before_the_engine_has_started(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock, started=False)
    bench.engine.books.state.permits["lanestod"] = a_permit()
    assert code_of(bench.tell(decide())) is RefusalCode.NOT_READY
    assert not bench.tell(m.Ping(id=1)).ready


def test_the_sealed_groups_are_those_that_a_resident_may_be_shown_one_by_one(bench: Bench) -> None:
    rid = bench.tell(decide()).receipt.rid
    opened = bench.engine.books.store.open_groups(rid, [DisclosureGroup.FACTORS])
    assert list(opened.groups) == ["factors"]


def test_an_answer_that_was_not_used_is_said_to_be_so_once(bench: Bench) -> None:
    """A caller that tells twice must not be counted twice."""
    made = bench.tell(decide())
    first = bench.tell(m.NotUsed(id=1, key=KEY, system="lanestod", rid=made.receipt.rid))
    again = bench.tell(m.NotUsed(id=2, key=KEY, system="lanestod", rid=made.receipt.rid))
    assert (again.repeated, again.receipt) == (True, first.receipt)
    assert [head.kind for head in bench.heads()].count("not_used") == 1
