"""A person decides on a proposal that the same person has opened. Mandate and instruction are in the permit; reasons and letter are sealed."""

from __future__ import annotations

from typing import Any

import msgspec

from insyn.core.entries import EntryKind
from insyn.core.messages import Answer, Denied, Done, Review
from insyn.core.permit import Permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, ReviewVerdict, Stage
from insyn.evidence.records import Fact, OpenedRecord

from . import openings
from .matters import gives_notice, matter_of, refuse_copied, told_in_record
from .step import Step, encode_group


def review(step: Step, message: Review) -> Answer:
    """Order: what :func:`matter_of` checks; that it waits, and not for a blind judgement; the opening; that outcome and verdict agree; the notice;
    that the reasons are not copied.

    Allowed while the system is stopped: what was proposed before the stop is a person's to decide.
    """
    matter = matter_of(step, message, (DisclosureGroup.OUTPUT, DisclosureGroup.CASE))
    if isinstance(matter, Denied):
        return matter
    permit, head, record = matter.permit, matter.head, matter.record
    if not step.store.is_waiting(message.rid):
        decided = step.store.decided_by(message.rid) != ""
        return step.only_counted(RefusalCode.ALREADY_REVIEWED if decided else RefusalCode.RECORD_UNKNOWN, place="rid")
    if openings.awaits_blind(step, head):
        return step.only_counted(RefusalCode.BLIND_FIRST, place="rid")
    if not _has_opened(step, message):
        return step.only_counted(RefusalCode.OPENING_MISSING, place="opened")
    if (message.verdict is ReviewVerdict.ACCEPTED) != (
        message.outcome == _proposed(record)
    ) and message.verdict is not ReviewVerdict.REJECTED:
        return step.only_counted(RefusalCode.INVALID_REQUEST, place="outcome")
    if permit.notice_due and not gives_notice(message.notice) and not told_in_record(record):
        return step.only_counted(RefusalCode.NOTICE_MISSING, place="notice")
    return refuse_copied(step, message, matter) or _enter(step, permit, message, record, version=head.version)


def _has_opened(step: Step, message: Review) -> bool:
    opened = message.opened
    return isinstance(opened, str) and openings.has_opened(step, message.rid, opened=opened, person=message.actor.person)


def _enter(step: Step, permit: Permit, message: Review, record: OpenedRecord, *, version: str) -> Answer:
    sealed = {
        "verdict": message.verdict,
        "outcome": message.outcome,
        "reasons": message.reasons,
        "heard_party": message.heard_party,
        "actor": message.actor,
        "at": step.at,
        "opened": message.opened,
        "notice": message.notice,
        "letter": message.letter,
    }
    fact = Fact(
        month=step.day[:7],
        system=message.system,
        version=version,
        stage=Stage.REVIEW.value,
        outcome=message.outcome,
        about=record.fact_id,
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


def _proposed(record: OpenedRecord) -> str:
    output: dict[str, Any] = msgspec.json.decode(record.groups[DisclosureGroup.OUTPUT])
    return str(output["outcome"])
