"""An inventory round: who is asked, who answers, and what an answer may be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Role
from insyn.web.accounts.actions import end_mandate
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate
from insyn.web.clock import today
from insyn.web.inventory.actions import (
    answer_assignment,
    assign_lead,
    close_round,
    enter_reported,
    extend_assignment,
    open_round,
    settle_reported,
)
from insyn.web.inventory.models import Assignment, Confirmed, ReportedSystem, Round
from insyn.web.inventory.queries import round_is_due, shares
from insyn.web.inventory.waiting import items
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db
DUE = today() + timedelta(days=30)
NEW = {"name": "Chattbot", "kind": "generally_available", "purpose": "Svarar på frågor", "supplier": "Bolaget AB"}
SAID = "Jag har frågat varje enhet."


def test_every_administration_and_company_is_asked_and_no_board(inventory: Round, lead: Actor, other_lead: Actor) -> None:
    asked = {row.office.slug: row for row in inventory.assignments.select_related("office", "lead")}
    assert set(asked) == {"kontoret", "energi"}
    assert asked["kontoret"].lead.person == lead.person
    assert asked["energi"].lead.person == other_lead.person
    assert Act.objects.get(pk=inventory.act_id).verb == "open_inventory"


def test_only_the_coordinator_opens_a_round(owner: Actor, lead: Actor) -> None:
    for actor in (owner, lead):
        with pytest.raises(NotAllowed):
            open_round(actor=actor, due=DUE)
    assert not Round.objects.exists()


def test_a_second_round_waits_until_the_first_is_closed(inventory: Round, coordinator: Actor) -> None:
    with pytest.raises(ActRefused, match="2026"):
        open_round(actor=coordinator, due=DUE)
    close_round(actor=coordinator, round_=inventory, why="Resten kommer.")
    open_round(actor=coordinator, due=DUE)
    assert Round.objects.first().repeat_of == inventory


@pytest.mark.parametrize("due", [today(), today() - timedelta(days=1), today() + timedelta(days=500)])
def test_a_round_is_due_ahead_and_within_a_year(coordinator: Actor, due: date) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_round(actor=coordinator, due=due)
    assert refused.value.place == "due"


def test_the_lead_confirms_what_the_register_has_and_reports_what_it_lacks(system: System, lead: Actor, asked: Any) -> None:
    answer_assignment(actor=lead, assignment=asked(), statement=SAID, confirmed=[{"system": system, "still_right": True}], reported=[NEW])
    answered = asked()
    assert (answered.state, answered.answered_on, answered.signed_name) == (Assignment.State.ANSWERED, today(), lead.name)
    assert Confirmed.objects.get().system == system
    assert ReportedSystem.objects.get().name == "Chattbot"
    told = Act.objects.get(verb="answer_inventory").text
    assert (told["late"], told["none"], told["confirmed"][0]["system"]) == (False, False, "lanestod")


def test_an_office_says_none_with_a_signed_statement(other_lead: Actor, asked: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        answer_assignment(actor=other_lead, assignment=asked("energi"), none=True)
    assert refused.value.place == "statement"
    answer_assignment(actor=other_lead, assignment=asked("energi"), none=True, statement=SAID)
    assert asked("energi").none


def test_none_and_systems_at_once_is_refused(system: System, lead: Actor, other_lead: Actor, asked: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        answer_assignment(actor=other_lead, assignment=asked("energi"), none=True, statement=SAID, reported=[NEW])
    assert refused.value.place == "none"
    right = [{"system": system, "still_right": True}]
    with pytest.raises(InvalidInput) as refused:
        answer_assignment(actor=lead, assignment=asked(), none=True, statement=SAID, confirmed=right)
    assert refused.value.place == "none"
    assert not Confirmed.objects.exists()


def test_an_office_with_systems_in_the_register_cannot_keep_silent_about_them(system: System, lead: Actor, asked: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        answer_assignment(actor=lead, assignment=asked(), none=True, statement=SAID)
    assert refused.value.place == "none"
    with pytest.raises(InvalidInput):
        answer_assignment(actor=lead, assignment=asked(), statement=SAID, reported=[NEW])
    with pytest.raises(InvalidInput):
        answer_assignment(actor=lead, assignment=asked(), statement=SAID, confirmed=[{"system": system, "still_right": False}])


def test_an_answer_with_nothing_in_it_is_none(other_lead: Actor, asked: Any) -> None:
    with pytest.raises(InvalidInput):
        answer_assignment(actor=other_lead, assignment=asked("energi"), statement=SAID)


def test_another_offices_lead_cannot_answer(other_lead: Actor, lead: Actor, asked: Any, system: System) -> None:
    with pytest.raises(NotAllowed):
        answer_assignment(actor=other_lead, assignment=asked(), none=True, statement=SAID)
    with pytest.raises(InvalidInput):  # nor speak for another office's system
        answer_assignment(actor=other_lead, assignment=asked("energi"), statement=SAID, confirmed=[{"system": system, "still_right": True}])


def test_the_coordinator_cannot_answer_for_an_office(coordinator: Actor, asked: Any) -> None:
    with pytest.raises(NotAllowed):
        answer_assignment(actor=coordinator, assignment=asked("energi"), none=True, statement=SAID)


def test_a_lead_whose_mandate_ended_cannot_answer(
    other_lead: Actor, administrator: Actor, asked: Any, on_the_day: Callable[[date], None]
) -> None:
    mandate = Mandate.objects.get(user__person=other_lead.person)
    end_mandate(actor=administrator, mandate=mandate, last_day=today(), why="Slutar")
    on_the_day(today() + timedelta(days=1))
    with pytest.raises(NotAllowed):
        answer_assignment(actor=other_lead, assignment=asked("energi"), none=True, statement=SAID)


def test_an_office_answers_once(other_lead: Actor, asked: Any) -> None:
    answer_assignment(actor=other_lead, assignment=asked("energi"), none=True, statement=SAID)
    with pytest.raises(ActRefused):
        answer_assignment(actor=other_lead, assignment=asked("energi"), statement=SAID, reported=[NEW])
    assert not ReportedSystem.objects.exists()
    assert Act.objects.filter(verb="answer_inventory").count() == 1


def test_an_answer_after_the_day_is_taken_and_counts_as_late(
    other_lead: Actor, asked: Any, inventory: Round, on_the_day: Callable[[date], None]
) -> None:
    on_the_day(DUE + timedelta(days=1))
    answer_assignment(actor=other_lead, assignment=asked("energi"), none=True, statement=SAID)
    assert asked("energi").state == Assignment.State.LATE
    assert {bar.count for bar in shares(DUE + timedelta(days=1)).chart.bars} == {1}  # one late answer, one late without


def test_an_answer_after_the_round_closed_is_taken_and_counts_as_late(
    coordinator: Actor, other_lead: Actor, inventory: Round, asked: Any
) -> None:
    close_round(actor=coordinator, round_=inventory, why="Nämnden vill ha siffror.")
    answer_assignment(actor=other_lead, assignment=asked("energi"), none=True, statement=SAID)
    assert asked("energi").state == Assignment.State.LATE


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({**NEW, "name": " "}, "1"),
        ({**NEW, "purpose": ""}, "1"),
        ({**NEW, "kind": "magic"}, "1"),
        ({**NEW, "name": "x" * 121}, "120"),
        ({**NEW, "purpose": "x" * 401}, "400"),
    ],
)
def test_a_report_that_says_too_little_or_too_much_is_refused(other_lead: Actor, asked: Any, row: dict[str, str], word: str) -> None:
    with pytest.raises(InvalidInput, match=word) as refused:
        answer_assignment(actor=other_lead, assignment=asked("energi"), statement=SAID, reported=[row])
    assert refused.value.place == "reported[1]"
    assert asked("energi").state == Assignment.State.OPEN


def test_an_answer_holds_two_hundred_systems_and_no_more(other_lead: Actor, asked: Any) -> None:
    with pytest.raises(InvalidInput, match="200"):
        answer_assignment(actor=other_lead, assignment=asked("energi"), statement=SAID, reported=[NEW] * 201)


def test_a_lead_is_named_with_mandate_at_the_office_and_competence(
    coordinator: Actor, company: Any, person: Callable[..., Actor], user_of: Any, train: Any
) -> None:
    lead = person(Role.INVENTORY_LEAD)
    open_round(actor=coordinator, due=DUE)
    assert set(Assignment.objects.values_list("lead", flat=True)) == {None}  # nobody has competence yet
    kontoret, energi = (Assignment.objects.get(office__slug=slug) for slug in ("kontoret", "energi"))
    with pytest.raises(InvalidInput):
        assign_lead(actor=coordinator, assignment=kontoret, lead=user_of(lead))
    train(lead)
    with pytest.raises(InvalidInput):
        assign_lead(actor=coordinator, assignment=energi, lead=user_of(lead))
    assign_lead(actor=coordinator, assignment=kontoret, lead=user_of(lead))
    with pytest.raises(ActRefused):
        assign_lead(actor=coordinator, assignment=kontoret, lead=user_of(lead))
    with pytest.raises(NotAllowed):
        assign_lead(actor=lead, assignment=energi, lead=user_of(lead))


def test_an_office_gets_more_time_only_ahead_and_with_a_reason(coordinator: Actor, lead: Actor, asked: Any) -> None:
    for due, why in ((DUE - timedelta(days=1), "Vi hann inte"), (DUE, "Vi hann inte"), (DUE + timedelta(days=7), " ")):
        with pytest.raises(InvalidInput):
            extend_assignment(actor=coordinator, assignment=asked(), due=due, why=why)
    with pytest.raises(NotAllowed):
        extend_assignment(actor=lead, assignment=asked(), due=DUE + timedelta(days=7), why="Vi hann inte")
    extend_assignment(actor=coordinator, assignment=asked(), due=DUE + timedelta(days=7), why="Omorganisation")
    assert asked().due == DUE + timedelta(days=7)


def test_a_round_with_answers_missing_closes_only_with_a_reason_and_once(coordinator: Actor, inventory: Round) -> None:
    with pytest.raises(InvalidInput) as refused:
        close_round(actor=coordinator, round_=inventory)
    assert refused.value.place == "why"
    close_round(actor=coordinator, round_=inventory, why="Nämnden vill ha siffror.")
    with pytest.raises(ActRefused):
        close_round(actor=coordinator, round_=inventory, why="Igen")


def test_a_reported_system_becomes_an_entry_in_which_nothing_is_approved(
    coordinator: Actor, owner: Actor, user_of: Any, other_lead: Actor, asked: Any
) -> None:
    answer_assignment(actor=other_lead, assignment=asked("energi"), statement=SAID, reported=[NEW])
    reported = ReportedSystem.objects.get()
    with pytest.raises(NotAllowed):
        enter_reported(actor=other_lead, reported=reported, slug="chattbot", owner=user_of(owner))
    enter_reported(actor=coordinator, reported=reported, slug="chattbot", owner=user_of(owner))
    entry = System.objects.get(slug="chattbot")
    assert (entry.phase, entry.office.slug, entry.summary_sv) == (Phase.ASSESSMENT, "energi", "Svarar på frågor")
    assert entry.purposes == []  # what the report does not say is not made up
    with pytest.raises(ActRefused):
        enter_reported(actor=coordinator, reported=reported, slug="chattbot2", owner=user_of(owner))
    with pytest.raises(ActRefused):
        settle_reported(actor=coordinator, reported=reported, why_not="Dubblett")
    assert System.objects.filter(slug__startswith="chattbot").count() == 1


def test_a_short_name_that_is_taken_leaves_the_report_as_it_was(
    coordinator: Actor, owner: Actor, system: System, user_of: Any, other_lead: Actor, asked: Any
) -> None:
    answer_assignment(actor=other_lead, assignment=asked("energi"), statement=SAID, reported=[NEW])
    reported = ReportedSystem.objects.get()
    with pytest.raises(InvalidInput) as refused:
        enter_reported(actor=coordinator, reported=reported, slug=system.slug, owner=user_of(owner))
    assert refused.value.place == "slug"
    settle_reported(actor=coordinator, reported=reported, system=system)
    assert ReportedSystem.objects.get().system == system


def test_a_round_comes_back_when_a_year_has_passed(
    coordinator: Actor, inventory: Round, sign_in: Any, on_the_day: Callable[[date], None]
) -> None:
    close_round(actor=coordinator, round_=inventory, why="Klart nog.")
    assert not round_is_due(today() + timedelta(days=364))
    on_the_day(today() + timedelta(days=365))
    page = sign_in(coordinator).get("/arbete/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "A year has passed: open the next inventory round" in page


def test_a_round_that_nobody_closes_does_not_put_off_the_next(coordinator: Actor, inventory: Round, user_of: Any) -> None:
    assert not round_is_due(today() + timedelta(days=364))
    kinds = {item.kind for item in items(user_of(coordinator), frozenset({Role.AI_COORDINATOR}), today() + timedelta(days=365))}
    assert "inventory_round" in kinds


def test_an_office_whose_lead_has_left_is_without_a_lead(coordinator: Actor, inventory: Round, lead: Actor, user_of: Any) -> None:
    def without() -> list[str]:
        found = items(user_of(coordinator), frozenset({Role.AI_COORDINATOR}), today())
        return [item.title for item in found if item.kind == "inventory_lead"]

    assert without() == []
    Mandate.objects.filter(user__person=lead.person, role=Role.INVENTORY_LEAD).update(last_day=today() - timedelta(days=1))
    assert without() == ["Kontoret har ingen ansvarig"]


def test_what_is_in_use_is_not_hidden_behind_an_entry_that_is_retired(
    coordinator: Actor, lead: Actor, asked: Any, make_system: Any
) -> None:
    answer_assignment(actor=lead, assignment=asked(), statement=SAID, reported=[NEW])
    retired = make_system("gammal")
    System.objects.filter(pk=retired.pk).update(phase=Phase.RETIRED)
    retired.refresh_from_db()
    with pytest.raises(InvalidInput) as refused:
        settle_reported(actor=coordinator, reported=ReportedSystem.objects.get(), system=retired)
    assert refused.value.place == "system"
    assert ReportedSystem.objects.get().settled_id is None
