"""What the pages of the inventory read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from insyn.core.terms import Role
from insyn.web.accounts.models import Mandate, User
from insyn.web.portfolio.board import Chart, chart
from insyn.web.portfolio.models import Standing
from insyn.web.portfolio.standing import ALIVE

from .actions import YEAR
from .models import Assignment, CompetenceRecord, Confirmed, Round


@dataclass(frozen=True)
class Shares:
    """How far the newest round has come. ``systems`` counts those that are, or may come, in use."""

    round: Round
    chart: Chart
    systems: int
    unclassified: int
    unclassified_share: float


def newest_round() -> Round | None:
    """The round that opened last."""
    return Round.objects.order_by("-opens", "-pk").first()


def shares(on: date) -> Shares | None:
    """Answered in time, answered late, late with no answer, and not due yet; and how many systems lack a valid class."""
    found = newest_round()
    if found is None:
        return None
    alive = Standing.objects.filter(phase__in=ALIVE)
    systems = alive.count()
    classified = alive.exclude(system_class="").exclude(class_through__lt=on).count()
    left = systems - classified
    return Shares(found, _chart(found, on), systems, left, round(100 * left / systems, 1) if systems else 0.0)


def _chart(found: Round, on: date) -> Chart:
    names = {
        "answered": _("Answered in time"),
        "late": _("Answered late"),
        "overdue": _("Late: no answer"),
        "open": _("Not due yet"),
    }
    counts = Counter(state_of(assignment, on) for assignment in found.assignments.select_related("round"))
    return chart(
        "inventory-answers",
        _("Answers from the offices"),
        _("Answer"),
        counts,
        order=names,
        name=lambda word: names[word],
        unit=_("Offices"),
    )


def state_of(assignment: Assignment, on: date) -> str:
    """``answered``, ``late`` (answered late), ``overdue`` (late and no answer, or the round is closed) or ``open``."""
    if assignment.state == Assignment.State.OPEN:
        return "overdue" if assignment.due < on or assignment.round.closed_on is not None else "open"
    return str(assignment.state)


def round_is_due(on: date) -> bool:
    """Has a year passed since the last round opened, or has there been none? One that nobody closed puts the next off for no longer."""
    last = newest_round()
    return last is None or last.opens + YEAR <= on


def leads_at(assignment: Assignment, on: date) -> list[User]:
    """Who may lead the inventory of the office: those with the mandate there."""
    rows = Mandate.objects.valid(on).filter(office=assignment.office, role=Role.INVENTORY_LEAD).select_related("user")
    return sorted({row.user for row in rows}, key=str)


def competences() -> QuerySet[CompetenceRecord]:
    """Every record of competence, those that hold longest first."""
    return CompetenceRecord.objects.select_related("user", "act")


def not_right(found: Round) -> QuerySet[Confirmed]:
    """The entries that an office says are not right any more."""
    rows = Confirmed.objects.filter(assignment__round=found, still_right=False)
    return rows.select_related("system", "assignment__office")
