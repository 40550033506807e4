"""A person judges a proposal before it is shown: what would they have decided? Of a share that is drawn, never chosen."""

from __future__ import annotations

from insyn.core.entries import EntryKind
from insyn.core.messages import Answer, Done, Judge
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, Stage
from insyn.evidence.errors import RecordErased
from insyn.evidence.records import Fact

from . import openings
from .reviewing import may_review
from .step import Step, encode_group


def judge_blind(step: Step, message: Judge) -> Answer:
    """Order: the system; the reviewer; the reasons; the record; that it is the one seen; that it is to be judged; the opening, which showed
    nothing of the proposal.

    Allowed while the system is stopped, as the review after it is.
    """
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
    if step.store.leaf(index).hex() != message.proposal:
        return step.only_counted(RefusalCode.PROPOSAL_CHANGED, place="proposal")
    try:
        fact_id = step.store.open_groups(message.rid, ()).fact_id
    except RecordErased:
        return step.only_counted(RefusalCode.RECORD_ERASED, place="rid")
    head = step.head_at(index)
    if not openings.awaits_blind(step, head):
        return step.only_counted(RefusalCode.NOT_BLIND, place="rid")
    if not openings.has_opened(step, message.rid, opened=message.opened, person=message.actor.person, blind=True):
        return step.only_counted(RefusalCode.OPENING_MISSING, place="opened")
    sealed = {
        "outcome": message.outcome,
        "reasons": message.reasons,
        "actor": message.actor,
        "opened": message.opened,
        "at": step.at,
    }
    appended = step.append(
        EntryKind.BLIND_JUDGEMENT,
        {"system": message.system, "version": head.version, "about": message.rid, "epoch": permit.epoch},
        private={DisclosureGroup.REVIEW: encode_group(sealed)},
        retention=permit.retention_class,
        fact=Fact(
            month=step.day[:7],
            system=message.system,
            version=head.version,
            stage=Stage.BLIND.value,
            outcome=message.outcome,
            about=fact_id,
        ),
    )
    step.count("judged_blind")
    return Done(receipt=step.receipt(appended))
