"""What the inventory has to say to the work list and the calendar."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web.accounts.models import Mandate, User
from insyn.web.portfolio.items import AHEAD, MOST, Dated, Item

from .actions import YEAR
from .models import Assignment, CompetenceRecord, Confirmed, ReportedSystem, Round
from .queries import newest_round, round_is_due

KINDS = {
    "inventory_answer": Text("Inventering att besvara", "Inventory to answer"),
    "inventory_lead": Text("Inventering utan ansvarig", "Inventory without a lead"),
    "inventory_late": Text("Inventering utan svar", "Inventory without an answer"),
    "inventory_reported": Text("Anmält system att hantera", "Reported system to deal with"),
    "inventory_changed": Text("Uppgift som inte längre stämmer", "Entry that is no longer right"),
    "inventory_round": Text("Inventering att öppna", "Inventory round to open"),
    "competence": Text("Kompetens som går ut", "Competence that ends"),
}


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """For a lead: what to answer. For the coordinator: leads to name, answers that are late, systems to enter, a round to open."""
    found = [*_to_answer(user, roles, on), *_own_competence(user, roles, on), *_changed(user, roles)]
    if Role.AI_COORDINATOR in roles:
        found += [*_round(on), *_without_lead(on), *_late(on), *_to_settle()]
    return found


def _to_answer(user: User, roles: frozenset[str], on: date) -> list[Item]:
    if Role.INVENTORY_LEAD not in roles:
        return []
    rows = Assignment.objects.filter(lead=user, state=Assignment.State.OPEN).select_related("round", "office").order_by("due")[:MOST]
    return [_item("inventory_answer", f"{row.round.title}: {row.office.name}", _page(row), row.due, Role.INVENTORY_LEAD) for row in rows]


def _without_lead(on: date) -> list[Item]:
    """Also those whose lead holds the mandate there no longer: that one cannot answer."""
    holding = Mandate.objects.valid(on).filter(user=OuterRef("lead"), office=OuterRef("office"), role=Role.INVENTORY_LEAD)
    rows = _open().filter(~Exists(holding)).order_by("due", "pk")[:MOST]
    return [_coordinators("inventory_lead", _("%(office)s has no lead") % {"office": row.office.name}, _page(row), row.due) for row in rows]


def _late(on: date) -> list[Item]:
    rows = _open().filter(due__lt=on).exclude(lead=None).order_by("due", "pk")[:MOST]
    return [
        _coordinators("inventory_late", _("%(office)s has not answered") % {"office": row.office.name}, _page(row), row.due) for row in rows
    ]


def _open() -> QuerySet[Assignment]:
    found = Assignment.objects.filter(state=Assignment.State.OPEN, round__closed_on=None)
    return found.select_related("round", "office")


def _to_settle() -> list[Item]:
    rows = ReportedSystem.objects.filter(settled=None).select_related("assignment__office").order_by("pk")[:MOST]
    return [
        _coordinators("inventory_reported", f"{row.name}, {row.assignment.office.name}", reverse("inventory:reported", args=[row.pk]), None)
        for row in rows
    ]


def _changed(user: User, roles: frozenset[str]) -> list[Item]:
    if Role.SYSTEM_OWNER not in roles:
        return []
    rows = Confirmed.objects.filter(system__owner=user, still_right=False, assignment__round__closed_on=None).select_related("system")
    return [
        Item(
            "inventory_changed",
            f"{row.system.name}: {row.note}",
            reverse("register:describe", args=[row.system.slug]),
            None,
            row.system,
            Role.SYSTEM_OWNER.value,
        )
        for row in rows.order_by("pk")[:MOST]
    ]


def _round(on: date) -> list[Item]:
    last = newest_round()
    if not round_is_due(on):
        return []
    title = _("A year has passed: open the next inventory round") if last else _("Open the first inventory round")
    due = last.opens + YEAR if last else None
    return [_coordinators("inventory_round", title, reverse("inventory:rounds"), due)]


def _own_competence(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """One's newest record, if it ends soon or has just ended, once competence is asked for here."""
    newest = CompetenceRecord.objects.filter(user=user, withdrawn_on=None).order_by("-valid_through").first()
    if newest is None or not on - AHEAD <= newest.valid_through <= on + AHEAD or not Round.objects.exists():
        return []
    title = _("Your competence to classify and assess: %(what)s") % {"what": newest.what}
    return [_item("competence", title, reverse("inventory:competence"), newest.valid_through, min(roles, default=""))]


def _coordinators(kind: str, title: str, href: str, due: date | None) -> Item:
    return _item(kind, title, href, due, Role.AI_COORDINATOR)


def _item(kind: str, title: str, href: str, due: date | None, role: str) -> Item:
    return Item(kind, title, href, due, None, str(role))


def _page(row: Assignment) -> str:
    return reverse("inventory:assignment", args=[row.pk])


def calendar(on: date) -> list[Dated]:
    """When open rounds are to be answered, and when the next one is to open."""
    roles = frozenset({Role.AI_COORDINATOR.value, Role.INVENTORY_LEAD.value})
    found = [
        Dated(
            f"inventory-{row.pk}",
            row.due,
            Text(f"Sista svarsdag: {row.title_sv}", f"Answers due: {row.title_en}"),
            reverse("inventory:round", args=[row.pk]),
            None,
            roles,
        )
        for row in Round.objects.filter(closed_on=None)
    ]
    last = newest_round()
    if last is not None:
        title = Text("Nästa inventering ska öppnas", "The next inventory round is to open")
        day = last.opens + YEAR
        found.append(
            Dated(f"inventory-after-{last.pk}", day, title, reverse("inventory:rounds"), None, roles & {Role.AI_COORDINATOR.value})
        )
    return found
