"""The normal form of a person's identity, so that a person is found again however the number was written. Pure.

A Swedish personal identity number or coordination number becomes twelve digits: with or without the century, with a dash, a plus for
those who have turned or turn a hundred that year, spaces, in the digits of any script. Anything else is kept, without blanks around it and without regard to capitals.

A number counts only when its date can be one and its check digit is right: a number of a case that was taken for a person's would lead one
person to another's record. Ten digits without a plus are of the latest century in which the person can have been born.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from .birth import birth_in
from .identity import check_digit_holds

_WHOLE = re.compile(r"(18|19|20)?(\d\d)(\d\d)(\d\d)(\+?)(\d{4})", re.ASCII)
#: What people put between the parts of a number, beside dashes; and minus signs and hyphens that Unicode does not count as dashes.
_BETWEEN = frozenset(" \t./_\u00ad")
_MINUS = frozenset("\u2212\u2043")
_PLAIN = str.maketrans("", "", "-" + "".join(sign for sign in _BETWEEN if sign.isascii()))
_TWELVE, _DAY_ADDED = 12, 60


def plain_subject(text: str, *, on: date) -> str:
    """The normal form of an identity as it was written on the day. Empty for nothing but blanks."""
    kept = unicodedata.normalize("NFC", text).strip()
    found = _WHOLE.fullmatch(_digits(kept))
    if found is None:
        return kept.casefold()
    century, year, month, day, plus, last = found.groups()
    if not check_digit_holds(year + month + day + last):
        return kept.casefold()
    hundreds = int(century) if century else _century(int(year), int(month), int(day), on=on, over_hundred=bool(plus))
    if not _may_be_date(hundreds * 100 + int(year), int(month), int(day)):
        return kept.casefold()
    return f"{hundreds}{year}{month}{day}{last}"


def is_persons_number(text: str, *, on: date) -> bool:
    """Whether somebody can have it: a personal identity number or a coordination number, of somebody who is born by the day."""
    return birth_in(text, on=on) is not None or tells_no_birthday(text, on=on)


def tells_no_birthday(text: str, *, on: date) -> bool:
    """Whether it is a coordination number with zeros where the day or the month of birth is not known."""
    plain = plain_subject(text, on=on)
    if not (len(plain) == _TWELVE and plain.isdecimal() and plain.isascii() and check_digit_holds(plain[2:])):
        return False
    month, day = int(plain[4:6]), int(plain[6:8])
    return 0 in (month, day - _DAY_ADDED) and _may_be_date(int(plain[:4]), month, day)


def writings(text: str, *, on: date) -> tuple[str, ...]:
    """The normal form first, then how the same identity may have been written before there was one."""
    plain = plain_subject(text, on=on)
    found = [plain, text, text.strip()]
    if len(plain) == _TWELVE and plain.isdecimal() and plain.isascii():
        day, last = plain[:8], plain[8:]
        found += [f"{day}-{last}", f"{day} {last}"]
        for sign in ("-", "+", ""):
            short = f"{day[2:]}{sign}{last}"
            if plain_subject(short, on=on) == plain:  # ten digits that would be another person's are not looked for
                found.append(short)
    return tuple(dict.fromkeys((plain, *(one for one in found if one.strip()))))


def _digits(text: str) -> str:
    """The text with the digits of every script as 0 to 9, and nothing between the parts but a plus: no marks that are not seen either."""
    if text.isascii():  # nearly every number: on the way of each decision
        return text.translate(_PLAIN)
    compatible = unicodedata.normalize("NFKC", text)
    signs = ("-" if sign in _MINUS or unicodedata.category(sign) == "Pd" else sign for sign in compatible if not _stands_between(sign))
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in signs).replace("-", "")


def _stands_between(sign: str) -> bool:
    return sign in _BETWEEN or unicodedata.category(sign) == "Cf"  # marks of direction, say, that come along when a number is copied


def _century(year: int, month: int, day: int, *, on: date, over_hundred: bool) -> int:
    """The latest century in which the person can have been born by the day; with a plus, in which they turn a hundred by the end of the year.

    The dash becomes a plus in the year in which the person turns a hundred, not on the day.
    """
    newest = on.year // 100
    if over_hundred:
        return newest - 1 if year <= on.year % 100 else newest - 2
    born = (newest * 100 + year, month, day % _DAY_ADDED)
    return newest - 1 if born > (on.year, on.month, on.day) else newest


def _may_be_date(year: int, month: int, day: int) -> bool:
    """Whether it can be a day of birth. A coordination number adds sixty to the day, and has zeros where the day or month is not known."""
    added = day >= _DAY_ADDED
    day -= _DAY_ADDED if added else 0
    if added and (month == 0 or day == 0):
        return month <= 12 and day <= 31
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
