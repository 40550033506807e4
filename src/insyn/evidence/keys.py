"""The key file: record keys made ahead in blocks and durable before use, wrapped by month keys, wrapped by the root key.

A key that was made and never used is harmless: after a restart the rest of a block is skipped, never handed out again, so no key seals
two texts. Wrapping is RFC 3394, which needs no nonce.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import apsw
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from insyn.core.errors import InvalidInput

from .errors import WrongRootKey
from .escrow import PRESERVE, recipient_of, seal_key
from .mac import Mac
from .schema import KEY_ADDITIONS, KEY_TABLES, connect, connect_read_only, immediately
from .seal import KEY_BYTES

#: Sizes of a class's first, second and later blocks: a system with three decisions a month needs no 4096 keys.
BLOCK_SIZES = (64, 512, 4096)
#: Record keys that are looked through at once when those of a destroyed month key are deleted.
FORGOTTEN_AT_ONCE = 10_000
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
        self._archive = b""
        self._blocks: dict[KeyClass, _Block] = {}
        self._keks: dict[int, bytes] = {}
        self._forgotten: dict[int, int] = {}
        self._index = Mac(self._load_index_key())

    @classmethod
    def open(cls, path: Path, root_key: bytes, *, vfs: str | None = None) -> KeyFile:
        """Open for writing. Raises :class:`WrongRootKey`."""
        connection = connect(path, tables=KEY_TABLES, additions=KEY_ADDITIONS, vfs=vfs)
        if connection.execute("SELECT (SELECT count(*) FROM meta) + (SELECT count(*) FROM kek)").get == 0:
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

    def drawn_by(self, system: str, rid: str, *, case: str, subject: str) -> str:
        """What the draw is made by: the case; where none is named the person (in normal form); otherwise the record's own id.

        So proposals of one case are drawn alike, and none of them tells what another holds back.
        """
        if case.strip():
            return self.tag("case", system, case).hex()
        return self.tag("drawn", system, subject).hex() if subject else rid

    def is_drawn(self, by: str, share: int) -> bool:
        """Whether the draw takes what is drawn by this, when it takes ``share`` of a thousand."""
        return share > 0 and int.from_bytes(self._index.digest(b"blind\0" + by.encode())[:8], "big") % 1_000 < share

    def vouch(self, message: bytes) -> bytes:
        """Keyed hash (32 bytes) of a row that no entry commits to."""
        return self._index.digest(b"vouch\0" + message)

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
            if name[1] == PRESERVE and self._archive:
                self._put_escrow(int(found), name)
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
        if row is None or not self.connection.execute("SELECT EXISTS(SELECT 1 FROM kek WHERE id = ?)", (row[0],)).get:
            return None
        try:
            return aes_key_unwrap(self._kek(row[0]), row[1])
        except (InvalidUnwrap, ValueError, WrongRootKey) as error:
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

    # --------------------------------------------------------------------------------------------------------- whole months

    def find_kek(self, name: KeyClass) -> int | None:
        """The id of a month key."""
        found = self.connection.execute("SELECT id FROM kek WHERE system = ? AND retention = ? AND month = ?", name).get
        return None if found is None else int(found)

    def kek_of_key(self, key_id: int) -> int | None:
        """The month key that a record key was wrapped by, also when it is destroyed."""
        found = self.connection.execute("SELECT kek FROM record_key WHERE id = ?", (key_id,)).get
        return None if found is None else int(found)

    def keys_under(self, kek: int, of: Iterable[int]) -> frozenset[int]:
        """Which of these record keys were wrapped by a month key, also when it is destroyed."""
        statement = "SELECT id FROM record_key WHERE kek = ? AND id IN (SELECT value FROM json_each(?))"
        return frozenset(row[0] for row in self.connection.execute(statement, (kek, json.dumps(list(of)))))

    # ------------------------------------------------------------------------------------------------------------------ escrow

    def escrow_to(self, public: bytes) -> None:
        """From now on month keys of what is kept for good are sealed to this key when they are made; those that are not yet are so at once."""
        if not public:
            return
        self._archive = public
        statement = "SELECT id, system, retention, month FROM kek LEFT JOIN escrow ON kek = id WHERE retention = ? AND recipient IS NOT ?"
        rows = list(self.connection.execute(statement, (PRESERVE, recipient_of(public))))
        if rows:
            with immediately(self.connection):
                for kek, *name in rows:
                    self._put_escrow(kek, (name[0], name[1], name[2]))

    def _put_escrow(self, kek: int, name: KeyClass) -> None:
        recipient = recipient_of(self._archive)
        sealed = seal_key(self._archive, self._kek(kek), system=name[0], month=name[2])
        mac = self.escrow_mac(kek, name[0], name[2], recipient, sealed)
        self.connection.execute("INSERT OR REPLACE INTO escrow VALUES(?, ?, ?, ?)", (kek, recipient, sealed, mac))

    def escrow_mac(self, kek: int, system: str, month: str, recipient: str, sealed: bytes) -> bytes:
        """The keyed hash that a row of ``escrow`` bears."""
        return self.vouch(b"escrow\0" + "\0".join((str(kek), system, month, recipient)).encode() + b"\0" + sealed)

    def is_escrowed(self, kek: int) -> bool:
        return bool(self.connection.execute("SELECT EXISTS(SELECT 1 FROM escrow WHERE kek = ?)", (kek,)).get)

    def destroy_kek(self, kek: int) -> None:
        """Delete a month key, durably: nothing sealed under it opens any more. Raises an ``apsw.Error``."""
        row = self.connection.execute("SELECT system, retention, month FROM kek WHERE id = ?", (kek,)).fetchone()
        if row is None:
            return
        with immediately(self.connection):
            self.connection.execute("DELETE FROM kek WHERE id = ?", (kek,))
        self._keks.pop(kek, None)
        self._blocks.pop((row[0], row[1], row[2]), None)

    def forget_keys(self, kek: int) -> bool:
        """Delete some of the record keys that a destroyed month key wrapped. True while there is more to do. Raises an ``apsw.Error``."""
        start = self._forgotten.pop(kek, 0)
        last = self.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'record_key'").get or 0
        with immediately(self.connection):
            self.connection.execute("DELETE FROM record_key WHERE kek = ? AND id > ? AND id <= ?", (kek, start, start + FORGOTTEN_AT_ONCE))
        if start + FORGOTTEN_AT_ONCE < last:
            self._forgotten[kek] = start + FORGOTTEN_AT_ONCE  # after a restart from the beginning: what is gone costs little
        return kek in self._forgotten

    def close(self) -> None:
        self.connection.close()


def opens_under(root_key: bytes, wrapped: bytes) -> bool:
    """Whether a wrapped month key is one of this root key."""
    try:
        return len(aes_key_unwrap(root_key, wrapped)) == KEY_BYTES
    except (InvalidUnwrap, ValueError):
        return False
