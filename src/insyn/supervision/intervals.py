"""Confidence intervals of shares.

Wilson's score interval (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927). It stays
within 0 and 1 and keeps its coverage for small groups and for shares near 0 and 1, where the textbook interval fails.
"""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import msgspec

from insyn.core.errors import InvalidInput


class Interval(msgspec.Struct, frozen=True):
    """A share between 0 and 1 with the ends of its interval."""

    rate: float
    low: float
    high: float


def wilson(successes: int, n: int, confidence: float = 0.95) -> Interval | None:
    """Return the share ``successes / n`` with its two-sided interval; ``None`` when ``n`` is 0: no share of nothing is 0.

    Raises :class:`InvalidInput` when ``successes`` is not between 0 and ``n`` or ``confidence`` not between 0 and 1.
    """
    if not 0 <= successes <= n:
        raise InvalidInput(f"{successes} of {n} is not a share", place="successes")
    if not 0.0 < confidence < 1.0:
        raise InvalidInput(f"a confidence of {confidence} is not between 0 and 1", place="confidence")
    if n == 0:
        return None
    z2 = NormalDist().inv_cdf(0.5 + confidence / 2.0) ** 2
    rate = successes / n
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = sqrt(z2 * (rate * (1 - rate) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    # At 0 and at n the end is exact; rounding must not put the share outside its own interval.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(rate=rate, low=low, high=high)
