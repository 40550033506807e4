"""What the pages and other apps read of decisions that are looked at again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from insyn.core.terms import Reach, Role
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.oversight.queries import systems_to_review
from insyn.web.register.models import System

from .models import ErrorFound, RemedyCase
from .words import SETTLED, CaseState


@dataclass(frozen=True)
class Progress:
    """How far an error has come. ``untold``: decided, and the person concerned has not been told."""

    total: int
    open: int
    changed: int
    unchanged: int
    unreachable: int
    withdrawn: int
    untold: int
    unassigned: int

    @property
    def settled(self) -> int:
        return self.changed + self.unchanged

    @property
    def done(self) -> int:
        return self.settled + self.unreachable

    @property
    def per_cent(self) -> int:
        return round(100 * self.done / self.total) if self.total else 0


def progress_of(error: ErrorFound) -> Progress:
    return progress_of_each([error])[error.pk]


def progress_of_each(errors: Iterable[ErrorFound]) -> dict[int, Progress]:
    """How far each has come, by its key: one query, however many there are."""
    keys = [error.pk for error in errors]
    counts = {f"n_{state}": Count("pk", filter=Q(state=state)) for state in CaseState}
    untold = Count("pk", filter=Q(state__in=SETTLED, told_on=None, excused_why=""))
    unassigned = Count("pk", filter=Q(state=CaseState.OPEN, assigned_to=None))
    rows = RemedyCase.objects.filter(error__in=keys).order_by().values("error")
    found = {row["error"]: row for row in rows.annotate(total=Count("pk"), untold=untold, unassigned=unassigned, **counts)}
    return {key: _progress(found.get(key, {})) for key in keys}


def _progress(row: Mapping[str, int]) -> Progress:
    totals = {name: row.get(name, 0) for name in ("total", "untold", "unassigned")}
    return Progress(**totals, **{state.value: row.get(f"n_{state}", 0) for state in CaseState})


def months_of(error: ErrorFound) -> dict[str, int]:
    """How many decisions of the list were made in each month."""
    rows = error.cases.values_list("day__year", "day__month").annotate(n=Count("pk")).order_by("day__year", "day__month")
    return {f"{year}-{month:02}": n for year, month, n in rows if year}


def errors_for(user: User, on: date) -> QuerySet[ErrorFound]:
    """Errors that the person may see: an owner of their own systems, an officer of those that they decide on, the others all."""
    return ErrorFound.objects.filter(_seen(user, on)).select_related("system__owner", "incident")


def systems_to_look_in(user: User, on: date) -> QuerySet[System]:
    """Systems in which the person may look for an error: an owner in their own, the others in all that Insyn holds the calls of."""
    roles = frozenset(user.mandates.valid(on).values_list("role", flat=True)) & {str(role) for role in PERMISSIONS["error.find"]}
    held = System.objects.filter(reach=Reach.EVERY_CALL).order_by("name_sv")
    if roles - {Role.SYSTEM_OWNER}:
        return held
    return held.filter(owner=user) if roles else held.none()


def cases_for(user: User, on: date) -> QuerySet[RemedyCase]:
    """Cases of the systems that the person may see."""
    return RemedyCase.objects.filter(_seen(user, on)).select_related("system", "error", "assigned_to")


def _seen(user: User, on: date) -> Q:
    roles = frozenset(user.mandates.valid(on).values_list("role", flat=True))
    wide = PERMISSIONS["reconsider.see"] - {Role.SYSTEM_OWNER, Role.CASE_OFFICER}
    if roles & {str(role) for role in wide}:
        return Q()
    seen = Q(pk__in=[])
    if Role.SYSTEM_OWNER in roles:
        seen |= Q(system__owner=user)
    if Role.CASE_OFFICER in roles:
        seen |= Q(system__in=systems_to_review(user.person, on))
    return seen


def open_about(system: System, rid: str) -> list[RemedyCase]:
    """Cases that wait for a new look at this decision."""
    return list(RemedyCase.objects.filter(system=system, rid=rid, state=CaseState.OPEN).select_related("error"))


def reconsidered_for(receipt: str) -> RemedyCase | None:
    """The newest settled case that a request led to, for the queue of requests; ``None`` while nothing is decided."""
    return RemedyCase.objects.filter(receipt=receipt, state__in=SETTLED).order_by("-pk").first() if receipt else None


def reconsidered_of(incident_id: int, rids: list[str]) -> dict[str, RemedyCase]:
    """Cases opened because of an incident about these decisions, by the decision's id: how far each has come."""
    rows = RemedyCase.objects.filter(error__incident=incident_id, rid__in=rids).exclude(state=CaseState.WITHDRAWN).order_by("pk")
    return {row.rid: row for row in rows}
