"""How long a stop takes while six processes of the SDK ask as fast as they are answered."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from bench.figures import FLUSHES, Row, Table, flush_seconds, percentile
from bench.installation import Installation, outcome
from insyn.core import messages as m
from insyn.core.refusals import Refused
from insyn.core.terms import StopStatus

CALLERS = 6
MAX_AGE_MS = 150


def say_stops(trials: int) -> Table:
    """From the order's sending: to the answer that says committed, and to the first that says drained."""
    table = Table(f"Stops under load ({trials} trials, {CALLERS} processes asking, answers at most {MAX_AGE_MS} ms old)")
    committed, drained = [], []
    before = flush_seconds(FLUSHES)
    with Installation(max_age_ms=MAX_AGE_MS) as made:
        words = (str(made.home.decide_socket),)
        callers = [subprocess.Popen([sys.executable, "-m", "bench.stops", *words], stdin=subprocess.DEVNULL) for _ in range(CALLERS)]
        try:
            time.sleep(1.0)
            for _ in range(trials):
                one, two = _trial(made)
                committed.append(one)
                drained.append(two)
                time.sleep(0.05)
        finally:
            for caller in callers:
                caller.terminate()
                caller.wait()
    flush = statistics.median(before + flush_seconds(FLUSHES))
    for what, found in (("stop, committed", committed), ("stop, drained", drained)):
        table.add(Row(what, flush, statistics.median(found), percentile(found, 0.99), value=f"longest {max(found) * 1e3:,.1f} ms"))
    return table


def _trial(made: Installation) -> tuple[float, float]:
    control, began = made.control, time.perf_counter()
    report = control.ask(made.stop_order())
    committed = time.perf_counter() - began
    if not isinstance(report, m.StopReport):
        raise RuntimeError(f"the stop was not taken: {report}")
    index = report.index
    while isinstance(report, m.StopReport) and report.status is not StopStatus.DRAINED:
        time.sleep(0.001)
        report = control.ask(m.StopState(id=2, system=report.system))
    drained = time.perf_counter() - began
    made.resume(index)
    return committed, drained


def _ask_for_ever(path: str) -> None:
    from bench.installation import guard_on

    guard, number = guard_on(path), 0
    while True:
        number += 1
        try:
            guard.decide(outcome(number))
        except Refused:
            time.sleep(0.001)


if __name__ == "__main__":
    _ask_for_ever(sys.argv[1])
