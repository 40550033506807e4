"""When a request is to be answered. Pure: reads no clock and no database.

A clock that has begun runs to its end. It is not paused: no provision that we hold lets it be, so a question back to the person costs the
office its own time. It can be moved once, in words that the person is told, before the first day is out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from insyn.law.durations import after

from .grounds import ABOUT
from .words import RequestKind

#: From so many days before its day a request counts as soon due.
SOON = 7


class Pace(StrEnum):
    """How a request stands to its day."""

    DONE = "done"
    IN_TIME = "in_time"
    SOON = "soon"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Days:
    """``law``: the last day of the law (or the municipality's own, where the law names none). ``counts``: the day that is promised."""

    law: date
    counts: date


def days_of(kind: RequestKind, asked_on: date, *, own_days: int | None = None) -> Days:
    """The days of a new request. Own days may come before the law's, never after; where the law names none they are the day."""
    about = ABOUT[kind]
    law = after(asked_on, about.within)
    if own_days is None:
        return Days(law, law)
    own = asked_on + timedelta(days=own_days)
    return Days(own, own) if about.own else Days(law, min(law, own))


def extended(kind: RequestKind, law_due: date) -> date:
    """The last day after an extension."""
    return after(law_due, ABOUT[kind].longer)


def may_extend(law_due: date, extended_on: date | None, on: date) -> bool:
    """Once, and only while the first time runs: the person is told within it."""
    return extended_on is None and on <= law_due


def pace(due: date, *, on: date, is_open: bool) -> Pace:
    if not is_open:
        return Pace.DONE
    if on > due:
        return Pace.OVERDUE
    return Pace.SOON if (due - on).days <= SOON else Pace.IN_TIME
