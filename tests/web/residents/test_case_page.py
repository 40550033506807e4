"""A resident with a letter, against a real sequencer."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.register.models import Act
from insyn.web.relay import relay_once
from insyn.web.residents.actions import ask_for_human, issue_case_code
from insyn.web.residents.models import CaseCode, RightsRequest
from insyn.web.residents.queries import MOST_TRIES

pytestmark = pytest.mark.django_db(transaction=True)
ENTER, CASE = "/mitt-arende/", "/mitt-arende/visa/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def rid(propose: Callable[..., str]) -> str:
    return propose(note="inget särskilt", case="SN 2026-7")


@pytest.fixture
def code(rid: str, officer: Actor, loans: Any) -> str:
    return issue_case_code(actor=officer, system=loans, rids=[rid])


def enter(code: str, resident: Client | None = None) -> tuple[Client, Any]:
    resident = resident or Client()
    return resident, resident.post(ENTER, {"code": code})


def body(answer: Any) -> str:
    return TOKEN.sub("", answer.content.decode())


def test_the_resident_sees_system_data_factors_and_who_decides(code: str) -> None:
    resident, entered = enter(code)
    assert entered.status_code == 302
    page = html.unescape(resident.get(CASE).content.decode())
    for text in (
        "Ärende SN 2026-7",
        'href="/system/loans/"',
        "version 1.0",
        "Avslå",
        "Skulder i förhållande till inkomst: 42\u00a0%. Det talade emot.",
        "En människa. Beslutet är inte fattat än.",
        "Be att en människa tittar igen",
        "”Talade för” betyder att uppgiften gjorde utfallet ”Bevilja” troligare.",
    ):
        assert text in page, text
    assert "<script" not in page


def test_the_page_is_kept_by_no_cache_and_no_search_engine(code: str) -> None:
    resident, _ = enter(code)
    answer = resident.get(CASE)
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]
    assert resident.cookies["insyn_case"]["httponly"]
    assert resident.cookies["insyn_case"]["samesite"] == "Strict"


def test_a_code_opens_once(code: str) -> None:
    enter(code)
    other, again = enter(code)
    assert again.status_code == 422
    assert other.get(CASE).status_code == 403


def test_a_wrong_a_used_and_an_expired_code_get_the_same_answer(code: str, officer: Actor, loans: Any, rid: str) -> None:
    expired = issue_case_code(actor=officer, system=loans, rids=[rid])
    CaseCode.objects.filter(used_at=None).order_by("-pk").update(expires=clock.now() - timedelta(seconds=1))
    CaseCode.objects.filter(pk=CaseCode.objects.order_by("pk").first().pk).update(expires=clock.now() + timedelta(days=1))
    enter(code)
    answers = [enter(typed)[1] for typed in ("0000-0000-0000-0000-0000", code, expired, "inte en kod")]
    assert {answer.status_code for answer in answers} == {422}
    assert len({body(answer) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


def test_every_try_costs_the_same_questions_to_the_register(code: str, django_assert_num_queries: Any) -> None:
    from insyn.web.residents.actions import use_code

    for typed in ("0000", code, code):
        with django_assert_num_queries(4):  # begin, take, look up, commit
            use_code(typed)


def test_an_address_that_tries_too_much_waits_even_with_the_right_code(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(MOST_TRIES):
        assert enter(f"wrong-{number}")[1].status_code == 422
    _, limited = enter(code)
    assert limited.status_code == 429
    assert CaseCode.objects.get().used_at is None, "the right code is not used up"
    assert Client().post(ENTER, {"code": code}, REMOTE_ADDR="192.0.2.7").status_code == 302
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert enter("wrong")[1].status_code == 422


def test_the_view_closes_after_half_an_hour(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    resident, _ = enter(code)
    assert resident.get(CASE).status_code == 200
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert resident.get(CASE).status_code == 403


def test_the_view_can_be_closed_at_once(code: str) -> None:
    resident, _ = enter(code)
    resident.post("/mitt-arende/stang/")
    assert resident.get(CASE).status_code == 403


def test_a_forged_cookie_opens_nothing(code: str) -> None:
    resident = Client()
    resident.cookies["insyn_case"] = "eyJjb2RlIjoxfQ:1abc:forged"
    assert resident.get(CASE).status_code == 403


def test_the_code_lies_nowhere_in_readable_form(code: str) -> None:
    kept = CaseCode.objects.get().code_hash
    assert code.replace("-", "").lower() not in kept
    assert not any(code in str(act.text) for act in Act.objects.all())


def test_asking_for_a_human_gives_a_receipt_that_gets_its_place_in_the_log(code: str, rid: str, sequencer: Any) -> None:
    resident, _ = enter(code)
    resident.post(CASE, {"rid": rid, "message": "Inkomsten är fel."})
    asked = RightsRequest.objects.get()
    page = resident.get(CASE).content.decode()
    assert asked.receipt in page
    assert "på väg till loggen" in page
    relay_once(sequencer.client())
    index = Act.objects.get(verb="ask_for_human").log_index
    assert f"post {index}" in resident.get(CASE).content.decode()


def test_asking_twice_is_one_request(code: str, rid: str) -> None:
    held = CaseCode.objects.get()
    assert ask_for_human(code=held, rid=rid, message="") == ask_for_human(code=held, rid=rid, message="igen")
    assert Act.objects.filter(verb="ask_for_human").count() == 1


def test_a_code_does_not_ask_about_another_record(code: str) -> None:
    resident, _ = enter(code)
    answer = resident.post(CASE, {"rid": "0" * 32, "message": ""}, follow=True)
    assert "Koden öppnar inte det ärendet." in answer.content.decode()
    assert not RightsRequest.objects.exists()


def test_the_officer_sees_the_request_and_notes_the_answer(code: str, rid: str, officer: Actor, sign_in: Callable[..., Any]) -> None:
    asked = ask_for_human(code=CaseCode.objects.get(), rid=rid, message="Titta på inkomsten.")
    browser = sign_in(officer)
    assert "Titta på inkomsten." in browser.get("/arbete/granska/").content.decode()
    browser.post(f"/arbete/granska/begaran/{asked.receipt}/besvarad/")
    asked.refresh_from_db()
    assert asked.answered_on == clock.today()
    assert asked.answer_act.verb == "answer_request"


def test_a_silent_log_is_said_and_the_code_stays_good(code: str, sequencer: Any) -> None:
    resident, _ = enter(code)
    sequencer.kill()
    down = resident.get(CASE)
    assert down.status_code == 503
    assert "Loggen svarar inte" in down.content.decode()
    sequencer.start()
    assert resident.get(CASE).status_code == 200


def test_only_a_reviewer_of_the_system_makes_its_letters(
    rid: str, person: Callable[..., Actor], officer: Actor, sign_in: Callable[..., Any]
) -> None:
    address = f"/arbete/granska/{rid}/brev/"
    stranger = sign_in(person(Role.CASE_OFFICER, "annan"))
    assert stranger.post(address, {"system": "loans"}).status_code == 403
    assert not CaseCode.objects.exists()
    letter = sign_in(officer).post(address, {"system": "loans"})
    shown = re.search(r'class="code">([^<]+)<', letter.content.decode())
    assert shown
    assert "no-store" in letter["Cache-Control"]
    assert enter(shown[1])[1].status_code == 302
    assert shown[1] not in sign_in(officer).get(address + "?system=loans").content.decode(), "shown once"
