"""The stop over several hosts, simulated: which designs let an answer through after the stop was acknowledged, and under what clocks.

``python -m tests.faults.simulation [RUNS]`` prints the table of docs/reference/faults.md. Each run is drawn from its number: three gateways, a
caller to each, one sequencer; messages are lost, late or cut off by partitions; hosts pause, gateways are killed; monotonic clocks drift by
up to one in a thousand, wall clocks are wrong by seconds. A run is bad when a caller's effect happens after the stop was acknowledged.

Designs 1 to 5 hold leases: a gateway answers by itself while its lease lasts, and the sequencer acknowledges a stop when every lease must have
ended. In 6 every answer is appended at the sequencer, in the order of the stops, and the caller refuses an answer older than P; that is
ours. 7 adds the fencing token: what is acted upon knows the stop and refuses what was decided before it.
"""

from __future__ import annotations

import heapq
import itertools
import random
import sys
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

HORIZON, GATEWAYS = 14.0, 3
LEASE, P, DRIFT = 2.0, 0.5, 1e-3
MARGIN = 1 + 2 * DRIFT


@dataclass(frozen=True)
class Design:
    """``expiry``: from when a lease counts (``wall``, ``reply``, ``request``), or empty where there is none."""

    name: str
    expiry: str
    recheck: bool = False
    age: bool = False
    fenced: bool = False


DESIGNS = (
    Design("1 lease by wall clock", "wall"),
    Design("2 lease counted from the reply", "reply"),
    Design("3 lease counted from before the request", "request"),
    Design("4 as 3, checked again before sending", "request", recheck=True),
    Design("5 as 4, callers refuse what is older than P", "request", recheck=True, age=True),
    Design("6 appended at the sequencer, callers as in 5", "", age=True),
    Design("7 as 6, with a fencing token at the effect", "", age=True, fenced=True),
)
#: Whose monotonic clock stands still while its host pauses.
CLOCKS = {"clocks run in a pause": "", "gateways' clocks freeze": "gateway", "callers' clocks freeze too": "gateway caller"}


class Host:
    """Its pauses, its clocks. ``freezes``: its monotonic clock stands still in a pause."""

    def __init__(self, chance: random.Random, *, freezes: bool) -> None:
        self._rate = 1 + chance.uniform(-DRIFT, DRIFT)
        self._wall_error = chance.gauss(0, 1.5)
        self._freezes = freezes
        starts = sorted(chance.uniform(0, HORIZON) for _ in range(chance.choice((0, 1, 1, 2))))
        self._pauses: list[tuple[float, float]] = []
        for start in starts:
            end = start + min(6.0, chance.expovariate(0.8))
            if self._pauses and start <= self._pauses[-1][1]:  # one long pause: no instant in between at which anything is done
                start, end = self._pauses[-1][0], max(end, self._pauses.pop()[1])
            self._pauses.append((start, end))

    def wakes(self, at: float) -> float:
        """When it does what is due at that time."""
        place = bisect_right(self._pauses, (at, HORIZON * 9)) - 1
        return max(at, self._pauses[place][1]) if place >= 0 and at >= self._pauses[place][0] else at

    def monotonic(self, at: float) -> float:
        lost = sum(max(0.0, min(at, end) - start) for start, end in self._pauses) if self._freezes else 0.0
        return (at - lost) * self._rate

    def after(self, at: float, seconds: float) -> float:
        """When its monotonic clock has gone so much further. Good enough for a clock that runs on."""
        return at + seconds / self._rate

    def wall(self, at: float) -> float:
        return at + self._wall_error


class Network:
    """Loss, delay, and partitions between each gateway and the sequencer."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._cuts = {n: self._cut() for n in range(GATEWAYS)}

    def _cut(self) -> tuple[float, float]:
        start = self._chance.uniform(0, HORIZON)
        return (start, start + self._chance.uniform(0.3, 4)) if self._chance.random() < 0.4 else (0.0, 0.0)

    def arrives(self, at: float, gateway: int | None = None) -> float | None:
        """When a message sent now arrives; ``None``: never. ``gateway`` where it crosses to or from the sequencer."""
        if self._chance.random() < 0.01 or (gateway is not None and self._cuts[gateway][0] <= at < self._cuts[gateway][1]):
            return None
        slow = self._chance.uniform(0.5, 4) if self._chance.random() < 0.001 else 0.0
        return at + 0.001 + self._chance.expovariate(200) + slow


class Simulation:
    """One run. Events are functions that get the time at which their host does them."""

    def __init__(self, number: int, design: Design, frozen: str) -> None:
        self.chance = random.Random(number)
        self.design = design
        self.sequencer = Host(self.chance, freezes=False)
        self.gateways = [Host(self.chance, freezes="gateway" in frozen) for _ in range(GATEWAYS)]
        self.callers = [Host(self.chance, freezes="caller" in frozen) for _ in range(GATEWAYS)]
        self.network = Network(self.chance)
        self.stop_at = self.chance.uniform(4, 7)
        self.leases = [-1.0] * GATEWAYS  # by the clock that the design goes by
        self.granted = 0.0  # until when the sequencer believes that a lease may last, by its own clock
        self.stopped: float | None = None
        self.acknowledged: float | None = None
        self.effects: list[float] = []
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = itertools.count()

    def do(self, host: Host, at: float | None, what: Callable[[float], None]) -> None:
        if at is not None and at < HORIZON * 2:
            due = host.wakes(at)
            heapq.heappush(self._events, (due, next(self._order), what))

    def bad(self) -> bool:
        self.do(self.sequencer, self.stop_at, self._stop)
        for n in range(GATEWAYS):
            if self.design.expiry:
                self.do(self.gateways[n], self.chance.uniform(0, 0.5), lambda at, n=n: self._renew(at, n))
            if self.chance.random() < 0.2:
                self.do(self.gateways[n], self.chance.uniform(0, HORIZON), lambda at, n=n: self.leases.__setitem__(n, -1.0))  # killed
            self.do(self.callers[n], self.chance.uniform(0.5, 1), lambda at, n=n: self._ask(at, n))
        while self._events:
            at, _, what = heapq.heappop(self._events)
            what(at)
        assert self.acknowledged is not None
        return any(at > self.acknowledged for at in self.effects)

    # ------------------------------------------------------------------------------------------------------------------ the stop

    def _stop(self, at: float) -> None:
        self.stopped = at
        self._acknowledge(at)

    def _acknowledge(self, at: float) -> None:
        """When the stop may be called done: leases have ended (with a margin for drift), and answers are older than P."""
        wait = P * MARGIN if self.design.age else 0.0
        if self.design.expiry == "wall":
            wait += max(0.0, self.granted - self.sequencer.wall(at))
        elif self.design.expiry:
            wait += max(0.0, self.granted - self.sequencer.monotonic(at)) * MARGIN
        self.acknowledged = self.sequencer.wakes(self.sequencer.after(at, wait))

    # -------------------------------------------------------------------------------------------------------------------- leases

    def _clock(self, n: int, at: float) -> float:
        return self.gateways[n].wall(at) if self.design.expiry == "wall" else self.gateways[n].monotonic(at)

    def _renew(self, at: float, n: int) -> None:
        asked = self._clock(n, at)
        self.do(self.sequencer, self.network.arrives(at, n), lambda now: self._grant(now, n, asked))
        if at < HORIZON:
            self.do(self.gateways[n], at + LEASE / 3, lambda now: self._renew(now, n))

    def _grant(self, at: float, n: int, asked: float) -> None:
        if self.stopped is not None:
            return
        clock = self.sequencer.wall(at) if self.design.expiry == "wall" else self.sequencer.monotonic(at)
        self.granted = max(self.granted, clock + LEASE)
        until = clock + LEASE
        self.do(self.gateways[n], self.network.arrives(at, n), lambda now: self._granted(now, n, asked, until))

    def _granted(self, at: float, n: int, asked: float, until: float) -> None:
        end = {"wall": until, "reply": self._clock(n, at) + LEASE, "request": asked + LEASE}[self.design.expiry]
        self.leases[n] = max(self.leases[n], end)

    def _holds(self, at: float, n: int) -> bool:
        return self._clock(n, at) < self.leases[n]

    # ------------------------------------------------------------------------------------------------------------------- answers

    def _ask(self, at: float, n: int) -> None:
        asked = self.callers[n].monotonic(at)
        take = self._answer if self.design.expiry else self._forward
        self.do(self.gateways[n], self.network.arrives(at), lambda now: take(now, n, asked))
        if at < HORIZON:
            self.do(self.callers[n], at + self.chance.expovariate(8), lambda now: self._ask(now, n))

    def _answer(self, at: float, n: int, asked: float) -> None:
        """A gateway with a lease answers by itself; the work between its check and its sending takes a while."""
        if self._holds(at, n):
            self.do(self.gateways[n], at + self.chance.expovariate(30), lambda now: self._send(now, n, asked))

    def _send(self, at: float, n: int, asked: float) -> None:
        if not self.design.recheck or self._holds(at, n):
            self.do(self.callers[n], self.network.arrives(at), lambda now: self._accept(now, n, asked, at))

    def _forward(self, at: float, n: int, asked: float) -> None:
        self.do(self.sequencer, self.network.arrives(at, n), lambda now: self._append(now, n, asked))

    def _append(self, at: float, n: int, asked: float) -> None:
        if self.stopped is None:
            self.do(self.gateways[n], self.network.arrives(at, n), lambda now: self._pass_on(now, n, asked, at))

    def _pass_on(self, at: float, n: int, asked: float, decided: float) -> None:
        self.do(self.callers[n], self.network.arrives(at), lambda now: self._accept(now, n, asked, decided))

    def _accept(self, at: float, n: int, asked: float, decided: float) -> None:
        if self.design.age and self.callers[n].monotonic(at) - asked >= P:
            return
        # The effect follows at once; what is acted upon was told of the stop before it was acknowledged, and with a token refuses what is older.
        if self.design.fenced and self.acknowledged is not None and at >= self.acknowledged and decided < (self.stopped or 0.0):
            return
        self.effects.append(at)


def bad_runs(design: Design, frozen: str, runs: int, first: int = 0) -> int:
    return sum(Simulation(number, design, frozen).bad() for number in range(first, first + runs))


def table(runs: int) -> str:
    """Bad runs of each design under each kind of clock."""
    lines = [f"{'design':<48}" + "".join(f"{name:>28}" for name in CLOCKS)]
    for design in DESIGNS:
        cells = [bad_runs(design, frozen, runs) for frozen in CLOCKS.values()]
        lines.append(f"{design.name:<48}" + "".join(f"{cell:>28}" for cell in cells))
    return "\n".join([*lines, f"Bad runs of {runs} each."])


def violated(runs: int) -> list[str]:
    """Where our design lets something through although it should not."""
    found = []
    for design, clocks in ((DESIGNS[5], list(CLOCKS)[:2]), (DESIGNS[6], list(CLOCKS))):
        for name in clocks:
            if bad := bad_runs(design, CLOCKS[name], runs):
                found.append(f"{design.name}, {name}: {bad} bad runs of {runs}")
    return found


if __name__ == "__main__":
    print(table(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
