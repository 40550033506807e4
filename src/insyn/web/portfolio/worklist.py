"""The work list as a page shows it: chosen by role and kind, in groups by how soon it is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import role_label

from .items import Item, collect_items
from .kinds import kind_label
from .own_items import LIMIT

PAGE = 100
#: So many of one's own systems stand on the start page; the list of systems has them all.
OWN = 50
_NEAR = timedelta(days=30)


@dataclass(frozen=True)
class WorkList:
    """What waits, after the reader's choice; ``roles`` and ``kinds`` are what there is to choose from: (word, name, how many)."""

    items: list[Item]
    total: int
    overdue: int
    roles: list[tuple[str, str, int]]
    kinds: list[tuple[str, str, int]]
    role: str
    kind: str
    cut: bool


@dataclass(frozen=True)
class Group:
    """Items under one heading. ``late``: their day has passed."""

    key: str
    title: str
    items: list[Item]


def read(user: User, on: date, *, role: str = "", kind: str = "") -> WorkList:
    """Everything that waits for the person. ``cut``: there is more of some kind than the list fetches."""
    found = collect_items(user, on)
    roles, kinds = Counter(item.role for item in found), Counter(item.kind for item in found)
    role, kind = role if role in roles else "", kind if kind in kinds else ""
    chosen = [item for item in found if role in ("", item.role) and kind in ("", item.kind)]
    return WorkList(
        items=chosen,
        total=len(found),
        overdue=sum(item.due is not None and item.due < on for item in chosen),
        roles=sorted(((word, role_label(word), count) for word, count in roles.items()), key=lambda row: row[1]),
        kinds=sorted(((word, kind_label(word), count) for word, count in kinds.items()), key=lambda row: row[1]),
        role=role,
        kind=kind,
        cut=any(count >= LIMIT for count in Counter((item.kind, item.role) for item in found).values()),
    )


def query(shown: WorkList) -> str:
    """The choice as the beginning of an address's query."""
    words = urlencode([(name, value) for name, value in (("roll", shown.role), ("slag", shown.kind)) if value])
    return f"{words}&" if words else ""


def grouped(items: Iterable[Item], on: date) -> list[Group]:
    """With a day: overdue, within thirty days, later. Without one: by kind."""
    groups: dict[str, Group] = {}
    for item in items:
        key, title = _heading(item, on)
        groups.setdefault(key, Group(key, title, [])).items.append(item)
    return list(groups.values())


def _heading(item: Item, on: date) -> tuple[str, str]:
    if item.due is None:
        return f"kind-{item.kind}", kind_label(item.kind)
    if item.due < on:
        return "overdue", _("Past its day")
    return ("near", _("Within 30 days")) if item.due <= on + _NEAR else ("later", _("Later"))


def table(shown: WorkList) -> Iterator[tuple[object, ...]]:
    """The list as rows for a spreadsheet, with a line of headings."""
    yield _("What"), _("Kind"), _("Due"), _("System"), _("Role"), _("Address")
    for item in shown.items:
        due = item.due.isoformat() if item.due else ""
        system = item.system.slug if item.system else ""
        yield item.title, kind_label(item.kind), due, system, role_label(item.role), item.href
