"""Reading what is sealed, for a named actor and purpose: an opened record or case list is one entry, committed before it is shown.

Of a proposal that a person judges blind, output, factors and fields that the register does not name stay closed until that is done; and
while a system's results about employees are held, nobody but the person concerned is shown any of them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup
from insyn.core.text import Text
from insyn.evidence.errors import RecordErased, RecordUnknown
from insyn.evidence.records import WaitingRow
from insyn.evidence.unjudged import held_back

from . import limits, openings
from .step import Step

#: So many records one person may have. More lie under a word that a caller sends for everybody, and a stop would wait while they are read.
MOST_OF_ONE = 5_000
_NO_PERSON = Text(
    f"Fler än {MOST_OF_ONE} poster har samma uppgift om vem de gäller. Den är inte en persons.",
    f"More than {MOST_OF_ONE} records say the same of whom they are about. It is no one person’s.",
)
_order = msgspec.json.Decoder(m.StopOrder)


def open_record(step: Step, message: m.Open) -> m.Answer:
    """Order: the record, and that it is of the actor's system; that it is not held; what of it may be shown; the entry."""
    index = step.store.index_of(message.rid)
    head = None if index is None else step.head_at(index)
    if head is None or message.system not in ("", head.system):
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    if message.groups and (held := openings.held(step, head.system, purpose=message.purpose)):  # without groups nothing is shown
        return step.only_counted(held, place="system")
    groups, blind = openings.shown(message.groups, blind=openings.awaits_blind(step, head), purpose=message.purpose)
    try:
        record = step.store.open_groups(message.rid, groups)
    except RecordUnknown:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    except RecordErased:
        return step.only_counted(RefusalCode.RECORD_ERASED, place="rid")
    texts = {group: msgspec.json.decode(text) for group, text in record.groups.items()}
    kept_back = _keep_back(step, head.system, texts) if blind else 0
    more = {"kept_back": kept_back} if kept_back else {}
    public = {"system": head.system, "about": message.rid}
    entered = openings.enter(step, public, actor=message.actor, purpose=message.purpose, groups=tuple(record.groups), **more)
    return m.Opened(
        rid=record.rid,
        index=record.index,
        leaf=record.leaf.hex(),
        system=head.system,
        version=head.version,
        day=head.day,
        groups=texts,
        salts={group: salt.hex() for group, salt in record.salts.items() if not (kept_back and group == DisclosureGroup.INPUT)},
        followers=tuple(pair for pair in step.store.followers(message.rid) if pair[0] != entered.rid),
        opened=entered.rid,
        blind=blind,
        kept_back=kept_back,
    )


def _keep_back(step: Step, system: str, texts: dict[str, Any]) -> int:
    """Take the fields that the register does not name out of the input: one of them may say what was proposed. How many they are."""
    permit = step.state.permits.get(system)
    given = texts.get(DisclosureGroup.INPUT)
    if permit is None or not isinstance(given, dict):
        return 0
    texts[DisclosureGroup.INPUT], number = limits.named_only(permit, given)
    return number


def find_case(step: Step, message: m.FindCase) -> m.Answer:
    if message.system not in step.state.permits:
        return step.only_counted(RefusalCode.UNKNOWN_SYSTEM, place="system")
    if held := openings.held(step, message.system):
        return step.only_counted(held, place="system")
    rids = step.store.find_case(message.system, message.case)
    openings.enter(step, {"system": message.system}, actor=message.actor, purpose=message.purpose, case=message.case)
    return m.Found(rids=tuple(rids))


def waiting(step: Step, message: m.Waiting) -> m.Answer:
    if held := openings.held(step, message.system):
        return step.only_counted(held, place="system")
    rows, total = step.store.waiting(message.system, message.limit)
    untold = held_back(step.store.connection, message.system)
    return m.WaitingList(items=tuple(_waiting_item(row, blind=row.index in untold) for row in rows), total=total)


def _waiting_item(row: WaitingRow, *, blind: bool) -> m.WaitingItem:
    outcome = "" if blind else row.outcome
    return m.WaitingItem(rid=row.rid, index=row.index, day=row.day, leaf=row.leaf.hex(), outcome=outcome, blind=blind)


def find_subject(step: Step, message: m.FindSubject) -> m.Answer:
    """A person's records over all systems, by the number as it was written or by the token that an earlier answer gave.

    Records from before there was a normal form lie under the number as it was written then: they are moved to the token when they are found.
    """
    if bool(message.subject.strip()) == bool(message.token):
        return step.invalid("name the person by subject or by token, not by both", place="subject")
    older: list[bytes] = []
    if message.subject.strip():
        tag, older = step.store.subject_tags(message.subject, on=step.now.wall.astimezone(step.settings.zone).date())
    else:
        tag = bytes.fromhex(message.token)
    if sum(len(step.store.tagged_subject(each, MOST_OF_ONE + 1)) for each in (tag, *older)) > MOST_OF_ONE:
        return step.only_counted(RefusalCode.TOO_LARGE, place="subject", detail=_NO_PERSON)
    step.tx.move_subject(older, tag)
    openings.enter(step, {}, actor=message.actor, purpose=message.purpose, token=tag.hex())
    return m.FoundSubject(token=tag.hex(), records=tuple(_subject_record(step, index) for index in step.store.tagged_subject(tag)))


def _subject_record(step: Step, index: int) -> m.SubjectRecord:
    head = step.head_at(index)
    return m.SubjectRecord(
        rid=head.rid,
        index=index,
        system=head.system,
        version=head.version,
        day=head.day,
        kind=head.kind,
        erased=not step.store.opens(index),
    )


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
