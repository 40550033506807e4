"""What a person says something of: a judgement before the proposal, a decision on it, a new look. The checks that all three begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from insyn.core.entries import DECIDED_BY_A_PERSON, SAID_BY_A_PERSON, EntryHead
from insyn.core.messages import Actor, Denied, Judge, NoticeGiven, Reconsider, Review
from insyn.core.own_words import marks_of, own_words, texts_in
from insyn.core.permit import Permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup
from insyn.core.text import Text
from insyn.evidence.errors import RecordErased, RecordUnknown
from insyn.evidence.records import OpenedRecord

from .step import Step

_COPIED = Text(
    "Skälen är avskrivna från ärendet eller från vad någon annan har sagt om det.",
    "The reasons are copied from the case or from what somebody else has said of it.",
)
_SHORT = 3  # words: more of them are a sentence
_COMPARED = (DisclosureGroup.INPUT, DisclosureGroup.FACTORS)


class _Said(msgspec.Struct):
    reasons: str
    actor: Actor


_said = msgspec.json.Decoder(_Said)


@dataclass(frozen=True)
class Matter:
    """The permit, and the record with the groups that were asked for."""

    permit: Permit
    head: EntryHead
    record: OpenedRecord


def matter_of(step: Step, message: Judge | Review | Reconsider, groups: Iterable[DisclosureGroup] = ()) -> Matter | Denied:
    """Order: the system; the reviewer; the reasons; the record; that it is the one seen, where the message says which; that it is not erased."""
    permit = step.state.permits.get(message.system)
    if permit is None:
        return step.only_counted(RefusalCode.UNKNOWN_SYSTEM, place="system")
    if not may_review(permit, message.actor.person, step.day):
        return step.only_counted(RefusalCode.REVIEWER_WITHOUT_MANDATE, place="actor")
    if not message.reasons.strip():
        return step.only_counted(RefusalCode.REASONS_MISSING, place="reasons")
    index = step.decision_of(message.system, message.rid)
    if index is None:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    if not isinstance(message, Reconsider) and step.store.leaf(index).hex() != message.proposal:
        return step.only_counted(RefusalCode.PROPOSAL_CHANGED, place="proposal")
    try:
        record = step.store.open_groups(message.rid, (*groups, *_COMPARED))
    except RecordErased:
        return step.only_counted(RefusalCode.RECORD_ERASED, place="rid")
    return Matter(permit, step.head_at(index), record)


def refuse_copied(step: Step, message: Judge | Review | Reconsider, matter: Matter) -> Denied | None:
    """A refusal where nothing of the reasons is the person's own. The page knows more sentences, and asks for a length; nobody gets around this."""
    if own_words(message.reasons, marks_of(_said_already(step, message, matter.record))):
        return None
    return step.only_counted(RefusalCode.REASONS_MISSING, place="reasons", detail=_COPIED)


def _said_already(step: Step, message: Judge | Review | Reconsider, record: OpenedRecord) -> Iterator[str]:
    """What the record says, what others have said of it, and every earlier decision.

    Whoever judges blind is held against the longer texts of the input alone, so that nobody finds out by refusals what is not shown yet.
    """
    blind = isinstance(message, Judge)
    for group in _COMPARED[:1] if blind else _COMPARED:
        texts = texts_in(msgspec.json.decode(record.groups.get(group, b"null")))
        yield from (text for text in texts if not blind or len(text.split()) > _SHORT)
    for rid, kind in step.store.followers(message.rid):
        if kind not in SAID_BY_A_PERSON or (said := _opened_said(step, rid)) is None:
            continue
        if kind in DECIDED_BY_A_PERSON or said.actor.person != message.actor.person:
            yield said.reasons


def _opened_said(step: Step, rid: str) -> _Said | None:
    """What a person said of a record; ``None`` when that is destroyed."""
    try:
        return _said.decode(step.store.open_groups(rid, (DisclosureGroup.REVIEW,)).groups[DisclosureGroup.REVIEW])
    except (RecordErased, RecordUnknown):
        return None


def may_review(permit: Permit, person: str, today: str) -> bool:
    """Whether the person holds mandate, instruction and training today."""
    return any(held.person == person and held.last_day >= today for held in permit.reviewers)


def gives_notice(notice: NoticeGiven | None) -> bool:
    """Whether a decision says in which step of the work the one concerned is told that AI helped."""
    return notice is not None and _says_something(notice.step)


def told_in_record(record: OpenedRecord) -> bool:
    """Whether the record itself says how the person was told that AI is used."""
    case: dict[str, Any] = msgspec.json.decode(record.groups[DisclosureGroup.CASE])
    return _says_something(str(case.get("notice", "")))


def _says_something(text: str) -> bool:
    """Blanks, points and signs that nobody sees are no trace."""
    return any(sign.isalnum() for sign in text)
