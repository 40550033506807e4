"""Taking, giving and letting go of waiting cases. Plain rows, no acts: see :class:`~insyn.web.reviews.models.Claim`."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import require
from insyn.web.oversight.queries import may_review
from insyn.web.register.models import System

from . import calibration
from .models import Claim
from .worklist import Row


@transaction.atomic
def claim(*, actor: Actor, rows: Iterable[Row]) -> tuple[int, list[str]]:
    """Take the cases. How many were taken, and the names of those who had taken the others."""
    user = _person(actor)
    taken, others = 0, []
    for row in rows:
        _may(row.system, actor.person)
        held, made = Claim.objects.get_or_create(rid=row.rid, defaults={"system": row.system, "user": user, "since": clock.now()})
        taken += made
        if not made and held.user_id != user.pk:
            others.append(str(held.user))
    return taken, sorted(set(others))


@transaction.atomic
def assign(*, actor: Actor, rows: Iterable[Row], to: User) -> int:
    """Give the cases to a colleague, also those that somebody else has taken. Raises :class:`ActRefused` for one who may not decide them."""
    giver, given = _person(actor), 0
    for row in rows:
        _may(row.system, actor.person)
        if not may_review(row.system, to.person, clock.today()):
            raise ActRefused(
                _("%(person)s may not decide in %(system)s. Nothing was assigned.") % {"person": to, "system": row.system.name}
            )
        fields = {"system": row.system, "user": to, "since": clock.now(), "given_by": giver if giver.pk != to.pk else None}
        Claim.objects.update_or_create(rid=row.rid, defaults=fields)
        given += 1
    return given


@transaction.atomic
def release(*, actor: Actor, rows: Iterable[Row]) -> int:
    """Let go of the actor's own among these cases."""
    require(actor, "review.do")
    return Claim.objects.filter(rid__in=[row.rid for row in rows], user__person=actor.person).delete()[0]


def decided(rid: str) -> None:
    """The case waits no more, so nobody holds it."""
    Claim.objects.filter(rid=rid).delete()


def drop_stale(systems: Iterable[System], waiting: Iterable[str]) -> None:
    """Drop claims on what no longer waits. ``waiting``: every record that does in these systems; made-up cases are looked up here."""
    systems = list(systems)
    made = [turn.rid for system in systems for turn in calibration.turns(system, clock.today())]
    Claim.objects.filter(system__in=systems).exclude(rid__in=[*waiting, *made]).delete()


def _person(actor: Actor) -> User:
    return require(actor, "review.do").user


def _may(system: System, person: str) -> None:
    if not may_review(system, person, clock.today()):
        raise NotAllowed(_("You may not decide in %(system)s.") % {"system": system.name})
