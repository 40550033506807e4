"""Conditions, made ready to be answered many times: each question once, however many rules ask it.

A condition's answer is Kleene's: here 0 for no, 1 for unknown, 2 for yes, so that "all" is the least of its parts, "any" the greatest and
"not" what is missing to 2 (:mod:`insyn.law.kleene` says the same in words).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter

import msgspec

from insyn.core.terms import Tristate

from .answers import NEVER, UNKNOWN
from .model import All, Always, Answer, AnyOf, Ask, CalendarDay, Condition, Not, Operator, Rule

NO, OPEN, YES = 0, 1, 2
#: From a number to its word.
WORDS = (Tristate.NO, Tristate.UNKNOWN, Tristate.YES)
Values = Sequence[int]
#: So many answers are kept compared.
_KEPT_ANSWERS = 5_000


class Question(msgspec.Struct, frozen=True):
    """What is asked of a fact; ``day`` is the calendar day that a date is held against."""

    fact: str
    operator: Operator
    value: str | int
    day: date | None


class Questions:
    """The questions of a set of rules, each with a number."""

    def __init__(self) -> None:
        self._numbers: dict[Question, int] = {}
        self._of_fact: dict[str, list[tuple[int, Question]]] = {}
        self._places: dict[str, int] = {}
        self._compared: dict[tuple[str, Answer], list[tuple[int, int]]] = {}

    def number(self, ask: Ask, calendar: Mapping[str, CalendarDay]) -> int:
        question = Question(ask.fact, ask.operator, ask.value, _day(ask, calendar))
        if question not in self._numbers:
            self._numbers[question] = len(self._numbers)
            self._of_fact.setdefault(ask.fact, []).append((self._numbers[question], question))
        return self._numbers[question]

    def place(self, fact: str) -> int:
        """A fact's place in a list of answers."""
        return self._places.setdefault(fact, len(self._places))

    def nothing_known(self) -> list[Answer]:
        """Every fact, unknown."""
        return [UNKNOWN] * len(self._places)

    def put(self, known: list[Answer], answers: Mapping[str, Answer]) -> None:
        """Put each answer in its fact's place."""
        places = self._places
        for fact, answer in answers.items():
            if fact in places:
                known[places[fact]] = answer

    def unanswered(self) -> list[int]:
        """Every question, unknown."""
        return [OPEN] * len(self._numbers)

    def answer(self, values: list[int], answers: Mapping[str, Answer]) -> None:
        """Fill in what these answers say."""
        for fact, answer in answers.items():
            for number, value in self._compared.get((fact, answer)) or self._compare(fact, answer):
                values[number] = value

    def _compare(self, fact: str, answer: Answer) -> list[tuple[int, int]]:
        """What one answer says to every question of its fact; most answers come again."""
        found = [(number, compare(question, answer)) for number, question in self._of_fact.get(fact, ())]
        if len(self._compared) >= _KEPT_ANSWERS:
            self._compared.clear()
        self._compared[fact, answer] = found
        return found


def _day(ask: Ask, calendar: Mapping[str, CalendarDay]) -> date | None:
    """A text after ``at_least`` names a calendar day."""
    return calendar[ask.value].day if ask.operator is Operator.AT_LEAST and isinstance(ask.value, str) else None


def compare(question: Question, answer: Answer) -> int:
    """One question against one answer."""
    if answer == UNKNOWN:
        return OPEN
    if question.operator is Operator.IS:
        return YES if answer == question.value else NO
    if question.day is not None:
        return YES if answer != NEVER and date.fromisoformat(str(answer)) >= question.day else NO
    if question.operator is Operator.HAS:
        reached = question.value in answer
    else:
        reached = len([item for item in answer if item != UNKNOWN]) >= int(question.value)
    return YES if reached else (OPEN if UNKNOWN in answer else NO)


class Ready:
    """A condition made ready: :attr:`value` answers it, :meth:`open` says which facts keep it unknown."""

    def __init__(self, condition: Condition, questions: Questions, calendar: Mapping[str, CalendarDay]) -> None:
        self._condition = condition
        self._parts = [Ready(part, questions, calendar) for part in _parts(condition)]
        self.value: Callable[[Values], int] = self._answering(questions, calendar)

    def _answering(self, questions: Questions, calendar: Mapping[str, CalendarDay]) -> Callable[[Values], int]:
        parts = [part.value for part in self._parts]
        match self._condition:
            case All():
                return lambda values: min([part(values) for part in parts])
            case AnyOf():
                return lambda values: max([part(values) for part in parts])
            case Not():
                return lambda values: YES - parts[0](values)
            case Always():
                return lambda values: YES
            case Ask():
                return itemgetter(questions.number(self._condition, calendar))

    def open(self, values: Values, found: dict[str, None]) -> None:
        """Put the facts whose answers keep the condition unknown into ``found``, in the order asked; none when it is settled."""
        if self.value(values) != OPEN:
            return
        if isinstance(self._condition, Ask):
            found[self._condition.fact] = None
        for part in self._parts:
            part.open(values, found)


def _parts(condition: Condition) -> tuple[Condition, ...]:
    match condition:
        case All(parts) | AnyOf(parts):
            return parts
        case Not(part):
            return (part,)
        case _:
            return ()


def facts_in(condition: Condition) -> Iterator[Ask]:
    """Every question of a condition, in the order asked."""
    if isinstance(condition, Ask):
        yield condition
    for part in _parts(condition):
        yield from facts_in(part)


def asks_of(rule: Rule) -> tuple[Ask, ...]:
    """Every question of a rule: its condition's, then its exceptions'."""
    conditions = (rule.when, *(exception.when for exception in rule.exceptions))
    return tuple(ask for condition in conditions for ask in facts_in(condition))
