"""Mutants: each rule changed in every simple way, to see whether its worked cases notice. A mutant that none notices shows a case missing.

The ways: a question asked the other way round, or about another value; a part of "all" or "any" left out; one of these put for the other;
"not" dropped; an exception left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from .cases import adopted, with_used
from .conditions import Questions
from .evaluate import evaluate
from .model import All, AnyOf, Ask, Case, Condition, Expect, Fact, FactType, Not, Operator, Pack, Rule
from .ready import ReadyRule


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """A changed rule, and what was changed in it."""

    rule: Rule
    change: str


def survivors(packs: Sequence[Pack]) -> tuple[Mutant, ...]:
    """The mutants that no case of their rule notices."""
    return tuple(mutant for pack in packs for rule in pack.rules.values() for mutant in _survivors(rule, pack, packs))


def _survivors(rule: Rule, pack: Pack, packs: Sequence[Pack]) -> Iterator[Mutant]:
    cases = [case for case in pack.cases if case.rule == rule.slug and adopted(case) and case.expect is not Expect.NOT_IN_FORCE]
    beside = with_used(pack, packs)
    worked = [evaluate(beside, case.facts, on=case.on).answers for case in cases]
    for mutant in mutants(rule, pack, packs):
        if not any(_notices(case, answers, mutant.rule, pack) for case, answers in zip(cases, worked, strict=True)):
            yield mutant


def _notices(case: Case, answers: Mapping[str, object], rule: Rule, pack: Pack) -> bool:
    questions = Questions()
    changed = ReadyRule(rule, pack, questions)
    values = questions.unanswered()
    questions.answer(values, answers)  # type: ignore[arg-type]
    return changed.answer(values).value != case.expect.value


def mutants(rule: Rule, pack: Pack, packs: Sequence[Pack]) -> Iterator[Mutant]:
    """Every simple change of the rule."""
    facts = {fact_id: fact for other in packs for fact_id, fact in other.facts.items()}
    for condition, change in _changed(rule.when, facts, pack):
        yield Mutant(rule=msgspec.structs.replace(rule, when=condition), change=change)
    for number, exception in enumerate(rule.exceptions):
        others = (*rule.exceptions[:number], *rule.exceptions[number + 1 :])
        yield Mutant(rule=msgspec.structs.replace(rule, exceptions=others), change=f"without the exception {exception.id}")
        for condition, change in _changed(exception.when, facts, pack):
            changed = (*rule.exceptions[:number], msgspec.structs.replace(exception, when=condition), *rule.exceptions[number + 1 :])
            yield Mutant(rule=msgspec.structs.replace(rule, exceptions=changed), change=f"{exception.id}: {change}")


def _changed(condition: Condition, facts: Mapping[str, Fact], pack: Pack) -> Iterator[tuple[Condition, str]]:
    match condition:
        case All(parts) | AnyOf(parts):
            yield from _changed_list(condition, parts, facts, pack)
        case Not(part):
            yield part, f"without not ({_said(part)})"
            for changed, change in _changed(part, facts, pack):
                yield Not(changed), change
        case Ask():
            yield Not(condition), f"not {_said(condition)}"
            yield from _other_values(condition, facts[condition.fact], pack)
        case _:
            return


def _changed_list(
    condition: All | AnyOf, parts: tuple[Condition, ...], facts: Mapping[str, Fact], pack: Pack
) -> Iterator[tuple[Condition, str]]:
    kind, other, word = (All, AnyOf, "all") if isinstance(condition, All) else (AnyOf, All, "any")
    if len(parts) > 1:
        yield other(parts), f"{word} of {_said(parts[0])} … turned round"
        for number, part in enumerate(parts):
            yield kind((*parts[:number], *parts[number + 1 :])), f"without {_said(part)}"
    for number, part in enumerate(parts):
        for changed, change in _changed(part, facts, pack):
            yield kind((*parts[:number], changed, *parts[number + 1 :])), change


def _other_values(ask: Ask, fact: Fact, pack: Pack) -> Iterator[tuple[Condition, str]]:
    """The same question about the next value, number or day."""
    if fact.type is FactType.DATE:
        choices: Sequence[str | int] = [day.id for day in sorted(pack.calendar.values(), key=lambda day: day.day)]
    elif ask.operator is Operator.AT_LEAST:
        choices = [int(ask.value), int(ask.value) + 1]
    else:
        choices = [choice.value for choice in fact.values]
    if ask.value in choices and len(choices) > 1:
        value = choices[(choices.index(ask.value) + 1) % len(choices)]
        yield msgspec.structs.replace(ask, value=value), f"{_said(ask)} with {value} for {ask.value}"


def _said(condition: Condition) -> str:
    match condition:
        case Ask():
            return f"{condition.fact} {condition.operator} {condition.value}"
        case All(parts) | AnyOf(parts):
            return f"({_said(parts[0])} …)"
        case Not(part):
            return f"not {_said(part)}"
        case _:
            return "always"
