"""Every rule of the packs against one system's answers on one day.

Steps: the classifying rules; the facts worked out from them; the other rules; for each rule whether it is in force that day for this
system. Pure: the packs are given, so the law on the day and the pack known then are both the caller's choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from insyn.core.terms import Tristate

from . import kleene
from .answers import check_answers, facts_of
from .conditions import Asking, open_questions
from .derived import derive, open_behind
from .digests import digest_of
from .model import CLASSIFYING, Answer, CalendarDay, Citation, Evaluation, Pack, PackKind, Rule, RuleResult, RuleStatus
from .starts import STARTS


def evaluate(packs: Sequence[Pack], facts: Mapping[str, Any], *, on: date) -> Evaluation:
    """Evaluate all rules. Raises :class:`~insyn.core.errors.InvalidInput` for an answer that no pack asks for or of the wrong type."""
    answers = check_answers(facts_of(packs), facts)
    first = dict(_all(packs, answers, on, classifying=True))
    results = list(first.values())
    answers |= derive(packs, results)
    behind = open_behind(packs, results)
    second = {id_: _asking_people(result, behind) for id_, result in _all(packs, answers, on, classifying=False)}
    found = first | second
    return Evaluation(
        on=on,
        packs=digest_of(packs),
        answers=answers,
        results=tuple(found[rule.id] for pack in packs for rule in pack.rules.values()),
    )


def _asking_people(result: RuleResult, behind: Mapping[str, tuple[str, ...]]) -> RuleResult:
    """Name the facts that people answer in place of those worked out from them."""
    if not any(fact in behind for fact in result.unknown):
        return result
    named = dict.fromkeys(name for fact in result.unknown for name in behind.get(fact, (fact,)))
    return msgspec.structs.replace(result, unknown=tuple(named))


def _all(packs: Sequence[Pack], answers: Mapping[str, Answer], on: date, *, classifying: bool) -> list[tuple[str, RuleResult]]:
    return [
        (rule.id, evaluate_rule(rule, pack, answers, on=on))
        for pack in packs
        for rule in pack.rules.values()
        if (rule.kind in CLASSIFYING) is classifying
    ]


def evaluate_rule(rule: Rule, pack: Pack, answers: Mapping[str, Answer], *, on: date) -> RuleResult:
    """One rule: its conditions, then its exceptions, then its days."""
    asking = Asking(rule.id, answers, pack.calendar)
    result = asking.result(rule.when)
    exceptions = [(exception, asking.result(exception.when)) for exception in rule.exceptions]
    freed = kleene.some(outcome for _, outcome in exceptions)
    result = kleene.every((result, kleene.opposite(freed)))
    starts = applies_from(rule, pack, answers)
    return RuleResult(
        rule=rule,
        result=result,
        in_force=in_force(rule, pack, starts, on=on),
        applies_from=starts,
        citations=tuple(cite(pack, provision) for provision in rule.citations),
        trace=tuple(asking.trace),
        unknown=_open(rule, pack.calendar, answers) if result is Tristate.UNKNOWN else (),
        exception=next((exception.id for exception, outcome in exceptions if outcome is Tristate.YES), ""),
    )


def _open(rule: Rule, calendar: Mapping[str, CalendarDay], answers: Mapping[str, Answer]) -> tuple[str, ...]:
    conditions = (rule.when, *(exception.when for exception in rule.exceptions))
    return tuple(dict.fromkeys(fact for condition in conditions for fact in open_questions(condition, answers, calendar)))


def applies_from(rule: Rule, pack: Pack, answers: Mapping[str, Answer]) -> date | None:
    """The first day for this system. A policy's rule without history holds from its adoption, which the caller answers for: ``date.min``."""
    applicable = [pack.calendar[entry.at].day for entry in rule.history if entry.status is RuleStatus.APPLICABLE]
    if not rule.history and pack.kind is PackKind.POLICY:
        return date.min
    if not applicable:
        return None
    return STARTS[rule.starts_by](min(applicable), answers, pack.calendar) if rule.starts_by else min(applicable)


def in_force(rule: Rule, pack: Pack, starts: date | None, *, on: date) -> bool:
    """On or after the first day, and the newest step of the history by that day says applicable."""
    if starts is None or on < starts:
        return False
    steps = sorted((pack.calendar[entry.at].day, number, entry.status) for number, entry in enumerate(rule.history))
    past = [status for day, _, status in steps if day <= on]
    return not rule.history or (bool(past) and past[-1] is RuleStatus.APPLICABLE)


def cite(pack: Pack, provision: str) -> Citation:
    """The provision as a person reads it: instrument and place."""
    found = pack.provisions[provision]
    number = pack.instruments[found.instrument].number
    label = f"{found.path} {number}".strip()
    return Citation(provision=found.id, label=label, url=found.url, level=found.level)
