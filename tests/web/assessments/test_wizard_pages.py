"""The pages of a classification: empty, half done, recorded; in both languages, with and without a right to answer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor
from insyn.web.assessments.actions import record_classification
from insyn.web.assessments.drafts import begin_draft, save_rows
from insyn.web.assessments.models import Classification, Draft
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
ABOUT = "decision.about_persons"


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def address(system: System) -> str:
    return f"/arbete/system/{system.slug}/klassning/"


def topic_of(client: Client, address: str) -> str:
    """The address of the first topic, from the page that says where it stands."""
    found = re.search(r'href="([^"]+/fragor/[^"]+)"', text_of(client.get(address)))
    assert found
    return found.group(1)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_before_anything_is_done_the_page_says_so(sign_in: Any, owner: Actor, member: Actor, address: str, language: str) -> None:
    says = {"sv": "Systemet är inte klassat", "en": "The system is not classified"}[language]
    for actor in (owner, member):
        page = text_of(sign_in(actor).get(address, HTTP_ACCEPT_LANGUAGE=language))
        assert says in page
        assert page.count("<h1") == 1
    assert '<button type="submit">Börja' not in text_of(sign_in(member).get(address))


def test_the_old_address_of_the_facts_leads_here(sign_in: Any, owner: Actor, system: System, address: str) -> None:
    assert sign_in(owner).get(f"/arbete/system/{system.slug}/fakta/").headers["Location"] == address


def test_begun_saved_and_gone_on_with(sign_in: Any, owner: Actor, address: str) -> None:
    client = sign_in(owner)
    first = client.post(address).headers["Location"]
    assert "/fragor/" in first
    page = text_of(client.get(first, **ENGLISH))
    assert 'name="decision.about_persons"' in page
    assert "Don’t know" in page
    sent = {"revision": 0, "shown": [ABOUT], ABOUT: "yes", f"{ABOUT}-evidence": "Beslut", f"{ABOUT}-case": "https://example.org/akt"}
    assert client.post(first, sent).status_code == 302
    row = Draft.objects.get().rows[ABOUT]
    assert (row["answer"], row["evidence"], row["case"]) == ("yes", "Beslut", "https://example.org/akt")
    assert "Last saved by" in text_of(client.get(address, **ENGLISH))


def test_dont_know_is_saved_as_an_answer(sign_in: Any, owner: Actor, address: str) -> None:
    client = sign_in(owner)
    first = client.post(address).headers["Location"]
    client.post(first, {"revision": 0, "shown": [ABOUT], ABOUT: "unknown"})
    assert Draft.objects.get().rows[ABOUT]["answer"] == "unknown"


def test_none_of_these_with_something_else_is_not_understood(sign_in: Any, owner: Actor, address: str) -> None:
    client = sign_in(owner)
    first = client.post(address).headers["Location"]
    page = text_of(client.post(first, {"revision": 0, "shown": ["decision.kinds"], "decision.kinds": ["none", "loan"]}, **ENGLISH))
    assert "cannot stand together" in page
    assert Draft.objects.get().rows == {}


@pytest.mark.parametrize(("sent", "kept"), [(["none"], []), (["unknown"], "unknown"), (["loan", "unknown"], ["loan", "unknown"])])
def test_a_group_of_boxes_becomes_an_answer(sign_in: Any, owner: Actor, address: str, sent: list[str], kept: Any) -> None:
    client = sign_in(owner)
    first = client.post(address).headers["Location"]
    client.post(first, {"revision": 0, "shown": ["decision.kinds"], "decision.kinds": sent})
    assert Draft.objects.get().rows["decision.kinds"]["answer"] == kept


def test_the_second_of_two_sees_what_they_wrote_and_can_send_it_again(sign_in: Any, owner: Actor, address: str) -> None:
    client = sign_in(owner)
    first = client.post(address).headers["Location"]
    client.post(first, {"revision": 0, "shown": [ABOUT], ABOUT: "yes"})
    late = {"revision": 0, "shown": [ABOUT], ABOUT: "no", f"{ABOUT}-evidence": "Min text"}
    page = text_of(client.post(first, late, **ENGLISH))
    assert "has saved the draft" in page
    assert "Min text" in page
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision
    assert client.post(first, {**late, "revision": revision.group(1)}).status_code == 302
    assert Draft.objects.get().rows[ABOUT]["answer"] == "no"


def test_what_is_not_saved_is_weighed_and_stays_unsaved(sign_in: Any, owner: Actor, address: str) -> None:
    client = sign_in(owner)
    first = client.post(address).headers["Location"]
    told = client.post(f"{first}hittills/", {"revision": 0, "shown": [ABOUT], ABOUT: "yes"}).json()
    assert "status-word" in told["aside"]
    assert Draft.objects.get().rows == {}


def test_only_pages_with_questions_let_a_script_run(sign_in: Any, owner: Actor, address: str) -> None:
    client = sign_in(owner)
    assert "script-src 'none'" in client.get(address).headers["Content-Security-Policy"]
    first = client.post(address).headers["Location"]
    policy = client.get(first).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_readers_see_answers_and_cannot_change_them(sign_in: Any, owner: Actor, member: Actor, system: System, address: str) -> None:
    save_rows(actor=owner, draft=begin_draft(actor=owner, system=system), rows={ABOUT: {"answer": "yes"}}, revision=0)
    client = sign_in(member)
    first = topic_of(client, address) if "/fragor/" in text_of(client.get(address)) else f"{address}sammanfattning/"
    page = text_of(client.get(first, **ENGLISH))
    assert f'name="{ABOUT}"' not in page
    client.post(first, {"revision": 1, "shown": [ABOUT], ABOUT: "no"})
    assert Draft.objects.get().rows[ABOUT]["answer"] == "yes"
    assert "records the classification" in text_of(client.get(f"{address}sammanfattning/", **ENGLISH))


def test_recorded_on_the_page_and_shown_as_it_was(sign_in: Any, owner: Actor, system: System, address: str) -> None:
    rows = {ABOUT: {"answer": "yes", "evidence": "Nämndens beslut"}}
    draft = save_rows(actor=owner, draft=begin_draft(actor=owner, system=system), rows=rows, revision=0)
    client = sign_in(owner)
    assert "Nämndens beslut" in text_of(client.get(f"{address}sammanfattning/", **ENGLISH))
    system.refresh_from_db()
    sent = {"revision": draft.revision, "system_revision": system.revision, "case_number": "SBN 1"}
    answer = client.post(f"{address}sammanfattning/", sent)
    assert answer.status_code == 302
    page = text_of(client.get(answer.headers["Location"], **ENGLISH))
    assert "Nämndens beslut" in page
    assert Classification.objects.get().digest in page
    assert "SBN 1" in page
    assert "&#x27;sv&#x27;" not in page  # no text is shown in two languages at once


def test_an_earlier_classification_keeps_its_own_result(sign_in: Any, owner: Actor, system: System, address: str) -> None:
    for answer in ("yes", "no"):
        draft = Draft.objects.first() or begin_draft(actor=owner, system=system)
        draft = save_rows(actor=owner, draft=draft, rows={ABOUT: {"answer": answer}}, revision=draft.revision)
        record_classification(actor=owner, system=system, draft_revision=draft.revision)
    newest, first = Classification.objects.all()
    client = sign_in(owner)
    old = text_of(client.get(f"{address}{first.pk}/", **ENGLISH))
    assert "A newer classification is recorded" in old
    new = text_of(client.get(f"{address}{newest.pk}/", **ENGLISH))
    assert "What differs from" in new
    assert "Gate of privacy" in new or "Krav på privacy" in new


def test_a_system_without_a_draft_has_no_questions(sign_in: Any, owner: Actor, address: str) -> None:
    client = sign_in(owner)
    assert client.get(f"{address}sammanfattning/").headers["Location"] == address
    assert client.get(f"{address}fragor/no-such/").status_code in (302, 404)
    assert client.get(f"{address}9999/").status_code == 404


def test_the_draft_is_thrown_away_on_the_page(sign_in: Any, owner: Actor, address: str) -> None:
    client = sign_in(owner)
    client.post(address)
    assert client.post(address, {"revision": 0}).status_code == 302
    assert not Draft.objects.exists()
