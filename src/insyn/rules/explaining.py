"""Why a system has its class, for a person: the rules that decided it, and for each the questions and answers that settled it.

Only what settled a rule is told. Where a condition says "all of these" and one answer is no, that answer is the reason, and the rest is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from insyn.core.terms import Tristate
from insyn.core.text import Text
from insyn.law import kleene
from insyn.law.answers import UNKNOWN
from insyn.law.derived import ANNEX_III
from insyn.law.evaluate import evaluate
from insyn.law.model import All, Always, Answer, AnyOf, Ask, Citation, Condition, Evaluation, Kind, Not, Pack, RuleResult

from .classify import SystemClass, classified

_YES, _NO = Tristate.YES, Tristate.NO
#: Which rules decided a class: of which kinds, with which result.
_DECIDED: Mapping[SystemClass, tuple[tuple[Kind, Tristate], ...]] = {
    SystemClass.OUT_OF_SCOPE: ((Kind.SCOPE_OUT, _YES),),
    SystemClass.PROHIBITED: ((Kind.PROHIBITED, _YES),),
    SystemClass.HIGH_RISK: ((Kind.ANNEX_ITEM, _YES),),
    SystemClass.DEROGATED: ((Kind.ANNEX_ITEM, _YES), (Kind.DEROGATION, _YES)),
    SystemClass.TRANSPARENCY: ((Kind.TRANSPARENCY, _YES), (Kind.PROHIBITED, _NO), (Kind.ANNEX_ITEM, _NO)),
    SystemClass.MINIMAL: ((Kind.PROHIBITED, _NO), (Kind.ANNEX_ITEM, _NO), (Kind.TRANSPARENCY, _NO)),
    SystemClass.UNDETERMINED: ((Kind.PROHIBITED, _YES), (Kind.ANNEX_ITEM, _YES), (Kind.TRANSPARENCY, _YES)),
}


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that settled a rule."""

    fact: str
    answer: Answer


class Because(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that decided the class, with what it rests on."""

    rule: str
    kind: Kind
    value: str
    title: Text
    why: Text
    result: Tristate
    in_force: bool
    settled_by: tuple[Settled, ...]
    citations: tuple[Citation, ...]


def because(packs: Sequence[Pack], answers: Mapping[str, Any], *, on: date) -> tuple[Because, ...]:
    """The rules that decided the class, in the law's order; for a high-risk system also why Article 6(3) does not free it."""
    evaluation = evaluate(packs, answers, on=on)
    found = classified(evaluation, packs)
    return tuple(_because(result, evaluation.answers) for result in _decided(evaluation, found.system_class))


def _decided(evaluation: Evaluation, system_class: SystemClass) -> Iterable[RuleResult]:
    for kind, answer in _DECIDED[system_class]:
        yield from (result for result in evaluation.of_kind(kind) if result.result is answer)
    listed = any(item.rule.value.startswith(ANNEX_III) and item.result is _YES for item in evaluation.of_kind(Kind.ANNEX_ITEM))
    if system_class is SystemClass.HIGH_RISK and listed:
        yield from evaluation.of_kind(Kind.DEROGATION)


def _because(result: RuleResult, answers: Mapping[str, Answer]) -> Because:
    rule = result.rule
    return Because(
        rule=rule.id,
        kind=rule.kind,
        value=rule.value,
        title=rule.title,
        why=rule.why,
        result=result.result,
        in_force=result.in_force,
        settled_by=tuple(Settled(fact=fact, answer=answers.get(fact, UNKNOWN)) for fact in settling(result)),
        citations=result.citations,
    )


def settling(result: RuleResult) -> tuple[str, ...]:
    """The facts whose answers settle the rule one way or the other; those that leave it open when it is open."""
    rule, said = result.rule, {step.place: step.result for step in result.trace}
    freed = AnyOf(tuple(exception.when for exception in rule.exceptions))
    whole = All((rule.when, Not(freed))) if rule.exceptions else rule.when
    return tuple(dict.fromkeys(_settling(whole, said)))


def _settling(condition: Condition, said: Mapping[str, Tristate]) -> Iterable[str]:
    """Of several parts those that came out as the whole did."""
    match condition:
        case All(parts) | AnyOf(parts):
            result = _result(condition, said)
            return [fact for part in parts if _result(part, said) is result for fact in _settling(part, said)]
        case Not(part):
            return _settling(part, said)
        case Ask(fact=fact):
            return [fact]
        case Always():
            return []


def _result(condition: Condition, said: Mapping[str, Tristate]) -> Tristate:
    match condition:
        case All(parts):
            return kleene.every([_result(part, said) for part in parts])
        case AnyOf(parts):
            return kleene.some([_result(part, said) for part in parts])
        case Not(part):
            return kleene.opposite(_result(part, said))
        case Ask(place=place):
            return said[place]
        case Always():
            return Tristate.YES
