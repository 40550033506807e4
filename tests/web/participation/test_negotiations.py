"""Negotiation with the unions: each speaks for itself, each is counted, and the gate waits for the last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.actions import appoint, end_mandate, open_office
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Mandate, Office
from insyn.web.accounts.organisation import close_office
from insyn.web.accounts.permissions import actor_of
from insyn.web.clock import today
from insyn.web.participation import negotiating
from insyn.web.participation.models import Negotiation
from insyn.web.participation.supplying import supply_closed
from insyn.web.register.actions import supply_record, withdraw_record
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, Record, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]


def gate_is_met(system: System) -> bool:
    return "test-law/negotiated" not in {reason.rule for reason in issued(system).missing}


@pytest.fixture
def vision(person: People) -> Actor:
    """The first union's representative; the union is ``facket``."""
    return person(Role.UNION_REPRESENTATIVE, name="vera")


@pytest.fixture
def kommunal(administrator: Actor, person: People, user_of: Any, vision: Actor) -> Actor:
    """Another union, with a representative of its own."""
    open_office(actor=administrator, slug="kommunal", name_sv="Kommunal", name_en="Kommunal", kind="union")
    user = user_of(person(Role.CASE_OFFICER, name="kim"))
    appoint(actor=administrator, user=user, role=Role.UNION_REPRESENTATIVE, office=Office.objects.get(slug="kommunal"))
    return actor_of(user, Role.UNION_REPRESENTATIVE, today())


def invite(owner: Actor, system: System, *slugs: str, section: str = "11", **more: Any) -> Act:
    unions = list(Office.objects.filter(slug__in=slugs))
    return negotiating.invite_unions(actor=owner, system=system, section=section, unions=unions, subject="Lånestöd.", **more)


def row_of(slug: str, section: str = "11") -> Negotiation:
    return Negotiation.objects.filter(union__slug=slug, section=section).order_by("-pk")[0]


def meet(owner: Actor, slug: str, **more: Any) -> Act:
    return negotiating.record_meeting(actor=owner, negotiation=row_of(slug), **{"met_on": today(), "minutes": "Parterna möttes.", **more})


def agree(representative: Actor, slug: str) -> None:
    negotiating.approve_minutes(actor=representative, negotiation=row_of(slug), version=1)
    negotiating.state_for_union(actor=representative, negotiation=row_of(slug), stance="agreement", statement="Överens.")


def disagree(representative: Actor, slug: str) -> None:
    negotiating.state_for_union(actor=representative, negotiation=row_of(slug), stance="disagreement", statement="Inte överens.")


def on_day(monkeypatch: Any, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=clock.now().tzinfo)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_one_closed_negotiation_of_two_does_not_open_the_gate(system: System, owner: Actor, vision: Actor, kommunal: Actor) -> None:
    invite(owner, system, "facket", "kommunal")
    for slug, representative in (("facket", vision), ("kommunal", kommunal)):
        meet(owner, slug)
        agree(representative, slug)
    negotiating.close_negotiation(actor=vision, negotiation=row_of("facket"))
    assert not Record.objects.exists()
    assert not gate_is_met(system)
    negotiating.close_negotiation(actor=kommunal, negotiation=row_of("kommunal"))
    record = Record.objects.get()
    assert gate_is_met(system)
    assert record.supplied_role == Role.UNION_REPRESENTATIVE
    assert (record.content["outcome"], record.content["end"], record.content["section"]) == ("agreement", "union", "11")
    assert "Facket" in record.content["minutes"]
    assert "Kommunal" in record.content["minutes"]


def test_no_union_with_an_agreement_may_be_left_out(system: System, owner: Actor, kommunal: Actor) -> None:
    with pytest.raises(InvalidInput, match="Kommunal") as refused:
        invite(owner, system, "facket")
    assert refused.value.place == "unions"
    assert not Negotiation.objects.exists()


def test_a_union_counts_until_the_administrator_records_that_it_has_no_agreement(
    system: System, owner: Actor, vision: Actor, kommunal: Actor, administrator: Actor
) -> None:
    other = Office.objects.get(slug="kommunal")
    with pytest.raises(NotAllowed):
        negotiating.record_party(actor=owner, union=other, has_agreement=False, why="Passar oss.")
    with pytest.raises(InvalidInput):
        negotiating.record_party(actor=administrator, union=other, has_agreement=False, why=" ")
    negotiating.record_party(actor=administrator, union=other, has_agreement=False, why="Avtalet är uppsagt.")
    with pytest.raises(ActRefused):
        negotiating.record_party(actor=administrator, union=other, has_agreement=False, why="Igen.")
    invite(owner, system, "facket")
    meet(owner, "facket")
    agree(vision, "facket")
    negotiating.close_negotiation(actor=vision, negotiation=row_of("facket"))
    assert gate_is_met(system)


def test_a_union_that_is_closed_is_neither_waited_for_nor_invited(
    system: System, owner: Actor, vision: Actor, kommunal: Actor, administrator: Actor
) -> None:
    other = Office.objects.get(slug="kommunal")
    mandate = Mandate.objects.get(user__person=kommunal.person, office=other)
    Mandate.objects.filter(pk=mandate.pk).update(first_day=today() - timedelta(days=9), last_day=today() - timedelta(days=1))
    close_office(actor=administrator, office=other, why="Gick upp i ett annat förbund.")
    with pytest.raises(InvalidInput):
        invite(owner, system, "facket", "kommunal")
    invite(owner, system, "facket")
    meet(owner, "facket")
    agree(vision, "facket")
    negotiating.close_negotiation(actor=vision, negotiation=row_of("facket"))
    assert gate_is_met(system)


def test_when_the_last_union_to_wait_for_stops_counting_the_owner_supplies_the_record(
    system: System, owner: Actor, vision: Actor, kommunal: Actor, administrator: Actor
) -> None:
    invite(owner, system, "facket", "kommunal")
    meet(owner, "facket")
    agree(vision, "facket")
    negotiating.close_negotiation(actor=vision, negotiation=row_of("facket"))
    with pytest.raises(ActRefused, match="Kommunal"):
        supply_closed(actor=owner, system=system, section="11")
    negotiating.record_party(actor=administrator, union=Office.objects.get(slug="kommunal"), has_agreement=False, why="Uppsagt.")
    with pytest.raises(ActRefused, match="Kommunal"):  # what is begun is brought to its end
        supply_closed(actor=owner, system=system, section="11")
    meet(owner, "kommunal")
    disagree(kommunal, "kommunal")
    negotiating.close_negotiation(actor=kommunal, negotiation=row_of("kommunal"))
    assert gate_is_met(system)
    with pytest.raises(ActRefused):
        supply_closed(actor=owner, system=system, section="11")


def test_a_system_owner_cannot_speak_or_close_for_the_union(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket")
    row = row_of("facket")
    for act in (
        lambda: negotiating.approve_minutes(actor=owner, negotiation=row, version=1),
        lambda: negotiating.state_for_union(actor=owner, negotiation=row, stance="agreement", statement="De är nöjda."),
        lambda: negotiating.request_central(actor=owner, negotiation=row, why="x"),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(ActRefused, match=r"förbundet|union"):
        negotiating.close_negotiation(actor=owner, negotiation=row)
    assert row_of("facket").state == "met"
    assert not gate_is_met(system)


def test_another_unions_representative_cannot_speak_for_this_one(system: System, owner: Actor, vision: Actor, kommunal: Actor) -> None:
    invite(owner, system, "facket", "kommunal")
    meet(owner, "facket")
    row = row_of("facket")
    for act in (
        lambda: negotiating.approve_minutes(actor=kommunal, negotiation=row, version=1),
        lambda: negotiating.state_for_union(actor=kommunal, negotiation=row, stance="agreement", statement="Ja."),
        lambda: negotiating.close_negotiation(actor=kommunal, negotiation=row),
    ):
        with pytest.raises(NotAllowed, match=r"Facket|The union"):
            act()


def test_a_representative_whose_mandate_has_ended_cannot_speak(
    system: System, owner: Actor, vision: Actor, administrator: Actor, user_of: Any
) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket")
    mandate = Mandate.objects.get(user=user_of(vision), role=Role.UNION_REPRESENTATIVE)
    end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutat.")
    with pytest.raises(NotAllowed):
        negotiating.approve_minutes(actor=vision, negotiation=row_of("facket"), version=1)


def test_nothing_is_closed_or_said_before_the_parties_have_met(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    row = row_of("facket")
    with pytest.raises(ActRefused):
        negotiating.close_negotiation(actor=owner, negotiation=row)
    with pytest.raises(ActRefused):
        negotiating.close_negotiation(actor=vision, negotiation=row)
    with pytest.raises(ActRefused):
        disagree(vision, "facket")
    with pytest.raises(ActRefused):
        negotiating.approve_minutes(actor=vision, negotiation=row, version=0)


def test_agreement_rests_on_approved_minutes(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket")
    with pytest.raises(ActRefused):
        negotiating.state_for_union(actor=vision, negotiation=row_of("facket"), stance="agreement", statement="Ja.")


def test_minutes_that_are_written_again_are_approved_again(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket")
    negotiating.approve_minutes(actor=vision, negotiation=row_of("facket"), version=1)
    meet(owner, "facket", minutes="Något annat.")
    assert row_of("facket").approved is None
    with pytest.raises(ChangedMeanwhile):
        negotiating.approve_minutes(actor=vision, negotiation=row_of("facket"), version=1)
    negotiating.approve_minutes(actor=vision, negotiation=row_of("facket"), version=2)
    with pytest.raises(ActRefused):
        negotiating.approve_minutes(actor=vision, negotiation=row_of("facket"), version=2)


def test_after_the_unions_word_the_minutes_stand(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket")
    agree(vision, "facket")
    with pytest.raises(ActRefused):
        meet(owner, "facket", minutes="Något annat.")


def test_the_recorded_end_opens_the_gate_without_agreement_when_the_time_to_ask_is_over(
    system: System, owner: Actor, vision: Actor, monkeypatch: Any
) -> None:
    invite(owner, system, "facket")
    last = today() + timedelta(days=14)
    meet(owner, "facket", central_by=last, central_ground="Huvudavtalet")
    disagree(vision, "facket")
    with pytest.raises(ActRefused, match=last.isoformat()):
        negotiating.close_negotiation(actor=owner, negotiation=row_of("facket"))
    on_day(monkeypatch, last + timedelta(days=1))
    with pytest.raises(ActRefused):
        negotiating.request_central(actor=vision, negotiation=row_of("facket"), why="För sent.")
    negotiating.close_negotiation(actor=owner, negotiation=row_of("facket"))
    record = Record.objects.get()
    assert gate_is_met(system)
    assert record.supplied_role == Role.SYSTEM_OWNER
    assert (record.content["outcome"], record.content["end"]) == ("disagreement", "recorded_end")


def test_the_unions_silence_is_no_agreement_and_ends_only_with_its_time(
    system: System, owner: Actor, vision: Actor, monkeypatch: Any
) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket", central_by=today() + timedelta(days=14), central_ground="Huvudavtalet")
    on_day(monkeypatch, today() + timedelta(days=15))
    negotiating.close_negotiation(actor=owner, negotiation=row_of("facket"))
    assert Record.objects.get().content["outcome"] == "disagreement"


def test_without_a_day_in_the_minutes_only_the_union_closes_what_it_does_not_agree_to(
    system: System, owner: Actor, vision: Actor, monkeypatch: Any
) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket")
    disagree(vision, "facket")
    on_day(monkeypatch, today() + timedelta(days=300))
    with pytest.raises(ActRefused):
        negotiating.close_negotiation(actor=owner, negotiation=row_of("facket"))
    negotiating.close_negotiation(actor=vision, negotiation=row_of("facket"))
    assert gate_is_met(system)


def test_the_union_gets_its_time_to_ask_and_its_ground(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    for more, place in (
        ({"central_by": today() + timedelta(days=1), "central_ground": "Avtalet"}, "central_by"),
        ({"central_by": today() + timedelta(days=30), "central_ground": ""}, "central_ground"),
        ({"requests": "Utbildning."}, "answer"),
    ):
        with pytest.raises(InvalidInput) as refused:
            meet(owner, "facket", **more)
        assert refused.value.place == place


def test_central_negotiation_holds_the_gate_until_its_end_is_recorded(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket", central_by=today() + timedelta(days=14), central_ground="Huvudavtalet")
    with pytest.raises(ActRefused):  # nothing to disagree about yet
        negotiating.request_central(actor=vision, negotiation=row_of("facket"), why="Principen.")
    disagree(vision, "facket")
    negotiating.request_central(actor=vision, negotiation=row_of("facket"), why="Principen.")
    with pytest.raises(ActRefused):
        negotiating.request_central(actor=vision, negotiation=row_of("facket"), why="Principen.")
    for actor in (owner, vision):
        with pytest.raises(ActRefused):
            negotiating.close_negotiation(actor=actor, negotiation=row_of("facket"))
    with pytest.raises(InvalidInput) as refused:
        negotiating.record_central_end(actor=owner, negotiation=row_of("facket"), ended_on=today() - timedelta(days=1), outcome="Slut.")
    assert refused.value.place == "ended_on"
    negotiating.record_central_end(actor=owner, negotiation=row_of("facket"), ended_on=today(), outcome="Ingen överenskommelse.")
    negotiating.close_negotiation(actor=owner, negotiation=row_of("facket"))
    assert gate_is_met(system)
    assert Record.objects.get().content["end"] == "recorded_end"


def test_a_negotiation_is_closed_once(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket")
    agree(vision, "facket")
    with pytest.raises(ActRefused):
        agree(vision, "facket")
    negotiating.close_negotiation(actor=vision, negotiation=row_of("facket"))
    before = Act.objects.count()
    for actor in (vision, owner):
        with pytest.raises(ActRefused):
            negotiating.close_negotiation(actor=actor, negotiation=row_of("facket"))
    assert (Act.objects.count(), Record.objects.count()) == (before, 1)


def test_two_representatives_at_once_do_not_write_over_each_other(system: System, owner: Actor, vision: Actor, person: People) -> None:
    second = person(Role.UNION_REPRESENTATIVE, name="viktor")
    invite(owner, system, "facket")
    meet(owner, "facket")
    negotiating.approve_minutes(actor=vision, negotiation=row_of("facket"), version=1)
    seen = row_of("facket").revision
    negotiating.state_for_union(actor=vision, negotiation=row_of("facket"), stance="disagreement", statement="Nej.", revision=seen)
    with pytest.raises(ChangedMeanwhile):
        negotiating.state_for_union(actor=second, negotiation=row_of("facket"), stance="agreement", statement="Ja.", revision=seen)
    assert row_of("facket").stance == "disagreement"


@pytest.mark.parametrize(("days", "what"), [(1, "invited"), (1, "met"), (-2, "met")])
def test_days_are_neither_to_come_nor_before_what_they_rest_on(days: int, what: str, system: System, owner: Actor, vision: Actor) -> None:
    day = today() + timedelta(days=days)
    if what == "invited":
        with pytest.raises(InvalidInput) as refused:
            invite(owner, system, "facket", invited_on=day)
        assert refused.value.place == "invited_on"
        return
    invite(owner, system, "facket")
    with pytest.raises(InvalidInput) as refused:
        meet(owner, "facket", met_on=day)
    assert refused.value.place == "met_on"


def test_the_same_union_is_not_invited_twice_while_it_is_open(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    with pytest.raises(ActRefused, match=r"Facket|The union"):
        invite(owner, system, "facket")


def test_each_section_opens_its_own_gate_only(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket", section="38")
    row = row_of("facket", "38")
    negotiating.record_meeting(actor=owner, negotiation=row, met_on=today(), minutes="x")
    negotiating.approve_minutes(actor=vision, negotiation=row, version=1)
    negotiating.state_for_union(actor=vision, negotiation=row, stance="agreement", statement="Ja.")
    negotiating.close_negotiation(actor=vision, negotiation=row)
    assert Record.objects.get().content["section"] == "38"
    assert not gate_is_met(system)


def test_information_needs_no_agreement_and_makes_no_record(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket", section="19")
    row = row_of("facket", "19")
    negotiating.record_meeting(actor=owner, negotiation=row, met_on=today(), minutes="Informerat.")
    negotiating.close_negotiation(actor=owner, negotiation=row)
    assert row_of("facket", "19").state == "closed"
    assert not Record.objects.exists()


def test_section_13_is_for_unions_without_an_agreement(system: System, owner: Actor, vision: Actor, administrator: Actor) -> None:
    with pytest.raises(InvalidInput):
        invite(owner, system, "facket", section="13")
    negotiating.record_party(actor=administrator, union=Office.objects.get(slug="facket"), has_agreement=False, why="Inget avtal.")
    with pytest.raises(InvalidInput):
        invite(owner, system, "facket", section="11")
    invite(owner, system, "facket", section="13")


def test_the_record_is_never_supplied_by_the_plain_form(system: System, owner: Actor, vision: Actor) -> None:
    content = {"summary": "x", "section": "11", "union": "x", "invited": "2026-01-01", "minutes": "x", "outcome": "agreement"}
    content |= {"end": "union", "closed": "2026-01-02"}
    with pytest.raises(ActRefused):
        supply_record(actor=vision, system=system, kind="mbl_section_11", content=content)
    with pytest.raises(NotAllowed):
        supply_record(actor=owner, system=system, kind="mbl_section_11", content=content)
    with pytest.raises(ActRefused):
        supply_record(actor=owner, system=system, kind="participation_round", content={"summary": "Hållet."})
    assert not Record.objects.exists()


def test_a_withdrawn_record_closes_the_gate_and_a_new_negotiation_opens_it(system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    meet(owner, "facket")
    agree(vision, "facket")
    negotiating.close_negotiation(actor=vision, negotiation=row_of("facket"))
    withdraw_record(actor=vision, system=system, record=Record.objects.get(), why="Fel system.")
    assert not gate_is_met(system)
    invite(owner, system, "facket")
    meet(owner, "facket")
    agree(vision, "facket")
    negotiating.close_negotiation(actor=vision, negotiation=row_of("facket"))
    assert gate_is_met(system)


def test_only_the_systems_own_owner_leads(system: System, person: People, vision: Actor) -> None:
    other = person(Role.SYSTEM_OWNER, name="otto")
    with pytest.raises(NotAllowed):
        invite(other, system, "facket")
    with pytest.raises(NotAllowed):
        invite(vision, system, "facket")
    invite(person(Role.AI_COORDINATOR), system, "facket")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 50_000, "\u202e\u200b"])
def test_a_text_that_is_none_or_too_long_is_refused(text: str, system: System, owner: Actor, vision: Actor) -> None:
    invite(owner, system, "facket")
    with pytest.raises(InvalidInput) as refused:
        meet(owner, "facket", minutes=text)
    assert refused.value.place == "minutes"
