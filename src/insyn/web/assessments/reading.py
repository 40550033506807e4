"""A record as it is read, on the page and in the document: label and text, or a table with its heads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from insyn.law.model import Citation
from insyn.law.ready import cite
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.register import packs
from insyn.web.register.contents import ContentField, FieldKind, fields_of
from insyn.web.register.models import Record

_PEOPLE = (FieldKind.PERSON, FieldKind.PEOPLE)


@dataclass(frozen=True)
class Part:
    """One field of a record. A table has ``heads`` and ``rows``, everything else ``text``."""

    label: str
    text: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def wide(self) -> bool:
        """Too many columns to stand beside each other."""
        return len(self.heads) > 5

    @property
    def cells(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The rows, each cell with its head."""
        return tuple(tuple(zip(self.heads, row, strict=True)) for row in self.rows)


def parts_of(record: Record) -> list[Part]:
    """What the record says, in the order of its form. Of an older record also what its kind no longer asks for."""
    fields = fields_of(record.kind)
    return content_parts(fields, record.content) + _others(fields, record.content)


def content_parts(fields: Iterable[ContentField], content: Mapping[str, Any]) -> list[Part]:
    """What is written, stored or still loose."""
    fields = tuple(fields)
    people = _people(fields, content)
    return [_part(field, content[field.name], people) for field in fields if content.get(field.name) not in (None, "", [])]


def _part(field: ContentField, value: Any, people: Mapping[str, str]) -> Part:
    if field.kind is FieldKind.ROWS and isinstance(value, list):
        heads = tuple(str(column.label) for column in field.columns)
        rows = tuple(tuple(_text(column, row.get(column.name), people) for column in field.columns) for row in value)
        return Part(str(field.label), heads=heads, rows=rows)
    return Part(str(field.label), _text(field, value, people))


def _text(field: ContentField, value: Any, people: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if field.kind in _PEOPLE:
        return ", ".join(people.get(str(one), str(one)) for one in _many(value))
    if field.kind is FieldKind.YES_NO:
        return {"yes": _("Yes"), "no": _("No")}.get(str(value), str(value))
    words = {choice: str(label) for choice, label in field.choices}
    return ", ".join(words.get(str(one), str(one)) for one in _many(value))


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _people(fields: Iterable[ContentField], content: Mapping[str, Any]) -> dict[str, str]:
    named = [str(one) for field in fields if field.kind in _PEOPLE for one in _many(content.get(field.name) or [])]
    return {user.person: str(user) for user in User.objects.filter(person__in=named)} if named else {}


def _others(fields: Iterable[ContentField], content: Mapping[str, Any]) -> list[Part]:
    known = {field.name for field in fields}
    return [Part(name, str(value)) for name, value in content.items() if name not in known and value]


def citations_of(field: ContentField) -> list[Citation]:
    """The provisions behind a question, with the level that their packs give them; only of packs in force."""
    if not field.citations:
        return []
    held = {pack.id: pack for pack in packs.in_force(clock.today())}
    found = []
    for citation in field.citations:
        pack, _slash, provision = citation.rpartition("/")
        if pack in held and provision in held[pack].provisions:
            found.append(cite(held[pack], provision))
    return found
