"""The public figures of one system: counts in, figures out. Nothing here is typed in and nothing reads a clock.

A share that is undefined (no cases) is ``None``, never 0. A share that is hidden is ``None`` too, with the reason beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from insyn.core.followup import Followup
from insyn.rules.small_cells import SMALL_CELL, Hidden, Tally, hide

from .intervals import wilson

#: What a case counts as in a dimension that its record says nothing about, so that every dimension adds up to all cases.
NOT_DECLARED = "not_declared"


class OutcomeCount(msgspec.Struct, frozen=True):
    """So many facts rows with this outcome and these groups."""

    outcome: str
    groups: Mapping[str, str]
    n: int


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What the evidence store holds about one system. ``paired`` are decisions from before Insyn about a proposal; ``same`` of them agree."""

    proposals: tuple[OutcomeCount, ...] = ()
    historical: tuple[OutcomeCount, ...] = ()
    paired: int = 0
    same: int = 0
    refused: int = 0
    waiting: int = 0
    reviews: int = 0
    not_used: int = 0
    log_size: int = 0


class Agreement(msgspec.Struct, frozen=True):
    """How often the decision made before Insyn was what the system proposed on the same case."""

    n: int
    same: int
    rate: float
    low: float
    high: float


class GroupFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One group: proposals first, decisions from before Insyn beside them. The rates are of the system's favourable outcome.

    ``why`` and ``historical_why`` say why a part is hidden: a word of :class:`~insyn.rules.small_cells.Hidden`, or nothing.
    """

    group: str
    value: str
    n: int | None
    rate: float | None
    low: float | None
    high: float | None
    suppressed: bool
    why: str
    historical_n: int | None
    historical_rate: float | None
    historical_low: float | None
    historical_high: float | None
    historical_suppressed: bool
    historical_why: str


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """``generated_day`` is an ISO date: a day, so that nobody learns when a case came in. ``groups_day`` is the day that the shares were
    last renewed; ``groups_proposals`` and ``groups_historical`` are how many cases they rest on (see :mod:`insyn.supervision.publishing`).
    ``followed``: how people decided (:mod:`insyn.supervision.followup`)."""

    system: str
    generated_day: str
    log_size: int
    proposals: int
    refused: int
    waiting: int
    reviews: int
    historical: int
    not_used: int
    favourable: str
    small_cell: int
    agreement: Agreement | None
    groups: tuple[GroupFigures, ...]
    groups_day: str
    groups_proposals: int
    groups_historical: int
    followed: Followup | None = None


def make_figures(counts: Counts, *, system: str, favourable: str, on: date) -> Figures:
    """Compute the figures of one system. Without a favourable outcome in the register there are no shares by group."""
    proposals, historical = _sum(counts.proposals), _sum(counts.historical)
    return Figures(
        system=system,
        generated_day=on.isoformat(),
        log_size=counts.log_size,
        proposals=proposals,
        refused=counts.refused,
        waiting=counts.waiting,
        reviews=counts.reviews,
        historical=historical,
        not_used=counts.not_used,
        favourable=favourable,
        small_cell=SMALL_CELL,
        agreement=_agreement(counts),
        groups=_groups(counts, favourable) if favourable else (),
        groups_day=on.isoformat(),
        groups_proposals=proposals,
        groups_historical=historical,
    )


def tallies(counts: Iterable[OutcomeCount], dimension: str, favourable: str) -> dict[str, Tally]:
    """Add the counts up by the value of one dimension."""
    summed: dict[str, Tally] = {}
    for count in counts:
        value = count.groups.get(dimension, NOT_DECLARED)
        tally = Tally(count.n, count.n if count.outcome == favourable else 0)
        summed[value] = summed.get(value, Tally()) + tally
    return summed


def _sum(counts: Iterable[OutcomeCount]) -> int:
    return sum(count.n for count in counts)


def _agreement(counts: Counts) -> Agreement | None:
    share = wilson(counts.same, counts.paired)
    if share is None or counts.paired < SMALL_CELL:
        return None
    return Agreement(counts.paired, counts.same, _round(share.rate), _round(share.low), _round(share.high))


def _groups(counts: Counts, favourable: str) -> tuple[GroupFigures, ...]:
    dimensions = sorted({name for count in (*counts.proposals, *counts.historical) for name in count.groups})
    return tuple(figures for dimension in dimensions for figures in _dimension(counts, dimension, favourable))


def _dimension(counts: Counts, dimension: str, favourable: str) -> Iterable[GroupFigures]:
    now, before = tallies(counts.proposals, dimension, favourable), tallies(counts.historical, dimension, favourable)
    hidden_now, hidden_before = hide(now), hide(before)
    for value in sorted({*now, *before}):
        n, rate, low, high = _shown(now.get(value, Tally()), hidden_now.get(value))
        historical_n, historical_rate, historical_low, historical_high = _shown(before.get(value, Tally()), hidden_before.get(value))
        yield GroupFigures(
            group=dimension,
            value=value,
            n=n,
            rate=rate,
            low=low,
            high=high,
            suppressed=value in hidden_now,
            why=hidden_now.get(value, ""),
            historical_n=historical_n,
            historical_rate=historical_rate,
            historical_low=historical_low,
            historical_high=historical_high,
            historical_suppressed=value in hidden_before,
            historical_why=hidden_before.get(value, ""),
        )


def _shown(tally: Tally, hidden: Hidden | None) -> tuple[int | None, float | None, float | None, float | None]:
    if hidden is not None:
        return None, None, None, None
    share = wilson(tally.favourable, tally.n)
    return (tally.n, None, None, None) if share is None else (tally.n, _round(share.rate), _round(share.low), _round(share.high))


def _round(share: float) -> float:
    """Four decimals: more would suggest a precision that the interval denies."""
    return round(share, 4)
