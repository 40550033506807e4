"""Verify a published log from outside, with nothing but the log's public key.

1. The checkpoint: signed by the log's key, of the log's origin.
2. Every bundle: its entries, each hashed; the tree is rebuilt from these hashes alone.
3. Every tile is compared with the rebuilt tree, level by level.
4. The root of the rebuilt tree is that of the checkpoint; earlier checkpoints that the caller kept are roots of its beginnings.
5. In a folder: every other file under ``tile/`` is the beginning of a tile that was verified.

When something differs, the root decides who is wrong: if the rebuilt tree has the signed root, the entries are right and the tile is
at fault; otherwise the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from .checkpoint import Checkpoint, open_checkpoint
from .errors import LogInvalid, TlogError
from .notes import NoteVerifier
from .read import LogReader
from .tiles import TILE_WIDTH, TileName, decode_bundle, levels_of, split_tile, tiles_of
from .tree import TileTree

OnEntry = Callable[[int, bytes], None]


@dataclass(frozen=True)
class Report:
    """What was verified. ``note`` is the signed checkpoint as it was read; ``files`` counts checkpoint, bundles and tiles."""

    checkpoint: Checkpoint
    note: str
    files: int

    @property
    def size(self) -> int:
        return self.checkpoint.size


def verify_log(reader: LogReader, vkey: str, *, on_entry: OnEntry | None = None, known: Iterable[Checkpoint] = ()) -> Report:
    """Verify the log that ``reader`` reads. Raises :class:`LogInvalid`, which names the file and, if it can, the entry.

    ``on_entry`` is called with index and bytes of each entry in order; what it gathers holds only if this function returns.
    ``known`` are checkpoints kept from earlier: the log must continue them.
    """
    return _Verification(reader, NoteVerifier.parse(vkey), on_entry, known).run()


class _Verification:
    def __init__(self, reader: LogReader, verifier: NoteVerifier, on_entry: OnEntry | None, known: Iterable[Checkpoint]) -> None:
        self.reader, self.verifier, self.on_entry = reader, verifier, on_entry
        self.known = sorted(known, key=lambda checkpoint: checkpoint.size)
        self.tree = TileTree()
        self.files = 0
        #: first difference found: file to name if the tile is at fault, file and entry to name if the entry is
        self.difference: tuple[str, str, int | None] | None = None

    def run(self) -> Report:
        # Listed before the checkpoint is read: what a publisher writes meanwhile belongs to a later one.
        listed = tuple(self.reader.paths() or ())
        note, checkpoint = self._read_checkpoint()
        for bundle in tiles_of(checkpoint.size, None):
            self._read_bundle(bundle)
        for level in levels_of(checkpoint.size):
            if level:
                for tile in tiles_of(checkpoint.size, level):
                    self._compare_upper(tile, level)
        self._judge(checkpoint)
        self._compare_known(checkpoint)
        self._compare_rest(checkpoint.size, listed)
        return Report(checkpoint, note, self.files)

    def _read_checkpoint(self) -> tuple[str, Checkpoint]:
        data = self._read("checkpoint")
        try:
            note = data.decode("utf-8")
            checkpoint = open_checkpoint(note, [self.verifier])
        except (TlogError, UnicodeDecodeError) as error:
            raise LogInvalid("checkpoint", None, str(error)) from error
        if checkpoint.origin != self.verifier.name:
            raise LogInvalid("checkpoint", None, f"is of the log {checkpoint.origin!r}, the key is of {self.verifier.name!r}")
        return note, checkpoint

    def _read(self, path: str) -> bytes:
        data = self.reader.read(path)
        if data is None:
            raise LogInvalid(path, None, "is missing")
        self.files += 1
        return data

    def _read_tile(self, name: TileName) -> tuple[str, bytes]:
        """A tile or bundle; in place of a partial one the full one will do."""
        if name.width == TILE_WIDTH:
            return name.path, self._read(name.path)
        data = self.reader.read(name.path)
        if data is not None:
            self.files += 1
            return name.path, data
        full = self.reader.read(name.full.path)
        if full is None:
            raise LogInvalid(name.path, None, "is missing")
        self.files += 1
        return name.full.path, beginning(name, full)

    def _read_bundle(self, name: TileName) -> None:
        first = name.n * TILE_WIDTH
        path, data = self._read_tile(name)
        try:
            entries = decode_bundle(data, name.width)
        except TlogError as error:
            raise LogInvalid(path, self._entry_at_fault(name, data), str(error)) from error
        hashes = [sha256(b"\x00" + entry).digest() for entry in entries]
        self._compare_leaves(TileName(0, name.n, name.width), path, hashes)
        if self.on_entry is not None:
            for index, entry in enumerate(entries, first):
                self.on_entry(index, entry)
        self._append(hashes)

    def _entry_at_fault(self, name: TileName, data: bytes) -> int:
        """The first entry of a broken bundle that is not the one whose hash the tile holds."""
        stored = self._split(*self._read_tile(TileName(0, name.n, name.width)), name.width)
        at = 0
        for number, hashed in enumerate(stored):
            start = at + 2
            at = start + int.from_bytes(data[at:start], "big")
            if at > len(data) or sha256(b"\x00" + data[start:at]).digest() != hashed:
                return name.n * TILE_WIDTH + number
        return name.n * TILE_WIDTH + name.width - 1

    def _append(self, hashes: Sequence[bytes]) -> None:
        end = self.tree.size + len(hashes)
        while self.known and self.tree.size <= self.known[0].size < end:
            kept = self.known.pop(0)
            count = kept.size - self.tree.size
            self.tree.append_all(hashes[:count])
            hashes = hashes[count:]
            self._same_root(kept)
        self.tree.append_all(hashes)

    def _same_root(self, kept: Checkpoint) -> None:
        if self.tree.root() != kept.root:
            raise LogInvalid("checkpoint", None, f"the log does not continue the checkpoint of size {kept.size} that was kept")

    def _compare_known(self, checkpoint: Checkpoint) -> None:
        for kept in self.known:
            if kept.size > checkpoint.size:
                raise LogInvalid("checkpoint", None, f"size {checkpoint.size} is smaller than the {kept.size} that was kept")
            self._same_root(kept)

    def _compare_leaves(self, tile: TileName, bundle: str, hashes: Sequence[bytes]) -> None:
        path, data = self._read_tile(tile)
        if data == b"".join(hashes):
            return
        stored = self._split(path, data, tile.width)
        number = next(number for number, hashed in enumerate(hashes) if stored[number] != hashed)
        self._note(path, bundle, tile.n * TILE_WIDTH + number)

    def _compare_upper(self, tile: TileName, level: int) -> None:
        path, data = self._read_tile(tile)
        first = tile.n * TILE_WIDTH
        hashes = self.tree.level(level)[first : first + tile.width]
        if data == b"".join(hashes):
            return
        stored = self._split(path, data, tile.width)
        number = next(number for number, hashed in enumerate(hashes) if stored[number] != hashed)
        entry = (first + number) * TILE_WIDTH**level
        self._note(path, TileName(None, entry // TILE_WIDTH).path, entry)

    def _split(self, path: str, data: bytes, width: int) -> list[bytes]:
        try:
            return split_tile(data, width)
        except TlogError as error:
            raise LogInvalid(path, None, str(error)) from error

    def _note(self, tile: str, bundle: str, entry: int) -> None:
        if self.difference is None:
            self.difference = (tile, bundle, entry)

    def _judge(self, checkpoint: Checkpoint) -> None:
        entries_hold = self.tree.root() == checkpoint.root
        if self.difference is not None:
            tile, bundle, entry = self.difference
            if entries_hold:
                raise LogInvalid(tile, entry, "the tile does not hold the hash of the entries below it")
            raise LogInvalid(bundle, entry, f"the entry is not the one whose hash {tile} holds")
        if not entries_hold:
            raise LogInvalid("checkpoint", None, f"its root is not that of the {checkpoint.size} entries")

    def _compare_rest(self, size: int, listed: Iterable[str]) -> None:
        """Files of earlier sizes, and files that do not belong there."""
        expected = {name.path for name in _expected(size)}
        beyond = [path for path in listed if path not in expected and not self._compare_older(path, size)]
        if beyond:
            self._published_since(beyond, size)

    def _published_since(self, paths: Iterable[str], size: int) -> None:
        """A publisher writes tiles before the checkpoint that covers them: by now that one is there, or they belong to nothing."""
        newest = self._read_checkpoint()[1].size
        expected = {name.path for name in _expected(newest)}
        for path in paths:
            if path not in expected and next(iter(_covering(TileName.parse(path), newest)), None) is None:
                raise LogInvalid(path, None, f"lies beyond the {size} entries of the checkpoint")

    def _compare_older(self, path: str, size: int) -> bool:
        """Hold an earlier file against the one that continues it; false where it is not earlier."""
        try:
            name = TileName.parse(path)
        except TlogError as error:
            raise LogInvalid(path, None, "does not belong to the log") from error
        whole = next((tile for tile in _covering(name, size)), None)
        if whole is None:
            return False
        data = self.reader.read(path)
        if data is not None:  # a publisher may have taken it away since it was listed
            self.files += 1
            if data != beginning(name, self._read_tile(whole)[1]):
                raise LogInvalid(path, None, f"is not the beginning of {whole.path}")
        return True


def _expected(size: int) -> Iterable[TileName]:
    for level in (None, *levels_of(size)):
        yield from tiles_of(size, level)


def _covering(name: TileName, size: int) -> Iterable[TileName]:
    """The tile of a log of ``size`` that a partial one of an earlier size is the beginning of."""
    if name.level is not None and name.level not in levels_of(size):
        return
    full, rest = divmod(size >> (8 * (name.level or 0)), TILE_WIDTH)
    width = TILE_WIDTH if name.n < full else rest if name.n == full else 0
    if name.width < width:
        yield TileName(name.level, name.n, width)


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
