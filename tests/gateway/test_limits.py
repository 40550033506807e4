"""Limits at run time, through a real engine: fields, population, volume, hours, class, and what is never automated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from gateway_kit import KEY, SYSTEM, Bench, FakeClock, Town, a_permit, asked, decide, number, outcome
from hypothesis import given, strategies as st

from insyn.core import messages as m, strict_json
from insyn.core.errors import InvalidInput
from insyn.core.limits import CategoryClass, FieldGrant, Hours, Limits
from insyn.core.permit import PERMIT_CONTEXT, PurposeGrant, open_permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Mode, Population, Tristate, UnknownFields
from insyn.gateway.front_openapi import DecisionRequest, openapi
from insyn.gateway.limits import unknown_fields, without_unknown
from insyn.gateway.records import digest_of

ECONOMY = frozenset({"economy"})
NAMED = (
    FieldGrant("debt", ECONOMY),
    FieldGrant("home.rent", ECONOMY),
    FieldGrant("income", ECONOMY),
    FieldGrant("sick", frozenset({"health"})),
)
WEEKDAYS = frozenset({1, 2, 3, 4, 5})
NOT_MINOR = {Population.MINOR: Tristate.NO}


def number_of(born: str, sign: str = "") -> str:
    """A made-up identity number with the right last digit."""
    digits = f"{born}239"[-9:]
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return f"{born}{sign}239{-sum(number // 10 + number % 10 for number in doubled) % 10}"


#: Of somebody who turned eighteen on 20 November 2026, and of somebody who does the day after.
ADULT, CHILD = number_of("20081120", "-"), number_of("20081121")


def grant(fields: tuple[FieldGrant, ...] | None) -> dict[str, Any]:
    return {"purposes": (PurposeGrant("assess_loan", frozenset({"economy", "health"}), frozenset({"loan"}), fields),)}


def held(bench: Bench, unknown: UnknownFields, fields: tuple[FieldGrant, ...] = NAMED) -> None:
    bench.permit(limits=Limits(unknown_fields=unknown), **grant(fields))


def limited(bench: Bench, **limits: Any) -> None:
    bench.permit(limits=Limits(**limits))


def refusal(answer: Any) -> Any:
    assert isinstance(answer, m.Denied), answer
    return answer.refusal


def with_payload(payload: dict[str, Any], **changes: Any) -> m.Decide:
    return decide(outcome=outcome(payload={"income": 4200, "debt": 0.3, **payload}, **changes))


def sealed(bench: Bench, rid: str, group: str) -> Any:
    return msgspec.json.decode(bench.engine.books.store.open_groups(rid).groups[group])


# ------------------------------------------------------------------------------------------------------------------------ fields


def test_a_field_that_no_decided_use_of_data_names_is_refused_by_its_name(bench: Bench) -> None:
    held(bench, UnknownFields.REFUSE)
    found = refusal(bench.tell(with_payload({"religion": "x", "shoe": 41})))
    assert [(reason.code, reason.place) for reason in found.reasons] == [
        (RefusalCode.FIELD_NOT_ALLOWED, "payload.religion"),
        (RefusalCode.FIELD_NOT_ALLOWED, "payload.shoe"),
    ]
    assert found.manual_way is not None
    assert bench.last().code == "field_not_allowed"
    assert isinstance(bench.tell(with_payload({})), m.Recorded)


def test_a_field_under_a_category_that_the_call_does_not_name_is_refused_and_the_category_is_told(bench: Bench) -> None:
    held(bench, UnknownFields.REFUSE)
    found = refusal(bench.tell(with_payload({"sick": True})))
    assert "health" in found.sentence.en
    told = msgspec.structs.replace(with_payload({"sick": True}), asked=asked(categories=("economy", "health")))
    assert isinstance(bench.tell(told), m.Recorded)


def test_a_field_is_held_to_one_level_down(bench: Bench) -> None:
    held(bench, UnknownFields.REFUSE)
    found = refusal(bench.tell(with_payload({"home": {"rent": 7000, "address": "MARK"}})))
    assert [reason.place for reason in found.reasons] == ["payload.home.address"]
    assert isinstance(bench.tell(with_payload({"home": {"rent": 7000}})), m.Recorded)
    assert refusal(bench.tell(with_payload({"home": "MARK"}))).reasons[0].place == "payload.home"


def test_a_dropped_field_reaches_neither_the_sealed_payload_nor_the_disk_and_the_answer_names_it(bench: Bench, town: Town) -> None:
    held(bench, UnknownFields.DROP)
    answer = bench.tell(with_payload({"religion": "MARKED-FOR-DROPPING", "home": {"rent": 7000, "address": "MARKED-FOR-DROPPING"}}))
    assert answer.dropped == ("religion", "home.address")
    assert sealed(bench, answer.receipt.rid, "input") == {"income": 4200, "debt": 0.3, "home": {"rent": 7000}}
    assert sealed(bench, answer.receipt.rid, "case")["dropped"] == 2
    bench.engine.checkpoint()
    files = [path for path in town.home.evidence.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"MARKED-FOR-DROPPING" in path.read_bytes()]


def test_what_the_outcome_rests_on_cannot_be_dropped(bench: Bench) -> None:
    held(bench, UnknownFields.DROP)
    factors = (m.Factor("income", 4200, 0.35), m.Factor("religion", "x", -0.1))
    found = refusal(bench.tell(with_payload({"religion": "x"}, factors=factors)))
    assert (found.code, found.reasons[0].place) == (RefusalCode.FIELD_NOT_ALLOWED, "factors[1].feature")


def test_a_factor_may_name_a_field_one_level_down_and_only_one_that_is_there(bench: Bench) -> None:
    held(bench, UnknownFields.REFUSE)
    factors = (m.Factor("income", 4200, 0.35), m.Factor("home.rent", 7000, -0.1))
    assert isinstance(bench.tell(with_payload({"home": {"rent": 7000}}, factors=factors)), m.Recorded)
    found = refusal(bench.tell(with_payload({}, factors=factors)))
    assert (found.code, found.reasons[0].place) == (RefusalCode.EXPLANATION_INCONSISTENT, "factors[1].feature")


def test_a_repeated_call_says_again_what_is_dropped_and_another_payload_is_another_body(bench: Bench) -> None:
    held(bench, UnknownFields.DROP)
    first = msgspec.structs.replace(with_payload({"religion": "x"}), idempotency="once-and-only-once")
    assert bench.tell(first).dropped == ("religion",)
    again = bench.tell(first)
    assert (again.replayed, again.dropped) == (True, ("religion",))
    other = msgspec.structs.replace(first, outcome=msgspec.structs.replace(first.outcome, payload={"income": 4200, "debt": 0.3}))
    assert refusal(bench.tell(other)).code is RefusalCode.IDEMPOTENCY_CONFLICT


keys = st.sampled_from(["income", "debt", "home", "home.rent", "rent", "sick", "x", ""])
payloads = st.dictionaries(keys, st.integers() | st.dictionaries(keys, st.integers(), max_size=4), max_size=6)


@given(payloads)
def test_what_is_kept_has_no_unknown_field_and_lacks_nothing_but_what_is_named(payload: dict[str, Any]) -> None:
    permit = a_permit(limits=Limits(unknown_fields=UnknownFields.DROP), **grant(NAMED))
    kept, dropped = without_unknown(permit, asked(), payload)
    assert unknown_fields(permit.purposes[0], asked(), kept) == []
    lost = [name for name in payload if name not in kept]
    lost += [f"{name}.{key}" for name in kept if isinstance(payload[name], dict) for key in payload[name] if key not in kept[name]]
    assert sorted(lost) == sorted(dropped)
    assert without_unknown(permit, asked(), kept) == (kept, ())


def test_thousands_of_unknown_fields_are_refused_in_few_words(bench: Bench) -> None:
    held(bench, UnknownFields.REFUSE)
    found = refusal(bench.tell(with_payload({f"{'x' * 500}{number}": 1 for number in range(1000)})))
    assert len(found.reasons) == 21
    assert max(len(reason.place) for reason in found.reasons) <= 64
    assert "980" in found.reasons[-1].sentence.en


def test_without_the_limit_any_field_is_let_through_as_before(bench: Bench) -> None:
    answer = bench.tell(with_payload({"anything": 1}))
    assert answer.dropped == ()
    assert sealed(bench, answer.receipt.rid, "input")["anything"] == 1


# -------------------------------------------------------------------------------------------------------------------- population


@pytest.mark.parametrize(
    ("population", "subject", "code"),
    [
        (None, "s-1", RefusalCode.POPULATION_UNKNOWN),
        ({}, "s-1", RefusalCode.POPULATION_UNKNOWN),
        ({Population.PROTECTED_IDENTITY: Tristate.NO}, "s-1", RefusalCode.POPULATION_UNKNOWN),
        ({Population.MINOR: Tristate.UNKNOWN}, "s-1", RefusalCode.POPULATION_UNKNOWN),
        ({Population.MINOR: Tristate.YES}, "s-1", RefusalCode.POPULATION_EXCLUDED),
        (NOT_MINOR, CHILD, RefusalCode.POPULATION_EXCLUDED),
        ({Population.MINOR: Tristate.YES}, ADULT, RefusalCode.POPULATION_EXCLUDED),
        (NOT_MINOR, "s-1", None),
        (NOT_MINOR, ADULT, None),
        (None, ADULT, None),
        (None, ADULT.replace("-", "")[2:], RefusalCode.POPULATION_UNKNOWN),  # ten digits in a row may be a case
        (NOT_MINOR, CHILD[2:], RefusalCode.POPULATION_EXCLUDED),
    ],
)
def test_unknown_is_never_no_and_a_number_says_more_than_a_caller(bench: Bench, population: Any, subject: str, code: Any) -> None:
    limited(bench, excludes=frozenset({Population.MINOR}))
    told = {} if population is None else {"population": population}
    answer = bench.tell(decide(outcome=outcome(subject=subject, **told)))
    if code is None:
        assert isinstance(answer, m.Recorded), answer
    else:
        found = refusal(answer)
        assert (found.code, found.reasons[0].place) == (code, "population.minor")


def test_each_excluded_group_needs_an_answer_of_its_own(bench: Bench) -> None:
    limited(bench, excludes=frozenset(Population))
    found = refusal(bench.tell(decide(outcome=outcome(population=NOT_MINOR))))
    assert [reason.place for reason in found.reasons] == ["population.protected_identity"]
    whole = {**NOT_MINOR, Population.PROTECTED_IDENTITY: Tristate.NO}
    answer = bench.tell(decide(outcome=outcome(population=whole)))
    assert sealed(bench, answer.receipt.rid, "case")["population"] == {"minor": "no", "protected_identity": "no"}


def test_the_public_log_does_not_tell_whether_such_a_person_had_a_case(bench: Bench) -> None:
    limited(bench, excludes=frozenset({Population.PROTECTED_IDENTITY}))
    entries = []
    for answer in (Tristate.UNKNOWN, Tristate.YES):
        bench.tell(decide(outcome=outcome(population={Population.PROTECTED_IDENTITY: answer})))
        entries.append(bench.last())
    assert {entry.code for entry in entries} == {"population_excluded"}
    assert bench.engine.pong().counters["refused.population_excluded"] == 2


def test_a_clearance_tells_what_the_outcome_will_have_to_say(bench: Bench) -> None:
    bench.permit(limits=Limits(excludes=frozenset(Population), unknown_fields=UnknownFields.DROP), **grant(NAMED))
    cleared = bench.tell(m.Clear(id=number(), key=KEY, asked=asked()))
    assert cleared.population_due == (Population.MINOR, Population.PROTECTED_IDENTITY)
    assert cleared.unknown_fields is UnknownFields.DROP
    found = bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))
    assert refusal(found).code is RefusalCode.POPULATION_UNKNOWN


def test_a_part_of_an_answer_leaves_only_for_somebody_whom_the_number_shows_to_be_allowed(bench: Bench) -> None:
    bench.permit(limits=Limits(excludes=frozenset({Population.MINOR}), unknown_fields=UnknownFields.DROP), **grant(NAMED))
    cleared = bench.tell(m.Clear(id=number(), key=KEY, asked=asked()))
    part = m.Release(
        id=number(), key=KEY, system="lanestod", clearance=cleared.clearance, part=1, text="Hej", request={"income": 1, "religion": "x"}
    )
    assert refusal(bench.tell(part)).code is RefusalCode.POPULATION_UNKNOWN
    released = bench.tell(msgspec.structs.replace(part, subject=ADULT))
    assert isinstance(released, m.Released)
    assert released.receipt is not None
    assert sealed(bench, released.receipt.rid, "input") == {"income": 1}


# ------------------------------------------------------------------------------------------------------------------------ volume


def test_the_decision_after_the_last_of_the_hour_is_refused_and_the_next_hour_is_open(bench: Bench, clock: FakeClock) -> None:
    limited(bench, per_hour=2)
    assert [type(bench.tell(decide())) for _ in range(3)] == [m.Recorded, m.Recorded, m.Denied]
    assert bench.last().code == "volume_reached"
    clock.pass_time(3600)
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_the_day_is_the_municipalitys_own(bench: Bench, clock: FakeClock) -> None:
    limited(bench, per_day=1)
    clock.pass_time(10 * 3600)  # 23:00 in Stockholm, 22:00 UTC
    assert isinstance(bench.tell(decide()), m.Recorded)
    assert refusal(bench.tell(decide())).code is RefusalCode.VOLUME_REACHED
    clock.pass_time(3600)
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_no_clearance_is_given_for_what_could_not_be_recorded(bench: Bench) -> None:
    limited(bench, per_day=1)
    cleared = bench.tell(m.Clear(id=number(), key=KEY, asked=asked()))
    bench.tell(decide())
    assert refusal(bench.tell(m.Clear(id=number(), key=KEY, asked=asked()))).code is RefusalCode.VOLUME_REACHED
    late = bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))
    assert refusal(late).code is RefusalCode.VOLUME_REACHED


def test_in_a_batch_each_item_counts(bench: Bench) -> None:
    limited(bench, per_day=3)
    batch = m.Batch(id=number(), key=KEY, asked=asked(), items=tuple(m.Item(outcome=outcome()) for _ in range(5)))
    answers = bench.tell(batch).answers
    assert [type(answer) for answer in answers] == [m.Recorded] * 3 + [m.Denied] * 2


def test_a_repeated_call_is_no_new_decision(bench: Bench) -> None:
    limited(bench, per_day=1)
    whole = msgspec.structs.replace(decide(), idempotency="once-and-only-once")
    bench.tell(whole)
    assert bench.tell(whole).replayed


def test_a_refusal_does_not_count(bench: Bench) -> None:
    limited(bench, per_day=1)
    assert refusal(bench.tell(decide(outcome=outcome(notice="")))).code is RefusalCode.NOTICE_MISSING
    assert isinstance(bench.tell(decide()), m.Recorded)


def test_what_is_rolled_back_was_never_counted(bench: Bench) -> None:
    bench.permit(versions=frozenset({"1.0", "höst"}), limits=Limits(per_day=2))
    answers: list[Any] = []
    for message in (decide(), decide(asked=asked(version="höst")), decide()):  # the name cannot be entered, and takes the chunk with it
        bench.engine.ask(message, answers.append)
    bench.engine.turn()
    assert [type(answer) for answer in answers] == [m.Recorded, m.Denied, m.Recorded]
    assert refusal(bench.tell(decide())).code is RefusalCode.VOLUME_REACHED
    (row,) = bench.engine.books.store.meta_under("volume/").values()
    assert msgspec.json.decode(row)["in_day"] == 2


def test_the_count_stands_after_a_restart(town: Town, clock: FakeClock) -> None:
    bench = town.engine(clock)
    limited(bench, per_hour=2, per_day=3)
    for _ in range(2):
        assert isinstance(bench.tell(decide()), m.Recorded)
    town.close_store()
    again = town.engine(clock)
    assert refusal(again.tell(decide())).code is RefusalCode.VOLUME_REACHED
    clock.pass_time(3600)
    assert isinstance(again.tell(decide()), m.Recorded)
    assert refusal(again.tell(decide())).reasons[0].sentence.en.endswith("The limit is 3 a day.")


def test_without_a_limit_nothing_is_counted(bench: Bench) -> None:
    bench.tell(decide())
    assert bench.engine.books.store.meta_under("volume/") == {}


# ------------------------------------------------------------------------------------------------------------------------- hours


@pytest.mark.parametrize(
    ("later", "open_"),
    [
        (timedelta(), True),  # a Friday, 13:00 in Stockholm
        (timedelta(hours=3, minutes=59), True),
        (timedelta(hours=4), False),  # 17:00: the end is not in it
        (timedelta(hours=19), False),  # Saturday 08:00
        (timedelta(days=3), True),  # Monday 13:00
        (timedelta(days=2, hours=18, minutes=59), False),  # Monday 07:59
        (timedelta(days=2, hours=19), True),
    ],
)
def test_hours_are_those_of_the_municipalitys_clock(bench: Bench, clock: FakeClock, later: timedelta, open_: bool) -> None:
    limited(bench, hours=(Hours(WEEKDAYS, "08:00", "17:00"),))
    clock.pass_time(later.total_seconds())
    answer = bench.tell(decide())
    if open_:
        assert isinstance(answer, m.Recorded)
    else:
        found = refusal(answer)
        assert found.code is RefusalCode.OUTSIDE_HOURS
        assert "mån, tis, ons, tor, fre 08:00–17:00" in found.sentence.sv


def test_a_clearance_from_before_closing_time_records_nothing_after_it(bench: Bench, clock: FakeClock) -> None:
    limited(bench, hours=(Hours(WEEKDAYS, "08:00", "13:05"),))
    whole = msgspec.structs.replace(decide(), idempotency="once-and-only-once")
    assert isinstance(bench.tell(whole), m.Recorded)
    cleared = bench.tell(m.Clear(id=number(), key=KEY, asked=asked()))
    clock.pass_time(300)
    late = bench.tell(m.Record(id=number(), key=KEY, clearance=cleared.clearance, outcome=outcome()))
    assert refusal(late).code is RefusalCode.OUTSIDE_HOURS
    assert refusal(bench.tell(whole)).code is RefusalCode.OUTSIDE_HOURS  # released again: judged now


def test_no_hours_at_all_is_never(bench: Bench) -> None:
    limited(bench, hours=())
    assert "never" in refusal(bench.tell(decide())).sentence.en


# ------------------------------------------------------------------------------------------------- class, and what is never automated


def test_data_of_a_class_above_the_systems_are_refused_by_category(bench: Bench) -> None:
    classes = (CategoryClass("economy", 2), CategoryClass("health", 3))
    bench.permit(limits=Limits(highest_class=2, classes=classes), **grant(None))
    assert isinstance(bench.tell(decide()), m.Recorded)
    found = refusal(bench.tell(decide(asked=asked(categories=("economy", "health")))))
    assert (found.code, found.reasons[0].place) == (RefusalCode.INFORMATION_CLASS_TOO_HIGH, "categories[1]")
    assert "class 3" in found.sentence.en


def test_a_category_that_nobody_has_classified_counts_as_the_highest(bench: Bench) -> None:
    limited(bench, highest_class=3)
    assert refusal(bench.tell(decide())).code is RefusalCode.INFORMATION_CLASS_TOO_HIGH


def test_a_type_of_matter_may_be_supported_and_never_automated(bench: Bench) -> None:
    bench.permit(modes=frozenset(Mode), limits=Limits(never_automated=frozenset({"loan"})))
    assert isinstance(bench.tell(decide()), m.Recorded)
    found = refusal(bench.tell(decide(asked=asked(mode=Mode.AUTOMATED))))
    assert (found.code, found.reasons[0].place) == (RefusalCode.NEVER_AUTOMATED, "matter_type")


# ------------------------------------------------------------------------------------------------------------------- permits


def test_a_permit_from_before_limits_were_written_opens_without_any(town: Town) -> None:
    plain = msgspec.to_builtins(a_permit())
    del plain["limits"]
    plain["purposes"] = [{name: value for name, value in grant.items() if name != "fields"} for grant in plain["purposes"]]
    old = town.register_key.sign(PERMIT_CONTEXT, msgspec.json.encode(plain))
    permit = open_permit(old, public=town.register_key.public)
    assert permit == a_permit()
    assert permit.limits == Limits()


def test_a_limit_that_this_program_does_not_know_is_not_overlooked(town: Town) -> None:
    plain = {**msgspec.to_builtins(a_permit()), "limits": {"per_week": 5}}
    signed = town.register_key.sign(PERMIT_CONTEXT, msgspec.json.encode(plain))
    with pytest.raises(msgspec.DecodeError):
        open_permit(signed, public=town.register_key.public)


def test_what_was_kept_of_an_old_call_is_still_found_by_its_key(bench: Bench) -> None:
    """The digest of a call that says nothing of the person is what it was before anybody could."""
    plain = outcome()
    assert b"population" not in msgspec.json.encode(plain)
    assert digest_of(plain) != digest_of(msgspec.structs.replace(plain, population=NOT_MINOR))


@pytest.mark.parametrize(
    ("population", "place"),
    [
        ({"minor": "perhaps"}, "outcome.population[...]"),
        ({"minor": True}, "outcome.population[...]"),
        ({"teenager": "no"}, "outcome.population"),
        (["minor"], "outcome.population"),
    ],
)
def test_a_declaration_that_cannot_be_read_is_refused_by_its_place(population: Any, place: str) -> None:
    plain = {**msgspec.to_builtins(outcome()), "population": population}
    with pytest.raises(InvalidInput) as error:
        strict_json.convert({"asked": msgspec.to_builtins(asked()), "outcome": plain}, DecisionRequest)
    assert error.value.place == place


def test_the_interface_says_which_groups_there_are() -> None:
    schema = msgspec.json.decode(openapi("1"))["components"]["schemas"]
    assert schema["Outcome"]["properties"]["population"]["propertyNames"] == {"enum": sorted(Population)}


def test_an_answer_that_leaves_in_parts_and_is_never_recorded_is_counted_once(bench: Bench) -> None:
    bench.permit(limits=Limits(per_hour=1))

    def part(cleared: m.Cleared, number_: int) -> m.Answer:
        message = m.Release(id=number(), key=KEY, system=SYSTEM, clearance=cleared.clearance, part=number_, text="x")
        answer: m.Answer = bench.tell(message)
        return answer

    first, second = (bench.tell(m.Clear(id=number(), key=KEY, asked=asked())) for _ in range(2))
    assert isinstance(part(first, 1), m.Released)
    refused = part(second, 1)
    assert isinstance(refused, m.Denied)
    assert refused.refusal.code is RefusalCode.VOLUME_REACHED
    assert isinstance(part(first, 2), m.Released)  # of the answer that is counted already
    assert isinstance(bench.tell(m.Record(id=number(), key=KEY, clearance=first.clearance, outcome=outcome())), m.Recorded)
    assert bench.engine.books.state.volumes.now(SYSTEM, "2026-11-20", "2026-11-20T12").in_hour == 1
