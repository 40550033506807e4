"""Reads of history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .models import Revision
from .reading import changed_fields, content


@dataclass(frozen=True)
class Line:
    """A revision in the list, with the names of the fields that it changed."""

    revision: Revision
    fields: list[str]


def lines_of(revisions: Iterable[Revision], public_by: Mapping[str, Any] | None) -> list[Line]:
    """Each revision, newest first, with what it changed."""
    shown = list(revisions)
    if not shown:
        return []
    before = Revision.objects.filter(system=shown[0].system_id, number=shown[-1].number - 1).first()
    said = {one.number: content(one) for one in (*shown, *([before] if before else []))}
    return [Line(one, changed_fields(said[one.number], said.get(one.number - 1), public_by=public_by)) for one in shown]
