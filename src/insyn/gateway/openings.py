"""Who has opened what: a person decides only on what that person has opened, not long ago; and what nobody may open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from insyn.core.entries import EntryHead, EntryKind
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.said import EXTRACT, OWN_CASE
from insyn.core.terms import DisclosureGroup
from insyn.evidence.errors import RecordErased, RecordUnknown
from insyn.evidence.records import Appended
from insyn.evidence.unjudged import awaits_judgement, same_case, waiting_of

from .clock import MAX_STEP_SECONDS
from .step import Step, encode_group

#: How long after the opening a decision still counts.
OPENED_FOR = timedelta(hours=12)
#: So far the clock may step back without closing everything; who decides at once after that has opened "later".
_STEP = timedelta(seconds=MAX_STEP_SECONDS)
#: What the person concerned opens, or is given: never held back.
_OWN = frozenset({OWN_CASE, EXTRACT})
_PROPOSAL = frozenset({DisclosureGroup.OUTPUT, DisclosureGroup.FACTORS})
#: What an opening says that it showed: a bundle holds everything.
_SHOWS_PROPOSAL = _PROPOSAL | {"bundle"}


class _Opening(msgspec.Struct):
    """What an ``opened`` entry says, as much as is needed here."""

    actor: Actor
    at: str
    groups: tuple[str, ...] = ()


_opening = msgspec.json.Decoder(_Opening)


def enter(step: Step, public: Mapping[str, object], *, actor: Actor, purpose: str, **more: object) -> Appended:
    """The entry that somebody opened something: who, for what and when are sealed."""
    sealed = {"actor": actor, "purpose": purpose, **more, "at": step.at}
    return step.append(EntryKind.OPENED, public, private={DisclosureGroup.ACT: encode_group(sealed)})


def has_opened(step: Step, rid: str, *, opened: str, person: str, blind: bool = False, after: str = "") -> bool:
    """Whether the entry ``opened`` says that this person opened the material of the record, and not too long ago.

    ``blind``: without what the system proposed; otherwise with it, for nobody decides on a proposal that was not shown. ``after``: rid of the entry
    that stood when the record was opened, where there is one: nobody looks again at a decision that had not been made.
    """
    index = step.store.index_of(opened)
    head = None if index is None else step.head_at(index)
    if index is None or head is None or (head.kind, head.about) != (EntryKind.OPENED, rid):
        return False
    stood = step.store.index_of(after) if after else None
    if stood is not None and index < stood:
        return False
    said = _said(step, opened)
    if said is None or said.actor.person != person or DisclosureGroup.INPUT not in said.groups:
        return False
    if bool(_PROPOSAL & set(said.groups)) if blind else DisclosureGroup.OUTPUT not in said.groups:
        return False
    return -_STEP <= step.now.wall - datetime.fromisoformat(said.at) <= OPENED_FOR


def has_seen_proposal(step: Step, index: int, *, person: str) -> bool:
    """Whether the person has opened what the system proposed in the record at ``index``, ever and for whatever purpose: on the behalf of the
    one concerned, say. Or what it proposed in the same case otherwise: while that waits, or after this record came.

    What was proposed and decided before is part of the case's history, and who knows it is not kept from the next.
    """
    same = same_case(step.store.connection, index)
    waiting = waiting_of(step.store.connection, same)
    return any(
        each in (index, *waiting) or opened > index
        for each, head in same.items()
        for opened in _showed_proposal(step, head.rid, person=person)
    ) or any(True for part in _parts_of(step, same[index]) for _ in _showed_proposal(step, part, person=person))


def _parts_of(step: Step, head: EntryHead) -> Iterator[str]:
    """Parts of the answer that left before the whole was recorded, and that may name no case of their own."""
    for rid, kind in step.store.followers(head.about) if head.about else ():
        if kind == EntryKind.RELEASE:
            yield rid


def _showed_proposal(step: Step, rid: str, *, person: str) -> Iterator[int]:
    """Indexes of the openings of the record that showed this person what the system proposed."""
    for opened, kind in step.store.followers(rid):
        said = _said(step, opened) if kind == EntryKind.OPENED else None
        if said is not None and said.actor.person == person and _SHOWS_PROPOSAL & set(said.groups):
            yield step.store.index_of(opened) or 0


def _said(step: Step, opened: str) -> _Opening | None:
    """What an opening says; ``None`` when that is destroyed."""
    try:
        return _opening.decode(step.store.open_groups(opened, (DisclosureGroup.ACT,)).groups[DisclosureGroup.ACT])
    except (RecordErased, RecordUnknown):
        return None


def awaits_blind(step: Step, head: EntryHead) -> bool:
    """Whether a person is to judge the case before this proposal is shown to anybody, and nobody has (:mod:`insyn.evidence.unjudged`).

    So with a part of an answer that left before the whole was recorded: it says what the proposal says.
    """
    if head.kind not in (EntryKind.DECISION, EntryKind.RELEASE):
        return False
    index = step.store.index_of(head.rid)
    if index is not None and awaits_judgement(step.store.connection, index):
        return True
    whole = [rid for rid, kind in step.store.followers(head.about) if kind == EntryKind.DECISION] if head.kind == EntryKind.RELEASE else []
    return any(awaits_blind(step, step.head_of(rid)) for rid in whole)


def shown(groups: Iterable[DisclosureGroup], *, blind: bool, purpose: str) -> tuple[tuple[DisclosureGroup, ...], bool]:
    """The groups that are opened of those asked for, and whether any was held back because the case is judged blind."""
    asked = tuple(groups)
    if not blind or purpose in _OWN:
        return asked, False
    return tuple(group for group in asked if group not in _PROPOSAL), True


def held(step: Step, system: str, *, purpose: str = "") -> RefusalCode | None:
    """The refusal where nothing about the system's people may be shown to anybody but themselves."""
    permit = step.state.permits.get(system)
    return RefusalCode.EMPLOYEE_RESULTS_HELD if permit is not None and permit.held and purpose not in _OWN else None
