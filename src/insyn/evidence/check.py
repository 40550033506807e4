"""Check the sealed part, with keys: that every row is what the log says it is.

1. Entries: no gap, each leaf hash that of its bytes, the tile cache and the signed checkpoint agree with the tree.
2. Tags: every entry is found by its rid, and by the rid that it is about.
3. Payloads: each opens under its key, and its groups are those that the entry commits to; an erased one has its shred entry and no key.
   What was drawn to be judged blind is what the draw takes, at the share that stands sealed, and under the permit in force at that permit's.
4. Facts: each row is the one that its sealed record vouches for.
5. Review queue, remembered answers, permits and stops point at entries of the right kind.
6. Rows that no entry commits to (permits, stops, holds, disposals, remembered answers, the store's own notes) are those that the sequencer
   wrote, and none is gone.
7. The key file: no month key is gone but those disposed of, and what is kept for good is escrowed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import apsw
import msgspec

from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import InvalidInput
from insyn.core.scope import target_of
from insyn.tlog.checkpoint import Checkpoint, open_checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.hashing import leaf_hash
from insyn.tlog.notes import NoteVerifier
from insyn.tlog.tiles import TILE_WIDTH
from insyn.tlog.tree import TileTree

from .checkkeys import check_keys
from .checkpayloads import check_payloads
from .checkstate import check_state
from .errors import WrongRootKey
from .keys import KeyFile, opens_under
from .reader import CHECKPOINT, SIGNING, EvidenceReader, rid_bytes
from .records import StopRow
from .schema import EVIDENCE_FILE, KEY_FILE, connect_read_only
from .tree import root_at

MAX_FINDINGS = 100


@dataclass(frozen=True)
class Finding:
    """Something wrong: the table, the row (an entry index unless said otherwise) and what is wrong with it."""

    table: str
    row: object
    message: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.message}"


@dataclass
class CheckReport:
    """``size`` entries were checked; ``opened`` payloads opened, ``erased`` ones found destroyed. At most 100 findings are kept.

    ``lost``: sealed records that a restore could not bring back, as the store says. ``readable`` false: the keys are damaged, and nothing else was looked at. ``vouched_since``: the size of the log from which on rows that no entry commits to are vouched for.
    """

    size: int = 0
    checkpoint_size: int = 0
    opened: int = 0
    erased: int = 0
    lost: int = 0
    vouched_since: int = 0
    readable: bool = True
    findings: list[Finding] = field(default_factory=list)
    found: int = 0

    @property
    def ok(self) -> bool:
        return not self.found

    def add(self, table: str, row: object, message: str) -> None:
        self.found += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(table, row, message))


def check(folder: Path, root_key: bytes, vkey: str) -> CheckReport:
    """Check the store in ``folder``; it may be in use. Raises :class:`StoreFailed` if there is none, :class:`WrongRootKey`."""
    verifier = NoteVerifier.parse(vkey)
    connection = connect_read_only(folder / EVIDENCE_FILE)
    report = CheckReport()
    keys = _open_keys(folder / KEY_FILE, root_key, report)
    if keys is None:
        connection.close()
        return report
    with EvidenceReader(connection, keys) as reader:
        _hold_one_state(connection, keys.connection)
        check_entries(reader, verifier, report)
        check_state(reader, report)
        check_payloads(reader, report)
        check_pointers(reader, report)
        check_keys(reader, report)
    return report


def _open_keys(path: Path, root_key: bytes, report: CheckReport) -> KeyFile | None:
    """The key file, or a finding when a month key opens under this root key and the index key does not: then the row was edited."""
    try:
        return KeyFile.open_read_only(path, root_key)
    except WrongRootKey:
        connection = connect_read_only(path)
        opens = any(opens_under(root_key, wrapped) for (wrapped,) in connection.execute("SELECT wrapped FROM kek"))
        connection.close()
        if not opens:
            raise
        report.readable = False
        report.add("key file meta", "index_key", "is missing or edited: nothing can be looked up, and nothing vouched for")
        return None


def _hold_one_state(*connections: apsw.Connection) -> None:
    """Read one state of all tables although the sequencer goes on; evidence first, so that no key is missing for what it holds."""
    for connection in connections:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM meta").fetchall()


def check_entries(reader: EvidenceReader, verifier: NoteVerifier, report: CheckReport) -> None:
    """Steps 1 and 2."""
    tree = TileTree()
    for index, data, leaf in reader.connection.execute("SELECT idx, bytes, leaf FROM entry ORDER BY idx"):
        while tree.size < index:
            report.add("entry", tree.size, "the row is missing")
            tree.append(bytes(32))
        if leaf_hash(data) != leaf:
            report.add("entry", index, "its bytes are not those that its leaf hash was taken over")
        tree.append(leaf_hash(data))
        _check_tags(reader, index, data, report)
    report.size = tree.size
    kept = [n for (n,) in reader.connection.execute("SELECT n FROM tile ORDER BY n")]
    for n in sorted(set(range(_signed_size(reader) // TILE_WIDTH)) - set(kept)):
        report.add("tile", n, "the row is missing")
    for n, root in reader.connection.execute("SELECT n, root FROM tile ORDER BY n"):
        if n >= len(tree.tile_roots()) or tree.tile_roots()[n] != root:
            report.add("entry", f"{n * 256} to {n * 256 + 255}", "these entries are not those that were there when their tile was full")
    _check_checkpoints(reader, verifier, tree, report)


def _signed_size(reader: EvidenceReader) -> int:
    """Up to where the tile cache is kept: the state that was signed last. What cannot be read is named with the checkpoints."""
    try:
        return Checkpoint.parse((reader.get_meta(SIGNING) or b"").decode()).size
    except (TlogError, UnicodeDecodeError):
        return 0


def _check_tags(reader: EvidenceReader, index: int, data: bytes, report: CheckReport) -> None:
    try:
        head = read_head(data)
        wanted = [rid_bytes(rid) for rid in dict.fromkeys((head.rid, head.about)) if rid]
    except InvalidInput as error:
        report.add("entry", index, str(error))
        return
    for tag in wanted:
        if not reader.connection.execute("SELECT EXISTS(SELECT 1 FROM tag WHERE tag = ? AND idx = ?)", (tag, index)).get:
            report.add("tag", tag.hex(), f"does not lead to entry {index}, which bears this rid or is about it")


def _check_checkpoints(reader: EvidenceReader, verifier: NoteVerifier, tree: TileTree, report: CheckReport) -> None:
    try:
        note = reader.checkpoint_note()
        states = [(CHECKPOINT, open_checkpoint(note, [verifier]))] if note else []
        signing = reader.get_meta(SIGNING)
        states += [(SIGNING, Checkpoint.parse(signing.decode()))] if signing else []
    except (TlogError, UnicodeDecodeError) as error:
        report.add("meta", CHECKPOINT, str(error))
        return
    for name, state in states:
        report.checkpoint_size = max(report.checkpoint_size, state.size)
        if state.origin != reader.origin:
            report.add("meta", name, f"is of the log {state.origin!r}, the store holds {reader.origin!r}")
        if state.size > tree.size:
            report.add("entry", f"{tree.size} to {state.size - 1}", f"rows are missing that the checkpoint of {state.size} covers")
        elif root_at(tree, state.size, reader.connection) != state.root:
            report.add("entry", f"0 to {state.size - 1}", f"are not the entries that the checkpoint of {state.size} was signed over")


def check_pointers(reader: EvidenceReader, report: CheckReport) -> None:
    """Step 5."""
    connection = reader.connection
    for system, index in connection.execute("SELECT system, idx FROM waiting"):
        _point_at_payload(reader, "waiting", system, index, report)
    for index, tag in connection.execute("SELECT idx, tag FROM answer"):
        leads = connection.execute("SELECT EXISTS(SELECT 1 FROM tag WHERE tag = ? AND idx = ?)", (tag, index)).get
        if reader.is_erased(index) and not any(tag):
            continue
        if not leads or _head(reader, index) is None:
            report.add("answer", index, "no idempotency key leads to this answer, or its entry is missing")
    for system, epoch, signed in connection.execute("SELECT system, epoch, signed FROM permit"):
        _check_permit(system, epoch, signed, report)
    for system, stored in connection.execute("SELECT system, row FROM stop"):
        try:
            row = msgspec.json.decode(stored, type=StopRow)
        except msgspec.DecodeError as error:
            report.add("stop", system, f"cannot be read: {error}")
            continue
        head = _head(reader, row.index)
        if head is None or (head.kind, head.rid) != (EntryKind.STOP, row.rid) or not _is_of(head, row, system):
            report.add("stop", system, f"entry {row.index} is not this stop")
        lifted = _head(reader, row.lifted_by) if not row.stands else None
        named = lifted is not None and (lifted.kind, lifted.at) == (EntryKind.RESUME, row.index) and _is_of(lifted, row, system)
        if not row.stands and not named:
            report.add("stop", system, f"entry {row.lifted_by} does not lift the stop at {row.index}")


def _is_of(head: EntryHead, row: StopRow, key: str) -> bool:
    """Whether entry and row are of what the row lies under."""
    try:
        return target_of(head).key == row.key == key
    except InvalidInput:
        return False


def _point_at_payload(reader: EvidenceReader, table: str, system: str, index: int, report: CheckReport) -> None:
    head = _head(reader, index)
    sealed = reader.connection.execute("SELECT EXISTS(SELECT 1 FROM payload WHERE idx = ?)", (index,)).get
    if head is None or head.system != system or not sealed or reader.is_erased(index):
        report.add(table, index, f"is no sealed record of {system}")


def _check_permit(system: str, epoch: int, signed: apsw.SQLiteValue, report: CheckReport) -> None:
    """The signature is the register's and is checked where the permit is used; here only that row and body agree."""
    try:
        body = msgspec.json.decode(msgspec.json.decode(bytes(signed), type=_SignedBody).body, type=_PermitHead)  # type: ignore[arg-type]
    except (msgspec.DecodeError, TypeError) as error:
        report.add("permit", system, f"cannot be read: {error}")
        return
    if (body.system, body.epoch) != (system, epoch):
        report.add("permit", system, f"holds the permit of {body.system} with epoch {body.epoch}")


class _SignedBody(msgspec.Struct):
    body: bytes


class _PermitHead(msgspec.Struct):
    system: str
    epoch: int


def _head(reader: EvidenceReader, index: int) -> EntryHead | None:
    try:
        return read_head(reader.entry(index))
    except InvalidInput:
        return None
