"""The disk under the sequencer: an SQLite VFS that is slow, full, loses a flush, or loses power, as the knobs say.

With ``hold`` what is written stays in this process until it is flushed, so that a kill is a power cut: the page cache, which a kill spares,
holds nothing. At a cut some of the unflushed blocks may reach the disk all the same, in any order, as on a real one.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from typing import Any

import apsw

from .knobs import Knobs

BLOCK = 512


class Image:
    """A file as the process sees it, and which blocks of it are not on the disk yet."""

    def __init__(self, path: str) -> None:
        self.path = path
        with open(path, "rb") as file:
            self.data = bytearray(file.read())
        self.dirty: set[int] = set()
        self.cut_short = False

    def write(self, data: bytes, offset: int) -> None:
        if len(self.data) < offset:
            self._mark(len(self.data), offset)
            self.data.extend(bytes(offset - len(self.data)))
        self.data[offset : offset + len(data)] = data
        self._mark(offset, offset + len(data))

    def _mark(self, first: int, end: int) -> None:
        self.dirty.update(range(first // BLOCK, (end - 1) // BLOCK + 1))

    def truncate(self, size: int) -> None:
        del self.data[size:]
        self.dirty = {block for block in self.dirty if block * BLOCK < size}
        self.cut_short = True

    def flush(self) -> None:
        self.put(self.dirty, self.cut_short)
        self.dirty, self.cut_short = set(), False

    def put(self, blocks: set[int], cut_short: bool, path: str = "") -> None:
        """Bring these blocks to the disk (or to a copy of the file). No real flush: the test ends processes, not the machine."""
        handle = os.open(path or self.path, os.O_RDWR)
        try:
            if cut_short:
                os.ftruncate(handle, len(self.data))
            for block in sorted(blocks):
                os.pwrite(handle, self.data[block * BLOCK : (block + 1) * BLOCK], block * BLOCK)
        finally:
            os.close(handle)

    def leave(self, chance: random.Random, path: str = "") -> None:
        """What a power cut leaves of it: each unflushed block with even chance, and a shortening that was not flushed too."""
        self.put({block for block in sorted(self.dirty) if chance.random() < 0.5}, self.cut_short and chance.random() < 0.5, path)


class Disk(apsw.VFS):
    """``default``: every file that the process opens lies on it. ``before_flush`` is called before each flush, with the file's path."""

    def __init__(self, knobs: Knobs | dict[str, int], *, name: str = "faults", default: bool = True) -> None:
        self.name, self.knobs = name, knobs
        self.images: dict[str, Image] = {}
        self.before_flush: Callable[[str], object] = lambda path: None
        self.below = apsw.vfs_names()[0]  # by name: the default may be about to be this one
        super().__init__(name, self.below, makedefault=default)

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return File(self, path, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self.images.pop(filename, None)
        super().xDelete(filename, syncdir)

    def cut_power(self) -> None:
        """Nothing that was not flushed is there afterwards, but for what the disk had happened to write already."""
        chance = random.Random(self.knobs["cut_seed"])
        for image in self.images.values() if self.knobs["cut_seed"] else ():
            image.leave(chance)
        os.kill(os.getpid(), signal.SIGKILL)


class File(apsw.VFSFile):
    def __init__(self, disk: Disk, path: str | None, name: Any, flags: list[int]) -> None:
        self._disk, self._path = disk, path or ""
        super().__init__(disk.below, name, flags)
        self._image: Image | None = None
        if path and disk.knobs["hold"]:
            self._image = disk.images.setdefault(path, Image(path))

    def xRead(self, amount: int, offset: int) -> bytes:
        if self._image is None:
            return super().xRead(amount, offset)
        return bytes(self._image.data[offset : offset + amount])

    def xFileSize(self) -> int:
        return super().xFileSize() if self._image is None else len(self._image.data)

    def xWrite(self, data: bytes, offset: int) -> None:
        if self._disk.knobs["full"]:
            raise apsw.FullError("no space is left")
        if self._image is None:
            super().xWrite(data, offset)
        else:
            self._image.write(bytes(data), offset)

    def xTruncate(self, size: int) -> None:
        if self._image is None:
            super().xTruncate(size)
        else:
            self._image.truncate(size)

    def xSync(self, flags: int) -> None:
        knobs = self._disk.knobs
        knobs["syncs"] += 1
        knobs["syncs_after_failure"] += knobs["failed"]
        self._disk.before_flush(self._path)
        self._count_down(knobs)
        if knobs["slow_us"]:
            time.sleep(knobs["slow_us"] / 1e6)
        if knobs["sync_fails"]:
            knobs["failed"] = 1
            raise apsw.IOError("the disk lost this flush")
        if self._image is None:
            super().xSync(flags)
        else:
            self._image.flush()

    def _count_down(self, knobs: Knobs | dict[str, int]) -> None:
        if not knobs["cut"] or (knobs["cut_keys"] and "keys.sqlite" not in self._path):
            return
        knobs["cut"] -= 1
        if knobs["cut"] == 0:
            self._disk.cut_power()
