"""The extract: everything about the person and nothing about anybody else, made while it is shown and kept nowhere."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.feedback import limits
from insyn.web.feedback.models import Tries
from insyn.web.residents.sessions import COOKIE, begin_session
from insyn.web.residents.standing import OWN_CASE, RESIDENT, Via, token_of
from insyn.web.rights import extract_views
from insyn.web.rights.actions import enter_request
from insyn.web.rights.models import RightsRequest
from insyn.web.rights.words import Channel, RequestKind
from tests.web.rights.conftest import ADA, BEA

pytestmark = pytest.mark.django_db(transaction=True)
EXTRACT, FILE = "/mina-sidor/begaran/utdrag/", "/mina-sidor/begaran/utdrag.json"


def size(sequencer: Any) -> int:
    """How many entries the log has."""
    from insyn.core.messages import Ping

    return int(sequencer.client().ask_new(lambda number: Ping(id=number)).size)


def by_eid(number: str) -> Client:
    browser = Client()
    _session, key = begin_session(via=Via.EID, token=token_of(number, actor=RESIDENT, purpose=OWN_CASE))
    browser.cookies[COOKIE] = key
    return browser


def test_the_extract_holds_the_persons_own_records_in_words_and_for_machines(
    loans: Any, propose: Callable[..., str], sequencer: Any, settings: Any
) -> None:
    first, second, other = (
        propose(ADA, note="Ring 19121212-1212"),
        propose(ADA, case="SN 2026-9"),
        propose(BEA, case="SN 2026-8", note="Beas anteckning"),
    )
    ada = by_eid(ADA)
    assert first not in ada.get(EXTRACT).content.decode(), "nothing is opened before it is asked for"
    before = size(sequencer)
    page = html.unescape(ada.post(EXTRACT).content.decode())
    for words in (first, second, "31\u00a0000", "Avslå", "Ring ••••••-••••"):
        assert words in page, words
    for secret in (other, "Beas", "19121212"):
        assert secret not in page
    assert size(sequencer) >= before + 3, "two records and the look-up each leave an entry"
    sent = ada.post(FILE)
    told = json.loads(sent.content)
    assert sent["Content-Type"] == "application/json"
    assert "no-store" in sent["Cache-Control"]
    assert told["format"] == "insyn-extract/1"
    assert [one["rid"] for one in told["systems"][0]["records"]] == [first, second]
    assert told["systems"][0]["records"][0]["groups"]["input"]["income"] == 31000
    assert told["systems"][0]["purposes"] == ["Lån"]
    assert "19121212" not in sent.content.decode()
    asked = RightsRequest.objects.get()
    assert (asked.kind, asked.state, asked.answer) == ("extract", "answered", "")
    kept = b"".join(path.read_bytes() for path in settings.HOME.root.rglob("*") if path.is_file())
    assert b"31\xc2\xa0000" not in kept
    assert not ada.session.keys()


def test_a_code_gives_the_extract_of_its_case_alone(loans: Any, propose: Callable[..., str], letter_of: Callable[..., Any]) -> None:
    from tests.web.rights.conftest import come_in

    mine, second = propose(ADA), propose(ADA, case="SN 2026-9")
    browser = come_in(letter_of(loans, mine))
    page = browser.post(EXTRACT).content.decode()
    assert mine in page
    assert second not in page
    assert browser.get(FILE).status_code == 405


def test_on_paper_an_officer_makes_it_and_a_silent_log_answers_nothing(
    loans: Any, propose: Callable[..., str], rights_officer: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    rid, other = propose(ADA), propose(BEA, case="SN 2026-8")
    token = token_of(ADA, actor=rights_officer, purpose="rights_request")
    asked = enter_request(actor=rights_officer, channel=Channel.LETTER, kind=RequestKind.EXTRACT, token=token)
    browser = sign_in(rights_officer)
    page = browser.post(f"/arbete/rattigheter/{asked.receipt}/utdrag/").content.decode()
    assert rid in page
    assert other not in page
    ada = by_eid(ADA)
    sequencer.kill()
    assert browser.post(f"/arbete/rattigheter/{asked.receipt}/utdrag/").status_code == 503
    assert ada.post(EXTRACT).status_code == 503
    assert RightsRequest.objects.get().is_open, "what was not shown is not answered"
    asked.state = "answered"
    asked.save()
    assert browser.post(f"/arbete/rattigheter/{asked.receipt}/utdrag/").status_code == 409


def test_an_hour_has_its_share_of_an_extract_and_everybody_comes_to_the_end_of_theirs(
    loans: Any, propose: Callable[..., str], sequencer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rids = [propose(ADA, case=f"SN 2026-{number}") for number in range(3)]
    propose(BEA)
    monkeypatch.setattr(extract_views, "PAGE", 1)
    monkeypatch.setitem(limits.MOST, "extract", 2)
    ada = by_eid(ADA)
    assert ada.post(EXTRACT).status_code == 200
    assert "Spara den här sidan som en fil" in ada.post(EXTRACT, {"sida": "2"}).content.decode()
    before = size(sequencer)
    for address in (EXTRACT, FILE):
        answer = ada.post(address, {"sida": "3"})
        told = html.unescape(answer.content.decode())
        assert answer.status_code == 429
        again = timezone.localtime(Tries.objects.get(what="extract").started + limits.WINDOW)
        assert f"Kom tillbaka klockan {again:%H:%M}, så får du mer." in told
        assert "Fortsätt då från sida 3." in told
        assert not any(rid in told for rid in rids)
    assert size(sequencer) == before, "nothing was looked up or opened"
    assert by_eid(ADA).post(EXTRACT).status_code == 429, "a new sign-in is the same person"
    assert by_eid(BEA).post(EXTRACT).status_code == 200, "and somebody else is not"
    assert "Fortsätt från en senare sida" in ada.get(EXTRACT).content.decode()
    Tries.objects.update(started=clock.now() - limits.WINDOW)
    assert rids[2] in ada.post(EXTRACT, {"sida": "3"}).content.decode()
    assert [one["rid"] for one in json.loads(ada.post(FILE, {"sida": "2"}).content)["systems"][0]["records"]] == [rids[1]]
