"""What the register itself has to say to the work list and the calendar."""

from __future__ import annotations

from datetime import date

from insyn.web.accounts.models import User

from . import own_items
from .items import Dated, Item


def items(user: User, roles: frozenset[str], on: date) -> list[Item]:
    """Missing records, decisions waited for, work items, and what ends."""
    return [
        *own_items.decisions(roles),
        *own_items.work(user),
        *own_items.gates(user, roles),
        *own_items.endings(user, roles, on),
        *own_items.mandates(user, roles, on),
    ]


def calendar_of(user: User, roles: frozenset[str], first: date, last: date) -> list[Dated]:
    """The days on which something of a system ends, and one's own mandates."""
    return own_items.dates(user, roles, first, last)
