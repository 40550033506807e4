"""Whether a decision costs the same in a log of ten thousand entries and of a million."""

from __future__ import annotations

import statistics

from bench.figures import FLUSHES, Row, Table, at_most, flush_seconds
from bench.inprocess import Decider

#: How much dearer a decision may be in the largest log than in the smallest, in flushes; machines are noisy.
FLAT = 1.25
_AT_A_TIME = 6_400


def say_growth(sizes: tuple[int, ...]) -> Table:
    """One log that grows: at each size one caller, then 128 at a time."""
    table = Table("Cost of a decision as the log grows")
    first = 0.0
    with Decider.made() as decider:
        for size in sizes:
            while (left := size - decider.engine.books.store.size) > 0:
                decider.run(128, min(_AT_A_TIME, left))
            before = flush_seconds(FLUSHES)
            one, many = decider.run(1, 2000), decider.run(128, 12_800)
            flush = statistics.median(before + flush_seconds(FLUSHES))
            ratio = one.p50 / flush
            first = first or ratio
            flat = at_most(f"≤ {FLAT} × that at {sizes[0]:,}", FLAT * first, ratio) if size > sizes[0] else None
            table.add(Row(f"in process, one caller, {size:,} entries", flush, one.p50, one.p99, one.rate, target=flat))
            table.add(Row(f"in process, 128 at a time, {size:,} entries", flush, many.p50, many.p99, many.rate))
    return table
