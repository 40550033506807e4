"""What a person says something of: a judgement before the proposal, a decision on it, a new look. The checks that all three begin with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from insyn.core.entries import EntryHead
from insyn.core.messages import Denied, Judge, Reconsider, Review
from insyn.core.permit import Permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup
from insyn.evidence.errors import RecordErased
from insyn.evidence.records import OpenedRecord

from .step import Step


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
        record = step.store.open_groups(message.rid, tuple(groups))
    except RecordErased:
        return step.only_counted(RefusalCode.RECORD_ERASED, place="rid")
    return Matter(permit, step.head_at(index), record)


def may_review(permit: Permit, person: str, today: str) -> bool:
    """Whether the person holds mandate, instruction and training today."""
    return any(held.person == person and held.last_day >= today for held in permit.reviewers)
