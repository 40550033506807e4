"""Named functions for a first day that differs from system to system. A rule names one in ``starts_by``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from .answers import NEVER, UNKNOWN
from .model import Answer, CalendarDay

Start = Callable[[date, Mapping[str, Answer], Mapping[str, CalendarDay]], date | None]

PLACED, CHANGED, FOR_AUTHORITIES = "aia.first_placed", "aia.design_changed", "aia.intended_for_public_authorities"
_AUTHORITIES_FROM = "aia-111-2-public-authorities"
_GENERATORS_FROM = "aia-111-4-generators"


def aia_legacy(first: date, answers: Mapping[str, Answer], calendar: Mapping[str, CalendarDay]) -> date | None:
    """AI Act, Article 111(2): when the duties begin for a system that was there before ``first``; ``None``: not until it is changed.

    An unknown answer takes the earlier day: a system is old only when that is shown.
    """
    placed = _day(answers.get(PLACED, UNKNOWN), otherwise=first)
    if placed is None or placed >= first:
        return placed or first
    changed = _day(answers.get(CHANGED, UNKNOWN), otherwise=first)
    if changed is not None and changed >= first:
        return changed
    return calendar[_AUTHORITIES_FROM].day if answers.get(FOR_AUTHORITIES, UNKNOWN) != "no" else None


def aia_generators(first: date, answers: Mapping[str, Answer], calendar: Mapping[str, CalendarDay]) -> date | None:
    """AI Act, Article 111(4): marking (Article 50(2)) begins later for what was placed on the market before ``first``."""
    placed = _day(answers.get(PLACED, UNKNOWN), otherwise=first)
    return calendar[_GENERATORS_FROM].day if placed is not None and placed < first else first


def _day(answer: Answer, *, otherwise: date) -> date | None:
    """The day answered, ``None`` for never, ``otherwise`` where nobody knows."""
    if answer == UNKNOWN or not isinstance(answer, str):
        return otherwise
    return None if answer == NEVER else date.fromisoformat(answer)


STARTS: Mapping[str, Start] = {"aia_legacy": aia_legacy, "aia_generators": aia_generators}
#: The facts that each function reads, and the calendar days that it needs.
STARTS_FACTS: Mapping[str, tuple[str, ...]] = {"aia_legacy": (PLACED, CHANGED, FOR_AUTHORITIES), "aia_generators": (PLACED,)}
STARTS_CALENDAR: Mapping[str, tuple[str, ...]] = {"aia_legacy": (_AUTHORITIES_FROM,), "aia_generators": (_GENERATORS_FROM,)}
