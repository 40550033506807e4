"""Everything about one record for whoever checks it away from here: exact bytes, salts, receipts. Opened for a named actor and purpose."""

from __future__ import annotations

from collections.abc import Iterable

from insyn.core import messages as m
from insyn.core.entries import EntryHead, EntryKind, read_head
from insyn.core.refusals import RefusalCode
from insyn.evidence.errors import RecordErased, RecordUnknown
from insyn.evidence.store import EvidenceStore

from . import openings
from .step import Step

_PAGE = 1_000


def open_bundle(step: Step, message: m.OpenBundle) -> m.Answer:
    """Order: the record, and that it is of the actor's system; that nothing holds it back; that a checkpoint covers all of it; the entry; then what was sealed."""
    store = step.store
    index = store.index_of(message.rid)
    if index is None:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    head = step.head_at(index)
    if message.system not in ("", head.system) or head.kind not in (EntryKind.DECISION, EntryKind.HISTORICAL_DECISION):
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    if held := openings.held(step, head.system):
        return step.only_counted(held, place="system")
    if openings.awaits_blind(step, head):
        return step.only_counted(RefusalCode.BLIND_FIRST, place="rid")
    wanted = list(
        dict.fromkeys(
            (
                index,
                *_clearance(store, head),
                *_about(store, message.rid),
                *_permit_of(step, head, before=index),
                *_acts(step, head, message.acts),
            )
        )
    )
    proofs = {each: store.receipt_proof(each) for each in wanted}
    if not all(proofs.values()):
        return step.only_counted(RefusalCode.NOT_READY, place="checkpoint")
    public = {"system": head.system, "about": message.rid}
    openings.enter(step, public, actor=message.actor, purpose=message.purpose, groups=("bundle",))
    return m.Bundled(entries=tuple(_entry(store, each, proofs[each]) for each in wanted))


def _about(store: EvidenceStore, rid: str) -> Iterable[int]:
    """Entries about the record, but not who else opened it: that is no part of the case."""
    for follower, kind in store.followers(rid):
        if kind != EntryKind.OPENED and (index := store.index_of(follower)) is not None:
            yield index


def _clearance(store: EvidenceStore, head: EntryHead) -> Iterable[int]:
    """The clearance that the record came under, and what was refused under it."""
    index = store.index_of(head.about) if head.about else None
    if index is not None:
        yield index
        yield from _about(store, head.about)


def _permit_of(step: Step, head: EntryHead, *, before: int) -> Iterable[int]:
    """The entry of the permit that the record was judged by."""
    found: list[int] = []
    start = 0
    while page := step.state.listed.of((EntryKind.PERMIT.value,), start, _PAGE):
        found += page
        start = page[-1] + 1
    for index in reversed(found):
        entry = step.head_at(index)
        if index < before and entry.system == head.system and entry.epoch == head.epoch:
            return (index,)
    return ()


def _acts(step: Step, record: EntryHead, acts: Iterable[str]) -> Iterable[int]:
    """Entries of acts of the record's own system."""
    for rid in acts:
        index = step.store.index_of(rid)
        if index is not None:
            head = step.head_at(index)
            if head.system == record.system and head.kind in (EntryKind.ACT, EntryKind.PERMIT):
                yield index


def _entry(store: EvidenceStore, index: int, proof: str) -> m.BundledEntry:
    data = store.entry(index)
    try:
        opened = store.open_groups(read_head(data).rid)
    except (RecordUnknown, RecordErased):  # an entry with nothing sealed, or what was sealed is destroyed: the entry says enough
        return m.BundledEntry(index=index, entry=data, proof=proof)
    salts = {group: salt.hex() for group, salt in opened.salts.items()}
    return m.BundledEntry(index=index, entry=data, proof=proof, groups=opened.groups, salts=salts)
