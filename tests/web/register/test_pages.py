"""The pages of the register, as the offices meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from insyn.core.messages import Actor
from insyn.core.terms import Phase, Role
from insyn.web.clock import today
from insyn.web.register.actions import describe_system
from insyn.web.register.models import Act, AdoptedPack, Record, System

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
OF_A_SYSTEM = ("system", "gates", "versions", "decisions", "system_acts")
PLAIN = ("start", "systems", "acts", "packs")


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.mark.parametrize("name", [*PLAIN, *OF_A_SYSTEM])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_shows_itself_to_every_office(
    system: System, sign_in: Any, member: Actor, owner: Actor, name: str, language: str
) -> None:
    address = reverse(f"register:{name}", args=[system.slug] if name in OF_A_SYSTEM else [])
    for actor in (member, owner):
        page = text_of(sign_in(actor).get(address, HTTP_ACCEPT_LANGUAGE=language))
        assert "<h1" in page
        assert f'<html lang="{language}"' in page
        assert page.count("<h1") == 1
        assert "<script" not in page
        assert 'style="' not in page


@pytest.mark.parametrize("name", [*PLAIN, *OF_A_SYSTEM, "register", "describe", "keys"])
def test_whoever_is_signed_out_is_sent_to_sign_in(system: System, client: Client, name: str) -> None:
    address = reverse(f"register:{name}", args=[system.slug] if name in {*OF_A_SYSTEM, "describe", "keys"} else [])
    response = client.get(address)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/logga-in/?next={address}"


def test_somebody_without_a_mandate_is_told_who_could(system: System, sign_in: Any, member: Actor) -> None:
    response = sign_in(member).get(reverse("register:keys", args=[system.slug]), **ENGLISH)
    assert response.status_code == 403
    assert "Administrator" in response.content.decode()


def test_an_empty_register_says_so(sign_in: Any, member: Actor) -> None:
    assert "No system matches." in text_of(sign_in(member).get("/arbete/system/", **ENGLISH))
    assert "Nothing waits for you." in text_of(sign_in(member).get("/arbete/", **ENGLISH))


def test_the_gates_page_says_of_each_gate_what_why_by_which_rule_and_who(system: System, sign_in: Any, owner: Actor) -> None:
    page = text_of(sign_in(owner).get(f"/arbete/system/{system.slug}/krav/", **ENGLISH))
    assert "0 of 6 requirements are met." in page
    for gate in ("oversight", "evaluation", "stopping", "tested", "negotiated", "privacy"):
        assert f"Gate of {gate}" in page
        assert f"The record {gate} is needed." in page
        assert f"Supply the record {gate}." in page
    assert page.count("(read in the text)") == 6
    assert page.count('href="https://example.org/2020:1#1"') == 6
    assert "Union representative" in page
    assert "To the negotiations: the record is supplied" in page
    assert 'name="union"' not in page


def test_the_record_of_negotiation_has_no_form_but_the_way_to_the_negotiations(
    system: System, sign_in: Any, person: Callable[..., Actor]
) -> None:
    page = text_of(sign_in(person(Role.UNION_REPRESENTATIVE)).get(f"/arbete/system/{system.slug}/krav/", **ENGLISH))
    assert 'name="union"' not in page
    assert f'href="/arbete/system/{system.slug}/forhandling/"' in page


def test_only_the_office_that_may_supply_is_led_to_the_form(
    system: System, sign_in: Any, owner: Actor, person: Callable[..., Actor]
) -> None:
    page = text_of(sign_in(person(Role.UNION_REPRESENTATIVE)).get(f"/arbete/system/{system.slug}/krav/", **ENGLISH))
    assert "handling/ny/validation/" not in page
    page = text_of(sign_in(owner).get(f"/arbete/system/{system.slug}/krav/", **ENGLISH))
    assert f'href="/arbete/system/{system.slug}/handling/ny/validation/?version=1.0"' in page


def test_a_record_is_supplied_on_the_page_and_shown_as_held(system: System, sign_in: Any, owner: Actor) -> None:
    client, address = sign_in(owner), f"/arbete/system/{system.slug}/krav/"
    sent = {
        "kind": "evaluation_plan",
        "revision": system.revision,
        "summary": "Varje år.",
        "due": (today() + timedelta(days=300)).isoformat(),
        "case_number": "KS 2026/7",
        "public": "on",
    }
    assert client.post(address, sent).status_code == 302
    assert Record.objects.get().case_number == "KS 2026/7"
    page = text_of(client.get(address, **ENGLISH))
    assert "1 of 6 requirements are met." in page
    assert "KS 2026/7" in page
    shown = text_of(client.get(f"/arbete/system/{system.slug}/handling/{Record.objects.get().pk}/", **ENGLISH))
    assert "Varje år." in shown


def test_a_fault_is_named_at_its_field_and_what_was_typed_stays(system: System, sign_in: Any, owner: Actor) -> None:
    client, address = sign_in(owner), f"/arbete/system/{system.slug}/krav/"
    sent = {"kind": "evaluation_plan", "revision": system.revision, "summary": "Skriven med möda", "due": "i vår"}
    page = text_of(client.post(address, sent, **ENGLISH))
    assert 'href="#evaluation_plan-due"' in page
    assert 'id="evaluation_plan-due"' in page
    assert "Skriven med möda" in page
    assert not Record.objects.exists()


def test_a_record_of_another_office_is_refused_though_the_form_is_forged(system: System, sign_in: Any, member: Actor) -> None:
    sent = {"kind": "evaluation_plan", "revision": system.revision, "summary": "x", "due": "2026-12-31"}
    page = text_of(sign_in(member).post(f"/arbete/system/{system.slug}/krav/", sent, **ENGLISH))
    assert "None of your roles may supply this record." in page
    assert not Record.objects.exists()


def test_an_unknown_kind_of_record_is_no_page(system: System, sign_in: Any, owner: Actor) -> None:
    assert sign_in(owner).post(f"/arbete/system/{system.slug}/krav/", {"kind": "magic"}).status_code == 404


def test_two_people_editing_see_what_they_wrote_and_nothing_is_lost(
    system: System, sign_in: Any, owner: Actor, person: Callable[..., Actor]
) -> None:
    seen = system.revision
    describe_system(actor=owner, system=system, summary_sv="Ägarens text.")
    sent = {"revision": seen, "name_sv": "Lånestöd", "name_en": "Loan support", "summary_sv": "Samordnarens text.", "summary_en": "x"}
    client = sign_in(person(Role.AI_COORDINATOR))
    page = text_of(client.post(f"/arbete/system/{system.slug}/beskrivning/", sent, **ENGLISH))
    assert "Somebody else has changed the system" in page
    assert "Samordnarens text." in page
    assert System.objects.get(pk=system.pk).summary_sv == "Ägarens text."
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert client.post(f"/arbete/system/{system.slug}/beskrivning/", {**sent, "revision": revision[1]}).status_code == 302
    assert System.objects.get(pk=system.pk).summary_sv == "Samordnarens text."


def test_a_decision_on_use_is_refused_on_the_page_with_every_reason(system: System, sign_in: Any, member: Actor) -> None:
    sent = {"what": "decide", "revision": system.revision, "versions": "1.0", "case_number": "KS 1", "decided_on": today().isoformat()}
    page = text_of(sign_in(member).post(f"/arbete/system/{system.slug}/beslut/", sent, **ENGLISH))
    assert page.count("Supply the record ") >= 6
    assert System.objects.get(pk=system.pk).phase == Phase.ASSESSMENT


def test_the_decision_is_taken_on_the_page_when_all_is_met(system: System, sign_in: Any, member: Actor, meet_gates: Any) -> None:
    meet_gates(system)
    system.refresh_from_db()
    sent = {"what": "decide", "revision": system.revision, "versions": "1.0", "case_number": "KS 1", "decided_on": today().isoformat()}
    client = sign_in(member)
    assert client.post(f"/arbete/system/{system.slug}/beslut/", sent).status_code == 302
    assert System.objects.get(pk=system.pk).phase == Phase.IN_USE
    assert "KS 1" in text_of(client.get(f"/arbete/system/{system.slug}/beslut/"))


def test_who_may_not_decide_sees_who_can(system: System, sign_in: Any, owner: Actor) -> None:
    page = text_of(sign_in(owner).get(f"/arbete/system/{system.slug}/beslut/", **ENGLISH))
    assert "done by Elected member, Official with delegation." in page
    assert 'name="versions"' not in page


def test_the_secretary_records_the_adoption_on_the_page(sign_in: Any, person: Callable[..., Actor], system: System) -> None:
    client = sign_in(person(Role.COUNCIL_SECRETARY))
    sent = {"pack": "kommun-test", "adopted_on": "2026-01-01", "case_number": "KF § 3"}
    assert client.post("/arbete/regelpaket/", sent).status_code == 302
    assert AdoptedPack.objects.get().case_number == "KF § 3"
    assert "Yes, adopted" in text_of(client.get("/arbete/regelpaket/", **ENGLISH))


def test_a_key_is_shown_once_on_the_page_that_issued_it(system: System, sign_in: Any, administrator: Actor) -> None:
    client, address = sign_in(administrator), f"/arbete/system/{system.slug}/nycklar/"
    first = client.post(address, {"revision": system.revision, "name": "prov"})
    key = re.search(r"insyn_[\w-]{40,}", first.content.decode())[0]
    assert "no-store" in first.headers["Cache-Control"]
    assert key not in client.get(address).content.decode()


def test_a_system_is_registered_on_the_page(sign_in: Any, owner: Actor) -> None:
    sent = {
        "slug": "nytt",
        "name_sv": "Nytt",
        "name_en": "New",
        "summary_sv": "Kort.",
        "summary_en": "Short.",
        "kind": "bought",
        "reach": "every_call",
        "modes": ["support"],
        "owner": owner.person,
        "office": "kontoret",
        "purpose": "prov",
        "purpose_sv": "Prov",
        "purpose_en": "Test",
        "categories": "a, b",
        "matter_types": "c",
        "manual_way_sv": "För hand.",
        "manual_way_en": "By hand.",
    }
    client = sign_in(owner)
    response = client.post("/arbete/system/nytt/", sent)
    assert response.headers.get("Location") == "/arbete/system/nytt/krav/", text_of(response)
    assert System.objects.get(slug="nytt").purposes[0]["categories"] == ["a", "b"]


def test_the_start_page_shows_what_an_office_can_move_on(system: System, sign_in: Any, person: Callable[..., Actor]) -> None:
    page = text_of(sign_in(person(Role.UNION_REPRESENTATIVE)).get("/arbete/", **ENGLISH))
    assert "Gate of negotiated" in page
    assert "Gate of tested" not in page


def test_the_acts_page_says_whether_the_entry_stands(system: System, sign_in: Any, owner: Actor) -> None:
    page = text_of(sign_in(owner).get("/arbete/akter/", **ENGLISH))
    assert page.count("on its way") == Act.objects.count()


def test_a_search_finds_by_part_of_a_name_with_its_swedish_letters(make_system: Any, sign_in: Any, owner: Actor) -> None:
    make_system("ett", name_sv="Bygglovshandläggning")
    make_system("tva", name_sv="Maskering")
    page = text_of(sign_in(owner).get("/arbete/system/", {"q": "handlägg"}, **ENGLISH))
    assert "/arbete/system/ett/" in page
    assert "/arbete/system/tva/" not in page


def test_what_an_office_sees_is_kept_by_no_cache(sign_in: Any, owner: Actor, system: System) -> None:
    for path in ("/arbete/", f"/arbete/system/{system.slug}/krav/"):
        assert "no-store" in sign_in(owner).get(path)["Cache-Control"]
