"""Verify a published log from outside, with nothing but the log's public keys.

1. The checkpoint: signed by every key given, of the log's origin; or accepted by the caller's policy.
2. Every bundle: its entries, each hashed; the tree is rebuilt from these hashes alone.
3. Every tile is compared with the rebuilt tree, level by level.
4. The root of the rebuilt tree is that of the checkpoint; earlier checkpoints that the caller kept are roots of its beginnings.
5. In a folder: every other file under ``tile/`` is the beginning of a tile that was verified.

When something differs, the root decides who is wrong: if the rebuilt tree has the signed root, the entries are right and the tile is
at fault; otherwise the entry.

Two callers need not read from the beginning: one who has verified a beginning before (``since``), and one who accepts that the log has been
pruned up to some entry (``minimum``). The tree then starts from the hashes of level 1, which the root vouches for; the tiles below it that
hold what was verified before are not read again, and those that were pruned may be missing, but what is there of them must be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .checkpoint import Checkpoint
from .cosignature import parse_vkey
from .errors import LogInvalid, TlogError
from .hashing import leaf_hash, root_of
from .notes import Verifier, signed_by
from .policy import Policy
from .read import LogReader
from .tilecheck import Asked, CheckedTile, Difference, TileReading, beginning, check_tiles, split
from .tiles import TILE_WIDTH, TileName, decode_bundle, levels_of, tiles_of
from .tree import TileTree

OnEntry = Callable[[int, bytes], None]
#: (entries verified, entries in all)
OnProgress = Callable[[int, int], None]
_PROGRESS_TILES = 64


@dataclass(frozen=True)
class Report:
    """What was verified. ``note`` is the signed checkpoint as it was read; ``files`` counts checkpoint, bundles and tiles.

    ``first`` is the first entry that was read; ``witnesses`` are the names, in the policy, of those who cosigned.
    """

    checkpoint: Checkpoint
    note: str
    files: int
    first: int = 0
    witnesses: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return self.checkpoint.size


@dataclass(frozen=True)
class Trust:
    """Whose checkpoints count: those that every one of ``keys`` has signed, or, with a policy, those that it accepts."""

    keys: tuple[Verifier, ...] = ()
    policy: Policy | None = None

    @classmethod
    def in_keys(cls, *vkeys: str) -> Trust:
        """Raises :class:`TlogError` for what is no verifier key, and for keys of different logs."""
        keys = tuple(parse_vkey(vkey) for vkey in vkeys)
        if len({key.name for key in keys}) != 1:
            raise TlogError("the public keys are not those of one log")
        return cls(keys)

    def open(self, note: str) -> tuple[Checkpoint, tuple[str, ...]]:
        """The checkpoint, and the witnesses that cosigned it. Raises :class:`TlogError`."""
        if self.policy is not None:
            witnessed = self.policy.open(note)
            return witnessed.checkpoint, witnessed.witnesses
        body, signed = signed_by(note, self.keys)
        missing = [key for key in self.keys if key not in signed]
        if not signed:
            raise TlogError("no signature by a known key")
        if missing:
            raise TlogError(f"the key {missing[0].key_id.hex()} of {missing[0].name!r} has not signed it")
        checkpoint = Checkpoint.parse(body)
        if checkpoint.origin != self.keys[0].name:
            raise TlogError(f"is of the log {checkpoint.origin!r}, the key is of {self.keys[0].name!r}")
        return checkpoint, ()


@dataclass(frozen=True)
class Scope:
    """How much is read, and how fast. ``since`` was verified before; entries before ``minimum`` may be missing, by the log's policy."""

    since: Checkpoint | None = None
    minimum: int = 0
    processes: int = 1

    def first_tile(self, reader: LogReader) -> int:
        """Number of the first tile that must be there and is read."""
        verified = self.since.size // TILE_WIDTH if self.since else 0
        pruned = self.minimum // TILE_WIDTH
        if pruned > verified and reader.read(TileName(None, verified).path) is None:
            return pruned
        return verified


WHOLE = Scope()


def verify_log(
    reader: LogReader,
    trust: Trust | str,
    *,
    on_entry: OnEntry | None = None,
    known: Iterable[Checkpoint] = (),
    scope: Scope = WHOLE,
    on_progress: OnProgress | None = None,
) -> Report:
    """Verify the log that ``reader`` reads. Raises :class:`LogInvalid`, which names the file and, if it can, the entry.

    ``trust`` may be the one public key of the log. ``on_entry`` is called with index and bytes of each entry read, in order; what it gathers
    holds only if this function returns. ``known`` are checkpoints kept from earlier: the log must continue them.
    """
    believed = Trust.in_keys(trust) if isinstance(trust, str) else trust
    return _Verification(reader, believed, on_entry, known, scope, on_progress).run()


class _Verification:
    def __init__(
        self,
        reader: LogReader,
        trust: Trust,
        on_entry: OnEntry | None,
        known: Iterable[Checkpoint],
        scope: Scope,
        on_progress: OnProgress | None,
    ) -> None:
        self.reader, self.trust, self.on_entry, self.scope, self.on_progress = reader, trust, on_entry, scope, on_progress
        kept = {*known, *([scope.since] if scope.since else [])}
        self.known = sorted(kept, key=lambda checkpoint: checkpoint.size)
        self.tree = TileTree()
        self.reading = TileReading(reader)
        self.difference: Difference | None = None

    def run(self) -> Report:
        # Listed before the checkpoint is read: what a publisher writes meanwhile belongs to a later one.
        listed = tuple(self.reader.paths() or ())
        note, checkpoint, witnesses = self._read_checkpoint()
        self._refuse_smaller(checkpoint)
        first = self._begin(checkpoint.size)
        self._read_tiles(checkpoint.size, first)
        for level in levels_of(checkpoint.size):
            if level:
                for tile in tiles_of(checkpoint.size, level):
                    self._compare_upper(tile, level)
        self._judge(checkpoint)
        for kept in self.known:
            self._same_root(kept)
        self._compare_rest(checkpoint.size, listed, first)
        return Report(checkpoint, note, self.reading.files, first * TILE_WIDTH, witnesses)

    def _read_checkpoint(self) -> tuple[str, Checkpoint, tuple[str, ...]]:
        data = self.reading.read("checkpoint")
        try:
            note = data.decode("utf-8")
            checkpoint, witnesses = self.trust.open(note)
        except (TlogError, UnicodeDecodeError) as error:
            raise LogInvalid("checkpoint", None, str(error)) from error
        return note, checkpoint, witnesses

    def _refuse_smaller(self, checkpoint: Checkpoint) -> None:
        largest = max((kept.size for kept in self.known), default=0)
        if largest > checkpoint.size:
            raise LogInvalid("checkpoint", None, f"size {checkpoint.size} is smaller than the {largest} that was kept")
        since = self.scope.since
        if since is not None and since.origin != checkpoint.origin:
            raise LogInvalid("checkpoint", None, f"is of the log {checkpoint.origin!r}, what was verified before is of {since.origin!r}")

    # --------------------------------------------------------------------------------------------------------- the tree

    def _begin(self, size: int) -> int:
        """Start the tree from the hashes of level 1, as far as the tiles below need not be read. Returns the first tile to read."""
        first = min(self.scope.first_tile(self.reader), size // TILE_WIDTH)
        roots: list[bytes] = []
        for tile in tiles_of(size, 1) if first else ():
            if len(roots) < first:
                roots += split(*self.reading.read_tile(tile), tile.width)
        self.tree = TileTree.from_tile_roots(roots[:first])
        too_early = [kept.size for kept in self.known if kept.size < self.tree.size and not self._implied(kept)]
        if too_early:
            raise LogInvalid("checkpoint", None, f"the checkpoint of size {too_early[0]} cannot be compared: its entries are pruned")
        self.known = [kept for kept in self.known if kept.size >= self.tree.size]
        return first

    def _implied(self, kept: Checkpoint) -> bool:
        """It was held against the log when ``since`` was verified."""
        since = self.scope.since
        return since is not None and kept.size <= since.size and since.size >= self.tree.size

    def _read_tiles(self, size: int, first: int) -> None:
        names = list(tiles_of(size, None))[first:]
        asked = Asked(self.on_entry is not None, frozenset(kept.size // TILE_WIDTH for kept in self.known))
        for number, tile in enumerate(check_tiles(self.reader, names, asked, processes=self.scope.processes), 1):
            self._take(tile)
            if self.on_progress is not None and (number % _PROGRESS_TILES == 0 or number == len(names)):
                self.on_progress(self.tree.size, size)

    def _take(self, tile: CheckedTile) -> None:
        self.reading.files += tile.files
        self.difference = self.difference or tile.difference
        if self.on_entry is not None:
            for index, entry in enumerate(tile.entries(), tile.name.n * TILE_WIDTH):
                self.on_entry(index, entry)
        if not tile.leaves:
            self.tree.append_tile(tile.root)
            return
        hashes = [tile.leaves[at : at + 32] for at in range(0, len(tile.leaves), 32)]
        end = self.tree.size + len(hashes)
        while self.known and self.tree.size <= self.known[0].size < end:
            kept = self.known.pop(0)
            count = kept.size - self.tree.size
            self.tree.append_all(hashes[:count])
            hashes = hashes[count:]
            self._same_root(kept)
        self.tree.append_all(hashes)

    def _same_root(self, kept: Checkpoint) -> None:
        if self.tree.size != kept.size or self.tree.root() != kept.root:
            raise LogInvalid("checkpoint", None, f"the log does not continue the checkpoint of size {kept.size} that was kept")

    def _compare_upper(self, tile: TileName, level: int) -> None:
        path, data = self.reading.read_tile(tile)
        first = tile.n * TILE_WIDTH
        hashes = self.tree.level(level)[first : first + tile.width]
        if data == b"".join(hashes):
            return
        stored = split(path, data, tile.width)
        number = next(number for number, hashed in enumerate(hashes) if stored[number] != hashed)
        entry = (first + number) * TILE_WIDTH**level
        self.difference = self.difference or Difference(path, TileName(None, entry // TILE_WIDTH).path, entry)

    def _judge(self, checkpoint: Checkpoint) -> None:
        entries_hold = self.tree.root() == checkpoint.root
        found = self.difference
        if found is not None:
            if entries_hold:
                raise LogInvalid(found.tile, found.entry, "the tile does not hold the hash of the entries below it")
            raise LogInvalid(found.bundle, found.entry, f"the entry is not the one whose hash {found.tile} holds")
        if not entries_hold:
            raise LogInvalid("checkpoint", None, f"its root is not that of the {checkpoint.size} entries")

    # ------------------------------------------------------------------------------------------------------- other files

    def _compare_rest(self, size: int, listed: Iterable[str], first: int) -> None:
        """Files of earlier sizes, what is left of a pruned beginning, and files that do not belong there."""
        expected = {name.path for name in _expected(size)}
        verified = self.scope.since.size // TILE_WIDTH if self.scope.since else 0
        beyond = []
        for path in listed:
            if path in expected:
                self._compare_unread(path, range(verified, first))
            elif not self._compare_older(path, size, first):
                beyond.append(path)
        if beyond:
            self._published_since(beyond, size)

    def _compare_unread(self, path: str, unread: range) -> None:
        """A full tile or bundle that may be missing and is there after all: held against the hash of level 1."""
        name = TileName.parse(path)
        if name.level not in (None, 0) or name.n not in unread:
            return
        data = self.reader.read(path)
        if data is None:
            return
        self.reading.files += 1
        if self._root_of_file(name, path, data) != self.tree.tile_roots()[name.n]:
            raise LogInvalid(path, None, "does not hold the entries whose hash tile/1 holds")

    @staticmethod
    def _root_of_file(name: TileName, path: str, data: bytes) -> bytes:
        if name.level == 0:
            return root_of(split(path, data, name.width))
        try:
            entries = decode_bundle(data, name.width)
        except TlogError as error:
            raise LogInvalid(path, None, str(error)) from error
        return root_of([leaf_hash(entry) for entry in entries])

    def _published_since(self, paths: Iterable[str], size: int) -> None:
        """A publisher writes tiles before the checkpoint that covers them: by now that one is there, or they belong to nothing."""
        newest = self._read_checkpoint()[1].size
        expected = {name.path for name in _expected(newest)}
        for path in paths:
            if path not in expected and next(iter(_covering(TileName.parse(path), newest)), None) is None:
                raise LogInvalid(path, None, f"lies beyond the {size} entries of the checkpoint")

    def _compare_older(self, path: str, size: int, first: int) -> bool:
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
            self.reading.files += 1
            if self._is_pruned(whole, first):
                raise LogInvalid(path, None, f"is left of {whole.path}, which is pruned")
            if data != beginning(name, self.reading.read_tile(whole)[1]):
                raise LogInvalid(path, None, f"is not the beginning of {whole.path}")
        return True

    def _is_pruned(self, whole: TileName, first: int) -> bool:
        return whole.level in (None, 0) and whole.n < first and self.reader.read(whole.path) is None


def _expected(size: int) -> Iterator[TileName]:
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
