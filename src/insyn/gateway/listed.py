"""Where the few entries stand that the register asks for by kind. A table in memory: a log of millions has thousands of these."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from heapq import merge
from itertools import islice

from insyn.core.entries import EntryKind, read_head

_MANY = frozenset(
    {
        EntryKind.CLEARANCE,
        EntryKind.DECISION,
        EntryKind.RELEASE,
        EntryKind.REFUSAL,
        EntryKind.BLIND_JUDGEMENT,
        EntryKind.REVIEW,
        EntryKind.OPENED,
        EntryKind.HISTORICAL_DECISION,
        EntryKind.NOT_USED,
    }
)
_SKIP = tuple(f'"kind":"{kind}"'.encode() for kind in (EntryKind.DECISION, EntryKind.CLEARANCE, EntryKind.REFUSAL))


class Listed:
    """Indices of listed kinds, each in order."""

    def __init__(self) -> None:
        self._by_kind: dict[str, list[int]] = {kind.value: [] for kind in EntryKind if kind not in _MANY}

    def lists(self, kind: str) -> bool:
        return kind in self._by_kind

    def add(self, kind: str, index: int) -> None:
        if kind in self._by_kind:
            self._by_kind[kind].append(index)

    def read(self, entries: Iterable[tuple[int, bytes]]) -> None:
        """Take in entries of the store; most are recognised by a few bytes and never decoded."""
        for index, data in entries:
            if not any(mark in data for mark in _SKIP):
                self.add(read_head(data).kind, index)

    def of(self, kinds: Iterable[str], start: int, limit: int) -> list[int]:
        """At most ``limit`` indices from ``start`` on, in order."""
        found = (self._by_kind[kind] for kind in dict.fromkeys(kinds))
        return list(islice(merge(*(islice(indices, bisect_left(indices, start), None) for indices in found)), limit))
