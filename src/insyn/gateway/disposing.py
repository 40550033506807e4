"""The desk of the archive: erasure of one record, disposal of a month under a decision, and legal holds.

A disposal, in this order: the decision stands in the log as an act, and what was sent is the text that its entry commits to; the text names
the system, the class and the month; nothing of the month is under a legal hold or to be kept for good. Then the shred entry, then the key.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from insyn.core import messages as m
from insyn.core.commitments import commitment
from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.errors import InvalidInput
from insyn.core.refusals import RefusalCode, refuse
from insyn.core.terms import DisclosureGroup
from insyn.evidence import disposal
from insyn.evidence.errors import NothingToDispose, RecordErased, RecordHeld, RecordPreserved, RecordUnknown
from insyn.evidence.records import Appended

from .books import Books
from .clock import Reading
from .step import Step

#: The verb of the act by which a disposal is decided.
DECIDED = "decide_disposal"
_ACT = DisclosureGroup.ACT.value


class _Decided(msgspec.Struct):
    """What a disposal decision's act says, as much as is needed here."""

    system: str
    retention: str
    months: tuple[str, ...]
    case_number: str


class _Sealed(msgspec.Struct):
    verb: str
    text: _Decided


def last_backup_day(books: Books, today: str) -> str:
    """The day on which the last backup that may still hold a key expires."""
    return (date.fromisoformat(today) + timedelta(days=books.settings.key_backup_days)).isoformat()


def erase(books: Books, message: m.Erase, now: Reading) -> m.Answer:
    """The shred entry stands before the key is destroyed. The store does both, in transactions of its own."""
    store, today = books.store, books.today(now)
    index = store.index_of(message.rid)
    if index is None:
        return _denied(RefusalCode.RECORD_UNKNOWN, "rid")
    head = read_head(store.entry(index))
    public = {"system": head.system, "day": today, "basis": message.basis, "until": last_backup_day(books, today)}
    try:
        made = store.erase(message.rid, public={name: value for name, value in public.items() if value}, parts=_parts_of(books, head))
    except RecordUnknown:
        return _denied(RefusalCode.RECORD_UNKNOWN, "rid")
    except RecordErased:
        return _denied(RefusalCode.RECORD_ERASED, "rid")
    except RecordHeld:
        return _denied(RefusalCode.LEGAL_HOLD, "rid")
    except RecordPreserved:
        return _denied(RefusalCode.PRESERVED, "rid")
    books.state.counters["erased"] += 1
    return _done(books, made, today)


def _parts_of(books: Books, head: EntryHead) -> list[str]:
    """What of a decision's answer left before the whole was recorded says the same once more, so it goes first."""
    if head.kind != EntryKind.DECISION or not head.about:
        return []
    return [rid for rid, kind in books.store.followers(head.about) if kind == EntryKind.RELEASE]


def dispose(books: Books, message: m.Dispose, now: Reading) -> m.Answer:
    store, today = books.store, books.today(now)
    if (known := store.index_of(message.act)) is not None:
        head = read_head(store.entry(known))
        if (head.kind, head.system, head.retention, head.month) == (
            EntryKind.SHRED, message.system, message.retention, message.month,
        ):  # fmt: skip
            receipt = m.Receipt(log=store.origin, index=known, leaf=store.leaf(known).hex(), rid=head.rid, day=head.day)
            return m.Done(receipt=receipt, repeated=True)
        return _denied(RefusalCode.IDEMPOTENCY_CONFLICT, "act")
    decided = _decision(books, message)
    if decided is None or (decided.system, decided.retention) != (message.system, message.retention) or message.month not in decided.months:
        return _denied(RefusalCode.DISPOSAL_NOT_DECIDED, "decision")
    public = {"day": today, "basis": _ascii(decided.case_number), "until": last_backup_day(books, today), "about": message.decision}
    try:
        made = disposal.begin(
            store, rid=message.act, system=message.system, retention=message.retention, month=message.month, public=public
        )
    except RecordHeld:
        return _denied(RefusalCode.LEGAL_HOLD, "month")
    except RecordPreserved:
        return _denied(RefusalCode.PRESERVED, "retention")
    except NothingToDispose:
        return _denied(RefusalCode.NOTHING_TO_DISPOSE, "month")
    books.state.counters["disposed"] += 1
    return _done(books, made, today)


def _decision(books: Books, message: m.Dispose) -> _Decided | None:
    """What was decided, if the entry of that act commits to the text that was sent."""
    index = books.store.index_of(message.decision)
    if index is None:
        return None
    head = read_head(books.store.entry(index))
    held = commitment(group=_ACT, rid=message.decision, salt=bytes.fromhex(message.salt), text=message.text)
    if (head.kind, head.act, head.c.get(_ACT)) != (EntryKind.ACT, DECIDED, held):
        return None
    try:
        sealed = msgspec.json.decode(message.text, type=_Sealed)
    except msgspec.DecodeError as error:
        raise InvalidInput(f"not a disposal decision: {error}", place="text") from error
    return sealed.text if sealed.verb == DECIDED else None


def _ascii(text: str) -> str:
    """A case number as a public entry can hold it."""
    return text.encode("ascii", "replace").decode() or "?"


def go_on(books: Books) -> None:
    """Overwrite some more rows of a month whose key is destroyed. Called at every tick, so that a stop waits for one piece at most."""
    disposal.go_on(books.store)


def change_hold(step: Step, message: m.SubmitAct, appended: Appended) -> None:
    """Put or lift the legal hold that comes with an act. Raises :class:`InvalidInput` when there is no such record or hold."""
    change = message.hold
    if isinstance(change, msgspec.UnsetType):
        return
    if change.lifts:
        put = step.store.index_of(change.lifts)
        if put is None or read_head(step.store.entry(put)).system != message.system:
            raise InvalidInput("the system has no such legal hold", place="hold.lifts")
        step.tx.lift_hold(put, appended.index)
        return
    if change.rid:
        index = step.store.index_of(change.rid)
        if index is None or read_head(step.store.entry(index)).system != message.system:
            raise InvalidInput("the system has no such record", place="hold.rid")
    step.tx.put_hold(appended.index, system=message.system, case=change.case, rid=change.rid)


def _denied(code: RefusalCode, place: str) -> m.Denied:
    return m.Denied(refuse(code, place=place))


def _done(books: Books, made: Appended, day: str) -> m.Done:
    books.state.listed.add(EntryKind.SHRED, made.index)
    return m.Done(receipt=m.Receipt(log=books.store.origin, index=made.index, leaf=made.leaf.hex(), rid=made.rid, day=day))
