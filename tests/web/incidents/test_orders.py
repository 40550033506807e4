"""A stop that rests on people: who may order, who answers, who confirms, and which times are measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Reach, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.incidents.models import DatedOrder
from insyn.web.incidents.orders import (
    acknowledge_order,
    confirm_order_done,
    order_stop_by_people,
    report_order_done,
    stop_and_order,
    withdraw_order,
)
from insyn.web.incidents.queries import public_stop_by_people
from insyn.web.incidents.waiting import calendar, items
from insyn.web.oversight.stopping import Ordered
from insyn.web.register.models import Act

pytestmark = pytest.mark.django_db
NOON = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
GIVEN = Ordered("0" * 32, written=True, answer=None)
SUPPLIER = {"to_kind": "supplier", "contact_name": "Eva Ek", "organisation": "Chatt AB", "channel": "eva@chatt.example"}


@pytest.fixture
def order(way: Any, holder: Actor, at: Callable[[datetime], None]) -> Callable[..., DatedOrder]:
    """``order()``: given at noon to the technician, to be done within the hour."""
    at(NOON)

    def give(**change: Any) -> DatedOrder:
        fields = {
            "to_kind": "technician",
            "to_user": way.to_user,
            "what": way.what,
            "channel": way.channel,
            "due": NOON + timedelta(hours=1),
        }
        return order_stop_by_people(actor=holder, system=way.system, **{"stop": GIVEN, **fields, **change})

    return give


def test_the_whole_way_is_measured_from_order_to_confirmation(
    order: Callable[..., DatedOrder], technician: Actor, holder: Actor, at: Callable[[datetime], None]
) -> None:
    given = order()
    at(NOON + timedelta(minutes=4))
    acknowledge_order(actor=technician, order=given)
    at(NOON + timedelta(minutes=31))
    report_order_done(actor=technician, order=given, what="Licensen är spärrad.")
    at(NOON + timedelta(minutes=40))
    found = confirm_order_done(actor=holder, order=given, what="Jag kan inte logga in längre.")
    assert (found.to_acknowledge, found.to_done) == (timedelta(minutes=4), timedelta(minutes=31))
    assert found.state == "confirmed"
    assert not found.was_late
    verbs = ["order_stop_by_people", "acknowledge_order", "report_order_done", "confirm_order_done"]
    assert list(Act.objects.filter(verb__in=verbs).order_by("at").values_list("verb", flat=True)) == verbs
    shown = public_stop_by_people(given.system, clock.today())
    assert shown is not None
    assert shown.last is not None
    assert (shown.last.acknowledged_after, shown.last.done_after) == ("4 min", "31 min")
    assert "Technician" not in str(shown.route.public_addressee if shown.route else "")


def test_an_order_needs_that_the_stop_stands_in_insyn_first(order: Callable[..., DatedOrder]) -> None:
    with pytest.raises(ActRefused, match=r"Insyn"):
        order(stop=None)
    assert not DatedOrder.objects.exists()


def test_an_exercise_orders_people_and_stops_nothing(order: Callable[..., DatedOrder], technician: Actor, holder: Actor) -> None:
    given = order(stop=None, exercise=True)
    report_order_done(actor=technician, order=given, what="Övat.")
    confirm_order_done(actor=holder, order=given, what="Sett.")
    assert not Act.objects.filter(verb="order_stop").exists()
    shown = public_stop_by_people(given.system, clock.today())
    assert shown is not None
    assert shown.last is not None
    assert shown.last.order.exercise


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.STOP_HOLDER}))
def test_only_a_stop_holder_orders(order: Callable[..., DatedOrder], person: Callable[..., Actor], way: Any, role: Role) -> None:
    other = person(role)
    with pytest.raises(NotAllowed):
        order_stop_by_people(
            actor=other, system=way.system, to_kind="technician", to_user=way.to_user, what="x", channel="y", due=NOON + timedelta(hours=1)
        )


def test_a_stop_holder_without_mandate_for_this_system_cannot_order(
    order: Callable[..., DatedOrder], person: Callable[..., Actor], way: Any
) -> None:
    other = person(Role.STOP_HOLDER, "annan")
    with pytest.raises(NotAllowed, match=r"stoppmandat|stop mandate"):
        order_stop_by_people(
            actor=other,
            system=way.system,
            to_kind="technician",
            to_user=way.to_user,
            what="x",
            channel="y",
            due=NOON + timedelta(hours=1),
            stop=GIVEN,
        )


def test_a_system_that_insyn_holds_is_stopped_by_the_button(
    make_system: Callable[..., Any], holder: Actor, order: Callable[..., DatedOrder]
) -> None:
    held = make_system("hallet", reach=Reach.EVERY_CALL)
    with pytest.raises(ActRefused, match=r"stoppsidan|stop page"):
        stop_and_order(actor=holder, system=held, what="x", due=NOON + timedelta(hours=1), **SUPPLIER)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"what": " "}, "what"),
        ({"what": "x" * 10_001}, "what"),
        ({"due": NOON}, "due"),
        ({"due": NOON - timedelta(days=1)}, "due"),
        ({"channel": ""}, "channel"),
        ({"to_user": None}, "to_user"),
        ({"to_kind": "wizard"}, "to_kind"),
        ({"to_kind": "supplier", "contact_name": "", "organisation": "Chatt AB"}, "contact_name"),
        ({"to_kind": "supplier", "contact_name": "Eva", "organisation": ""}, "organisation"),
    ],
)
def test_a_faulty_order_is_refused_by_field(order: Callable[..., DatedOrder], change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        order(**change)
    assert refused.value.place == place
    assert not DatedOrder.objects.exists()


def test_the_same_order_twice_says_that_it_waits(order: Callable[..., DatedOrder]) -> None:
    first = order()
    with pytest.raises(ActRefused, match=str(first.pk)):
        order()
    assert DatedOrder.objects.count() == 1
    assert order(**SUPPLIER, to_user=None).pk != first.pk


def test_a_technician_answers_only_for_themself(order: Callable[..., DatedOrder], person: Callable[..., Actor], technician: Actor) -> None:
    given, other = order(), person(Role.TECHNICIAN, "annan")
    with pytest.raises(NotAllowed):
        acknowledge_order(actor=other, order=given)
    with pytest.raises(NotAllowed):
        report_order_done(actor=other, order=given, what="Klart")
    assert (
        acknowledge_order(actor=technician, order=given, at=NOON - timedelta(days=3), how="phone", told_by="Någon").acknowledged_at == NOON
    )


def test_an_ended_mandate_acknowledges_nothing(
    order: Callable[..., DatedOrder], technician: Actor, administrator: Actor, user_of: Any
) -> None:
    from insyn.web.accounts.actions import end_mandate

    given = order()
    mandate = user_of(technician).mandates.get(role=Role.TECHNICIAN)
    end_mandate(actor=administrator, mandate=mandate, last_day=clock.today() - timedelta(days=1), why="Slutar.")
    with pytest.raises(NotAllowed):
        acknowledge_order(actor=technician, order=given)


def test_each_step_twice_changes_nothing(order: Callable[..., DatedOrder], technician: Actor, holder: Actor) -> None:
    given = order()
    acknowledge_order(actor=technician, order=given)
    with pytest.raises(ActRefused, match=r"redan|already"):
        acknowledge_order(actor=technician, order=given)
    report_order_done(actor=technician, order=given, what="Klart")
    with pytest.raises(ActRefused):
        report_order_done(actor=technician, order=given, what="Klart")
    confirm_order_done(actor=holder, order=given, what="Sett")
    with pytest.raises(ActRefused):
        confirm_order_done(actor=holder, order=given, what="Sett")
    with pytest.raises(ActRefused):
        withdraw_order(actor=holder, order=given, why="Ångrat")
    assert Act.objects.filter(verb__in=("acknowledge_order", "report_order_done", "confirm_order_done", "withdraw_order")).count() == 3


def test_nothing_is_confirmed_before_it_is_done(order: Callable[..., DatedOrder], holder: Actor) -> None:
    with pytest.raises(ActRefused):
        confirm_order_done(actor=holder, order=order(), what="Sett")


def test_nobody_confirms_what_they_did(
    order: Callable[..., DatedOrder], technician: Actor, holder: Actor, administrator: Actor, user_of: Any, assistant: Any, owner: Actor
) -> None:
    from insyn.core.terms import RecordKind
    from insyn.web.accounts.actions import appoint
    from insyn.web.accounts.models import Office
    from insyn.web.accounts.permissions import actor_of
    from insyn.web.register.actions import supply_record

    given, user = order(), user_of(technician)
    report_order_done(actor=technician, order=given, what="Klart")
    appoint(actor=administrator, user=user, role=Role.STOP_HOLDER, office=Office.objects.get(slug="kontoret"))
    content = {"summary": "Också.", "person": technician.person, "last_day": "2027-12-31"}
    supply_record(actor=owner, system=assistant, kind=RecordKind.STOP_MANDATE, content=content)
    with pytest.raises(NotAllowed, match=r"Ingen intygar|Nobody confirms"):
        confirm_order_done(actor=actor_of(user, Role.STOP_HOLDER, clock.today()), order=given, what="Sett")
    assert confirm_order_done(actor=owner, order=given, what="Sett").confirmed_by == owner.name


def test_another_systems_owner_cannot_confirm(order: Callable[..., DatedOrder], technician: Actor, person: Callable[..., Actor]) -> None:
    given = order()
    report_order_done(actor=technician, order=given, what="Klart")
    with pytest.raises(NotAllowed):
        confirm_order_done(actor=person(Role.SYSTEM_OWNER, "annan-agare"), order=given, what="Sett")


def test_a_suppliers_word_is_entered_with_who_and_when(
    order: Callable[..., DatedOrder], holder: Actor, at: Callable[[datetime], None]
) -> None:
    given = order(**SUPPLIER, to_user=None)
    at(NOON + timedelta(minutes=50))
    with pytest.raises(InvalidInput) as no_way:
        acknowledge_order(actor=holder, order=given, how="signed_in", told_by="Eva", at=NOON)
    with pytest.raises(InvalidInput) as nobody:
        acknowledge_order(actor=holder, order=given, how="phone", told_by=" ", at=NOON + timedelta(minutes=5))
    with pytest.raises(InvalidInput) as before:
        acknowledge_order(actor=holder, order=given, how="phone", told_by="Eva", at=NOON - timedelta(minutes=5))
    with pytest.raises(InvalidInput) as ahead:
        acknowledge_order(actor=holder, order=given, how="phone", told_by="Eva", at=NOON + timedelta(hours=5))
    assert [one.value.place for one in (no_way, nobody, before, ahead)] == ["how", "told_by", "at", "at"]
    acknowledge_order(actor=holder, order=given, how="phone", told_by="Eva Ek", at=NOON + timedelta(minutes=5))
    done = report_order_done(
        actor=holder, order=given, how="mail", told_by="Eva Ek", at=NOON + timedelta(minutes=45), what="Kontot är stängt."
    )
    assert (done.to_acknowledge, done.to_done) == (timedelta(minutes=5), timedelta(minutes=45))
    with pytest.raises(ActRefused):
        acknowledge_order(actor=holder, order=given, how="phone", told_by="Eva Ek", at=NOON + timedelta(minutes=6))


def test_an_overdue_order_waits_for_the_stop_holders_and_the_owner_too(
    order: Callable[..., DatedOrder], technician: Actor, holder: Actor, owner: Actor, user_of: Any, at: Callable[[datetime], None]
) -> None:
    given = order()

    def kinds(actor: Actor) -> list[str]:
        return [item.kind for item in items(user_of(actor), frozenset({actor.role}), clock.today()) if item.kind == "stop_order"]

    assert (kinds(technician), kinds(holder), kinds(owner)) == (["stop_order"], [], [])
    at(NOON + timedelta(hours=2))
    assert given.is_overdue(clock.now())
    assert (kinds(technician), kinds(holder), kinds(owner)) == (["stop_order"], ["stop_order"], ["stop_order"])
    assert [dated.uid for dated in calendar(clock.today())] == [f"order-{given.pk}"]
    late = report_order_done(actor=technician, order=given, what="Till slut.")
    assert late.was_late
    assert (kinds(technician), kinds(holder), kinds(owner)) == ([], ["stop_order"], ["stop_order"])


def test_a_withdrawn_order_stays_with_its_reason(order: Callable[..., DatedOrder], holder: Actor, technician: Actor) -> None:
    given = withdraw_order(actor=holder, order=order(), why="Fel system.")
    assert (given.state, given.withdrawn_why) == ("withdrawn", "Fel system.")
    with pytest.raises(ActRefused):
        acknowledge_order(actor=technician, order=given)
    assert order().pk != given.pk


@pytest.mark.django_db(transaction=True)
def test_the_stop_stands_in_the_log_before_the_order_is_written(sequencer: Any, way: Any, holder: Actor) -> None:
    from insyn.web import relay
    from insyn.web.oversight.queries import stop_in_force

    relay.relay_once(sequencer.client())
    fields = {"to_kind": "technician", "to_user": way.to_user, "what": way.what, "channel": way.channel}
    given = stop_and_order(actor=holder, system=way.system, due=clock.now() + timedelta(hours=1), **fields)
    relay.relay_once(sequencer.client())
    stop = stop_in_force(way.system)
    assert stop is not None
    assert stop.act.text["order"] == given.stop_order
    given.act.refresh_from_db()
    assert stop.index < given.act.log_index
    withdraw_order(actor=holder, order=given, why="Ny mottagare.")
    again = stop_and_order(actor=holder, system=way.system, due=clock.now() + timedelta(hours=1), **SUPPLIER, what="Stäng kontot.")
    assert again.stop_order == ""
    assert len(sequencer.entries("stop")) == 1
