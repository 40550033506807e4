"""Which unions count, and whether the negotiation with each of them is closed. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from insyn.rules.small_cells import few
from insyn.web.accounts.models import Office
from insyn.web.register.models import System

from .models import Negotiation, UnionParty
from .words import Section, State


def small_cells(counts: Sequence[int]) -> list[int | None]:
    """The counts that may be shown; ``None`` for those that may not. The whole is known, so what is hidden must not come out by subtraction."""
    hidden = few(dict(enumerate(counts)))
    return [None if place in hidden else count for place, count in enumerate(counts)]


def has_agreement(on: date) -> dict[int, bool]:
    """What stands on the day about each union, by the office's key; unions without a statement are not in it."""
    rows = UnionParty.objects.filter(from_day__lte=on).order_by("from_day", "pk")
    return {row.office_id: row.has_agreement for row in rows}


def parties(section: str, on: date) -> list[Office]:
    """The unions to negotiate with: all with a collective agreement; under section 13 those without one. A closed one speaks no more."""
    stated = has_agreement(on)
    wanted = section != Section.S13
    unions = Office.objects.filter(kind=Office.Kind.UNION, closed_on=None).order_by("name_sv")
    return [union for union in unions if stated.get(union.pk, True) is wanted]


def started(system: System, section: str) -> frozenset[int]:
    """Keys of the unions with which a negotiation has begun, closed or not."""
    return frozenset(Negotiation.objects.filter(system=system, section=section).values_list("union_id", flat=True))


def newest_by_union(system: System, section: str) -> dict[int, Negotiation]:
    """The newest negotiation with each union."""
    rows = Negotiation.objects.filter(system=system, section=section).select_related("union").order_by("pk")
    return {row.union_id: row for row in rows}


def not_closed(system: System, section: str, on: date) -> list[Office]:
    """The unions that the gate still waits for. Under section 13 those that were invited."""
    newest = newest_by_union(system, section)
    counted = [row.union for row in newest.values()] if section == Section.S13 else parties(section, on)
    open_ones = [row.union for row in newest.values() if row.state != State.CLOSED]  # also one that has lost its agreement meanwhile
    waits = [union for union in counted if union.pk not in newest or newest[union.pk].state != State.CLOSED]
    return sorted({*waits, *open_ones}, key=lambda union: union.name_sv)
