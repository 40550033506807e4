"""Named functions for a first day that differs from system to system. A rule names one in ``starts_by``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from .answers import NEVER, UNKNOWN
from .model import Answer, CalendarDay

Start = Callable[[date, Mapping[str, Answer], Mapping[str, CalendarDay]], date | None]

PLACED, CHANGED, FOR_AUTHORITIES = "aia.first_placed", "aia.design_changed", "aia.intended_for_public_authorities"
PURPOSE_CHANGED = "aia.purpose_changed"
BY_ANNEX_III, HIGH_RISK = "class.high_risk_annex_iii", "class.high_risk"
_ANNEX_III_FROM, _ANNEX_I_FROM = "aia-113-3-c-i", "aia-113-3-c-ii"
_AUTHORITIES_FROM = "aia-111-2-public-authorities"
_GENERATORS_FROM = "aia-111-4-generators"


def aia_legacy(first: date, answers: Mapping[str, Answer], calendar: Mapping[str, CalendarDay]) -> date | None:
    """AI Act, Articles 113(3)(c) and 111(2): when the duties begin for a system; ``None``: not until it is changed.

    Where the system is high-risk only by Annex I, they begin on that route's day. Whoever uses it for another purpose has a new system
    (Article 25(1)(c)). A change after the day of the authorities puts nothing off that binds already. An unknown answer takes the earlier
    day: a system is old, or of the later route, only when that is shown.
    """
    if first == calendar[_ANNEX_III_FROM].day and _only_annex_i(answers):
        first = calendar[_ANNEX_I_FROM].day
    if answers.get(PURPOSE_CHANGED, UNKNOWN) != "no":
        return first
    placed = _day(answers.get(PLACED, UNKNOWN), otherwise=first)
    if placed is None or placed >= first:
        return placed or first
    changed = _day(answers.get(CHANGED, UNKNOWN), otherwise=first)
    days = [changed] if changed is not None and changed >= first else []
    if answers.get(FOR_AUTHORITIES, UNKNOWN) != "no":
        days.append(calendar[_AUTHORITIES_FROM].day)
    return min(days, default=None)


def _only_annex_i(answers: Mapping[str, Answer]) -> bool:
    """Is it shown that the system is high-risk, and not by Annex III? Not while the class is being settled."""
    return answers.get(BY_ANNEX_III) == "no" and answers.get(HIGH_RISK) == "yes"


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
#: The facts that each function reads and people answer, and the calendar days that it needs.
STARTS_FACTS: Mapping[str, tuple[str, ...]] = {
    "aia_legacy": (PLACED, CHANGED, FOR_AUTHORITIES, PURPOSE_CHANGED),
    "aia_generators": (PLACED,),
}
STARTS_CALENDAR: Mapping[str, tuple[str, ...]] = {
    "aia_legacy": (_ANNEX_III_FROM, _ANNEX_I_FROM, _AUTHORITIES_FROM),
    "aia_generators": (_GENERATORS_FROM,),
}
