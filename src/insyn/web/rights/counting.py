"""How requests went, in figures that tell nothing about a person. The counting is pure; the rows come from :mod:`.queries`.

Only what is settled counts, the oldest first, in steps of a small cell: the figures move when ten more are settled and these did not nearly all
get the same answer, so that no reader learns one answer by comparing two days. A kind with fewer than that, or whose answers were nearly all the same, is hidden; where every kind is hidden
the whole may still be shown. Kinds and the whole are never shown together: what is hidden would be their difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from insyn.rules.small_cells import SMALL_CELL, SMALL_SIDE, Tally, reveals

from .words import RequestOutcome


@dataclass(frozen=True)
class Settled:
    """One answered request, as counting needs it."""

    kind: str
    asked_on: date
    answered_on: date
    due: date
    outcome: str
    changed: bool | None = None

    @property
    def days(self) -> int:
        return (self.answered_on - self.asked_on).days


@dataclass(frozen=True)
class KindFigures:
    """``kind`` empty: all together. Shares are between 0 and 1; ``changed``: of those about a decision, and ``None`` where few or nearly one."""

    kind: str
    answered: int
    granted: int
    partly: int
    refused: int
    median_days: float
    overdue: float
    changed: float | None


@dataclass(frozen=True)
class Outcomes:
    """``hidden``: kinds that have settled requests and are not shown. ``any``: something has been settled."""

    rows: tuple[KindFigures, ...]
    hidden: tuple[str, ...]
    any: bool


def count(settled: Iterable[Settled], *, step: int = SMALL_CELL) -> Outcomes:
    """The figures. ``settled`` in the order in which they were settled."""
    every = list(settled)
    kinds = {kind: _stepped([one for one in every if one.kind == kind], step) for kind in dict.fromkeys(one.kind for one in every)}
    away = {kind for kind, some in kinds.items() if reveals(_tally(some))}
    shown = {kind: some for kind, some in kinds.items() if kind not in away}
    if shown or not every:
        return Outcomes(tuple(_figures(kind, some) for kind, some in sorted(shown.items())), tuple(sorted(away)), bool(every))
    whole = _stepped(every, step)
    rows = () if reveals(_tally(whole)) else (_figures("", whole),)
    return Outcomes(rows, tuple(sorted(away)), bool(every))


def plain(settled: Iterable[Settled], kind: str = "") -> KindFigures | None:
    """The same for one's own supervision, nothing hidden; ``None`` without any."""
    some = [one for one in settled if kind in ("", one.kind)]
    return _figures(kind, some) if some else None


def _stepped(some: Sequence[Settled], step: int) -> Sequence[Settled]:
    """Whole steps, the oldest first. One in which nearly all got the same answer goes on into the next: it must tell nothing when subtracted."""
    told = 0
    for upto in range(step, len(some) + 1, step):
        if reveals(_tally(some[told:upto])) is None:
            told = upto
    return some[:told]


def _tally(some: Sequence[Settled]) -> Tally:
    return Tally(len(some), sum(one.outcome == RequestOutcome.GRANTED for one in some))


def _figures(kind: str, some: Sequence[Settled]) -> KindFigures:
    outcomes = [one.outcome for one in some]
    return KindFigures(
        kind=kind,
        answered=len(some),
        granted=outcomes.count(RequestOutcome.GRANTED),
        partly=outcomes.count(RequestOutcome.PARTLY),
        refused=outcomes.count(RequestOutcome.REFUSED),
        median_days=float(median(one.days for one in some)),
        overdue=sum(one.answered_on > one.due for one in some) / len(some),
        changed=_changed([one.changed for one in some if one.changed is not None]),
    )


def _changed(told: Sequence[bool]) -> float | None:
    """Hidden as small groups are: few, or nearly all the same."""
    if len(told) < SMALL_CELL or min(sum(told), len(told) - sum(told)) < SMALL_SIDE:
        return None
    return sum(told) / len(told)
