"""The pages of the inventory, as the coordinator, a lead and everybody else meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.clock import today
from insyn.web.inventory.models import Assignment, CompetenceRecord, ReportedSystem, Round
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
DUE = today() + timedelta(days=30)


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def test_whoever_is_signed_out_is_sent_to_sign_in(inventory: Round, client: Client, asked: Any) -> None:
    for name, args in (("rounds", []), ("competence", []), ("round", [inventory.pk]), ("assignment", [asked().pk])):
        assert client.get(reverse(f"inventory:{name}", args=args)).status_code == 302


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_shows_itself(inventory: Round, sign_in: Any, owner: Actor, coordinator: Actor, asked: Any, language: str) -> None:
    for actor in (owner, coordinator):
        client = sign_in(actor)
        for name, args in (("rounds", []), ("competence", []), ("round", [inventory.pk]), ("assignment", [asked().pk])):
            page = text_of(client.get(reverse(f"inventory:{name}", args=args), HTTP_ACCEPT_LANGUAGE=language))
            assert page.count("<h1") == 1
            assert 'style="' not in page


def test_the_coordinator_opens_a_round_on_the_page(sign_in: Any, coordinator: Actor, company: Any) -> None:
    client = sign_in(coordinator)
    assert "No inventory round has been opened." in text_of(client.get("/arbete/inventering/", **ENGLISH))
    wrong = client.post("/arbete/inventering/", {"due": today().isoformat()}, **ENGLISH)
    assert "The day must lie ahead." in text_of(wrong)
    assert client.post("/arbete/inventering/", {"due": DUE.isoformat()}).status_code == 302
    opened = Round.objects.get()
    page = text_of(client.get(f"/arbete/inventering/{opened.pk}/", **ENGLISH))
    assert "Missing" in page  # nobody leads it yet
    assert "%(office)s" not in text_of(client.get("/arbete/", **ENGLISH))
    assert "Energibolaget has no lead" in text_of(client.get("/arbete/")) or "The energy company has no lead" in text_of(
        client.get("/arbete/", **ENGLISH)
    )


def test_an_owner_sees_no_form_and_is_refused(sign_in: Any, owner: Actor, inventory: Round, asked: Any) -> None:
    client = sign_in(owner)
    assert 'name="due"' not in text_of(client.get("/arbete/inventering/", **ENGLISH))
    page = text_of(client.post("/arbete/inventering/", {"due": DUE.isoformat()}, **ENGLISH))
    assert "You hold no mandate" in page
    sent = {"what": "answer", "none": "on", "statement": "Jag svarar åt er."}
    text_of(client.post(f"/arbete/inventering/svar/{asked('energi').pk}/", sent, **ENGLISH))
    assert asked("energi").state == Assignment.State.OPEN


def test_the_lead_answers_on_the_page_and_what_was_typed_stays_when_refused(
    system: System, sign_in: Any, lead: Actor, asked: Any, coordinator: Actor
) -> None:
    client, address = sign_in(lead), f"/arbete/inventering/svar/{asked().pk}/"
    assert "Lånestöd" in text_of(client.get(address))
    sent = {"what": "answer", f"system_{system.pk}": "right", "name_1": "Chattbot", "statement": "Jag har frågat alla."}
    refused = text_of(client.post(address, sent, **ENGLISH))
    assert "a reported system needs a name and a purpose" in refused
    assert 'value="Chattbot"' in refused
    whole = {**sent, "purpose_1": "Svarar på frågor", "kind_1": "generally_available"}
    assert client.post(address, whole).status_code == 302
    assert "Signed by" in text_of(client.get(address, **ENGLISH))
    reported = ReportedSystem.objects.get()
    assert "Chattbot" in text_of(sign_in(coordinator).get("/arbete/", **ENGLISH))
    page = text_of(client.get(f"/arbete/inventering/anmalt/{reported.pk}/", **ENGLISH))
    assert "Enter it in the register" in page
    entered = {"what": "enter", "slug": "chattbot", "owner": system.owner.person, "reach": "contract_only"}
    assert client.post(f"/arbete/inventering/anmalt/{reported.pk}/", entered).status_code == 302
    assert System.objects.filter(slug="chattbot").exists()


def test_what_an_office_says_is_wrong_waits_for_the_owner(system: System, sign_in: Any, lead: Actor, owner: Actor, asked: Any) -> None:
    sent = {"what": "answer", f"system_{system.pk}": "wrong", "note": "Används inte längre", "none": "on", "statement": "Frågat alla."}
    assert sign_in(lead).post(f"/arbete/inventering/svar/{asked().pk}/", sent).status_code == 302
    assert "Används inte längre" in text_of(sign_in(owner).get("/arbete/", **ENGLISH))


def test_hostile_words_are_shown_as_words(sign_in: Any, other_lead: Actor, asked: Any) -> None:
    client, address = sign_in(other_lead), f"/arbete/inventering/svar/{asked('energi').pk}/"
    sent = {"what": "answer", "name_1": "<script>alert(1)</script>", "purpose_1": "=cmd()", "kind_1": "bought", "statement": "<b>Ja</b>"}
    assert client.post(address, sent).status_code == 302
    page = text_of(client.get(address))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<b>Ja</b>" not in page


@pytest.mark.parametrize("rows", ["0", "-1", "9999", "x", "²", "99999999999999999999"])
def test_any_number_of_rows_is_asked_for_and_few_are_given(sign_in: Any, other_lead: Actor, asked: Any, rows: str) -> None:
    page = text_of(sign_in(other_lead).get(f"/arbete/inventering/svar/{asked('energi').pk}/?rader={rows}"))
    assert 3 <= page.count('name="name_') <= 40


def test_competence_is_recorded_and_withdrawn_on_the_page(
    sign_in: Any, administrator: Actor, person: Callable[..., Actor], user_of: Any
) -> None:
    client, learner = sign_in(administrator), person(Role.SYSTEM_OWNER)
    sent = {
        "user": learner.person,
        "what": "AI-kurs",
        "given_by": "SKR",
        "first_day": today().isoformat(),
        "valid_through": DUE.isoformat(),
    }
    assert client.post("/arbete/inventering/kompetens/", sent).status_code == 302
    record = CompetenceRecord.objects.get()
    assert "AI-kurs" in text_of(client.get("/arbete/inventering/kompetens/", **ENGLISH))
    withdrawn = {"what": "withdraw", "record": record.pk, "why": "Fel person"}
    assert client.post("/arbete/inventering/kompetens/", withdrawn).status_code == 302
    assert "Withdrawn" in text_of(client.get("/arbete/inventering/kompetens/", **ENGLISH))


def test_the_board_and_the_public_see_the_shares(
    inventory: Round, system: System, sign_in: Any, member: Actor, client: Client, other_lead: Actor, asked: Any
) -> None:
    sign_in(other_lead).post(f"/arbete/inventering/svar/{asked('energi').pk}/", {"what": "answer", "none": "on", "statement": "Inga."})
    client.logout()
    public = text_of(client.get("/oversikt/", **ENGLISH))
    for page in (public, text_of(sign_in(member).get("/arbete/portfolj/", **ENGLISH))):
        assert "Answered in time: 1" in page
        assert "Not due yet: 1" in page
        assert "1 of 1 systems (100.0 %) have no valid classification." in page
    assert other_lead.name not in public


def test_long_lists_are_shown_page_by_page_and_cost_no_more_questions(
    inventory: Round, sign_in: Any, coordinator: Actor, asked: Any, train: Any, owner: Actor, django_assert_max_num_queries: Any
) -> None:
    row = asked()
    rows = [ReportedSystem(assignment=row, name=f"System {n}.", kind="bought", purpose="Annat") for n in range(60)]
    ReportedSystem.objects.bulk_create(rows)
    for number in range(60):
        train(owner, what=f"Kurs {number}.")
    client = sign_in(coordinator)
    for address, word in ((f"/arbete/inventering/{inventory.pk}/", "System"), ("/arbete/inventering/kompetens/", "Kurs")):
        with django_assert_max_num_queries(30):
            first, second = (text_of(client.get(f"{address}?page={page}")) for page in (1, 2))
        shown = [set(re.findall(rf"{word} (\d+)\.", page)) for page in (first, second)]
        assert shown[0].isdisjoint(shown[1])
        assert shown[0] | shown[1] == {str(number) for number in range(60)}
