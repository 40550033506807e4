"""Who can stop now: on the list, with a mandate, and with a stop mandate recorded for the system; and the days when nobody can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.clock import today
from insyn.web.incidents.models import StopDuty
from insyn.web.incidents.rota import AHEAD, end_duty, rotas, set_duty
from insyn.web.incidents.waiting import items
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(in_use: System, owner: Actor, person: Callable[..., Actor], user_of: Any) -> Callable[..., StopDuty]:
    """``duty()``: the stop holder of a system in use, at any hour, from today until further notice."""

    def make(**change: Any) -> StopDuty:
        fields = {
            "user": user_of(person(Role.STOP_HOLDER)),
            "system": in_use,
            "place": 1,
            "first_day": today(),
            "out_of_hours": True,
            "phone": "070-1",
        }
        return set_duty(**{"actor": owner, **fields, **change})

    return make


def gaps(system: System) -> list[tuple[int, int, bool]]:
    """First and last day of each gap, as days from today."""
    (rota,) = rotas([system], today())
    return [((gap.first - today()).days, (gap.last - today()).days, gap.out_of_hours) for gap in rota.gaps]


def test_with_nobody_on_the_list_every_day_is_a_gap_that_waits_for_the_owner(in_use: System, owner: Actor, user_of: Any) -> None:
    assert gaps(in_use) == [(0, AHEAD - 1, False)]
    found = [item for item in items(user_of(owner), frozenset({owner.role}), today()) if item.kind == "stop_duty"]
    assert [(item.due, item.system) for item in found] == [(today(), in_use)]


def test_the_holder_at_any_hour_leaves_no_gap(duty: Callable[..., StopDuty], in_use: System, owner: Actor, user_of: Any) -> None:
    duty()
    assert gaps(in_use) == []
    assert not [item for item in items(user_of(owner), frozenset({owner.role}), today()) if item.kind == "stop_duty"]


def test_office_hours_only_and_a_holiday_are_told_apart(duty: Callable[..., StopDuty], in_use: System) -> None:
    duty(out_of_hours=False, last_day=today() + timedelta(days=4))
    duty(first_day=today() + timedelta(days=10))
    assert gaps(in_use) == [(0, 4, True), (5, 9, False)]


def test_a_substitute_without_a_stop_mandate_for_the_system_is_listed_and_does_not_count(
    duty: Callable[..., StopDuty], in_use: System, person: Callable[..., Actor], user_of: Any
) -> None:
    duty(user=user_of(person(Role.STOP_HOLDER, "ersattare")), place=2)
    (rota,) = rotas([in_use], today())
    assert [bool(line.why_not) for line in rota.lines] == [True]
    assert gaps(in_use) == [(0, AHEAD - 1, False)]


def test_a_mandate_that_ends_opens_a_gap_from_that_day(
    duty: Callable[..., StopDuty], in_use: System, administrator: Actor, person: Callable[..., Actor], user_of: Any
) -> None:
    from insyn.web.accounts.models import Mandate

    duty()
    Mandate.objects.filter(user=user_of(person(Role.STOP_HOLDER)), role=Role.STOP_HOLDER).update(last_day=today() + timedelta(days=3))
    assert gaps(in_use) == [(4, AHEAD - 1, False)]


def test_the_coordinators_duty_covers_every_system_and_an_owners_only_their_own(
    duty: Callable[..., StopDuty], in_use: System, owner: Actor, person: Callable[..., Actor]
) -> None:
    with pytest.raises(NotAllowed):
        duty(system=None)
    with pytest.raises(NotAllowed):
        duty(actor=person(Role.SYSTEM_OWNER, "annan"))
    with pytest.raises(NotAllowed):
        duty(actor=person(Role.STOP_HOLDER))
    duty(actor=person(Role.AI_COORDINATOR), system=None)
    assert gaps(in_use) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"place": 0}, "place"),
        ({"place": 21}, "place"),
        ({"first_day": today() - timedelta(days=1)}, "first_day"),
        ({"last_day": today() - timedelta(days=1)}, "last_day"),
        ({"phone": "0" * 41}, "phone"),
    ],
)
def test_a_faulty_duty_is_refused_by_field(duty: Callable[..., StopDuty], change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        duty(**change)
    assert refused.value.place == place


def test_who_is_no_stop_holder_is_not_put_on_the_list(duty: Callable[..., StopDuty], person: Callable[..., Actor], user_of: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        duty(user=user_of(person(Role.TECHNICIAN)))
    assert refused.value.place == "user"


def test_twice_on_the_same_days_and_off_twice_are_refused(duty: Callable[..., StopDuty], in_use: System, owner: Actor) -> None:
    first = duty()
    with pytest.raises(ActRefused, match=r"redan|already"):
        duty(place=2)
    end_duty(actor=owner, duty=first, why="Slutar.")
    assert gaps(in_use) == [(0, AHEAD - 1, False)]
    with pytest.raises(ActRefused):
        end_duty(actor=owner, duty=first, why="Slutar.")


def test_the_list_costs_the_same_for_many_systems(
    duty: Callable[..., StopDuty], in_use: System, django_assert_max_num_queries: Any
) -> None:
    duty()
    with django_assert_max_num_queries(5):
        rotas([in_use] * 20, today())


def test_who_may_stop_everything_leaves_no_gap_without_a_record_of_the_system(
    in_use: System, person: Callable[..., Actor], user_of: Any
) -> None:
    from insyn.web.oversight.wide import grant_wide_stop

    chief, coordinator = person(Role.STOP_HOLDER, "beredskap"), person(Role.AI_COORDINATOR)
    set_duty(actor=coordinator, user=user_of(chief), place=1, first_day=today(), out_of_hours=True)
    assert gaps(in_use) == [(0, AHEAD - 1, False)]
    grant_wide_stop(actor=coordinator, user=user_of(chief), last_day=today() + timedelta(days=AHEAD), case_number="KS 2026/77")
    assert gaps(in_use) == []
