"""How many decisions a system has made this hour and this day, for those whose permit limits it.

A count stands in the store's meta, written in the transaction of the decision that it counts; so it survives a restart to the decision, and
what is rolled back was never counted. Decisions from before a limit was set are not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from insyn.evidence.records import VOLUME
from insyn.evidence.store import Transaction


class Count(msgspec.Struct, frozen=True):
    """``day`` by the municipality's clock, ``hour`` of UTC."""

    day: str = ""
    hour: str = ""
    in_day: int = 0
    in_hour: int = 0


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Count)


class Volumes:
    """The counts in memory, as they stand in the store."""

    def __init__(self) -> None:
        self._counts: dict[str, Count] = {}

    def load(self, rows: Mapping[str, bytes]) -> None:
        self._counts = {key.removeprefix(VOLUME): _decoder.decode(row) for key, row in rows.items()}

    def now(self, system: str, day: str, hour: str) -> Count:
        """The count of this day and hour."""
        held = self._counts.get(system, Count())
        return Count(day, hour, held.in_day if held.day == day else 0, held.in_hour if held.hour == hour else 0)

    def add(self, tx: Transaction, system: str, day: str, hour: str) -> Callable[[], None]:
        """Count one more, in the transaction under way; returns what takes it back in memory."""
        before, now = self._counts.get(system, Count()), self.now(system, day, hour)
        after = Count(day, hour, now.in_day + 1, now.in_hour + 1)
        tx.put_meta(f"{VOLUME}{system}", _encode(after))
        self._counts[system] = after
        return lambda: self._counts.__setitem__(system, before)
