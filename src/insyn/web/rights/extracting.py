"""An extract of what the systems hold about a person: gathered while it is shown, and kept nowhere.

Identity numbers are masked in it, the person's own too: a file that is left on a shared computer then names nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import msgspec

from insyn.core.entries import SAID_BY_A_PERSON
from insyn.core.identity import mask
from insyn.core.messages import Actor, Open, Opened, SubjectRecord
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.terms import DisclosureGroup
from insyn.web import bridge
from insyn.web.language import spoken
from insyn.web.oversight.opening import outcome_label
from insyn.web.register.models import System
from insyn.web.residents import plain

from .models import RightsRequest

PURPOSE = "extract"
#: So many records stand on one page or in one file; the next page has the next.
PAGE = 50
FORMAT = "insyn-extract/1"
_GROUPS = (DisclosureGroup.INPUT, DisclosureGroup.OUTPUT, DisclosureGroup.FACTORS, DisclosureGroup.CASE)


@dataclass(frozen=True)
class RecordPart:
    """One record: where its entry stands, and each opened group as it was sealed, with identity numbers masked. ``why_not``: it is not here."""

    rid: str
    index: int
    day: str
    version: str
    kind: str
    groups: dict[str, object] = field(default_factory=dict)
    decisions: list[object] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)
    said: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class SystemPart:
    """What the register says of the system that a person has a right to be told, and the person's records in it."""

    slug: str
    name: str
    purposes: list[str]
    data_from: list[str]
    supplier: str
    retention: str
    records: list[RecordPart]


def extract_of(records: Sequence[SubjectRecord], *, actor: Actor, language: str) -> list[SystemPart]:
    """Open the records for the person. Each opening leaves an entry.

    Raises :class:`~insyn.core.errors.Unreachable`; a record that cannot be opened says why in its place.
    """
    systems = {system.slug: system for system in System.objects.filter(slug__in={one.system for one in records})}
    parts: dict[str, SystemPart] = {}
    for one in records:
        system = systems.get(one.system)
        part = parts.setdefault(one.system, _told(one.system, system))
        part.records.append(_record(one, system, actor, language))
    return list(parts.values())


def as_json(parts: Sequence[SystemPart], requests: Sequence[RightsRequest], *, made: str, controller: str, page: int, pages: int) -> bytes:
    """The extract for machines. Labels for readers are left out: the register's public data has them."""
    systems = [asdict(part) for part in parts]
    for system in systems:
        for record in system["records"]:
            del record["rows"], record["said"]
    asked = [
        {"receipt": one.receipt, "kind": one.kind, "asked_on": one.asked_on.isoformat(), "state": one.state, "message": mask(one.message)}
        for one in requests
    ]
    whole = {
        "format": FORMAT,
        "controller": controller,
        "made": made,
        "page": page,
        "pages": pages,
        "masked": ["identity numbers"],
        "systems": systems,
        "requests": asked,
        "rights": ["rectification", "erasure", "restriction", "objection", "complaint to the supervisory authority"],
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def _told(slug: str, system: System | None) -> SystemPart:
    if system is None:
        return SystemPart(slug, slug, [], [], "", "", [])
    purposes = [spoken(one.get("name", {})) for one in system.purposes if isinstance(one, dict)]
    sources = [str(one.get("source", "")) for one in system.data_uses if isinstance(one, dict) and one.get("source")]
    return SystemPart(slug, system.name, purposes, sources, system.supplier, system.retention_class, [])


def _record(one: SubjectRecord, system: System | None, actor: Actor, language: str) -> RecordPart:
    part = RecordPart(one.rid, one.index, one.day, one.version, one.kind)
    if one.erased or system is None:
        return RecordPart(
            **{**_fields(part), "why_not": RefusalCode.RECORD_ERASED.value if one.erased else RefusalCode.RECORD_UNKNOWN.value}
        )
    try:
        opened = _open(one.rid, _GROUPS, actor, one.system)
        decisions = [
            _masked(_open(rid, (DisclosureGroup.REVIEW,), actor, one.system).groups)
            for rid, kind in opened.followers
            if kind in SAID_BY_A_PERSON
        ]
    except Refused as refused:
        return RecordPart(**{**_fields(part), "why_not": refused.refusal.code.value})
    payload, output = opened.groups.get(DisclosureGroup.INPUT), opened.groups.get(DisclosureGroup.OUTPUT)
    rows = plain.input_rows(payload, system.factors, language) if isinstance(payload, dict) else []
    said = outcome_label(system, str(output.get("outcome", ""))) if isinstance(output, dict) else ""
    groups = _masked(opened.groups)
    return RecordPart(
        **{
            **_fields(part),
            "groups": groups if isinstance(groups, dict) else {},
            "decisions": decisions,
            "rows": [(label, mask(value)) for label, value in rows],
            "said": said,
        }
    )


def _fields(part: RecordPart) -> dict[str, str | int]:
    return {name: getattr(part, name) for name in ("rid", "index", "day", "version", "kind")}


def _masked(value: object) -> object:
    """The same with identity numbers masked in every text, deep down too."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {str(key): _masked(item) for key, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list | tuple) else value


def _open(rid: str, groups: tuple[DisclosureGroup, ...], actor: Actor, system: str) -> Opened:
    return bridge.expect(Opened, lambda number: Open(id=number, rid=rid, groups=groups, actor=actor, purpose=PURPOSE, system=system))
