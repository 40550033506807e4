"""Acts and the bytes of their entries: written together or not at all.

The entry is public and holds a commitment to the act's text; who did it and what it says stay in the register.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from insyn.core.commitments import SALT_BYTES, commitment
from insyn.core.entries import EntryKind, encode_entry
from insyn.core.messages import Actor
from insyn.core.permit import Permit, permit_digest
from insyn.core.signing import Signed
from insyn.core.terms import DisclosureGroup
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed

from .models import Act, Outbox, System, new_id

_sorted_json = msgspec.json.Encoder(order="sorted").encode


def write_act(
    *,
    verb: str,
    actor: Actor,
    text: Mapping[str, object],
    system: System | None = None,
    permit: tuple[Permit, Signed] | None = None,
    resume_of: int | None = None,
    act_id: str = "",
) -> Act:
    """Write an act and its outbox row. Call it inside the transaction of the change that it tells of.

    ``permit`` or ``resume_of`` is what the act loosens, in effect when its entry stands in the log. Raises :class:`NotAllowed` without
    an actor.
    """
    act = _new_act(verb=verb, actor=actor, text=text, system=system, act_id=act_id)
    act.save(force_insert=True)
    Outbox.objects.create(
        act=act,
        entry=entry_of(act, permit=permit and permit[0], body=permit[1].body if permit else b"", resume_of=resume_of),
        permit=msgspec.json.encode(permit[1]) if permit else None,
        resume_of=resume_of,
        made_at=act.at,
    )
    return act


def write_act_from_log(
    *, act_id: str, verb: str, actor: Actor, text: Mapping[str, object], system: System | None, log_index: int, at: datetime | None = None
) -> Act:
    """Write an act whose entry stands in the log already (a stop, a narrowing). Does nothing when the act is there."""
    found = Act.objects.filter(pk=act_id).first()
    if found is not None:
        return found
    act = _new_act(verb=verb, actor=actor, text=text, system=system, act_id=act_id, at=at)
    act.log_index = log_index
    act.save(force_insert=True)
    return act


def _new_act(
    *, verb: str, actor: Actor, text: Mapping[str, object], system: System | None, act_id: str = "", at: datetime | None = None
) -> Act:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an act is written inside the transaction of the change that it tells of")
    if not isinstance(actor, Actor) or not actor.person or not actor.name:
        raise NotAllowed(_("No act without a named human: an actor is missing."))
    return Act(
        id=act_id or new_id(),
        verb=verb,
        system=system,
        person=actor.person,
        actor_name=actor.name,
        role=actor.role,
        office=actor.office,
        at=at or clock.now(),
        text=dict(text),
        salt=secrets.token_hex(SALT_BYTES),
    )


def sealed_text(act: Act) -> bytes:
    """What the commitment of an act is taken over: actor and text, as JSON with sorted keys."""
    actor = {"person": act.person, "name": act.actor_name, "role": act.role, "office": act.office}
    return _sorted_json({"actor": actor, "text": act.text, "verb": act.verb})


def entry_of(act: Act, *, permit: Permit | None = None, body: bytes = b"", resume_of: int | None = None) -> bytes:
    """The bytes of an act's entry."""
    group = DisclosureGroup.ACT.value
    fields: dict[str, object] = {
        "kind": EntryKind.ACT.value,
        "day": timezone.localdate(act.at).isoformat(),
        "rid": act.pk,
        "act": act.verb,
        "c": {group: commitment(group=group, rid=act.pk, salt=bytes.fromhex(act.salt), text=sealed_text(act))},
    }
    if act.system is not None:
        fields["system"] = act.system.slug
    if permit is not None:
        fields |= {"kind": EntryKind.PERMIT.value, "epoch": permit.epoch, "packs": permit.packs, "permit": permit_digest(body)}
    if resume_of is not None:
        fields |= {"kind": EntryKind.RESUME.value, "at": resume_of}
    return encode_entry(fields)
