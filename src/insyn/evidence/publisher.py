"""The published log: tiles, bundles and checkpoint as files that any web server can serve.

Everything is made from the rows, so whatever is lost is made again. The checkpoint, signed elsewhere, is written last, when all that it
speaks of is on the disk. Each file is written aside, flushed and renamed into place, so a reader never sees half of one.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.files import sync
from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.notes import parse_note
from insyn.tlog.retention import may_be_gone
from insyn.tlog.tiles import TILE_WIDTH, TileName, encode_bundle, levels_of, tile_names, widths
from insyn.tlog.tree import TileTree

from .pruning import minimum_index, remove_pruned
from .reader import EvidenceReader
from .tree import cached_tile_roots

_ASIDE = ".publishing"
_FILES_AT_ONCE = 64


class Publisher:
    """Publishes one store into one folder, each time from where it left off.

    Files that are there with the right size are taken for right; ``anew`` writes all of them again.
    """

    def __init__(self, reader: EvidenceReader, folder: Path, *, anew: bool = False) -> None:
        self.reader, self.folder, self._anew = reader, folder, anew
        self._tree = TileTree()
        self._published = 0  # size up to which all files are known to be there
        self._minimum = 0  # entries before it are not published, see insyn.evidence.pruning
        self._pending: list[tuple[Path, str]] = []
        self._aside = folder / _ASIDE
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._aside, ignore_errors=True)

    def publish(self, note: str = "") -> Checkpoint | None:
        """Publish the log up to a signed checkpoint (the store's newest, if none is given). Returns what was published.

        Returns ``None`` while there is no checkpoint. Raises :class:`StoreFailed` when the rows are not what was signed, or when an
        already published checkpoint does not continue in it; :class:`InvalidInput` for a note that is no checkpoint.
        """
        note = note or self.reader.checkpoint_note()
        if not note:
            return None
        checkpoint = _read_checkpoint(note)
        before = self._published_checkpoint()
        if before is not None and before.size > checkpoint.size:
            raise StoreFailed(f"a checkpoint of {before.size} entries is published, it cannot go back to {checkpoint.size}")
        self._minimum = minimum_index(self.folder)
        if self._minimum > checkpoint.size:
            raise InvalidInput(
                f"says that entries below {self._minimum} are pruned, the log has {checkpoint.size}",
                place="retention.json",
                mend="Put back the policy as it was published, or take it away to publish all entries.",
            )
        remove_pruned(self.folder, self._minimum)  # what an interrupted pruning left
        self._aside.mkdir(exist_ok=True)
        self._write_bundles(checkpoint.size, before)
        if self._tree.size != checkpoint.size or self._tree.root() != checkpoint.root:
            raise StoreFailed(f"the first {checkpoint.size} entries are not those of the checkpoint that was to be published")
        for level in range(1, len(levels_of(checkpoint.size))):
            self._write_level(level, checkpoint.size)
        self._settle()
        self._write("checkpoint", note.encode())
        self._settle()
        self._drop_partials(before.size if before else 0, checkpoint.size)
        shutil.rmtree(self._aside)
        self._published, self._anew = checkpoint.size, False
        return checkpoint

    def _published_checkpoint(self) -> Checkpoint | None:
        path = self.folder / "checkpoint"
        return _read_checkpoint(path.read_text(encoding="utf-8")) if path.exists() else None

    def _write_bundles(self, size: int, before: Checkpoint | None) -> None:
        """Level 0 and the bundles, from the first tile that is not known to be there whole."""
        if self._tree.size == 0 and before is not None and not self._anew:
            self._tree = self._tree_of_files(before.size)
        tree = self._tree
        tree.drop_partial()
        _same_root(tree, before)
        for first in range(tree.size, size, TILE_WIDTH):
            count = min(TILE_WIDTH, size - first)
            entries = self._entries(first, count)
            leaves = [leaf_hash(entry) for entry in entries]
            for leaf in leaves:
                tree.append(leaf)
                _same_root(tree, before)
            n = first // TILE_WIDTH
            self._write_if_missing(TileName(None, n, count), encode_bundle(entries))
            self._write_if_missing(TileName(0, n, count), b"".join(leaves))

    def _tree_of_files(self, size: int) -> TileTree:
        """The tree of the full tiles that are published without a gap, from the store's tile cache."""
        roots: list[bytes] = []
        for n, root in enumerate(cached_tile_roots(self.reader.connection)[: size // TILE_WIDTH]):
            tile = self.folder / TileName(0, n).path
            gone = may_be_gone(TileName(0, n), self._minimum)
            if not gone and not ((self.folder / TileName(None, n).path).exists() and tile.exists()):
                break
            roots.append(root)
        return TileTree.from_tile_roots(roots)

    def _entries(self, first: int, count: int) -> list[bytes]:
        rows = self.reader.entries(first, count)
        if [index for index, _ in rows] != list(range(first, first + count)):
            raise StoreFailed(f"the store lacks an entry between {first} and {first + count - 1}")
        return [data for _, data in rows]

    def _write_level(self, level: int, size: int) -> None:
        hashes = self._tree.level(level)
        full, rest = widths(size, level)
        for n in range(self._published >> (8 * (level + 1)), full + 1):
            width = TILE_WIDTH if n < full else rest
            if width:
                first = n * TILE_WIDTH
                self._write_if_missing(TileName(level, n, width), b"".join(hashes[first : first + width]))

    def _write_if_missing(self, name: TileName, data: bytes) -> None:
        if may_be_gone(name, self._minimum):
            return
        path = self.folder / name.path
        if self._anew or not path.exists() or path.stat().st_size != len(data):
            self._write(name.path, data)

    def _write(self, path: str, data: bytes) -> None:
        aside = self._aside / str(len(self._pending))
        aside.write_bytes(data)
        self._pending.append((aside, path))
        if len(self._pending) >= _FILES_AT_ONCE:
            self._settle()

    def _settle(self) -> None:
        """Flush the files that were written aside and rename them into place."""
        folders: set[Path] = set()
        for aside, _ in self._pending:
            sync(aside)
        for aside, path in self._pending:
            target = self.folder / path
            folders.update(_make_parents(target.parent, self.folder))
            aside.replace(target)
        for folder in folders:
            sync(folder)
        self._pending.clear()

    def _drop_partials(self, before: int, size: int) -> None:
        """Partial tiles may go once the full tile is there; partial ones of the last tile stay, for whoever holds that checkpoint."""
        for name in _partials(before):
            if name.n < widths(size, name.level or 0)[0]:
                shutil.rmtree((self.folder / name.path).parent, ignore_errors=True)


def publish(reader: EvidenceReader, folder: Path, *, note: str = "", anew: bool = False) -> Checkpoint | None:
    """Publish once, see :class:`Publisher`."""
    return Publisher(reader, folder, anew=anew).publish(note)


def _same_root(tree: TileTree, before: Checkpoint | None) -> None:
    if before is not None and tree.size == before.size and tree.root() != before.root:
        raise StoreFailed(f"the published checkpoint of {before.size} entries is not the beginning of this log")


def _partials(size: int) -> Iterator[TileName]:
    return (name for name in tile_names(size) if name.width < TILE_WIDTH)


def _read_checkpoint(note: str) -> Checkpoint:
    try:
        return Checkpoint.parse(parse_note(note)[0])
    except TlogError as error:
        raise InvalidInput(f"not a signed checkpoint: {error}", place="checkpoint") from error


def _make_parents(folder: Path, root: Path) -> set[Path]:
    """Make the folders of a file; returns those whose content changes."""
    changed = {folder}
    while not folder.exists():
        changed.add(folder.parent)
        folder = folder.parent
    for missing in sorted(changed):
        missing.mkdir(exist_ok=True)
    return {path for path in changed if path == root or root in path.parents}
