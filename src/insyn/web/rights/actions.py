"""What the person does: asks, adds and withdraws. And what staff write down for somebody who came, called or wrote.

Each is one transaction with one act. The log's entry says that something was asked about the system that day; what, and by whom, stays here.
Of a system about employees the entry names no system either: the line reads the log too.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require
from insyn.web.register.acts import write_act
from insyn.web.register.models import System, new_id
from insyn.web.residents.models import CaseCode
from insyn.web.residents.standing import Resident

from .clocks import days_of
from .employees import outside_the_line, told_of
from .grounds import ABOUT
from .models import Addition, OwnDays, RightsRequest
from .receipts import receipt_number
from .words import BY_STAFF, Channel, RequestKind, RequestOutcome, RequestState

MAX_MESSAGE = 4000
#: So many requests of one kind may one person (or one code) have open, and so many in all.
MOST_OF_A_KIND, MOST_OPEN = 5, 20
#: So many times may one person add to a request.
MOST_ADDITIONS = 20
#: Who stands in the register when the person concerned acts. No token: acts are read by many.
RESIDENT = Actor(person="resident", name="Den som ärendet gäller", role="resident")
REPRESENTATIVE = Actor(person="resident", name="Den som företräder någon", role="representative")


@dataclass(frozen=True)
class Asker:
    """Who a request is from, as far as the register may know it."""

    channel: Channel
    actor: Actor
    token: str = ""
    tokens: tuple[str, ...] = ()
    code: CaseCode | None = None
    asked_by: str = ""

    def own(self, rid: str) -> QuerySet[RightsRequest]:
        """The requests of the same person, or of the same letter; of somebody whom only a case names, those about that case."""
        if self.code is not None:
            return RightsRequest.objects.filter(code=self.code)
        if self.token:
            return RightsRequest.objects.filter(token__in=self.tokens or (self.token,))
        return RightsRequest.objects.filter(token="", code=None, rid=rid).exclude(rid="")


def asker_of(resident: Resident) -> Asker:
    """The resident as one who asks."""
    actor = REPRESENTATIVE if resident.acting is not None else RESIDENT
    asked_by = resident.signed_in if resident.acting is not None else ""
    channel = Channel.CODE if resident.code is not None else Channel.EID
    return Asker(channel, actor, resident.subject, resident.tokens, resident.code, asked_by)


def file_request(*, resident: Resident, kind: RequestKind, system: System | None = None, rid: str = "", message: str = "") -> RightsRequest:
    """The person asks. Asking again while the first waits returns the first, with what is new added to it.

    Raises :class:`ActRefused` for a record that is not theirs, and when too many wait already.
    """
    if rid and (system is None or not resident.may_see(rid, system.slug)):
        raise ActRefused(_("That case is not one of yours."))
    return _file(asker_of(resident), kind=kind, system=system, rid=rid, message=message)


def ask_for_human(*, code: CaseCode, rid: str, message: str) -> RightsRequest:
    """Whoever holds a letter's code asks that a person looks again at a case that it opens."""
    if rid not in code.rids:
        raise ActRefused(_("The code does not open that case."))
    asker = Asker(Channel.CODE, RESIDENT, code=code)
    return _file(asker, kind=RequestKind.HUMAN_REVIEW, system=code.system, rid=rid, message=message)


@transaction.atomic
def enter_request(
    *,
    actor: Actor,
    channel: Channel,
    kind: RequestKind,
    system: System | None = None,
    rid: str = "",
    token: str = "",
    message: str = "",
    asked_by: str = "",
) -> RightsRequest:
    """Staff write down what somebody asked for at a visit, by phone or on paper. The clock runs from today.

    ``token``: the person, as the sequencer answered; the identity number itself has not come this far.
    """
    mandate = require(actor, "rights.enter")
    if channel not in BY_STAFF:
        raise InvalidInput(_("Say how it came: visit, phone or letter."), place="channel")
    if not token and not rid:
        raise InvalidInput(_("Say whom it concerns: by identity number or by case number."), place="whom")
    if not outside_the_line(system, mandate.user, mandate.office):
        raise NotAllowed(_("What employees ask for is handled outside their own line: by a rights officer of another office."))
    asker = Asker(channel, actor, token, (token,) if token else (), None, asked_by)
    return _file(asker, kind=kind, system=system, rid=rid, message=message)


@transaction.atomic
def _file(asker: Asker, *, kind: RequestKind, system: System | None, rid: str, message: str) -> RightsRequest:
    waiting = asker.own(rid).filter(state=RequestState.OPEN)
    before = waiting.filter(kind=kind, rid=rid, system=system).select_related("system", "act").first()
    if before is not None:
        _append(before, asker.actor, message)
        return before
    if waiting.filter(kind=kind).count() >= MOST_OF_A_KIND or waiting.count() >= MOST_OPEN:
        raise ActRefused(
            _(
                "You have many requests that wait for an answer already. Add to one of them, or wait until we have answered. Nothing is lost."
            )
        )
    return _record(asker, kind=kind, system=system, rid=rid, message=message)


@transaction.atomic
def _record(asker: Asker, *, kind: RequestKind, system: System | None, rid: str, message: str) -> RightsRequest:
    if ABOUT[kind].needs_record and not rid:
        raise InvalidInput(_("Say which case it is about."), place="rid")
    act_id, today = new_id(), clock.today()
    receipt = receipt_number(act_id)
    own = OwnDays.objects.filter(kind=kind).values_list("days", flat=True).first()
    days = days_of(kind, today, own_days=own)
    text = {"receipt": receipt, "kind": kind.value, "channel": asker.channel.value, "due": days.counts.isoformat()}
    act = write_act(verb="file_request", actor=asker.actor, system=told_of(system), text=text, act_id=act_id)
    return RightsRequest.objects.create(
        kind=kind.value,
        channel=asker.channel.value,
        code=asker.code,
        token=asker.token,
        asked_by=asker.asked_by,
        system=system,
        rid=rid,
        receipt=receipt,
        asked_on=today,
        law_due=days.law,
        due=days.counts,
        message=plain_text(message),
        act=act,
    )


@transaction.atomic
def add_to_request(*, resident: Resident, request: RightsRequest, text: str) -> RightsRequest:
    """The person writes more. Raises :class:`InvalidInput` for nothing, :class:`ActRefused` when it is answered or withdrawn."""
    if not request.is_open:
        raise ActRefused(_("The request is closed. Make a new one, and say the number of this."))
    if not plain_text(text):
        raise InvalidInput(_("Write what you want to add."), place="text")
    _append(request, asker_of(resident).actor, text)
    return request


def _append(request: RightsRequest, actor: Actor, text: str) -> None:
    """Add what is new; the same words again are no news."""
    text = plain_text(text)
    said = {request.message, *request.additions.values_list("text", flat=True)}
    if not text or text in said:
        return
    if len(said) > MOST_ADDITIONS:
        raise ActRefused(_("You have added a lot already. Call us, or wait for the answer. Nothing is lost."))
    act = write_act(verb="add_to_request", actor=actor, system=told_of(request.system), text={"receipt": request.receipt})
    Addition.objects.create(request=request, text=text, added_on=clock.today(), act=act)


@transaction.atomic
def withdraw_request(*, resident: Resident, request: RightsRequest) -> RightsRequest:
    """The person takes the request back. It stays in the register, and they may ask again."""
    if not request.is_open:
        raise ActRefused(_("The request is closed already."))
    actor = asker_of(resident).actor
    request.withdraw_act = write_act(
        verb="withdraw_request", actor=actor, system=told_of(request.system), text={"receipt": request.receipt}
    )
    request.state, request.withdrawn_on = RequestState.WITHDRAWN.value, clock.today()
    request.save(update_fields=["state", "withdrawn_on", "withdraw_act"])
    return request


@transaction.atomic
def deliver_extract(*, resident: Resident, request: RightsRequest) -> RightsRequest:
    """The extract has been shown to the person: that is the answer."""
    if request.is_open:
        actor = asker_of(resident).actor
        request.answer_act = write_act(verb="show_extract", actor=actor, system=told_of(request.system), text={"receipt": request.receipt})
        request.state, request.outcome = RequestState.ANSWERED.value, RequestOutcome.GRANTED.value
        request.answered_on = clock.today()
        request.save(update_fields=["state", "outcome", "answered_on", "answer_act"])
    return request


def plain_text(text: str, *, most: int = MAX_MESSAGE) -> str:
    """Only what can be read: no control signs and no marks that turn the direction of writing, and no more than fits."""
    kept = (
        sign for sign in text.replace("\r\n", "\n").replace("\r", "\n") if sign in "\n\t" or unicodedata.category(sign) not in _UNREADABLE
    )
    return "".join(kept).strip()[:most]


_UNREADABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
