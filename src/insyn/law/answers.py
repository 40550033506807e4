"""Answers to facts: checked against the fact's type, never guessed.

``unknown`` is an answer to every question. A set may hold ``unknown`` beside what is known to be in it: then what is not named may still
be there. A date is an ISO date, or ``never`` for something that has not happened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from insyn.core.errors import InvalidInput

from .model import Answer, Fact, FactType, Pack

UNKNOWN = "unknown"
NEVER = "never"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TRISTATE = ("yes", "no", UNKNOWN)


def facts_of(packs: Sequence[Pack]) -> dict[str, Fact]:
    """Every fact of the packs by id."""
    return {fact_id: fact for pack in packs for fact_id, fact in pack.facts.items()}


def check_answers(facts: Mapping[str, Fact], answers: Mapping[str, Any]) -> dict[str, Answer]:
    """Answers as the evaluator reads them. Raises :class:`InvalidInput` that names the fact.

    A question without an answer is simply absent, and counts as unknown.
    """
    return {fact_id: _checked(facts, fact_id, answer) for fact_id, answer in answers.items()}


def _checked(facts: Mapping[str, Fact], fact_id: str, answer: Any) -> Answer:
    fact = facts.get(fact_id)
    if fact is None:
        raise InvalidInput("no pack asks for this fact", place=fact_id, mend="Correct the id, or leave it out.")
    if fact.derived:
        raise InvalidInput("this fact is worked out, not answered", place=fact_id, mend="Leave it out.")
    if fact.type is FactType.SET:
        return _set(fact, answer)
    if not isinstance(answer, str):
        raise InvalidInput(f"{answer!r} is not an answer", place=fact_id, mend=f"Write one of: {', '.join(_possible(fact))}, as text.")
    if fact.type is FactType.DATE:
        return _date(fact, answer)
    if answer not in _possible(fact):
        raise InvalidInput(f"{answer!r} is not among the answers", place=fact_id, mend=f"Use one of: {', '.join(_possible(fact))}.")
    return answer


def _possible(fact: Fact) -> tuple[str, ...]:
    if fact.type is FactType.TRISTATE:
        return _TRISTATE
    if fact.type is FactType.DATE:
        return ("a date such as 2026-01-31", NEVER, UNKNOWN)
    return (*(choice.value for choice in fact.values), UNKNOWN)


def _set(fact: Fact, answer: Any) -> Answer:
    if answer == UNKNOWN:
        return UNKNOWN
    if not isinstance(answer, list | tuple | set | frozenset):
        raise InvalidInput(f"{answer!r} is not a list", place=fact.id, mend="Write a list; an empty one says that none of them holds.")
    possible = _possible(fact)
    strange = [item for item in answer if item not in possible]
    if strange:
        raise InvalidInput(f"{strange[0]!r} is not among the answers", place=fact.id, mend=f"Use: {', '.join(possible)}.")
    return tuple(sorted(set(answer)))


def _date(fact: Fact, answer: str) -> str:
    if answer in (NEVER, UNKNOWN):
        return answer
    try:
        if _DAY.fullmatch(answer):  # ISO 8601 has weeks too, and Python reads them
            return date.fromisoformat(answer).isoformat()
    except ValueError:
        pass
    raise InvalidInput(f"{answer!r} is not a date", place=fact.id, mend="Write it as 2026-01-31, never or unknown.")
