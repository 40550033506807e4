"""What the pages read: the public part of stops by people and of incidents, and the lists of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from insyn.core.terms import Phase, Role
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.register.models import System

from .models import DatedOrder, Incident, Notification, StopRoute
from .reach import rests_on_people, route_of
from .wording import duration_text
from .words import IncidentState, OrderState

OPEN_ORDERS = (OrderState.ORDERED, OrderState.ACKNOWLEDGED, OrderState.DONE)
A_YEAR = timedelta(days=365)
SHOWN = 5


@dataclass(frozen=True)
class PublicOrder:
    """One order as everybody reads it: no names of officials, and every time as measured."""

    order: DatedOrder
    overdue: bool
    acknowledged_after: str
    done_after: str


@dataclass(frozen=True)
class ByPeople:
    """What the public page says of a stop that rests on people."""

    route: StopRoute | None
    promised: str
    last: PublicOrder | None
    orders: tuple[PublicOrder, ...]


def public_stop_by_people(system: System, on: date) -> ByPeople | None:
    """``None`` where Insyn holds every call. ``last``: the newest order or exercise that was confirmed."""
    if not rests_on_people(system):
        return None
    now = clock.now()
    orders = [_public(order, now) for order in DatedOrder.objects.filter(system=system).select_related("act")[:SHOWN]]
    measured = DatedOrder.objects.filter(system=system, state=OrderState.CONFIRMED).select_related("act").first()
    route = route_of(system, on)
    return ByPeople(route, duration_text(route.promised) if route else "", _public(measured, now) if measured else None, tuple(orders))


def _public(order: DatedOrder, now: datetime) -> PublicOrder:
    return PublicOrder(
        order=order,
        overdue=order.is_overdue(now),
        acknowledged_after=duration_text(order.to_acknowledge) if order.to_acknowledge is not None else "",
        done_after=duration_text(order.to_done) if order.to_done is not None else "",
    )


@dataclass(frozen=True)
class PublicIncidents:
    """``shown``: the incidents of the last twelve months, and older open ones, whose text is public. ``year``: how many there were in all."""

    year: int
    open: int
    shown: tuple[Incident, ...]


def public_incidents(system: System) -> PublicIncidents:
    since = clock.now() - A_YEAR
    recent, open_now = Q(discovered_at__gte=since), ~Q(state=IncidentState.CLOSED)
    found = list(Incident.objects.filter(recent | open_now, system=system).defer("what", "measures"))
    return PublicIncidents(
        year=sum(incident.discovered_at >= since for incident in found),
        open=sum(incident.state != IncidentState.CLOSED for incident in found),
        shown=tuple(incident for incident in found if incident.public),
    )


def published_incidents() -> QuerySet[Incident]:
    """Every incident whose text is public, newest first."""
    return Incident.objects.filter(public=True).select_related("system__office")


def incidents_for(user: User, on: date) -> QuerySet[Incident]:
    """Those that the person may read: everything for who handles them, one's own systems as owner, one's own reports for all others."""
    roles = set(user.mandates.valid(on).values_list("role", flat=True))
    found = Incident.objects.select_related("system__owner", "reported_by")
    wide = PERMISSIONS["incident.see"] - {Role.SYSTEM_OWNER}
    if roles & {str(role) for role in wide}:
        return found
    return found.filter(Q(reported_by=user) | (Q(system__owner=user) if Role.SYSTEM_OWNER in roles else Q(pk__in=[])))


def open_orders() -> QuerySet[DatedOrder]:
    """Orders that somebody still has to do something about, the one due first on top."""
    return DatedOrder.objects.filter(state__in=OPEN_ORDERS).select_related("system__owner", "to_user").order_by("due")


def open_notifications() -> QuerySet[Notification]:
    """Clocks that run."""
    return (
        Notification.objects.filter(asked=True, state="open")
        .exclude(incident__state=IncidentState.CLOSED)
        .select_related("incident__system__owner")
    )


def systems_named(words: str) -> QuerySet[System]:
    """Systems that the municipality uses or has used, by a word in their names."""
    found = System.objects.exclude(phase=Phase.REFUSED).select_related("office").order_by("name_sv")
    for word in words.split()[:8]:
        found = found.filter(Q(name_sv__icontains=word) | Q(name_en__icontains=word) | Q(slug__icontains=word))
    return found
