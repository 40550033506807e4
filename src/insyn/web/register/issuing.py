"""Permits after an act: what loosens goes with the act's entry, what tightens goes to the sequencer first.

Steps of :func:`act_on`: compile the permit of the changed register; compare with the newest one issued. The same: a plain act. Nothing
narrower: the act carries the new permit, in effect when its entry stands. Something narrower: everything that waits is sent, the narrower
of both is put in force at once, and if that is not yet the new permit, the act carries it.

A narrowing whose act was then cut off (a crash before the register's commit) is found in the log by the relay. Until the register itself
says something as narrow, or a new formal decision is taken, no later permit is wider than that narrowing.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from insyn.core.errors import Unreachable
from insyn.core.messages import Actor, Denied, Done, Narrow
from insyn.core.permit import Permit, open_permit, sign_permit
from insyn.core.signing import Signed
from insyn.rules.narrowing import narrower, only_tightens
from insyn.web import bridge, clock, outbox
from insyn.web.accounts.errors import ActRefused
from insyn.web.language import spoken
from insyn.web.portfolio.standing import note

from . import intents
from .acts import act_to_be, commitment_of, write_act, write_act_from_log
from .compiling import permit_of
from .models import Act, IssuedPermit, System, new_id
from .rows import Rows


def act_on(
    system: System,
    *,
    verb: str,
    actor: Actor,
    text: Mapping[str, object],
    settles: bool = False,
    act_id: str = "",
) -> Act:
    """Save the changed system, write the act, and let the permit follow. Call it inside the transaction.

    ``settles``: a formal decision, after which an interrupted narrowing no longer holds back. ``act_id``: of rows that the permit rests on
    and that point at the act already. Raises :class:`ActRefused` when a narrowing
    cannot be put in force.
    """
    system.revision += 1
    system.save()
    act = follow(system, verb=verb, actor=actor, text=text, settles=settles, act_id=act_id)
    remember(system, act)
    return act


def remember(system: System, act: Act) -> None:
    """Keep what the entry says now, beside what it said before. History reads the register, so it is asked for only here."""
    from insyn.web.history.keeping import keep

    keep(system, act)


def renew(system: System, *, actor: Actor, because: Act) -> None:
    """Let a system's permit follow an act that was about something else. Writes an act of its own only for what that loosens."""
    follow(system, verb="renew_permit", actor=actor, text={"because": because.pk}, only_for_permit=True, open_act=because)


def follow(
    system: System,
    *,
    verb: str,
    actor: Actor,
    text: Mapping[str, object],
    settles: bool = False,
    only_for_permit: bool = False,
    act_id: str = "",
    open_act: Act | None = None,
) -> Act | None:
    """Write the act of a change that is saved already, and issue what it allows. ``only_for_permit``: no act without a new permit.

    ``open_act``: the act of this transaction that asks for it. It may still be rolled back, so it does not go to the log before.
    """
    newest = _newest(system)
    rows = Rows(system)
    draft, held = _draft(system, newest, rows, settles=settles)
    note(system, draft, records=rows.records, first=newest is None)
    old = _opened(newest) if newest else None
    if newest is not None and newest.interrupted and not held:
        IssuedPermit.objects.filter(pk=newest.pk).update(interrupted=False)
    if old is not None and _takes_something_away(old, draft):
        narrowed = _narrow_now(system, old, draft, actor=actor, verb=verb, text=text, open_act=open_act)
        draft = msgspec.structs.replace(draft, epoch=narrowed.epoch + 1, compiled_from=narrowed.epoch)
        old = narrowed
    if old is not None and _same(old, draft):
        return None if only_for_permit else write_act(verb=verb, actor=actor, text=text, system=system, act_id=act_id)
    return _issue_with_act(system, draft, verb=verb, actor=actor, text=text, held=held, act_id=act_id)


def _takes_something_away(old: Permit, draft: Permit) -> bool:
    """Must something stop at once? Nothing runs under a closed permit; and who may stop can wait for the entry, either way."""
    return old.granted and not only_tightens(draft, msgspec.structs.replace(old, stop_holders=draft.stop_holders))


def _draft(system: System, newest: IssuedPermit | None, rows: Rows, *, settles: bool) -> tuple[Permit, bool]:
    """What the register says now, and whether an interrupted narrowing that nobody has settled holds it back."""
    epoch = max(newest.epoch if newest else 0, system.epoch)  # the log may know a permit that the register does not
    draft = permit_of(system, epoch=epoch + 1, compiled_from=epoch, on=clock.today(), rows=rows)
    if newest is None or not newest.interrupted or settles or only_tightens(_opened(newest), draft):
        return draft, False
    return narrower(_opened(newest), draft), True


def _issue_with_act(
    system: System, permit: Permit, *, verb: str, actor: Actor, text: Mapping[str, object], held: bool, act_id: str = ""
) -> Act:
    signed = sign_permit(permit, bridge.register_key())
    act = write_act(verb=verb, actor=actor, text=text, system=system, permit=(permit, signed), act_id=act_id)
    _keep(system, permit, signed, act, interrupted=held)
    return act


def _narrow_now(
    system: System, old: Permit, draft: Permit, *, actor: Actor, verb: str, text: Mapping[str, object], open_act: Act | None
) -> Permit:
    """Put the narrower of both in force; return it. The act of the narrowing itself is written with the index that it got."""
    permit = narrower(old, draft)
    permit = draft if _same(permit, draft) else permit
    signed = sign_permit(permit, bridge.register_key())
    note = {"because": verb, "epoch": permit.epoch}
    said = act_to_be(act_id=new_id(), verb="narrow", actor=actor, text=note, system=system)
    kept = intents.Intent(
        system=system.slug, actor=actor, verb=verb, text=dict(text), permit=signed, salt=said.salt, at=said.at.isoformat()
    )
    intents.write(said.pk, kept)
    index = _ask_to_narrow(said, signed, open_act)
    act = write_act_from_log(
        act_id=said.pk, verb="narrow", actor=actor, text=note, system=system, log_index=index, at=said.at, salt=said.salt
    )
    _keep(system, permit, signed, act, interrupted=False)
    transaction.on_commit(lambda: intents.remove(act.pk))
    return permit


def _ask_to_narrow(act: Act, signed: Signed, open_act: Act | None) -> int:
    """Send what waits, then the narrowing; return its index in the log."""
    try:
        sent = outbox.send_waiting(bridge.control(), before=open_act)
        if sent.refusal:
            raise ActRefused(_("Earlier acts have not reached the log (%(why)s). Nothing was changed.") % {"why": sent.refusal})
        answer = bridge.ask(lambda number: Narrow(id=number, act=act.pk, permit=signed, commitment=commitment_of(act)))
    except Unreachable as error:
        raise ActRefused(
            _("The log does not answer, so nothing was changed. Meanwhile no AI system gets an answer either. Try again in a moment.")
        ) from error
    if isinstance(answer, Denied):
        raise ActRefused(_("The log refused: %(why)s") % {"why": spoken(answer.refusal.sentence)})
    if not isinstance(answer, Done):
        raise ActRefused(_("The log gave an answer that was not understood. Nothing was changed."))
    return answer.receipt.index


def _keep(system: System, permit: Permit, signed: Signed, act: Act, *, interrupted: bool) -> None:
    encoded = msgspec.json.encode(signed)
    IssuedPermit.objects.create(system=system, epoch=permit.epoch, signed=encoded, act=act, interrupted=interrupted)
    System.objects.filter(pk=system.pk).update(epoch=permit.epoch)
    system.epoch = permit.epoch


def _newest(system: System) -> IssuedPermit | None:
    return IssuedPermit.objects.filter(system=system).order_by("-epoch").first()


def _opened(row: IssuedPermit) -> Permit:
    signed = msgspec.json.decode(bytes(row.signed), type=Signed)
    return open_permit(signed, public=bridge.register_key().public)


def issued(system: System) -> Permit | None:
    """The newest permit issued for the system, in force or on its way."""
    row = _newest(system)
    return _opened(row) if row else None


def newest_permits() -> list[Permit]:
    """The newest permit of each system."""
    newer = IssuedPermit.objects.filter(system=OuterRef("system"), epoch__gt=OuterRef("epoch"))
    return [_opened(row) for row in IssuedPermit.objects.filter(~Exists(newer))]


def _same(one: Permit, two: Permit) -> bool:
    """Equal apart from epochs and the order of what is missing."""
    return _content(one) == _content(two)


def _content(permit: Permit) -> tuple[Permit, frozenset[object]]:
    return msgspec.structs.replace(permit, epoch=0, compiled_from=0, missing=()), frozenset(permit.missing)
