"""The part of :mod:`insyn.evidence.check` for the small tables, the remembered answers and the lookups.

Each row bears a keyed hash (:mod:`insyn.evidence.vouch`); permits and stops are also compared with what the log says last of each.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import InvalidInput
from insyn.core.scope import target_of

from .reader import EvidenceReader, rid_bytes
from .vouch import LAST_ANSWER, TABLES, VOUCHED_DIGEST, answer_holds, contents, previous_answer, row_mac, total_mac

if TYPE_CHECKING:
    from .check import CheckReport


def check_state(reader: EvidenceReader, report: CheckReport) -> None:
    """Everything that this module looks at. A store that has not been opened since vouching came is looked at without."""
    if not reader.has_table("vouch"):
        return
    since = check_vouched(reader, report)
    check_answers(reader, since, report)
    check_last_said(reader, report)
    check_every_tag(reader, report)


def check_vouched(reader: EvidenceReader, report: CheckReport) -> int:
    """The rows of the small tables against their hashes. Returns from which size of the log on rows are vouched for."""
    macs = {str(place): bytes(mac) for place, mac in reader.connection.execute("SELECT place, mac FROM vouch")}
    total = macs.pop("", b"")
    since = int.from_bytes(total[:8], "big")
    held = dict(contents(reader.connection))
    for place, content in held.items():
        if macs.get(place) != row_mac(reader.keys, place, content):
            report.add(*_row(place), "is not what the sequencer wrote")
    for place in sorted(macs.keys() - held.keys()):
        report.add(*_row(place), "the row is missing")
    if total != total_mac(reader.keys, macs, since):
        report.add("vouch", "all", f"rows of {', '.join(TABLES)} were taken away or put back from an earlier day")
    report.vouched_since = since
    return since


def _row(place: str) -> tuple[str, object]:
    table, _, key = place.partition(" ")
    return table, int(key) if table in ("hold", "disposal") and key.isdecimal() else key


def check_answers(reader: EvidenceReader, since: int, report: CheckReport) -> None:
    """Each answer against its keyed hash, and against the answer before it: none is missing in between or at the end."""
    before = -1
    for index, tag, digest, answer in reader.connection.execute("SELECT idx, tag, digest, answer FROM answer ORDER BY idx"):
        if len(digest) != VOUCHED_DIGEST and index < since:
            before = index
            continue
        if not answer_holds(reader.keys, index, tag, digest, answer):
            report.add("answer", index, "is not what the sequencer wrote")
        elif (previous := previous_answer(digest)) != before and (previous > before or before >= since):
            report.add("answer", previous, f"the row is missing: the answer at {index} names it as the one before")
        before = index
    last = int(reader.get_meta(LAST_ANSWER) or b"-1")
    if last > before:
        report.add("answer", last, "the row is missing: it was the last one when a checkpoint was signed")


def check_last_said(reader: EvidenceReader, report: CheckReport) -> None:
    """Permits and stops: of each the newest that the log tells of is there, in that text."""
    permits: dict[str, tuple[int, EntryHead]] = {}
    stops: dict[str, int] = {}
    for index, data in reader.connection.execute("SELECT idx, bytes FROM entry ORDER BY idx"):
        if b'"permit"' not in data and b'"stop"' not in data:
            continue
        try:
            head = read_head(data)
            if head.kind == EntryKind.PERMIT:
                permits[head.system] = (index, head)
            elif head.kind == EntryKind.STOP:
                stops[target_of(head).key] = index
        except InvalidInput:
            continue  # check_entries has named it
    for system, (index, head) in permits.items():
        _check_permit(reader, system, index, head, report)
    held = {str(key) for (key,) in reader.connection.execute("SELECT system FROM stop")}
    for key in sorted(stops.keys() - held):
        report.add("stop", key, f"the row is missing, but entry {stops[key]} is its stop")
    try:
        for key, row in reader.stops().items():
            if row.index < stops.get(key, -1):
                report.add("stop", key, f"names entry {row.index}, but entry {stops[key]} is a newer stop")
    except msgspec.DecodeError:
        return  # check_pointers has named it


class _Body(msgspec.Struct):
    body: bytes


def _check_permit(reader: EvidenceReader, system: str, index: int, head: EntryHead, report: CheckReport) -> None:
    row = reader.connection.execute("SELECT epoch, signed FROM permit WHERE system = ?", (system,)).fetchone()
    if row is None:
        report.add("permit", system, f"the row is missing, but entry {index} issued one")
        return
    try:
        digest = hashlib.sha256(msgspec.json.decode(row[1], type=_Body).body).hexdigest()
    except msgspec.DecodeError:
        return  # check_pointers has named it
    if head.permit and (row[0], digest) != (head.epoch, head.permit):
        report.add("permit", system, f"is not the permit of entry {index}, which is the newest")


def check_every_tag(reader: EvidenceReader, report: CheckReport) -> None:
    """Every lookup is one that its entry, its sealed record or its answer accounts for."""
    rows = reader.connection.execute(
        "SELECT tag.idx, tag.tag, entry.bytes, case_tag, subject_tag, answer.tag FROM tag LEFT JOIN entry ON entry.idx = tag.idx"
        " LEFT JOIN payload ON payload.idx = tag.idx LEFT JOIN answer ON answer.idx = tag.idx"
    )
    for index, tag, data, case, subject, answer in rows:
        if tag in (case, subject, answer) or data is None:
            continue
        try:
            head = read_head(data)
            own = [rid_bytes(rid) for rid in (head.rid, head.about) if rid]
        except InvalidInput:
            continue
        if tag not in own:
            report.add("tag", tag.hex(), f"nothing accounts for its leading to entry {index}")
