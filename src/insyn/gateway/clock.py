"""Time, read at the edge and judged in a pure step: a wall clock that jumps closes everything until a named person has checked it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from insyn.core.errors import InvalidInput

MAX_STEP_SECONDS = 5.0


class Clock(Protocol):
    """What the sequencer reads. ``boottime_ns`` never goes back while the machine is up, and runs while it sleeps."""

    def wall(self) -> datetime: ...

    def boottime_ns(self) -> int: ...


class SystemClock:
    """This host's clocks. The sequencer needs Linux: without ``CLOCK_BOOTTIME`` no stop could be called drained."""

    def __init__(self) -> None:
        if not hasattr(time, "CLOCK_BOOTTIME"):
            raise InvalidInput("this host has no CLOCK_BOOTTIME", mend="Run the sequencer on Linux.")

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def boottime_ns(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


@dataclass(frozen=True)
class Reading:
    """Both clocks, read together."""

    wall: datetime
    boottime_ns: int

    @classmethod
    def of(cls, clock: Clock) -> Reading:
        """Read again when the process was held up between the two: that is not a jump."""
        while True:
            before, wall, after = clock.boottime_ns(), clock.wall(), clock.boottime_ns()
            if after - before < 100_000_000:
                return cls(wall, after)

    def carried_to(self, boottime_ns: int) -> Reading:
        """What the wall clock would show at that boot time, had it gone on from here."""
        return Reading(self.wall + timedelta(microseconds=(boottime_ns - self.boottime_ns) // 1000), boottime_ns)

    def after_ms(self, milliseconds: int) -> datetime:
        return self.wall + timedelta(milliseconds=milliseconds)

    def day(self, zone: ZoneInfo) -> str:
        """The calendar day of the municipality, ISO."""
        return self.wall.astimezone(zone).date().isoformat()

    @property
    def utc(self) -> str:
        """RFC 3339 with milliseconds."""
        return rfc3339(self.wall)


def rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def has_jumped(before: Reading, now: Reading, *, mark: datetime) -> bool:
    """Whether the wall clock moved otherwise than the boot clock since ``before``, or fell behind ``mark``, the latest it has shown."""
    walked = (now.wall - before.wall).total_seconds()
    passed = (now.boottime_ns - before.boottime_ns) / 1e9
    return abs(walked - passed) > MAX_STEP_SECONDS or fell_back(now.wall, mark)


def fell_back(wall: datetime, mark: datetime) -> bool:
    return (mark - wall).total_seconds() > MAX_STEP_SECONDS
