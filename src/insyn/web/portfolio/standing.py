"""After each act on a system: how it stands, what it lacks and from whom, and what ends when.

Reads the rows of the register and the permit that was compiled from them; whatever is written here can be written again from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

import msgspec
from django.db import transaction

from insyn.core.labels import label
from insyn.core.permit import End, Permit
from insyn.core.refusals import Reason, RefusalCode
from insyn.core.signing import Signed
from insyn.core.terms import Phase, RecordKind
from insyn.core.text import Text
from insyn.rules.permits import OWNER
from insyn.web.assessments.models import Classification
from insyn.web.fields import upsert
from insyn.web.register.entry import FIELDS, Level, reading
from insyn.web.register.models import IssuedPermit, Record, System

from .models import Ending, Standing, Wanted

#: A system in one of these phases still wants something.
ALIVE = (
    Phase.NEEDS_ANALYSIS,
    Phase.DEVELOPMENT,
    Phase.PROCUREMENT,
    Phase.ASSESSMENT,
    Phase.DECISION,
    Phase.PILOT,
    Phase.IN_USE,
    Phase.PAUSED,
)
#: So many titles of what is missing are kept.
TITLES = 4
_LONGEST = 200
_AREA = 16
_NO_CLASS: tuple[str, date | None, bool] = ("", None, True)
_MANDATES = {
    "stop_holder": Text("Sista mandatet att stoppa", "The last mandate to stop"),
    "reviewer": Text("Sista mandatet att granska", "The last mandate to review"),
    OWNER: Text("Ägarens mandat", "The owner's mandate"),
}
_DATA_USE = Text("Dataanvändning", "Use of data")
#: The decisions tell of these themselves.
_TOLD_ELSEWHERE = frozenset({"decision"})
_NEW_LAW = Text("Ett nytt krav börjar gälla och är inte uppfyllt", "A new requirement begins to apply and is not met")
_PERMIT = Text("Tillåtelsen upphör", "The permit ends")
_EVALUATION = Text("Utvärdering", "Evaluation")


def note(system: System, permit: Permit, *, records: Iterable[Record] | None = None, first: bool = False) -> None:
    """Write how the system stands. Call it in the transaction of the act, with the permit compiled from what the act changed.

    ``records``: those of the system, oldest first, for whoever has read them. ``first``: nothing was ever written of it.
    """
    if records is None:
        records = system.records.select_related("version").defer("content").order_by("pk")
    records = [record for record in records if record.withdrawn_on is None]
    upsert(Standing(system=system, **_standing(system, permit, {record.kind for record in records})))
    if not first:
        Wanted.objects.filter(system=system).delete()
        Ending.objects.filter(system=system).delete()
    if system.phase in ALIVE:
        Wanted.objects.bulk_create(_wanted(system, permit.missing))
        Ending.objects.bulk_create(_endings(system, records, permit.ends))


def catch_up(systems: Iterable[System] | None = None) -> int:
    """Write how systems stand that no act has been about since this table was made. Returns how many; those without a permit are left."""
    found = System.objects.filter(standing=None).order_by("pk") if systems is None else systems
    signed, permit = msgspec.json.Decoder(Signed), msgspec.json.Decoder(Permit)
    done = 0
    with transaction.atomic():
        for system in found:
            row = IssuedPermit.objects.filter(system=system).order_by("-epoch").values_list("signed", flat=True).first()
            if row is not None:
                note(system, permit.decode(signed.decode(bytes(row)).body))
                done += 1
    return done


def _standing(system: System, permit: Permit, kinds: Collection[str]) -> dict[str, Any]:
    """``kinds``: those of the records that are not withdrawn; what cannot be there is not asked for."""
    system_class, through, public = _class(system) if RecordKind.CLASSIFICATION in kinds else _NO_CLASS
    return {
        "office_id": system.office_id,
        "owner_id": system.owner_id,
        "phase": system.phase,
        "kind": system.kind,
        "reach": system.reach,
        "system_class": system_class,
        "class_through": through,
        "class_public": public,
        "evaluation_due": system.evaluation_due,
        "evaluation_public": reading(system.visibility, FIELDS["evaluation_due"]).level is Level.PUBLIC,
        "granted": permit.granted,
        "closes_after": _closes_after(permit),
        "focus_area": _focus_area(system) if RecordKind.NEEDS_ANALYSIS in kinds else "",
        "benefit_expected": RecordKind.NEEDS_ANALYSIS in kinds,
        "benefit_realised": RecordKind.BENEFIT_REALISED in kinds,
    }


def _closes_after(permit: Permit) -> date | None:
    """The first last day that the permit rests on; ``None`` when time does not close it."""
    first = min((date.fromisoformat(end.last_day) for end in permit.ends), default=date.max)
    return None if first.year == date.max.year else first


def _focus_area(system: System) -> str:
    """As the newest needs analysis says."""
    found = system.records.filter(withdrawn_on=None, kind=RecordKind.NEEDS_ANALYSIS).order_by("-pk")
    area = found.values_list("content__focus_area", flat=True).first()
    return area[:_AREA] if isinstance(area, str) else ""


def _class(system: System) -> tuple[str, date | None, bool]:
    """The class as it was recorded last, the last day of its record, and whether that is public; a withdrawn one is none."""
    found = Classification.objects.filter(system=system, record__withdrawn_on=None).order_by("-pk")
    return found.values_list("result__class", "record__valid_through", "record__public").first() or _NO_CLASS


def _wanted(system: System, missing: Iterable[Reason]) -> list[Wanted]:
    by_role: dict[str, list[Reason]] = {}
    for reason in missing:
        if reason.rule:
            for role in reason.who:
                by_role.setdefault(str(role), []).append(reason)
    return [
        Wanted(
            system=system, owner_id=system.owner_id, role=role, count=len(reasons), titles=[_title(reason) for reason in reasons[:TITLES]]
        )
        for role, reasons in by_role.items()
    ]


def _title(reason: Reason) -> dict[str, str]:
    """A gate's reason begins with its title."""
    return {"sv": reason.sentence.sv.partition(":")[0], "en": reason.sentence.en.partition(":")[0]}


def _endings(system: System, records: Iterable[Record], ends: Iterable[End]) -> list[Ending]:
    found = [*_records(system, records), *_of_permit(system, ends)]
    if system.evaluation_due is not None:
        found.append(_ending(system, Ending.Kind.EVALUATION, system.evaluation_due, _EVALUATION))
    return found


def _records(system: System, records: Iterable[Record]) -> Iterator[Ending]:
    """The newest record of each kind, version and office, if it ends."""
    newest: dict[tuple[str, int | None, str], Record] = {}
    for record in records:
        newest[record.kind, record.version_id, record.supplied_role] = record
    for record in newest.values():
        if record.valid_through is not None:
            name = label(RecordKind(record.kind))
            about = f" ({record.version.name})" if record.version else ""
            what = Text(name.sv + about, name.en + about)
            yield _ending(system, Ending.Kind.RECORD, record.valid_through, what, role=record.supplied_role, record=record)


def _of_permit(system: System, ends: Iterable[End]) -> Iterator[Ending]:
    """The ends of the permit that no record and no day of evaluation tells of."""
    for end in ends:
        day = date.fromisoformat(end.last_day)
        if day.year == date.max.year or end.code is RefusalCode.OVERDUE_EVALUATION or end.what in _TOLD_ELSEWHERE:
            continue
        if end.code is RefusalCode.RECORD_EXPIRED:
            if end.what.startswith("data_use"):  # every other is the record of a gate, told of above
                yield _ending(system, Ending.Kind.RECORD, day, _DATA_USE)
        elif end.code is RefusalCode.MANDATE_ENDED:
            yield _ending(system, Ending.Kind.MANDATE, day, _MANDATES.get(end.what, _PERMIT))
        else:
            yield _ending(system, Ending.Kind.PERMIT, day, _NEW_LAW if end.code is RefusalCode.GATE_UNMET else _PERMIT)


def _ending(system: System, kind: Ending.Kind, day: date, what: Text, *, role: str = "", record: Record | None = None) -> Ending:
    return Ending(
        system=system,
        owner_id=system.owner_id,
        kind=kind,
        day=day,
        role=role,
        record=record,
        what_sv=what.sv[:_LONGEST],
        what_en=what.en[:_LONGEST],
    )
