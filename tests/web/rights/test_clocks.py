"""Days of requests: counted by the calendar, never paused, extended once and in time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from insyn.web.rights.clocks import Pace, days_of, extended, may_extend, pace
from insyn.web.rights.grounds import ABOUT
from insyn.web.rights.words import RequestKind

DAYS = st.dates(date(2026, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("asked", "due", "longest"),
    [
        (date(2026, 11, 21), date(2026, 12, 21), date(2027, 2, 21)),
        (date(2027, 1, 31), date(2027, 2, 28), date(2027, 4, 28)),
        (date(2028, 1, 31), date(2028, 2, 29), date(2028, 4, 29)),
        (date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 31)),
    ],
)
def test_a_month_and_two_more(asked: date, due: date, longest: date) -> None:
    assert days_of(RequestKind.ERASURE, asked).counts == due
    assert extended(RequestKind.ERASURE, due) == longest


def test_own_days_may_be_sooner_and_never_later_than_the_law() -> None:
    asked = date(2026, 11, 21)
    sooner = days_of(RequestKind.EXTRACT, asked, own_days=10)
    assert (sooner.law, sooner.counts) == (date(2026, 12, 21), date(2026, 12, 1))
    assert days_of(RequestKind.EXTRACT, asked, own_days=90).counts == date(2026, 12, 21)


def test_where_the_law_names_no_day_our_own_is_the_day() -> None:
    asked = date(2026, 11, 21)
    assert days_of(RequestKind.RECONSIDERATION, asked).counts == asked + timedelta(days=21)
    assert days_of(RequestKind.RECONSIDERATION, asked, own_days=35).counts == asked + timedelta(days=35)


def test_more_time_is_taken_once_and_before_the_first_day_is_out() -> None:
    due = date(2026, 12, 21)
    assert may_extend(due, None, due)
    assert not may_extend(due, None, due + timedelta(days=1))
    assert not may_extend(due, date(2026, 12, 1), date(2026, 12, 2))


@given(asked=DAYS, own=st.none() | st.integers(1, 90), kind=st.sampled_from(RequestKind))
def test_no_promise_is_later_than_the_law_and_every_day_lies_ahead(asked: date, own: int | None, kind: RequestKind) -> None:
    days = days_of(kind, asked, own_days=own)
    assert asked < days.counts <= days.law
    assert ABOUT[kind].own or days.law <= asked + timedelta(days=31)
    assert extended(kind, days.law) > days.law


@given(due=DAYS, ahead=st.integers(-400, 400))
def test_the_pace_follows_the_day_alone(due: date, ahead: int) -> None:
    on = due - timedelta(days=ahead)
    assert pace(due, on=on, is_open=False) is Pace.DONE
    assert pace(due, on=on, is_open=True) is (Pace.OVERDUE if ahead < 0 else Pace.SOON if ahead <= 7 else Pace.IN_TIME)
