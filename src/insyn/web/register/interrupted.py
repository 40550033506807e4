"""Narrowings that stand in the log while their act was cut off: the register takes them over, with their named human."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import transaction

from insyn.core.entries import EntryHead
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode, refuse
from insyn.web import outbox

from . import intents
from .acts import write_act_from_log
from .issuing import renew
from .models import Act, IssuedPermit, Outbox, System


@transaction.atomic
def record_interrupted(head: EntryHead, index: int) -> Act | None:
    """Create the act of an interrupted narrowing. ``None`` when nobody's intent belongs to the entry; its epoch is noted all the same.

    The register's own content is as before the act, so the permit is kept as one that holds later ones back until somebody does the act
    again or decides anew. A permit compiled meanwhile, from an epoch that is no longer the newest, is compiled again.
    """
    found, intent = Act.objects.filter(pk=head.rid).first(), intents.read(head.rid)
    if found is not None:
        return found
    System.objects.filter(slug=head.system, epoch__lt=head.epoch).update(epoch=head.epoch)
    if intent is None:
        return None
    system = System.objects.get(slug=intent.system)
    overtaken = _take_overtaken_away(system, head.epoch)
    note = {"because": intent.verb, "epoch": head.epoch, "interrupted": True, "text": intent.text}
    at = datetime.fromisoformat(intent.at) if intent.at else None
    act = write_act_from_log(
        act_id=head.rid, verb="narrow", actor=intent.actor, text=note, system=system, log_index=index, at=at, salt=intent.salt
    )
    IssuedPermit.objects.create(system=system, epoch=head.epoch, signed=msgspec.json.encode(intent.permit), act=act, interrupted=True)
    if overtaken:
        renew(system, actor=_actor(overtaken[-1].act), because=overtaken[-1].act)
    transaction.on_commit(lambda: intents.remove(head.rid))
    return act


def _take_overtaken_away(system: System, epoch: int) -> list[Outbox]:
    acts = IssuedPermit.objects.filter(system=system, epoch__gte=epoch).values("act")
    rows = list(Outbox.objects.filter(act__in=acts, sent_at=None).select_related("act__system"))
    for row in rows:
        outbox.take_effect_away(row, refuse(RefusalCode.EPOCH_OLD))
    return rows


def _actor(act: Act) -> Actor:
    return Actor(person=act.person, name=act.actor_name, role=act.role, office=act.office)
