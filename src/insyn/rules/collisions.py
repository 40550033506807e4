"""Where two rules collide, the one that protects the person wins (:class:`~insyn.law.model.Yielding`), and both are shown with what they rest on."""

from __future__ import annotations

import msgspec

from insyn.core.text import Text
from insyn.law.model import Citation, Evaluation, Kind
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


def collisions(evaluation: Evaluation) -> tuple[Collision, ...]:
    """Every pair of rules that hold on the day and collide, in the order of those that yield."""
    holding = {result.rule.id: result for result in applying(evaluation, *Kind)}
    return tuple(
        Collision(
            prevails=yielding.rule,
            prevails_title=holding[yielding.rule].rule.title,
            prevails_citations=holding[yielding.rule].citations,
            yields=result.rule.id,
            yields_title=result.rule.title,
            yields_citations=result.citations,
            why=yielding.why,
        )
        for result in holding.values()
        for yielding in result.rule.yields_to
        if yielding.rule in holding
    )
