"""From the rows of the register to what the rules ask for: gates, and the contents of a permit. Reads; changes nothing.

Reviewers and stop holders come from records that name them; each holds as long as the record, the training or instruction it tells of, and
the person's own mandate all hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.permit import ClientKey as ClientKeyGrant, End, Permit, PurposeGrant, Reviewer, StopHolder
from insyn.core.refusals import Reason, RefusalCode
from insyn.core.terms import Mode, Phase, Reach, RecordKind, Role, Tristate
from insyn.core.text import Text
from insyn.law.answers import check_answers, facts_of
from insyn.law.digests import digest_of
from insyn.law.model import Answer, Fact, Pack
from insyn.rules.employees import results_held
from insyn.rules.gates import GateState, HeldRecord
from insyn.rules.permits import OWNER, Conditions, PermitSpec, compile_permit
from insyn.web.accounts.models import Mandate
from insyn.web.assistants.standing import digest_for_permit, revoked_passes
from insyn.web.decisions.standing import standing_of
from insyn.web.incidents.reach import reach_limits
from insyn.web.reviews.standing import blind_share_of

from . import packs as rule_packs
from .changeable import bases_of, changeable_of, unchangeable_of
from .contents import was_passed
from .datalimits import limits_of
from .datauses import DataUse
from .limiting import fields_granted, holds_fields, permit_limits
from .models import ClientKey, Record, Supplier, System, Version
from .rows import Rows, evaluated, gates as evaluated_gates

NO_END = date(9999, 12, 31)
#: For what ended long ago.
_DAY_ONE = date(1970, 1, 1)
_OPEN = (Phase.PILOT, Phase.IN_USE)


def permit_of(system: System, *, epoch: int, compiled_from: int, on: date, rows: Rows | None = None) -> Permit:
    """The permit that the register's state of the system gives on the day. ``rows``: of the system, if they are read already."""
    packs, rows = rule_packs.in_force(on), rows or Rows(system)
    spec = spec_of(system, packs, on=on, rows=rows)
    gates = gates_of(system, packs, versions=sorted(spec.versions), on=on, rows=rows)
    spec = msgspec.structs.replace(spec, held=results_held(known_answers(system, packs), gates))
    if spec.phase in _OPEN:
        coming = law_ends(system, packs, versions=sorted(spec.versions), on=on, gates=gates, rows=rows)
        spec = msgspec.structs.replace(spec, ends=(*spec.ends, *coming))
    permit = compile_permit(spec, gates, epoch=epoch, compiled_from=compiled_from, on=on)
    instruction = digest_for_permit(rows.known(on), on)
    return msgspec.structs.replace(
        permit,
        favourable=system.favourable_outcome,
        instruction=instruction,
        passes_revoked=revoked_passes(system, on) if instruction else frozenset(),
    )


def gates_of(
    system: System, packs: Iterable[Pack], *, versions: Iterable[str], on: date, before: Phase | None = None, rows: Rows | None = None
) -> tuple[GateState, ...]:
    """The gates before a phase, each once: those asked per version stand once for each version. Without ``before``, those of use."""
    packs, rows = tuple(packs), rows or Rows(system)
    records, facts, deviations = held_records(rows, on), known_answers(system, packs), rows.deviations(on)
    before = before or (Phase.PILOT if system.phase == Phase.PILOT else Phase.IN_USE)
    found: dict[tuple[str, str], GateState] = {}
    for version in [*versions] or [""]:
        for gate in evaluated_gates(packs, facts, records, deviations, version=version, before=before, on=on):
            found[gate.rule, gate.version] = gate
    return tuple(found.values())


def law_ends(
    system: System, packs: Iterable[Pack], *, versions: Iterable[str], on: date, gates: Iterable[GateState], rows: Rows
) -> tuple[End, ...]:
    """The last day before a rule begins to apply whose gate is not met: from then on calls are refused, without any act.

    ``gates`` are those of today: what they rest on has ends of its own. What only a coming rule asks for is ended here, and a record that
    will have expired when the rule begins does not meet it.
    """
    packs, versions, asked = tuple(packs), tuple(versions), {gate.rule for gate in gates}
    ends: list[End] = []
    days = sorted({entry.day for pack in packs for entry in pack.calendar.values() if entry.day > on})
    for day in days:
        for gate in gates_of(system, packs, versions=versions, on=day, rows=rows):
            if not gate.met and not (gate.expired and gate.rule in asked):
                return (*ends, End(last_day=(day - timedelta(days=1)).isoformat(), code=RefusalCode.GATE_UNMET, what=gate.rule))
            if gate.met and gate.valid_through is not None and gate.rule not in asked:
                ends.append(End(last_day=gate.valid_through.isoformat(), code=RefusalCode.RECORD_EXPIRED, what=gate.rule))
    return tuple(ends)


def known_answers(system: System, packs: Iterable[Pack]) -> dict[str, Answer]:
    """The answers to questions that the packs ask; those to a pack that is gone lie still.

    An answer that is none any longer, because the question has changed since it was given, counts as unknown.
    """
    return fitting(system.facts, facts_of(tuple(packs)))


def fitting(answers: Mapping[str, object], asked: Mapping[str, Fact]) -> dict[str, Answer]:
    """The answers that are answers to these questions."""
    given = {fact: _answer(answer) for fact, answer in answers.items() if fact in asked and not asked[fact].derived}
    return {fact: answer for fact, answer in given.items() if _fits(asked[fact], answer)}


def _fits(fact: Fact, answer: Answer) -> bool:
    try:
        check_answers({fact.id: fact}, {fact.id: answer})
    except InvalidInput:
        return False
    return True


def may_be_high_risk(system: System, *, on: date) -> bool:
    """Does a pack in force call the system high-risk, or leave it open? No packs settle nothing."""
    packs = rule_packs.in_force(on)
    found = evaluated(packs, known_answers(system, packs), on)
    derived = [fact.id for fact in facts_of(packs).values() if fact.derived == "high_risk"]
    return not derived or any(found.answers.get(fact) != Tristate.NO for fact in derived)


def _answer(value: object) -> Answer:
    return tuple(value) if isinstance(value, list) else str(value)


def spec_of(system: System, packs: Iterable[Pack], *, on: date, rows: Rows) -> PermitSpec:
    packs, declared = tuple(packs), frozenset(Mode(mode) for mode in system.modes)
    records, versions = rows.valid(on), _versions(rows.versions)
    limits = _limits(system, packs, versions, on) if system.phase in _OPEN else _of_closed(system, versions, on)
    return PermitSpec(
        system=system.slug,
        name=Text(system.name_sv, system.name_en),
        phase=Phase(system.phase),
        reach=Reach(system.reach),
        packs=digest_of(packs),
        versions=limits.versions,
        modes=limits.modes,
        purposes=limits.purposes,
        reviewers=tuple(_reviewers(records, on)),
        stop_holders=tuple(_stop_holders(records, on)),
        clients=tuple(_client_key(key) for key in system.client_keys.filter(revoked=None)),
        groups=frozenset(system.groups),
        manual_way=Text(system.manual_way_sv, system.manual_way_en) if system.manual_way_sv else None,
        conditions=Conditions(human_review=declared != {Mode.AUTOMATED}),
        evaluation_due=system.evaluation_due,
        ends=limits.ends,
        lacking=limits.lacking,
        retention_class=system.retention_class,
        exercise=system.exercise or not system.in_figures,
        suppliers=suppliers_of(system),
        limits=permit_limits(system),
        blind_share=blind_share_of(system),
        unchangeable=unchangeable_of(system, on),
        changeable=changeable_of(system, on),
        bases=bases_of(versions),
    )


def _client_key(key: ClientKey) -> ClientKeyGrant:
    return ClientKeyGrant(name=key.name, sha256=key.sha256, last_day=key.last_day.isoformat() if key.last_day else "")


def suppliers_of(system: System) -> frozenset[str]:
    """Short names of who supplies the system: its product's supplier, and the one that the entry itself names."""
    named = Supplier.objects.filter(name=system.supplier) if system.supplier else Supplier.objects.none()
    found = [*named, *([system.product.supplier] if system.product and system.product.supplier else [])]
    return frozenset(supplier.short for supplier in found)


@dataclass(frozen=True)
class _Limits:
    """What other parts of the register leave of a use, and until when."""

    versions: frozenset[str]
    modes: frozenset[Mode] = frozenset()
    purposes: tuple[PurposeGrant, ...] = ()
    ends: tuple[End, ...] = ()
    lacking: tuple[Reason, ...] = ()


def _limits(system: System, packs: tuple[Pack, ...], versions: list[Version], on: date) -> _Limits:
    standing = standing_of(system, packs, known_answers(system, packs), on=on)
    data = limits_of(system, versions, on)
    reached = reach_limits(system, on, lambda: may_be_high_risk(system, on=on))
    return _Limits(
        versions=data.versions,
        modes=standing.modes,
        purposes=_purposes(system, data.purposes, on),
        ends=(*_owner_end(system, on), *data.ends, *standing.ends, *reached.ends),
        lacking=(*data.lacking, *standing.lacking, *reached.lacking),
    )


def _of_closed(system: System, versions: list[Version], on: date) -> _Limits:
    """In a phase that is closed whatever else holds, a permit says nothing of modes, purposes and ends; its gates ask for versions."""
    if any(version.learned_from for version in versions):
        return _Limits(versions=limits_of(system, versions, on).versions)
    return _Limits(versions=frozenset(version.name for version in versions))


def _versions(versions: list[Version]) -> list[Version]:
    """The decided versions; before any is decided, all of them, so that the closed permit can say what each lacks."""
    return [version for version in versions if version.decided] or versions


def _purposes(system: System, purposes: Iterable[Mapping[str, Any]], on: date) -> tuple[PurposeGrant, ...]:
    """The grants; where fields are held to, each with those that its decided uses of data name."""
    holding = list(DataUse.objects.filter(system=system).holding(on)) if holds_fields(system) else None
    return tuple(
        PurposeGrant(
            purpose=str(purpose["purpose"]),
            categories=frozenset(purpose.get("categories", ())),
            matter_types=frozenset(purpose.get("matter_types", ())),
            fields=None if holding is None else fields_granted(holding, purpose),
        )
        for purpose in purposes
    )


def held_records(rows: Rows, on: date) -> tuple[HeldRecord, ...]:
    """The records that gates look at: not withdrawn, recorded by the day. Expired ones are passed, so that a gate can say so.

    A test that was not passed takes the force from those of its kind and version before it: what was true then is not true now. To withdraw
    it gives nothing back; a new test does.
    """
    failed: dict[tuple[str, int | None], int] = {}
    for row in rows.known(on):
        if not was_passed(row.kind, row.content):
            failed[row.kind, row.version_id] = max(row.pk, failed.get((row.kind, row.version_id), 0))
    return tuple(
        HeldRecord(
            kind=RecordKind(row.kind),
            record_id=str(row.pk),
            recorded_on=row.recorded_on,
            supplied_by=Role(row.supplied_role),
            person=row.person,
            version=row.version.name if row.version else None,
            valid_through=row.valid_through,
            passed=row.pk > failed.get((row.kind, row.version_id), 0),
            **_of_negotiation(row),
        )
        for row in rows.held(on)
    )


def _of_negotiation(row: Record) -> dict[str, Any]:
    """A record of negotiation is about its section, and closes the union's part: only the acts of a negotiation write its section.

    One from before sections were written is about section 11.
    """
    if row.kind != RecordKind.MBL_SECTION_11:
        return {}
    section = row.content.get("section")
    return {"about": f"mbl_section_{section or 11}", "stands_for": Role.UNION_REPRESENTATIVE if section else None}


def _reviewers(records: Iterable[Record], on: date) -> Iterator[Reviewer]:
    last_days: dict[str, date] = {}
    for record in records:
        if record.kind == RecordKind.HUMAN_OVERSIGHT:
            through = [_day(record.content.get(name)) for name in ("instruction_through", "training_through")]
            for person in record.content.get("reviewers", ()):
                last = min(*through, record.valid_through or NO_END, _mandate_end(person, Role.CASE_OFFICER, on))
                last_days[person] = max(last, last_days.get(person, date.min))
    return (Reviewer(person=person, last_day=last.isoformat()) for person, last in last_days.items() if last >= on)


def _stop_holders(records: Iterable[Record], on: date) -> Iterator[StopHolder]:
    """The newest record about a person counts: it may carry another key or another last day."""
    newest: dict[str, StopHolder] = {}
    for record in sorted(records, key=lambda row: row.pk):
        if record.kind == RecordKind.STOP_MANDATE:
            person = record.content["person"]
            last = min(_day(record.content.get("last_day")), record.valid_through or NO_END, _mandate_end(person, Role.STOP_HOLDER, on))
            key = record.content.get("stop_key") or record.content.get("public", "")  # "public" is what the field was called at first
            newest[person] = StopHolder(person=person, last_day=last.isoformat(), public=key)
    return (holder for holder in newest.values() if holder.last_day >= on.isoformat())


def _owner_end(system: System, on: date) -> Iterator[End]:
    """Nobody answers for a system whose owner has left: it closes with the owner's mandate."""
    last = _mandate_end(system.owner.person, Role.SYSTEM_OWNER, on)
    if last < NO_END:
        yield End(last_day=max(last, _DAY_ONE).isoformat(), code=RefusalCode.MANDATE_ENDED, what=OWNER)


def _day(text: object) -> date:
    return date.fromisoformat(str(text)) if text else NO_END


def _mandate_end(person: str, role: Role, on: date) -> date:
    """The last day of the person's longest mandate in the role that holds on the day; ``date.min`` without one."""
    ends = [mandate.last_day or NO_END for mandate in Mandate.objects.valid(on).filter(user__person=person, role=role)]
    return max(ends, default=date.min)
