"""Exercises: a stop that was given to be measured. It holds like any other; when it is drained, its times are kept for the public.

Measured from the moment that the order bears (the clock of the page or the command) to the commit, and to the moment from which no SDK
accepts an older answer.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from insyn.core.exercises import EXERCISES, Exercise
from insyn.core.scope import target_of
from insyn.evidence.records import StopRow

from .books import Books
from .clock import Reading
from .state import Stop
from .step import Step

_encode = msgspec.json.Encoder().encode


class Exercises:
    """Those that wait for their drain."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._waiting: dict[str, str] = {}

    def add(self, row: StopRow) -> None:
        if row.exercise and not row.drained_at:
            self._waiting[row.key] = row.rid

    def measure(self, now: Reading) -> None:
        """Keep the times of each that is drained. One that a newer stop or a resume overtook is measured no more."""
        for key, rid in list(self._waiting.items()):
            stop = self._books.state.stops.get(key)
            if stop is None or stop.rid != rid:
                del self._waiting[key]
            elif now.boottime_ns >= stop.drained_ns:
                self._keep(key, stop, now)
                del self._waiting[key]

    def _keep(self, key: str, stop: Stop, now: Reading) -> None:
        row = self._books.store.stops()[key]
        done = msgspec.structs.replace(
            row,
            committed_at=stop.committed_at,
            drained_at=stop.drained_at,
            committed_boottime_ns=stop.committed_ns,
            drained_boottime_ns=stop.drained_ns,
        )
        measured = _encode(measured_of(done, day=self._books.today(now)))

        def write(step: Step) -> None:
            step.tx.put_stop(done)
            step.tx.put_meta(f"{EXERCISES}{done.rid}", measured)

        self._books.transact(write, now)


def measured_of(row: StopRow, *, day: str) -> Exercise:
    """Pure: what an exercise took. Never less than nothing, though the clock of whoever ordered may be ahead."""
    committed_ms = max(0, round((datetime.fromisoformat(row.committed_at) - _moment(row)).total_seconds() * 1000))
    drain_ms = (row.drained_boottime_ns - row.committed_boottime_ns) // 1_000_000
    of = target_of(row)
    return Exercise(
        index=row.index,
        day=day,
        scope=of.scope,
        system=of.system,
        version=of.version,
        purpose=of.purpose,
        supplier=of.supplier,
        committed_ms=committed_ms,
        drained_ms=committed_ms + drain_ms,
    )


def _moment(row: StopRow) -> datetime:
    """When it was ordered; an order that bears no time counts from its commit."""
    try:
        moment = datetime.fromisoformat(row.ordered_at)
    except ValueError:
        moment = datetime.fromisoformat(row.committed_at)
    return moment if moment.tzinfo else datetime.fromisoformat(row.committed_at)
