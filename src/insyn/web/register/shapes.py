"""What the JSON fields of a system must look like. Read by the acts, so that nothing else ever lies in the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from django.utils.translation import gettext as _

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.messages import Name, Slug
from insyn.core.terms import Mode
from insyn.core.text import Text
from insyn.web import clock


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
    changeable: bool | None = None


class Affected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of people that the system affects, and how."""

    group: Text
    how: Text


class Links(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the municipality's other registers tell of the system: an https address, or a number there."""

    record_of_processing: str = ""
    system_register: str = ""
    procurement: str = ""
    case_number: str = ""


Scale = Annotated[int, msgspec.Meta(ge=0, le=4)]


class Klassa(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Information classification as KLASSA puts it: consequence 0-4 of lost confidentiality, integrity, availability and traceability."""

    confidentiality: Scale
    integrity: Scale
    availability: Scale
    traceability: Scale
    day: date


_SHAPES: Mapping[str, type] = {
    "purposes": list[Purpose],
    "modes": list[Mode],
    "groups": dict[Name, Group],
    "outcomes": dict[Name, Text],
    "factors": dict[Name, Factor],
    "data_uses": list[dict[str, Any]],
    "affected_groups": list[Affected],
    "links": Links,
    "klassa": Klassa,
}
#: So many rows of a field, and so many letters of a text in one.
ROWS, LETTERS = 60, 1000
_LINK = 300
#: What a browser would take for an address: case numbers such as "KS 2026:14" do not begin so.
_SCHEME = re.compile(r"\s*[a-z][a-z0-9+.-]*:(?!\d|\s)|\s*//", re.IGNORECASE)


def check_json(field: str, value: Any) -> Any:
    """The value as it may be stored. Raises :class:`InvalidInput` that names the field and the place in it."""
    shape = _SHAPES.get(field)
    if shape is None or (field == "klassa" and not value):
        return value
    try:
        strict_json.convert(msgspec.to_builtins(value), shape)
    except InvalidInput as error:
        place = f"{field}.{error.place}".replace(".$[", "[").rstrip(".")
        raise InvalidInput(error.message, place=place, mend=error.mend) from error
    found = msgspec.to_builtins(value)
    if check := _CHECKS.get(field):
        _bounded(found, field)
        check(found)
    return found


def _bounded(value: Any, place: str) -> None:
    """Raises :class:`InvalidInput` for more than a reader could take in."""
    if isinstance(value, list | dict):
        if len(value) > ROWS:
            raise InvalidInput(_("At most %(limit)d rows.") % {"limit": ROWS}, place=place)
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            _bounded(inner, f"{place}[{key}]" if isinstance(value, list) else f"{place}.{key}")
    elif isinstance(value, str) and len(value) > LETTERS:
        raise InvalidInput(_("At most %(limit)d characters.") % {"limit": LETTERS}, place=place)


def _check_purposes(purposes: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for number, purpose in enumerate(purposes):
        _spoken(purpose["name"], f"purposes[{number}].name")
        if purpose["purpose"] in seen:
            raise InvalidInput(_("Another purpose has this short name."), place=f"purposes[{number}].purpose")
        seen.add(purpose["purpose"])


def _check_affected(groups: list[dict[str, Any]]) -> None:
    for number, group in enumerate(groups):
        _spoken(group["group"], f"affected_groups[{number}].group")
        _spoken(group["how"], f"affected_groups[{number}].how")


def _spoken(text: dict[str, str], place: str) -> None:
    """Something to read in each language."""
    for language in ("sv", "en"):
        required(f"{place}.{language}", text[language])


def _check_links(links: dict[str, str]) -> None:
    for name, link in links.items():
        place = f"links.{name}"
        if len(link) > _LINK:
            raise InvalidInput(_("At most %(limit)d characters.") % {"limit": _LINK}, place=place)
        if any(not letter.isprintable() for letter in link):
            raise InvalidInput(_("There are signs here that cannot be shown."), place=place)
        if _SCHEME.match(link) and not _is_address(link):
            raise InvalidInput(
                _("An address begins with https:// and names a host."), place=place, mend=_("A number may be written as it is.")
            )


def _is_address(text: str) -> bool:
    """An https address that leads where it says: no user name before the host, no other scheme, no space."""
    try:
        parts = urlsplit(text)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and not any(map(str.isspace, text))
    except ValueError:
        return False


def _check_klassa(klassa: dict[str, Any]) -> None:
    if date.fromisoformat(klassa["day"]) > clock.today():
        raise InvalidInput(_("The day has not come yet."), place="klassa.day")


_CHECKS: Mapping[str, Callable[[Any], None]] = {
    "purposes": _check_purposes,
    "affected_groups": _check_affected,
    "links": _check_links,
    "klassa": _check_klassa,
}


def required(place: str, text: str, mend: str = "") -> str:
    """The text without blanks around it. Raises :class:`InvalidInput` when nothing is left."""
    if not text.strip():
        raise InvalidInput(_("This is required."), place=place, mend=mend)
    return text.strip()


def at_most(place: str, text: str, limit: int) -> str:
    """The text without blanks around it, empty if there is none. Raises :class:`InvalidInput` when it is longer."""
    text = text.strip()
    if len(text) > limit:
        raise InvalidInput(_("At most %(limit)d characters.") % {"limit": limit}, place=place)
    return text


def worded(place: str, text: str, limit: int) -> str:
    """A text that must be there and not be longer than this. Raises :class:`InvalidInput`."""
    return at_most(place, required(place, text), limit)


def iso_days(days: Mapping[str, date | None]) -> dict[str, str]:
    """Days by name as the text of an act says them; empty for none."""
    return {name: day.isoformat() if day else "" for name, day in days.items()}


def decision_day(day: date | None) -> date:
    """The day on which something was decided, today when none is given. Raises :class:`InvalidInput` when it lies ahead."""
    day = day or clock.today()
    if day > clock.today():
        raise InvalidInput(_("The day lies ahead. Record the decision when it has been taken."), place="decided_on")
    return day
