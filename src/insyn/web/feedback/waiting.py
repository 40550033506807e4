"""Messages from the public that wait for an answer, on the work lists of those who may give it."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.portfolio.items import MOST, Item

from .models import Message
from .queries import handled_by
from .words import State

KINDS = {"feedback": Text("Synpunkt att besvara", "Message to answer")}
_WIDE = frozenset(str(role) for role in PERMISSIONS["feedback.handle"] - {Role.SYSTEM_OWNER})


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """What nobody has taken, and what the person has; what somebody else answers waits for them alone, until it is late."""
    if not roles & {*_WIDE, Role.SYSTEM_OWNER.value}:
        return []
    rows = handled_by(user, on).filter(state=State.OPEN, suspected=False).order_by("due_on", "pk")
    return [_item(row, user, roles) for row in rows[:MOST] if row.assigned_id in (None, user.pk) or row.is_overdue(on)]


def _item(row: Message, user: User, roles: frozenset[str]) -> Item:
    owns = row.system is not None and row.system.owner_id == user.pk and Role.SYSTEM_OWNER in roles
    role = Role.SYSTEM_OWNER.value if owns else min(roles & _WIDE)
    what = row.system.name if row.system is not None else _("the site, a need or a round")
    title = _("%(kind)s: %(what)s") % {"kind": row.kind_words, "what": what}
    return Item("feedback", title, reverse("feedback:message", args=[row.receipt]), row.due_on, row.system, role)
