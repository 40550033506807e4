"""Disposal of a whole month: the month key is destroyed, then everything that was sealed under it. And what holds it back.

1. The shred entry and a row of ``disposal`` are one transaction; from then on no new record gets a key of that class and month.
2. The month's key is deleted from the key file: nothing of the month opens any more.
3. The rows are overwritten, some hundred in each transaction, and the place is kept. A crash anywhere is taken up again at the next opening.
4. The record keys, useless without the month's key, are deleted, some thousand at a time; then the row is marked as done, and old pages are
   cleared from both files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import apsw

from insyn.core.entries import EntryKind, read_head

from .errors import NothingToDispose, RecordHeld, RecordPreserved
from .escrow import PRESERVE
from .reader import EvidenceReader, rid_bytes
from .records import Appended
from .schema import EVIDENCE_FILE, KEY_FILE, connect_read_only

if TYPE_CHECKING:
    from .store import EvidenceStore

_WIPED_AT_ONCE, _READ_AT_ONCE = 200, 2_000


# --------------------------------------------------------------------------------------------------------------------- holds


def held_records(reader: EvidenceReader, system: str) -> tuple[bool, set[int]]:
    """Whether the whole system is under a legal hold, and the entries of the cases and records that are, with those about them.

    Parts of an answer that left before it was recorded are about the clearance that the record is about: they are held with it.
    """
    whole, found = False, set[int]()
    rows = list(reader.connection.execute("SELECT case_tag, rid FROM hold WHERE system = ? AND lifted < 0", (system,)))
    for case_tag, rid in rows:
        if case_tag is None and not rid:
            whole = True
        first = [*([rid_bytes(rid)] if rid else []), *([case_tag] if case_tag else [])]
        for index in _tagged(reader, first):
            found.add(index)
            head = read_head(reader.entry(index))
            clearance = head.about if head.kind in (EntryKind.DECISION, EntryKind.RELEASE) else ""
            found.update(_tagged(reader, [rid_bytes(name) for name in (head.rid, clearance) if name]))
    return whole, found


def _tagged(reader: EvidenceReader, tags: list[bytes]) -> list[int]:
    return [row[0] for tag in tags for row in reader.connection.execute("SELECT idx FROM tag WHERE tag = ?", (tag,))]


def refuse_held(reader: EvidenceReader, system: str, indices: Iterable[int]) -> None:
    """Raises :class:`RecordHeld` for a record under a legal hold, :class:`RecordPreserved` for one that is to be kept for good."""
    whole, held = held_records(reader, system)
    for index in indices:
        if whole or index in held:
            raise RecordHeld(f"entry {index} is under a legal hold")
        key_id = reader.connection.execute("SELECT key_id FROM payload WHERE idx = ?", (index,)).get
        made_for = None if key_id is None else reader.keys.class_of(key_id)
        if made_for is not None and made_for[1] == PRESERVE:
            raise RecordPreserved(f"entry {index} is of the class {PRESERVE!r}: it goes to the archive authority")


# ------------------------------------------------------------------------------------------------------------------ disposal


def begin(store: EvidenceStore, *, rid: str, system: str, retention: str, month: str, public: Mapping[str, object]) -> Appended:
    """Steps 1 and 2. ``public``: the shred entry's ``day``, ``basis``, ``until`` and ``about``, the decision's rid.

    Raises :class:`NothingToDispose`, :class:`RecordHeld`, :class:`RecordPreserved`, ``StoreFailed``.
    """
    kek = store.keys.find_kek((system, retention, month))
    if kek is None:
        raise NothingToDispose(f"there is no key of {system}, class {retention!r}, month {month}")
    if retention == PRESERVE or store.keys.is_escrowed(kek):
        raise RecordPreserved(f"the class {PRESERVE!r} is never disposed of")
    if month >= str(public["day"])[:7]:
        raise NothingToDispose(f"the month {month} is not over")
    _refuse_held_month(store, system, kek)
    with store.transaction() as transaction:
        made = transaction.append(public={**public, "rid": rid, "kind": "shred", "system": system, "retention": retention, "month": month})
        transaction.put_disposal(made.index, kek, (system, retention, month), 0)
    try:
        store.keys.destroy_kek(kek)
    except apsw.Error as error:
        raise store.fail(error) from error
    return made


def _refuse_held_month(store: EvidenceStore, system: str, kek: int) -> None:
    whole, held = held_records(store, system)
    if whole:
        raise RecordHeld(f"{system} is under a legal hold")
    for index in sorted(held):
        key_id = store.connection.execute("SELECT key_id FROM payload WHERE idx = ?", (index,)).get
        if key_id is not None and not store.is_erased(index) and store.keys.kek_of_key(key_id) == kek:
            raise RecordHeld(f"entry {index} of this month is under a legal hold")


def repeat(store: EvidenceStore, shred: int, name: tuple[str, str, str]) -> None:
    """Carry out a disposal whose shred entry stands, in a store that was put back from before it. Raises ``StoreFailed``."""
    kek = store.keys.find_kek(name)
    if kek is None:
        return
    with store.transaction() as transaction:
        transaction.put_disposal(shred, kek, name, 0)
    while go_on(store):
        pass


def go_on(store: EvidenceStore) -> bool:
    """Step 3 for some hundred rows, or a piece of step 4. True while there is more to do. Raises ``StoreFailed``."""
    row = store.connection.execute(
        "SELECT shred, kek, system, retention, month, next FROM disposal WHERE next >= 0 ORDER BY shred LIMIT 1"
    ).fetchone()
    if row is None:
        return False
    shred, kek, system, retention, month, start = row
    name = (system, retention, month)
    try:
        store.keys.destroy_kek(kek)  # a crash may have come before it
    except apsw.Error as error:
        raise store.fail(error) from error
    following = _wipe_some(store, shred, kek, name, start)
    if following >= 0:
        return True
    try:
        if store.keys.forget_keys(kek):
            return True
    except apsw.Error as error:
        raise store.fail(error) from error
    with store.transaction() as transaction:
        transaction.put_disposal(shred, kek, name, -1)
    store.clear_old_pages()
    return bool(store.connection.execute("SELECT EXISTS(SELECT 1 FROM disposal WHERE next >= 0)").get)


def _wipe_some(store: EvidenceStore, shred: int, kek: int, name: tuple[str, str, str], start: int) -> int:
    """Overwrite the next rows of the month; returns where to go on, -1 at the end."""
    wiped, following = 0, -1
    statement = "SELECT idx, key_id, idx IN (SELECT idx FROM erased) FROM payload WHERE idx >= ? ORDER BY idx LIMIT ?"
    rows = list(store.connection.execute(statement, (start, _READ_AT_ONCE)))
    wanted = store.keys.keys_under(kek, [key_id for _, key_id, _ in rows])
    with store.transaction() as transaction:
        for index, key_id, erased in rows:
            if wiped == _WIPED_AT_ONCE:
                following = index
                break
            if key_id in wanted and not erased:
                transaction.wipe(index, shred, key_id)
                wiped += 1
        else:
            following = rows[-1][0] + 1 if len(rows) == _READ_AT_ONCE else -1
        if following >= 0:
            transaction.put_disposal(shred, kek, name, following)
    return following


# --------------------------------------------------------------------------------------------------------------- what there is


@dataclass(frozen=True)
class Holding:
    """What is sealed of one system, retention class and month. ``held``: how many records a legal hold keeps; all, where it is of the system.

    ``disposed``: the index of the shred entry where the month is disposed of, -1 otherwise.
    """

    system: str
    retention: str
    month: str
    records: int
    held: int = 0
    escrowed: bool = False
    disposed: int = -1

    @property
    def kept_why(self) -> str:
        """Why it may not be disposed of: ``preserve``, ``hold`` or nothing."""
        if self.retention == PRESERVE or self.escrowed:
            return PRESERVE
        return "hold" if self.held else ""


def holdings(folder: Path) -> list[Holding]:
    """Counts by system, class and month, oldest first. Reads beside the sequencer; needs no key and opens nothing."""
    connection = connect_read_only(folder / EVIDENCE_FILE)
    try:
        connection.execute("ATTACH ? AS keys", (str(folder / KEY_FILE),))  # read-only as the connection is
        reader = EvidenceReader(connection, None)
        found = list(_holdings(reader)) if reader.has_table("hold") else []
        done = _disposed(reader) if found or reader.has_table("disposal") else []
    finally:
        connection.close()
    return sorted([*found, *done], key=lambda row: (row.month, row.system, row.retention))


def _holdings(reader: EvidenceReader) -> Iterator[Holding]:
    statement = (
        "SELECT kek.id, kek.system, retention, month, count(*) FROM payload JOIN keys.record_key ON record_key.id = key_id"
        " JOIN keys.kek ON kek.id = kek WHERE idx NOT IN (SELECT idx FROM erased) GROUP BY kek.id"
    )
    rows = list(reader.connection.execute(statement))
    escrowed = {row[0] for row in reader.connection.execute("SELECT kek FROM keys.escrow")} if _has_escrow(reader) else set()
    by_system: dict[str, tuple[bool, set[int]]] = {}
    for kek, system, retention, month, count in rows:
        whole, held = by_system.setdefault(system, held_records(reader, system))
        kept = count if whole else _count_under(reader, held, kek)
        yield Holding(system, retention, month, count, kept, kek in escrowed)


def _has_escrow(reader: EvidenceReader) -> bool:
    return bool(reader.connection.execute("SELECT EXISTS(SELECT 1 FROM keys.sqlite_schema WHERE name = 'escrow')").get)


def _count_under(reader: EvidenceReader, held: set[int], kek: int) -> int:
    statement = (
        "SELECT EXISTS(SELECT 1 FROM payload JOIN keys.record_key ON record_key.id = key_id WHERE idx = ? AND kek = ?"
        " AND idx NOT IN (SELECT idx FROM erased))"
    )
    return sum(reader.connection.execute(statement, (index, kek)).get for index in held)


def _disposed(reader: EvidenceReader) -> list[Holding]:
    rows = reader.connection.execute(
        "SELECT system, retention, month, disposal.shred, (SELECT count(*) FROM erased WHERE erased.shred = disposal.shred) FROM disposal"
    )
    return [Holding(system, retention, month, count, disposed=shred) for system, retention, month, shred, count in rows]
