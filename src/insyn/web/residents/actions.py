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
from insyn.web.register.models import System

from .codes import address_hash, code_hash, new_code
from .models import CaseCode, CodeTries
from .queries import TRIES_WINDOW
from .standing import RESIDENT as RESIDENT

CODE_DAYS = 60


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
def count_try(address: str, *, scope: str = "") -> int:
    """Count one try of an address; return how many it has made in this window. ``scope``: of what, where it is not of codes."""
    now = clock.now()
    CodeTries.objects.filter(started__lte=now - TRIES_WINDOW).delete()
    row, _made = CodeTries.objects.get_or_create(address=address_hash(address, scope), defaults={"started": now})
    CodeTries.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row.count + 1
