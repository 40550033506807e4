"""Which questions are still worth asking about a system, given what is answered: none that no longer can change anything.

A question is needed while a rule that matters is open and its answer could settle it. Rules that never matter: those of a pack that the
system is shown to stand outside of; those that have ended; a derogation while no point of Annex III is hit or may be; roles where nobody
has a duty by them. Of a rule's questions one is put at a time, in its own order; what rests on the class waits until the questions that
decide the class have been put, and a question that only moves a first day until its rule holds. So each answer, also "don't know", leaves
fewer questions, and the asking ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import msgspec

from insyn.core.terms import Tristate
from insyn.law.answers import NEVER, UNKNOWN, check_answers, facts_of
from insyn.law.conditions import asks_of
from insyn.law.derived import ANNEX_III
from insyn.law.evaluate import evaluate
from insyn.law.history import first_day
from insyn.law.model import Answer, Evaluation, FactType, Kind, Pack, Rule, RuleResult
from insyn.law.protective import ended
from insyn.law.starts import STARTS, STARTS_CALENDAR, STARTS_FACTS

#: Kinds that decide the class by themselves, wherever the system is within the law.
_DECIDING = frozenset({Kind.SCOPE_OUT, Kind.PROHIBITED, Kind.ANNEX_ITEM, Kind.TRANSPARENCY, Kind.DEROGATION})
#: Of these an open or a hit one gives somebody a role to answer in.
_GIVES_DUTIES = frozenset({Kind.ANNEX_ITEM, Kind.TRANSPARENCY})


class OpenQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A question whose answer can still change something.

    ``rules`` are those that wait for it. ``now``: it is time to ask; otherwise other answers may make it needless. ``asked``: the answer
    was "don't know", wholly or in part.
    """

    pack: str
    fact: str
    decides_class: bool
    rules: tuple[str, ...]
    now: bool
    asked: bool


def open_questions(packs: Sequence[Pack], answers: Mapping[str, Any], *, on: date) -> tuple[OpenQuestion, ...]:
    """Every question still needed: topics in the packs' order, in each topic those that decide the class first.

    ``packs`` are those in force. Raises :class:`~insyn.core.errors.InvalidInput` for a wrong answer. Steps: which rules matter; which facts
    each waits for; which facts move its first day; which of these it is time to ask.
    """
    given = check_answers(facts_of(packs), answers)
    weighing = _Weighing(packs, given, evaluate(packs, given, on=on))
    waiting: dict[str, list[_Wait]] = {}
    for wait in weighing.waits():
        waiting.setdefault(wait.fact, []).append(wait)
    return tuple(
        OpenQuestion(
            pack=pack.id,
            fact=fact,
            decides_class=any(wait.decides for wait in waiting[fact]),
            rules=tuple(dict.fromkeys(wait.rule for wait in waiting[fact])),
            now=any(wait.now for wait in waiting[fact]),
            asked=fact in given,
        )
        for pack, fact in _in_order(packs, waiting)
    )


def to_ask(questions: Iterable[OpenQuestion]) -> tuple[OpenQuestion, ...]:
    """Those that it is time to put and that nobody has answered."""
    return tuple(question for question in questions if question.now and not question.asked)


def most_left(questions: Iterable[OpenQuestion]) -> int:
    """How many more may have to be put, at the most."""
    return sum(not question.asked for question in questions)


def _in_order(packs: Sequence[Pack], waiting: Mapping[str, Sequence[_Wait]]) -> list[tuple[Pack, str]]:
    """By pack, by topic, and within a topic what decides the class before the rest."""
    found = []
    for pack_number, pack in enumerate(packs):
        topics = list(pack.topics)
        for number, fact in enumerate(pack.facts.values()):
            if fact.id in waiting:
                topic = topics.index(fact.topic) if fact.topic in topics else len(topics)
                decides = any(wait.decides for wait in waiting[fact.id])
                found.append((pack_number, topic, not decides, number, pack, fact.id))
    return [(row[4], row[5]) for row in sorted(found, key=lambda row: row[:4])]


class _Wait(msgspec.Struct, frozen=True):
    """A rule waits for a fact."""

    fact: str
    rule: str
    decides: bool
    now: bool


class _Weighing:
    """One evaluation, looked through for what it still waits for."""

    def __init__(self, packs: Sequence[Pack], given: Mapping[str, Answer], evaluation: Evaluation) -> None:
        self._given, self._evaluation = given, evaluation
        self._packs = {pack.id: pack for pack in packs}
        self._outside = {result.rule.pack for result in evaluation.of_kind(Kind.SCOPE_OUT) if result.result is Tristate.YES}
        self._facts = facts_of(packs)
        self._moved: dict[tuple[object, ...], tuple[str, ...]] = {}
        self._results = [result for result in evaluation.results if self._matters(result)]
        ripe = [result for result in self._results if result.rule.kind in _DECIDING and self._is_time(result)]
        self._class_first = not all(self._all_put(result.unknown) for result in ripe)

    def waits(self) -> Iterator[_Wait]:
        for result in self._results:
            yield from self._for_the_answer(result)
            yield from self._for_the_day(result)

    def _matters(self, result: RuleResult) -> bool:
        if result.rule.pack in self._outside or result.result is Tristate.NO or ended(result, self._evaluation.on):
            return False
        if result.rule.kind is Kind.DEROGATION:
            return any(self._listed(Tristate.YES, Tristate.UNKNOWN))
        if result.rule.kind is Kind.ROLE:
            return any(other.result is not Tristate.NO for other in self._evaluation.of_kind(*_GIVES_DUTIES))
        return True

    def _listed(self, *answers: Tristate) -> Iterator[RuleResult]:
        """The points of Annex III with one of these results. Only those are ever freed."""
        items = self._evaluation.of_kind(Kind.ANNEX_ITEM)
        return (item for item in items if item.result in answers and item.rule.value.startswith(ANNEX_III))

    def _is_time(self, result: RuleResult) -> bool:
        """A derogation is asked about when a point is hit, or when nobody can say more about whether one is."""
        if result.rule.kind is not Kind.DEROGATION:
            return True
        return any(self._listed(Tristate.YES)) or all(self._all_put(item.unknown) for item in self._listed(Tristate.UNKNOWN))

    def _all_put(self, facts: Iterable[str]) -> bool:
        return all(fact in self._given for fact in facts)

    def _for_the_answer(self, result: RuleResult) -> Iterator[_Wait]:
        """The facts that keep the rule open. Only the first that has not been put is asked now: by its answer the others may be needless."""
        decides = result.rule.kind in _DECIDING
        waits_for_class = not decides and self._class_first and (result.rule.kind is Kind.ROLE or self._rests_on_class(result))
        ripe = self._is_time(result) and not waits_for_class
        unput = [fact for fact in result.unknown if fact not in self._given]
        for fact in result.unknown:
            yield _Wait(fact, result.rule.id, decides, ripe and fact in unput[:1])

    def _rests_on_class(self, result: RuleResult) -> bool:
        """Is something open that the rule asks only through what is worked out?"""
        asked = {ask.fact for ask in asks_of(result.rule)}
        return any(fact not in asked for fact in result.unknown)

    def _for_the_day(self, result: RuleResult) -> Iterator[_Wait]:
        """What can move the first day of a rule that holds. Only the first is asked now: by its answer the next may no longer matter."""
        rule = result.rule
        if not rule.starts_by:
            return
        read = [fact for fact in STARTS_FACTS[rule.starts_by] if fact in self._facts and not self._facts[fact].derived]
        unanswered = [fact for fact in read if self._given.get(fact, UNKNOWN) == UNKNOWN]
        holds = result.result is Tristate.YES or (self._all_put(result.unknown) and not self._class_first)
        unasked = self._moving(rule, [fact for fact in unanswered if fact not in self._given])
        for fact in dict.fromkeys((*unasked, *(fact for fact in self._moving(rule, unanswered) if fact in self._given))):
            yield _Wait(fact, rule.id, False, holds and fact in unasked[:1])

    def _moving(self, rule: Rule, free: Sequence[str]) -> tuple[str, ...]:
        """Tried out once for all rules that begin on the same days."""
        pack = self._packs[rule.pack]
        first = first_day(rule, pack)
        key = (pack.id, rule.starts_by, first, tuple(free))
        if key not in self._moved:
            types = {fact: self._facts[fact].type for fact in free}
            self._moved[key] = moves_the_day(rule.starts_by, first, pack, self._evaluation.answers, types) if first and free else ()
        return self._moved[key]


def moves_the_day(starts_by: str, first: date, pack: Pack, answers: Mapping[str, Answer], free: Mapping[str, FactType]) -> tuple[str, ...]:
    """Those of the free facts that could change the day on which a rule begins, in their order.

    Tried out: a fact moves the day if, for some answers to the other free ones, two answers to it give two days.
    """
    marks = {first, *(pack.calendar[name].day for name in STARTS_CALENDAR[starts_by] if name in pack.calendar)}
    start = STARTS[starts_by]
    table = {
        tried: start(first, {**answers, **dict(zip(free, tried, strict=True))}, pack.calendar)
        for tried in product(*(_tries(kind, marks) for kind in free.values()))
    }
    return tuple(fact for number, fact in enumerate(free) if _differs(table, number))


def _tries(kind: FactType, marks: Iterable[date]) -> tuple[str, ...]:
    if kind is not FactType.DATE:
        return ("yes", "no")
    return (NEVER, *(day.isoformat() for mark in sorted(marks) for day in (mark - timedelta(days=1), mark)))


def _differs(table: Mapping[tuple[str, ...], date | None], number: int) -> bool:
    """Is there a place in the table where only this answer is exchanged and the day is another?"""
    found: dict[tuple[str, ...], date | None] = {}
    return any(found.setdefault(tried[:number] + tried[number + 1 :], day) != day for tried, day in table.items())
