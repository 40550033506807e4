"""Citations of a text system: the places in the material that an answer rests on, found word for word or refused.

A quotation that a model made up looks like any other. So it is looked up in the text that the model was given, before it is sent and once more by the
gateway; what does not stand there is no citation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from insyn.core.errors import InvalidInput
from insyn.core.explained import field_of
from insyn.core.messages import Citation

MOST, LONGEST = 50, 2000


def find_quotes(payload: Mapping[str, Any], quotes: Iterable[str], *, fields: Iterable[str] | None = None) -> tuple[Citation, ...]:
    """Where each quotation stands: the first place in the first of the fields (default: every text of the payload) that holds it.

    Raises :class:`InvalidInput` naming the quotation that stands nowhere, is empty, or is too long to be one.
    """
    held = [(field, text) for field in fields or _texts(payload) if isinstance(text := field_of(payload, field), str)]
    found = tuple(_find(held, quote, f"quotes[{number}]") for number, quote in enumerate(quotes))
    if len(found) > MOST:
        raise InvalidInput(f"at most {MOST} citations", place="quotes", mend="Cite what the answer rests on the most.")
    return found


def _texts(payload: Mapping[str, Any]) -> list[str]:
    names = []
    for name, value in payload.items():
        names += [f"{name}.{inner}" for inner in value] if isinstance(value, Mapping) else [name]
    return names


def _find(held: Iterable[tuple[str, str]], quote: str, place: str) -> Citation:
    if len(quote) > LONGEST or not any(sign.isalnum() for sign in quote):
        raise InvalidInput(f"a quotation has from 1 to {LONGEST} characters, and a letter or a digit among them", place=place)
    for field, text in held:
        start = text.find(quote)
        if start >= 0:
            return Citation(field=field, start=start, end=start + len(quote), text=quote)
    raise InvalidInput(
        "the words do not stand in the material", place=place, mend="Quote word for word, or leave the quotation out: it may be made up."
    )
