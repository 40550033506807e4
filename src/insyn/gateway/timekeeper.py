"""Keeps the clock honest for the engine: notices a jump, remembers the latest time shown, and closes until a person has looked."""

from __future__ import annotations

from datetime import UTC, datetime

from insyn.core.entries import EntryKind
from insyn.core.messages import Actor, Receipt
from insyn.core.terms import DisclosureGroup
from insyn.evidence.store import EvidenceStore

from .clock import Clock, Reading, fell_back, has_jumped, rfc3339
from .step import Step, encode_group

MARK, CLOSED = "clock_mark", "clock_closed"
MARK_SECONDS = 1.0
IDLE_MARK_SECONDS = 60.0
#: How far back a reading is kept to compare with: a clock that stands still never jumps from one reading to the next.
ANCHOR_SECONDS = 60.0


class Timekeeper:
    """``closed``: the wall clock is not to be trusted."""

    def __init__(self, clock: Clock, store: EvidenceStore) -> None:
        self._clock = clock
        now = Reading.of(clock)
        kept = store.get_meta(MARK)
        self._mark = datetime.fromisoformat(kept.decode()) if kept else now.wall
        self._mark_kept = self._mark
        self.entry_due = fell_back(now.wall, self._mark)
        self.closed = self.entry_due or store.get_meta(CLOSED) == b"1"
        self._last = self._anchor = now
        # A stop is accepted while the clock is closed; its day and its giver's mandate go by the last good time.
        self._good = Reading(max(now.wall, self._mark), now.boottime_ns) if self.closed else now

    def read(self) -> Reading:
        """Read both clocks and compare with the last reading and with one of about a minute ago. Sets ``closed`` and ``entry_due`` at a jump.

        Returns the reading to go by: while closed, the last good time carried on by the boot clock.
        """
        now = self.read_unchecked()
        if self.closed:
            return self._good.carried_to(now.boottime_ns)
        for before in (self._last, self._anchor):
            if has_jumped(before, now, mark=self._mark):
                self.closed = self.entry_due = True
                self._good = before
                return self._good.carried_to(now.boottime_ns)
        self._last, self._good, self._mark = now, now, max(self._mark, now.wall)
        if now.boottime_ns - self._anchor.boottime_ns >= ANCHOR_SECONDS * 1e9:
            self._anchor = now
        return now

    def read_unchecked(self) -> Reading:
        return Reading.of(self._clock)

    def keep_mark(self, step: Step) -> None:
        """Persist the latest time in a transaction that is under way anyway, at most once a second."""
        if not self.closed and (self._mark - self._mark_kept).total_seconds() >= MARK_SECONDS:
            self._put(step)

    def mark_is_stale(self) -> bool:
        return not self.closed and (self._mark - self._mark_kept).total_seconds() >= IDLE_MARK_SECONDS

    def enter_closing(self, step: Step) -> None:
        """The entry that says that the clock jumped."""
        step.append(EntryKind.CLOCK_CLOSED, {})
        step.tx.put_meta(CLOSED, b"1")
        step.after.append(self._closing_entered)

    def enter_opening(self, step: Step, actor: Actor) -> Receipt:
        """A named person has checked the clock: its reading now is the one to go by, even where it lies before the mark."""
        sealed = encode_group({"actor": actor, "at": step.at})
        appended = step.append(EntryKind.CLOCK_OPENED, {}, private={DisclosureGroup.ACT: sealed})
        step.tx.put_meta(CLOSED, b"0")
        self._mark = step.now.wall
        self._put(step)
        step.after.append(lambda: self._opened(step.now))
        return step.receipt(appended)

    def _put(self, step: Step) -> None:
        self._mark_kept = self._mark
        step.tx.put_meta(MARK, rfc3339(self._mark.astimezone(UTC)).encode())

    def _closing_entered(self) -> None:
        self.entry_due = False

    def _opened(self, now: Reading) -> None:
        self.closed = False
        self._good = self._last = self._anchor = now
