"""The yearly question to every office: which AI systems do you have? First competence, then the round, then the answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from demo.lindvalla import inventory, people
from demo.lindvalla.people import PersonOf

from .context import Journey


def take_inventory(journey: Journey) -> None:
    """Competence on record, a round opened, one office answered and one given more time; the others are still to answer. Done once."""
    from demo.register import acting
    from insyn.web import clock
    from insyn.web.inventory.actions import open_round
    from insyn.web.inventory.models import Assignment, Round

    for person in inventory.COMPETENT:
        _record_competence(person)
    if not Round.objects.exists():
        open_round(actor=acting(people.COORDINATOR), due=clock.today() + timedelta(days=inventory.DAYS_TO_ANSWER))
    asked = Round.objects.get()
    _answer(asked.assignments.get(office__slug=inventory.ANSWERS))
    _give_time(asked.assignments.get(office__slug=inventory.ASKS_FOR_TIME))
    left = asked.assignments.filter(state=Assignment.State.OPEN).count()
    journey.terminal.line(
        f"{people.COORDINATOR.name} records {len(inventory.COMPETENT)} persons' competence and asks {asked.assignments.count()} offices for "
        f"their systems. {people.LEAD.name} answers and reports one that the register did not know; {left} are still to answer."
    )


def _record_competence(person: PersonOf) -> None:
    """Nobody records their own."""
    from demo.register import acting, user_of
    from insyn.web import clock
    from insyn.web.inventory.actions import record_competence
    from insyn.web.inventory.models import CompetenceRecord

    by = people.ADMINISTRATOR if person is people.COORDINATOR else people.COORDINATOR
    if not CompetenceRecord.objects.filter(user=user_of(person)).exists():
        last = clock.today() + timedelta(days=inventory.YEARS_DAYS)
        record_competence(actor=acting(by), user=user_of(person), what=inventory.WHAT, given_by=inventory.GIVEN_BY, valid_through=last)


def _answer(assignment: Any) -> None:
    from demo.register import acting
    from insyn.web.inventory.actions import answer_assignment, systems_asked_about
    from insyn.web.inventory.models import Assignment

    if assignment.state == Assignment.State.OPEN:
        known = [{"system": system, "still_right": True, "note": inventory.NOTE} for system in systems_asked_about(assignment.office)]
        answer_assignment(
            actor=acting(people.LEAD),
            assignment=assignment,
            statement=inventory.STATEMENT,
            confirmed=known,
            reported=inventory.REPORTED,
        )


def _give_time(assignment: Any) -> None:
    from demo.register import acting
    from insyn.web import clock
    from insyn.web.inventory.actions import extend_assignment

    due = clock.today() + timedelta(days=inventory.MORE_DAYS)
    if assignment.due < due:
        extend_assignment(actor=acting(people.COORDINATOR), assignment=assignment, due=due, why=inventory.WHY_LATER)
