"""The part of :mod:`insyn.evidence.check` that opens what is sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import InvalidInput
from insyn.core.terms import DisclosureGroup

from .checkdraw import Draws, check_draw, newest_shares
from .facts import fact_digest
from .reader import EvidenceReader, fact_row
from .records import LOST
from .seal import SealedText, commitments, unseal

if TYPE_CHECKING:
    from .check import CheckReport

_ROWS = (
    "SELECT idx, bytes, payload.key_id, sealed, fact_id, case_tag, subject_tag, shred, erased.key_id"
    " FROM entry LEFT JOIN payload USING(idx) LEFT JOIN erased USING(idx) ORDER BY idx"
)


def check_payloads(reader: EvidenceReader, report: CheckReport) -> None:
    """Every entry with commitments has its payload, every payload its entry; open what has a key."""
    rows = reader.connection.execute("SELECT kek FROM disposal WHERE next >= 0") if reader.has_table("disposal") else ()
    pending = {kek for (kek,) in rows}
    draws = Draws(newest_shares(reader))
    lost = [(int(key.removeprefix(LOST)), int(value)) for key, value in reader.meta_under(LOST).items()]
    for index, data, key_id, sealed, fact_id, case_tag, subject_tag, shred, erased_key in reader.connection.execute(_ROWS):
        try:
            head = read_head(data)
        except InvalidInput:
            continue  # check_entries has named it
        if key_id is None:
            if head.c.keys() - {DisclosureGroup.ACT.value}:  # what an act says is kept by the register
                if any(first <= index <= last for first, last in lost):
                    report.lost += 1
                else:
                    report.add("payload", index, "the row is missing, but the entry has commitments")
        elif shred is None and reader.keys.kek_of_key(key_id) in pending:
            report.erased += 1  # its month key is destroyed, its row not overwritten yet
        elif shred is not None:
            report.erased += 1
            _check_erased(reader, index, head, (key_id, erased_key, shred, bytes(sealed)), report)
        else:
            text = _check_sealed(reader, index, head, key_id, sealed, fact_id or "", report)
            if text is not None:
                check_draw(reader, index, head, text, case_tag, draws, report)
            _check_lookups(reader, index, (case_tag, subject_tag), report)
    for table, index in _orphans(reader):
        report.add(table, index, "there is no such entry or sealed record")


def _check_sealed(
    reader: EvidenceReader, index: int, head: EntryHead, key_id: int, sealed: bytes, fact_id: str, report: CheckReport
) -> SealedText | None:
    """What is sealed, ``None`` where it does not open."""
    try:
        key = reader.keys.key_of(key_id)
        if key is None:
            report.add("record_key", key_id, f"is missing, but the record of entry {index} is not erased")
            return None
        text = unseal(key, head.rid, sealed)
    except InvalidInput as error:
        report.add("payload", index, str(error))
        return None
    report.opened += 1
    made_for = reader.keys.class_of(key_id)
    if made_for is None or (made_for[0], made_for[2]) != (head.system, head.day[:7] or made_for[2]):
        report.add("payload", index, f"key {key_id} was made for another system or month")
    if made_for is not None and text.retention not in ("", made_for[1]):
        report.add(
            "kek", f"{made_for[0]} {made_for[2]}", f"is said to be of {made_for[1]!r}, the record of entry {index} of {text.retention!r}"
        )
    _check_queue(reader, index, head, text, report)
    held = commitments(key, head.rid, text.groups)
    for group in sorted(held.keys() | head.c.keys()):
        if held.get(group) != head.c.get(group):
            report.add("payload", index, f"the sealed group {group!r} is not what the entry commits to")
    _check_fact(reader, index, fact_id, text, report)
    return text


def _check_queue(reader: EvidenceReader, index: int, head: EntryHead, text: SealedText, report: CheckReport) -> None:
    """A record that was put on the review queue is still there, or an entry says what became of it."""
    if not text.waits:
        return
    waiting = reader.connection.execute("SELECT EXISTS(SELECT 1 FROM waiting WHERE idx = ?)", (index,)).get
    followers = dict(reader.followers(head.rid))
    decided = reader.connection.execute("SELECT decided_by FROM decided WHERE idx = ?", (index,)).get
    if decided is not None and decided not in followers:
        report.add("decided", index, "no entry about the record has this rid")
    ended = _ENDS_WAITING & set(followers.values())
    if not waiting and not ended:
        report.add("waiting", index, "the row is missing: no entry says what became of this proposal")
    elif not waiting and decided is None and index >= report.vouched_since:
        report.add("decided", index, "the row is missing, although an entry says what became of this proposal")


_ENDS_WAITING = frozenset({EntryKind.REVIEW.value, EntryKind.NOT_USED.value, EntryKind.HISTORICAL_DECISION.value})


def _check_fact(reader: EvidenceReader, index: int, fact_id: str, text: SealedText, report: CheckReport) -> None:
    row = reader.connection.execute(
        "SELECT fact_id, month, system, version, stage, outcome, score_bin, groups, features, about FROM fact_row"
        " WHERE idx = ? AND erased = 0",
        (index,),
    ).fetchone()
    try:
        digest = b"" if row is None else fact_digest(str(row[0]), fact_row(row))
    except ValueError as error:
        report.add("fact", index, f"cannot be read: {error}")
        return
    if row is not None and row[0] != fact_id:
        report.add("fact", index, "bears another id than its record")
    elif digest != text.fact:
        report.add("fact", index, "is missing" if row is None else "is not the row that its sealed record vouches for")


def _check_lookups(reader: EvidenceReader, index: int, tags: tuple[bytes | None, ...], report: CheckReport) -> None:
    for tag in tags:
        if tag and not reader.connection.execute("SELECT EXISTS(SELECT 1 FROM tag WHERE tag = ? AND idx = ?)", (tag, index)).get:
            report.add("tag", tag.hex(), f"the case or subject of entry {index} does not lead to it")


def _check_erased(reader: EvidenceReader, index: int, head: EntryHead, row: tuple[int, int, int, bytes], report: CheckReport) -> None:
    key_id, erased_key, shred, sealed = row
    try:
        entry = read_head(reader.entry(shred))
    except InvalidInput:
        entry = EntryHead(kind="")
    whole_month = (entry.system, entry.month) == (head.system, head.day[:7]) and entry.retention != ""
    if entry.kind != EntryKind.SHRED or not (whole_month or entry.about == head.rid):
        report.add("erased", index, f"entry {shred} does not say that this record was erased")
    if key_id != erased_key or reader.keys.has(key_id):
        report.add("record_key", key_id, f"still there, although the record of entry {index} is erased")
    left = reader.connection.execute("SELECT EXISTS(SELECT 1 FROM fact_row WHERE idx = ? AND erased = 0)", (index,)).get
    if sealed.strip(b"\x00") or left:
        report.add("payload", index, "its text or facts are still there, although it is erased")


def _orphans(reader: EvidenceReader) -> Iterator[tuple[str, int]]:
    for table, other in (("payload", "entry"), ("erased", "payload"), ("fact_row", "payload"), ("tag", "entry")):
        statement = f"SELECT idx FROM {table} WHERE idx NOT IN (SELECT idx FROM {other}) LIMIT 10"  # noqa: S608 - fixed names
        for (index,) in reader.connection.execute(statement):
            yield table, index
