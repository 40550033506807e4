"""Tile and entry bundle arithmetic of C2SP tlog-tiles.

A full tile holds 256 hashes. Hash ``i`` of tile ``n`` at level ``l`` is the root of the perfect subtree of ``256**l`` leaves that begins
at leaf ``(n * 256 + i) * 256**l``. A partial tile holds 1..255 hashes and is never hashed upwards. A bundle holds the entries of one
level 0 tile, each after its length in two bytes, big-endian.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import TlogError

TILE_WIDTH = 256
MAX_ENTRY_BYTES = 65_535
MAX_LEVEL = 63
_LENGTH = struct.Struct(">H")
_PATH = re.compile(r"tile/(entries|0|[1-9]\d?)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")


@dataclass(frozen=True)
class TileName:
    """``level`` is ``None`` for an entry bundle. ``width`` is 256 for a full tile."""

    level: int | None
    n: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        if not self.n >= 0 or not 1 <= self.width <= TILE_WIDTH or not 0 <= (self.level or 0) <= MAX_LEVEL:
            raise TlogError(f"no such tile: level {self.level}, number {self.n}, width {self.width}")
        place = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{place}/{_groups(self.n)}{partial}"

    @property
    def full(self) -> TileName:
        """The full tile that takes over when it exists."""
        return TileName(self.level, self.n)

    @classmethod
    def parse(cls, path: str) -> TileName:
        """Inverse of :attr:`path`, strictly: a second spelling of a name is refused with :class:`TlogError`."""
        match = _PATH.fullmatch(path)
        if match is None or not path.isascii():
            raise TlogError(f"not the path of a tile or bundle: {path[:100]!r}")
        place, groups, width = match.groups()
        name = cls(None if place == "entries" else int(place), int(groups.replace("x", "").replace("/", "")), int(width or TILE_WIDTH))
        if (width and name.width >= TILE_WIDTH) or name.path != path:
            raise TlogError(f"not the path of a tile or bundle: {path[:100]!r}")
        return name


def _groups(n: int) -> str:
    """Three-digit groups, all but the last prefixed: 1234067 is ``x001/x234/067``."""
    text = f"{n % 1000:03d}"
    while n >= 1000:
        n //= 1000
        text = f"x{n % 1000:03d}/{text}"
    return text


def tile_path(level: int, n: int, width: int = TILE_WIDTH) -> str:
    return TileName(level, n, width).path


def bundle_path(n: int, width: int = TILE_WIDTH) -> str:
    return TileName(None, n, width).path


def widths(size: int, level: int) -> tuple[int, int]:
    """How many full tiles a log of ``size`` has at ``level``, and the width of the partial one (0: none)."""
    return divmod(size >> (8 * level), TILE_WIDTH)


def tiles_of(size: int, level: int | None) -> Iterator[TileName]:
    """Tiles (or bundles, level ``None``) of a log of ``size`` at one level, in order."""
    full, rest = widths(size, level or 0)
    for n in range(full):
        yield TileName(level, n)
    if rest:
        yield TileName(level, full, rest)


def levels_of(size: int) -> range:
    """Tile levels that a log of ``size`` has."""
    return range((size.bit_length() + 7) // 8)


def tile_names(size: int) -> Iterator[TileName]:
    """Every bundle and tile of a log of ``size``."""
    yield from tiles_of(size, None)
    for level in levels_of(size):
        yield from tiles_of(size, level)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Raises :class:`TlogError` for an entry over 65,535 bytes or more than 256 of them."""
    if len(entries) > TILE_WIDTH:
        raise TlogError(f"a bundle holds {TILE_WIDTH} entries, not {len(entries)}")
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise TlogError(f"an entry of {len(entry)} bytes does not fit in a bundle")
        parts += (_LENGTH.pack(len(entry)), entry)
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> list[bytes]:
    """The ``width`` entries of a bundle. Raises :class:`TlogError`, which names the entry inside the bundle, if bytes lack or are left."""
    entries: list[bytes] = []
    at, end = 0, len(data)
    for number in range(width):
        if at + 2 > end:
            raise TlogError(f"the bundle ends before entry {number} of {width}")
        start = at + 2
        at = start + (data[at] << 8 | data[at + 1])
        entries.append(data[start:at])
    if at != end:
        raise TlogError(f"the bundle has {end} bytes, its {width} entries take {at}")
    return entries


def split_tile(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile. Raises :class:`TlogError` when the length is wrong."""
    if len(data) != 32 * width:
        raise TlogError(f"a tile of {width} hashes has {32 * width} bytes, not {len(data)}")
    return [data[at : at + 32] for at in range(0, len(data), 32)]
