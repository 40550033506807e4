"""The predicate that makes a stop checkable from outside.

For a stop of system s at index i: no clearance, decision or release of s has an index above i until a resume of s that names i (or the
newest stop after it) stands in the log. Only the public entries are needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .entries import ALLOWED_WHILE_STOPPED, EntryKind, read_head
from .errors import InvalidInput


@dataclass(frozen=True)
class Violation:
    """The entry that should not be there, and why."""

    index: int
    message: str


@dataclass
class StopRule:
    """Feed entries in order with :meth:`observe`; read ``violations`` and ``stopped`` (system to index of its newest stop) at the end."""

    stopped: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    stops: int = 0
    resumes: int = 0

    def observe(self, index: int, entry: bytes) -> None:
        try:
            head = read_head(entry)
            kind = EntryKind(head.kind)
        except (InvalidInput, ValueError):
            self.violations.append(Violation(index, "not an entry of a known kind, so nothing can be said of it"))
            return
        if kind is EntryKind.STOP:
            self.stops += 1
            self.stopped[head.system] = index
        elif kind is EntryKind.RESUME:
            self._resume(index, head.system, head.at)
        elif head.system in self.stopped and not ALLOWED_WHILE_STOPPED[kind]:
            stop = self.stopped[head.system]
            self.violations.append(Violation(index, f"{kind} of {head.system}, which has been stopped since {stop}"))

    def _resume(self, index: int, system: str, lifts: int) -> None:
        self.resumes += 1
        newest = self.stopped.pop(system, None)
        if newest is None:
            self.violations.append(Violation(index, f"resume of {system}, which was not stopped"))
        elif newest != lifts:
            self.stopped[system] = newest
            self.violations.append(Violation(index, f"resume of {system} names the stop {lifts}, the newest is {newest}"))
