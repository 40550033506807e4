"""From the rows of the register to what the rules ask for: gates, and the contents of a permit. Reads; changes nothing.

Reviewers and stop holders come from records that name them; each holds as long as the record, the training or instruction it tells of, and
the person's own mandate all hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.permit import ClientKey as ClientKeyGrant
from insyn.core.permit import End, Permit, PurposeGrant, Reviewer, StopHolder
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Mode, Phase, Reach, RecordKind, Role, Tristate
from insyn.core.text import Text
from insyn.law.answers import check_answers, facts_of
from insyn.law.digests import digest_of
from insyn.law.evaluate import evaluate
from insyn.law.model import Answer, Fact, Pack
from insyn.rules.gates import GateState, HeldRecord, evaluate_gates
from insyn.rules.permits import Conditions, PermitSpec, compile_permit
from insyn.web.accounts.models import Mandate

from . import packs as rule_packs
from .models import Record, System

NO_END = date(9999, 12, 31)


def permit_of(system: System, *, epoch: int, compiled_from: int, on: date) -> Permit:
    """The permit that the register's state of the system gives on the day."""
    packs = rule_packs.in_force(on)
    spec = spec_of(system, packs, on=on)
    gates = gates_of(system, packs, versions=sorted(spec.versions), on=on)
    if spec.phase in (Phase.PILOT, Phase.IN_USE):
        spec = msgspec.structs.replace(spec, ends=(*spec.ends, *law_ends(system, packs, versions=sorted(spec.versions), on=on)))
    permit = compile_permit(spec, gates, epoch=epoch, compiled_from=compiled_from, on=on)
    return msgspec.structs.replace(permit, favourable=system.favourable_outcome)


def gates_of(system: System, packs: Iterable[Pack], *, versions: Iterable[str], on: date) -> tuple[GateState, ...]:
    """The gates before use, each once: those asked per version stand once for each version."""
    packs, records, facts = tuple(packs), held_records(system, on), known_answers(system, packs)
    before = Phase.PILOT if system.phase == Phase.PILOT else Phase.IN_USE
    found: dict[tuple[str, str], GateState] = {}
    for version in [*versions] or [""]:
        for gate in evaluate_gates(packs=packs, facts=facts, records=records, version=version, before=before, on=on):
            found[gate.rule, gate.version] = gate
    return tuple(found.values())


def law_ends(system: System, packs: Iterable[Pack], *, versions: Iterable[str], on: date) -> tuple[End, ...]:
    """The last day before a rule begins to apply whose gate is not met: from then on calls are refused, without any act.

    Records that expire have ends of their own, so an expired one is not looked at here.
    """
    packs, versions = tuple(packs), tuple(versions)
    days = sorted({entry.day for pack in packs for entry in pack.calendar.values() if entry.day > on})
    for day in days:
        for gate in gates_of(system, packs, versions=versions, on=day):
            if not gate.met and not gate.expired:
                return (End(last_day=(day - timedelta(days=1)).isoformat(), code=RefusalCode.GATE_UNMET, what=gate.rule),)
    return ()


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
    found = evaluate(packs, known_answers(system, packs), on=on)
    derived = [fact.id for fact in facts_of(packs).values() if fact.derived == "high_risk"]
    return not derived or any(found.answers.get(fact) != Tristate.NO for fact in derived)


def _answer(value: object) -> Answer:
    return tuple(value) if isinstance(value, list) else str(value)


def spec_of(system: System, packs: Iterable[Pack], *, on: date) -> PermitSpec:
    modes = frozenset(Mode(mode) for mode in system.modes)
    records = list(system.records.valid(on).select_related("version"))
    return PermitSpec(
        system=system.slug,
        name=Text(system.name_sv, system.name_en),
        phase=Phase(system.phase),
        reach=Reach(system.reach),
        packs=digest_of(packs),
        versions=_versions(system),
        modes=modes,
        purposes=tuple(_purpose(purpose) for purpose in system.purposes),
        reviewers=tuple(_reviewers(records, on)),
        stop_holders=tuple(_stop_holders(records, on)),
        clients=tuple(ClientKeyGrant(name=key.name, sha256=key.sha256) for key in system.client_keys.filter(revoked=None)),
        groups=frozenset(system.groups),
        manual_way=Text(system.manual_way_sv, system.manual_way_en) if system.manual_way_sv else None,
        conditions=Conditions(human_review=modes != {Mode.AUTOMATED}),
        evaluation_due=system.evaluation_due,
        retention_class=system.retention_class,
        exercise=system.exercise or not system.in_figures,
    )


def _versions(system: System) -> frozenset[str]:
    """The decided versions; before any is decided, all of them, so that the closed permit can say what each lacks."""
    decided = frozenset(version.name for version in system.versions.filter(decided=True))
    return decided or frozenset(version.name for version in system.versions.all())


def _purpose(purpose: Mapping[str, object]) -> PurposeGrant:
    return PurposeGrant(
        purpose=str(purpose["purpose"]),
        categories=frozenset(purpose.get("categories", ())),
        matter_types=frozenset(purpose.get("matter_types", ())),
    )


def held_records(system: System, on: date) -> tuple[HeldRecord, ...]:
    """The records that gates look at: not withdrawn, recorded by the day. Expired ones are passed, so that a gate can say so."""
    rows = system.records.filter(recorded_on__lte=on).exclude(withdrawn_on__lte=on).select_related("version")
    return tuple(
        HeldRecord(
            kind=RecordKind(row.kind),
            record_id=str(row.pk),
            recorded_on=row.recorded_on,
            supplied_by=Role(row.supplied_role),
            person=row.person,
            version=row.version.name if row.version else None,
            valid_through=row.valid_through,
        )
        for row in rows
    )


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
            newest[person] = StopHolder(person=person, last_day=last.isoformat(), public=record.content.get("public", ""))
    return (holder for holder in newest.values() if holder.last_day >= on.isoformat())


def _day(text: object) -> date:
    return date.fromisoformat(str(text)) if text else NO_END


def _mandate_end(person: str, role: Role, on: date) -> date:
    """The last day of the person's longest mandate in the role that holds on the day; ``date.min`` without one."""
    ends = [mandate.last_day or NO_END for mandate in Mandate.objects.valid(on).filter(user__person=person, role=role)]
    return max(ends, default=date.min)
