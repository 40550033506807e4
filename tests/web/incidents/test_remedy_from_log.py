"""The decisions that an incident touched are found in the log by day and version, without opening anything sealed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, Factor, Outcome
from insyn.core.terms import Reach, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.incidents.handling import report_incident
from insyn.web.incidents.models import Incident
from insyn.web.incidents.remedy import list_harmed_from_log
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db(transaction=True)
OUTCOMES = {"grant": {"sv": "Bevilja", "en": "Grant"}, "deny": {"sv": "Avslå", "en": "Deny"}}
FACTORS = {"debts": {"label": {"sv": "Skulder", "en": "Debts"}, "unit": "%"}}


@pytest.fixture
def decided(
    sequencer: Any, make_system: Callable[..., System], meet_gates: Callable[..., None], member: Actor, guard: Callable[..., Any]
) -> list[str]:
    """The record ids of three proposals of the system ``loans``."""
    from insyn.web.register.actions import decide_use

    system = make_system("loans", outcomes=OUTCOMES, factors=FACTORS, favourable_outcome="grant")
    meet_gates(system)
    decide_use(actor=member, system=System.objects.get(pk=system.pk), versions=["1.0"], case_number="KS 2026/2")
    calls = guard(System.objects.get(pk=system.pk))
    outcome = Outcome(
        outcome="deny", payload={"debts": 42}, case="SN 2026-7", score=-1.5, factors=(Factor("debts", 42, -1.5),), notice="On the form."
    )
    return [str(calls.decide(outcome).recorded.receipt.rid) for _ in range(3)]


@pytest.fixture
def incident(decided: list[str], person: Callable[..., Actor]) -> Incident:
    system = System.objects.get(slug="loans")
    return report_incident(
        actor=person(Role.CASE_OFFICER), system=system, what="Skulder lästes fel.", kinds=["wrong_outcome"], discovered_at=clock.now()
    )


def test_every_decision_of_the_day_is_listed_once_by_its_random_id(decided: list[str], incident: Incident, owner: Actor) -> None:
    day = clock.today()
    assert list_harmed_from_log(actor=owner, incident=incident, first_day=day, last_day=day, version="1.0") == 3
    assert sorted(incident.harmed.values_list("rid", flat=True)) == sorted(decided)
    assert set(incident.harmed.values_list("day", flat=True)) == {day}
    text = str(Act.objects.get(verb="list_harmed").text)
    assert not any(word in text for word in ("debts", "deny", "SN 2026-7", *decided))
    with pytest.raises(ActRefused):
        list_harmed_from_log(actor=owner, incident=incident, first_day=day, last_day=day)


def test_other_days_and_versions_hold_none(incident: Incident, owner: Actor) -> None:
    day = clock.today()
    for first, version in ((day - timedelta(days=9), ""), (day, "2.0")):
        last = day - timedelta(days=1) if not version else day
        with pytest.raises(ActRefused, match=r"inget beslut|No decision"):
            list_harmed_from_log(actor=owner, incident=incident, first_day=first, last_day=last, version=version)
    with pytest.raises(InvalidInput):
        list_harmed_from_log(actor=owner, incident=incident, first_day=day, last_day=day - timedelta(days=1))
    with pytest.raises(InvalidInput):
        list_harmed_from_log(actor=owner, incident=incident, first_day=day, last_day=day + timedelta(days=1))


def test_a_case_officer_cannot_list_them(incident: Incident, person: Callable[..., Actor]) -> None:
    day = clock.today()
    with pytest.raises(NotAllowed):
        list_harmed_from_log(actor=person(Role.CASE_OFFICER), incident=incident, first_day=day, last_day=day)


def test_more_decisions_than_can_be_handled_one_by_one_are_refused(
    incident: Incident, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insyn.web.incidents import remedy

    monkeypatch.setattr(remedy, "MOST", 2)
    with pytest.raises(ActRefused, match="2"):
        list_harmed_from_log(actor=owner, incident=incident, first_day=clock.today(), last_day=clock.today())


def test_where_insyn_holds_no_calls_the_cases_are_written_by_hand(incident: Incident, owner: Actor) -> None:
    System.objects.filter(slug="loans").update(reach=Reach.CONTRACT_ONLY)
    with pytest.raises(ActRefused, match=r"ärendenumren|case numbers"):
        list_harmed_from_log(actor=owner, incident=incident, first_day=clock.today(), last_day=clock.today())
