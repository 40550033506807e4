"""The rules' conditions as CEL (Common Expression Language), for cel-python: the general rule library that ours is held against.

A fact that is not known is a key that is not there. Looking it up is an error, which CEL's ``&&`` and ``||`` swallow where the other side
settles the matter: Kleene's logic. A set that is known in part is no error, so each question to a set makes one on purpose for it
(:data:`_OPEN`). Days, provisions, traces and facts that are worked out have no counterpart: the last are handed over ready.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import celpy
from celpy.adapter import json_to_cel
from celpy.evaluation import CELEvalError

from insyn.core.terms import Tristate
from insyn.law.answers import NEVER, UNKNOWN
from insyn.law.conditions import facts_in
from insyn.law.model import All, Always, Answer, AnyOf, Ask, CalendarDay, Condition, Not, Operator, Pack, Rule

Calendar = Mapping[str, CalendarDay]
#: No fact has this id, so that looking it up is always an error.
_OPEN = 'f["unknown"]'


def expression(rule: Rule, pack: Pack) -> str:
    """The rule's conditions, and none of its exceptions."""
    exceptions = [f"!({_condition(exception.when, pack.calendar)})" for exception in rule.exceptions]
    return " && ".join([_condition(rule.when, pack.calendar), *exceptions])


def asks_a_set(rule: Rule) -> bool:
    """Such a rule needs the deliberate error."""
    conditions = (rule.when, *(exception.when for exception in rule.exceptions))
    return any(_of_set(ask) for condition in conditions for ask in facts_in(condition))


def _of_set(ask: Ask) -> bool:
    return ask.operator is Operator.HAS or isinstance(ask.value, int)


def _condition(condition: Condition, calendar: Calendar) -> str:
    match condition:
        case All(parts):
            return "(" + " && ".join(_condition(part, calendar) for part in parts) + ")"
        case AnyOf(parts):
            return "(" + " || ".join(_condition(part, calendar) for part in parts) + ")"
        case Not(part):
            return f"!({_condition(part, calendar)})"
        case Always():
            return "true"
        case Ask():
            return _question(condition, calendar)


def _question(ask: Ask, calendar: Calendar) -> str:
    fact, value = f"f[{json.dumps(ask.fact)}]", json.dumps(ask.value)
    if ask.operator is Operator.IS:
        return f"{fact} == {value}"
    if not _of_set(ask):
        return f'({fact} != "{NEVER}" && {fact} >= "{calendar[str(ask.value)].day.isoformat()}")'
    reached = f"{value} in {fact}" if ask.operator is Operator.HAS else f'size({fact}.filter(item, item != "{UNKNOWN}")) >= {value}'
    return f'({reached} || ("{UNKNOWN}" in {fact} && {_OPEN}))'


class CelRules:
    """Every rule of the packs, compiled once by the faster of the library's two runners."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        logging.getLogger("celpy").setLevel(logging.CRITICAL)  # it would report each unknown as an internal error
        environment = celpy.Environment(runner_class=celpy.CompiledRunner)
        self._programs = [
            environment.program(environment.compile(expression(rule, pack))) for pack in packs for rule in pack.rules.values()
        ]

    def answers(self, facts: Any) -> list[Tristate]:
        """Each rule's answer, in the packs' order."""
        activation = {"f": facts}
        return [_evaluated(program, activation) for program in self._programs]


def _evaluated(program: celpy.Runner, activation: dict[str, Any]) -> Tristate:
    try:
        return Tristate.YES if program.evaluate(activation) else Tristate.NO
    except CELEvalError:
        return Tristate.UNKNOWN


def as_cel(answers: Mapping[str, Answer]) -> Any:
    """Answers, those worked out included, as the library's own values."""
    return json_to_cel({fact: _listed(answer) for fact, answer in answers.items() if answer != UNKNOWN})


def _listed(answer: Answer) -> str | Sequence[str]:
    return answer if isinstance(answer, str) else list(answer)
