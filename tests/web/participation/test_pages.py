"""The pages of influence: who gets in, what they show, and what they take."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from insyn.core.identity import mask
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.models import Office
from insyn.web.clock import today
from insyn.web.participation import negotiating, proposals, rounds, waiting
from insyn.web.participation.models import Contribution, Negotiation, Round
from insyn.web.register.models import Record, System

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
TEXTS = {"title_sv": "Brevet", "question_sv": "Vad är svårt?", "groups_sv": "Sökande"}


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


@pytest.fixture
def vision(person: Callable[..., Actor]) -> Actor:
    return person(Role.UNION_REPRESENTATIVE, name="vera")


@pytest.fixture
def begun(system: System, owner: Actor, vision: Actor) -> Negotiation:
    unions = [Office.objects.get(slug="facket")]
    negotiating.invite_unions(actor=owner, system=system, section="11", unions=unions, subject="Lånestöd.")
    return Negotiation.objects.get()


@pytest.fixture
def opened_round(system: System, owner: Actor) -> Round:
    row = rounds.make_round(actor=owner, system=system, opens=today(), closes=today() + timedelta(days=5), **TEXTS)
    rounds.open_round(actor=owner, asked=row)
    return Round.objects.get()


def test_a_negotiation_is_led_and_closed_on_its_pages_by_the_two_parties(system: System, owner: Actor, vision: Actor, sign_in: Any) -> None:
    client, listing = sign_in(owner), f"/arbete/system/{system.slug}/forhandling/"
    sent = {"what": "invite", "section": "11", "unions": ["facket"], "subject": "Lånestöd", "invited_on": today().isoformat()}
    assert client.post(listing, sent).status_code == 302
    row = Negotiation.objects.get()
    address = f"{listing}{row.pk}/"
    minutes = {"what": "meeting", "revision": row.revision, "met_on": today().isoformat(), "minutes": "<b>Enade</b>"}
    assert client.post(address, minutes).status_code == 302
    assert 'value="state"' not in text_of(client.get(address))
    assert "<b>Enade</b>" not in client.get(address).content.decode()
    client = sign_in(vision)
    assert client.post(address, {"what": "approve", "version": 1}).status_code == 302
    row.refresh_from_db()
    word = {"what": "state", "revision": row.revision, "stance": "agreement", "statement": "Vi är överens."}
    assert client.post(address, word).status_code == 302
    row.refresh_from_db()
    closing = {"what": "close", "revision": row.revision, "why": ""}
    assert client.post(address, closing).status_code == 302
    assert Record.objects.count() == 1
    again = client.post(address, closing, **ENGLISH)
    assert again.status_code == 200
    assert "The negotiation is closed already." in text_of(again)
    assert "Closed with every union" in text_of(client.get(listing, **ENGLISH))


def test_an_owner_who_forges_the_unions_form_is_refused_in_words(begun: Negotiation, owner: Actor, system: System, sign_in: Any) -> None:
    negotiating.record_meeting(actor=owner, negotiation=begun, met_on=today(), minutes="x")
    begun.refresh_from_db()
    address = f"/arbete/system/{system.slug}/forhandling/{begun.pk}/"
    sent = {"what": "state", "revision": begun.revision, "stance": "agreement", "statement": "De är nöjda."}
    page = text_of(sign_in(owner).post(address, sent, **ENGLISH))
    assert "Only a representative of The union may speak for it." in page
    begun.refresh_from_db()
    assert begun.stance == ""


def test_what_was_typed_stays_when_somebody_came_in_between(begun: Negotiation, owner: Actor, system: System, sign_in: Any) -> None:
    seen = begun.revision
    negotiating.record_meeting(actor=owner, negotiation=begun, met_on=today(), minutes="Först.")
    address = f"/arbete/system/{system.slug}/forhandling/{begun.pk}/"
    sent = {"what": "meeting", "revision": seen, "met_on": today().isoformat(), "minutes": "Skrivet med möda"}
    page = text_of(sign_in(owner).post(address, sent, **ENGLISH))
    assert "Somebody else has gone on with the negotiation" in page
    assert "Skrivet med möda" in page
    newest = re.search(r'name="revision" value="(\d+)"[^>]*id="meeting-revision"', page)
    assert newest is not None
    assert int(newest.group(1)) == seen + 1


def test_a_union_sees_its_own_negotiations_first(begun: Negotiation, vision: Actor, owner: Actor, sign_in: Any) -> None:
    page = text_of(sign_in(vision).get("/arbete/inflytande/", **ENGLISH))
    assert "For The union" in page
    assert f"/forhandling/{begun.pk}/" in page
    assert "For The union" not in text_of(sign_in(owner).get("/arbete/inflytande/", **ENGLISH))


def test_the_administrator_records_parties_and_others_read_them(
    begun: Negotiation, administrator: Actor, owner: Actor, sign_in: Any
) -> None:
    address = "/arbete/inflytande/forbund/"
    sent = {"what": "party", "union": "facket", "stated": "no", "why": "Avtalet är uppsagt."}
    assert "may not" in text_of(sign_in(owner).post(address, sent, **ENGLISH)) or not Office.objects.get(slug="facket").party_rows.exists()
    assert sign_in(administrator).post(address, sent).status_code == 302
    page = text_of(sign_in(owner).get(address, **ENGLISH))
    assert "Avtalet är uppsagt." in page
    assert 'name="stated"' not in page


def test_work_pages_are_for_those_who_are_signed_in(system: System, begun: Negotiation, opened_round: Round) -> None:
    client = Client()
    for address in (
        "/arbete/inflytande/",
        "/arbete/inflytande/forbund/",
        f"/arbete/system/{system.slug}/forhandling/",
        f"/arbete/system/{system.slug}/forhandling/{begun.pk}/",
        f"/arbete/system/{system.slug}/arbetsmiljo/",
        f"/arbete/system/{system.slug}/samrad/",
        f"/arbete/system/{system.slug}/samrad/{opened_round.pk}/",
    ):
        assert client.get(address).status_code == 302, address


def test_somebody_answers_without_a_name_and_gets_a_number(opened_round: Round, client: Any) -> None:
    address = f"/delta/{opened_round.slug}/"
    page = client.get(address).content.decode()
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert token is not None
    sent = {"token": token.group(1), "text": "Skriv kortare."}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302
    assert Contribution.objects.count() == 1
    assert "nummer 1" in client.get(address).content.decode()
    assert "Skriv kortare." not in client.get(address).content.decode()


def test_an_answer_needs_the_forms_own_mark(opened_round: Round) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/delta/{opened_round.slug}/", {"token": "0" * 32, "text": "x"}).status_code == 403
    assert not Contribution.objects.exists()


@pytest.mark.parametrize(("text", "status"), [("", 422), ("x" * 5000, 422), ("\u200b", 422)])
def test_an_answer_that_is_none_says_what_is_wrong(text: str, status: int, opened_round: Round, client: Any) -> None:
    answer = client.post(f"/delta/{opened_round.slug}/", {"token": "0" * 32, "text": text}, **ENGLISH)
    assert answer.status_code == status
    assert 'href="#id_text"' in answer.content.decode()


@pytest.mark.parametrize(("text", "status"), [("a" * 900_000, 422), ("å" * 900_000, 400)])
def test_an_answer_of_a_megabyte_is_no_fault_of_ours(text: str, status: int, opened_round: Round, client: Any) -> None:
    assert client.post(f"/delta/{opened_round.slug}/", {"token": "0" * 32, "text": text}).status_code == status
    assert not Contribution.objects.exists()


def test_a_number_that_no_row_has_is_not_found_however_large(opened_round: Round, owner: Actor, sign_in: Any) -> None:
    browser, huge = sign_in(owner), 10**30
    for address in (
        f"samrad/{huge}/",
        f"samrad/{huge}/forslag/1/",
        f"samrad/{opened_round.pk}/forslag/{huge}/",
        f"forhandling/{huge}/",
        f"handling/{huge}/",
        f"handling/{huge}/pdf/",
        f"handling/{huge}/underskrift/",
        f"handling/{huge}/kommentar/",
        f"handling/utkast/{huge}/",
        f"handling/utkast/{huge}/bilaga/",
        f"klassning/{huge}/",
        f"historik/{huge}/",
    ):
        assert browser.get(f"/arbete/system/lanestod/{address}").status_code == 404, address
    for address in (f"/bilaga/{huge}/", f"/arbete/bilaga/{huge}/", f"/arbete/kommentar/{huge}/svar/", f"/system/lanestod/historik/{huge}/"):
        assert browser.get(address).status_code == 404, address
    forms = {"arbetsmiljo/": {"what": "state", "assessment": huge, "stance": "objects", "text": "x"}}
    for address, sent in forms.items():
        assert browser.post(f"/arbete/system/lanestod/{address}", sent).status_code in (200, 404), address


def test_a_late_answer_stays_on_the_page_with_the_reason(opened_round: Round, owner: Actor, client: Any) -> None:
    rounds.close_round(actor=owner, asked=opened_round, why_sv="Klart.")
    answer = client.post(f"/delta/{opened_round.slug}/", {"token": "0" * 32, "text": "Jag hann inte"}, **ENGLISH)
    assert answer.status_code == 409
    assert "The round is not open." in text_of(answer)
    assert "Jag hann inte" in text_of(answer)


def test_a_connection_that_sends_many_is_told_to_wait(opened_round: Round, client: Any) -> None:
    for number in range(proposals.MOST_FROM_ADDRESS):
        assert client.post(f"/delta/{opened_round.slug}/", {"token": f"{number:032x}", "text": "Hej"}).status_code == 302
    assert client.post(f"/delta/{opened_round.slug}/", {"token": "f" * 32, "text": "Hej"}).status_code == 429
    assert Contribution.objects.count() == proposals.MOST_FROM_ADDRESS


def test_hostile_text_is_shown_as_text(opened_round: Round, owner: Actor, client: Any) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7|add:"7" }}'
    one = proposals.answer_round(asked=opened_round, text=hostile, token="0" * 32)
    proposals.approve_proposal(actor=owner, proposal=one)
    proposals.answer_proposal(actor=owner, proposal=one, reply="not_taken", why_sv=hostile)
    rounds.close_round(actor=owner, asked=opened_round, why_sv=hostile)
    rounds.publish_round(actor=owner, asked=opened_round, changed_sv=hostile)
    page = client.get(f"/delta/{opened_round.slug}/").content.decode()
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_draft_is_no_page_in_public(system: System, owner: Actor, client: Any) -> None:
    row = rounds.make_round(actor=owner, system=system, opens=today(), closes=today(), **TEXTS)
    assert client.get(f"/delta/{row.slug}/").status_code == 404
    assert "Brevet" not in client.get("/delta/").content.decode()


def test_the_public_sees_open_rounds_and_that_an_answer_is_owed(opened_round: Round, owner: Actor, client: Any) -> None:
    assert "Open now" in text_of(client.get("/delta/", **ENGLISH))
    assert "Brevet" in text_of(client.get("/delta/"))
    rounds.close_round(actor=owner, asked=opened_round, why_sv="Klart.")
    assert "The municipality has not answered yet" in text_of(client.get("/delta/", **ENGLISH))


def test_a_round_is_made_read_answered_and_published_on_its_pages(system: System, owner: Actor, sign_in: Any) -> None:
    client, base = sign_in(owner), f"/arbete/system/{system.slug}/samrad/"
    days = {"opens": today().isoformat(), "closes": today().isoformat()}
    assert client.post(f"{base}nytt/", {"what": "make", **TEXTS, **days}).status_code == 302
    row = Round.objects.get()
    address = f"{base}{row.pk}/"
    assert client.post(address, {"what": "open", "revision": row.revision}).status_code == 302
    paper = {"what": "paper", "received_on": today().isoformat(), "text": "Ring 811228-9874."}
    assert client.post(address, paper).status_code == 302
    notes = {"what": "notes", "held_on": today().isoformat(), "place": "Biblioteket", "participants": "9", "notes": "Ett.\r\n\r\nTvå."}
    assert client.post(address, notes).status_code == 302
    assert Contribution.objects.count() == 3
    row.refresh_from_db()
    assert client.post(address, {"what": "close", "revision": row.revision, "why_sv": "Klart."}).status_code == 302
    row.refresh_from_db()
    early = client.post(address, {"what": "publish", "revision": row.revision, "changed_sv": "x"}, **ENGLISH)
    assert "Nobody has looked at these proposals yet: 1, 2, 3." in text_of(early)
    for number in (1, 2):
        assert client.post(f"{address}forslag/{number}/", {"what": "show", "shown": f"Förslag {number}"}).status_code == 302
        word = {"what": "reply", "reply": "taken", "why_sv": "Ja."}
        assert client.post(f"{address}forslag/{number}/", word).status_code == 302
    assert client.post(f"{address}forslag/3/", {"what": "hide", "because": "off_topic"}).status_code == 302
    assert client.post(address, {"what": "publish", "revision": row.revision, "changed_sv": "Numret syns."}).status_code == 302
    public = text_of(client.get(f"/delta/{row.slug}/"))
    assert "Förslag 1" in public
    assert "Två." not in public
    assert "9874" not in public


def test_what_came_is_seen_as_it_came_only_by_those_who_lead(
    opened_round: Round, owner: Actor, system: System, person: Callable[..., Actor], sign_in: Any
) -> None:
    proposals.answer_round(asked=opened_round, text="Mitt nummer är 811228-9874.", token="0" * 32)
    address = f"/arbete/system/{system.slug}/samrad/{opened_round.pk}/forslag/1/"
    assert "9874" in text_of(sign_in(owner).get(address))
    assert "9874" not in text_of(sign_in(person(Role.AUDITOR)).get(address))


def test_the_public_page_of_the_system_names_unions_and_days_but_no_people(
    begun: Negotiation, opened_round: Round, owner: Actor, vision: Actor, system: System, client: Any
) -> None:
    page = text_of(client.get(f"/system/{system.slug}/", **ENGLISH))
    assert "The union" in page
    assert "Not closed with: The union." in page
    assert f'href="/delta/{opened_round.slug}/"' in page
    assert vision.name not in page


def test_what_waits_is_named_for_the_party_whose_turn_it_is(
    begun: Negotiation, opened_round: Round, owner: Actor, vision: Actor, user_of: Any
) -> None:
    as_owner, as_union = frozenset({"system_owner"}), frozenset({"union_representative"})
    assert [item.kind for item in waiting.items(user_of(owner), as_owner, today())] == ["negotiation"]
    assert waiting.items(user_of(vision), as_union, today()) == []
    later = today() + timedelta(days=14)
    negotiating.record_meeting(actor=owner, negotiation=begun, met_on=today(), minutes="x", central_by=later, central_ground="Huvudavtalet")
    assert [item.kind for item in waiting.items(user_of(vision), as_union, today())] == ["negotiation"]
    proposals.answer_round(asked=opened_round, text="Hej", token="0" * 32)
    assert [item.kind for item in waiting.items(user_of(owner), as_owner, today())] == ["round"]
    assert {(dated.day, dated.public) for dated in waiting.calendar(today())} == {(opened_round.closes, True), (later, False)}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("811228-9874", True),
        ("198112289874", True),
        ("19 81 12 28 98 74", False),  # no way of writing it, and too like other numbers
        ("811228+9874", True),
        ("811228–9874", True),
        ("701063-2391", True),
        ("811228+ 9874", True),
        ("811228  9874", True),
        ("811228 – 9874", True),
        ("1981/12/28-9874", True),
        ("1981-12-28 - 9874", True),
        ("811228\u20039874", True),
        ("８１１２２８－９８７４", True),
        ("１９８１１２２８９８７４", True),
        ("١٩٨١١٢٢٨٩٨٧٤", True),
        ("811228-9875", False),
        ("070-123 45 67", False),
        ("KS 2026/204", False),
        ("2026-11-21 08:00", False),
        ("8112289874123", False),
    ],
)
def test_numbers_that_are_identity_numbers_are_masked_and_others_stay(text: str, masked: bool) -> None:
    assert (mask(f"se {text} här") != f"se {text} här") is masked
