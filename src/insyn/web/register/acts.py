"""Acts and the bytes of their entries: written together or not at all.

The entry is public and holds a commitment to the act's text; who did it and what it says stay in the register.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from insyn.core.commitments import SALT_BYTES, commitment
from insyn.core.entries import EntryKind, encode_entry
from insyn.core.messages import Actor
from insyn.core.permit import Permit, permit_digest
from insyn.core.scope import Target
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
    lifts: Target | None = None,
    act_id: str = "",
) -> Act:
    """Write an act and its outbox row. Call it inside the transaction of the change that it tells of.

    ``permit`` or ``resume_of`` is what the act loosens, in effect when its entry stands in the log; ``lifts`` is what that stop is of, where it
    is not of the whole system. Raises :class:`NotAllowed` without
    an actor.
    """
    act = _new_act(verb=verb, actor=actor, text=text, system=system, act_id=act_id)
    act.save(force_insert=True)
    Outbox.objects.create(
        act=act,
        entry=entry_of(act, permit=permit and permit[0], body=permit[1].body if permit else b"", resume_of=resume_of, lifts=lifts),
        permit=msgspec.json.encode(permit[1]) if permit else None,
        resume_of=resume_of,
        made_at=act.at,
    )
    return act


def act_to_be(*, act_id: str, verb: str, actor: Actor, text: Mapping[str, object], system: System | None) -> Act:
    """An act that is not written yet, for whoever needs its commitment before its entry stands."""
    return _new_act(verb=verb, actor=actor, text=text, system=system, act_id=act_id)


def write_act_from_log(
    *,
    act_id: str,
    verb: str,
    actor: Actor,
    text: Mapping[str, object],
    system: System | None,
    log_index: int,
    at: datetime | None = None,
    salt: str = "",
) -> Act:
    """Write an act whose entry stands in the log already (a stop, a narrowing). Does nothing when the act is there.

    ``salt`` is that of the commitment in the entry, where it has one.
    """
    found = Act.objects.filter(pk=act_id).first()
    if found is not None:
        return found
    act = _new_act(verb=verb, actor=actor, text=text, system=system, act_id=act_id, at=at)
    act.salt = salt or act.salt
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


def sealed_text(act: Act, *, with_time: bool = True) -> bytes:
    """What the commitment of an act is taken over: actor, time and text, as JSON with sorted keys.

    Older acts were committed to without their time. Of a narrowing that was cut off, what its intent said besides
    came later.
    """
    actor = {"person": act.person, "name": act.actor_name, "role": act.role, "office": act.office}
    text = {name: act.text[name] for name in ("because", "epoch")} if act.verb == "narrow" and act.text.get("interrupted") else act.text
    fields: dict[str, object] = {"actor": actor, "text": text, "verb": act.verb}
    if with_time:
        fields["at"] = act.at.astimezone(UTC).isoformat(timespec="microseconds")
    return _sorted_json(fields)


def commitment_of(act: Act, *, with_time: bool = True) -> str:
    """The commitment (hex) to an act, as its entry holds it."""
    group = DisclosureGroup.ACT.value
    return commitment(group=group, rid=act.pk, salt=bytes.fromhex(act.salt), text=sealed_text(act, with_time=with_time))


def is_committed(act: Act, held: str) -> bool:
    """Whether an entry's commitment is to this act as it stands in the register."""
    return held in (commitment_of(act), commitment_of(act, with_time=False))


def entry_of(
    act: Act, *, permit: Permit | None = None, body: bytes = b"", resume_of: int | None = None, lifts: Target | None = None
) -> bytes:
    """The bytes of an act's entry."""
    fields: dict[str, object] = {
        "kind": EntryKind.ACT.value,
        "day": timezone.localdate(act.at).isoformat(),
        "rid": act.pk,
        "act": act.verb,
        "c": {DisclosureGroup.ACT.value: commitment_of(act)},
    }
    if act.system is not None:
        fields["system"] = act.system.slug
    if permit is not None:
        fields |= {"kind": EntryKind.PERMIT.value, "epoch": permit.epoch, "packs": permit.packs, "permit": permit_digest(body)}
        fields |= {"supplier": ",".join(permit.suppliers)} if permit.suppliers else {}
    if resume_of is not None:
        fields |= {"kind": EntryKind.RESUME.value, "at": resume_of, **(lifts.public() if lifts else {})}
    return encode_entry(fields)
