"""The key file: record keys made ahead in blocks and durable before use, wrapped by month keys, wrapped by the root key.

A key that was made and never used is harmless: after a restart the rest of a block is skipped, never handed out again, so no key seals
two texts. Wrapping is RFC 3394, which needs no nonce.
"""

from __future__ import annotations

import os
from pathlib import Path

import apsw
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from insyn.core.errors import InvalidInput

from .errors import WrongRootKey
from .mac import Mac
from .schema import KEY_TABLES, connect, connect_read_only, immediately
from .seal import KEY_BYTES

#: Sizes of a class's first, second and later blocks: a system with three decisions a month needs no 4096 keys.
BLOCK_SIZES = (64, 512, 4096)
_INDEX_KEY = "index_key"
KeyClass = tuple[str, str, str]


class _Block:
    """Keys of one class that are durable and not used yet."""

    __slots__ = ("keys", "made", "next_id")

    def __init__(self) -> None:
        self.keys: list[bytes] = []  # last one first, taken from the end
        self.next_id = 0
        self.made = 0


class KeyFile:
    """Hands out, finds and destroys record keys, and makes the keyed hashes of cases and subjects."""

    def __init__(self, connection: apsw.Connection, root_key: bytes) -> None:
        if len(root_key) != KEY_BYTES:
            raise InvalidInput(f"the root key has {KEY_BYTES} bytes, not {len(root_key)}")
        self.connection = connection
        self._root_key = root_key
        self._blocks: dict[KeyClass, _Block] = {}
        self._keks: dict[int, bytes] = {}
        self._index = Mac(self._load_index_key())

    @classmethod
    def open(cls, path: Path, root_key: bytes, *, vfs: str | None = None) -> KeyFile:
        """Open for writing. Raises :class:`WrongRootKey`."""
        connection = connect(path, tables=KEY_TABLES, vfs=vfs)
        if connection.execute("SELECT count(*) FROM meta WHERE key = ?", (_INDEX_KEY,)).get == 0:
            wrapped = aes_key_wrap(root_key, os.urandom(KEY_BYTES))
            connection.execute("INSERT INTO meta VALUES(?, ?)", (_INDEX_KEY, wrapped))
        return cls(connection, root_key)

    @classmethod
    def open_read_only(cls, path: Path, root_key: bytes) -> KeyFile:
        return cls(connect_read_only(path), root_key)

    def _load_index_key(self) -> bytes:
        return self._unwrap_by_root(self.connection.execute("SELECT value FROM meta WHERE key = ?", (_INDEX_KEY,)).get or b"")

    def _unwrap_by_root(self, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._root_key, wrapped)
        except (InvalidUnwrap, ValueError) as error:
            raise WrongRootKey("the root key does not open the key file; give the one that it was made with") from error

    def tag(self, kind: str, *parts: str) -> bytes:
        """Keyed hash (16 bytes) of a case, subject or idempotency key."""
        return self._index.digest("\0".join((kind, *parts)).encode())[:16]

    def mask(self, tag: bytes, digest: bytes) -> bytes:
        """Hide or show a request's digest: alone, the hash of a body that could be guessed would betray it."""
        stream = self._index.digest(b"digest\0" + tag)
        return (int.from_bytes(stream[: len(digest)], "big") ^ int.from_bytes(digest, "big")).to_bytes(len(digest), "big")

    def take(self, system: str, retention: str, month: str) -> tuple[int, bytes]:
        """Id and key for one record. Raises an ``apsw.Error`` when a new block cannot be made durable."""
        name = (system, retention, month)
        block = self._blocks.get(name)
        if block is None or not block.keys:
            block = self._make_block(name)
        key_id = block.next_id
        block.next_id += 1
        return key_id, block.keys.pop()

    def _make_block(self, name: KeyClass) -> _Block:
        block = self._blocks.setdefault(name, _Block())
        size = BLOCK_SIZES[min(block.made, len(BLOCK_SIZES) - 1)]
        keys = [os.urandom(KEY_BYTES) for _ in range(size)]
        with immediately(self.connection):
            kek_id = self._kek_of(name)
            kek = self._kek(kek_id)
            first = (self.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record_key'").get or 0) + 1
            rows = [(first + number, kek_id, aes_key_wrap(kek, key)) for number, key in enumerate(keys)]
            self.connection.executemany("INSERT INTO record_key VALUES(?, ?, ?)", rows)
        block.keys, block.next_id, block.made = keys[::-1], first, block.made + 1
        return block

    def _kek_of(self, name: KeyClass) -> int:
        found = self.connection.execute("SELECT id FROM kek WHERE system = ? AND retention = ? AND month = ?", name).get
        if found is None:
            wrapped = aes_key_wrap(self._root_key, os.urandom(KEY_BYTES))
            self.connection.execute("INSERT INTO kek(system, retention, month, wrapped) VALUES(?, ?, ?, ?)", (*name, wrapped))
            found = self.connection.last_insert_rowid()
        return int(found)

    def _kek(self, kek_id: int) -> bytes:
        kek = self._keks.get(kek_id)
        if kek is None:
            wrapped = self.connection.execute("SELECT wrapped FROM kek WHERE id = ?", (kek_id,)).get
            kek = self._keks[kek_id] = self._unwrap_by_root(wrapped or b"")
        return kek

    def key_of(self, key_id: int) -> bytes | None:
        """A record's key, ``None`` when it is destroyed. Raises :class:`InvalidInput` for a row that does not unwrap."""
        row = self.connection.execute("SELECT kek, wrapped FROM record_key WHERE id = ?", (key_id,)).fetchone()
        if row is None:
            return None
        try:
            return aes_key_unwrap(self._kek(row[0]), row[1])
        except (InvalidUnwrap, ValueError) as error:
            raise InvalidInput(f"record key {key_id} does not unwrap") from error

    def has(self, key_id: int) -> bool:
        return bool(self.connection.execute("SELECT EXISTS(SELECT 1 FROM record_key WHERE id = ?)", (key_id,)).get)

    def class_of(self, key_id: int) -> KeyClass | None:
        """System, retention class and month that a key was made for."""
        row = self.connection.execute(
            "SELECT system, retention, month FROM record_key JOIN kek ON kek.id = kek WHERE record_key.id = ?", (key_id,)
        ).fetchone()
        return None if row is None else (row[0], row[1], row[2])

    def destroy(self, key_ids: list[int]) -> None:
        """Delete wrapped keys, durably. Raises an ``apsw.Error``."""
        with immediately(self.connection):
            self.connection.executemany("DELETE FROM record_key WHERE id = ?", [(key_id,) for key_id in key_ids])

    def close(self) -> None:
        self.connection.close()
