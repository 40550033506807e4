"""A person decides on a proposal. Mandate and instruction are in the permit; the reasons are sealed."""

from __future__ import annotations

from typing import Any

import msgspec

from insyn.core.entries import EntryKind
from insyn.core.messages import Answer, Done, Review
from insyn.core.permit import Permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, ReviewVerdict, Stage
from insyn.evidence.errors import RecordErased
from insyn.evidence.records import Fact, OpenedRecord

from .step import Step, encode_group


def review(step: Step, message: Review) -> Answer:
    """Order: the system; the reviewer; the reasons; the record; that it is the one seen; that it waits; that outcome and verdict agree.

    Allowed while the system is stopped: what was proposed before the stop is a person's to decide.
    """
    permit = step.state.permits.get(message.system)
    if permit is None:
        return step.only_counted(RefusalCode.UNKNOWN_SYSTEM, place="system")
    if not _may_review(permit, message.actor.person, step.day):
        return step.only_counted(RefusalCode.REVIEWER_WITHOUT_MANDATE, place="actor")
    if not message.reasons.strip():
        return step.only_counted(RefusalCode.REASONS_MISSING, place="reasons")
    index = step.decision_of(message.system, message.rid)
    if index is None:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    if step.store.leaf(index).hex() != message.proposal:
        return step.only_counted(RefusalCode.PROPOSAL_CHANGED, place="proposal")
    try:
        opened = step.store.open_groups(message.rid, (DisclosureGroup.OUTPUT,))
    except RecordErased:
        return step.only_counted(RefusalCode.RECORD_ERASED, place="rid")
    if not step.store.is_waiting(message.rid):
        decided = step.store.decided_by(message.rid) != ""
        return step.only_counted(RefusalCode.ALREADY_REVIEWED if decided else RefusalCode.RECORD_UNKNOWN, place="rid")
    if (message.verdict is ReviewVerdict.ACCEPTED) != (
        message.outcome == _proposed(opened)
    ) and message.verdict is not ReviewVerdict.REJECTED:
        return step.only_counted(RefusalCode.INVALID_REQUEST, place="outcome")
    return _enter(step, permit, message, opened, version=step.head_at(index).version)


def _enter(step: Step, permit: Permit, message: Review, opened: OpenedRecord, *, version: str) -> Answer:
    sealed = {
        "verdict": message.verdict,
        "outcome": message.outcome,
        "reasons": message.reasons,
        "heard_party": message.heard_party,
        "actor": message.actor,
        "at": step.at,
    }
    fact = Fact(
        month=step.day[:7],
        system=message.system,
        version=version,
        stage=Stage.REVIEW.value,
        outcome=message.outcome,
        about=opened.fact_id,
    )
    appended = step.append(
        EntryKind.REVIEW,
        {
            "system": message.system,
            "version": version,
            "about": message.rid,
            "verdict": message.verdict.value,
            "epoch": permit.epoch,
        },
        private={DisclosureGroup.REVIEW: encode_group(sealed)},
        retention=permit.retention_class,
        fact=fact,
    )
    step.tx.set_waiting(message.rid, False, by=appended.rid)
    step.count("reviewed")
    return Done(receipt=step.receipt(appended))


def _may_review(permit: Permit, person: str, today: str) -> bool:
    return any(held.person == person and held.last_day >= today for held in permit.reviewers)


def _proposed(opened: OpenedRecord) -> str:
    output: dict[str, Any] = msgspec.json.decode(opened.groups[DisclosureGroup.OUTPUT])
    return str(output["outcome"])
