"""A person judges a proposal before it is shown: what would they have decided? Of a share that is drawn, never chosen."""

from __future__ import annotations

from insyn.core.entries import EntryKind
from insyn.core.messages import Answer, Denied, Done, Judge
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, Stage
from insyn.core.text import Text
from insyn.evidence.records import Fact

from . import openings
from .matters import matter_of, refuse_copied
from .step import Step, encode_group

_SEEN = Text(
    "Den som bedömer har redan sett förslaget i ett annat sammanhang. Någon annan gör bedömningen.",
    "Whoever judges has seen the proposal already, in another connection. Somebody else makes the judgement.",
)
_ANOTHER = Text(
    "Det här förslaget väntar inte. Ett annat förslag i samma ärende ska bedömas innan det visas.",
    "This proposal does not wait. Another proposal of the same case is to be judged before it is shown.",
)


def judge_blind(step: Step, message: Judge) -> Answer:
    """Order: what :func:`matter_of` checks; that the case is to be judged, and that this proposal of it waits; the opening, which showed nothing
    of the proposal, and that no other opening has shown it to this person.

    Allowed while the system is stopped, as the review after it is.
    """
    matter = matter_of(step, message)
    if isinstance(matter, Denied):
        return matter
    permit, head, fact_id = matter.permit, matter.head, matter.record.fact_id
    if not openings.awaits_blind(step, head):
        return step.only_counted(RefusalCode.NOT_BLIND, place="rid")
    if not step.store.is_waiting(message.rid):
        return step.only_counted(RefusalCode.NOT_BLIND, place="rid", detail=_ANOTHER)
    if not openings.has_opened(step, message.rid, opened=message.opened, person=message.actor.person, blind=True):
        return step.only_counted(RefusalCode.OPENING_MISSING, place="opened")
    if openings.has_seen_proposal(step, matter.record.index, person=message.actor.person):
        return step.only_counted(RefusalCode.OPENING_MISSING, place="actor", detail=_SEEN)
    if copied := refuse_copied(step, message, matter):
        return copied
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
