"""What a run puts into the sequencer's process before the program begins: its clock, its disk, and a mutant if one is asked for.

Nothing of this is in the program: Python reads ``sitecustomize`` at its start, and only the run's environment leads it here.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from insyn.evidence import store
from insyn.gateway import clock

from . import mutants
from .disk import Disk
from .knobs import FILE, MUTANT, Knobs

#: So few WAL pages that a short run folds its log back several times.
_PAGES = 40


def install() -> None:
    knobs = Knobs(Path(os.environ[FILE]))
    knobs["pid"] = os.getpid()
    _install_clock(knobs)
    globals()["_disk"] = Disk(knobs)  # SQLite holds no reference to it
    store.FLUSH_AT_CHECKPOINT = _PAGES
    if name := os.environ.get(MUTANT):
        mutants.BUILT[name]()


def _install_clock(knobs: Knobs) -> None:
    wall = clock.SystemClock.wall

    def shifted(self: clock.SystemClock) -> datetime:
        if frozen := knobs["wall_frozen_ns"]:
            return datetime.fromtimestamp(frozen / 1e9, UTC)
        return wall(self) + timedelta(microseconds=knobs["wall_shift_ns"] // 1000)

    clock.SystemClock.wall = shifted  # type: ignore[method-assign]
    if knobs["step_ms"]:
        clock.MAX_STEP_SECONDS = knobs["step_ms"] / 1000
