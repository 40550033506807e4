"""Identity numbers in free text: found and masked before anything is shown. Pure.

Personal identity numbers and coordination numbers, with ten or twelve digits of any script, with or without signs between, also with the
plus of those who are over a hundred. A number counts when its date can be one and its check digit is right.
"""

from __future__ import annotations

import re
import unicodedata

MASK = "••••••-••••"

_DASH = r"\-\u2010-\u2015\u2212\u00ad\ufe63\uff0d"
_SIGNS = rf" \t\u00a0\u2000-\u200a\u202f\u3000./_{_DASH}"
_BETWEEN = rf"[{_SIGNS}]{{0,2}}"
_NUMBER = re.compile(
    rf"(?<!\d)(?:(?:1[89]|20){_BETWEEN})?(\d\d){_BETWEEN}(\d\d){_BETWEEN}(\d\d)[{_SIGNS}+\uff0b]{{0,3}}(\d\d\d){_BETWEEN}(\d)(?!\d)"
)


def mask_identity_numbers(text: str) -> str:
    """The text with every identity number replaced by :data:`MASK`."""
    parts, end = [], 0
    for found in _NUMBER.finditer(_in_plain_digits(text)):
        if _is_number(found):
            parts += [text[end : found.start()], MASK]
            end = found.end()
    return "".join((*parts, text[end:]))


def holds_identity_number(text: str) -> bool:
    return any(_is_number(found) for found in _NUMBER.finditer(_in_plain_digits(text)))


def _in_plain_digits(text: str) -> str:
    """The same text, sign for sign, with the digits of every script written 0 to 9."""
    return text if text.isascii() else "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def _is_number(found: re.Match[str]) -> bool:
    digits = [int(sign) for part in found.groups() for sign in part]
    month, day = 10 * digits[2] + digits[3], 10 * digits[4] + digits[5]
    return 1 <= month <= 12 and (1 <= day <= 31 or 61 <= day <= 91) and _luhn(digits)


def _luhn(digits: list[int]) -> bool:
    doubled = [digit * (2 if place % 2 == 0 else 1) for place, digit in enumerate(digits)]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
