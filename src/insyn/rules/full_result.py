"""Everything that the packs say of one use of a system on one day, as one value to be read, kept or compared.

The class is one of substance; days are apart from it. What follows from it stands with the law's first day and the policy's, which may be
earlier, and with whether it is in force on the day asked about. Nothing here knows which records a register holds: a gate is what it demands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from insyn.core.errors import InvalidInput, PackError
from insyn.core.terms import Phase, RecordKind, Role, Tristate
from insyn.core.text import Text
from insyn.law.adoption import Adoption, packs_in_force
from insyn.law.evaluate import evaluate
from insyn.law.history import first_day
from insyn.law.model import (
    Citation,
    Deadline,
    Evaluation,
    Kind,
    Pack,
    PackKind,
    PackStatus,
    Reading,
    Rule,
    RuleResult,
    Step,
)
from insyn.law.protective import applying, ended
from insyn.law.ready import ready

from .classify import Classified, SystemClass, classified
from .collisions import Collision, collisions

_FOLLOWS = frozenset({Kind.PROHIBITED, Kind.TRANSPARENCY, Kind.DUTY, Kind.GATE, Kind.STOP_RULE, Kind.PRINCIPLE, Kind.CADENCE})
_GATES = frozenset({Kind.PROHIBITED, Kind.STOP_RULE, Kind.GATE})
_DUTIES = frozenset({Kind.DUTY, Kind.TRANSPARENCY, Kind.PRINCIPLE, Kind.CADENCE})
#: Kinds of which an open answer keeps the class open.
_DECIDES_CLASS = frozenset({Kind.PROHIBITED, Kind.ANNEX_ITEM, Kind.DEROGATION, Kind.TRANSPARENCY, Kind.SCOPE_OUT})


class Effect(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that follows, for whom and from when.

    ``applies`` is yes or unknown; an unknown is acted on. ``law_applies_from`` is the law's first day for this system (``starts_by`` names
    what moves it), ``None`` for a policy's rule and for a law that begins only when the system is changed. ``policy_applies_from`` is the
    first day of the adopted policies that ask the same or bring the law's rule forward, named in ``policy_rules``.
    """

    rule: str
    kind: Kind
    value: str
    title: Text
    actor: str
    applies: Tristate
    in_force: bool
    law_applies_from: date | None
    policy_applies_from: date | None
    policy_rules: tuple[str, ...]
    starts_by: str
    reading: Reading
    citations: tuple[Citation, ...]


class Duty(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``deadlines`` are its clocks; ``yields_to`` the rules that win over it for this system, because they protect the person."""

    rule: str
    title: Text
    applies: Tristate
    in_force: bool
    deadlines: tuple[Deadline, ...]
    yields_to: tuple[str, ...]
    why: Text
    mend: Text
    unknown: tuple[str, ...]


class Gate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``demands`` is ``None`` for a prohibition or a stop rule, which no record opens."""

    rule: str
    title: Text
    applies: Tristate
    in_force: bool
    demands: RecordKind | None
    before: Phase | None
    supplied_by: tuple[Role, ...]
    second_from: tuple[Role, ...]
    per_version: bool
    expires_after: str
    why: Text
    mend: Text
    unknown: tuple[str, ...]


class Weighed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One rule as it was weighed: its answer, every question that it asked, and the provisions that it rests on."""

    rule: str
    kind: Kind
    result: Tristate
    in_force: bool
    exception: str
    steps: tuple[Step, ...]
    citations: tuple[Citation, ...]


class OpenFact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact that is not known, what asks for it, and whether the class waits for it."""

    fact: str
    question: Text
    who: tuple[Role, ...]
    decides_class: bool
    rules: tuple[str, ...]


class PackUsed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: str
    version: str
    kind: PackKind
    status: PackStatus
    digest: str
    adopted_on: date | None = None


class FullResult(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``act_as`` is the class to act on; it differs from the class only while that is undetermined. ``set_aside`` are answers that only
    packs not in force ask for. ``beyond_calendar``: the day is later than every day that the packs know of."""

    on: date
    system_class: SystemClass = msgspec.field(name="class")
    act_as: SystemClass
    annex_items: tuple[str, ...]
    annex_open: tuple[str, ...]
    prohibitions: tuple[str, ...]
    derogation: Tristate
    roles: tuple[str, ...]
    transparency: tuple[str, ...]
    effects: tuple[Effect, ...]
    duties: tuple[Duty, ...]
    collisions: tuple[Collision, ...]
    gates: tuple[Gate, ...]
    unknown: tuple[OpenFact, ...]
    trace: tuple[Weighed, ...]
    set_aside: tuple[str, ...]
    beyond_calendar: bool
    packs: tuple[PackUsed, ...]
    packs_digest: str


def full_result(packs: Sequence[Pack], adoptions: Iterable[Adoption], facts: Mapping[str, Any], *, on: date) -> FullResult:
    """Everything, in this order: the packs that bind, the answers that they ask for, the class, what follows, what is still open.

    Raises :class:`InvalidInput` for a day before the law or a wrong answer, :class:`PackError` when no law is there.
    """
    adoptions = tuple(adoptions)
    binding = packs_in_force(packs, adoptions, on=on)
    check_day(packs, on)
    asked = ready(binding).facts
    used = {fact: answer for fact, answer in facts.items() if fact in asked}
    evaluation = evaluate(binding, used, on=on)
    acting = applying(evaluation, *Kind)
    in_force = {result.rule.id for result in acting}
    found, colliding = classified(evaluation, binding), collisions(evaluation, acting)
    follows = _following(evaluation)
    dated = _dated(follows, binding, adoptions)
    return FullResult(
        on=on,
        system_class=found.system_class,
        act_as=found.protective,
        annex_items=found.annex_items,
        annex_open=found.annex_open,
        prohibitions=found.prohibitions,
        derogation=found.derogation if _listed(found) else Tristate.NO,
        roles=found.roles,
        transparency=found.transparency,
        effects=tuple([_effect(result, dated, in_force=result.rule.id in in_force) for result in follows]),
        duties=tuple([_duty(result, colliding, in_force=result.rule.id in in_force) for result in follows if result.rule.kind in _DUTIES]),
        collisions=colliding,
        gates=tuple([_gate(result, in_force=result.rule.id in in_force) for result in follows if result.rule.kind in _GATES]),
        unknown=_open(evaluation, found, binding),
        trace=tuple([_weighed(result) for result in evaluation.results]),
        set_aside=tuple(sorted(set(facts) - set(used))),
        beyond_calendar=on > max((day.day for pack in packs for day in pack.calendar.values()), default=date.max),
        packs=tuple(_pack_used(pack, adoptions) for pack in binding),
        packs_digest=evaluation.packs,
    )


def _listed(found: Classified) -> bool:
    """Is an item hit, or may one be? A derogation frees from nothing otherwise."""
    return bool(found.annex_items or found.annex_open)


def check_day(packs: Iterable[Pack], on: date) -> None:
    """The packs hold a law that decides a class, and the day is not before it. A class under no law would be an answer out of nothing."""
    law = [pack for pack in packs if pack.kind is PackKind.LAW]
    if not law:
        raise PackError("no law is among the packs", mend="Name the folder with the law packs too.")
    firsts = (first_day(rule, pack) for pack in law for rule in pack.rules.values() if rule.kind in _DECIDES_CLASS)
    first = min((day for day in firsts if day is not None), default=date.min)
    if on < first:
        raise InvalidInput(f"is before the first day of the law that classifies ({first})", place=str(on), mend="Give a later day.")


def _following(evaluation: Evaluation) -> tuple[RuleResult, ...]:
    """The rules with something to do or to leave, in force or not yet; without those of a pack that the system is shown to stand outside of."""
    outside = {result.rule.pack for result in evaluation.of_kind(Kind.SCOPE_OUT) if result.result is Tristate.YES}
    return tuple(
        result
        for result in evaluation.of_kind(*_FOLLOWS)
        if result.result is not Tristate.NO and result.rule.pack not in outside and not ended(result, evaluation.on)
    )


Dated = Callable[[RuleResult], tuple[date | None, date | None, tuple[str, ...]]]


def _dated(follows: Iterable[RuleResult], packs: Sequence[Pack], adoptions: Sequence[Adoption]) -> Dated:
    """A function from a result to the law's first day, the policies' first day for the same thing, and their rules."""
    adopted = {pack.id: _adopted_on(pack, adoptions) for pack in packs if pack.kind is PackKind.POLICY}
    policies: dict[Any, list[RuleResult]] = {}
    for policy in follows:
        if policy.rule.pack in adopted and policy.applies_from is not None:
            for what in (_what(policy.rule), *policy.rule.brings_forward):
                policies.setdefault(what, []).append(policy)

    def begins(result: RuleResult) -> date:
        return max(result.applies_from or date.min, adopted[result.rule.pack] or date.min)

    asked = {what: (min(map(begins, same)), tuple([policy.rule.id for policy in same])) for what, same in policies.items()}

    def days(result: RuleResult) -> tuple[date | None, date | None, tuple[str, ...]]:
        law = None if result.rule.pack in adopted else result.applies_from
        same, brought = asked.get(_what(result.rule)), asked.get(result.rule.id)
        if same and brought:
            return law, min(same[0], brought[0]), same[1] + brought[1]
        return law, *(same or brought or (None, ()))

    return days


def _what(rule: Rule) -> tuple[Kind, str]:
    """What a rule asks for: the same thing can be asked by the law later and by a policy sooner."""
    return rule.kind, rule.demands.record if rule.demands else rule.value


def _adopted_on(pack: Pack, adoptions: Iterable[Adoption]) -> date | None:
    return max((adoption.adopted_on for adoption in adoptions if adoption.pack == pack.id), default=None)


def _effect(result: RuleResult, dated: Dated, *, in_force: bool) -> Effect:
    law_from, policy_from, policy_rules = dated(result)
    return Effect(
        rule=result.rule.id,
        kind=result.rule.kind,
        value=result.rule.value,
        title=result.rule.title,
        actor=result.rule.actor,
        applies=result.result,
        in_force=in_force,
        law_applies_from=law_from,
        policy_applies_from=policy_from,
        policy_rules=policy_rules,
        starts_by=result.rule.starts_by,
        reading=result.rule.reading,
        citations=result.citations,
    )


def _duty(result: RuleResult, colliding: Sequence[Collision], *, in_force: bool) -> Duty:
    rule = result.rule
    return Duty(
        rule=rule.id,
        title=rule.title,
        applies=result.result,
        in_force=in_force,
        deadlines=rule.deadlines,
        yields_to=tuple([collision.prevails for collision in colliding if collision.yields == rule.id]) if colliding else (),
        why=rule.why,
        mend=rule.mend,
        unknown=result.unknown,
    )


def _gate(result: RuleResult, *, in_force: bool) -> Gate:
    rule, demand = result.rule, result.rule.demands
    return Gate(
        rule=rule.id,
        title=rule.title,
        applies=result.result,
        in_force=in_force,
        demands=demand.record if demand else None,
        before=demand.before if demand else None,
        supplied_by=demand.supplied_by if demand else (),
        second_from=demand.second_from if demand else (),
        per_version=demand.per_version if demand else False,
        expires_after=demand.expires_after if demand else "",
        why=rule.why,
        mend=rule.mend,
        unknown=result.unknown,
    )


def _open(evaluation: Evaluation, found: Classified, packs: Sequence[Pack]) -> tuple[OpenFact, ...]:
    """The facts not known, those that the class waits for first."""
    questions = ready(packs).facts
    by_fact: dict[str, list[RuleResult]] = {}
    for result in evaluation.results:
        for fact in result.unknown:
            by_fact.setdefault(fact, []).append(result)
    deciding = _DECIDES_CLASS if _listed(found) else _DECIDES_CLASS - {Kind.DEROGATION}
    undetermined = found.system_class is SystemClass.UNDETERMINED
    opened = [
        OpenFact(
            fact=fact,
            question=questions[fact].question,
            who=questions[fact].who,
            decides_class=undetermined and any(result.rule.kind in deciding for result in results),
            rules=tuple(result.rule.id for result in results),
        )
        for fact, results in by_fact.items()
    ]
    return tuple(sorted(opened, key=lambda fact: not fact.decides_class))


def _weighed(result: RuleResult) -> Weighed:
    return Weighed(
        rule=result.rule.id,
        kind=result.rule.kind,
        result=result.result,
        in_force=result.in_force,
        exception=result.exception,
        steps=result.trace,
        citations=result.citations,
    )


def _pack_used(pack: Pack, adoptions: Iterable[Adoption]) -> PackUsed:
    adopted_on = _adopted_on(pack, adoptions) if pack.kind is PackKind.POLICY else None
    return PackUsed(id=pack.id, version=pack.version, kind=pack.kind, status=pack.status, digest=pack.digest, adopted_on=adopted_on)
