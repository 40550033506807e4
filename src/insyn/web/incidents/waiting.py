"""What orders, incidents and the stop rota put on people's work lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.portfolio.items import MOST, Dated, Item

from .models import DatedOrder, Incident
from .queries import open_notifications, open_orders
from .rota import rotas, running_systems
from .words import IncidentState, OrderState

_HANDLERS = frozenset(str(role) for role in PERMISSIONS["incident.handle"]) - {str(Role.SYSTEM_OWNER)}


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    return [*_orders(user, roles), *_notifications(user, roles), *_incidents(user, roles), *_gaps(user, roles, on)]


def calendar(on: date) -> list[Dated]:
    """The last day of each clock that runs, and the time of each order that waits."""
    found = [
        Dated(
            uid=f"incident-{row.pk}",
            day=timezone.localdate(row.due_at),
            title=Text(row.title_sv, row.title_en),
            href=reverse("incidents:incident", args=[row.incident_id]),
            system_id=row.incident.system_id,
            roles=frozenset(str(role) for role in PERMISSIONS["incident.handle"]),
        )
        for row in open_notifications()
    ]
    for order in open_orders():
        system = order.system
        title = Text(f"Stopporder ska vara utförd: {system.name_sv}", f"Stop order to be done: {system.name_en}")
        found.append(
            Dated(
                uid=f"order-{order.pk}",
                day=timezone.localdate(order.due),
                title=title,
                href=reverse("incidents:order", args=[order.pk]),
                system_id=system.pk,
                roles=frozenset({Role.STOP_HOLDER, Role.TECHNICIAN, Role.SYSTEM_OWNER}),
            )
        )
    return found


def _orders(user: User, roles: frozenset[str]) -> Iterator[Item]:
    now = clock.now()
    for order in open_orders():
        role = _who_moves(order, user, roles)
        if not role:
            continue
        title = _order_title(order, overdue=order.is_overdue(now))
        yield Item("stop_order", title, reverse("incidents:order", args=[order.pk]), timezone.localdate(order.due), order.system, role)


def _who_moves(order: DatedOrder, user: User, roles: frozenset[str]) -> str:
    """The role in which the order waits for the person. One that is overdue waits for the stop holders and the owner too."""
    if order.waits and order.to_user_id == user.pk and Role.TECHNICIAN in roles:
        return Role.TECHNICIAN
    chase = order.state == OrderState.DONE or order.is_overdue(clock.now()) or order.to_user_id is None
    if chase and Role.STOP_HOLDER in roles:
        return Role.STOP_HOLDER
    if (
        (order.state == OrderState.DONE or order.is_overdue(clock.now()))
        and Role.SYSTEM_OWNER in roles
        and order.system.owner_id == user.pk
    ):
        return Role.SYSTEM_OWNER
    return ""


def _order_title(order: DatedOrder, *, overdue: bool) -> str:
    words = {"name": order.system.name}
    if order.state == OrderState.DONE:
        return _("Confirm that %(name)s is stopped") % words
    if overdue:
        return _("Overdue: nobody has stopped %(name)s") % words
    return _("Stop %(name)s, as ordered") % words


def _notifications(user: User, roles: frozenset[str]) -> Iterator[Item]:
    for row in open_notifications():
        role = _handler(user, roles, row.incident)
        if role:
            href = reverse("incidents:notification", args=[row.incident_id, row.pk])
            yield Item("notification", row.title, href, timezone.localdate(row.due_at), row.incident.system, role)


def _incidents(user: User, roles: frozenset[str]) -> Iterator[Item]:
    """An incident whose clocks are settled still waits to be closed."""
    ready = Incident.objects.exclude(state=IncidentState.CLOSED).exclude(notifications__asked=True, notifications__state="open")
    for incident in ready.select_related("system__owner"):
        role = _handler(user, roles, incident)
        if role:
            title = _("Incident to handle and close: %(name)s") % {"name": incident.system.name}
            yield Item("incident", title, reverse("incidents:incident", args=[incident.pk]), None, incident.system, role)


def _handler(user: User, roles: frozenset[str], incident: Incident) -> str:
    if Role.SYSTEM_OWNER in roles and incident.system.owner_id == user.pk:
        return Role.SYSTEM_OWNER
    return min(roles & _HANDLERS, default="")


def _gaps(user: User, roles: frozenset[str], on: date) -> Iterator[Item]:
    """Days without anybody who can stop wait for the owner."""
    if Role.SYSTEM_OWNER not in roles:
        return
    for rota in rotas(running_systems(owner=user)[:MOST], on):
        if rota.gaps:
            title = _("Nobody can stop %(name)s on some of the coming days") % {"name": rota.system.name}
            href = f"{reverse('incidents:rota')}#{rota.system.slug}"
            yield Item("stop_duty", title, href, rota.gaps[0].first, rota.system, Role.SYSTEM_OWNER)
