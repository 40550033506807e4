"""Nothing that Insyn cannot hold is put to use unless somebody is appointed to obey a stop, and only where the class allows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Reach, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.incidents.models import StopRoute
from insyn.web.incidents.reach import reach_limits, route_of
from insyn.web.incidents.routes import end_stop_route, set_stop_route
from insyn.web.register.actions import answer_facts, decide_use
from insyn.web.register.compiling import permit_of
from insyn.web.register.issuing import issued
from insyn.web.register.models import System

from .conftest import ROUTE

pytestmark = pytest.mark.django_db


def set_way(owner: Actor, system: System, technician: Actor, user_of: Any, **change: Any) -> StopRoute:
    return set_stop_route(actor=owner, system=system, **{"to_kind": "technician", "to_user": user_of(technician), **ROUTE, **change})


def test_an_assistant_is_not_decided_until_somebody_is_appointed_to_obey_a_stop(
    law_with_class: None, assistant: System, meet_gates: Callable[..., None], owner: Actor, member: Actor, technician: Actor, user_of: Any
) -> None:
    answer_facts(actor=owner, system=assistant, answers={"decision.about_persons": "no"})
    meet_gates(System.objects.get(pk=assistant.pk))
    system = System.objects.get(pk=assistant.pk)
    with pytest.raises(ActRefused, match=r"stoppväg|way to stop"):
        decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 1")
    set_way(owner, system, technician, user_of)
    decide_use(actor=member, system=System.objects.get(pk=system.pk), versions=["1.0"], case_number="KS 1")
    permit = issued(System.objects.get(pk=system.pk))
    assert not permit.granted
    assert RefusalCode.CONTRACT_ONLY in {reason.code for reason in permit.missing}


def test_a_use_that_may_be_of_high_risk_is_not_approved_on_imported_logs(
    make_system: Callable[..., System], meet_gates: Callable[..., None], owner: Actor, member: Actor, technician: Actor, user_of: Any
) -> None:
    system = make_system("maskering", reach=Reach.IMPORTED_LOGS)
    meet_gates(system)
    set_way(owner, system, technician, user_of)
    with pytest.raises(ActRefused, match=r"varje anrop|every call"):
        decide_use(actor=member, system=System.objects.get(pk=system.pk), versions=["1.0"], case_number="KS 2")


def test_imported_logs_are_open_while_somebody_obeys_and_close_with_the_way_to_stop(
    law_with_class: None,
    sequencer: Any,
    make_system: Callable[..., System],
    meet_gates: Callable[..., None],
    owner: Actor,
    member: Actor,
    technician: Actor,
    user_of: Any,
) -> None:
    system = make_system("maskering", reach=Reach.IMPORTED_LOGS)
    meet_gates(system)
    with pytest.raises(ActRefused, match=r"stoppväg|way to stop"):
        decide_use(actor=member, system=System.objects.get(pk=system.pk), versions=["1.0"], case_number="KS 2")
    way = set_way(owner, System.objects.get(pk=system.pk), technician, user_of)
    decide_use(actor=member, system=System.objects.get(pk=system.pk), versions=["1.0"], case_number="KS 2")
    assert issued(System.objects.get(pk=system.pk)).granted
    end_stop_route(actor=owner, route=way, why="Teknikern slutar.")
    assert not issued(System.objects.get(pk=system.pk)).granted


def test_the_arrangement_ends_with_the_technicians_mandate(
    assistant: System, owner: Actor, person: Callable[..., Actor], user_of: Any
) -> None:
    last = clock.today() + timedelta(days=9)
    technician = person(Role.TECHNICIAN, last_day=last)
    set_way(owner, assistant, technician, user_of)
    assert route_of(assistant, last) is not None
    assert route_of(assistant, last + timedelta(days=1)) is None
    assert [end.last_day for end in reach_limits(assistant, clock.today(), lambda: False).ends] == [last.isoformat()]


def test_a_system_whose_every_call_is_held_needs_no_arrangement(system: System) -> None:
    assert reach_limits(system, clock.today(), lambda: True).lacking == ()
    assert permit_of(system, epoch=1, compiled_from=0, on=clock.today()).missing


def test_a_new_arrangement_ends_the_old_one_and_the_same_twice_says_so(
    way: StopRoute, owner: Actor, technician: Actor, user_of: Any
) -> None:
    with pytest.raises(ActRefused, match=r"redan|already"):
        set_way(owner, way.system, technician, user_of)
    new = set_way(owner, way.system, technician, user_of, promised_minutes=15)
    way.refresh_from_db()
    assert way.ended_on == clock.today()
    assert route_of(way.system, clock.today()) == new
    end_stop_route(actor=owner, route=new, why="Slut.")
    with pytest.raises(ActRefused):
        end_stop_route(actor=owner, route=new, why="Slut.")


def test_another_owner_a_technician_and_an_elected_member_cannot_set_it(
    assistant: System, technician: Actor, member: Actor, person: Callable[..., Actor], user_of: Any
) -> None:
    for actor in (technician, member, person(Role.SYSTEM_OWNER, "annan")):
        with pytest.raises(NotAllowed):
            set_way(actor, assistant, technician, user_of)
    assert set_way(person(Role.AI_COORDINATOR), assistant, technician, user_of).pk


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"promised_minutes": 0}, "promised_minutes"),
        ({"promised_minutes": 20_000}, "promised_minutes"),
        ({"out_of_hours": ""}, "out_of_hours"),
        ({"what": ""}, "what"),
        ({"to_user": None}, "to_user"),
    ],
)
def test_a_faulty_arrangement_is_refused_by_field(
    assistant: System, owner: Actor, technician: Actor, user_of: Any, change: dict[str, Any], place: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_way(owner, assistant, technician, user_of, **change)
    assert refused.value.place == place
    assert not StopRoute.objects.exists()


def test_a_person_who_is_no_technician_cannot_be_ordered(assistant: System, owner: Actor, member: Actor, user_of: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_way(owner, assistant, member, user_of)
    assert refused.value.place == "to_user"


def test_two_who_set_it_at_once_do_not_overwrite_each_other(assistant: System, owner: Actor, technician: Actor, user_of: Any) -> None:
    set_way(owner, assistant, technician, user_of, revision=assistant.revision)
    with pytest.raises(ChangedMeanwhile):
        set_way(owner, assistant, technician, user_of, revision=assistant.revision, promised_minutes=5)
