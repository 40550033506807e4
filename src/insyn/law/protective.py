"""Which side to act on when a rule's answer is unknown: always the side that protects the person."""

from __future__ import annotations

from datetime import date

from insyn.core.terms import Tristate

from .model import LOOSENING, Evaluation, Kind, RuleResult


def holds(kind: Kind, result: Tristate) -> bool:
    """Act as if the rule applies? What frees somebody needs a yes; everything else needs a no to be left aside."""
    if kind in LOOSENING:
        return result is Tristate.YES
    return result is not Tristate.NO


def ended(result: RuleResult, on: date) -> bool:
    """Begun, and no longer in force: suspended or repealed."""
    return not result.in_force and result.applies_from is not None and result.applies_from <= on


def applying(evaluation: Evaluation, *kinds: Kind) -> tuple[RuleResult, ...]:
    """The rules of these kinds to act on that day: in force, holding, and not of a pack that the system is shown to stand outside of."""
    outside = {
        result.rule.pack for result in evaluation.of_kind(Kind.SCOPE_OUT) if result.in_force and holds(Kind.SCOPE_OUT, result.result)
    }
    return tuple(
        [
            result
            for result in evaluation.of_kind(*kinds)
            if result.in_force and holds(result.rule.kind, result.result) and result.rule.pack not in outside
        ]
    )
