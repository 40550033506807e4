"""What the sequencer holds in memory: permits, stops, clearances, counts. Rebuilt from the store at start, except clearances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from insyn.core.entries import EntryHead
from insyn.core.messages import Asked, StopReport
from insyn.core.passes import Pass
from insyn.core.permit import Permit, StopHolders
from insyn.core.scope import EVERYTHING, Target, purpose_key, version_key
from insyn.core.terms import StopStatus

from .listed import Listed
from .named import NamedFeatures
from .volumes import Volumes

CLEARANCE_SECONDS = 15 * 60
MAX_CLEARANCES = 100_000


@dataclass(frozen=True)
class Clearance:
    """A yes that waits for its outcome. ``client`` is the SHA-256 of the key that asked; ``expires_ns`` by the boot clock.

    ``person``: the pass that it was given on; ``parts``: how many parts of the answer have left.
    """

    epoch: int
    asked: Asked
    client: str
    expires_ns: int
    person: Pass | None = None
    parts: int = 0


class Clearances:
    """Clearances by id, oldest first; one use each. Lost at a restart: whoever holds one asks again."""

    def __init__(self) -> None:
        self._held: dict[str, Clearance] = {}

    def __len__(self) -> int:
        return len(self._held)

    def add(self, name: str, clearance: Clearance) -> None:
        if name not in self._held and len(self._held) >= MAX_CLEARANCES:  # the oldest caller asks again; memory does not grow
            del self._held[next(iter(self._held))]
        self._held[name] = clearance

    def find(self, name: str, *, client: str, now_ns: int) -> Clearance | None:
        """The clearance, if it is this client's and has not expired."""
        found = self._held.get(name)
        return found if found and found.client == client and now_ns < found.expires_ns else None

    def use(self, name: str) -> None:
        self._held.pop(name, None)

    def drop_of(self, covers: Callable[[Asked], bool]) -> None:
        """A clearance from before a stop is worth nothing after it, also when the stop has been lifted."""
        self._held = {name: held for name, held in self._held.items() if not covers(held.asked)}

    def drop_expired(self, now_ns: int) -> None:
        while self._held:
            name = next(iter(self._held))
            if now_ns < self._held[name].expires_ns:
                return
            del self._held[name]


@dataclass(frozen=True)
class Stop:
    """The newest stop of something, in force. ``index`` -1: ordered, its entry not durable yet. Times as in ``StopReport``."""

    index: int = -1
    rid: str = ""
    committed_at: str = ""
    drained_at: str = ""
    committed_ns: int = 0
    drained_ns: int = 0

    def report(self, of: Target, now_ns: int, *, systems: Iterable[str] = ()) -> StopReport:
        if self.index < 0:
            return report_of(of, StopStatus.ORDERED)
        return StopReport(
            system=of.system,
            scope=of.scope,
            version=of.version,
            purpose=of.purpose,
            supplier=of.supplier,
            systems=tuple(sorted(systems)),
            status=StopStatus.DRAINED if now_ns >= self.drained_ns else StopStatus.COMMITTED,
            index=self.index,
            rid=self.rid,
            committed_at=self.committed_at,
            drained_at=self.drained_at,
            committed_boottime_ns=self.committed_ns,
            drained_boottime_ns=self.drained_ns,
        )


def report_of(of: Target, status: StopStatus) -> StopReport:
    """Of a stop without an entry."""
    return StopReport(system=of.system, scope=of.scope, version=of.version, purpose=of.purpose, supplier=of.supplier, status=status)


@dataclass
class State:
    """Changed only after the commit that it follows from; a stop alone is set before, so that a failed commit stays closed.

    ``stops`` by the key of what they hold (:mod:`insyn.core.scope`); ``held``: the systems that each stop of a supplier holds; ``wide``: who
    may stop more than one system; ``resumed``: system (or :data:`EVERYTHING`) to the index of the newest resume that covers it.
    """

    permits: dict[str, Permit] = field(default_factory=dict)
    wide: StopHolders = field(default_factory=lambda: StopHolders(number=0))
    stops: dict[str, Stop] = field(default_factory=dict)
    held: dict[str, frozenset[str]] = field(default_factory=dict)
    resumed: dict[str, int] = field(default_factory=dict)
    clearances: Clearances = field(default_factory=Clearances)
    listed: Listed = field(default_factory=Listed)
    counters: Counter[str] = field(default_factory=Counter)
    named: NamedFeatures = field(default_factory=NamedFeatures)
    volumes: Volumes = field(default_factory=Volumes)

    def stop_index(self, key: str) -> int | None:
        """Index of the stop in force of exactly this, -1 while it is being committed, ``None`` without a stop."""
        stop = self.stops.get(key)
        return None if stop is None else stop.index

    def stop_over(self, asked: Asked | EntryHead) -> int | None:
        """Index of a stop that covers what is asked, the widest first; -1 while it is being committed, ``None`` without one."""
        if not self.stops:  # the common case, asked before each decision
            return None
        return next((self.stops[key].index for key in self._keys_over(asked) if key in self.stops), None)

    def resumed_since(self, system: str) -> int:
        """Index of the newest resume that covers the system, -1 without one."""
        return max(self.resumed.get(system, -1), self.resumed.get(EVERYTHING, -1)) if self.resumed else -1

    def note_resume(self, systems: Iterable[str], index: int) -> None:
        """``systems``: whom the lifted stop held; empty for everything."""
        for system in tuple(systems) or (EVERYTHING,):
            self.resumed[system] = max(index, self.resumed.get(system, -1))

    def _keys_over(self, asked: Asked | EntryHead) -> Iterator[str]:
        system = asked.system
        yield EVERYTHING
        yield from (key for key, systems in self.held.items() if system in systems)
        yield from (system, version_key(system, asked.version), purpose_key(system, asked.purpose))

    def epoch(self, system: str) -> int:
        permit = self.permits.get(system)
        return 0 if permit is None else permit.epoch
