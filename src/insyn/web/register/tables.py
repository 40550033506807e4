"""Tables of lines in a form, without JavaScript: ``risks`` says how many lines there are, ``risks-0-cause`` is a cell of the first.

Content that is written but not yet checked is *loose*: texts as typed, ``{name: text}``, ``{name: [texts]}`` or ``{name: [{column: text}]}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from .contents import ContentField, FieldKind
from .contents.fields import MAX_ROWS

_MANY = (FieldKind.CHOICES, FieldKind.PEOPLE)
Loose = dict[str, Any]


def cell(table: str, row: int, column: str) -> str:
    return f"{table}-{row}-{column}"


def loose_content(fields: tuple[ContentField, ...], data: QueryDict) -> Loose:
    """What was typed, by field. Lines of a table in which nothing was typed are left out."""
    return {field.name: _loose(field, field.name, data) for field in fields}


def _loose(field: ContentField, name: str, data: QueryDict) -> Any:
    if field.kind is FieldKind.ROWS:
        rows = [_row(field, number, data) for number in range(count(field, data))]
        return [row for row in rows if any(row.values())]
    return data.getlist(name) if field.kind in _MANY else data.get(name, "").strip()


def _row(field: ContentField, number: int, data: QueryDict) -> Loose:
    return {column.name: _loose(column, cell(field.name, number, column.name), data) for column in field.columns}


def count(field: ContentField, data: Mapping[str, Any]) -> int:
    """How many lines were sent: between none and the most that may be."""
    text = str(data.get(field.name, ""))
    return min(int(text), MAX_ROWS) if re.fullmatch(r"[0-9]{1,4}", text) else 0


def compacted(fields: tuple[ContentField, ...], data: QueryDict) -> QueryDict:
    """The same data with the empty lines gone, so that a line has the same number in the form, in the content and in an error."""
    found = data.copy()
    for field in fields:
        if field.kind is FieldKind.ROWS:
            rows = _loose(field, field.name, data)
            for key in [key for key in found if key.startswith(f"{field.name}-")]:
                del found[key]
            found[field.name] = str(len(rows))
            for number, row in enumerate(rows):
                for column, value in row.items():
                    found.setlist(cell(field.name, number, column), value if isinstance(value, list) else [value])
    return found


def as_initial(fields: tuple[ContentField, ...], content: Mapping[str, Any]) -> Loose:
    """Content, loose or stored, as the initial values of a form."""
    found: Loose = {}
    for field in fields:
        value = content.get(field.name)
        if field.kind is not FieldKind.ROWS:
            found[field.name] = value
            continue
        for number, row in enumerate(value or ()):
            found |= {cell(field.name, number, column): text for column, text in row.items()}
    return found


def lines_in(field: ContentField, content: Mapping[str, Any]) -> int:
    value = content.get(field.name)
    return min(len(value), MAX_ROWS) if isinstance(value, list) else 0
