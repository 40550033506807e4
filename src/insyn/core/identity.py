"""Identity numbers in free text: found, and masked before anything is shown. Pure.

Personal identity numbers and coordination numbers, with ten or twelve digits of any script, with or without signs between (also a dash and a new line,
signs that are not seen, and markup), each digit by itself with spaces between, also with the plus of those who are over a hundred. A number
counts when its date can be one and its check digit is right; a coordination number may have zeros where month or day is not known.

A column of a table is read otherwise (:func:`written_as_identity_number`): there ten digits in a row are more often a telephone number or
a number of a case, and a number with its sign before the last four is one even when somebody has typed a digit wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

MASK = "••••••-••••"

_DIGIT = re.compile(r"\d")
_DASH = r"\-\u2010-\u2015\u2043\u2212\u02d7\ufe58\ufe63\uff0d"
_UNSEEN = frozenset({"Cf", "Mn", "Me"})
_BLANK = r" \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000"
_SIGNS = rf"{_BLANK}{_DASH}./_*~\u00b7\u2022"
_ENTITY = r"&(?:[a-z]{2,6}|#\d{2,5}|#x[0-9a-f]{2,5});"
_BETWEEN = rf"[{_SIGNS}]{{0,2}}"
#: Over a line only with a dash: a sum under a date is no number.
_BEFORE_LAST = rf"(?:(?:[{_SIGNS}+\uff0b]|{_ENTITY}){{0,5}}|\s{{0,3}}[{_DASH}+\uff0b]\s{{0,3}})"
_PARTS = rf"(?:(?:1[89]|20){_BETWEEN})?(\d\d){_BETWEEN}(\d\d){_BETWEEN}(\d\d){_BEFORE_LAST}(\d\d\d){_BETWEEN}(\d)"
_ONE_BY_ONE = rf"(?:[12][{_BLANK}][890][{_BLANK}])?" + rf"[{_BLANK}]".join(
    (rf"(\d[{_BLANK}]\d)",) * 3 + (rf"[-+]?[{_BLANK}]?(\d[{_BLANK}]\d[{_BLANK}]\d)", r"(\d)")
)
_NUMBER = re.compile(rf"(?<!\d)(?:{_PARTS}|{_ONE_BY_ONE})(?!\d)", re.IGNORECASE)
_BIRTHDAY = r"\d{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0\d|1[0-2])(?:[678]\d|9[01]))"
_WITH_SIGN = re.compile(rf"(?<!\d)(?:18|19|20)?{_BIRTHDAY}[+{_DASH}]\d{{4}}(?!\d)")
_TWELVE_DIGITS = re.compile(rf"(?<!\d)(?:18|19|20)({_BIRTHDAY}\d{{4}})(?!\d)", re.ASCII)


def mask(text: str) -> str:
    """The text with every identity number replaced by :data:`MASK`."""
    if not _may_hold(text):
        return text
    parts, end = [], 0
    for first, last in _numbers_in(text):
        parts += [text[end:first], MASK]
        end = last + 1
    return "".join((*parts, text[end:]))


def holds_identity_number(text: str) -> bool:
    return _may_hold(text) and next(_numbers_in(text), None) is not None


def written_as_identity_number(text: str) -> bool:
    """Is there a number in a cell that looks like one? Twelve digits in a row count only if the last of them checks."""
    return _WITH_SIGN.search(text) is not None or any(check_digit_holds(match[1]) for match in _TWELVE_DIGITS.finditer(text))


def _may_hold(text: str) -> bool:
    """Are there digits enough? Most texts have none, and looking closer costs a step for each sign."""
    return len(_DIGIT.findall(text)) >= 10


def _numbers_in(text: str) -> Iterator[tuple[int, int]]:
    """The places of the first and the last sign of each number; of those that stand in each other, as of one."""
    plain, places = _as_read(text)
    start, end = 0, 0
    for first, last in _spans(plain):
        if first >= end and end:
            yield places[start], places[end - 1]
        start, end = (start if first < end else first), max(end, last)
    if end:
        yield places[start], places[end - 1]


def _spans(plain: str) -> Iterator[tuple[int, int]]:
    """What only looks like a number, a day before one say, must not hide the number that begins in it: so each beginning is tried."""
    found = _NUMBER.search(plain)
    while found is not None:
        if _is_number(found):
            yield found.span()
        found = _NUMBER.search(plain, found.start() + 1)


def _as_read(text: str) -> tuple[str, Sequence[int]]:
    """The text as a person reads it, with the digits of every script written 0 to 9 and without signs that are not seen; and where each stood."""
    if text.isascii():
        return text, range(len(text))
    seen = [(place, sign) for place, sign in enumerate(text) if unicodedata.category(sign) not in _UNSEEN]
    return "".join(str(unicodedata.decimal(sign, sign)) for _, sign in seen), [place for place, _ in seen]


def _is_number(found: re.Match[str]) -> bool:
    digits = "".join(sign for part in found.groups() if part for sign in part if sign.isdecimal())
    return _may_be_birthday(int(digits[2:4]), int(digits[4:6])) and check_digit_holds(digits)


def _may_be_birthday(month: int, day: int) -> bool:
    """Sixty is added to the day of a coordination number; there, month and day may be zero, which is to say unknown."""
    return (1 <= month <= 12 and 1 <= day <= 31) or (month <= 12 and 60 <= day <= 91)


def check_digit_holds(digits: str) -> bool:
    """Luhn's sum, by which the last digit is made."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0
