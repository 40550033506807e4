"""What requests put on people's work lists: receipts and days, never whom it concerns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.language import spoken
from insyn.web.portfolio.items import MOST, Item
from insyn.web.register.models import System

from .clocks import Pace, pace
from .employees import concerns_employees
from .models import ErasureDecision, RightsRequest
from .queue import erasures_to_decide, rows_for
from .words import RequestKind, RequestState, word

KINDS = {
    "rights_request": Text("Begäran att besvara", "Request to answer"),
    "rights_erasure": Text("Radering att besluta om eller utföra", "Erasure to decide on or carry out"),
    "rights_many": Text("Många obesvarade begäranden", "Many unanswered requests"),
}
#: From so many that wait about one system its owner is told: people ask for something that the system does not give.
MANY = 15


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    return [*_requests(user, roles, on), *_erasures(user, roles, on), *_many(user, roles)]


def _requests(user: User, roles: frozenset[str], on: date) -> Iterator[Item]:
    """For a rights officer all that they may see and nobody else has; for the others what is theirs, late, or passed on to them."""
    if not roles & {str(role) for role in PERMISSIONS["rights.see"]}:
        return
    waiting = [row for row in rows_for(user, on) if row.is_open]
    for row in waiting[:MOST]:
        role = _role(row, user, roles, late=pace(row.due, on=on, is_open=True) is Pace.OVERDUE)
        if role:
            title = f"{row.receipt}: {spoken(word('kind', row.kind))}"
            yield Item("rights_request", title, reverse("rights:request", args=[row.receipt]), row.due, row.system, role)


def _role(row: RightsRequest, user: User, roles: frozenset[str], *, late: bool) -> str:
    if row.escalated_to in roles:
        return row.escalated_to
    mine = row.assigned_to_id == user.pk
    if Role.RIGHTS_OFFICER in roles and not row.escalated_to and (mine or row.assigned_to_id is None or late):
        return Role.RIGHTS_OFFICER.value
    if mine or (Role.DATA_PROTECTION_OFFICER in roles and late):
        return min(roles & {str(role) for role in PERMISSIONS["rights.see"]})
    return ""


def _erasures(user: User, roles: frozenset[str], on: date) -> Iterator[Item]:
    href = reverse("rights:erasures")
    if Role.ELECTED_MEMBER in roles:
        for row in erasures_to_decide(user, on)[:MOST]:
            yield Item(
                "rights_erasure",
                _("Erasure to decide on: %(receipt)s") % {"receipt": row.receipt},
                href,
                row.due,
                row.system,
                Role.ELECTED_MEMBER.value,
            )
    if Role.RIGHTS_OFFICER in roles:
        seen = [row.pk for row in rows_for(user, on) if row.kind == RequestKind.ERASURE]
        decided = ErasureDecision.objects.filter(done_index=None, request__in=seen).exclude(decider_person=user.person)
        for done in decided.select_related("system")[:MOST]:
            title = _("Erasure to carry out: %(number)s") % {"number": done.case_number}
            yield Item("rights_erasure", title, href, None, done.system, Role.RIGHTS_OFFICER.value)


def _many(user: User, roles: frozenset[str]) -> Iterator[Item]:
    """How many wait, without which: the owner of a system about employees sees nothing at all."""
    if Role.SYSTEM_OWNER not in roles:
        return
    waiting = RightsRequest.objects.filter(system__owner=user, state=RequestState.OPEN).values("system")
    for row in waiting.annotate(n=Count("pk")).filter(n__gte=MANY).order_by("system")[:MOST]:
        system = System.objects.get(pk=row["system"])
        if not concerns_employees(system):
            title = ngettext("%(name)s: %(n)d request waits", "%(name)s: %(n)d requests wait", row["n"]) % {
                "name": system.name,
                "n": row["n"],
            }
            yield Item("rights_many", title, reverse("register:system", args=[system.slug]), None, system, Role.SYSTEM_OWNER.value)
