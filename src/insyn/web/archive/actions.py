"""Acts of the archive: a disposal is decided by one person and carried out by another; a legal hold is put and lifted by named acts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.messages import Actor, Denied, Dispose, Done, HoldChange, Receipt, SubmitAct
from insyn.evidence.escrow import PRESERVE
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require
from insyn.web.decisions.delegations import as_stated, item_behind
from insyn.web.decisions.words import Delegable
from insyn.web.language import spoken
from insyn.web.register.acts import act_to_be, entry_of, sealed_text, write_act, write_act_from_log
from insyn.web.register.models import Act, System, new_id
from insyn.web.register.shapes import decision_day, worded

from .models import DisposalDecision, HoldOn, LegalHold

_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_RID = re.compile(r"[0-9a-f]{32}")
#: The verb that the sequencer asks for (:data:`insyn.gateway.disposing.DECIDED`).
DECIDED = "decide_disposal"


@transaction.atomic
def decide_disposal(
    *,
    actor: Actor,
    system: System,
    retention: str,
    months: Iterable[str],
    case_number: str,
    reason: str,
    delegation: str = "",
    decided_on: date | None = None,
) -> DisposalDecision:
    """Decide that what is sealed of these months shall be destroyed. Nothing is destroyed by it yet.

    Raises :class:`InvalidInput` that names the field, and :class:`NotAllowed`.
    """
    require(actor, "disposal.decide")
    decided_on = decision_day(decided_on)
    retention, months = worded("retention", retention, 32), _months(months)
    if retention == PRESERVE:
        raise InvalidInput(_("What is to be kept for good goes to the archive authority. It is not disposed of."), place="retention")
    item = item_behind(actor, Delegable.DISPOSAL, system=system, number=delegation, on=decided_on)
    row = DisposalDecision(
        system=system,
        retention=retention,
        months=months,
        decided_on=decided_on,
        case_number=worded("case_number", case_number, 40),
        delegation=as_stated(item, delegation),
        reason=worded("reason", reason, 2000),
        decider_person=actor.person,
        decider_name=actor.name,
    )
    row.act = write_act(verb=DECIDED, actor=actor, system=system, text=_told(row))
    row.save()
    return row


def _told(row: DisposalDecision) -> dict[str, object]:
    return {
        "system": row.system.slug,
        "retention": row.retention,
        "months": row.months,
        "case_number": row.case_number,
        "delegation": row.delegation,
        "reason": row.reason,
        "decided_on": row.decided_on.isoformat(),
    }


def _months(months: Iterable[str]) -> list[str]:
    found = sorted({month.strip() for month in months} - {""})
    if not found:
        raise InvalidInput(_("Name at least one month, such as 2026-11."), place="months")
    this_month = clock.today().isoformat()[:7]
    for month in found:
        if not _MONTH.fullmatch(month):
            raise InvalidInput(_("%(month)s is no month. Write it as 2026-11.") % {"month": month[:20]}, place="months")
        if month >= this_month:
            raise InvalidInput(_("The month %(month)s is not over.") % {"month": month}, place="months")
    return found


def dispose_month(*, actor: Actor, decision: DisposalDecision, month: str) -> Receipt:
    """Destroy what is sealed of a decided month. Doing it again changes nothing, and gives the same receipt.

    Whoever decided does not carry it out. Raises :class:`ActRefused` with what the sequencer says, and :class:`NotAllowed`.
    """
    require(actor, "disposal.run")
    if actor.person == decision.decider_person:
        raise NotAllowed(_("Whoever decided on the disposal does not carry it out."))
    if decision.act.log_index is None:
        raise ActRefused(_("The decision is on its way to the log. Try again in a moment."))
    message = Dispose(
        id=0,
        act=_run_id(decision.act_id, month),
        decision=decision.act_id,
        text=sealed_text(decision.act),
        salt=decision.act.salt,
        system=decision.system.slug,
        retention=decision.retention,
        month=month,
        actor=actor,
    )
    return _ask(message)


def _run_id(decision: str, month: str) -> str:
    """The same for the same month of the same decision, so that a second try is known again."""
    return hashlib.sha256(f"insyn/dispose/v1\0{decision}\0{month}".encode()).hexdigest()[:32]


@transaction.atomic
def put_hold(*, actor: Actor, system: System, on: HoldOn, what: str = "", why: str, case_number: str) -> LegalHold:
    """Put a legal hold, in force at once. ``what``: the case number or the record's id.

    The number of the case goes to the sequencer, which keeps a keyed hash of it, and is not kept here. Raises :class:`InvalidInput`,
    :class:`ActRefused`.
    """
    require(actor, "hold.put")
    what = "" if on is HoldOn.SYSTEM else worded("what", what, 200)
    if on is HoldOn.RECORD and not _RID.fullmatch(what):
        raise InvalidInput(_("A record's id is 32 hexadecimal signs."), place="what")
    record = what if on is HoldOn.RECORD else ""
    text = {"on": on.value, "record": record, "why": worded("why", why, 2000), "case_number": worded("case_number", case_number, 40)}
    change = HoldChange(case=what if on is HoldOn.CASE else "", rid=record)
    act = _act_at_once(actor=actor, system=system, verb="put_hold", text=text, hold=change)
    return LegalHold.objects.create(
        system=system, on=on, record=record, why=text["why"], case_number=text["case_number"], put_on=clock.today(), act=act
    )


@transaction.atomic
def lift_hold(*, actor: Actor, hold: LegalHold, why: str, case_number: str) -> LegalHold:
    """Lift a legal hold by a decision. Raises :class:`ActRefused` when it is lifted already."""
    require(actor, "hold.lift")
    if hold.lifting_id is not None:
        raise ActRefused(_("The hold is lifted already."))
    text = {"hold": hold.act_id, "why": worded("why", why, 2000), "case_number": worded("case_number", case_number, 40)}
    hold.lifting = _act_at_once(actor=actor, system=hold.system, verb="lift_hold", text=text, hold=HoldChange(lifts=hold.act_id))
    hold.lifted_on, hold.lifted_why = clock.today(), text["why"]
    hold.save(update_fields=["lifting", "lifted_on", "lifted_why"])
    return hold


def _act_at_once(*, actor: Actor, system: System, verb: str, text: dict[str, str], hold: HoldChange) -> Act:
    """An act whose entry is asked for first: what tightens does not wait for the relay."""
    said = act_to_be(act_id=new_id(), verb=verb, actor=actor, text=text, system=system)
    receipt = _ask(SubmitAct(id=0, act=said.pk, system=system.slug, entry=entry_of(said), hold=hold))
    return write_act_from_log(
        act_id=said.pk, verb=verb, actor=actor, text=text, system=system, log_index=receipt.index, at=said.at, salt=said.salt
    )


def _ask(message: Dispose | SubmitAct) -> Receipt:
    try:
        answer = bridge.ask(lambda number: msgspec.structs.replace(message, id=number))
    except Unreachable as error:
        raise ActRefused(_("The log does not answer, so nothing was changed. Try again in a moment.")) from error
    if isinstance(answer, Denied):
        reason = answer.refusal.reasons[0]
        raise ActRefused(f"{spoken(reason.sentence)} {spoken(reason.mend)}")
    if not isinstance(answer, Done):
        raise ActRefused(_("The log gave an answer that was not understood. Nothing was changed."))
    return answer.receipt
