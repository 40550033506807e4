"""Files, tables and pragmas of the store.

What is erased must leave no copy in a free or half-used page. ``secure_delete`` zeroes what is deleted; but when SQLite splits or merges
pages it leaves copies of the moved rows in the unused part of the old page. Hence two rules: tables with content (``payload``,
``fact_row``) are only appended to, which splits nothing, and their rows are never deleted but overwritten in place by zeros of the same
length. Tables are STRICT, so a value of another type than its column's cannot get in. Keyed hashes in ``tag`` may linger in such a page
until :meth:`EvidenceStore.scrub`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import apsw

from insyn.core.errors import StoreFailed

EVIDENCE_FILE = "evidence.sqlite"
KEY_FILE = "keys.sqlite"
LOCK_FILE = "writer.lock"
SCHEMA_VERSION = 1
_BUSY_MS = 5_000
_READER_MS = 50  # how long to wait for a reader to finish before the WAL is emptied

EVIDENCE_TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, STRICT;
-- the truth: everything published is made from these rows
CREATE TABLE entry(idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL, leaf BLOB NOT NULL) STRICT;
-- roots of full level 0 tiles: a cache, made outside the hot path, can be lost
CREATE TABLE tile(n INTEGER PRIMARY KEY, root BLOB NOT NULL) STRICT;
CREATE TABLE payload(
  idx INTEGER PRIMARY KEY, key_id INTEGER NOT NULL, sealed BLOB NOT NULL, fact_id TEXT, case_tag BLOB, subject_tag BLOB) STRICT;
CREATE TABLE erased(idx INTEGER PRIMARY KEY, shred INTEGER NOT NULL, key_id INTEGER NOT NULL) STRICT;
CREATE TABLE fact_row(
  idx INTEGER PRIMARY KEY, erased INTEGER NOT NULL, fact_id TEXT NOT NULL, month TEXT NOT NULL, system TEXT NOT NULL,
  version TEXT NOT NULL, stage TEXT NOT NULL, outcome TEXT NOT NULL, score_bin INTEGER, groups TEXT NOT NULL, features TEXT NOT NULL,
  about TEXT NOT NULL) STRICT;
CREATE VIEW fact AS SELECT fact_id, month, system, version, stage, outcome, score_bin, groups, features, about
  FROM fact_row WHERE erased = 0;
-- 16 bytes -> entries: a rid (the entry itself and those about it), or the keyed hash of a case, subject or idempotency key
CREATE TABLE tag(tag BLOB, idx INTEGER, PRIMARY KEY(tag, idx)) WITHOUT ROWID, STRICT;
CREATE TABLE answer(idx INTEGER PRIMARY KEY, tag BLOB NOT NULL, digest BLOB NOT NULL, answer BLOB NOT NULL) STRICT;
CREATE TABLE waiting(system TEXT, idx INTEGER, PRIMARY KEY(system, idx)) WITHOUT ROWID, STRICT;
CREATE TABLE decided(idx INTEGER PRIMARY KEY, decided_by TEXT NOT NULL) STRICT;
CREATE TABLE permit(system TEXT PRIMARY KEY, epoch INTEGER NOT NULL, signed BLOB NOT NULL) WITHOUT ROWID, STRICT;
CREATE TABLE stop(system TEXT PRIMARY KEY, row BLOB NOT NULL) WITHOUT ROWID, STRICT;
"""

#: Tables that came later: made at the next opening for writing. A reader meets an older file only before that.
EVIDENCE_ADDITIONS = """
-- keyed hashes of the rows that no entry commits to, see insyn.evidence.vouch
CREATE TABLE IF NOT EXISTS vouch(place TEXT PRIMARY KEY, mac BLOB NOT NULL) WITHOUT ROWID, STRICT;
-- legal holds by the index of their entry: a whole system, a case (by keyed hash) or a record; lifted by the entry with that index, -1: holds
CREATE TABLE IF NOT EXISTS hold(idx INTEGER PRIMARY KEY, system TEXT NOT NULL, case_tag BLOB, rid TEXT NOT NULL, lifted INTEGER NOT NULL) STRICT;
-- months whose key is destroyed, by the index of the shred entry; next: the payload row from which the wiping goes on, -1: done
CREATE TABLE IF NOT EXISTS disposal(
  shred INTEGER PRIMARY KEY, kek INTEGER NOT NULL, system TEXT NOT NULL, retention TEXT NOT NULL, month TEXT NOT NULL,
  next INTEGER NOT NULL) STRICT;
"""

KEY_TABLES = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, STRICT;
-- one wrapping key per system, retention class and month, itself wrapped by the root key
CREATE TABLE kek(
  id INTEGER PRIMARY KEY AUTOINCREMENT, system TEXT NOT NULL, retention TEXT NOT NULL, month TEXT NOT NULL, wrapped BLOB NOT NULL,
  UNIQUE(system, retention, month)) STRICT;
CREATE TABLE record_key(id INTEGER PRIMARY KEY AUTOINCREMENT, kek INTEGER NOT NULL, wrapped BLOB NOT NULL) STRICT;
"""
KEY_ADDITIONS = """
-- month keys of what is kept for good, sealed to the archive authority's public key (recipient names it), with a keyed hash of the row
CREATE TABLE IF NOT EXISTS escrow(kek INTEGER PRIMARY KEY, recipient TEXT NOT NULL, sealed BLOB NOT NULL, mac BLOB NOT NULL) STRICT;
"""


def connect(path: Path, *, tables: str, additions: str = "", vfs: str | None = None) -> apsw.Connection:
    """Open for writing, made with its tables if missing. Raises :class:`StoreFailed` for another schema version."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # SQLite gives -wal and -shm the same mode
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
    connection.set_busy_timeout(_BUSY_MS)
    _set_pragmas(connection)
    # A checkpoint that SQLite makes by itself hides its errors; a hidden failed flush is lost data. See EvidenceStore.flush_wal.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    version = connection.pragma("user_version")
    if version == 0:
        with immediately(connection):
            connection.execute(tables)
            connection.pragma("user_version", SCHEMA_VERSION)
    elif version != SCHEMA_VERSION:
        raise StoreFailed(f"{path.name} has schema version {version}, this program writes {SCHEMA_VERSION}")
    if additions:
        connection.execute(additions)
    return connection


def connect_read_only(path: Path) -> apsw.Connection:
    """Open beside the writer, without writing. Raises :class:`StoreFailed` when the file is missing or another version."""
    if not path.exists():
        raise StoreFailed(f"there is no {path.name} in {path.parent.name}")
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(_BUSY_MS)
    connection.execute("PRAGMA temp_store=MEMORY")
    version = connection.pragma("user_version")
    if version != SCHEMA_VERSION:
        raise StoreFailed(f"{path.name} has schema version {version}, this program reads {SCHEMA_VERSION}")
    return connection


def _set_pragmas(connection: apsw.Connection) -> None:
    for pragma in ("synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def immediately(connection: apsw.Connection) -> Iterator[None]:
    """One IMMEDIATE transaction outside the hot path. A commit that fails is not tried again."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: apsw.Connection) -> None:
    """Give up the open transaction, if SQLite has not done so. In WAL mode this writes nothing."""
    if connection.in_transaction:
        with suppress(apsw.Error):
            connection.execute("ROLLBACK")


def close_as_it_is(connection: apsw.Connection) -> None:
    """Close without folding the WAL back, which would write and flush."""
    with suppress(apsw.Error):
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.close()


def flush_wal(connection: apsw.Connection, *, truncate: bool = False) -> bool:
    """Copy the WAL into the file; with ``truncate`` also empty it, so that no old page image stays.

    Returns false when a reader stood in the way. Raises an ``apsw.Error`` when a flush fails; the caller must then stop writing, since
    a flush that is tried again can seem to succeed.
    """
    mode = apsw.SQLITE_CHECKPOINT_TRUNCATE if truncate else apsw.SQLITE_CHECKPOINT_PASSIVE
    connection.set_busy_timeout(_READER_MS)  # decisions wait meanwhile
    try:
        connection.wal_checkpoint(mode=mode)
    except apsw.BusyError:
        return False
    finally:
        connection.set_busy_timeout(_BUSY_MS)
    return True
