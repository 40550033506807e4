"""Reading the store: by the sequencer itself, and read-only beside it by publisher, check and backup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import apsw
import msgspec

from insyn.core.entries import read_head
from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.signing import Signed
from insyn.core.subject import writings
from insyn.tlog.checkpoint import Checkpoint, read_checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.notes import parse_note
from insyn.tlog.proofs import TlogProof, inclusion_proof
from insyn.tlog.tree import TileTree

from .affected import Sought, find_affected
from .errors import RecordErased, RecordUnknown
from .keys import KeyFile
from .records import FactRow, OpenedRecord, Remembered, StopRow, WaitingRow
from .schema import EVIDENCE_FILE, KEY_FILE, connect_read_only
from .seal import salt_of, unseal
from .tree import load_tree, node_reader, root_at
from .vouch import masked_digest

CHECKPOINT = "checkpoint"
SIGNING = "signing"
ORIGIN = "origin"
_signed = msgspec.json.Decoder(Signed)
_stop = msgspec.json.Decoder(StopRow)
_text_map = msgspec.json.Decoder(dict[str, str])


def rid_bytes(rid: str) -> bytes:
    """The 16 bytes of a record id. Raises :class:`InvalidInput`."""
    try:
        data = bytes.fromhex(rid)
    except ValueError:
        data = b""
    if len(data) != 16 or data.hex() != rid:
        raise InvalidInput(f"not a record id: {rid[:40]!r}", place="rid", mend="A record id is 32 lower-case hex digits.")
    return data


class EvidenceReader:
    """Everything that only reads. Without a root key sealed records stay closed and cases cannot be looked up."""

    def __init__(self, connection: apsw.Connection, keys: KeyFile | None) -> None:
        self.connection = connection
        self._key_file = keys
        #: The checkpoint that the public sees, with the lines of witnesses; receipts are made under it.
        self.published: Path | None = None

    @classmethod
    def read_only(cls, folder: Path, *, root_key: bytes | None = None) -> EvidenceReader:
        """Open beside the writer. Raises :class:`StoreFailed` if there is no store, :class:`WrongRootKey`."""
        keys = None if root_key is None else KeyFile.open_read_only(folder / KEY_FILE, root_key)
        return EvidenceReader(connect_read_only(folder / EVIDENCE_FILE), keys)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self.connection.close()
        if self._key_file is not None:
            self._key_file.close()

    @property
    def keys(self) -> KeyFile:
        if self._key_file is None:
            raise InvalidInput("sealed records need the root key", mend="Open the store with its root key.")
        return self._key_file

    # ------------------------------------------------------------------------------------------------------------- the log

    @property
    def origin(self) -> str:
        return (self.get_meta(ORIGIN) or b"").decode()

    @property
    def size(self) -> int:
        last = self.connection.execute("SELECT max(idx) FROM entry").get
        return 0 if last is None else int(last) + 1

    def tree(self) -> TileTree:
        """The tree over all committed entries."""
        return load_tree(self.connection)

    def root(self) -> bytes:
        return self.tree().root()

    def entry(self, index: int) -> bytes:
        """The bytes of an entry. Raises :class:`InvalidInput` if there is none at ``index``."""
        return bytes(self._row(index)[0])

    def leaf(self, index: int) -> bytes:
        return bytes(self._row(index)[1])

    def _row(self, index: int) -> tuple[bytes, bytes]:
        row = self.connection.execute("SELECT bytes, leaf FROM entry WHERE idx = ?", (index,)).fetchone()
        if row is None:
            raise InvalidInput(f"the log has no entry {index}", place="index")
        return row[0], row[1]

    def entries(self, start: int, limit: int) -> list[tuple[int, bytes]]:
        """At most ``limit`` entries from ``start`` on, with their index."""
        rows = self.connection.execute("SELECT idx, bytes FROM entry WHERE idx >= ? ORDER BY idx LIMIT ?", (start, limit))
        return [(index, data) for index, data in rows]

    def checkpoint_note(self) -> str:
        """The newest signed checkpoint, empty before the first."""
        return (self.get_meta(CHECKPOINT) or b"").decode()

    def checkpoint(self) -> Checkpoint | None:
        """What the newest signed checkpoint says."""
        note = self.checkpoint_note()
        return Checkpoint.parse(parse_note(note)[0]) if note else None

    def receipt_proof(self, index: int) -> str:
        """An offline receipt (c2sp.org/tlog-proof@v1) that carries its entry, empty while no signed checkpoint covers the entry.

        Under the public checkpoint where that covers it, with what witnesses added; otherwise under the newest one.
        """
        tree = self.tree()
        for note in (self._published_note(), self.checkpoint_note()):
            checkpoint = read_checkpoint(note) if note else None
            if checkpoint is None or not 0 <= index < checkpoint.size <= tree.size:
                continue
            if root_at(tree, checkpoint.size, self.connection) == checkpoint.root:
                path = inclusion_proof(index, checkpoint.size, node_reader(tree, self.connection))
                return TlogProof(index, tuple(path), note, self.entry(index)).text()
        return ""

    def _published_note(self) -> str:
        try:
            note = self.published.read_text(encoding="utf-8") if self.published else ""
            return note if not note or read_checkpoint(note).origin == self.origin else ""
        except (OSError, UnicodeDecodeError, TlogError):
            return ""  # damaged or being made anew: the store's own checkpoint serves

    # ---------------------------------------------------------------------------------------------------------------- records

    def _tagged(self, tag: bytes) -> list[int]:
        return [row[0] for row in self.connection.execute("SELECT idx FROM tag WHERE tag = ? ORDER BY idx", (tag,))]

    def index_of(self, rid: str) -> int | None:
        """Index of the entry with this rid. Entries about a record always stand after it."""
        first = self.connection.execute("SELECT idx FROM tag WHERE tag = ? ORDER BY idx LIMIT 1", (rid_bytes(rid),)).get
        return first if first is not None and read_head(self.entry(first)).rid == rid else None

    def followers(self, rid: str) -> list[tuple[str, str]]:
        """Rid and kind of the entries about this record, oldest first."""
        heads = [read_head(self.entry(index)) for index in self._tagged(rid_bytes(rid))]
        return [(head.rid, head.kind) for head in heads if head.about == rid]

    def find_case(self, system: str, case: str) -> list[str]:
        """Record ids of a case number in a system, oldest first."""
        return self._rids(self.keys.tag("case", system, case))

    def find_subject(self, subject: str, *, on: date) -> list[str]:
        """Record ids of a person over all systems, oldest first, however the number was written on the day."""
        tag, older = self.subject_tags(subject, on=on)
        found = sorted({index for each in (tag, *older) for index in self.tagged_subject(each)})
        return [read_head(self.entry(index)).rid for index in found]

    def subject_tags(self, subject: str, *, on: date) -> tuple[bytes, list[bytes]]:
        """A person's keyed hash, and those under which records from before there was a normal form may lie.

        Of an erased record the hash is gone: it comes back by none of them.
        """
        plain, *others = (self.keys.tag("subject", name) for name in writings(subject, on=on))
        return plain, others

    def tagged_subject(self, tag: bytes, limit: int = -1) -> list[int]:
        """Entries of records about the person with this keyed hash, oldest first; -1: all of them."""
        statement = "SELECT idx FROM tag JOIN payload USING(idx) WHERE tag = ? AND subject_tag = ? ORDER BY idx LIMIT ?"
        return [row[0] for row in self.connection.execute(statement, (tag, tag, limit))]

    def opens(self, index: int) -> bool:
        """Whether what is sealed of the entry can still be opened: not while its month is being disposed of, and never after."""
        key_id = self.connection.execute("SELECT key_id FROM payload WHERE idx = ?", (index,)).get
        return key_id is not None and not self.is_erased(index) and self.keys.key_of(int(key_id)) is not None

    def _rids(self, tag: bytes) -> list[str]:
        return [read_head(self.entry(index)).rid for index in self._tagged(tag)]

    def is_erased(self, index: int) -> bool:
        return bool(self.connection.execute("SELECT EXISTS(SELECT 1 FROM erased WHERE idx = ?)", (index,)).get)

    def open_groups(self, rid: str, groups: Iterable[str] | None = None) -> OpenedRecord:
        """Open the named disclosure groups (all of them if ``None``); a group that the record does not have is left out.

        Raises :class:`RecordUnknown`, :class:`RecordErased`, or :class:`InvalidInput` when the sealed text is damaged.
        """
        index = self.index_of(rid)
        if index is None:
            raise RecordUnknown(f"no record {rid}")
        if self.is_erased(index):
            raise RecordErased(f"record {rid} is erased")
        row = self.connection.execute("SELECT key_id, sealed, fact_id FROM payload WHERE idx = ?", (index,)).fetchone()
        if row is None:
            raise RecordUnknown(f"entry {rid} has nothing sealed")
        key = self.keys.key_of(row[0])
        if key is None:
            raise RecordErased(f"the key of record {rid} is destroyed")
        sealed = unseal(key, rid, row[1])
        wanted = [group for group in (sealed.groups if groups is None else groups) if group in sealed.groups]
        data, leaf = self._row(index)
        return OpenedRecord(
            rid=rid,
            index=index,
            leaf=leaf,
            entry=data,
            groups={str(group): sealed.groups[group] for group in wanted},
            salts={str(group): salt_of(key, group) for group in wanted},
            fact_id=row[2] or "",
        )

    def waiting(self, system: str, limit: int) -> tuple[list[WaitingRow], int]:
        """The oldest proposals that wait for a person, and how many there are in all."""
        rows = self.connection.execute(
            "SELECT idx, bytes, leaf, outcome FROM waiting JOIN entry USING(idx) LEFT JOIN fact_row USING(idx)"
            " WHERE waiting.system = ? ORDER BY idx LIMIT ?",
            (system, limit),
        )
        found = []
        for index, data, leaf, outcome in rows:
            head = read_head(data)
            found.append(WaitingRow(head.rid, index, head.day, leaf, outcome or ""))
        total = self.connection.execute("SELECT count(*) FROM waiting WHERE system = ?", (system,)).get
        return found, int(total or 0)

    def is_waiting(self, rid: str) -> bool:
        index = self.index_of(rid)
        return index is not None and bool(
            self.connection.execute(
                "SELECT EXISTS(SELECT 1 FROM waiting WHERE system = ? AND idx = ?)", (read_head(self.entry(index)).system, index)
            ).get
        )

    def decided_by(self, rid: str) -> str:
        """The ``by`` of the :meth:`Transaction.set_waiting` that ended the wait, empty if none did."""
        index = self.index_of(rid)
        found = None if index is None else self.connection.execute("SELECT decided_by FROM decided WHERE idx = ?", (index,)).get
        return found or ""

    def decisions_between(self, system: str, first: date, last: date, *, version: str = "", limit: int) -> list[tuple[str, date]]:
        """Rid and day of the system's decisions from ``first`` through ``last``, oldest first, at most ``limit``; erased ones are left out.

        Reads what is public of the entries and which facts rows there are. Nothing sealed is opened.
        """
        found = find_affected(self.connection, Sought(system=system, first=first, last=last, version=version))
        return [(one.rid, one.day) for one in islice(found, limit)]

    def facts(self) -> Iterator[FactRow]:
        """All facts rows, in the order of their random ids, so that the order says nothing of the log."""
        for row in self.connection.execute("SELECT * FROM fact ORDER BY fact_id"):
            yield fact_row(row)

    # ------------------------------------------------------------------------------------------------------- state and meta

    def remembered(self, client: str, key: str) -> Remembered | None:
        """The answer given under this client's idempotency key."""
        tag = self.keys.tag("answer", client, key)
        index = self.connection.execute("SELECT idx FROM tag WHERE tag = ?", (tag,)).get
        if index is None:
            return None
        row = self.connection.execute("SELECT digest, answer FROM answer WHERE idx = ?", (index,)).fetchone()
        if row is None:
            raise StoreFailed(f"answer row {index} is gone")
        return Remembered(self.keys.mask(tag, masked_digest(row[0])), row[1], index)

    def permits(self) -> dict[str, Signed]:
        """The newest permit of each system."""
        return {system: _signed.decode(signed) for system, signed in self.connection.execute("SELECT system, signed FROM permit")}

    def stops(self) -> dict[str, StopRow]:
        """The newest stop of each thing that was ever stopped, by its key (:mod:`insyn.core.scope`)."""
        return {system: _stop.decode(row) for system, row in self.connection.execute("SELECT system, row FROM stop")}

    def has_table(self, name: str) -> bool:
        """Whether the file has this table: one that was last opened for writing by an older program lacks the later ones."""
        return bool(self.connection.execute("SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE name = ?)", (name,)).get)

    def get_meta(self, key: str) -> bytes | None:
        """A value kept by the caller (:meth:`Transaction.put_meta`)."""
        found = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if found is None else found[0]

    def meta_under(self, prefix: str) -> dict[str, bytes]:
        """Every value whose name begins so. ``prefix`` ends with a slash."""
        return meta_under(self.connection, prefix)


def meta_under(connection: apsw.Connection, prefix: str) -> dict[str, bytes]:
    """:meth:`EvidenceReader.meta_under` for whoever has only the connection."""
    rows = connection.execute("SELECT key, value FROM meta WHERE key >= ? AND key < ?", (prefix, f"{prefix[:-1]}0"))
    return {str(key): bytes(value) for key, value in rows}


def fact_row(row: tuple[apsw.SQLiteValue, ...]) -> FactRow:
    """A row of the view ``fact``."""
    names = ("fact_id", "month", "system", "version", "stage", "outcome", "score_bin", "groups", "features", "about")
    values = dict(zip(names, row, strict=True))
    for name in ("groups", "features"):
        values[name] = _text_map.decode(str(values[name]))
    return msgspec.convert(values, FactRow)
