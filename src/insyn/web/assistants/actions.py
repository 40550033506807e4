"""Acts about passes: a person confirms an instruction and gets a pass; a pass is taken back."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.messages import Actor
from insyn.core.passes import Pass, token_digest, token_of
from insyn.web import bridge, clock, outbox
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require
from insyn.web.register.acts import write_act
from insyn.web.register.issuing import issued, renew
from insyn.web.register.models import Act, System

from .models import AssistantPass
from .standing import Instruction, instruction_of

#: A pass is made anew at least so often, and the instruction read again.
MOST_DAYS = 90


class IssuedPass(NamedTuple):
    """``token`` is shown once; the register keeps its SHA-256."""

    act: Act
    token: str


def confirm_instruction(*, actor: Actor, system: System, digest: str) -> IssuedPass:
    """The actor has read the text with this digest, and gets a pass. Nothing is handed out before the act stands in the log.

    Raises :class:`ActRefused` when the text has changed meanwhile, or the log does not answer.
    """
    made = _confirm(actor=actor, system=system, digest=digest)
    try:
        sent = outbox.send_waiting(bridge.control())
    except Unreachable as error:
        raise ActRefused(_NOT_IN_LOG()) from error
    if sent.refusal:
        raise ActRefused(_NOT_IN_LOG())
    return made


def _NOT_IN_LOG() -> str:  # noqa: N802
    return _("The log does not answer, so no pass was handed out. Try again in a moment.")


@transaction.atomic
def _confirm(*, actor: Actor, system: System, digest: str) -> IssuedPass:
    mandate = require(actor, "assistant.use")
    today = clock.today()
    found = _in_force(system)
    if found is None:
        raise ActRefused(_("No instruction is in force for this assistant, so nobody can use it."))
    if digest != found.digest:
        raise ActRefused(_("The instruction has changed since you opened the page. Read it again."))
    last_day = min([today + timedelta(days=MOST_DAYS), found.last_day, *([mandate.last_day] if mandate.last_day else [])])
    whole = Pass(id=secrets.token_hex(16), person=actor.person, system=system.slug, instruction=found.digest, last_day=last_day.isoformat())
    token = token_of(whole, bridge.register_key())
    text = {"instruction": found.digest, "pass": whole.id, "last_day": whole.last_day}
    act = write_act(verb="confirm_instruction", actor=actor, text=text, system=system)
    AssistantPass.objects.create(
        id=whole.id,
        system=system,
        person=actor.person,
        person_name=actor.name,
        instruction=found.digest,
        sha256=token_digest(token),
        issued_on=today,
        last_day=last_day,
        act=act,
    )
    return IssuedPass(act, token)


def _in_force(system: System) -> Instruction | None:
    """The instruction that the permit names too: a pass to another text would open nothing."""
    found, permit = instruction_of(system.records.all(), clock.today()), issued(system)
    return found if found and permit and permit.instruction == found.digest else None


@transaction.atomic
def revoke_pass(*, actor: Actor, held: AssistantPass) -> Act:
    """Take a pass back. The gateway refuses it at once, also in the middle of an answer."""
    require(actor, "assistant.use")
    held = AssistantPass.objects.select_for_update().select_related("system__owner").get(pk=held.pk)
    if actor.person not in (held.person, held.system.owner.person):
        raise NotAllowed(_("A pass is taken back by whoever holds it, or by the owner of the system."))
    if held.revoked_on is not None:
        raise InvalidInput(_("The pass was taken back already."))
    act = write_act(verb="revoke_pass", actor=actor, text={"pass": held.pk}, system=held.system)
    AssistantPass.objects.filter(pk=held.pk).update(revoked_on=clock.today())
    renew(held.system, actor=actor, because=act)
    return act
