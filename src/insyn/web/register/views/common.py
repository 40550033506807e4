"""What the pages of the register share."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.permissions import PERMISSIONS, actor_of, as_actor, holds

from ..models import System
from ..queries import roles_on


def system_called(slug: str) -> System:
    """The system, or a 404."""
    return get_object_or_404(System.objects.select_related("owner", "office"), slug=slug)


def acting(request: HttpRequest, permission: str, system: System | None = None) -> Actor:
    """The reader as the one who acts: in the role that gives the permission, on a system of their own first as its owner.

    Raises :class:`NotAllowed`.
    """
    roles = roles_on(request.user, system, clock.today()) & {role.value for role in PERMISSIONS[permission]}
    if "system_owner" in roles:
        return actor_of(request.user, "system_owner", clock.today())
    if roles:
        return actor_of(request.user, min(roles), clock.today())
    mandate = holds(request.user, permission, clock.today())
    if mandate is None:
        raise NotAllowed(_("You hold no mandate today that lets you do this."))
    return as_actor(mandate)


def may(request: HttpRequest, permission: str, system: System | None = None) -> bool:
    """Does the reader hold a role that gives the permission on this system?"""
    return bool(roles_on(request.user, system, clock.today()) & {role.value for role in PERMISSIONS[permission]})
