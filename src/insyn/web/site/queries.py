"""Reads for the public site."""

from __future__ import annotations

from datetime import date
from typing import Any

from insyn.rules.gates import GateState
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import role_label
from insyn.web.assessments.models import Classification
from insyn.web.assessments.showing import the_class
from insyn.web.history.keeping import class_in, with_class
from insyn.web.register import packs
from insyn.web.register.compiling import gates_of
from insyn.web.register.models import Record, System


def public_gates(system: System, on: date) -> tuple[GateState, ...] | None:
    """The gates as they stand, or None where the rule packs cannot be relied on: then nothing is shown as met."""
    try:
        binding = packs.in_force(on)
        decided = system.versions.filter(decided=True) or system.versions.all()
        return gates_of(system, binding, versions=sorted(version.name for version in decided), on=on)
    except ActRefused:
        return None


def public_records(system: System, on: date) -> tuple[list[Record], int]:
    """Records that are public, the newest first, and how many are not."""
    valid = system.records.valid(on).select_related("version", "act").defer("content", "act__text").order_by("-recorded_on", "-id")
    shown = [record for record in valid if record.public]
    return shown, len(valid) - len(shown)


def public_class(system: System, on: date) -> dict[str, Any] | None:
    """The class as it was recorded last, in words, with what it rests on; nothing while its record is withheld or no longer holds."""
    valid = system.records.valid(on).filter(public=True)
    rows = Classification.objects.filter(system=system, record__in=valid).order_by("-record__recorded_on", "-record")
    found = with_class(rows).values("told", "reasons", "day", "role").first()
    if found is None:
        return None
    hits = [reason for reason in found["reasons"] if reason["result"] == "yes"]
    return {"class": the_class(class_in(found["told"])), "hits": hits, "day": found["day"], "role": role_label(found["role"])}
