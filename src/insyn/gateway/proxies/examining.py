"""Looked for in what goes to a model and in what comes back: personal identity numbers. Pure.

A number found makes the call count as touching the category ``identity_number``, whatever the configuration says, and the permit decides.
Where the configuration says *mask*, the number is taken out on the way and the call counts as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from insyn.core.identity import holds_identity_number, mask, written_as_identity_number

IDENTITY_NUMBER = "identity_number"
#: The end of a text that the next piece could make into a number: digits and the signs that stand between them. Looked for from the
#: beginning of a row of such signs alone: from each sign of it, a long row in the middle of a text would hold up every caller for minutes.
_NUMBERS = r"[\d \t\u00a0\u2000-\u200a\u202f\u3000./+\uff0b\-\u2010-\u2015\u2212\u00ad\ufe63\uff0d]"
_OPEN_END = re.compile(rf"(?<!{_NUMBERS}){_NUMBERS}++\Z")


def texts_in(value: Any) -> Iterator[str]:
    """Every text in parsed JSON, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)
    elif type(value) in (int, float) and abs(value) >= 10**11:
        yield str(int(value))


def holds_number(texts: Iterable[str]) -> bool:
    return any(holds_identity_number(text) for text in texts)


def cell_holds_number(value: Any) -> bool:
    """In a table ten bare digits are more often a telephone number; a text is read as text."""
    if isinstance(value, str):
        return holds_identity_number(value) if not value.isdigit() else written_as_identity_number(value)
    if type(value) in (int, float) and abs(value) >= 10**11:
        return written_as_identity_number(str(int(value)))
    return any(holds_identity_number(text) for text in texts_in(value)) if isinstance(value, dict | list) else False


def masked(value: Any) -> Any:
    """The same JSON with every number masked; a bare integer that is one becomes text."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {mask(str(name)): masked(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    if type(value) in (int, float) and abs(value) >= 10**11 and holds_identity_number(str(int(value))):
        return mask(str(int(value)))
    return value


def settled(text: str) -> int:
    """How much of a text that still grows may be looked at for good: up to digits at its end, which may be half a number."""
    found = _OPEN_END.search(text)
    return len(text) if found is None or not any(sign.isdecimal() for sign in found[0]) else found.start()
