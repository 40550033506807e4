"""Needs before there is a system: raised by whoever meets the problem, weighed by the coordinator, decided by the board."""

from __future__ import annotations

from datetime import timedelta

from demo.lindvalla import needs, people
from demo.lindvalla.needs import NeedOf

from .context import Journey


def raise_and_decide(journey: Journey) -> None:
    """Each need as far as it has come. Done once."""
    from insyn.web.needs.models import Need

    for told in needs.NEEDS:
        _one(told)
    ended = Need.objects.exclude(outcome="").order_by("number")
    said = ", ".join(f"{need.title_sv} ({need.outcome})" for need in ended)
    journey.terminal.line(f"{people.CHAIR.name} decides on needs that {people.COORDINATOR.name} has weighed: {said}.")


def _one(told: NeedOf) -> None:
    from demo.register import acting, office_of
    from insyn.web import clock
    from insyn.web.needs.actions import analyse_need, decide_need, raise_need
    from insyn.web.needs.models import Need
    from insyn.web.needs.words import NeedPhase

    found = Need.objects.filter(title_sv=told.told["title_sv"]).first()
    if found is None:
        found = Need.objects.get(act=raise_need(actor=acting(told.by), office=office_of(told.office), **told.told))
    if found.phase == NeedPhase.OPEN and told.analysis:
        ahead = clock.today() + timedelta(days=needs.BENEFIT_DAYS)
        analyse_need(actor=acting(people.COORDINATOR), need=found, expected_by=ahead, **told.analysis)
        found.refresh_from_db()
    if found.phase == NeedPhase.ANALYSED and told.decision:
        decide_need(actor=acting(people.CHAIR), need=found, **told.decision)
