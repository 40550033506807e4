"""A second tree, written straight from RFC 6962 section 2.1, as the oracle; and logs published in a folder without any store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.notes import NoteSigner, sign_note
from insyn.tlog.tiles import TileName, encode_bundle, levels_of, tiles_of
from insyn.tlog.tree import TileTree

ORIGIN = "log.example/kommun"


def split_at(size: int) -> int:
    """Largest power of two smaller than ``size``."""
    power = 1
    while power * 2 < size:
        power *= 2
    return power


class Oracle:
    """MTH, PATH and PROOF of RFC 6962, by recursion over leaf hashes."""

    def root(self, leaves: Sequence[bytes]) -> bytes:
        if not leaves:
            return hashlib.sha256(b"").digest()
        if len(leaves) == 1:
            return leaves[0]
        k = split_at(len(leaves))
        return hashlib.sha256(b"\x01" + self.root(leaves[:k]) + self.root(leaves[k:])).digest()

    def path(self, index: int, leaves: Sequence[bytes]) -> list[bytes]:
        if len(leaves) == 1:
            return []
        k = split_at(len(leaves))
        if index < k:
            return [*self.path(index, leaves[:k]), self.root(leaves[k:])]
        return [*self.path(index - k, leaves[k:]), self.root(leaves[:k])]

    def proof(self, old: int, leaves: Sequence[bytes]) -> list[bytes]:
        return self._subproof(old, leaves, whole=True) if 0 < old < len(leaves) else []

    def _subproof(self, old: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
        if old == len(leaves):
            return [] if whole else [self.root(leaves)]
        k = split_at(len(leaves))
        if old <= k:
            return [*self._subproof(old, leaves[:k], whole=whole), self.root(leaves[k:])]
        return [*self._subproof(old - k, leaves[k:], whole=False), self.root(leaves[:k])]


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    return Oracle()


@pytest.fixture(scope="session")
def signer() -> NoteSigner:
    return NoteSigner(ORIGIN, bytes(range(32)))


@pytest.fixture
def write_log(signer: NoteSigner) -> Callable[[Path, Sequence[bytes]], Checkpoint]:
    """Write a log of these entries into a folder, plainly, file by file."""

    def write(folder: Path, entries: Sequence[bytes]) -> Checkpoint:
        leaves = [leaf_hash(entry) for entry in entries]
        tree = TileTree()
        tree.append_all(leaves)
        files = {}
        for name in tiles_of(len(entries), None):
            files[name.path] = encode_bundle(entries[name.n * 256 : name.n * 256 + name.width])
        for level in levels_of(len(entries)):
            hashes = tree.level(level) if level else leaves
            for name in tiles_of(len(entries), level):
                files[TileName(level, name.n, name.width).path] = b"".join(hashes[name.n * 256 : name.n * 256 + name.width])
        checkpoint = Checkpoint(ORIGIN, len(entries), tree.root())
        files["checkpoint"] = sign_note(checkpoint.body(), signer).encode()
        for path, data in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        return checkpoint

    return write
