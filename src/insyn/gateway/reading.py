"""Reading what is sealed, for a named actor and purpose: an opened record or case list is one entry, committed before it is shown."""

from __future__ import annotations

import msgspec

from insyn.core import messages as m
from insyn.core.entries import EntryKind, read_head
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup
from insyn.evidence.errors import RecordErased, RecordUnknown

from .step import Step, encode_group

_order = msgspec.json.Decoder(m.StopOrder)


def open_record(step: Step, message: m.Open) -> m.Answer:
    try:
        record = step.store.open_groups(message.rid, message.groups)
    except RecordUnknown:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    except RecordErased:
        return step.only_counted(RefusalCode.RECORD_ERASED, place="rid")
    head = read_head(record.entry)
    if message.system not in ("", head.system):
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    followers = tuple(step.store.followers(message.rid))
    sealed = {"actor": message.actor, "purpose": message.purpose, "groups": message.groups, "at": step.at}
    step.append(EntryKind.OPENED, {"system": head.system, "about": message.rid}, private={DisclosureGroup.ACT: encode_group(sealed)})
    return m.Opened(
        rid=record.rid,
        index=record.index,
        leaf=record.leaf.hex(),
        system=head.system,
        version=head.version,
        day=head.day,
        groups={group: msgspec.json.decode(text) for group, text in record.groups.items()},
        salts={group: salt.hex() for group, salt in record.salts.items()},
        followers=followers,
    )


def find_case(step: Step, message: m.FindCase) -> m.Answer:
    if message.system not in step.state.permits:
        return step.only_counted(RefusalCode.UNKNOWN_SYSTEM, place="system")
    rids = step.store.find_case(message.system, message.case)
    sealed = {"actor": message.actor, "purpose": message.purpose, "case": message.case, "at": step.at}
    step.append(EntryKind.OPENED, {"system": message.system}, private={DisclosureGroup.ACT: encode_group(sealed)})
    return m.Found(rids=tuple(rids))


def waiting(step: Step, message: m.Waiting) -> m.Answer:
    rows, total = step.store.waiting(message.system, message.limit)
    items = tuple(m.WaitingItem(rid=row.rid, index=row.index, day=row.day, leaf=row.leaf.hex(), outcome=row.outcome) for row in rows)
    return m.WaitingList(items=items, total=total)


def entries_of(step: Step, message: m.EntriesOf) -> m.Answer:
    """Acts, permits, stops and their like. Decisions are read from the published log."""
    if unknown := [kind for kind in message.kinds if not step.state.listed.lists(kind)]:
        return step.invalid(f"entries of kind {unknown[0][:40]!r} are not listed", place="kinds", mend="Read the published log.")
    found = step.state.listed.of(message.kinds, message.start, message.limit)
    entries = tuple(m.LogEntry(index=index, entry=step.store.entry(index)) for index in found)
    return m.Entries(entries=entries, size=step.store.size)


def open_order(step: Step, message: m.OpenOrder) -> m.Answer:
    try:
        record = step.store.open_groups(message.rid, (DisclosureGroup.ORDER,))
    except RecordUnknown:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    except RecordErased:
        return step.only_counted(RefusalCode.RECORD_ERASED, place="rid")
    if DisclosureGroup.ORDER not in record.groups:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    return m.Order(order=_order.decode(record.groups[DisclosureGroup.ORDER]))
