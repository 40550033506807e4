"""What waits for somebody about a need, and the days when an expected benefit is to be there."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.portfolio.items import Dated, Item

from . import queries
from .models import Need

#: A list shows so many of each kind.
SHOWN = 50


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """Needs that the user may analyse, decide on or begin a system from."""
    found: list[Item] = []
    for permission, needs, title in (
        ("need.analyse", queries.for_analysis(), _("Analyse the need %(need)s")),
        ("need.decide", queries.for_decision(user), _("Decide on the need %(need)s")),
        ("need.begin", queries.to_begin(), _("Register the system that the need %(need)s ended in")),
    ):
        role = _role(roles, permission)
        if role:
            found += [_item(permission, need, title, role) for need in needs[:SHOWN]]
    return found


def _role(roles: frozenset[str], permission: str) -> str:
    return min(roles & {role.value for role in PERMISSIONS[permission]}, default="")


def _item(permission: str, need: Need, title: str, role: str) -> Item:
    href = reverse("needs:need", args=[need.number])
    return Item(permission.replace(".", "_"), title % {"need": need}, href, None, None, role)


def calendar(on: date) -> list[Dated]:
    """When each expected benefit is to be reached."""
    return [
        Dated(
            f"need-{decision.need.number}",
            decision.analysis.expected_by,
            Text(f"Väntad nytta av {decision.need.title_sv}", f"Expected benefit of {decision.need.title_en or decision.need.title_sv}"),
            reverse("needs:need", args=[decision.need.number]),
            decision.need.system_id,
            frozenset({Role.SYSTEM_OWNER.value, Role.AI_COORDINATOR.value}),
        )
        for decision in queries.expected_benefits(on)
    ]
