"""Days in a record: their order, and how long the record holds by what it says itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.terms import RecordKind
from insyn.law.durations import after
from insyn.web import clock

#: The field that says how long a record holds, at the top or in each line of a table.
HOLDS_THROUGH = "holds_through"
#: No longer than this after the day of the test.
_LONGEST: Mapping[RecordKind, tuple[str, str]] = {RecordKind.ROBUSTNESS_TEST: ("tested_on", "P1Y")}


def in_order(content: Mapping[str, Any], first: str, second: str, message: str) -> None:
    """Days are stored as 2026-01-31, so their order is that of the text."""
    if content[first] > content[second]:
        raise InvalidInput(message, place=first)


def not_to_come(content: Mapping[str, Any], name: str, place: str = "") -> None:
    if content[name] > clock.today().isoformat():
        raise InvalidInput(_("This day is still to come."), place=place or name)


def last_day_of(kind: RecordKind, content: Mapping[str, Any], valid_through: date | None) -> date | None:
    """The record's last day: the earliest of the one given with it and those in it. Raises :class:`InvalidInput` for one too late or past."""
    _not_too_long(kind, content)
    found = {} if valid_through is None else {"valid_through": valid_through}
    found |= {place: date.fromisoformat(day) for place, day in _own_days(content)}
    for place, day in found.items():
        if day < clock.today():
            raise InvalidInput(_("The day has passed."), place=place)
    return min(found.values(), default=None)


def _own_days(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if content.get(HOLDS_THROUGH):
        yield HOLDS_THROUGH, content[HOLDS_THROUGH]
    for name, value in content.items():
        rows = value if isinstance(value, list) else []
        for number, row in enumerate(rows):
            if isinstance(row, dict) and row.get(HOLDS_THROUGH):
                yield f"{name}[{number}].{HOLDS_THROUGH}", row[HOLDS_THROUGH]


def _not_too_long(kind: RecordKind, content: Mapping[str, Any]) -> None:
    if kind in _LONGEST:
        begins, duration = _LONGEST[kind]
        last = after(date.fromisoformat(content[begins]), duration)
        if content[HOLDS_THROUGH] > last.isoformat():
            raise InvalidInput(_("At the latest %(day)s.") % {"day": last.isoformat()}, place=HOLDS_THROUGH)
