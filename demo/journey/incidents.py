"""An incident from report to remedy, and an exercise in stopping what Insyn cannot hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from demo.lindvalla import incidents, people, systems
from demo.loans import words

from .context import Journey
from .ordering import WAYS


def handle_incident(journey: Journey) -> None:
    """Reported by a case officer, handled and closed by the owner when the last one touched is told and put right. Done once."""
    from demo.register import acting, system_of
    from insyn.web import clock
    from insyn.web.incidents import handling
    from insyn.web.incidents.models import Incident
    from insyn.web.incidents.words import IncidentState

    system = system_of(words.SLUG)
    found = Incident.objects.filter(system=system, what=incidents.WHAT).first()
    if found is None:
        found = handling.report_incident(
            actor=acting(people.OFFICER), system=system, what=incidents.WHAT, kinds=incidents.KINDS, discovered_at=clock.now()
        )
    if found.state != IncidentState.CLOSED:
        owner = acting(people.OWNER)
        found = handling.update_incident(
            actor=owner,
            incident=found,
            revision=found.revision,
            measures=incidents.MEASURES,
            answers=incidents.ANSWERS,
            handled=True,
            why=incidents.WHY,
        )
        _put_right(found)
        found.refresh_from_db()
        found = handling.publish_incident(actor=owner, incident=found, revision=found.revision, public=True, **incidents.PUBLIC)
        handling.close_incident(actor=owner, incident=found, revision=found.revision)
    journey.terminal.line(
        f"{people.OFFICER.name} reports that letters named a wrong number. {people.OWNER.name} has {len(incidents.CASES)} persons told and "
        "put right, publishes what happened and closes the incident."
    )


def order_exercise() -> None:
    """A dated order to the technician. It is an exercise, so nothing stops. Done once, early: the answer comes in a later step."""
    from demo.register import acting, system_of, user_of
    from insyn.web import clock
    from insyn.web.incidents import orders
    from insyn.web.incidents.models import DatedOrder

    system = system_of(systems.ASSISTANT["slug"])
    if not DatedOrder.objects.filter(system=system, exercise=True).exists():
        orders.stop_and_order(
            actor=acting(people.SUBSTITUTE),
            system=system,
            exercise=True,
            to_kind="technician",
            to_user=user_of(people.TECHNICIAN),
            what=incidents.EXERCISE_WHAT,
            due=clock.now() + timedelta(minutes=incidents.EXERCISE_MINUTES),
            channel=WAYS[systems.ASSISTANT["slug"]]["channel"],
        )


def answer_exercise(journey: Journey) -> None:
    """The technician acknowledges and reports, and the stop holder confirms: the register has measured how long it took. Done once."""
    from demo.register import acting, system_of
    from insyn.web.incidents import orders
    from insyn.web.incidents.models import DatedOrder
    from insyn.web.incidents.words import OrderState

    holder, technician = acting(people.SUBSTITUTE), acting(people.TECHNICIAN)
    system = system_of(systems.ASSISTANT["slug"])
    order = DatedOrder.objects.get(system=system, exercise=True)
    if order.state == OrderState.ORDERED:
        order = orders.acknowledge_order(actor=technician, order=order)
    if order.state == OrderState.ACKNOWLEDGED:
        order = orders.report_order_done(actor=technician, order=order, what=incidents.EXERCISE_DONE)
    if order.state == OrderState.DONE:
        orders.confirm_order_done(actor=holder, order=order, what=incidents.EXERCISE_SEEN)
    journey.terminal.line(
        f"{technician.name} answers the exercise that {holder.name} ordered in step 1: how {system.name_sv} would be stopped. "
        f"{holder.name} confirms."
    )


def _put_right(incident: Any) -> None:
    from demo.register import acting
    from insyn.web.incidents import remedy
    from insyn.web.incidents.models import Harmed

    owner, rows = acting(people.OWNER), Harmed.objects.filter(incident=incident)
    if not rows.exists():
        remedy.list_harmed_by_hand(actor=owner, incident=incident, case_numbers=incidents.CASES)
    if untold := [row for row in rows.all() if not row.told]:
        remedy.tell_harmed(actor=owner, incident=incident, harmed=untold, how=incidents.TOLD_HOW)
    if unmended := [row for row in rows.all() if not row.put_right]:
        remedy.put_right(actor=owner, incident=incident, harmed=unmended, what="corrected")
