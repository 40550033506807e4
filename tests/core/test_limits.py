"""The narrower of two limits lets through only what both let through, and is written in one way."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, strategies as st

from insyn.core.limits import (
    CategoryClass,
    FieldGrant,
    Hours,
    Limits,
    fields_of_both,
    fields_within,
    in_form,
    keeps_within,
    narrower_limits,
)
from insyn.core.terms import Population, UnknownFields

NAMES = ("one", "two", "three")
TIMES = ("00:00", "08:00", "12:00", "17:00", "24:00")
names = st.frozensets(st.sampled_from(NAMES))
hours = st.builds(Hours, weekdays=st.frozensets(st.integers(1, 7)), begins=st.sampled_from(TIMES), ends=st.sampled_from(TIMES))
classes = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 4)).map(
    lambda found: tuple(CategoryClass(name, level) for name, level in sorted(found.items()))
)
limits = st.builds(
    Limits,
    unknown_fields=st.sampled_from(UnknownFields),
    excludes=st.frozensets(st.sampled_from(Population)),
    per_hour=st.none() | st.integers(0, 3),
    per_day=st.none() | st.integers(0, 3),
    hours=st.none() | st.lists(hours, max_size=3).map(tuple),
    never_automated=names,
    highest_class=st.none() | st.integers(0, 4),
    classes=classes,
)
fields = st.none() | st.dictionaries(st.sampled_from(NAMES), names.filter(bool)).map(
    lambda found: tuple(FieldGrant(name, categories) for name, categories in sorted(found.items()))
)
MOMENTS = tuple(product(range(1, 8), ("00:00", "07:59", "08:00", "11:59", "12:00", "16:59", "17:00", "23:59")))


def open_at(held: Limits, weekday: int, time: str) -> bool:
    return held.hours is None or any(weekday in row.weekdays and row.begins <= time < row.ends for row in held.hours)


def takes(held: Limits, category: str) -> bool:
    return held.highest_class is None or held.class_of(category) <= held.highest_class


def lets(held: Limits, made: int) -> bool:
    return all(most is None or made < most for most in (held.per_hour, held.per_day))


@given(limits, limits)
def test_it_lets_through_exactly_what_both_do(old: Limits, new: Limits) -> None:
    found = narrower_limits(old, new)
    for moment in MOMENTS:
        assert open_at(found, *moment) is (open_at(old, *moment) and open_at(new, *moment))
    for made in range(4):
        assert lets(found, made) is (lets(old, made) and lets(new, made))
    assert (found.excludes, found.never_automated) == (old.excludes | new.excludes, old.never_automated | new.never_automated)
    order = [UnknownFields.LET_THROUGH, UnknownFields.DROP, UnknownFields.REFUSE]
    assert order.index(found.unknown_fields) == max(order.index(old.unknown_fields), order.index(new.unknown_fields))


@given(limits, limits)
def test_it_takes_no_data_that_either_does_not(old: Limits, new: Limits) -> None:
    found = narrower_limits(old, new)
    for category in (*NAMES, "other"):
        assert not takes(found, category) or (takes(old, category) and takes(new, category))


@given(limits, limits)
def test_the_narrower_keeps_within_both_whichever_comes_first(old: Limits, new: Limits) -> None:
    found = narrower_limits(old, new)
    assert found == narrower_limits(new, old) == in_form(found)
    assert keeps_within(found, old)
    assert keeps_within(found, new)
    assert keeps_within(old, old)


@given(limits, limits)
def test_what_keeps_within_lets_nothing_more_through(old: Limits, new: Limits) -> None:
    if keeps_within(new, old):
        assert all(open_at(old, *moment) for moment in MOMENTS if open_at(new, *moment))
        assert all(takes(old, name) for name in NAMES if takes(new, name))
        assert all(lets(old, made) for made in range(4) if lets(new, made))


@given(fields, fields, names)
def test_fields_of_both_are_never_more_than_either(
    old: tuple[FieldGrant, ...] | None, new: tuple[FieldGrant, ...] | None, asked: frozenset[str]
) -> None:
    def sent(held: tuple[FieldGrant, ...] | None, name: str) -> bool:
        return held is None or any(field.name == name and field.categories & asked for field in held)

    both = fields_of_both(old, new)
    for name in NAMES:
        assert not sent(both, name) or (sent(old, name) and sent(new, name))
    assert fields_within(both, old)
    assert fields_within(both, new)


def test_hours_that_meet_are_one_and_days_with_the_same_hours_stand_together() -> None:
    told = tuple(Hours(frozenset({day}), begins, ends) for day in (1, 2) for begins, ends in (("08:00", "12:00"), ("12:00", "17:00")))
    assert in_form(Limits(hours=told)).hours == (Hours(frozenset({1, 2}), "08:00", "17:00"),)


@pytest.mark.parametrize("tighter", [{"per_day": 5}, {"hours": ()}, {"excludes": frozenset(Population)}, {"highest_class": 2}])
def test_taking_a_limit_away_does_not_keep_within_it(tighter: dict[str, object]) -> None:
    assert keeps_within(Limits(**tighter), Limits())  # type: ignore[arg-type]
    assert not keeps_within(Limits(), Limits(**tighter))  # type: ignore[arg-type]
