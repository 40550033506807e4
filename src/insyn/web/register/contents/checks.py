"""Whether what was filled in may be stored, and as what."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.terms import Role

from .fields import MAX_ROWS, MAX_TEXT, ContentField, FieldKind

HoldsRole = Callable[[str, Role], bool]


def check_fields(fields: tuple[ContentField, ...], content: Mapping[str, object], holds_role: HoldsRole) -> dict[str, object]:
    """The content as it may be stored. Raises :class:`InvalidInput` that names the field; in a table as ``risks[2].measure``."""
    known = {field.name: field for field in fields}
    for name in content:
        if name not in known:
            raise InvalidInput(_("A record of this kind has no such field."), place=name)
    found = {}
    for name, field in known.items():
        value = content.get(name)
        if not _is_empty(value):
            found[name] = _CHECKS[field.kind](field, value, holds_role)
        elif field.required:
            raise InvalidInput(_("This is required."), place=name)
    return found


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], ()) or (isinstance(value, str) and not value.strip())


def _text(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise InvalidInput(_("Write text of at most %(limit)d characters.") % {"limit": MAX_TEXT}, place=field.name)
    return value.strip()


def _day(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
    except ValueError as error:
        raise InvalidInput(_("Write the day as 2026-01-31."), place=field.name) from error


def _number(field: ContentField, value: object, holds_role: HoldsRole) -> float | int:
    try:
        found = float(str(value).replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError as error:
        raise InvalidInput(_("Write a number."), place=field.name) from error
    if not math.isfinite(found) or isinstance(value, bool):
        raise InvalidInput(_("Write a number."), place=field.name)
    if field.least is not None and found < field.least:
        raise InvalidInput(_("At least %(limit)s.") % {"limit": field.least}, place=field.name)
    if field.most is not None and found > field.most:
        raise InvalidInput(_("At most %(limit)s.") % {"limit": field.most}, place=field.name)
    return int(found) if found.is_integer() else found


def _yes_no(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    if value not in ("yes", "no"):
        raise InvalidInput(_("Choose one of the alternatives."), place=field.name)
    return str(value)


def _choice(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    if value not in [choice for choice, _label in field.choices]:
        raise InvalidInput(_("Choose one of the alternatives."), place=field.name)
    return str(value)


def _choices(field: ContentField, value: object, holds_role: HoldsRole) -> list[str]:
    if not isinstance(value, list | tuple):
        raise InvalidInput(_("Choose one of the alternatives."), place=field.name)
    return sorted({_choice(field, one, holds_role) for one in value})


def _person(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    if field.role is not None and not holds_role(str(value), field.role):
        from ..labels import label

        words = {"person": value, "role": label("role", field.role)}
        raise InvalidInput(_("%(person)s holds no mandate as %(role)s.") % words, place=field.name)
    return str(value)


def _people(field: ContentField, value: object, holds_role: HoldsRole) -> list[str]:
    if not isinstance(value, list | tuple):
        raise InvalidInput(_("Name one person or more."), place=field.name)
    return sorted({_person(field, person, holds_role) for person in value})


def _stop_key(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    text = str(value).strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise InvalidInput(_("A public stop key is 64 hexadecimal digits."), place=field.name)
    return text


def _rows(field: ContentField, value: object, holds_role: HoldsRole) -> list[dict[str, object]]:
    if not isinstance(value, list | tuple) or not all(isinstance(row, Mapping) for row in value):
        raise InvalidInput(_("Write one line or more."), place=field.name)
    if len(value) > MAX_ROWS:
        raise InvalidInput(_("At most %(limit)d lines.") % {"limit": MAX_ROWS}, place=field.name)
    found = []
    for number, row in enumerate(value):
        try:
            found.append(check_fields(field.columns, row, holds_role))
        except InvalidInput as error:
            raise InvalidInput(error.message, place=f"{field.name}[{number}].{error.place}", mend=error.mend) from error
    if len(found) < field.at_least:
        raise InvalidInput(_("At least %(limit)s.") % {"limit": field.at_least}, place=field.name)
    return found


_CHECKS: Mapping[FieldKind, Callable[[ContentField, object, HoldsRole], object]] = {
    FieldKind.TEXT: _text,
    FieldKind.LINE: _text,
    FieldKind.DAY: _day,
    FieldKind.NUMBER: _number,
    FieldKind.YES_NO: _yes_no,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.PERSON: _person,
    FieldKind.PEOPLE: _people,
    FieldKind.STOP_KEY: _stop_key,
    FieldKind.ROWS: _rows,
}
