"""Every rule's answer for many systems, one after another: what :mod:`insyn.law.evaluate` says, without trace, citations and open questions.

For replays, where thousands of systems are weighed and only what differs is told. A rule's answer does not hang on the day; what is in
force when is for the caller to work out. The stages are those of the evaluation, and a test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from .conditions import NO, OPEN, WORDS, YES
from .derived import derive
from .model import Answer, Fact, Pack, RuleResult
from .ready import ReadyRule, ready

#: So many combinations of answers to the classifying rules are kept worked out.
_KEPT = 20_000


class _Weighed:
    """One rule with its three results ready; where the first day differs from system to system, one for each day that has come up."""

    __slots__ = ("_dated", "answer", "results", "rule")

    def __init__(self, rule: ReadyRule) -> None:
        self.rule, self.answer = rule, rule.number
        self.results = tuple(_result(rule, number, None if rule.rule.starts_by else rule.starts({})) for number in (NO, OPEN, YES))
        self._dated: dict[tuple[int, date | None], RuleResult] = {}

    def dated(self, number: int, answers: Mapping[str, Answer]) -> RuleResult:
        """The result with the system's own first day."""
        key = number, self.rule.starts(answers)
        if key not in self._dated:
            self._dated[key] = _result(self.rule, *key)
        return self._dated[key]


def _result(rule: ReadyRule, number: int, starts: date | None) -> RuleResult:
    return RuleResult(rule=rule.rule, result=WORDS[number], in_force=False, applies_from=starts, citations=(), trace=())


class Weighing:
    """A set of packs, made ready to weigh many systems. Systems that answer alike share their results.

    ``beside``: another set that the same systems are weighed under. Where both hold the same classifying rules, what is worked out under the
    one serves the other.
    """

    def __init__(self, packs: Sequence[Pack], *, beside: Weighing | None = None) -> None:
        self._packs = ready(packs)
        self._first, self._roles, self._rest = (
            [_Weighed(rule) for rule in rules] for rules in (self._packs.first, self._packs.roles, self._packs.rest)
        )
        self._derived: dict[tuple[int, ...], dict[str, Answer]] = {}
        if beside is not None and beside.decides_by() == self.decides_by():
            self._derived = beside._derived

    def decides_by(self) -> object:
        """What the class and the facts worked out hang on, beside the answers: the classifying rules in their order, and those facts."""
        rules = [(rule.rule.rule.pack, rule.rule.rule.kind, rule.rule.rule.value) for rule in (*self._first, *self._roles)]
        facts = [(fact.id, fact.derived) for fact in (*self._packs.of_class, *self._packs.of_roles)]
        packs = [(pack.id, pack.kind, pack.coverage) for pack in self._packs.packs]
        return rules, facts, packs

    def weigh(self, answers: Mapping[str, Answer]) -> tuple[list[RuleResult], list[RuleResult]]:
        """The results of the rules that decide class and roles, and of the others those that are yes or unknown.

        The answers are checked already; none of them is worked out.
        """
        packs, known = self._packs, dict(answers)
        values = packs.questions.unanswered()
        packs.questions.answer(values, known)
        numbers = [rule.answer(values) for rule in self._first]
        first = [_weighed(rule, number, known) for rule, number in zip(self._first, numbers, strict=True)]
        self._work_out(packs.of_class, first, numbers, values, known)
        numbers = [rule.answer(values) for rule in self._roles]
        roles = [_weighed(rule, number, known) for rule, number in zip(self._roles, numbers, strict=True)]
        self._work_out(packs.of_roles, roles, numbers, values, known)
        rest = [_weighed(rule, number, known) for rule in self._rest if (number := rule.answer(values)) != NO]
        return first + roles, rest

    def _work_out(
        self, facts: Sequence[Fact], results: list[RuleResult], numbers: list[int], values: list[int], answers: dict[str, Answer]
    ) -> None:
        key = (len(facts), *numbers)
        found = self._derived.get(key)
        if found is None:
            found = derive(facts, results)
            if len(self._derived) < _KEPT:
                self._derived[key] = found
        answers |= found
        self._packs.questions.answer(values, found)


def _weighed(rule: _Weighed, number: int, answers: Mapping[str, Answer]) -> RuleResult:
    return rule.dated(number, answers) if number != NO and rule.rule.rule.starts_by else rule.results[number]
