"""Permits: from the register's state and the gates to what is granted. :mod:`insyn.rules.narrowing` compares two permits.

Steps of :func:`compile_permit`: the phase and reach that can never be granted; the gates; what a permit may not be without (somebody who
can stop, a person who can review, a day of evaluation, the way to be served without the system); then the grant and its ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from insyn.core.limits import Limits, in_form
from insyn.core.permit import ClientKey, End, Permit, PurposeGrant, Reviewer, StopHolder
from insyn.core.refusals import Reason, RefusalCode, reason
from insyn.core.terms import Mode, Phase, Reach, RecordKind
from insyn.core.text import Text
from insyn.law.digests import digest_of

from .gates import GateState, in_the_way, missing_reasons, versions_with_gates_met
from .narrowing import in_order, narrower, only_tightens

__all__ = ["OWNER", "Conditions", "PermitSpec", "compile_permit", "narrower", "only_tightens"]


#: What ends when the mandate of the system's owner does.
OWNER = "owner"


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What each decision must carry. All true unless the register says otherwise."""

    human_review: bool = True
    explanation_due: bool = True
    notice_due: bool = True


class PermitSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The register's state of one system, as far as a permit depends on it.

    ``packs`` is :func:`insyn.law.digests.digest_of` the packs in force. ``evaluation_due`` is the last day the system may be used without
    an evaluation. ``ends`` are other last days (the decision's, a delegation's). ``lacking``: what the register itself finds missing for use.
    """

    system: str
    name: Text
    phase: Phase
    reach: Reach
    packs: str
    versions: frozenset[str] = frozenset()
    modes: frozenset[Mode] = frozenset()
    purposes: tuple[PurposeGrant, ...] = ()
    reviewers: tuple[Reviewer, ...] = ()
    stop_holders: tuple[StopHolder, ...] = ()
    clients: tuple[ClientKey, ...] = ()
    groups: frozenset[str] = frozenset()
    manual_way: Text | None = None
    conditions: Conditions = Conditions()
    evaluation_due: date | None = None
    ends: tuple[End, ...] = ()
    lacking: tuple[Reason, ...] = ()
    retention_class: str = "standard"
    exercise: bool = False
    suppliers: frozenset[str] = frozenset()
    limits: Limits = Limits()
    blind_share: int = 0
    held: bool = False
    unchangeable: frozenset[str] = frozenset()
    changeable: frozenset[str] | None = None
    bases: dict[str, float] = {}


#: A phase that is closed by name says so before anything else; every other phase but pilot and use is simply not approved.
_OPEN_PHASES = frozenset({Phase.PILOT, Phase.IN_USE})
_CLOSING_PHASES = {
    Phase.REFUSED: RefusalCode.REFUSED_SYSTEM,
    Phase.RETIRED: RefusalCode.RETIRED,
    Phase.ARCHIVED: RefusalCode.RETIRED,
    Phase.PAUSED: RefusalCode.PAUSED,
    Phase.STOPPED: RefusalCode.STOPPED,
}


def compile_permit(spec: PermitSpec, gates: Sequence[GateState], *, epoch: int, compiled_from: int, on: date) -> Permit:
    """The permit of this state of the register on this day. Closed, with every reason, unless nothing is missing.

    ``gates`` holds the states of :func:`insyn.rules.gates.evaluate_gates` for each version in ``spec.versions``, one after the other; a
    version without its own met gates is left out of the grant.
    """
    versions = versions_with_gates_met(spec.versions, gates)
    missing = (*_closed(spec), *_unmet(gates, spec.versions), *_lacking(spec, gates, versions, on))
    granted = not missing
    return Permit(
        system=spec.system,
        epoch=epoch,
        compiled_from=compiled_from,
        granted=granted,
        packs=spec.packs,
        name=spec.name,
        missing=missing,
        modes=spec.modes if granted else frozenset(),
        versions=versions if granted else frozenset(),
        purposes=in_order(spec.purposes) if granted else (),
        ends=in_order(_ends(spec, gates, versions)) if granted else (),
        clients=in_order(spec.clients),
        stop_holders=in_order(spec.stop_holders),
        reviewers=in_order(spec.reviewers),
        groups=spec.groups,
        human_review=spec.conditions.human_review,
        explanation_due=spec.conditions.explanation_due,
        notice_due=spec.conditions.notice_due,
        manual_way=spec.manual_way,
        retention_class=spec.retention_class,
        exercise=spec.exercise,
        suppliers=tuple(sorted(spec.suppliers)),
        limits=in_form(spec.limits),
        blind_share=spec.blind_share,
        held=spec.held,
        unchangeable=spec.unchangeable,
        changeable=spec.changeable,
        bases={version: spec.bases[version] for version in sorted(spec.bases)},
    )


def _closed(spec: PermitSpec) -> list[Reason]:
    """What can never be granted, whatever else is in place."""
    found = []
    if spec.phase in _CLOSING_PHASES:
        found.append(reason(_CLOSING_PHASES[spec.phase]))
    if spec.reach is Reach.CONTRACT_ONLY:
        found.append(reason(RefusalCode.CONTRACT_ONLY))
    if spec.packs == _NO_PACKS:
        found.append(reason(RefusalCode.NOT_APPROVED, detail=_NO_RULES))
    if spec.phase not in _OPEN_PHASES and not found:
        found.append(reason(RefusalCode.NOT_APPROVED))
    return found


def _unmet(gates: Sequence[GateState], versions: frozenset[str]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(missing_reasons(in_the_way(gates, versions))))


def _lacking(spec: PermitSpec, gates: Sequence[GateState], versions: frozenset[str], on: date) -> list[Reason]:
    """What no permit may be without, asked only where the phase could be open."""
    if spec.phase not in _OPEN_PHASES:
        return []
    found = [*spec.lacking]
    if not versions and not any(gate.version and not gate.met for gate in gates) and not _says(found, RefusalCode.VERSION_NOT_ALLOWED):
        found.append(reason(RefusalCode.VERSION_NOT_ALLOWED, detail=_NO_VERSION))
    if not spec.purposes and not _says(found, RefusalCode.OUTSIDE_PURPOSE):
        found.append(reason(RefusalCode.OUTSIDE_PURPOSE, detail=_NO_PURPOSE))
    if (not spec.modes and not _says(spec.lacking, RefusalCode.MODE_NOT_ALLOWED)) or (
        Mode.AUTOMATED in spec.modes and not _delegated(gates)
    ):
        found.append(reason(RefusalCode.MODE_NOT_ALLOWED, detail=_NO_MODE if not spec.modes else _NO_DELEGATION))
    if not any(_holds_on(holder.last_day, on) for holder in spec.stop_holders):
        found.append(reason(RefusalCode.MANDATE_ENDED, detail=_NO_STOP_HOLDER))
    if spec.conditions.human_review and not any(_holds_on(reviewer.last_day, on) for reviewer in spec.reviewers):
        found.append(reason(RefusalCode.MANDATE_ENDED, detail=_NO_REVIEWER))
    if spec.evaluation_due is None or spec.evaluation_due < on:
        found.append(reason(RefusalCode.OVERDUE_EVALUATION, detail=_NO_EVALUATION if spec.evaluation_due is None else None))
    found += [
        reason(end.code, detail=_HAS_ENDED.get(end.what, Text(end.what, end.what))) for end in spec.ends if not _holds_on(end.last_day, on)
    ]
    return found


_NO_PACKS = digest_of(())
_NO_RULES = Text("Inga regelpaket gäller, så inget är prövat.", "No rule packs are in force, so nothing has been examined.")
_NO_VERSION = Text("Ingen version är beslutad.", "No version has been decided.")
_NO_PURPOSE = Text("Inget ändamål är beslutat.", "No purpose has been decided.")
_NO_MODE = Text("Ingen beslutsform är vald.", "No mode has been chosen.")
_NO_DELEGATION = Text("Nämndens delegation saknas.", "The board's delegation is missing.")
_NO_STOP_HOLDER = Text("Det finns ingen stoppansvarig med gällande mandat.", "There is no stop holder with a mandate that holds.")
_NO_REVIEWER = Text("Det finns ingen granskare med gällande mandat.", "There is no reviewer with a mandate that holds.")
_HAS_ENDED = {
    OWNER: Text("Systemägarens mandat har upphört.", "The mandate of the system's owner has ended."),
    "decision": Text("Beslutet gällde en bestämd tid, som är slut.", "The decision was for a limited time, which is over."),
    "delegation": Text(
        "Delegationen till den automatiserade funktionen har upphört.", "The delegation to the automated function has ended."
    ),
}
_NO_EVALUATION = Text("Ingen dag för utvärdering är bestämd.", "No day of evaluation has been set.")


def _says(reasons: Sequence[Reason], code: RefusalCode) -> bool:
    return any(one.code is code for one in reasons)


def _delegated(gates: Sequence[GateState]) -> bool:
    """By the law's own gate: a policy that asks for a delegation too, from whomever it likes, opens nothing."""
    return any(gate.demands is RecordKind.DELEGATION and gate.met and gate.by_law for gate in gates)


def _holds_on(last_day: str, on: date) -> bool:
    return date.fromisoformat(last_day) >= on


def _ends(spec: PermitSpec, gates: Sequence[GateState], versions: frozenset[str]) -> list[End]:
    """Time closes by itself: the evaluation, each record that a gate rests on, and the last mandate to stop and to review."""
    ends = [*spec.ends]
    if spec.evaluation_due is not None:
        ends.append(End(last_day=spec.evaluation_due.isoformat(), code=RefusalCode.OVERDUE_EVALUATION, what="evaluation"))
    ends.append(_mandates([holder.last_day for holder in spec.stop_holders], "stop_holder"))
    if spec.conditions.human_review:
        ends.append(_mandates([reviewer.last_day for reviewer in spec.reviewers], "reviewer"))
    ends += [
        End(last_day=gate.valid_through.isoformat(), code=RefusalCode.RECORD_EXPIRED, what=gate.rule)
        for gate in gates
        if gate.met and gate.valid_through is not None and (not gate.version or gate.version in versions)
    ]
    return ends


def _mandates(last_days: Sequence[str], what: str) -> End:
    return End(last_day=max(last_days), code=RefusalCode.MANDATE_ENDED, what=what)
