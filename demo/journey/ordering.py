"""Who can stop what Insyn cannot hold: a named person with a promise, and a list of whom to call."""

from __future__ import annotations

from datetime import timedelta

from demo.lindvalla import people, systems
from demo.loans import words
from insyn.core.terms import RecordKind

from .context import Journey

#: Where the stop rests on people: the order goes to a technician of ours, or to the supplier's contact.
WAYS = {
    systems.ASSISTANT["slug"]: {
        "to_kind": "technician",
        "what": "1. Logga in i adminportalen för den allmänna tjänsten.\n2. Dra in kommunens licens.\n3. Prova att logga in som vanlig användare: det ska inte gå.",
        "channel": "it-drift@lindvalla.example, 0500-10 00 01",
        "out_of_hours": "It-jouren, 0500-10 00 99, dygnet runt.",
        "promised_minutes": 60,
    },
    systems.TRAFFIC["slug"]: {
        "to_kind": "supplier",
        "contact_name": "Driftledaren i beredskap",
        "organisation": systems.TRAFFIC["supplier"],
        "what": "Ställ om alla korsningar till fasta tider.",
        "channel": "drift@signalverket.example, 0500-20 00 01",
        "out_of_hours": "Leverantörens beredskap, 0500-20 00 99, dygnet runt enligt avtalet.",
        "promised_minutes": 120,
    },
}
MANDATE_DAYS = 365


def name_stop_ways(journey: Journey) -> None:
    """A stop holder and a way to stop for each system that rests on people, and the list of who stops Lånestöd."""
    for slug in WAYS:
        _give_mandate(slug)
        _set_way(slug)
    _set_list()
    journey.terminal.line(
        f"{people.OTHER_OWNER.name} names who is ordered to stop what Insyn cannot hold: {people.TECHNICIAN.name} for Textassistenten, the supplier for Gröna vågen."
    )


def _give_mandate(slug: str) -> None:
    from demo.register import acting, system_of, user_of
    from insyn.web import clock
    from insyn.web.register.actions import supply_record

    system = system_of(slug)
    if system.records.filter(kind=RecordKind.STOP_MANDATE).exists():
        return
    content = {
        "summary": "Får beordra stopp utan att fråga någon.",
        "person": user_of(people.SUBSTITUTE).person,
        "last_day": (clock.today() + timedelta(days=MANDATE_DAYS)).isoformat(),
    }
    supply_record(actor=acting(people.CHAIR), system=system, kind=RecordKind.STOP_MANDATE, content=content, case_number="KS 2026/81")


def _set_way(slug: str) -> None:
    from demo.register import acting, system_of, user_of
    from insyn.web.incidents.routes import set_stop_route

    system = system_of(slug)
    if not system.stop_routes.exists():
        to_user = user_of(people.TECHNICIAN) if WAYS[slug]["to_kind"] == "technician" else None
        set_stop_route(actor=acting(people.OTHER_OWNER), system=system, to_user=to_user, **WAYS[slug])


def _set_list() -> None:
    """The stop holder answers at any hour; the substitute is called next, in office hours."""
    from demo.register import acting, system_of, user_of
    from insyn.web import clock
    from insyn.web.incidents.rota import set_duty

    system = system_of(words.SLUG)
    if system.stop_duties.exists():
        return
    for place, (person, phone) in enumerate(((people.STOP_HOLDER, "0500-10 00 11"), (people.SUBSTITUTE, "0500-10 00 12")), start=1):
        set_duty(
            actor=acting(people.OWNER),
            system=system,
            user=user_of(person),
            place=place,
            first_day=clock.today(),
            out_of_hours=place == 1,
            phone=phone,
        )
