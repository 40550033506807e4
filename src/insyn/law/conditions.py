"""One condition against the answers: Kleene's result, and a line of trace per question asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from insyn.core.terms import Tristate

from . import kleene
from .answers import NEVER, UNKNOWN
from .model import All, Always, Answer, AnyOf, Ask, CalendarDay, Condition, Not, Operator, Step


class Asking:
    """Asks on behalf of one rule and keeps the trace. Every question is asked: a trace with holes explains nothing."""

    def __init__(self, rule: str, answers: Mapping[str, Answer], calendar: Mapping[str, CalendarDay]) -> None:
        self._rule, self._answers, self._calendar = rule, answers, calendar
        self.trace: list[Step] = []

    def result(self, condition: Condition) -> Tristate:
        match condition:
            case Always():
                return Tristate.YES
            case All(parts):
                return kleene.every([self.result(part) for part in parts])
            case AnyOf(parts):
                return kleene.some([self.result(part) for part in parts])
            case Not(part):
                return kleene.opposite(self.result(part))
            case Ask():
                return self._ask(condition)

    def _ask(self, ask: Ask) -> Tristate:
        answer = self._answers.get(ask.fact, UNKNOWN)
        result = compare(ask, answer, self._calendar)
        self.trace.append(
            Step(rule=self._rule, place=ask.place, fact=ask.fact, operator=ask.operator, value=ask.value, answer=answer, result=result)
        )
        return result


def compare(ask: Ask, answer: Answer, calendar: Mapping[str, CalendarDay]) -> Tristate:
    """One question against one answer."""
    if answer == UNKNOWN:
        return Tristate.UNKNOWN
    if ask.operator is Operator.IS:
        return kleene.of(answer == ask.value)
    if isinstance(answer, str):
        return kleene.of(answer != NEVER and date.fromisoformat(answer) >= calendar[str(ask.value)].day)
    known = {item for item in answer if item != UNKNOWN}
    more_possible = UNKNOWN in answer
    reached = len(known) >= ask.value if isinstance(ask.value, int) else ask.value in known
    return Tristate.YES if reached else (Tristate.UNKNOWN if more_possible else Tristate.NO)


def facts_in(condition: Condition) -> Iterator[Ask]:
    """Every question of a condition."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from facts_in(part)
        case Not(part):
            yield from facts_in(part)
        case Ask():
            yield condition
        case Always():
            return


def open_questions(condition: Condition, answers: Mapping[str, Answer], calendar: Mapping[str, CalendarDay]) -> tuple[str, ...]:
    """The facts whose answers keep the condition open, in the order asked; none when it is settled."""
    if Asking("", answers, calendar).result(condition) is not Tristate.UNKNOWN:
        return ()
    match condition:
        case All(parts) | AnyOf(parts):
            found = [fact for part in parts for fact in open_questions(part, answers, calendar)]
            return tuple(dict.fromkeys(found))
        case Not(part):
            return open_questions(part, answers, calendar)
        case Ask(fact=fact):
            return (fact,)
        case Always():
            return ()
