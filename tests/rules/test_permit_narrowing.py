"""The narrower of two permits allows only what both allow, and takes the stop button from nobody."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import msgspec
import pytest
from gateway_kit import a_permit
from hypothesis import event, given, strategies as st

from insyn.core.limits import CategoryClass, FieldGrant, Hours, Limits
from insyn.core.permit import ClientKey, End, Permit, PurposeGrant, Reviewer, StopHolder, encode_permit
from insyn.core.refusals import RefusalCode, reason
from insyn.core.terms import Mode, Population, UnknownFields
from insyn.core.text import Text
from insyn.rules.permits import narrower, only_tightens

NAMES = ("one", "two", "three")
DAYS = ("2026-11-19", "2026-11-20", "2027-01-01")
names = st.frozensets(st.sampled_from(NAMES))
grants = st.builds(PurposeGrant, purpose=st.sampled_from(NAMES[:2]), categories=names, matter_types=names)
hours = st.builds(
    Hours, weekdays=st.just(frozenset({1})), begins=st.sampled_from(["00:00", "08:00"]), ends=st.sampled_from(["08:00", "24:00"])
)
people = st.sampled_from(NAMES)
days = st.sampled_from(DAYS)


clients = st.builds(ClientKey, name=people, sha256=st.sampled_from(["aa", "bb"]))
ends = st.builds(End, last_day=days, code=st.just(RefusalCode.OVERDUE_EVALUATION), what=people)
stop_holders = st.builds(StopHolder, person=people, last_day=days, public=st.sampled_from(["", "cc"]))
reviewers = st.builds(Reviewer, person=people, last_day=days)
EVERYBODY = frozenset(NAMES)
WIDE = Permit(
    system="loan",
    epoch=1,
    compiled_from=0,
    granted=True,
    packs="d",
    name=Text("Lån", "Loan"),
    modes=frozenset(Mode),
    versions=EVERYBODY,
    purposes=tuple(PurposeGrant(purpose=name, categories=EVERYBODY, matter_types=EVERYBODY) for name in NAMES[:2]),
    clients=tuple(ClientKey(name=name, sha256=sha256) for name in NAMES for sha256 in ("aa", "bb")),
    groups=EVERYBODY,
    human_review=False,
    explanation_due=False,
    notice_due=False,
)


def many(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=3).map(tuple)


CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "modes": st.frozensets(st.sampled_from(list(Mode))),
    "versions": names,
    "purposes": many(grants),
    "ends": many(ends),
    "clients": many(clients),
    "groups": names,
    "human_review": st.booleans(),
    "explanation_due": st.booleans(),
    "notice_due": st.booleans(),
    "blind_share": st.sampled_from([0, 100, 1000]),
    "unchangeable": names,
    "changeable": st.none() | names,
    "bases": st.dictionaries(people, st.sampled_from([0.0, 0.5]), max_size=2),
    "limits": st.builds(
        Limits,
        unknown_fields=st.sampled_from(UnknownFields),
        excludes=st.frozensets(st.sampled_from(Population)),
        per_day=st.none() | st.integers(0, 3),
        hours=st.none() | st.lists(hours, max_size=2).map(tuple),
        never_automated=names,
        highest_class=st.none() | st.integers(0, 4),
        classes=st.just((CategoryClass("one", 1), CategoryClass("two", 3))),
    ),
}


@st.composite
def permits(draw: st.DrawFn) -> Permit:
    """A permit that allows everything but for some changes; one in four is closed. (Drawn freely, hardly any two would allow the same.)"""
    changed = draw(st.sets(st.sampled_from(sorted(CHANGES)), max_size=3))
    changes = {name: draw(CHANGES[name]) for name in sorted(changed)}
    if draw(st.integers(0, 3)) == 0:
        changes |= {"granted": False, "missing": (reason(draw(st.sampled_from([RefusalCode.PAUSED, RefusalCode.NOT_APPROVED]))),)}
    changes |= {"stop_holders": draw(many(stop_holders)), "reviewers": draw(many(reviewers))}
    return msgspec.structs.replace(WIDE, epoch=draw(st.integers(1, 5)), **changes)


SOME = (frozenset(), frozenset({"one"}), frozenset({"one", "two"}), EVERYBODY)


def _questions(count: int) -> list[dict[str, Any]]:
    """The same questions for every pair of permits: one alone seldom falls between two permits."""
    pick = random.Random(7).choice
    return [
        {
            "version": pick(NAMES),
            "purpose": pick(NAMES[:2]),
            "categories": pick(SOME),
            "matter_type": pick(NAMES),
            "mode": pick(list(Mode)),
            "client": pick(WIDE.clients),
            "groups": pick(SOME),
            "day": pick(DAYS),
            "reviewed": pick((True, True, False)),
            "explained": pick((True, True, False)),
            "told": pick((True, True, False)),
            "person": pick((None, None, *Population)),
            "made": pick((0, 0, 1, 2)),
            "moment": pick(("07:59", "08:00", "12:00")),
            "unknown": pick((False, False, True)),
            "drawn": pick((999, 999, 500, 50)),
            "asks_to_change": pick(("", "", *NAMES)),
            "base": pick((0.0, 0.0, 0.5)),
        }
        for _ in range(count)
    ]


QUESTIONS = _questions(400)


def allows(permit: Permit, asked: dict[str, object]) -> bool:
    """A caller's question put to a permit, written here on its own so that it judges the code and not itself."""
    return (
        permit.granted
        and asked["version"] in permit.versions
        and asked["mode"] in permit.modes
        and asked["client"] in permit.clients
        and asked["groups"] <= permit.groups  # type: ignore[operator]
        and all(asked["day"] <= end.last_day for end in permit.ends)  # type: ignore[operator]
        and any(
            grant.purpose == asked["purpose"] and asked["categories"] <= grant.categories and asked["matter_type"] in grant.matter_types  # type: ignore[operator]
            for grant in permit.purposes
        )
        and (asked["reviewed"] or not permit.human_review)
        and (asked["explained"] or not permit.explanation_due)
        and (asked["told"] or not permit.notice_due)
        and asked["drawn"] >= permit.blind_share  # type: ignore[operator]  # its proposal is shown before anybody has judged
        and asked["asks_to_change"] not in permit.unchangeable
        and (permit.changeable is None or asked["asks_to_change"] in permit.changeable)
        and permit.bases.get(asked["version"], asked["base"]) == asked["base"]  # type: ignore[call-overload]
        and keeps_to(permit.limits, asked)
    ) is True


def keeps_to(limits: Limits, asked: dict[str, Any]) -> bool:
    return (
        asked["person"] not in limits.excludes
        and (limits.per_day is None or asked["made"] < limits.per_day)
        and (limits.hours is None or any(1 in row.weekdays and row.begins <= asked["moment"] < row.ends for row in limits.hours))
        and not (asked["mode"] is Mode.AUTOMATED and asked["matter_type"] in limits.never_automated)
        and all(limits.highest_class is None or limits.class_of(category) <= limits.highest_class for category in asked["categories"])
        and not (asked["unknown"] and limits.unknown_fields is UnknownFields.REFUSE)
    )


def may_review(permit: Permit, person: str, day: str) -> bool:
    return any(reviewer.person == person and day <= reviewer.last_day for reviewer in permit.reviewers)


def may_stop(permit: Permit, person: str, public: str, day: str) -> bool:
    return any(holder.person == person and holder.public == public and day <= holder.last_day for holder in permit.stop_holders)


@given(permits(), permits())
def test_it_allows_exactly_what_both_allow(old: Permit, new: Permit) -> None:
    found = narrower(old, new)
    for asked in QUESTIONS:
        assert allows(found, asked) is (allows(old, asked) and allows(new, asked))


@given(permits(), permits())
def test_only_whoever_may_review_by_both_may_review(old: Permit, new: Permit) -> None:
    found = narrower(old, new)
    for person, day in product(NAMES, DAYS):
        assert may_review(found, person, day) is (may_review(old, person, day) and may_review(new, person, day))


@given(permits(), permits())
def test_whoever_may_stop_by_either_may_stop(old: Permit, new: Permit) -> None:
    found = narrower(old, new)
    for holder in product(NAMES, ("", "cc"), DAYS):
        assert may_stop(found, *holder) is (may_stop(old, *holder) or may_stop(new, *holder))


@given(permits(), permits())
def test_the_order_does_not_matter_to_what_is_allowed(old: Permit, new: Permit) -> None:
    one, other = narrower(old, new), narrower(new, old)
    assert [allows(one, asked) for asked in QUESTIONS] == [allows(other, asked) for asked in QUESTIONS]


@given(permits(), permits())
def test_twice_is_the_same_as_once(old: Permit, new: Permit) -> None:
    once = narrower(old, new)
    assert encode_permit(narrower(once, once)) == encode_permit(once)


@given(permits(), permits())
def test_the_narrower_only_tightens_the_old(old: Permit, new: Permit) -> None:
    assert only_tightens(old, narrower(old, new))


@given(permits(), permits())
def test_what_only_tightens_allows_nothing_new_and_takes_no_stop_button(old: Permit, new: Permit) -> None:
    changed = loosened(old, new)
    event(f"loosened: {changed}")
    if changed:
        assert not only_tightens(old, new)


def loosened(old: Permit, new: Permit) -> bool:
    return (
        any(allows(new, asked) and not allows(old, asked) for asked in QUESTIONS)
        or any(may_review(new, *asked) and not may_review(old, *asked) for asked in product(NAMES, DAYS))
        or any(may_stop(old, *asked) and not may_stop(new, *asked) for asked in product(NAMES, ("", "cc"), DAYS))
    )


@given(permits(), permits())
def test_a_closed_permit_says_why_and_an_open_one_has_nothing_missing(old: Permit, new: Permit) -> None:
    found = narrower(old, new)
    assert bool(found.missing) is not found.granted
    assert set(found.missing) == (set(old.missing) | set(new.missing))
    assert found.epoch == max(old.epoch, new.epoch)


def test_the_fields_of_a_purpose_are_those_of_both() -> None:
    one, two = frozenset({"one"}), frozenset({"one", "two"})

    def with_fields(*fields: FieldGrant) -> Permit:
        grant = PurposeGrant("loan", EVERYBODY, EVERYBODY, fields)
        return msgspec.structs.replace(WIDE, purposes=(grant,))

    any_field = msgspec.structs.replace(WIDE, purposes=(PurposeGrant("loan", EVERYBODY, EVERYBODY),))
    old, new = (
        with_fields(FieldGrant("age", one), FieldGrant("income", two)),
        with_fields(FieldGrant("income", one), FieldGrant("rent", one)),
    )
    assert narrower(old, new).purposes[0].fields == (FieldGrant("income", one),)
    assert narrower(any_field, new).purposes == narrower(new, any_field).purposes == new.purposes
    assert only_tightens(any_field, new)
    assert not only_tightens(new, any_field)
    assert not only_tightens(old, new)


def test_results_that_either_permit_holds_are_held_open_or_closed() -> None:
    for granted in (True, False):
        free, held = a_permit(granted=granted), a_permit(granted=granted, epoch=2, held=True)
        assert narrower(free, held).held
        assert narrower(held, free).held
        assert only_tightens(free, held)
        assert not only_tightens(held, free)


def test_between_two_bases_of_a_version_it_is_not_used() -> None:
    old, new = a_permit(bases={"1.0": 0.5}), a_permit(epoch=2, bases={"1.0": 0.4})
    assert narrower(old, new).versions == frozenset()
    assert not only_tightens(old, new)
    assert only_tightens(a_permit(), new), "a base that is declared for the first time only tightens"


def test_permits_of_two_systems_have_no_narrower() -> None:
    one = Permit(system="a", epoch=1, compiled_from=0, granted=False, packs="", name=Text("a", "a"))
    two = Permit(system="b", epoch=1, compiled_from=0, granted=False, packs="", name=Text("b", "b"))
    with pytest.raises(ValueError, match="two systems"):
        narrower(one, two)


def test_the_narrower_permit_names_every_supplier_that_either_names() -> None:
    """A stop of a supplier holds whom permits name: forgetting one would let a system out from under it."""
    old, new = a_permit(suppliers=("supplier-1",)), a_permit(epoch=2, suppliers=("supplier-2",))
    assert narrower(old, new).suppliers == ("supplier-1", "supplier-2")
    assert only_tightens(old, new), "who supplies a system allows nothing"
