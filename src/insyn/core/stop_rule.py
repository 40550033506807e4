"""The predicate that makes a stop checkable from outside.

For a stop at index i: no clearance, decision or release that it covers has an index above i until a resume that names i (or the newest stop
of the same thing after it) stands in the log. Only the public entries are needed. What a stop covers, by its ``scope``:

- a system (no scope written): everything with its ``system``;
- ``version``, ``purpose``: what has its ``system`` and that ``version`` or ``purpose``; what says none of its own is covered too;
- ``supplier``: every system with a stop entry that is ``about`` it, and every system whose newest permit entry names the supplier;
- ``everything``: all.

A resume lifts the stop of exactly what it names: one of a system never lifts one of everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .entries import ALLOWED_WHILE_STOPPED, EntryHead, EntryKind, read_head
from .errors import InvalidInput
from .scope import EVERYTHING, purpose_key, supplier_key, target_of, version_key
from .terms import StopScope


@dataclass(frozen=True)
class Violation:
    """The entry that should not be there, and why."""

    index: int
    message: str


@dataclass
class StopRule:
    """Feed entries in order with :meth:`observe`; read ``violations`` and ``stopped`` (key of what is stopped to the newest index) at the end.

    ``orders``: rid of a supplier's stop to its key; ``held``: system to the supplier keys that hold it; ``named``: system to the suppliers of
    its newest permit. All are plain tables of text and numbers, so that a rule can be kept and continued.
    """

    stopped: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    stops: int = 0
    resumes: int = 0
    orders: dict[str, str] = field(default_factory=dict)
    held: dict[str, list[str]] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)

    def observe(self, index: int, entry: bytes) -> None:
        try:
            head = read_head(entry)
            kind = EntryKind(head.kind)
        except (InvalidInput, ValueError):
            self.violations.append(Violation(index, "not an entry of a known kind, so nothing can be said of it"))
            return
        if kind is EntryKind.STOP:
            self._stop(index, head)
        elif kind is EntryKind.RESUME:
            self._resume(index, head)
        elif kind is EntryKind.PERMIT:
            self._permit(head)
        elif self.stopped and not ALLOWED_WHILE_STOPPED[kind]:
            self._judge(index, kind, head)

    def _stop(self, index: int, head: EntryHead) -> None:
        if head.scope == StopScope.SUPPLIER and head.system:
            self._cover(index, head)
            return
        try:
            key = target_of(head).key
        except InvalidInput as error:
            self.violations.append(Violation(index, f"a stop of which nobody can say what it stops: {error.message}"))
            return
        self.stops += 1
        self.stopped[key] = index
        if head.scope == StopScope.SUPPLIER:
            self.orders[head.rid] = key

    def _cover(self, index: int, head: EntryHead) -> None:
        key = supplier_key(head.supplier)
        if self.orders.get(head.about) != key or key not in self.stopped:
            self.violations.append(Violation(index, f"{head.system} is held by no stop of {head.supplier} that stands"))
        elif key not in self.held.setdefault(head.system, []):
            self.held[head.system].append(key)

    def _permit(self, head: EntryHead) -> None:
        if head.supplier:
            self.named[head.system] = [supplier_key(name) for name in head.supplier.split(",")]
        else:
            self.named.pop(head.system, None)

    def _judge(self, index: int, kind: EntryKind, head: EntryHead) -> None:
        key = next((key for key in self._keys_over(head) if key in self.stopped), None)
        if key is not None:
            what = head.system if key == head.system else f"{head.system}, held by the stop of {said(key)}"
            self.violations.append(Violation(index, f"{kind} of {what}, which has been stopped since {self.stopped[key]}"))

    def _keys_over(self, head: EntryHead) -> Iterator[str]:
        """The keys of every stop that would cover this entry."""
        system = head.system
        yield from (EVERYTHING, system, *self.held.get(system, ()), *self.named.get(system, ()))
        for key_of, name in ((version_key, head.version), (purpose_key, head.purpose)):
            if name:
                yield key_of(system, name)
            else:  # it may be of the stopped one
                yield from (key for key in self.stopped if key.startswith(key_of(system, "")))

    def _resume(self, index: int, head: EntryHead) -> None:
        self.resumes += 1
        try:
            key = target_of(head).key
        except InvalidInput as error:
            self.violations.append(Violation(index, f"a resume of which nobody can say what it lifts: {error.message}"))
            return
        newest = self.stopped.get(key)
        if newest is None:
            self.violations.append(Violation(index, f"resume of {said(key)}, which was not stopped"))
        elif newest != head.at:
            self.violations.append(Violation(index, f"resume of {said(key)} names the stop {head.at}, the newest is {newest}"))
        else:
            del self.stopped[key]
            self.orders = {rid: of for rid, of in self.orders.items() if of != key}
            self.held = {system: left for system, keys in self.held.items() if (left := [one for one in keys if one != key])}


def said(key: str) -> str:
    """A key as a reader says it."""
    return "everything" if key == EVERYTHING else key.strip()
