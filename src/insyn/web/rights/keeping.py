"""What is left alone, and what is erased, on a person's request.

A restriction is a mark in the register that the site obeys whenever it opens a record. An erasure is decided by the board or on its delegation,
carried out by another person, and asked of the sequencer, which refuses what a legal hold or the archive law keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.entries import SAID_BY_A_PERSON
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.identity import holds_identity_number
from insyn.core.messages import Actor, Answer, ControlMessage, Denied, Done, Erase, Open, Opened
from insyn.core.refusals import Refusal, RefusalCode
from insyn.evidence.escrow import PRESERVE
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require
from insyn.web.archive.models import HoldOn, LegalHold
from insyn.web.decisions.delegations import as_stated, item_behind
from insyn.web.decisions.words import Delegable
from insyn.web.language import spoken
from insyn.web.register.acts import write_act
from insyn.web.register.shapes import decision_day, worded

from .employees import outside_every_line, told_of
from .handling import why_not_for
from .models import ErasureDecision, Restriction, RightsRequest
from .restricted import restriction_of
from .words import RequestKind, RequestState


@dataclass(frozen=True)
class Finding:
    """One thing that the archive check has found. ``stops``: nothing may be erased while it is so."""

    text: str
    stops: bool


@transaction.atomic
def restrict_record(*, actor: Actor, request: RightsRequest, why: str) -> Restriction:
    """Let the record of the request be left alone, from now on."""
    mandate = require(actor, "rights.restrict")
    if why_not := why_not_for(mandate, request):
        raise NotAllowed(why_not)
    if request.system is None or not request.rid:
        raise ActRefused(_("The request names no case, so there is nothing to restrict."))
    if restriction_of(request.system, request.rid) is not None:
        raise ActRefused(_("The data is restricted already."))
    why = worded("why", why, 2000)
    act = write_act(verb="restrict_record", actor=actor, system=told_of(request.system), text={"receipt": request.receipt})
    return Restriction.objects.create(system=request.system, rid=request.rid, request=request, why=why, since=clock.today(), act=act)


@transaction.atomic
def lift_restriction(*, actor: Actor, restriction: Restriction, why: str) -> Restriction:
    """End a restriction. Tell the person first: the reasons stand on their page."""
    mandate = require(actor, "rights.restrict")
    if restriction.request is not None and (why_not := why_not_for(mandate, restriction.request)):
        raise NotAllowed(why_not)
    if restriction.lifted_on is not None:
        raise ActRefused(_("The restriction is lifted already."))
    restriction.lifted_why, restriction.lifted_on = worded("why", why, 2000), clock.today()
    text = {"restriction": restriction.act_id}
    restriction.lifting = write_act(verb="lift_restriction", actor=actor, system=told_of(restriction.system), text=text)
    restriction.save(update_fields=["lifted_on", "lifted_why", "lifting"])
    return restriction


def archive_check(request: RightsRequest) -> list[Finding]:
    """What the register knows that speaks against erasing the record. The sequencer checks once more, with what only it knows."""
    system, found = request.system, []
    if system is None:
        return [Finding(_("The request names no case. Erasure is decided case by case."), stops=True)]
    if system.retention_class == PRESERVE:
        found.append(Finding(_("The system's records are to be kept for good. They go to the archive and are not erased."), stops=True))
    held = LegalHold.objects.filter(system=system, lifting=None)
    if held.filter(on=HoldOn.SYSTEM).exists() or held.filter(on=HoldOn.RECORD, record=request.rid).exists():
        found.append(Finding(_("A legal hold stands on it. It has to be lifted first."), stops=True))
    elif held.filter(on=HoldOn.CASE).exists():
        found.append(Finding(_("There are legal holds on cases of the system. The log says no if this case is one of them."), stops=False))
    others = RightsRequest.objects.filter(system=system, rid=request.rid, state=RequestState.OPEN).exclude(pk=request.pk)
    if others.exists():
        found.append(Finding(_("Another request about the same case waits for an answer."), stops=True))
    found.append(Finding(_("Retention class of the system: %(name)s.") % {"name": system.retention_class}, stops=False))
    return found


@transaction.atomic
def decide_erasure(
    *, actor: Actor, request: RightsRequest, case_number: str, reason: str, delegation: str = "", decided_on: date | None = None
) -> ErasureDecision:
    """Decide that the record of the request shall be erased. Nothing is erased by it yet."""
    mandate = require(actor, "erasure.decide")
    if not outside_every_line(request.system, mandate.user, clock.today()):
        raise NotAllowed(_("What employees ask for is decided outside their own line: by a board or a delegate of another office."))
    if RequestKind(request.kind) is not RequestKind.ERASURE or not request.is_open:
        raise ActRefused(_("There is no open request for erasure to decide on."))
    against = [finding.text for finding in archive_check(request) if finding.stops]
    if against or request.system is None:
        raise ActRefused(*against)
    if ErasureDecision.objects.filter(rid=request.rid).exists():
        raise ActRefused(_("The erasure is decided already."))
    decided_on = decision_day(decided_on)
    item = item_behind(actor, Delegable.DISPOSAL, system=request.system, number=delegation, on=decided_on)
    text = {
        "receipt": request.receipt,
        "case_number": worded("case_number", case_number, 40),
        "reason": worded("reason", reason, 2000),
        "decided_on": decided_on.isoformat(),
    }
    for place in ("case_number", "reason"):
        if holds_identity_number(text[place]):
            raise InvalidInput(_("Write no identity number here. The text is kept, and the number is not."), place=place)
    act = write_act(verb="decide_erasure", actor=actor, system=told_of(request.system), text=text)
    return ErasureDecision.objects.create(
        request=request,
        system=request.system,
        rid=request.rid,
        basis=f"GDPR Art. 17; decision {act.pk}",
        case_number=text["case_number"],
        delegation=as_stated(item, delegation),
        reason=text["reason"],
        decided_on=decided_on,
        decider_person=actor.person,
        decider_name=actor.name,
        act=act,
    )


def carry_out_erasure(*, actor: Actor, decision: ErasureDecision) -> ErasureDecision:
    """Erase the record and what was decided about it. Asked again after a break, it goes on where it was.

    Whoever decided does not carry it out. Raises :class:`ActRefused` with what the sequencer says.
    """
    mandate = require(actor, "erasure.run")
    if actor.person == decision.decider_person:
        raise NotAllowed(_("Whoever decided on the erasure does not carry it out."))
    if why_not := why_not_for(mandate, decision.request):
        raise NotAllowed(why_not)
    if decision.done_index is not None:
        return decision
    _still_to_be_done(decision)
    if decision.act.log_index is None:
        raise ActRefused(_("The decision is on its way to the log. Try again in a moment."))
    for rid in [*_parts(decision, actor), decision.rid]:
        index = _erase(rid, decision.basis, actor)
    return _note_done(actor, decision, index)


def _still_to_be_done(decision: ErasureDecision) -> None:
    """What has come since the decision stops it too, before anything is erased: parts of a record cannot be put back."""
    request = RightsRequest.objects.select_related("system").get(pk=decision.request_id)
    if request.state == RequestState.WITHDRAWN:
        raise ActRefused(_("The person has taken the request back. Nothing is erased."))
    if against := [finding.text for finding in archive_check(request) if finding.stops]:
        raise ActRefused(*against)


@transaction.atomic
def _note_done(actor: Actor, decision: ErasureDecision, index: int) -> ErasureDecision:
    text = {"decision": decision.act_id, "index": index}
    decision.done_act = write_act(verb="carry_out_erasure", actor=actor, system=told_of(decision.system), text=text)
    decision.done_index, decision.done_on = index, clock.today()
    decision.save(update_fields=["done_act", "done_index", "done_on"])
    return decision


def _parts(decision: ErasureDecision, actor: Actor) -> list[str]:
    opened = _ask(lambda n: Open(id=n, rid=decision.rid, groups=(), actor=actor, purpose="erasure", system=decision.system.slug))
    return [rid for rid, kind in opened.followers if kind in SAID_BY_A_PERSON] if isinstance(opened, Opened) else []


def _erase(rid: str, basis: str, actor: Actor) -> int:
    """The index of the shred entry; -1 where the record was erased before."""
    answer = _ask(lambda n: Erase(id=n, rid=rid, basis=basis, actor=actor))
    return answer.receipt.index if isinstance(answer, Done) else -1


def _ask(make: Callable[[int], ControlMessage]) -> Answer | None:
    """The answer; nothing for what is erased already."""
    try:
        answer = bridge.ask(make)
    except Unreachable as error:
        raise ActRefused(_("The log does not answer, so nothing was changed. Try again in a moment.")) from error
    if isinstance(answer, Denied):
        if answer.refusal.code is RefusalCode.RECORD_ERASED:
            return None
        raise ActRefused(_in_words(answer.refusal))
    return answer


def _in_words(refusal: Refusal) -> str:
    reason = refusal.reasons[0]
    return f"{spoken(reason.sentence)} {spoken(reason.mend)}"
