"""Identity numbers in free text: found, and masked before anything is shown. Pure.

Personal identity numbers and coordination numbers, with ten or twelve digits of any script, with or without signs between, also with the
plus of those who are over a hundred. A number counts when its date can be one and its check digit is right.

A column of a table is read otherwise (:func:`written_as_identity_number`): there ten digits in a row are more often a telephone number or
a number of a case, and a number with its sign before the last four is one even when somebody has typed a digit wrong.
"""

from __future__ import annotations

import re
import unicodedata

MASK = "••••••-••••"

_DIGIT = re.compile(r"\d")
_DASH = r"\-\u2010-\u2015\u2212\u00ad\ufe63\uff0d"
_SIGNS = rf" \t\u00a0\u2000-\u200a\u202f\u3000./_{_DASH}"
_BETWEEN = rf"[{_SIGNS}]{{0,2}}"
_NUMBER = re.compile(
    rf"(?<!\d)(?:(?:1[89]|20){_BETWEEN})?(\d\d){_BETWEEN}(\d\d){_BETWEEN}(\d\d)[{_SIGNS}+\uff0b]{{0,3}}(\d\d\d){_BETWEEN}(\d)(?!\d)"
)
_BIRTHDAY = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
_WITH_SIGN = re.compile(rf"(?<!\d)(?:18|19|20)?{_BIRTHDAY}[-+]\d{{4}}(?!\d)")
_TWELVE_DIGITS = re.compile(rf"(?<!\d)(?:18|19|20)({_BIRTHDAY}\d{{4}})(?!\d)", re.ASCII)


def mask(text: str) -> str:
    """The text with every identity number replaced by :data:`MASK`."""
    if not _may_hold(text):
        return text
    parts, end = [], 0
    for found in _NUMBER.finditer(_in_plain_digits(text)):
        if _is_number(found):
            parts += [text[end : found.start()], MASK]
            end = found.end()
    return "".join((*parts, text[end:]))


def holds_identity_number(text: str) -> bool:
    return _may_hold(text) and any(_is_number(found) for found in _NUMBER.finditer(_in_plain_digits(text)))


def written_as_identity_number(text: str) -> bool:
    """Is there a number in a cell that looks like one? Twelve digits in a row count only if the last of them checks."""
    return _WITH_SIGN.search(text) is not None or any(check_digit_holds(match[1]) for match in _TWELVE_DIGITS.finditer(text))


def _may_hold(text: str) -> bool:
    """Are there digits enough? Most texts have none, and looking closer costs a step for each sign."""
    return len(_DIGIT.findall(text)) >= 10


def _in_plain_digits(text: str) -> str:
    """The same text, sign for sign, with the digits of every script written 0 to 9."""
    return text if text.isascii() else "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def _is_number(found: re.Match[str]) -> bool:
    digits = "".join(found.groups())
    month, day = int(digits[2:4]), int(digits[4:6])
    return 1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91) and check_digit_holds(digits)


def check_digit_holds(digits: str) -> bool:
    """Luhn's sum, by which the last digit is made."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0
