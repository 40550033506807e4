"""What the pages read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from insyn.core.terms import Mode, Phase, RecordKind
from insyn.law.model import Rule
from insyn.web.accounts.errors import ActRefused
from insyn.web.register.models import Decision, Record, System
from insyn.web.register.rows import Rows

from .deviations import rules_to_deviate_from
from .evaluations import Limit, Shown, latest_due, shown_evaluations
from .models import DelegationItem, Deviation, NeverAutomated
from .standing import ON_USE, boards_over, matters_of, newest_days
from .words import Delegable, DeviationState

_USED = frozenset({Phase.PILOT, Phase.IN_USE, Phase.PAUSED})
SHOWN = 200


@dataclass(frozen=True)
class Row:
    """An item of the list as it stands on a day: ``state`` is ``coming``, ``holds`` or ``ended``."""

    item: DelegationItem
    state: str


def delegation_rows(on: date) -> list[Row]:
    """Every item, those that hold first, by board and number."""
    items = DelegationItem.objects.select_related("board", "office", "act").order_by("board__name_sv", "number", "-first_day")
    rows = [Row(item, state_of(item, on)) for item in items]
    order = ("holds", "coming", "ended")
    return sorted(rows, key=lambda row: order.index(row.state))


def state_of(item: DelegationItem, on: date) -> str:
    if item.ends_on is not None and item.ends_on < on:
        return "ended"
    return "coming" if item.first_day > on else "holds"


def never() -> Any:
    """What is never automated, with what was and is no longer at the end."""
    return NeverAutomated.objects.select_related("act").order_by("lifted_on", "matter_type")


@dataclass(frozen=True)
class Held:
    """A deviation with whether it has effect on the day; ``over`` when its last day has passed."""

    deviation: Deviation
    holds: bool
    over: bool


def deviations_on(on: date, *, system: System | None = None, public: bool = False) -> list[Held]:
    """Deviations, those in effect first. The public sees those that were accepted, also when they have ended."""
    found = Deviation.objects.select_related("system__office", "accepting", "accepted_by").order_by("-pk")
    if system is not None:
        found = found.filter(system=system)
    if public:
        found = found.exclude(accepted_on=None)
    held = [Held(row, row.in_force(on), row.state == DeviationState.ACCEPTED and row.last_day < on) for row in found[:SHOWN]]
    return sorted(held, key=lambda one: not one.holds)


@dataclass(frozen=True)
class Due:
    """The next evaluation: its day, how late it is, and the day that the rules allow at the latest."""

    day: date | None
    days_late: int
    limit: Limit | None


def due_of(system: System, on: date, rows: Rows | None = None) -> Due:
    late = (on - system.evaluation_due).days if system.evaluation_due and system.phase in _USED else 0
    return Due(system.evaluation_due, max(0, late), _limit(system, on, rows))


def _limit(system: System, on: date, rows: Rows | None) -> Limit | None:
    try:
        return latest_due(system, on=on, packs=rows.binding(on) if rows else None)
    except ActRefused:  # the packs cannot be read; the pages that ask for them say so
        return None


def benefits_of(system: System, *, public: bool, rows: Rows | None = None) -> list[Record]:
    """What the system has brought, measured, the newest first."""
    held = [row for row in (rows or Rows(system)).records if row.kind == RecordKind.BENEFIT_REALISED and row.withdrawn_on is None]
    return [row for row in reversed(held) if row.public or not public]


def rules_of(system: System, on: date) -> list[Rule]:
    try:
        return rules_to_deviate_from(system, on=on)
    except ActRefused:
        return []


@dataclass(frozen=True)
class PublicPart:
    """Decision, deviations, evaluations and benefit of a system, as the public reads them. ``over``: the decision's time is out."""

    decision: Decision | None
    decided_through: date | None
    over: bool
    deviations: list[Held]
    evaluations: list[Shown]
    due: Due
    benefits: list[Record]
    automated: list[DelegationItem]


def public_part(system: System, on: date, rows: Rows) -> PublicPart:
    on_use = [row for row in rows.decisions if row.what in ON_USE]
    last = newest_days((row.system_id, row.what, row.valid_through) for row in on_use).get(system.pk)
    return PublicPart(
        decision=on_use[0] if on_use else None,
        decided_through=last,
        over=last is not None and last < on,
        deviations=deviations_on(on, system=system, public=True),
        evaluations=shown_evaluations(system, public=True, rows=rows),
        due=due_of(system, on, rows),
        benefits=benefits_of(system, public=True, rows=rows)[:10],
        automated=_automated(system, on),
    )


def _automated(system: System, on: date) -> list[DelegationItem]:
    """The items that carry an automated mode; none for a system where a person decides."""
    if Mode.AUTOMATED not in system.modes:
        return []
    matters = set(matters_of(system))
    items = (
        DelegationItem.objects.in_force(on).filter(what=Delegable.AUTOMATED, board__in=boards_over(system.office)).select_related("board")
    )
    return [item for item in items if matters & set(item.matter_types)]
