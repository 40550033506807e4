"""What waits for unions, safety representatives and those who lead negotiations and rounds; and the days that are set."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web.accounts.models import User
from insyn.web.portfolio.items import Dated, Item
from insyn.web.register.models import System

from . import queries
from .models import Contribution, Negotiation, Round, SafetyStatement
from .words import Moderation, RoundState, SafetyStance, State

_LEADS = frozenset({Role.SYSTEM_OWNER.value, Role.AI_COORDINATOR.value})
#: When it is the union that is waited for, and when the employer.
_UNION_TURN = frozenset({State.MET, State.AGREED, State.DISAGREED})
_EMPLOYER_TURN = frozenset({State.INVITED, State.AGREED, State.CENTRAL_REQUESTED, State.CENTRAL_ENDED})


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """What waits for the person in these roles; as an owner only on one's own systems."""
    found = []
    if Role.UNION_REPRESENTATIVE in roles:
        found += [
            _negotiation(row, Role.UNION_REPRESENTATIVE) for row in queries.open_for(queries.unions_of(user, on)) if _unions_turn(row)
        ]
    if Role.SAFETY_REPRESENTATIVE in roles:
        found += [_assessment(system) for system, _record in queries.unsigned(on)]
    if roles & _LEADS:
        mine = System.objects.all() if Role.AI_COORDINATOR in roles else System.objects.filter(owner=user)
        role = Role.AI_COORDINATOR if Role.AI_COORDINATOR in roles else Role.SYSTEM_OWNER
        rows = Negotiation.objects.filter(system__in=mine, state__in=_EMPLOYER_TURN).select_related("system", "union")
        found += [_negotiation(row, role) for row in rows]
        found += [_round(row, role) for row in _rounds_to_read(mine, on)]
    if Role.SYSTEM_OWNER in roles:
        own = SafetyStatement.objects.filter(system__owner=user, stance=SafetyStance.OBJECTS, answered_on=None)
        found += [_objection(row) for row in own.select_related("system")]
    return found


def calendar(on: date) -> list[Dated]:
    """The last days of open rounds, which are public, and the last days to ask for central negotiation."""
    rounds = Round.objects.filter(state=RoundState.OPEN, closes__gte=on).select_related("system")
    asking = Negotiation.objects.filter(central_by__gte=on).exclude(state=State.CLOSED).select_related("system", "union")
    roles = frozenset({*_LEADS, Role.UNION_REPRESENTATIVE.value})
    return [
        *(
            Dated(
                uid=f"round-{row.pk}",
                day=row.closes,
                title=Text(f"Sista dag att svara: {row.title_sv}", f"Last day to answer: {row.title_en or row.title_sv}"),
                href=reverse("participation:public_round", args=[row.slug]),
                system_id=row.system_id,
                roles=frozenset(),
                public=True,
            )
            for row in rounds
        ),
        *(
            Dated(
                uid=f"negotiation-{row.pk}",
                day=row.central_by,
                title=Text(
                    f"Sista dag att begära central förhandling: {row.union.name_sv}, {row.system.name_sv}",
                    f"Last day to ask for central negotiation: {row.union.name_en}, {row.system.name_en}",
                ),
                href=reverse("participation:negotiation", args=[row.system.slug, row.pk]),
                system_id=row.system_id,
                roles=roles,
            )
            for row in asking
        ),
    ]


def _unions_turn(row: Negotiation) -> bool:
    return State(row.state) in _UNION_TURN


def _negotiation(row: Negotiation, role: Role) -> Item:
    words = {"union": row.union, "state": row.state_words, "system": row.system}
    return Item(
        kind="negotiation",
        title=_("Negotiation with %(union)s about %(system)s: %(state)s") % words,
        href=reverse("participation:negotiation", args=[row.system.slug, row.pk]),
        due=row.central_by if row.state == State.DISAGREED else None,
        system=row.system,
        role=role.value,
    )


def _assessment(system: System) -> Item:
    return Item(
        kind="safety",
        title=_("Work-environment assessment to take part in: %(system)s") % {"system": system},
        href=reverse("participation:safety", args=[system.slug]),
        due=None,
        system=system,
        role=Role.SAFETY_REPRESENTATIVE.value,
    )


def _objection(row: SafetyStatement) -> Item:
    return Item(
        kind="safety",
        title=_("Objection of the safety representative to answer: %(system)s") % {"system": row.system},
        href=reverse("participation:safety", args=[row.system.slug]),
        due=None,
        system=row.system,
        role=Role.SYSTEM_OWNER.value,
    )


def _rounds_to_read(systems: QuerySet[System], on: date) -> list[Round]:
    """Rounds that have ended without being published, and those with contributions that nobody has looked at."""
    waiting = Contribution.objects.filter(round=OuterRef("pk"), moderation=Moderation.WAITING)
    rows = Round.objects.filter(system__in=systems).exclude(state__in=(RoundState.DRAFT, RoundState.PUBLISHED))
    return [row for row in rows.annotate(waiting=Exists(waiting)).select_related("system") if row.waiting or row.has_ended(on)]


def _round(row: Round, role: Role) -> Item:
    return Item(
        kind="round",
        title=_("Participation round to read and answer: %(title)s") % {"title": row.title},
        href=reverse("participation:round", args=[row.system.slug, row.pk]),
        due=None,
        system=row.system,
        role=role.value,
    )
