"""Gates: which records must be there before a phase may begin, and what stands in the way.

For each rule that demands something: does it apply to this system on this day (an unknown answer counts as yes); is there a record of the
right kind, for this version, from somebody who may supply it, that still holds; is a second one there where two are demanded.
A prohibition or a stop rule that applies, or may apply, is a gate that no record opens: only other facts do.

A gate that a policy alone asks for may instead be met by a deviation that the owner has accepted, until its last day. A gate of law never is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from insyn.core.refusals import Reason, RefusalCode
from insyn.core.terms import Phase, RecordKind, Role, Tristate
from insyn.core.text import Text
from insyn.law.answers import facts_of
from insyn.law.evaluate import evaluate
from insyn.law.model import Citation, Demand, Evaluation, Fact, Kind, Pack, PackKind, RuleResult
from insyn.law.protective import applying, holds

from .phases import comes_no_later
from .records import HeldRecord, Lack, find_record

__all__ = ["Deviation", "GateState", "HeldRecord", "evaluate_gates", "in_the_way", "missing_reasons", "versions_with_gates_met"]

_FORBIDDING = (Kind.PROHIBITED, Kind.STOP_RULE)


class Deviation(msgspec.Struct, frozen=True, kw_only=True):
    """An accepted deviation from one rule of a policy (``pack/slug``), through its last day. Those ended by an act are not passed."""

    rule: str
    deviation_id: str
    last_day: date


class GateState(msgspec.Struct, frozen=True, kw_only=True):
    """One gate of one system on one day.

    ``rule`` is ``pack/slug``. ``kind`` is ``gate``, or ``prohibited``, ``stop_rule`` or ``scope_out`` (a system outside the law only while it
    was not used): then ``demands`` is ``None``, for no record opens it.
    ``applies`` is yes or unknown; ``unknown`` are the facts that would settle it. ``who`` can mend it. ``version`` is set when the gate
    wants a record per version. ``by_law``: a rule of law
    asks, not a policy alone. ``valid_through`` is the last day of the record found, ``None`` for no end; ``expired`` says it has passed.
    ``deviation``: the deviation that the gate rests on instead of a record; then the last day is the deviation's.
    """

    rule: str
    kind: Kind
    title: Text
    demands: RecordKind | None
    met: bool
    applies: Tristate
    why: Text
    mend: Text
    who: tuple[Role, ...]
    citations: tuple[Citation, ...]
    before: Phase | None = None
    version: str = ""
    record_id: str = ""
    valid_through: date | None = None
    expired: bool = False
    unknown: tuple[str, ...] = ()
    by_law: bool = False
    deviation: str = ""


def evaluate_gates(
    *,
    packs: Sequence[Pack],
    facts: Mapping[str, Any],
    records: Sequence[HeldRecord],
    version: str,
    before: Phase,
    on: date,
    deviations: Sequence[Deviation] = (),
    evaluation: Evaluation | None = None,
) -> tuple[GateState, ...]:
    """Every gate to be met before the phase ``before`` may begin, met or not, in the packs' order.

    ``packs`` are those in force (:func:`insyn.law.adoption.packs_in_force`). ``evaluation``: of the same packs, facts and day, for whoever
    asks about several versions and has it already. Raises :class:`~insyn.core.errors.InvalidInput` for an answer that no pack asks for or of
    the wrong type.
    """
    evaluation = evaluation or evaluate(packs, facts, on=on)
    questions = facts_of(packs)
    states = [_lapsed(result, questions) for result in evaluation.of_kind(Kind.SCOPE_OUT) if _lapses(result, before)]
    law = {pack.id for pack in packs if pack.kind is PackKind.LAW}
    for result in applying(evaluation, Kind.GATE, *_FORBIDDING):
        demand = result.rule.demands
        if demand is None:
            states.append(_forbidding(result, questions))
        elif comes_no_later(demand.before, before):
            state = _gate(result, demand, records, version=version, on=on, by_law=result.rule.pack in law)
            states.append(_deviated(state, deviations, on=on))
    return tuple(states)


def _deviated(state: GateState, deviations: Sequence[Deviation], *, on: date) -> GateState:
    """The same state, or met by a deviation that holds. A record goes before a deviation; law knows none."""
    own = [deviation for deviation in deviations if deviation.rule == state.rule]
    if state.met or state.by_law or state.kind is not Kind.GATE or not own:
        return state
    longest = max(own, key=lambda deviation: (deviation.last_day, deviation.deviation_id))
    if longest.last_day < on:
        ended = Text(f"Avvikelsen från kravet slutade gälla {longest.last_day}.", f"The deviation from it ended on {longest.last_day}.")
        return msgspec.structs.replace(state, expired=True, why=_also(state.why, ended))
    return msgspec.structs.replace(
        state, met=True, expired=False, deviation=longest.deviation_id, record_id="", valid_through=longest.last_day
    )


def _lapses(result: RuleResult, before: Phase) -> bool:
    """Does the system stand outside only because it is not used, and is it about to be?"""
    stands_outside = result.in_force and holds(Kind.SCOPE_OUT, result.result)
    return stands_outside and result.rule.until is not None and comes_no_later(result.rule.until, before)


def _lapsed(result: RuleResult, questions: Mapping[str, Fact]) -> GateState:
    """The answers were true in development. Nothing but new answers opens this: then the law is asked again."""
    state = _forbidding(result, questions)
    return msgspec.structs.replace(state, why=_also(state.why, _NOT_IN_USE), mend=_ANSWER_ANEW)


_NOT_IN_USE = Text(
    "Svaren säger att systemet inte används, men nu ska det användas.",
    "The answers say that the system is not in use, and now it shall be.",
)
_ANSWER_ANEW = Text("Svara på frågorna igen, så som systemet ska användas.", "Answer the questions again, as the system shall be used.")


def _forbidding(result: RuleResult, questions: Mapping[str, Fact]) -> GateState:
    """Nobody can approve past it; while a fact is unknown, the answer to that fact is what is missing."""
    rule, open_ = result.rule, result.result is Tristate.UNKNOWN
    asked = [questions[fact] for fact in (result.unknown if open_ else _facts_behind(result))]
    return GateState(
        rule=rule.id,
        kind=rule.kind,
        title=rule.title,
        demands=None,
        met=False,
        applies=result.result,
        why=_also(rule.why, _open_questions(asked)) if open_ else rule.why,
        mend=rule.mend,
        who=tuple(dict.fromkeys(role for fact in asked for role in fact.who)),
        citations=result.citations,
        unknown=result.unknown,
    )


def _facts_behind(result: RuleResult) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step.fact for step in result.trace))


def _open_questions(asked: Sequence[Fact]) -> Text:
    return Text(
        "Obesvarat: " + " ".join(fact.question.sv for fact in asked),
        "Not answered: " + " ".join(fact.question.en for fact in asked),
    )


def _gate(result: RuleResult, demand: Demand, records: Sequence[HeldRecord], *, version: str, on: date, by_law: bool) -> GateState:
    rule = result.rule
    found = find_record(demand, [record for record in records if _is_about(record, rule.value)], version=version, on=on)
    return GateState(
        rule=rule.id,
        kind=rule.kind,
        title=rule.title,
        demands=demand.record,
        met=found.lack is None,
        applies=result.result,
        why=_also(rule.why, found.lack.value) if found.lack else rule.why,
        mend=rule.mend,
        who=demand.second_from if found.lack is Lack.NO_SECOND else demand.supplied_by,
        citations=result.citations,
        before=demand.before,
        version=version if demand.per_version else "",
        record_id=found.record_id,
        valid_through=None if found.last_day == date.max else found.last_day,
        expired=found.lack is Lack.EXPIRED,
        unknown=result.unknown,
        by_law=by_law,
    )


def _is_about(record: HeldRecord, gate: str) -> bool:
    """A record of negotiation under one section opens no gate of another section."""
    return record.about in ("", gate) or not gate.startswith("mbl_section_")


def _also(first: Text, second: Text) -> Text:
    return Text(f"{first.sv} {second.sv}", f"{first.en} {second.en}")


def versions_with_gates_met(versions: frozenset[str], gates: Sequence[GateState]) -> frozenset[str]:
    """A version needs a met state of its own from every rule that asks per version; no state at all is not a met one."""
    rules = {gate.rule for gate in gates if gate.version}
    met = {(gate.rule, gate.version) for gate in gates if gate.version and gate.met}
    return frozenset(version for version in versions if all((rule, version) in met for rule in rules))


def in_the_way(gates: Sequence[GateState], versions: frozenset[str]) -> tuple[GateState, ...]:
    """The unmet gates; a version's own count only when no version in ``versions`` has all of its own met."""
    whole = versions_with_gates_met(versions, gates)
    return tuple(gate for gate in gates if not gate.met and not (gate.version and whole))


def missing_reasons(gates: Iterable[GateState]) -> tuple[Reason, ...]:
    """A reason per unmet gate, in words that a person can act on."""
    return tuple(_reason(gate) for gate in gates if not gate.met)


def _reason(gate: GateState) -> Reason:
    citation = gate.citations[0]
    return Reason(
        code=RefusalCode.RECORD_EXPIRED if gate.expired else RefusalCode.GATE_UNMET,
        sentence=Text(f"{gate.title.sv}: {gate.why.sv}", f"{gate.title.en}: {gate.why.en}"),
        mend=gate.mend,
        who=gate.who,
        rule=gate.rule,
        provision=citation.label,
        url=citation.url,
        level=citation.level,
        place=gate.version,
    )
