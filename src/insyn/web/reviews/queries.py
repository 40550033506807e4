"""Reads for review: colleagues with a mandate, what residents have asked for, and how made-up cases went. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from insyn.core.terms import RecordKind
from insyn.rules.small_cells import Tally, hide
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.register.issuing import issued
from insyn.web.register.models import System

from . import calibration
from .models import Counted


@dataclass(frozen=True)
class Result:
    """How made-up cases with a wrong, or with a right, proposal were decided. Without numbers where they would tell about a person."""

    wrong_proposal: bool
    answers: int | None = None
    right: int | None = None
    hidden: str = ""


@dataclass(frozen=True)
class Results:
    """``lacking``: what must stand in the register before anything is shown; then there are no ``rows``."""

    rows: tuple[Result, ...] = ()
    lacking: tuple[RecordKind, ...] = ()
    held: bool = False


def calibration_results(system: System, on: date | None = None) -> Results:
    """How the system's made-up cases went, of all officers together and by the rules of small cells. Never by person: nothing is kept so."""
    on = on or clock.today()
    permit = issued(system)
    held = permit is None or permit.held
    if held or (lacking := calibration.lacking(system, on)):
        return Results(lacking=() if held else tuple(lacking), held=held)
    tallies = {name: Tally() for name in ("wrong", "right")}
    for row in Counted.objects.filter(made_case__system=system).select_related("made_case"):
        tallies["wrong" if row.made_case.wrong_proposal else "right"] += Tally(row.told_answers, row.told_right)
    hidden = hide(tallies)
    return Results(rows=tuple(_result(name, tally, hidden.get(name, "")) for name, tally in tallies.items()))


def _result(name: str, tally: Tally, hidden: str) -> Result:
    if hidden:
        return Result(name == "wrong", hidden=str(hidden))
    return Result(name == "wrong", answers=tally.n, right=tally.favourable)


def colleagues(systems: Iterable[System], on: date) -> list[User]:
    """Everybody who may decide in one of the systems on the day."""
    permits = [issued(system) for system in systems]
    named = {held.person for permit in permits if permit for held in permit.reviewers if held.last_day >= on.isoformat()}
    return list(User.objects.filter(person__in=named, is_active=True).order_by("first_name", "last_name", "pk"))
