"""Numbers that the driver of a run sets and the sequencer's process reads at once: a few bytes that both have mapped."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

#: Environment of the sequencer's process: the file of the knobs, and the fault that is built into it, if any.
FILE, MUTANT = "INSYN_FAULT_KNOBS", "INSYN_FAULT_MUTANT"
_NUMBERS = (
    "wall_shift_ns",  # added to the wall clock
    "wall_frozen_ns",  # what the wall clock shows for as long as this is not 0
    "step_ms",  # how far the clocks may part before everything closes; 0: as built
    "slow_us",  # every flush takes so much longer
    "full",  # 1: the disk takes no more bytes
    "sync_fails",  # 1: every flush fails
    "hold",  # 1: writes stay in memory until they are flushed, as on a machine that may lose power
    "cut",  # power goes at the flush with this number from now (1: the next), before it is done
    "cut_keys",  # 1: only flushes of the key file count for ``cut``
    "cut_seed",  # which of the unflushed blocks reach the disk all the same; 0: none
    "syncs",  # written by the process: flushes begun
    "syncs_after_failure",  # written by the process: flushes begun after one had failed
    "failed",  # written by the process: 1 after a flush has failed
    "pid",  # written by the process
)
_PLACE = {name: number * 8 for number, name in enumerate(_NUMBERS)}
_SIZE = 4096


class Knobs:
    """``knobs["slow_us"] = 300_000``; every number is a signed 64-bit integer."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_SIZE))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)

    def __getitem__(self, name: str) -> int:
        return int(struct.unpack_from("q", self._map, _PLACE[name])[0])

    def __setitem__(self, name: str, value: int) -> None:
        struct.pack_into("q", self._map, _PLACE[name], value)

    def all_well(self) -> None:
        """Every fault ends; clocks that were moved stay where they are."""
        for name in ("wall_frozen_ns", "slow_us", "full", "sync_fails", "hold", "cut", "cut_keys", "failed", "syncs_after_failure"):
            self[name] = 0
