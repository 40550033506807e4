"""What a provider, a link or a mark could do to a resident's page while it is open."""

from __future__ import annotations

import html
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from authlib.common.errors import AuthlibBaseError
from django.test import Client
from joserfc.errors import JoseError

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web.residents import authority, eid, eid_net
from insyn.web.residents.actions import issue_case_code
from insyn.web.residents.eid import Problem, SignInFailed
from insyn.web.residents.eid_settings import EidSettings
from tests.oidc_kit.persons import PERSONS

pytestmark = pytest.mark.django_db(transaction=True)
MINE = "/mina-sidor/"


class Hostile(BaseHTTPRequestHandler):
    """Answers as its path says."""

    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "/inside")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        try:
            self._say()
        except OSError:
            self.close_connection = True

    def do_POST(self) -> None:
        self.do_GET()

    def _say(self) -> None:
        if self.path.startswith("/huge"):
            for _ in range(4096):
                self.wfile.write(b" " * 4096)
        elif self.path.startswith("/slow"):
            for _ in range(200):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.02)
        elif self.path.startswith("/deep"):
            self.wfile.write(b"[" * 200_000)
        else:
            self.wfile.write(b'{"keys": []}')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class named it
        """Say nothing."""


@pytest.fixture
def hostile() -> Iterator[str]:
    Hostile.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def settings_of(issuer: str) -> EidSettings:
    return EidSettings(issuer=issuer, client="c", secret="s", claims=("n",), scope="openid", name="e-leg")


@pytest.mark.parametrize("way", ["away", "huge", "slow", "deep"])
def test_a_description_from_elsewhere_without_end_or_drop_by_drop_is_no_description(
    way: str, hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eid_net, "SECONDS", 1)
    with pytest.raises(SignInFailed) as failed:
        eid.begin(settings_of(f"{hostile}/{way}"), callback="http://testserver/", language="sv")
    assert failed.value.problem is Problem.DOWN
    assert not [path for path in Hostile.asked if "inside" in path], "no redirect is followed"


def test_neither_keys_nor_the_secret_go_where_a_redirect_says(hostile: str) -> None:
    provider = settings_of(hostile)
    with pytest.raises(requests.RequestException):
        eid._checked(provider, {"issuer": hostile, "jwks_uri": f"{hostile}/away"}, {"id_token": "x"}, "n")
    with eid._client(provider, "http://testserver/") as client, pytest.raises(requests.RequestException):
        client.fetch_token(f"{hostile}/away", code="c", code_verifier="v")
    assert Hostile.asked == ["/away", "/away"]


def test_a_provider_over_https_names_no_address_in_the_open() -> None:
    provider = settings_of("https://e.example")
    for address in ("http://e.example/keys", "javascript:alert(1)", "//e.example", "", 3):
        with pytest.raises(SignInFailed):
            eid._place(provider, {"jwks_uri": address}, "jwks_uri")
    with pytest.raises(requests.exceptions.InvalidURL):
        eid._fetched(provider, "http://127.0.0.1:1/")


def test_an_answer_from_another_provider_is_not_taken() -> None:
    provider = settings_of("https://e.example")
    eid._is_from(provider, {}, {})
    eid._is_from(provider, {}, {"iss": "https://e.example"})
    for known, answer in (({}, {"iss": "https://other.example"}), ({"authorization_response_iss_parameter_supported": True}, {})):
        with pytest.raises(SignInFailed):
            eid._is_from(provider, known, answer)


def test_tokens_for_others_of_others_and_too_old_ones_are_not_trusted(eid_provider: Any) -> None:
    """Signed by the provider's own key, and not for us."""
    provider, known, sign = eid_provider
    now = int(time.time())
    good = {"iss": provider.issuer, "aud": provider.client, "sub": "1", "nonce": "n", "iat": now, "exp": now + 60}
    assert eid._checked(provider, known, {"id_token": sign(good)}, "n")["sub"] == "1"
    for wrong in (
        {"aud": "another"},
        {"aud": [provider.client, "another"]},
        {"azp": "another"},
        {"iss": "https://other.example"},
        {"exp": now - 600},
        {"iat": now + 600},
        {"nonce": "m"},
        {"nonce": None},
        {"sub": None},
        {"exp": None},
    ):
        claims = {name: value for name, value in {**good, **wrong}.items() if value is not None}
        with pytest.raises((AuthlibBaseError, JoseError)):
            eid._checked(provider, known, {"id_token": sign(claims)}, "n")


@pytest.fixture
def eid_provider(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A provider whose private key the test holds."""
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
    monkeypatch.setattr(eid, "_fetched", lambda _provider, _address: {"keys": [key.as_dict(private=False)]})
    provider = settings_of("https://e.example")
    known = {"issuer": provider.issuer, "jwks_uri": "https://e.example/keys"}
    return provider, known, lambda claims: jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)


# ---- protected identities ----


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return html.unescape(answer.content.decode())


@pytest.fixture
def protect(rights_officer: Actor) -> Callable[[str], None]:
    def make(who: str) -> None:
        person = authority.find_person(actor=rights_officer, place="number", number=PERSONS[who].number)
        authority.mark_protected(actor=rights_officer, person=person, why="Skatteverkets underrättelse.", case_number="KS 2026/9")

    return make


def test_reasons_and_letter_of_a_protected_person_are_free_text_too(
    propose_for: Callable[..., str], protect: Callable[[str], None], come_in: Callable[..., Client], desk: Any
) -> None:
    rid = propose_for("skydd")
    decision = desk.decide(rid, "grant", "Stina Hemlig på Gömstigen 4 har rätt.", letter="Till Stina Hemlig, Gömstigen 4")
    protect("skydd")
    browser = come_in("skydd")
    told = page(browser, f"{MINE}arende/{rid}/")
    assert "Stina" not in told
    assert "brev/" not in told
    assert browser.get(f"{MINE}arende/{rid}/brev/{decision}/").status_code == 404


def test_a_mark_takes_effect_in_a_session_by_code_that_is_open(
    propose_for: Callable[..., str], protect: Callable[[str], None], loans: Any, officer: Actor
) -> None:
    rid = propose_for("skydd", note="Stina Hemlig, Gömstigen 4")
    browser = Client()
    browser.post("/mitt-arende/", {"code": issue_case_code(actor=officer, system=loans, rids=[rid])})
    assert "Gömstigen" in page(browser, f"{MINE}arende/{rid}/")
    protect("skydd")
    assert "Gömstigen" not in page(browser, f"{MINE}arende/{rid}/")


def test_a_case_about_several_persons_names_nobody(propose_for: Callable[..., str], loans: Any, rights_officer: Actor) -> None:
    propose_for("anna", case="SN 2026-30")
    propose_for("bengt", case="SN 2026-30")
    with pytest.raises(InvalidInput, match="flera personer"):
        authority.find_person(actor=rights_officer, place="whom_number", system=loans, case="SN 2026-30")
