"""Texts from people, as they may be stored: plain, of bounded length, without signs that cannot be seen."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput

MAX_PROPOSAL = 4_000
MAX_TEXT = 20_000
_KEPT = frozenset("\n\t")


def plain_text(place: str, text: str, *, limit: int = MAX_TEXT, required: bool = True) -> str:
    """The text without control and direction signs. Raises :class:`InvalidInput` when it is empty or too long."""
    if len(text) > 2 * limit:  # before any work is done on it
        raise InvalidInput(_("At most %(limit)d characters.") % {"limit": limit}, place=place)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(sign for sign in text if sign in _KEPT or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co")).strip()
    if required and not text:
        raise InvalidInput(_("This is required."), place=place)
    if len(text) > limit:
        raise InvalidInput(_("At most %(limit)d characters.") % {"limit": limit}, place=place)
    return text
