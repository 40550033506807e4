"""Which declared fields of data no decision used for a year.

The publisher reads the facts rows and writes, for each system, in which month each group and feature was last named (see
:mod:`insyn.supervision.fields`); here that is held against the fields of the decided data uses. A field is found by its name: that of a
declared group or of a feature. What cannot be seen is said, never guessed: a system whose facts rows name no features, a field that a
program reads without naming it among its factors, and records that were erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import msgspec

from insyn.core.fieldsnamed import FieldsNamed

from .datauses import DataUse, PurposeKind
from .models import System

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class FieldUse:
    """A field of a decided data use. ``state``: used, unused, too_new (decided less than a year ago) or cannot_see."""

    data_use: DataUse
    field: Mapping[str, str]
    state: str
    last: str

    @property
    def put_forward(self) -> bool:
        """Should it be removed, unless somebody knows better?"""
        return self.state == "unused"


_decoder = msgspec.json.Decoder(FieldsNamed)


def read_seen(folder: Path, slug: str) -> FieldsNamed | None:
    """What was seen of the system, or ``None``: what cannot be read is not guessed."""
    try:
        return _decoder.decode((folder / f"{slug}.json").read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def unused_fields(system: System, on: date, seen: FieldsNamed | None) -> list[FieldUse]:
    """Each field in ordinary use, with whether a decision used it in the past year."""
    return fields_of(system, DataUse.objects.filter(system=system, purpose_kind=PurposeKind.ORDINARY).holding(on), on, seen)


def fields_of(system: System, rows: Iterable[DataUse], on: date, seen: FieldsNamed | None) -> list[FieldUse]:
    """:func:`unused_fields` for whoever has read the uses of data that hold."""
    return [_of(row, field, system, on, seen) for row in rows for field in row.fields_in_use()]


def _of(row: DataUse, field: Mapping[str, str], system: System, on: date, seen: FieldsNamed | None) -> FieldUse:
    last = seen.last.get(field["name"], "") if seen is not None else ""
    if last >= (on - YEAR).isoformat()[:7]:
        state = "used"
    elif not _visible(field["name"], system, seen):
        state = "cannot_see"
    else:
        state = "too_new" if row.decided_on is None or row.decided_on > on - YEAR else "unused"
    return FieldUse(row, field, state, last)


def _visible(name: str, system: System, seen: FieldsNamed | None) -> bool:
    if seen is None or not seen.rows:
        return False
    return name in system.groups or seen.features
