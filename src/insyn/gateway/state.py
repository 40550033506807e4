"""What the sequencer holds in memory: permits, stops, clearances, counts. Rebuilt from the store at start, except clearances."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from insyn.core.messages import Asked, StopReport
from insyn.core.permit import Permit
from insyn.core.terms import StopStatus

from .listed import Listed
from .named import NamedFeatures

CLEARANCE_SECONDS = 15 * 60
MAX_CLEARANCES = 100_000


@dataclass(frozen=True)
class Clearance:
    """A yes that waits for its outcome. ``client`` is the SHA-256 of the key that asked; ``expires_ns`` by the boot clock."""

    epoch: int
    asked: Asked
    client: str
    expires_ns: int


class Clearances:
    """Clearances by id, oldest first; one use each. Lost at a restart: whoever holds one asks again."""

    def __init__(self) -> None:
        self._held: dict[str, Clearance] = {}

    def __len__(self) -> int:
        return len(self._held)

    def add(self, name: str, clearance: Clearance) -> None:
        if len(self._held) >= MAX_CLEARANCES:  # the oldest caller asks again; memory does not grow
            del self._held[next(iter(self._held))]
        self._held[name] = clearance

    def find(self, name: str, *, client: str, now_ns: int) -> Clearance | None:
        """The clearance, if it is this client's and has not expired."""
        found = self._held.get(name)
        return found if found and found.client == client and now_ns < found.expires_ns else None

    def use(self, name: str) -> None:
        self._held.pop(name, None)

    def drop_of(self, system: str) -> None:
        """A clearance from before a stop is worth nothing after it, also when the stop has been lifted."""
        self._held = {name: held for name, held in self._held.items() if held.asked.system != system}

    def drop_expired(self, now_ns: int) -> None:
        while self._held:
            name = next(iter(self._held))
            if now_ns < self._held[name].expires_ns:
                return
            del self._held[name]


@dataclass(frozen=True)
class Stop:
    """The newest stop of a system, in force. ``index`` -1: ordered, its entry not durable yet. Times as in ``StopReport``."""

    index: int = -1
    rid: str = ""
    committed_at: str = ""
    drained_at: str = ""
    committed_ns: int = 0
    drained_ns: int = 0

    def report(self, system: str, now_ns: int) -> StopReport:
        if self.index < 0:
            return StopReport(system=system, status=StopStatus.ORDERED)
        return StopReport(
            system=system,
            status=StopStatus.DRAINED if now_ns >= self.drained_ns else StopStatus.COMMITTED,
            index=self.index,
            rid=self.rid,
            committed_at=self.committed_at,
            drained_at=self.drained_at,
            committed_boottime_ns=self.committed_ns,
            drained_boottime_ns=self.drained_ns,
        )


@dataclass
class State:
    """Changed only after the commit that it follows from; a stop alone is set before, so that a failed commit stays closed."""

    permits: dict[str, Permit] = field(default_factory=dict)
    stops: dict[str, Stop] = field(default_factory=dict)
    clearances: Clearances = field(default_factory=Clearances)
    listed: Listed = field(default_factory=Listed)
    counters: Counter[str] = field(default_factory=Counter)
    named: NamedFeatures = field(default_factory=NamedFeatures)

    def stop_index(self, system: str) -> int | None:
        """Index of the stop in force, -1 while it is being committed, ``None`` without a stop."""
        stop = self.stops.get(system)
        return None if stop is None else stop.index

    def epoch(self, system: str) -> int:
        permit = self.permits.get(system)
        return 0 if permit is None else permit.epoch
