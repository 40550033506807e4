"""What of this part waits for somebody: decisions to look at again, errors whose days run out, and alarms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web.accounts.models import User
from insyn.web.portfolio.items import MOST, Dated, Item
from insyn.web.register.models import System

from .alarms import alarms_of
from .models import ErrorFound, RemedyCase
from .words import CaseState, ErrorState, word

KINDS = {
    "reconsideration": Text("Omprövning", "Reconsideration"),
    "error_found": Text("Fel som rört beslut", "Error that touched decisions"),
    "alarm": Text("Larm om hur människor beslutar", "Alarm about how people decide"),
}


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    found: list[Item] = []
    if Role.CASE_OFFICER in roles:
        found += _cases(user)
    if Role.SYSTEM_OWNER in roles:
        found += [*_errors(user), *_alarms(user)]
    return found


def _cases(user: User) -> Iterator[Item]:
    rows = RemedyCase.objects.filter(state=CaseState.OPEN, assigned_to=user).select_related("system").order_by("deadline", "pk")
    for row in rows[:MOST]:
        title = _("%(system)s: look at decision %(rid)s again") % {"system": row.system.name, "rid": row.rid[:8]}
        href = f"{reverse('remedies:case', args=[row.rid])}?system={row.system.slug}"
        yield Item("reconsideration", title, href, row.deadline, row.system, Role.CASE_OFFICER)


def _errors(user: User) -> Iterator[Item]:
    """An error waits for the owner as long as something of it is to do."""
    rows = ErrorFound.objects.filter(system__owner=user, cases__state=CaseState.OPEN).exclude(state=ErrorState.WITHDRAWN)
    for row in rows.distinct().select_related("system").order_by("deadline")[:MOST]:
        title = _("%(system)s: see that the decisions of error %(number)d are looked at again") % {
            "system": row.system.name,
            "number": row.pk,
        }
        yield Item("error_found", title, reverse("remedies:error", args=[row.pk]), row.deadline, row.system, Role.SYSTEM_OWNER)


def _alarms(user: User) -> Iterator[Item]:
    for system in System.objects.filter(owner=user, alarm_limits__isnull=False).distinct()[:MOST]:
        for alarm in alarms_of(system):
            title = f"{system.name}: {word('measure', alarm.measure)}"
            yield Item("alarm", title, reverse("remedies:followup", args=[system.slug]), None, system, Role.SYSTEM_OWNER)


def calendar(on: date) -> list[Dated]:
    """The day by which every decision of an error is to be looked at."""
    rows = ErrorFound.objects.filter(cases__state=CaseState.OPEN).exclude(state=ErrorState.WITHDRAWN).distinct().select_related("system")
    return [
        Dated(
            uid=f"error-{row.pk}",
            day=row.deadline,
            title=Text(f"Omprövningar ska vara gjorda: {row.system.name_sv}", f"Reconsiderations to be done: {row.system.name_en}"),
            href=reverse("remedies:error", args=[row.pk]),
            system_id=row.system_id,
            roles=frozenset({Role.SYSTEM_OWNER, Role.AI_COORDINATOR}),
        )
        for row in rows
    ]
