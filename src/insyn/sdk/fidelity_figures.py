"""The figures of a fidelity test: what one decision gave, and an interval over many. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec

from .predicting import seeded

_LOW, _HIGH = 0.025, 0.975
_NOTHING = 1e-9
Sums = tuple[float, float, float, float, float, float]


class Interval(msgspec.Struct, frozen=True):
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Measured:
    """One decision. ``top`` and the like: how far the score travelled. ``whole``: each feature's own movement, added up. ``pairs``: sums of
    n, x, y, xx, yy, xy over the random subsets, x what the contributions say and y how far the score moved. ``suspects``: named factors that seem to
    weigh far more than they are said to; ``turned``: those that seem to speak the other way."""

    top: float
    bottom: float
    best: float
    random: float
    unnamed: float
    whole: float
    features: int
    pairs: Sums
    withheld: bool
    suspects: tuple[str, ...]
    turned: tuple[str, ...]
    reproduced: bool
    adds_up: bool

    @staticmethod
    def sums(pairs: Iterable[tuple[float, float]]) -> Sums:
        held = list(pairs)
        xs, ys = [x for x, _ in held], [y for _, y in held]
        return (
            float(len(held)),
            math.fsum(xs),
            math.fsum(ys),
            math.fsum(x * x for x in xs),
            math.fsum(y * y for y in ys),
            math.fsum(x * y for x, y in held),
        )

    @staticmethod
    def gain_of(measured: Sequence[Measured]) -> float:
        """(top - random) / (best - random). Where the best is no better than chance, no order is wrong."""
        best, random = math.fsum(one.best for one in measured), math.fsum(one.random for one in measured)
        if best - random <= _NOTHING * best:
            return 1.0 if best > 0 else 0.0
        return (math.fsum(one.top for one in measured) - random) / (best - random)

    @staticmethod
    def agreement_of(measured: Sequence[Measured]) -> float:
        """The correlation of what is said and what happens, over every subset of every decision; 0 where either never varies."""
        n, x, y, xx, yy, xy = (math.fsum(one.pairs[part] for one in measured) for part in range(6))
        spread = (n * xx - x * x) * (n * yy - y * y)
        return max(-1.0, min(1.0, (n * xy - x * y) / math.sqrt(spread))) if spread > 0 else 0.0


def interval_of(measured: Sequence[Measured], figure: Callable[[Sequence[Measured]], float], *, seed: int, resamples: int) -> Interval:
    """The figure, and the percentiles of what it is over decisions drawn again and again with replacement."""
    random, value = seeded(f"{seed}/again"), figure(measured)
    drawn = sorted(figure(random.choices(measured, k=len(measured))) for _ in range(resamples))
    low, high = drawn[math.floor(_LOW * (resamples - 1))], drawn[math.ceil(_HIGH * (resamples - 1))]
    return Interval(value=value, low=min(low, value), high=max(high, value))


def floored(share: float) -> float:
    """A share in percent with one decimal, never rounded up, so that a figure on paper gives no better grade than the one measured."""
    return math.floor(share * 1000 + _NOTHING) / 10
