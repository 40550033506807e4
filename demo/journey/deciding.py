"""Decisions beside the one on use: what boards delegate, which deviation an owner answers for, and what an evaluation comes to."""

from __future__ import annotations

from datetime import timedelta

from demo.lindvalla import deciding, people
from demo.loans import words
from insyn.core.terms import RecordKind, Role

from .context import Journey


def delegate(journey: Journey) -> None:
    """The secretary enters two items of the boards' delegation lists. Done once."""
    from demo.register import acting, office_of
    from insyn.web import clock
    from insyn.web.decisions.actions import adopt_delegation
    from insyn.web.decisions.models import DelegationItem

    day = clock.today() - timedelta(days=deciding.DECIDED_DAYS_AGO)
    for item in deciding.DELEGATIONS:
        if DelegationItem.objects.filter(number=item["number"], board__slug=item["board"]).exists():
            continue
        offices = {name: office_of(item[name]) for name in ("board", "office")}
        adopt_delegation(actor=acting(people.SECRETARY), decided_on=day, first_day=day, **{**item, **offices})
    journey.terminal.line(
        f"{people.SECRETARY.name} enters {len(deciding.DELEGATIONS)} items of the boards' delegation lists. Neither reaches a decision on "
        "high risk."
    )


def deviate(journey: Journey) -> None:
    """The coordinator proposes, and the owner takes the higher risk on herself. Done once."""
    from demo.register import acting, system_of
    from insyn.web import clock
    from insyn.web.decisions.actions import accept_deviation, propose_deviation
    from insyn.web.decisions.models import Deviation
    from insyn.web.decisions.words import DeviationState

    system, coordinator = system_of(deciding.DEVIATION_SYSTEM), acting(people.COORDINATOR)
    last_day = clock.today() + timedelta(days=deciding.DEVIATION_DAYS)
    if not Deviation.objects.filter(system=system).exists():
        propose_deviation(actor=coordinator, system=system, last_day=last_day, **deciding.DEVIATION)
    proposed = Deviation.objects.filter(system=system, state=DeviationState.PROPOSED).first()
    if proposed is not None:
        accept_deviation(actor=acting(people.OTHER_OWNER), deviation=proposed, acceptance=deciding.ACCEPTANCE)
    journey.terminal.line(
        f"{coordinator.name} proposes that {system.name_sv} deviates from {deciding.DEVIATION['rule']}; {people.OTHER_OWNER.name} answers "
        f"for the higher risk through {last_day}."
    )


def evaluate(journey: Journey) -> None:
    """The owner's first evaluation: Lånestöd goes on after a change, which becomes a work item. Done once."""
    from demo.register import acting, system_of
    from insyn.web import clock
    from insyn.web.register.actions import supply_record

    system, today = system_of(words.SLUG), clock.today()
    if system.records.filter(kind=RecordKind.EVALUATION).exists():
        return
    days = {"change_by": deciding.CHANGE_DAYS, "next_due": deciding.NEXT_DAYS}
    content = {**deciding.EVALUATION, **{name: (today + timedelta(days=ahead)).isoformat() for name, ahead in days.items()}}
    owner = acting(people.OWNER, Role.SYSTEM_OWNER)
    supply_record(actor=owner, system=system, kind=RecordKind.EVALUATION, content=content, case_number="SBN 2026/231")
    journey.terminal.line(f"{owner.name} evaluates Lånestöd: it goes on after a change. Next evaluation {content['next_due']}.")
