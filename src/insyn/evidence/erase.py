"""Erasure of one record, and what a crash left of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import apsw

from .errors import RecordErased, RecordUnknown
from .keys import KeyFile
from .schema import flush_wal

if TYPE_CHECKING:
    from .store import EvidenceStore


def record_to_erase(store: EvidenceStore, rid: str) -> int:
    """Index of a record that has something to erase. Raises :class:`RecordUnknown` or :class:`RecordErased`."""
    index = store.index_of(rid)
    if index is None or not store.connection.execute("SELECT EXISTS(SELECT 1 FROM payload WHERE idx = ?)", (index,)).get:
        raise RecordUnknown(f"no sealed record {rid}")
    if store.is_erased(index):
        raise RecordErased(f"record {rid} is erased already")
    return index


def still_there(store: EvidenceStore, rids: Iterable[str]) -> list[tuple[str, int]]:
    """Those of the records that have something to erase, each with its index."""
    found = []
    for rid in rids:
        with contextlib.suppress(RecordErased, RecordUnknown):
            found.append((rid, record_to_erase(store, rid)))
    return found


def finish_erasures(connection: apsw.Connection, keys: KeyFile) -> None:
    """Destroy keys that still exist although their shred entry stands.

    Happens after a crash between the two, and when an old copy of the key file was put back. Raises an ``apsw.Error``.
    """
    left = [row[0] for row in connection.execute("SELECT key_id FROM erased") if keys.has(row[0])]
    if left:
        keys.destroy(left)
    for (kek,) in list(connection.execute("SELECT kek FROM disposal")):
        keys.destroy_kek(kek)
    for file in (connection, keys.connection):
        flush_wal(file, truncate=True)
