"""What waits for somebody, and what happens on a day: gathered from every app that has something to say.

An app says it in a module ``waiting`` with ``items(user, roles, on)`` and ``calendar(on)``; it may have one of them, both, or neither.
An app with many days has ``calendar_of(user, roles, first, last)`` instead, which asks only for what that person sees.
Nothing is caught here: an app whose module is broken would otherwise only make the list shorter, and nobody would miss what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from insyn.core.terms import Role
from insyn.core.text import Text
from insyn.web.accounts.models import User
from insyn.web.register.models import System

#: So long before its last day something waits for somebody, and so many things of a kind: a longer list helps nobody.
AHEAD = timedelta(days=60)
MOST = 100
#: A calendar page or feed holds so many days of a kind at most.
DATES = 1000


@dataclass(frozen=True)
class Item:
    """One thing that waits for a person: titled for the reader, with the day when it is due if it has one."""

    kind: str
    title: str
    href: str
    due: date | None
    system: System | None
    role: str


@dataclass(frozen=True)
class Dated:
    """Something that happens on a day; for everybody who works here if it names no roles. Only what says so goes into the public calendar."""

    uid: str
    day: date
    title: Text
    href: str
    system_id: int | None
    roles: frozenset[str]
    public: bool = False


def collect_items(user: User, on: date) -> list[Item]:
    """Return everything that waits for the person on the day: dated first, the longest overdue at the top."""
    roles = _roles(user, on)
    found = [item for module in modules_with("items") for item in module.items(user, roles, on)]
    return sorted(found, key=lambda item: (item.due is None, item.due or on, item.kind, item.title))


def collect_dates(on: date) -> list[Dated]:
    """Return what has a day from every app, the earliest first."""
    found = [dated for module in modules_with("calendar") for dated in module.calendar(on)]
    return sorted(found, key=lambda dated: (dated.day, dated.uid))


def collect_calendar(user: User, first: date, last: date, *, on: date) -> list[Dated]:
    """Return what the person has to know of between two days, both included: their offices', and as an owner their own systems'."""
    roles = _roles(user, on)
    own = frozenset(System.objects.filter(owner=user).values_list("pk", flat=True)) if Role.SYSTEM_OWNER in roles else frozenset()
    found = [dated for dated in collect_dates(on) if first <= dated.day <= last and _concerns(dated, roles, own)]
    for module in modules_with("calendar_of"):
        found += module.calendar_of(user, roles, first, last)
    return sorted(found, key=lambda dated: (dated.day, dated.uid))


def _roles(user: User, on: date) -> frozenset[str]:
    return frozenset(user.mandates.valid(on).values_list("role", flat=True))


def _concerns(dated: Dated, roles: frozenset[str], own: frozenset[int]) -> bool:
    if not dated.roles or dated.roles & (roles - {Role.SYSTEM_OWNER}):
        return True
    return Role.SYSTEM_OWNER in dated.roles & roles and dated.system_id in own


def seen_by(rows: QuerySet[Any], user: User, roles: frozenset[str], told: frozenset[str]) -> QuerySet[Any]:
    """Of rows about systems those that are told to the person: all of them to an office in ``told``, to owners their own."""
    if roles & (told - {Role.SYSTEM_OWNER}):
        return rows
    return rows.filter(system__owner=user) if Role.SYSTEM_OWNER in roles & told else rows.none()


def modules_with(name: str) -> Iterator[ModuleType]:
    """The modules ``waiting`` of the installed apps of Insyn that have something of this name."""
    return (module for module in _modules() if hasattr(module, name))


@cache
def _modules() -> tuple[ModuleType, ...]:
    """Looked for once: which apps there are is settled when the program starts. A module that cannot be read is an error each time."""
    names = [f"{app.name}.waiting" for app in apps.get_app_configs() if app.name.startswith("insyn.web.")]
    return tuple(import_module(name) for name in names if find_spec(name) is not None)
