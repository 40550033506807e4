"""What of this part waits for somebody: systems that people must be told of, where nobody has said how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import Reach, Role
from insyn.core.text import Text
from insyn.web.accounts.models import User
from insyn.web.portfolio.items import Item
from insyn.web.register.models import System

from .models import NoticeWay
from .queries import USED, notice_due

KINDS = {"notice_missing": Text("Information om AI som saknas", "Missing notice of AI")}
#: The law is asked about each of them, which takes a while: one who owns more sees the next when these are done.
_ASKED = 25


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """What the person can do today as the owner of a system."""
    return list(_missing(user, on)) if Role.SYSTEM_OWNER in roles else []


def _missing(user: User, on: date) -> Iterator[Item]:
    told = NoticeWay.objects.in_force(on).filter(system=OuterRef("pk"))
    rows = System.objects.filter(owner=user, phase__in=USED, exercise=False).exclude(reach=Reach.EVERY_CALL).exclude(Exists(told))
    for system in rows.order_by("pk")[:_ASKED]:
        if notice_due(system, on):
            title = _("%(system)s: record how people are told that AI helps") % {"system": system.name}
            yield Item("notice_missing", title, reverse("letters:notices", args=[system.slug]), None, system, Role.SYSTEM_OWNER)
