"""What the JSON fields of a system must look like. Read by the acts, so that nothing else ever lies in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.messages import Name, Slug
from insyn.core.terms import Mode
from insyn.core.text import Text


class Purpose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An intended purpose and what it may touch."""

    purpose: Slug
    name: Text
    categories: tuple[Slug, ...] = ()
    matter_types: tuple[Slug, ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group declared for supervision: what it is called, and its values."""

    label: Text
    values: dict[Name, Text] = {}


class Factor(msgspec.Struct, frozen=True, kw_only=True):
    """A feature in plain words. Other fields (phrases, how a number is written) belong to the page that shows them."""

    label: Text
    unit: str | Text = ""


_SHAPES: Mapping[str, type] = {
    "purposes": list[Purpose],
    "modes": list[Mode],
    "groups": dict[Name, Group],
    "outcomes": dict[Name, Text],
    "factors": dict[Name, Factor],
    "data_uses": list[dict[str, Any]],
}


def check_json(field: str, value: Any) -> Any:
    """The value as it may be stored. Raises :class:`InvalidInput` that names the field and the place in it."""
    shape = _SHAPES.get(field)
    if shape is None:
        return value
    try:
        strict_json.convert(msgspec.to_builtins(value), shape)
    except InvalidInput as error:
        place = f"{field}.{error.place}".replace(".$[", "[").rstrip(".")
        raise InvalidInput(error.message, place=place, mend=error.mend) from error
    return msgspec.to_builtins(value)


def required(place: str, text: str, mend: str = "") -> str:
    """The text without blanks around it. Raises :class:`InvalidInput` when nothing is left."""
    from django.utils.translation import gettext as _

    if not text.strip():
        raise InvalidInput(_("This is required."), place=place, mend=mend)
    return text.strip()
