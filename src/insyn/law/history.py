"""The steps of a rule's or an authority's history, on their days of the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol, TypeVar

from .model import CalendarDay, Pack, Rule, RuleStatus

Status = TypeVar("Status", covariant=True)


class Entry(Protocol[Status]):
    """A status, and the id of the calendar day from which it holds."""

    @property
    def status(self) -> Status: ...

    @property
    def at(self) -> str: ...


def steps_of(history: Iterable[Entry[Status]], calendar: Mapping[str, CalendarDay]) -> list[tuple[date, Status]]:
    """The steps in the order of their days; of two on one day the one written later comes last."""
    return sorted(((calendar[entry.at].day, entry.status) for entry in history), key=lambda step: step[0])


def first_day(rule: Rule, pack: Pack) -> date | None:
    """The day on which the rule first becomes applicable; ``None`` where its history has none."""
    return min((pack.calendar[entry.at].day for entry in rule.history if entry.status is RuleStatus.APPLICABLE), default=None)
