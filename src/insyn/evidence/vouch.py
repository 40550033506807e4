"""What lets the key file vouch for rows that no entry commits to: a keyed hash for each, and one over all of them.

Entries stand in the tree and sealed records under their keys. The small tables (:data:`TABLES`) have neither: who edits the file could put
another row there. So each of their rows has a keyed hash in the table ``vouch``, and the row ``''`` holds one over all of these, so that a
row deleted together with its hash, or put back from yesterday, shows too. Remembered answers are many: each row bears its hash itself, with
the index of the answer before it, and the last one's index is kept under :data:`LAST_ANSWER` at each checkpoint.

The key is made from the key file's index key, which the wrapping key from outside the disk protects. ``since`` is the size of the log when
vouching began: 0, but for a store that was made before there was any.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import apsw
import msgspec

from .keys import KeyFile

#: Tables with few rows, the first column of each its key.
TABLES = ("meta", "permit", "stop", "hold", "disposal")
#: Name in the store's meta of the index of the newest remembered answer.
LAST_ANSWER = "answers"
_ALL = ""
_DIGEST_BYTES = 32
_PREVIOUS_BYTES = 8
_MAC_BYTES = 16
_HELD = 1 + _DIGEST_BYTES + _PREVIOUS_BYTES
VOUCHED_DIGEST = _HELD + _MAC_BYTES
_encode = msgspec.msgpack.Encoder().encode


class Vouched:
    """The keyed hashes as the writer holds them."""

    def __init__(self, connection: apsw.Connection, keys: KeyFile) -> None:
        self._connection, self._keys = connection, keys
        self._shelves: list[dict[str, bytes]] = []
        self._digests: list[bytes] = []
        self._noted: set[tuple[str, str | int]] = set()
        self.since = 0
        self.load()

    def load(self) -> None:
        """Read what stands in the table: at the start, and after a transaction was rolled back."""
        macs = dict(self._connection.execute("SELECT place, mac FROM vouch"))
        total = macs.pop(_ALL, None)
        self._noted.clear()
        self._shelves = shelved(macs)
        self._digests = [_shelf_digest(shelf) for shelf in self._shelves]
        self.since = int.from_bytes(total[:8], "big") if total else 0

    @property
    def begun(self) -> bool:
        return bool(self._connection.execute("SELECT EXISTS(SELECT 1 FROM vouch)").get)

    def begin(self, size: int) -> None:
        """Vouch for what is there. Call it inside a transaction, once in the life of a store."""
        self.since = size
        for place, content in contents(self._connection):
            self._put(place, content)
        self._put_total()

    def note(self, table: str, key: str | int) -> None:
        """A row of a small table was written in the transaction that is open. Its hash is made when the transaction ends."""
        self._noted.add((table, key))

    def settle(self) -> None:
        """The hashes of the rows that were written, and the one over all. The last statements of a transaction."""
        if not self._noted:
            return
        for table, key in self._noted:
            row = self._connection.execute(f"SELECT * FROM {table} WHERE {_KEYS[table]} = ?", (key,)).fetchone()  # noqa: S608 - fixed names
            if row is not None:
                self._put(f"{table} {key}", _encode(row[1:]))
        self._noted.clear()
        self._put_total()

    def _put(self, place: str, content: bytes) -> None:
        mac, number = row_mac(self._keys, place, content), shelf_of(place)
        self._shelves[number][place] = mac
        self._digests[number] = _shelf_digest(self._shelves[number])
        self._connection.execute("INSERT OR REPLACE INTO vouch VALUES(?, ?)", (place, mac))

    def _put_total(self) -> None:
        self._connection.execute("INSERT OR REPLACE INTO vouch VALUES(?, ?)", (_ALL, _total(self._keys, self._digests, self.since)))


_KEYS = {"meta": "key", "permit": "system", "stop": "system", "hold": "idx", "disposal": "shred"}


def contents(connection: apsw.Connection) -> Iterator[tuple[str, bytes]]:
    """Place and content of every row of the small tables."""
    for table in TABLES:
        for row in connection.execute(f"SELECT * FROM {table}").fetchall():  # noqa: S608 - fixed names
            yield f"{table} {row[0]}", _encode(row[1:])


def row_mac(keys: KeyFile, place: str, content: bytes) -> bytes:
    return keys.vouch(place.encode() + b"\0" + content)


def total_mac(keys: KeyFile, macs: dict[str, bytes], since: int) -> bytes:
    """What stands in the row ``''``."""
    return _total(keys, [_shelf_digest(shelf) for shelf in shelved(macs)], since)


def _total(keys: KeyFile, digests: list[bytes], since: int) -> bytes:
    begun = since.to_bytes(8, "big")
    return begun + keys.vouch(b"\0" + begun + b"".join(digests))


def shelf_of(place: str) -> int:
    """Places lie on 256 shelves, so that one row written costs one shelf and not a hash over thousands of rows."""
    return sha256(place.encode()).digest()[0]


def shelved(macs: dict[str, bytes]) -> list[dict[str, bytes]]:
    shelves: list[dict[str, bytes]] = [{} for _ in range(256)]
    for place, mac in macs.items():
        shelves[shelf_of(place)][place] = mac
    return shelves


def _shelf_digest(shelf: dict[str, bytes]) -> bytes:
    return sha256(b"".join(_encode((place, shelf[place])) for place in sorted(shelf))).digest()


def answer_digest(keys: KeyFile, index: int, tag: bytes, digest: bytes, answer: bytes, previous: int) -> bytes:
    """What stands in an answer's column ``digest``: the masked digest with its length, the index of the answer before it (-1: none), and
    the keyed hash."""
    held = bytes((len(digest),)) + digest.ljust(_DIGEST_BYTES, b"\0") + previous.to_bytes(_PREVIOUS_BYTES, "big", signed=True)
    return held + keys.vouch(b"answer\0" + _encode((index, tag, held, answer)))[:_MAC_BYTES]


def previous_answer(digest: bytes) -> int:
    """Index of the answer that was remembered before this one."""
    return int.from_bytes(digest[1 + _DIGEST_BYTES : _HELD], "big", signed=True)


def masked_digest(digest: bytes) -> bytes:
    """The masked digest alone, also of a row from before there was any vouching."""
    return digest[1 : 1 + digest[0]] if len(digest) == VOUCHED_DIGEST else digest


def answer_holds(keys: KeyFile, index: int, tag: bytes, digest: bytes, answer: bytes) -> bool:
    """Whether a row of ``answer`` is the one that was written."""
    if len(digest) != VOUCHED_DIGEST:
        return False
    held = digest[:_HELD]
    return digest[_HELD:] == keys.vouch(b"answer\0" + _encode((index, tag, held, answer)))[:_MAC_BYTES]
