"""Adopting a policy: the only thing that makes it bind."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.law.model import PackKind
from insyn.web import clock
from insyn.web.accounts.permissions import require

from .. import packs
from ..acts import write_act
from ..issuing import renew
from ..models import Act, AdoptedPack, System
from ..shapes import required


@transaction.atomic
def adopt_pack(*, actor: Actor, pack: str, adopted_on: date, case_number: str) -> Act:
    """Record that the council adopted a policy pack, exactly this text, on a day. It binds every system from now on."""
    require(actor, "pack.adopt")
    case_number = required("case_number", case_number)
    found = next((one for one in packs.installed() if one.id == pack), None)
    if found is None:
        raise InvalidInput(_("No pack with this name is installed here."), place="pack")
    if found.kind is not PackKind.POLICY:
        raise InvalidInput(_("Law binds by itself and is not adopted."), place="pack")
    if adopted_on > clock.today():
        raise InvalidInput(_("The day lies ahead. Record the adoption when it has been decided."), place="adopted_on")
    newest = AdoptedPack.objects.filter(pack=pack).order_by("adopted_on", "pk").last()
    if newest is not None and newest.digest == found.digest:
        raise InvalidInput(_("This text was adopted on %(day)s.") % {"day": newest.adopted_on.isoformat()}, place="pack")
    text = {"pack": pack, "digest": found.digest, "adopted_on": adopted_on.isoformat(), "case_number": case_number}
    act = write_act(verb="adopt_pack", actor=actor, text=text)
    AdoptedPack.objects.create(pack=pack, digest=found.digest, adopted_on=adopted_on, case_number=case_number, act=act)
    for system in System.objects.all():
        renew(system, actor=actor, because=act)
    return act
