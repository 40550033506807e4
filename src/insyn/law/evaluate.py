"""Every rule of the packs against one system's answers on one day.

Steps: the rules that decide the class; the facts worked out from them; the roles, and what is worked out from those; the other rules; what
policies bring forward. Pure: the packs are given, so the law on the day and the pack known then are both the caller's choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from .answers import check_answers
from .derived import derive, open_behind
from .model import Answer, Evaluation, Fact, Pack, RuleResult
from .protective import holds
from .ready import ReadyPacks, ReadyRule, ready


def evaluate(packs: Sequence[Pack], facts: Mapping[str, Any], *, on: date) -> Evaluation:
    """Evaluate all rules. Raises :class:`~insyn.core.errors.InvalidInput` for an answer that no pack asks for or of the wrong type."""
    found = ready(packs)
    results, answers = _Evaluating(found, check_answers(found.facts, facts), on).results()
    if found.bringing:
        results = brought_forward(results, on)
    return Evaluation(on=on, packs=found.digest, answers=answers, results=tuple(results))


class _Evaluating:
    """One system on one day, stage by stage; ``behind``: for each worked-out fact, the open answers by people."""

    def __init__(self, packs: ReadyPacks, answers: dict[str, Answer], on: date) -> None:
        self._packs, self._answers, self._on = packs, answers, on
        self._values = packs.questions.unanswered()
        self._known = packs.questions.nothing_known()
        packs.questions.answer(self._values, answers)
        packs.questions.put(self._known, answers)
        self._behind: dict[str, tuple[str, ...]] = {}
        self._results: dict[int, RuleResult] = {}  # by the rule's place

    def results(self) -> tuple[list[RuleResult], dict[str, Answer]]:
        """The results in the packs' order, and the answers with those worked out."""
        first = self._stage(self._packs.first)
        self._work_out(self._packs.of_class, first)
        roles = self._stage(self._packs.roles)
        self._work_out(self._packs.of_roles, roles)
        self._stage(self._packs.rest)
        return [self._results[place] for place in range(len(self._results))], self._answers

    def _stage(self, rules: Iterable[ReadyRule]) -> list[RuleResult]:
        values, known, answers, on = self._values, self._known, self._answers, self._on
        found = []
        for rule in rules:
            result = rule.result(values, known, answers, on)
            if result.unknown and self._behind:
                result = self._asking_people(result)
            found.append(result)
            self._results[rule.place] = result
        return found

    def _work_out(self, facts: Sequence[Fact], results: Sequence[RuleResult]) -> None:
        found = derive(facts, results)
        self._answers |= found
        self._packs.questions.answer(self._values, found)
        self._packs.questions.put(self._known, found)
        self._behind |= open_behind(facts, results)

    def _asking_people(self, result: RuleResult) -> RuleResult:
        """Name the facts that people answer in place of those worked out from them."""
        if self._behind.keys().isdisjoint(result.unknown):
            return result
        named = dict.fromkeys(name for fact in result.unknown for name in self._behind.get(fact, (fact,)))
        return msgspec.structs.replace(result, unknown=tuple(named))


def brought_forward(results: Sequence[RuleResult], on: date) -> list[RuleResult]:
    """The results, with what adopted policies apply before the law's own first day in force. Kinds that free are never brought (the loader)."""
    bringing: dict[str, list[RuleResult]] = {}
    for result in results:
        if result.rule.brings_forward and result.in_force and holds(result.rule.kind, result.result):
            for name in result.rule.brings_forward:
                bringing.setdefault(name, []).append(result)
    return [_brought(result, bringing.get(result.rule.id, ()), on) for result in results]


def _brought(result: RuleResult, by: Sequence[RuleResult], on: date) -> RuleResult:
    """Only before its first day: a rule of law that is suspended or repealed stays so."""
    if not by or (result.applies_from is not None and result.applies_from <= on):
        return result
    return msgspec.structs.replace(
        result,
        in_force=True,
        brought_by=tuple(policy.rule.id for policy in by),
        citations=tuple(dict.fromkeys((*(citation for policy in by for citation in policy.citations), *result.citations))),
    )
