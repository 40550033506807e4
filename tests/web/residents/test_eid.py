"""Sign-in by e-ID, against a real OpenID provider in a process of its own."""

from __future__ import annotations

import html
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.residents.eid_settings import eid_settings
from insyn.web.residents.models import ResidentSession
from insyn.web.residents.sessions import COOKIE
from insyn.web.residents.standing import RESIDENT, token_of
from tests.oidc_kit.persons import PERSONS, SECRET
from tests.oidc_kit.provider import Provider
from tests.web.conftest import Sequencer

pytestmark = pytest.mark.django_db
BEGIN, MINE = "/mina-sidor/logga-in/", "/mina-sidor/"


def at_provider(address: str, who: str) -> str:
    """Be that person at the provider; the address that the provider sends the browser back to."""
    browser = requests.Session()
    answer = browser.get(address, allow_redirects=False)
    while answer.is_redirect and not answer.headers["location"].startswith("http://testserver"):
        place = requests.compat.urljoin(answer.url, answer.headers["location"])
        if "/valj/" in place:
            place += f"&who={who}"
        answer = browser.get(place, allow_redirects=False)
    assert answer.is_redirect, answer.text
    return str(answer.headers["location"]).removeprefix("http://testserver")


def sign_in_by_eid(who: str, browser: Client | None = None) -> tuple[Client, Any, str]:
    browser = browser or Client()
    begun = browser.get(BEGIN)
    assert begun.status_code == 302, begun.content.decode()
    back = at_provider(begun["Location"], who)
    return browser, browser.get(back), back


def said(answer: Any) -> str:
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize("who", ["anna", "elsa", "sami", "okand", "noel", "skydd"])
def test_a_person_comes_in_and_is_known_by_a_token_alone(who: str, eid: Any, log: Sequencer) -> None:
    users = User.objects.count()
    browser, came, _back = sign_in_by_eid(who)
    assert (came.status_code, came["Location"]) == (302, MINE)
    session = ResidentSession.objects.get()
    assert session.token == token_of(PERSONS[who].number, actor=RESIDENT, purpose="own_case")
    assert PERSONS[who].number not in str(vars(session)) + str(browser.cookies)
    assert "Har AI använts i mitt ärende?" in said(browser.get(MINE))
    assert User.objects.count() == users, "a resident is no user"
    assert "sessionid" not in browser.cookies, "and has no session of staff"


def test_the_cookie_is_for_these_pages_only_and_out_of_reach_for_scripts(eid: Any, log: Sequencer) -> None:
    browser, _came, _back = sign_in_by_eid("anna")
    cookie = browser.cookies[COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (MINE, True, "Lax")
    assert ResidentSession.objects.get().key_hash not in cookie.value
    assert not browser.cookies[eid_cookie()].value, "what waited for the provider is gone"


def eid_cookie() -> str:
    from insyn.web.residents import eid_views

    return eid_views.COOKIE


def test_what_goes_to_the_provider_holds_pkce_state_and_nonce_and_nobodys_number(eid: Any, log: Sequencer) -> None:
    asked = parse_qs(urlsplit(Client().get(BEGIN)["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()


def test_coming_back_twice_is_once(eid: Any, log: Sequencer) -> None:
    browser = Client()
    begun = browser.get(BEGIN)
    waiting = browser.cookies[eid_cookie()].value
    back = at_provider(begun["Location"], "anna")
    assert browser.get(back).status_code == 302
    browser.cookies[eid_cookie()] = waiting
    again = browser.get(back)
    assert again.status_code == 400
    assert "Inloggningen är redan använd" in said(again)
    assert ResidentSession.objects.count() == 1


def test_another_browsers_answer_is_refused(eid: Any, log: Sequencer) -> None:
    victim = Client()
    victim.get(BEGIN)
    back = at_provider(Client().get(BEGIN)["Location"], "bengt")
    for browser in (victim, Client()):
        answer = browser.get(back)
        assert answer.status_code == 400
        assert "Inloggningen började inte här" in said(answer)
    assert not ResidentSession.objects.exists()


def test_ten_minutes_later_it_is_too_late(eid: Any, log: Sequencer, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Client()
    back = at_provider(browser.get(BEGIN)["Location"], "anna")
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Det tog för lång tid" in said(browser.get(back))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("tom", "Din e-legitimation gav oss inte ditt personnummer"),
        ("fel", "Din e-legitimation gav ett nummer som inte är ett personnummer"),
        ("break-off", "Du loggade inte in"),
    ],
)
def test_whoever_cannot_be_known_reads_why(who: str, words: str, eid: Any, log: Sequencer) -> None:
    _browser, answer, _back = sign_in_by_eid(who)
    assert answer.status_code == 400
    assert words in said(answer)
    assert not ResidentSession.objects.exists()


def test_a_provider_that_is_down_is_said_and_the_code_still_works(eid: Any, settings: Any, log: Sequencer) -> None:
    settings.INSYN_EID = replace(eid, issuer="http://127.0.0.1:9/o")
    answer = Client().get(BEGIN)
    assert answer.status_code == 503
    assert "Inloggningen svarar inte" in said(answer)
    assert 'href="/mitt-arende/"' in said(answer)


def test_a_log_that_is_down_lets_nobody_in(eid: Any, log: Sequencer) -> None:
    browser = Client()
    back = at_provider(browser.get(BEGIN)["Location"], "anna")
    log.kill()
    assert browser.get(back).status_code == 503
    assert not ResidentSession.objects.exists()
    log.start()


def test_a_wrong_issuer_and_a_wrong_nonce_are_not_trusted(eid: Any, settings: Any, log: Sequencer) -> None:
    settings.INSYN_EID = replace(eid, issuer=eid.issuer.replace("127.0.0.1", "localhost"))
    answer = Client().get(BEGIN)
    assert answer.status_code in (400, 503)
    settings.INSYN_EID = eid
    browser = Client()
    back = at_provider(browser.get(BEGIN)["Location"], "anna")
    kept = signing.loads(browser.cookies[eid_cookie()].value, salt="insyn.residents.eid")
    browser.cookies[eid_cookie()] = signing.dumps({**kept, "nonce": "another"}, salt="insyn.residents.eid")
    assert "Vi kunde inte lita på svaret" in said(browser.get(back))


def test_a_token_is_trusted_only_with_the_providers_own_signature(eid: Any, provider: Provider, log: Sequencer) -> None:
    from joserfc.errors import JoseError

    from insyn.web.residents.eid import _checked

    known = requests.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=5).json()
    now = int(time.time())
    claims = {"iss": eid.issuer, "aud": eid.client, "sub": "1", "nonce": "n", "iat": now, "exp": now + 60}
    key = requests.get(known["jwks_uri"], timeout=5).json()["keys"][0]
    forged = [
        jwt.encode({"alg": "RS256", "kid": key["kid"]}, claims, RSAKey.generate_key(2048)),
        jwt.encode({"alg": "HS256", "kid": key["kid"]}, claims, OctKey.import_key(SECRET)),
    ]
    for token in forged:
        with pytest.raises((JoseError, ValueError)):
            _checked(eid, known, {"id_token": token}, "n")


def test_signing_in_anew_ends_what_the_browser_held(eid: Any, log: Sequencer) -> None:
    browser, _came, _back = sign_in_by_eid("anna")
    planted = browser.cookies[COOKIE].value
    sign_in_by_eid("bengt", browser)
    assert browser.cookies[COOKIE].value != planted
    thief = Client()
    thief.cookies[COOKIE] = planted
    assert thief.get(MINE).status_code == 403


def test_signing_out_ends_the_session_everywhere_and_leaves_staff_alone(
    eid: Any, log: Sequencer, officer: Actor, sign_in: Callable[..., Any]
) -> None:
    browser = sign_in(officer)
    sign_in_by_eid("anna", browser)
    assert browser.get("/arbete/granska/").status_code == 200, "the officer is still signed in"
    copied = browser.cookies[COOKIE].value
    out = browser.post("/mina-sidor/logga-ut/", follow=True)
    assert "Du är utloggad" in said(out)
    assert browser.get("/mina-sidor/utloggad/").status_code == 200
    browser.cookies[COOKIE] = copied
    assert browser.get(MINE).status_code == 403
    assert browser.get("/arbete/granska/").status_code == 200


def test_an_address_begins_so_many_sign_ins_and_no_more(eid: Any, log: Sequencer, monkeypatch: pytest.MonkeyPatch) -> None:
    from insyn.web.residents import eid_views

    monkeypatch.setattr(eid_views, "MOST_BEGUN", 2)
    assert [Client().get(BEGIN).status_code for _ in range(3)] == [302, 302, 429]
    assert Client().post("/mitt-arende/", {"code": "fel"}).status_code == 422, "codes are counted by themselves"


def test_without_settings_the_page_says_how_to_get_in_anyhow(opened: Any, settings: Any) -> None:
    settings.INSYN_EID = None
    page = said(Client().get(MINE))
    assert "Kommunen har inte öppnat inloggning med e-legitimation" in page
    assert 'href="/mitt-arende/"' in page
    assert Client().get(BEGIN).status_code == 404
    assert Client().get("/mina-sidor/e-legitimation/?code=x&state=y").status_code == 404


def test_half_a_setting_and_a_provider_without_https_stop_the_start(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s\n")
    whole = {"INSYN_EID_ISSUER": "https://eid.example/", "INSYN_EID_CLIENT": "c", "INSYN_EID_SECRET_FILE": str(secret)}
    found = eid_settings(whole, https=True)
    assert found is not None
    assert (found.issuer, found.secret) == ("https://eid.example", "s")
    assert "s" not in repr(found).split("client")[1].split("claims")[0].replace("'c'", "")
    assert eid_settings({}, https=True) is None
    for broken in (
        {**whole, "INSYN_EID_CLIENT": ""},
        {**whole, "INSYN_EID_ISSUER": "http://eid.example"},
        {**whole, "INSYN_EID_SECRET_FILE": str(tmp_path / "missing")},
    ):
        with pytest.raises(ImproperlyConfigured):
            eid_settings(broken, https=True)
