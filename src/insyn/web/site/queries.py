"""Reads for the public site."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from insyn.rules.gates import GateState
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import role_label
from insyn.web.assessments.showing import the_class
from insyn.web.oversight.queries import stops_in_force
from insyn.web.register import packs
from insyn.web.register.compiling import gates_of
from insyn.web.register.models import Record, System

from .status import Status, status_of


@dataclass(frozen=True)
class Listed:
    """A system in the public list."""

    system: System
    status: Status


def fold(text: str) -> str:
    """Text for comparing: one form of each letter, no difference between capitals and small. Å, ä and ö stay letters of their own."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def search(words: str, systems: Iterable[System]) -> list[System]:
    """Systems in whose names, summary, supplier or office every word occurs. In Python: SQLite folds only a-z."""
    wanted = fold(words).split()
    return [system for system in systems if all(word in _text(system) for word in wanted)]


def _text(system: System) -> str:
    office = system.office
    parts = (
        system.name_sv,
        system.name_en,
        system.summary_sv,
        system.summary_en,
        system.supplier,
        system.slug,
        office.name_sv,
        office.name_en,
    )
    return fold(" ".join(parts))


def listed(words: str, on: date) -> list[Listed]:
    """Systems that match, with their status, by name. Retired and refused ones are there too."""
    found = search(words, System.objects.select_related("office").order_by("name_sv"))
    stops = stops_in_force(found)
    return [Listed(system, status_of(system, stops.get(system.pk), on)) for system in found]


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
    valid = system.records.valid(on).select_related("version", "act").order_by("-recorded_on", "-id")
    shown = [record for record in valid if record.public]
    return shown, len(valid) - len(shown)


def public_class(system: System, on: date) -> dict[str, Any] | None:
    """The class as it was recorded last, in words, with what it rests on; nothing while its record is withheld or no longer holds."""
    record = system.records.valid(on).filter(public=True, classification__isnull=False).order_by("-recorded_on", "-id").first()
    if record is None:
        return None
    found = record.classification
    hits = [reason for reason in found.reasons if reason["result"] == "yes"]
    return {"class": the_class(found.result), "hits": hits, "day": found.day, "role": role_label(found.role)}
