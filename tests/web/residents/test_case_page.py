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
from insyn.web.residents.actions import issue_case_code, use_code
from insyn.web.residents.models import CaseCode
from insyn.web.residents.queries import MOST_TRIES
from insyn.web.residents.sessions import COOKIE
from insyn.web.rights.models import RightsRequest

pytestmark = pytest.mark.django_db(transaction=True)
ENTER, MINE = "/mitt-arende/", "/mina-sidor/"
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


def test_the_resident_sees_system_data_factors_and_who_decides(code: str, rid: str) -> None:
    resident, entered = enter(code)
    assert entered.status_code == 302
    answer = resident.get(entered["Location"], follow=True)
    assert answer.redirect_chain == [(f"{MINE}arende/{rid}/", 302)], "a code of one record leads to it"
    page = html.unescape(answer.content.decode())
    for text in (
        "Ärende SN 2026-7",
        'href="/system/loans/"',
        "version 1.0",
        "Avslå",
        "Skulder i förhållande till inkomst: 42\u00a0%. Det talade emot.",
        "En människa. Beslutet är inte fattat än.",
        "”Bevilja” mer troligt",
    ):
        assert text in page, text
    assert "<script" not in page
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]


def test_an_older_address_leads_on(code: str) -> None:
    resident, _ = enter(code)
    assert "SN 2026-7" in resident.get("/mitt-arende/visa/", follow=True).content.decode()


def test_a_code_opens_once(code: str) -> None:
    enter(code)
    other, again = enter(code)
    assert again.status_code == 422
    assert other.get(MINE).status_code == 403


def test_a_wrong_a_used_and_an_expired_code_get_the_same_answer_for_the_same_work(
    code: str, officer: Actor, loans: Any, rid: str, django_assert_num_queries: Any
) -> None:
    expired = issue_case_code(actor=officer, system=loans, rids=[rid])
    CaseCode.objects.filter(used_at=None).order_by("-pk").update(expires=clock.now() - timedelta(seconds=1))
    CaseCode.objects.filter(pk=CaseCode.objects.order_by("pk").first().pk).update(expires=clock.now() + timedelta(days=1))
    enter(code)
    answers = [enter(typed)[1] for typed in ("0000-0000-0000-0000-0000", code, expired, "inte en kod")]
    assert {answer.status_code for answer in answers} == {422}
    assert len({body(answer) for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    for typed in ("0000", code, expired):
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


def test_the_view_closes_after_half_an_hour_and_can_be_closed_at_once(
    code: str, rid: str, officer: Actor, loans: Any, monkeypatch: Any
) -> None:
    resident, _ = enter(code)
    address = f"{MINE}arende/{rid}/"
    assert resident.get(address).status_code == 200
    resident.post(f"{MINE}logga-ut/")
    assert resident.get(address).status_code == 403
    another, _ = enter(issue_case_code(actor=officer, system=loans, rids=[rid]))
    assert another.get(address).status_code == 200
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert another.get(address).status_code == 403


def test_a_forged_cookie_opens_nothing(code: str) -> None:
    resident = Client()
    for forged in ("", "1", "eyJjb2RlIjoxfQ:1abc:forged"):
        resident.cookies[COOKIE] = forged
        assert resident.get(MINE).status_code == 403


def test_the_code_lies_nowhere_in_readable_form(code: str) -> None:
    kept = CaseCode.objects.get().code_hash
    assert code.replace("-", "").lower() not in kept
    assert not any(code in str(act.text) for act in Act.objects.all())


def test_asking_for_a_human_gives_a_receipt_that_gets_its_place_in_the_log(code: str, rid: str, sequencer: Any) -> None:
    resident, _ = enter(code)
    asked = ask_for_human(resident, rid, "Inkomsten är fel.")
    address = f"/mina-sidor/begaran/{asked.receipt}/"
    page = resident.get(address).content.decode()
    assert asked.receipt in page
    assert "på väg" in page
    relay_once(sequencer.client())
    asked.act.refresh_from_db()
    assert f'href="/logg/post/{asked.act.log_index}/"' in resident.get(address).content.decode()
    assert resident.post("/mina-sidor/begaran/ny/manniska/", {"arende": "0" * 32, "message": ""}).status_code == 422
    assert RightsRequest.objects.count() == 1, "and not about another record"


def test_the_officer_sees_the_request_and_notes_the_answer(code: str, rid: str, officer: Actor, sign_in: Callable[..., Any]) -> None:
    resident, _ = enter(code)
    asked = ask_for_human(resident, rid, "Titta på inkomsten.")
    browser = sign_in(officer)
    address = f"/arbete/rattigheter/{asked.receipt}/"
    assert "Titta på inkomsten." in browser.get(address).content.decode()
    form = {"what_form": "answer", "outcome": "granted", "ground": "", "changed": "no", "text": "Vi har tittat. Inkomsten stämmer."}
    answered = browser.post(address, form)
    asked.refresh_from_db()
    assert asked.answered_on == clock.today(), answered.content.decode()
    assert asked.answer_act.verb == "answer_request"
    assert "Vi har tittat. Inkomsten stämmer." in resident.get(f"/mina-sidor/begaran/{asked.receipt}/").content.decode()


def ask_for_human(resident: Client, rid: str, message: str) -> RightsRequest:
    assert resident.post("/mina-sidor/begaran/ny/manniska/", {"arende": rid, "message": message}).status_code == 302
    return RightsRequest.objects.get()


def test_a_silent_log_is_said_and_the_session_stays_good(code: str, rid: str, sequencer: Any) -> None:
    resident, _ = enter(code)
    sequencer.kill()
    down = resident.get(f"{MINE}arende/{rid}/")
    assert down.status_code == 503
    assert "Loggen svarar inte" in down.content.decode()
    sequencer.start()
    assert resident.get(f"{MINE}arende/{rid}/").status_code == 200


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
