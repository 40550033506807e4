"""Reads for the public site."""

from __future__ import annotations

from datetime import date
from typing import Any

from insyn.core.terms import RecordKind
from insyn.rules.gates import GateState
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import role_label
from insyn.web.assessments.models import Classification
from insyn.web.assessments.showing import the_class
from insyn.web.history.keeping import class_in, with_class
from insyn.web.register.compiling import gates_of
from insyn.web.register.models import Record, System
from insyn.web.register.rows import Rows


def public_gates(system: System, on: date, rows: Rows) -> tuple[GateState, ...] | None:
    """The gates as they stand, or None where the rule packs cannot be relied on: then nothing is shown as met."""
    try:
        return gates_of(system, rows.binding(on), versions=rows.versions_asked, on=on, rows=rows)
    except ActRefused:
        return None


def public_records(on: date, rows: Rows) -> tuple[list[Record], int]:
    """Records that are public, the newest first, and how many are not."""
    valid = sorted(rows.valid(on), key=lambda record: (record.recorded_on, record.pk), reverse=True)
    shown = [record for record in valid if record.public]
    return shown, len(valid) - len(shown)


def public_class(system: System, on: date, rows: Rows | None = None) -> dict[str, Any] | None:
    """The class as it was recorded last, in words, with what it rests on; nothing while its record is withheld or no longer holds."""
    valid = (rows or Rows(system)).valid(on)
    shown = [record.pk for record in valid if record.public and record.kind == RecordKind.CLASSIFICATION]
    kept = Classification.objects.filter(system=system, record__in=shown).order_by("-record__recorded_on", "-record")
    found = with_class(kept).values("told", "reasons", "day", "role").first() if shown else None
    if found is None:
        return None
    hits = [reason for reason in found["reasons"] if reason["result"] == "yes"]
    return {"class": the_class(class_in(found["told"])), "hits": hits, "day": found["day"], "role": role_label(found["role"])}
