"""What waits and what ends, as the register itself knows it. Every question is asked of an index and of so many rows at most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from insyn.core.labels import label
from insyn.core.terms import Phase, Role
from insyn.core.text import Text
from insyn.web.accounts.models import Mandate, User
from insyn.web.accounts.permissions import role_label
from insyn.web.language import spoken
from insyn.web.register.models import System
from insyn.web.register.queries import open_work

from .items import AHEAD, DATES, Dated, Item
from .models import Ending, Standing, Wanted

#: So many things of each kind are shown to one person; the page says so where there are more.
LIMIT = 100
_USED = (Phase.PILOT, Phase.IN_USE, Phase.PAUSED)
_NARROW = ("system__slug", "system__name_sv", "system__name_en", "system__owner_id")
_WATCHES_ALL = frozenset({Role.AI_COORDINATOR})


def gates(user: User, roles: frozenset[str]) -> list[Item]:
    """Systems that lack something which the person can supply; as an owner only one's own."""
    rows: list[Wanted] = []
    for role in sorted(roles):
        found = Wanted.objects.filter(role=role).select_related("system").order_by("system").only("role", "count", "titles", *_NARROW)
        if role == Role.SYSTEM_OWNER:
            found = found.filter(owner=user)
        rows += found[:LIMIT]
    return [_gate_item(row) for row in rows]


def _gate_item(row: Wanted) -> Item:
    titles = [spoken(title) for title in row.titles]
    more = row.count - len(titles)
    if more > 0:
        titles.append(ngettext("and %(number)d more", "and %(number)d more", more) % {"number": more})
    href = reverse("register:gates", args=[row.system.slug])
    return Item("gates", f"{row.system.name}: {' · '.join(titles)}", href, None, row.system, row.role)


def decisions(roles: frozenset[str]) -> list[Item]:
    """Systems whose owners ask for a decision."""
    if Role.ELECTED_MEMBER not in roles:
        return []
    rows = Standing.objects.filter(phase=Phase.DECISION).select_related("system").order_by("system").only("phase", *_NARROW)[:LIMIT]
    lacking = dict(Wanted.objects.filter(system__in=[row.pk for row in rows]).order_by("count").values_list("system", "count"))
    return [
        Item(
            "decision",
            f"{row.system.name}: {_lacks(lacking.get(row.pk, 0))}",
            reverse("register:decisions", args=[row.system.slug]),
            None,
            row.system,
            Role.ELECTED_MEMBER.value,
        )
        for row in rows
    ]


def _lacks(count: int) -> str:
    return _("something is missing still") if count else _("every requirement is met")


def work(user: User) -> list[Item]:
    """What has changed around the person's systems and nobody has dealt with."""
    return [
        Item(
            "work",
            f"{row.system.name}: {row.get_kind_display()}",
            reverse("register:work_item", args=[row.pk]),
            None,
            row.system,
            Role.SYSTEM_OWNER.value,
        )
        for row in open_work(user)[:LIMIT]
    ]


def endings(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """What has ended, or ends soon, where the person is to do something about it."""
    return [_ending_item(row, user) for row in _endings_of(user, roles, date.min, on + AHEAD, most=LIMIT)]


def _endings_of(user: User, roles: frozenset[str], first: date, last: date, *, most: int) -> list[Ending]:
    """The coordinator sees all of them, an owner those of their systems, others those of records that their office supplied."""
    inside = Ending.objects.filter(day__gte=first, day__lte=last).select_related("system").order_by("day", "pk")
    inside = inside.only("kind", "day", "role", "what_sv", "what_en", "record_id", *_NARROW)
    if roles & _WATCHES_ALL:
        return list(inside[:most])
    found: dict[int, Ending] = {}
    if Role.SYSTEM_OWNER in roles:
        found |= {row.pk: row for row in inside.filter(owner=user)[:most]}
    for role in roles - {Role.SYSTEM_OWNER}:
        found |= {row.pk: row for row in inside.filter(role=role)[:most]}
    return sorted(found.values(), key=lambda row: (row.day, row.pk))[:most]


def _ending_item(row: Ending, user: User) -> Item:
    role = Role.SYSTEM_OWNER.value if row.system.owner_id == user.pk else row.role or Role.AI_COORDINATOR.value
    return Item(row.kind, f"{row.system.name}: {spoken(row.what)}", _address(row), row.day, row.system, role)


def _address(row: Ending) -> str:
    if row.record_id is not None:
        return reverse("register:record", args=[row.system.slug, row.record_id])
    return reverse("register:gates", args=[row.system.slug])


def mandates(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """One's own mandates that end soon; for the administrator everybody's. One that is followed by another is no news."""
    longer = Mandate.objects.filter(Q(last_day=None) | Q(last_day__gt=OuterRef("last_day")), user=OuterRef("user"), role=OuterRef("role"))
    ending = Mandate.objects.filter(~Exists(longer), last_day__gte=on, last_day__lte=on + AHEAD).select_related("user", "office")
    administers = Role.ADMINISTRATOR in roles
    rows: QuerySet[Mandate] = ending if administers else ending.filter(user=user)
    return [_mandate_item(row, administers=administers) for row in rows.order_by("last_day", "pk")[:LIMIT]]


def _mandate_item(row: Mandate, *, administers: bool) -> Item:
    href = reverse("accounts:person", args=[row.user.person]) if administers else reverse("portfolio:settings")
    title = _("%(person)s: %(role)s, %(office)s") % {"person": row.user, "role": role_label(row.role), "office": row.office.name}
    return Item("mandate", title, href, row.last_day, None, Role.ADMINISTRATOR.value if administers else row.role)


def dates(user: User, roles: frozenset[str], first: date, last: date) -> list[Dated]:
    """The days of the calendar that come from systems, and the person's own mandates."""
    found = [_dated(row, row.role) for row in _endings_of(user, roles, first, last, most=DATES)]
    own = Mandate.objects.filter(user=user, last_day__gte=first, last_day__lte=last).order_by("last_day", "pk")
    return [*found, *(_own_mandate(row) for row in own[:LIMIT])]


def _own_mandate(row: Mandate) -> Dated:
    name = label(Role(row.role))
    title = Text(f"Ditt mandat går ut: {name.sv}", f"Your mandate ends: {name.en}")
    return Dated(f"mandate-{row.pk}", row.last_day, title, reverse("portfolio:settings"), None, frozenset({row.role}))


def _dated(row: Ending, role: str) -> Dated:
    names = Text(f"{row.what.sv}: {row.system.name_sv}", f"{row.what.en}: {row.system.name_en}")
    roles: Iterable[str] = filter(None, (Role.SYSTEM_OWNER.value, Role.AI_COORDINATOR.value, role))
    return Dated(_uid(row), row.day, names, _address(row), row.system_id, frozenset(roles))


def _uid(row: Ending) -> str:
    """The same day of the same thing keeps its name, though the row is written anew by each act."""
    return f"{row.kind}-{row.system_id}-{row.record_id or row.what_en.replace(' ', '-').lower()}-{row.day.isoformat()}"


def public_dates(first: date, last: date, *, system: System | None = None) -> list[Dated]:
    """When systems in use are evaluated, or one of them; a day that is withheld is not there."""
    rows = Standing.objects.filter(evaluation_due__gte=first, evaluation_due__lte=last, evaluation_public=True, phase__in=_USED)
    rows = rows if system is None else rows.filter(system=system)
    rows = rows.select_related("system").only("evaluation_due", *_NARROW).order_by("evaluation_due", "system")
    return [
        Dated(
            f"evaluation-{row.pk}-{row.evaluation_due.isoformat()}",
            row.evaluation_due,
            Text(f"Utvärdering: {row.system.name_sv}", f"Evaluation: {row.system.name_en}"),
            reverse("site:system", args=[row.system.slug]),
            row.pk,
            frozenset(),
            public=True,
        )
        for row in rows[:DATES]
    ]


def systems_owned(user: User) -> QuerySet[System]:
    """Systems that the person owns."""
    return System.objects.filter(owner=user).only("slug", "name_sv", "name_en", "summary_sv", "summary_en", "phase", "owner_id")
