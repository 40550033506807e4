"""Who has opened what: a person decides only on what that person has opened, not long ago; and what nobody may open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from insyn.core.entries import EntryHead, EntryKind
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.said import EXTRACT, OWN_CASE
from insyn.core.terms import DisclosureGroup
from insyn.evidence.errors import RecordErased, RecordUnknown
from insyn.evidence.records import Appended

from .step import Step, encode_group

#: How long after the opening a decision still counts.
OPENED_FOR = timedelta(hours=12)
#: What the person concerned opens, or is given: never held back.
_OWN = frozenset({OWN_CASE, EXTRACT})
_PROPOSAL = frozenset({DisclosureGroup.OUTPUT, DisclosureGroup.FACTORS})


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


def has_opened(step: Step, rid: str, *, opened: str, person: str, blind: bool = False) -> bool:
    """Whether the entry ``opened`` says that this person opened the material of the record, and not too long ago.

    ``blind``: without what the system proposed; otherwise with it, for nobody decides on a proposal that was not shown.
    """
    index = step.store.index_of(opened)
    head = None if index is None else step.head_at(index)
    if head is None or (head.kind, head.about) != (EntryKind.OPENED, rid):
        return False
    said = _said(step, opened)
    if said is None or said.actor.person != person or DisclosureGroup.INPUT not in said.groups:
        return False
    if bool(_PROPOSAL & set(said.groups)) if blind else DisclosureGroup.OUTPUT not in said.groups:
        return False
    return timedelta(0) <= step.now.wall - datetime.fromisoformat(said.at) <= OPENED_FOR


def has_seen_proposal(step: Step, rid: str, *, person: str) -> bool:
    """Whether the person has opened what the system proposed, ever and for whatever purpose: on the behalf of the one concerned, say."""
    openings = (_said(step, opened) for opened, kind in step.store.followers(rid) if kind == EntryKind.OPENED)
    return any(said.actor.person == person and _PROPOSAL & set(said.groups) for said in openings if said is not None)


def _said(step: Step, opened: str) -> _Opening | None:
    """What an opening says; ``None`` when that is destroyed."""
    try:
        return _opening.decode(step.store.open_groups(opened, (DisclosureGroup.ACT,)).groups[DisclosureGroup.ACT])
    except (RecordErased, RecordUnknown):
        return None


def awaits_blind(step: Step, head: EntryHead) -> bool:
    """Whether a person is to judge this proposal before it is shown to anybody, and nobody has.

    So with a part of an answer that left before the whole was recorded: it says what the proposal says.
    """
    if head.kind == EntryKind.RELEASE:
        whole = [rid for rid, kind in step.store.followers(head.about) if kind == EntryKind.DECISION]
        return any(awaits_blind(step, step.head_of(rid)) for rid in whole)
    if not head.blind or not step.store.is_waiting(head.rid):
        return False
    return all(kind != EntryKind.BLIND_JUDGEMENT for _, kind in step.store.followers(head.rid))


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
