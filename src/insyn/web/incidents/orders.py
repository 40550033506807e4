"""A stop where no call can be held: a dated order to a named person, acknowledged, done and confirmed, each with its time.

Steps of :func:`stop_and_order`: check everything that can be wrong with the order; put the stop in Insyn's log, as for any system; then
write the order. An exercise orders people and stops nothing.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Role
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import require
from insyn.web.language import spoken
from insyn.web.oversight import stopping
from insyn.web.oversight.queries import may_stop, stop_in_force
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, System

from . import checks
from .models import DatedOrder
from .reach import rests_on_people
from .words import How, OrderState, Recipient, word

_GONE = frozenset({Phase.ARCHIVED, Phase.REFUSED})


def stop_and_order(*, actor: Actor, system: System, exercise: bool = False, **order: object) -> DatedOrder:
    """Stop the system in Insyn first, then order the person. Where a stop is in force already, no second one is given.

    Raises :class:`ActRefused` with the way to the person when the stop could be written nowhere, and :class:`NotAllowed`.
    """
    _check(actor, system, exercise=exercise, **order)
    given = None if exercise or stop_in_force(system) is not None else _stop(actor, system, str(order.get("channel", "")))
    return order_stop_by_people(actor=actor, system=system, exercise=exercise, stop=given, **order)


def _stop(actor: Actor, system: System, channel: str) -> stopping.Ordered:
    given = stopping.give_order(
        actor=actor,
        system=system.slug,
        reason="",
        now=clock.now(),
        folder=settings.HOME.spool,
        key=bridge.register_key(),
        client=bridge.control(),
        others=bridge.others(),
    )
    if given.refusal is not None:
        raise ActRefused(f"{spoken(given.refusal.sentence)} {spoken(given.refusal.reasons[0].mend)}")
    if not given.delivered:
        raise ActRefused(
            _("The stop could be written nowhere, so the order was not given here. Reach the person yourself, now: %(channel)s")
            % {"channel": channel}
        )
    return given


@transaction.atomic
def order_stop_by_people(
    *,
    actor: Actor,
    system: System,
    to_kind: str,
    what: str,
    due: datetime,
    channel: str,
    to_user: User | None = None,
    contact_name: str = "",
    organisation: str = "",
    exercise: bool = False,
    stop: stopping.Ordered | None = None,
) -> DatedOrder:
    """Order a named person to stop the system by a time. Unless it is an exercise, the stop must have been given in Insyn first."""
    to = {"to_kind": to_kind, "to_user": to_user, "contact_name": contact_name, "organisation": organisation, "channel": channel}
    fields = _check(actor, system, exercise=exercise, what=what, due=due, **to)
    given = stop is not None and stop.delivered and stop.refusal is None
    if not exercise and not given and stop_in_force(system) is None:
        raise ActRefused(_("The stop must stand in Insyn first. Give it on the stop page, then order the person."))
    text = {"to": _who(fields), "what": fields["what"], "due": due.isoformat(), "exercise": exercise, "stop": stop.order if stop else ""}
    act = write_act(verb="order_stop_by_people", actor=actor, system=system, text=text)
    return DatedOrder.objects.create(
        system=system,
        exercise=exercise,
        ordered_at=act.at,
        ordered_by=checks.user_of(actor),
        stop_order=stop.order if stop else "",
        act=act,
        **fields,
    )


def _check(actor: Actor, system: System, *, exercise: bool, what: str, due: datetime, **to: object) -> dict[str, object]:
    """The order's fields. Raises for everything that can be wrong with it, before anything is stopped."""
    require(actor, "stop.order")
    if not rests_on_people(system):
        raise ActRefused(_("Insyn holds every call of this system. Stop it on the stop page: nobody has to be ordered."))
    if not may_stop(system, actor.person, clock.today()):
        raise NotAllowed(_("You hold no stop mandate for this system."))
    if Phase(system.phase) in _GONE:
        raise ActRefused(_("The system is not in use, so there is nothing to stop."))
    fields = {"what": checks.text("what", what), "due": checks.ahead("due", due)}
    fields |= checks.addressee(**{"to_user": None, "contact_name": "", "organisation": "", **to})
    same = DatedOrder.objects.filter(
        system=system,
        exercise=exercise,
        state__in=(OrderState.ORDERED, OrderState.ACKNOWLEDGED),
        to_user=fields["to_user"],
        contact_name=fields["contact_name"],
        organisation=fields["organisation"],
    ).first()
    if same is not None:
        raise checks.done_already(_("order number %(number)d to the same person waits") % {"number": same.pk})
    return fields


@transaction.atomic
def acknowledge_order(
    *, actor: Actor, order: DatedOrder, how: str = How.SIGNED_IN, at: datetime | None = None, told_by: str = ""
) -> DatedOrder:
    """The technician says that the order has come; or the stop holder enters what was told by telephone or mail, with the time."""
    require(actor, "order.acknowledge")
    order = _now(order)
    _expect(order, OrderState.ORDERED)
    at, by, how = _word_of(actor, order, how=how, at=at, told_by=told_by, not_before=order.ordered_at)
    order.state, order.acknowledged_at, order.acknowledged_by, order.acknowledged_how = OrderState.ACKNOWLEDGED, at, by, how
    order.save()
    _write("acknowledge_order", actor, order, {"at": at.isoformat(), "by": by, "how": how})
    return order


@transaction.atomic
def report_order_done(
    *, actor: Actor, order: DatedOrder, what: str, how: str = How.SIGNED_IN, at: datetime | None = None, told_by: str = ""
) -> DatedOrder:
    """The technician says what was done; or the stop holder enters it. An order that nobody acknowledged counts as acknowledged then."""
    require(actor, "order.acknowledge")
    order = _now(order)
    _expect(order, OrderState.ORDERED, OrderState.ACKNOWLEDGED)
    what = checks.text("what", what)
    start = order.acknowledged_at or order.ordered_at
    at, by, how = _word_of(actor, order, how=how, at=at, told_by=told_by, not_before=start)
    if order.acknowledged_at is None:
        order.acknowledged_at, order.acknowledged_by, order.acknowledged_how = at, by, how
    order.state, order.done_at, order.done_by, order.done_how, order.done_what = OrderState.DONE, at, by, how, what
    order.done_person = actor.person if how == How.SIGNED_IN else ""
    order.save()
    _write("report_order_done", actor, order, {"at": at.isoformat(), "by": by, "how": how, "what": what})
    return order


@transaction.atomic
def confirm_order_done(*, actor: Actor, order: DatedOrder, what: str) -> DatedOrder:
    """The stop holder or the owner has seen that the system is stopped. Never the person who did it."""
    require(actor, "order.confirm")
    order = _now(order)
    only_own(actor, order.system)
    if actor.role == Role.STOP_HOLDER and not may_stop(order.system, actor.person, clock.today()):
        raise NotAllowed(_("You hold no stop mandate for this system."))
    _expect(order, OrderState.DONE)
    if actor.person == order.done_person or (order.to_user is not None and order.to_user.person == actor.person):
        raise NotAllowed(_("Nobody confirms what they did themselves. Another stop holder, or the owner, must look."))
    order.state, order.confirmed_at, order.confirmed_by = OrderState.CONFIRMED, clock.now(), actor.name
    order.confirmed_what = checks.text("what", what)
    order.save()
    _write("confirm_order_done", actor, order, {"what": order.confirmed_what})
    return order


@transaction.atomic
def withdraw_order(*, actor: Actor, order: DatedOrder, why: str) -> DatedOrder:
    """Take back an order that shall not be obeyed any longer. It stays, with the reason."""
    require(actor, "stop.order")
    order = _now(order)
    if not may_stop(order.system, actor.person, clock.today()):
        raise NotAllowed(_("You hold no stop mandate for this system."))
    _expect(order, OrderState.ORDERED, OrderState.ACKNOWLEDGED)
    order.state, order.withdrawn_why = OrderState.WITHDRAWN, checks.text("why", why)
    order.save()
    _write("withdraw_order", actor, order, {"why": order.withdrawn_why})
    return order


def _now(order: DatedOrder) -> DatedOrder:
    return DatedOrder.objects.select_for_update().select_related("system__owner", "to_user").get(pk=order.pk)


def _expect(order: DatedOrder, *states: OrderState) -> None:
    if order.state not in states:
        raise checks.done_already(word("order", order.state).lower())


def _word_of(
    actor: Actor, order: DatedOrder, *, how: str, at: datetime | None, told_by: str, not_before: datetime
) -> tuple[datetime, str, str]:
    """When, from whom and how word came. Who signs in can only speak for themselves, and the time is now."""
    if actor.role == Role.TECHNICIAN:
        if order.to_kind != Recipient.TECHNICIAN or order.to_user is None or order.to_user.person != actor.person:
            raise NotAllowed(_("The order goes to somebody else: %(person)s.") % {"person": order.addressee})
        return clock.now(), actor.name, How.SIGNED_IN
    if not may_stop(order.system, actor.person, clock.today()):
        raise NotAllowed(_("You hold no stop mandate for this system."))
    checks.one_of("how", how, How)
    if how == How.SIGNED_IN:
        raise InvalidInput(_("Say how word came to you. Only the technician can answer by own sign-in."), place="how")
    return checks.moment("at", at, not_before=not_before), checks.text("told_by", told_by, most=checks.LINE), how


def _who(fields: dict[str, object]) -> str:
    user = fields["to_user"]
    return user.person if isinstance(user, User) else f"{fields['contact_name']}, {fields['organisation']}"


def _write(verb: str, actor: Actor, order: DatedOrder, text: dict[str, object]) -> Act:
    return write_act(verb=verb, actor=actor, system=order.system, text={"order": order.act_id, **text})
