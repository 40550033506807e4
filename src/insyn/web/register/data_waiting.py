"""Uses of data that wait for somebody: for a decision, for a new one, or for a field to be taken away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.portfolio.items import AHEAD, DATES, MOST, Dated, Item, seen_by

from .fieldsused import fields_of, read_seen
from .models import DataUse, System
from .purposes import PurposeKind

KINDS = {
    "data_use": Text("Dataanvändning att besluta", "Use of data to decide"),
    "data_use_ends": Text("Dataanvändning som går ut", "Use of data that ends"),
    "data_field": Text("Uppgifter som ingen använder", "Fields of data that nobody uses"),
}


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """What the person can do today as one who decides, or as the owner of a system."""
    found: list[Item] = []
    deciding = next((role for role in (Role.ELECTED_MEMBER, Role.DELEGATE) if role in roles), None)
    if deciding is not None:
        found += _to_decide(user, deciding)
    if Role.SYSTEM_OWNER in roles:
        found += [*_ending(user, on), *_unused(user, on)]
    return found


def _to_decide(user: User, role: Role) -> Iterator[Item]:
    rows = DataUse.objects.filter(outcome="", withdrawn_on=None).exclude(act__person=user.person).exclude(system__owner=user)
    for row in rows.select_related("system").order_by("proposed_on", "pk")[:MOST]:
        yield Item("data_use", f"{row.system.name}: {row.what}", _address(row), None, row.system, role)


def _ending(user: User, on: date) -> Iterator[Item]:
    rows = DataUse.objects.filter(system__owner=user, valid_through__lte=on + AHEAD).holding(on)
    for row in rows.select_related("system").order_by("valid_through", "pk")[:MOST]:
        title = _("%(system)s: propose the use of data anew") % {"system": row.system.name}
        yield Item("data_use_ends", title, _address(row), row.valid_through, row.system, Role.SYSTEM_OWNER)


def _unused(user: User, on: date) -> Iterator[Item]:
    held = DataUse.objects.filter(system__owner=user, purpose_kind=PurposeKind.ORDINARY).holding(on).select_related("system")
    by_system: dict[System, list[DataUse]] = {}
    for row in held.order_by("system__slug", "pk"):
        by_system.setdefault(row.system, []).append(row)
    for system, rows in list(by_system.items())[:MOST]:
        found = [one for one in fields_of(system, rows, on, read_seen(settings.HOME.fields_named, system.slug)) if one.put_forward]
        if found:
            words = {"system": system.name, "number": len(found)}
            title = ngettext(
                "%(system)s: %(number)d field that no decision used", "%(system)s: %(number)d fields that no decision used", len(found)
            )
            yield Item("data_field", title % words, reverse("register:data", args=[system.slug]), None, system, Role.SYSTEM_OWNER)


def calendar_of(user: User, roles: frozenset[str], first: date, last: date) -> list[Dated]:
    """The last days of the uses of data that hold."""
    told = frozenset({Role.SYSTEM_OWNER, Role.ELECTED_MEMBER, Role.DATA_PROTECTION_OFFICER})
    rows = seen_by(DataUse.objects.holding(clock.today()), user, roles, told).filter(valid_through__gte=first, valid_through__lte=last)
    rows = rows.select_related("system").order_by("valid_through", "pk")[:DATES]
    return [Dated(f"data-use-{row.pk}", row.valid_through, _ends(row), _address(row), row.system_id, told) for row in rows]


def _ends(row: DataUse) -> Text:
    return Text(f"{row.system.name_sv}: dataanvändningen upphör", f"{row.system.name_en}: the use of data ends")


def _address(row: DataUse) -> str:
    return reverse("register:data_use", args=[row.system.slug, row.pk])
