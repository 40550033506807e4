"""ISO 8601 durations of years, months and days, as far as deadlines in packs need them."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

_DURATION = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")


def is_duration(text: str) -> bool:
    return _DURATION.fullmatch(text) is not None


def after(start: date, duration: str) -> date:
    """``start`` plus the duration; a day that the month lacks becomes its last. Raises ``ValueError`` for other text."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"{duration!r} is not a duration of years, months and days such as P1Y6M")
    years, months, days = (int(part or 0) for part in match.groups())
    month = start.month - 1 + years * 12 + months
    year, month = start.year + month // 12, month % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return date(year, month, day) + timedelta(days=days)
