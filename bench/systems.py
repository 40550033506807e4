"""Made-up systems for measurements: every question that a person answers, drawn at random from a fixed seed, no two systems alike."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date, timedelta

from insyn.law.answers import NEVER, UNKNOWN, facts_of
from insyn.law.model import Fact, FactType, Pack

Answers = dict[str, str | list[str]]
_FIRST, _DAYS = date(2022, 1, 1), 3000


def draw_systems(packs: Iterable[Pack], count: int, *, answered: float, seed: int = 3) -> list[Answers]:
    """``answered``: the share of the questions with a whole answer. Below 1, every tenth set is known in part (it holds ``unknown``).

    How often a system says yes is drawn for each system: some ask for little, some are caught by nearly every rule.
    """
    drawn = random.Random(seed)
    questions = [fact for fact in facts_of(tuple(packs)).values() if not fact.derived]
    return [_system(questions, answered, drawn) for _ in range(count)]


def _system(questions: Iterable[Fact], answered: float, drawn: random.Random) -> Answers:
    yes = drawn.uniform(0.01, 0.6)
    return {fact.id: _answer(fact, yes, drawn, whole=answered == 1) for fact in questions if drawn.random() < answered}


def _answer(fact: Fact, yes: float, drawn: random.Random, *, whole: bool) -> str | list[str]:
    values = [choice.value for choice in fact.values]
    match fact.type:
        case FactType.TRISTATE:
            return "yes" if drawn.random() < yes else "no"
        case FactType.DATE:
            return NEVER if drawn.random() < 1 / 4 else (_FIRST + timedelta(days=drawn.randrange(_DAYS))).isoformat()
        case FactType.ENUM:
            return drawn.choice(values)
        case FactType.SET:
            found = [value for value in values if drawn.random() < yes]
            return found if whole or drawn.random() < 0.9 else [*found, UNKNOWN]
