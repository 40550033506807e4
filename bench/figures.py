"""Rows of the table of figures: each beside the raw flush of the same run, with its target where there is one."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FLUSHES = 200


def flush_seconds(times: int, folder: Path | None = None) -> list[float]:
    """Seconds of each raw flush: 600 bytes appended to a file of its own, and fdatasync."""
    found = []
    with tempfile.TemporaryDirectory(prefix="in", dir=folder) as made:
        handle = os.open(Path(made) / "raw", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        try:
            for _ in range(times):
                began = time.perf_counter()
                os.write(handle, b"x" * 600)
                os.fdatasync(handle)
                found.append(time.perf_counter() - began)
        finally:
            os.close(handle)
    return found


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@dataclass(frozen=True)
class Load:
    """What one load was answered with: seconds of each answer, and answers a second."""

    seconds: Sequence[float]
    rate: float

    @property
    def p50(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        return percentile(self.seconds, 0.99)


@dataclass(frozen=True)
class Target:
    """``text`` as it is read, and whether it was hit. A ratio is missed by how much of it is too much."""

    text: str
    hit: bool
    off: str = ""

    def said(self) -> str:
        return f"{self.text}: {'hit' if self.hit else f'missed, {self.off}'}"


@dataclass(frozen=True)
class Row:
    """``flush``: seconds of the raw flush just before and just after. ``p50`` and ``p99`` in seconds."""

    what: str
    flush: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    rate: float = 0.0
    value: str = ""
    target: Target | None = None

    def cells(self) -> list[str]:
        timed = self.p50 > 0
        return [
            self.what,
            _micro(self.flush) if self.flush else "",
            _micro(self.p50) if timed else "",
            _micro(self.p99) if timed else "",
            f"{self.p50 / self.flush:.2f}" if timed and self.flush else "",
            f"{(self.p50 - self.flush) * 1e6:,.0f}" if timed and self.flush else "",
            f"{self.rate:,.0f}" if self.rate else "",
            self.value,
            self.target.said() if self.target else "",
        ]


HEADINGS = ("what", "flush µs", "p50 µs", "p99 µs", "flushes", "p50 − flush µs", "a second", "", "target")


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f}"


def at_most_flushes(flushes: float) -> Callable[[Row], Target]:
    def judge(row: Row) -> Target:
        ratio = row.p50 / row.flush
        return Target(f"≤ {flushes} flushes", ratio <= flushes, f"{ratio / flushes:.2f} times that")

    return judge


def at_least_rate(rate: float) -> Callable[[Row], Target]:
    def judge(row: Row) -> Target:
        return Target(f"≥ {rate:,.0f} a second", row.rate >= rate, f"{row.rate / rate:.2f} of that")

    return judge


def at_most(text: str, limit: float, value: float) -> Target:
    return Target(text, value <= limit, f"{value / limit:.2f} times that")


@dataclass
class Table:
    """Rows as they come, printed at once."""

    title: str
    rows: list[Row] = field(default_factory=list)

    def beside_flush(self, what: str, run: Callable[[], Load], judge: Callable[[Row], Target] | None = None, value: str = "") -> Row:
        """Run one load with the raw flush measured just before and just after."""
        before = flush_seconds(FLUSHES)
        load = run()
        flush = statistics.median(before + flush_seconds(FLUSHES))
        row = Row(what, flush, load.p50, load.p99, load.rate, value)
        return self.add(row if judge is None else Row(what, flush, load.p50, load.p99, load.rate, value, judge(row)))

    def add(self, row: Row) -> Row:
        self.rows.append(row)
        print(
            f"{row.what:<62}"
            + "  ".join(f"{name} {cell}".strip() for name, cell in zip(HEADINGS[1:], row.cells()[1:], strict=True) if cell),
            flush=True,
        )
        return row

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", f"| {' | '.join(HEADINGS)} |", "|" + "---|" * len(HEADINGS)]
        return "\n".join([*lines, *(f"| {' | '.join(row.cells())} |" for row in self.rows)]) + "\n"
