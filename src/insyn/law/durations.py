"""ISO 8601 durations of years, months, days and hours, as far as deadlines in packs need them."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

_DURATION = re.compile(r"P(?=[\dT])(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?(?:T(\d{1,5})H)?")


def parts_of(duration: str) -> tuple[int, int, int, int]:
    """Years, months, days and hours. Raises ``ValueError`` for other text."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a duration of years, months, days and hours such as P1Y6M or PT72H")
    years, months, days, hours = (int(part or 0) for part in match.groups())
    return years, months, days, hours


def after(start: date, duration: str) -> date:
    """``start`` plus the duration; a day that the month lacks becomes its last. Raises ``ValueError`` for other text, and for hours."""
    years, months, days, _ = parts_of(duration)
    if "T" in duration:
        raise ValueError(f"{duration!r} counts hours, and a day has none")
    month = start.month - 1 + years * 12 + months
    year, month = start.year + month // 12, month % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return date(year, month, day) + timedelta(days=days)
