"""What a witness keeps: the logs that it watches, and the newest checkpoint of each that it cosigned.

The check of the old size, the new row and its flush are one transaction, and only then is anything signed: so two requests at once, or a
power cut, never make the witness cosign a smaller or another tree than it did before. SQLite with a rollback journal, which any Python brings.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .checkpoint import Checkpoint
from .cosignature import parse_vkey
from .errors import TlogError
from .hashing import EMPTY_ROOT
from .notes import Signer, Verifier, parse_note, signature_line, signed_by
from .proofs import verify_consistency
from .witness import AddCheckpoint

_TABLES = """
CREATE TABLE IF NOT EXISTS log(vkey TEXT PRIMARY KEY, origin TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS seen(origin TEXT PRIMARY KEY, size INTEGER NOT NULL, note TEXT NOT NULL) STRICT;
"""
_BUSY_SECONDS = 10.0
_MAX_SIZE = 2**63 - 1  # what a row holds


class UnknownLog(TlogError):
    """404: not a log that this witness watches."""


class NotSigned(TlogError):
    """403: no key of the log that the witness knows has signed the checkpoint."""


class BadRequest(TlogError):
    """400."""


class ProofFails(TlogError):
    """422: the proof does not show that the checkpoint continues what the witness has seen."""


class Conflict(TlogError):
    """409. ``size`` is what the witness has seen."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"the newest checkpoint seen has {size} entries")


@dataclass(frozen=True)
class Watched:
    """``seen`` is the newest checkpoint cosigned, if any; ``note`` as it came."""

    origin: str
    vkeys: tuple[str, ...]
    seen: Checkpoint | None
    note: str


class WitnessBook:
    """One file. May be used by several threads, and by several processes beside each other."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        self._connection.execute("PRAGMA journal_mode=DELETE")
        self._connection.execute("PRAGMA synchronous=EXTRA")  # the folder too is flushed before the commit returns
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def watch(self, vkey: str) -> str:
        """Watch the log with this public key; a second key of a log may be added. Returns its origin. Raises :class:`TlogError`."""
        verifier = parse_vkey(vkey)
        with self._transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO log VALUES(?, ?)", (verifier.vkey, verifier.name))
        return verifier.name

    def leave(self, origin: str) -> bool:
        """Watch a log no more. What was cosigned is kept: were it forgotten, the log could start anew with another tree."""
        with self._transaction() as connection:
            return connection.execute("DELETE FROM log WHERE origin = ?", (origin,)).rowcount > 0

    def watched(self) -> list[Watched]:
        with self._transaction() as connection:
            keys: dict[str, list[str]] = {}
            for vkey, origin in connection.execute("SELECT vkey, origin FROM log ORDER BY origin, vkey"):
                keys.setdefault(origin, []).append(vkey)
            notes = dict(connection.execute("SELECT origin, note FROM seen"))
        return [
            Watched(
                origin, tuple(vkeys), Checkpoint.parse(parse_note(notes[origin])[0]) if origin in notes else None, notes.get(origin, "")
            )
            for origin, vkeys in keys.items()
        ]

    def cosign(self, request: AddCheckpoint, signers: Sequence[Signer]) -> str:
        """The signature lines over the checkpoint, once it is kept. Raises the error of each answer, in the order of the protocol."""
        checkpoint, body = self._open(request)
        if request.old > checkpoint.size:
            raise BadRequest(f"the old size {request.old} is larger than the checkpoint's {checkpoint.size}")
        with self._transaction() as connection:
            row = connection.execute("SELECT note FROM seen WHERE origin = ?", (checkpoint.origin,)).fetchone()
            _continues(Checkpoint.parse(parse_note(row[0])[0]) if row else None, request, checkpoint)
            connection.execute("INSERT OR REPLACE INTO seen VALUES(?, ?, ?)", (checkpoint.origin, checkpoint.size, request.note))
        return "".join(signature_line(signer, body) for signer in signers)

    def _open(self, request: AddCheckpoint) -> tuple[Checkpoint, str]:
        try:
            checkpoint = Checkpoint.parse(parse_note(request.note)[0])
        except TlogError as error:
            raise BadRequest(str(error)) from error
        if checkpoint.size > _MAX_SIZE:
            raise BadRequest(f"no log has {checkpoint.size} entries")
        keys = self._keys(checkpoint.origin)
        if not keys:
            raise UnknownLog(f"the log {checkpoint.origin!r} is not watched here")
        try:
            body, signed = signed_by(request.note, keys)
        except TlogError as error:
            raise NotSigned(str(error)) from error
        if not signed:
            raise NotSigned(f"no known key of {checkpoint.origin!r} has signed the checkpoint")
        return checkpoint, body

    def _keys(self, origin: str) -> list[Verifier]:
        with self._transaction() as connection:
            return [parse_vkey(row[0]) for row in connection.execute("SELECT vkey FROM log WHERE origin = ?", (origin,))]


def _continues(seen: Checkpoint | None, request: AddCheckpoint, checkpoint: Checkpoint) -> None:
    size, root = (seen.size, seen.root) if seen else (0, EMPTY_ROOT)
    if request.old != size:
        raise Conflict(size)
    if size == checkpoint.size and root != checkpoint.root:
        raise Conflict(size)
    try:
        verify_consistency(size, root, checkpoint.size, checkpoint.root, request.proof)
    except TlogError as error:
        raise ProofFails(str(error)) from error
