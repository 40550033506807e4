"""The refusal of a message that cannot be read."""

from __future__ import annotations

from insyn.core.errors import InvalidInput
from insyn.core.messages import Denied
from insyn.core.refusals import RefusalCode, refuse
from insyn.core.text import Text


def denied(error: InvalidInput) -> Denied:
    """Says what could not be read, where, and what would mend it."""
    words = f"{error.message}. {error.mend}".removesuffix(" ")
    return Denied(refuse(RefusalCode.INVALID_REQUEST, place=error.place, detail=Text(words, words)))
