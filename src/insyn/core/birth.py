"""The day of birth in a Swedish personal identity number or coordination number, where one stands by itself. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from .identity import check_digit_holds

ADULT = 18
_WHOLE = re.compile(r"(18|19|20)?(\d\d)(\d\d)(\d\d)([-+]?)(\d{4})", re.ASCII)
#: What people put between the parts of a number, beside dashes.
_BETWEEN = frozenset(" \t./_")


@dataclass(frozen=True)
class Birth:
    """``sure``: written so that it can hardly be anything else. Ten digits in a row may be the number of a case."""

    day: date
    sure: bool

    def is_minor(self, *, on: date) -> bool:
        """Under eighteen. Whoever was born on a leap day turns eighteen the day after it in other years."""
        return (self.day.year + ADULT, self.day.month, self.day.day) > (on.year, on.month, on.day)


def birth_in(number: str, *, on: date) -> Birth | None:
    """The birth that the number tells of; ``None`` for anything that is not such a number, and for a number without a whole date.

    With ten digits the century is the latest that lets the person be born by then; where a plus stands in the number, turn a hundred that year.
    """
    found = _WHOLE.fullmatch(_plain(number))
    if found is None:
        return None
    century, year, month, day, sign, last = found.groups()
    if not check_digit_holds(year + month + day + last):
        return None
    month_day = (int(month), int(day) - 60 if int(day) > 60 else int(day))  # a coordination number adds sixty to the day
    if century:
        born = _date(int(century) * 100 + int(year), *month_day, on)
    else:
        newest = on.year // 100 * 100 + int(year)
        if sign == "+":  # it takes the dash's place in the year in which the person turns a hundred
            born = _date(newest - 100 if newest <= on.year else newest - 200, *month_day, on)
        else:
            born = _date(newest, *month_day, on) or _date(newest - 100, *month_day, on)
    return None if born is None else Birth(born, sure=bool(century or sign))


def _plain(number: str) -> str:
    """The number in the digits 0 to 9, with a dash before the last four wherever dashes stood."""
    text = "".join("-" if unicodedata.category(sign) == "Pd" else sign for sign in unicodedata.normalize("NFKC", number))
    text = "".join(sign for sign in text if sign not in _BETWEEN and unicodedata.category(sign) != "Cf")
    bare = text.replace("-", "")
    return bare if bare == text or "+" in bare else f"{bare[:-4]}-{bare[-4:]}"


def _date(year: int, month: int, day: int, on: date) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found if found <= on else None
