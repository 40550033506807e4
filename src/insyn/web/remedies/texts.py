"""Texts of acts about decisions that are looked at again. They stand in the register and in lists, so they name no person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import holds_identity_number
from insyn.web.incidents import checks


def unnamed(place: str, value: str, *, most: int = checks.LONG) -> str:
    """A text that must be there, not longer than this and without an identity number. Raises :class:`InvalidInput`."""
    found = checks.text(place, value, most=most)
    if holds_identity_number(found):
        raise InvalidInput(_("There is an identity number here."), place=place)
    return found
