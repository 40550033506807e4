"""The clock by which an answer grows old.

``CLOCK_BOOTTIME`` runs on while the process is stopped and while the machine sleeps, so nobody can use an old answer after waking up.
"""

from __future__ import annotations

import time

_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def boottime_ns() -> int | None:
    """Nanoseconds since boot, sleep included; ``None`` on a host without that clock."""
    return None if _BOOTTIME is None else time.clock_gettime_ns(_BOOTTIME)


def age_clock_ns() -> int:
    """Boot time, or the monotonic clock on a host that lacks it: such a host is promised *committed*, never *drained*."""
    now = boottime_ns()
    return time.monotonic_ns() if now is None else now
