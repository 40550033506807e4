"""What the register says about an assistant today: its instruction in force, and the passes that no longer hold. Reads; changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from insyn.core.passes import NO_INSTRUCTION
from insyn.core.terms import RecordKind
from insyn.web.accounts.models import Mandate

from .models import AssistantPass

if TYPE_CHECKING:
    from insyn.web.register.models import Record, System

#: The field of an instruction that makes its system an assistant.
NOT_SHARED = "not_shared"
_sorted_json = msgspec.json.Encoder(order="sorted").encode


@dataclass(frozen=True)
class Instruction:
    """``rows``: the instruction for each role; ``last_day``: until when all of it holds."""

    digest: str
    rows: tuple[dict[str, Any], ...]
    not_shared: str
    last_day: date
    recorded_on: date


def is_assistant(records: Iterable[Record]) -> bool:
    """Does the newest instruction say what may never be shared? Also one that was withdrawn or has expired: that opens nothing."""
    newest = _newest(records)
    return newest is not None and bool(newest.content.get(NOT_SHARED))


def instruction_of(records: Iterable[Record], on: date) -> Instruction | None:
    """The instruction that holds on the day, of an assistant. ``None`` where there is none that anybody could confirm."""
    record = _newest(records)
    if record is None or not record.content.get(NOT_SHARED) or not _holds(record, on):
        return None
    rows = tuple(dict(row) for row in record.content.get("instructions", ()))
    days = [date.fromisoformat(str(row["holds_through"])) for row in rows if row.get("holds_through")]
    last_day = min([*days, *([record.valid_through] if record.valid_through else [])], default=on)
    if last_day < on:
        return None
    text = _sorted_json({"instructions": rows, NOT_SHARED: record.content[NOT_SHARED]})
    return Instruction(
        digest=hashlib.sha256(text).hexdigest(),
        rows=rows,
        not_shared=str(record.content[NOT_SHARED]),
        last_day=last_day,
        recorded_on=record.recorded_on,
    )


def digest_for_permit(records: Iterable[Record], on: date) -> str:
    """What the permit says: the digest, a word that nobody can have confirmed, or nothing for a system that is no assistant."""
    records = list(records)
    if not is_assistant(records):
        return ""
    found = instruction_of(records, on)
    return found.digest if found else NO_INSTRUCTION


def revoked_passes(system: System, on: date) -> frozenset[str]:
    """Passes that would hold by their day: those taken back, and those that outlast every office of their holder.

    The day after an office ends nobody makes a new permit. So a pass that would go on then is ended as soon as the end is known; who stays
    until that day reads the instruction again, and gets a pass that ends with the office.
    """
    rows = list(AssistantPass.objects.filter(system=system, last_day__gte=on).values_list("id", "person", "last_day", "revoked_on"))
    if not rows:
        return frozenset()
    through: dict[str, date] = {}
    mandates = Mandate.objects.valid(on).filter(user__person__in={row[1] for row in rows})
    for person, last_day in mandates.values_list("user__person", "last_day"):
        through[person] = max(through.get(person, date.min), last_day or date.max)
    return frozenset(key for key, person, last_day, revoked in rows if revoked is not None or last_day > through.get(person, date.min))


def _newest(records: Iterable[Record]) -> Record | None:
    found = [record for record in records if record.kind == RecordKind.INSTRUCTION]
    return max(found, key=lambda record: (record.recorded_on, record.pk), default=None)


def _holds(record: Record, on: date) -> bool:
    withdrawn = record.withdrawn_on is not None and record.withdrawn_on <= on
    return not withdrawn and record.recorded_on <= on and (record.valid_through is None or record.valid_through >= on)
