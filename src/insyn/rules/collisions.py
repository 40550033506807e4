"""Where two rules collide, the one that protects the person wins (:class:`~insyn.law.model.Yielding`), and both are shown with what they rest on."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from insyn.core.text import Text
from insyn.law.model import Citation, Evaluation, Kind, RuleResult
from insyn.law.protective import applying


class Collision(msgspec.Struct, frozen=True, kw_only=True):
    """``prevails`` and ``yields`` are rules (pack/slug), with their titles and citations; ``why`` says what the collision is."""

    prevails: str
    prevails_title: Text
    prevails_citations: tuple[Citation, ...]
    yields: str
    yields_title: Text
    yields_citations: tuple[Citation, ...]
    why: Text


def collisions(evaluation: Evaluation, acting: Sequence[RuleResult] | None = None) -> tuple[Collision, ...]:
    """Every pair of rules that hold on the day and collide, in the order of those that yield."""
    acting = applying(evaluation, *Kind) if acting is None else acting
    yielding = [result for result in acting if result.rule.yields_to]
    if not yielding:
        return ()
    holding = {result.rule.id: result for result in acting}
    return tuple(
        Collision(
            prevails=other.rule,
            prevails_title=holding[other.rule].rule.title,
            prevails_citations=holding[other.rule].citations,
            yields=result.rule.id,
            yields_title=result.rule.title,
            yields_citations=result.citations,
            why=other.why,
        )
        for result in yielding
        for other in result.rule.yields_to
        if other.rule in holding
    )
