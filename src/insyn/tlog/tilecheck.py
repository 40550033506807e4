"""Reads tiles and bundles of a published log and hashes them, each by itself: what several processes can do at once.

Nothing here knows the root. What differs is told to :mod:`insyn.tlog.verify`, which decides when it has the whole tree.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from multiprocessing.context import BaseContext

from .errors import LogInvalid, TlogError
from .hashing import root_of
from .read import LogReader
from .tiles import TILE_WIDTH, TileName, decode_bundle, split_tile

#: Tiles handed to a process at once: 16,384 entries, some megabytes and some hundredths of a second.
CHUNK = 64
#: From this many tiles on, starting processes takes less time than it saves.
WORTH_PROCESSES = 256


@dataclass(frozen=True)
class Difference:
    """``tile`` does not hold the hash of ``entry`` in ``bundle``: one of the two is at fault."""

    tile: str
    bundle: str
    entry: int


@dataclass(frozen=True)
class CheckedTile:
    """A level 0 tile as its entries give it. ``leaves`` are its leaf hashes, joined, where they were asked for or it is partial."""

    name: TileName
    root: bytes
    leaves: bytes
    files: int
    difference: Difference | None
    data: bytes

    def entries(self) -> list[bytes]:
        """Only where they were asked for."""
        return decode_bundle(self.data, self.name.width)


@dataclass(frozen=True)
class Asked:
    """What a caller wants of each tile beside its root: the ``entries``, and ``leaves`` for the tiles with these numbers."""

    entries: bool = False
    leaves: frozenset[int] = frozenset()


class TileReading:
    """Reads the files of a log and counts them."""

    def __init__(self, reader: LogReader) -> None:
        self.reader, self.files = reader, 0

    def read(self, path: str) -> bytes:
        data = self.reader.read(path)
        if data is None:
            raise LogInvalid(path, None, "is missing")
        self.files += 1
        return data

    def read_tile(self, name: TileName) -> tuple[str, bytes]:
        """A tile or bundle; in place of a partial one the full one will do."""
        if name.width == TILE_WIDTH:
            return name.path, self.read(name.path)
        data = self.reader.read(name.path)
        if data is not None:
            self.files += 1
            return name.path, data
        full = self.reader.read(name.full.path)
        if full is None:
            raise LogInvalid(name.path, None, "is missing")
        self.files += 1
        return name.full.path, beginning(name, full)

    def check_tile(self, bundle: TileName, asked: Asked) -> CheckedTile:
        """Hash a bundle and hold its level 0 tile against it. Raises :class:`LogInvalid` for what cannot be read."""
        before = self.files
        path, data = self.read_tile(bundle)
        try:
            entries = decode_bundle(data, bundle.width)
        except TlogError as error:
            raise LogInvalid(path, self._entry_at_fault(bundle, data), str(error)) from error
        hashes = [sha256(b"\x00" + entry).digest() for entry in entries]
        difference = self._compare(TileName(0, bundle.n, bundle.width), path, hashes)
        whole = bundle.width == TILE_WIDTH
        return CheckedTile(
            name=bundle,
            root=root_of(hashes) if whole else b"",
            leaves=b"" if whole and bundle.n not in asked.leaves else b"".join(hashes),
            files=self.files - before,
            difference=difference,
            data=data if asked.entries else b"",
        )

    def _compare(self, tile: TileName, bundle: str, hashes: Sequence[bytes]) -> Difference | None:
        path, data = self.read_tile(tile)
        if data == b"".join(hashes):
            return None
        stored = split(path, data, tile.width)
        number = next(number for number, hashed in enumerate(hashes) if stored[number] != hashed)
        return Difference(path, bundle, tile.n * TILE_WIDTH + number)

    def _entry_at_fault(self, name: TileName, data: bytes) -> int:
        """The first entry of a broken bundle that is not the one whose hash the tile holds."""
        stored = split(*self.read_tile(TileName(0, name.n, name.width)), name.width)
        at = 0
        for number, hashed in enumerate(stored):
            start = at + 2
            at = start + int.from_bytes(data[at:start], "big")
            if at > len(data) or sha256(b"\x00" + data[start:at]).digest() != hashed:
                return name.n * TILE_WIDTH + number
        return name.n * TILE_WIDTH + name.width - 1


def check_tiles(reader: LogReader, names: Sequence[TileName], asked: Asked, *, processes: int = 1) -> Iterator[CheckedTile]:
    """Each bundle in order. With several processes, each takes a run of tiles at a time. Raises :class:`LogInvalid`."""
    if processes < 2 or len(names) < WORTH_PROCESSES:
        reading = TileReading(reader)
        for name in names:
            yield reading.check_tile(name, asked)
        return
    runs = (names[at : at + CHUNK] for at in range(0, len(names), CHUNK))
    with ProcessPoolExecutor(processes, mp_context=_context()) as pool:
        waiting: deque[Future[list[CheckedTile]]] = deque(
            pool.submit(_check_run, reader, run, asked) for run in islice(runs, 2 * processes)
        )
        try:
            while waiting:
                yield from waiting.popleft().result()
                waiting.extend(pool.submit(_check_run, reader, run, asked) for run in islice(runs, 1))
        finally:
            for future in waiting:
                future.cancel()


def _context() -> BaseContext:
    """Forking takes a hundredth of the time, and is safe only where no other thread may hold a lock at that moment."""
    alone = sys.platform == "linux" and threading.active_count() == 1
    return get_context("fork" if alone else "spawn")


def _check_run(reader: LogReader, names: Sequence[TileName], asked: Asked) -> list[CheckedTile]:
    reading = TileReading(reader)
    return [reading.check_tile(name, asked) for name in names]


def split(path: str, data: bytes, width: int) -> list[bytes]:
    """The hashes of the tile in a file. Raises :class:`LogInvalid`."""
    try:
        return split_tile(data, width)
    except TlogError as error:
        raise LogInvalid(path, None, str(error)) from error


def beginning(name: TileName, data: bytes) -> bytes:
    """The first ``name.width`` hashes or entries of a wider tile or bundle. Raises :class:`LogInvalid` if it has fewer."""
    if name.level is not None:
        return data[: 32 * name.width]
    end = 0
    for _ in range(name.width):
        if end + 2 > len(data):
            raise LogInvalid(name.full.path, None, "the bundle ends too early")
        end += 2 + int.from_bytes(data[end : end + 2], "big")
    return data[:end]
