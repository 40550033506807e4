"""Acts for and by residents. Each is one transaction with one act."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import require
from insyn.web.register.acts import write_act
from insyn.web.register.models import System, new_id

from .codes import address_hash, code_hash, new_code
from .models import CaseCode, CodeTries, RightsRequest
from .queries import TRIES_WINDOW

CODE_DAYS = 60
VIEW_TIME = timedelta(minutes=30)
MAX_MESSAGE = 4000
#: Who acts when a resident does: the person whom the case concerns, known by the code and by nothing else.
RESIDENT = Actor(person="resident", name="Den som ärendet gäller", role="resident")


@transaction.atomic
def issue_case_code(*, actor: Actor, system: System, rids: Sequence[str]) -> str:
    """Make a code for the records; return it. It is shown once and stored only as a keyed hash."""
    require(actor, "letter.issue")
    if not rids:
        raise ActRefused(_("There is no record to make a letter for."))
    code = new_code()
    expires = clock.now() + timedelta(days=CODE_DAYS)
    text = {"rids": list(rids), "expires": expires.date().isoformat()}
    act = write_act(verb="issue_case_code", actor=actor, system=system, text=text)
    CaseCode.objects.create(system=system, rids=list(rids), code_hash=code_hash(code), expires=expires, issued_by=act)
    return code


@transaction.atomic
def use_code(typed: str) -> CaseCode | None:
    """Take the code, if it exists, is not used and has not expired; otherwise None, without saying which.

    The same look-up and the same write are done in every case, so that neither answer nor time tells a used code from a wrong one.
    """
    now = clock.now()
    hashed = code_hash(typed)
    taken = CaseCode.objects.filter(code_hash=hashed, used_at=None, expires__gt=now).update(used_at=now)
    code = CaseCode.objects.filter(code_hash=hashed).select_related("system").first()
    return code if taken else None


@transaction.atomic
def count_try(address: str) -> int:
    """Count one try of an address; return how many it has made in this window."""
    now = clock.now()
    CodeTries.objects.filter(started__lte=now - TRIES_WINDOW).delete()
    row, _made = CodeTries.objects.get_or_create(address=address_hash(address), defaults={"started": now})
    CodeTries.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row.count + 1


@transaction.atomic
def ask_for_human(*, code: CaseCode, rid: str, message: str) -> RightsRequest:
    """The resident asks that a person looks again. Asking again about the same record returns the first request."""
    if rid not in code.rids:
        raise ActRefused(_("The code does not open that case."))
    before = RightsRequest.objects.filter(code=code, rid=rid).first()
    if before is not None:
        return before
    act_id = new_id()
    act = write_act(verb="ask_for_human", actor=RESIDENT, system=code.system, text={"rid": rid, "code": code.pk}, act_id=act_id)
    return RightsRequest.objects.create(
        code=code,
        system=code.system,
        rid=rid,
        receipt=receipt_number(act_id),
        asked_on=clock.today(),
        message=message.strip()[:MAX_MESSAGE],
        act=act,
    )


@transaction.atomic
def answer_request(*, actor: Actor, request: RightsRequest) -> RightsRequest:
    """Note that a person has looked again and answered."""
    require(actor, "rights.answer")
    if request.answered_on is not None:
        raise ActRefused(_("The request has been answered already."))
    request.answered_on = clock.today()
    request.answer_act = write_act(verb="answer_request", actor=actor, system=request.system, text={"receipt": request.receipt})
    request.save(update_fields=["answered_on", "answer_act"])
    return request


def receipt_number(act_id: str) -> str:
    """The first 48 bits of the act's id, in groups that can be read aloud."""
    text = act_id[:12].upper()
    return "-".join(text[at : at + 4] for at in range(0, 12, 4))
