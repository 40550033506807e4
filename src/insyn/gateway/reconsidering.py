"""A person looks again at what was decided. What was replaced stays as it was; the newest decision of a person is what holds."""

from __future__ import annotations

from typing import Any

import msgspec

from insyn.core.entries import DECIDED_BY_A_PERSON, EntryKind
from insyn.core.messages import Answer, Denied, Done, Reconsider
from insyn.core.permit import Permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import DisclosureGroup, ReviewVerdict, Stage
from insyn.evidence.errors import RecordErased, RecordUnknown
from insyn.evidence.records import Fact

from . import openings
from .matters import gives_notice, matter_of, refuse_copied, told_in_record
from .step import Step, encode_group


class _Said(msgspec.Struct):
    outcome: str
    notice: dict[str, Any] | None = None


_said = msgspec.json.Decoder(_Said)


def reconsider(step: Step, message: Reconsider) -> Answer:
    """Order: what :func:`matter_of` checks; the opening, with what is replaced in it; that this is what holds; the notice; that the
    reasons are not copied.

    Allowed while the system is stopped: a wrong decision is put right whatever becomes of the system.
    """
    matter = matter_of(step, message, (DisclosureGroup.CASE,))
    if isinstance(matter, Denied):
        return matter
    if not openings.has_opened(step, message.rid, opened=message.opened, person=message.actor.person, after=message.replaces):
        held = openings.awaits_blind(step, matter.head)  # by another proposal of the case, which came later
        return step.only_counted(RefusalCode.BLIND_FIRST if held else RefusalCode.OPENING_MISSING, place="rid" if held else "opened")
    before = _outcome_that_holds(step, message, stage=matter.head.verdict)
    if isinstance(before, Denied):
        return before
    if matter.permit.notice_due and not (gives_notice(message.notice) or told_in_record(matter.record) or _told_before(step, message)):
        return step.only_counted(RefusalCode.NOTICE_MISSING, place="notice")
    if copied := refuse_copied(step, message, matter):
        return copied
    return _enter(step, matter.permit, message, before=before, version=matter.head.version, fact_id=matter.record.fact_id)


def _outcome_that_holds(step: Step, message: Reconsider, *, stage: str) -> str | Denied:
    """What was decided last, where that is what the message replaces: by a person, or by the system alone in an answer that was used."""
    followers = step.store.followers(message.rid)
    newest = next((rid for rid, kind in reversed(followers) if kind in DECIDED_BY_A_PERSON), "")
    alone = stage == Stage.DECISION and all(kind != EntryKind.NOT_USED for _, kind in followers)
    if newest != message.replaces or not (newest or alone):
        return step.only_counted(RefusalCode.NOTHING_TO_RECONSIDER, place="replaces")
    group = DisclosureGroup.REVIEW if newest else DisclosureGroup.OUTPUT
    try:
        return _said.decode(step.store.open_groups(newest or message.rid, (group,)).groups[group]).outcome
    except (RecordErased, RecordUnknown):
        return step.only_counted(RefusalCode.RECORD_ERASED, place="replaces")


def _told_before(step: Step, message: Reconsider) -> bool:
    """Whether an earlier decision by a person says how the one concerned was told."""
    group = DisclosureGroup.REVIEW
    for rid, kind in step.store.followers(message.rid):
        if kind in DECIDED_BY_A_PERSON:
            try:
                said = _said.decode(step.store.open_groups(rid, (group,)).groups[group])
            except (RecordErased, RecordUnknown):
                continue
            if said.notice is not None:
                return True
    return False


def _enter(step: Step, permit: Permit, message: Reconsider, *, before: str, version: str, fact_id: str) -> Answer:
    verdict = ReviewVerdict.ACCEPTED if message.outcome == before else ReviewVerdict.CHANGED
    sealed = {
        "verdict": verdict,
        "outcome": message.outcome,
        "reasons": message.reasons,
        "heard_party": message.heard_party,
        "actor": message.actor,
        "at": step.at,
        "opened": message.opened,
        "notice": message.notice,
        "letter": message.letter,
        "ground": message.ground,
        "replaces": message.replaces,
        "request": message.about,
    }
    appended = step.append(
        EntryKind.RECONSIDERATION,
        {
            "system": message.system,
            "version": version,
            "about": message.rid,
            "verdict": verdict.value,
            "basis": message.ground.value,
            "epoch": permit.epoch,
        },
        private={DisclosureGroup.REVIEW: encode_group(sealed)},
        retention=permit.retention_class,
        fact=Fact(
            month=step.day[:7],
            system=message.system,
            version=version,
            stage=Stage.RECONSIDERATION.value,
            outcome=message.outcome,
            about=fact_id,
        ),
    )
    step.count("reconsidered")
    return Done(receipt=step.receipt(appended))
