"""The person's pages against a real log: asking without script, floods, and one resident at another's request."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from insyn.web.relay import relay_once
from insyn.web.rights.models import RightsRequest
from tests.web.rights.conftest import come_in

pytestmark = pytest.mark.django_db(transaction=True)


def body(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_asking_following_adding_and_taking_back(
    loans: Any, propose: Callable[..., str], letter_of: Callable[..., Any], sequencer: Any
) -> None:
    rid = propose()
    browser = come_in(letter_of(loans, rid))
    page = body(browser.get(f"/mina-sidor/begaran/ny/rattelse/?arende={rid}"))
    for words in (
        "Vilken uppgift är fel",
        "dataskyddsförordningen, artikel 16",
        "förvaltningslagen, 36 §",
        "kvittonummer",
        "Det kostar inget",
    ):
        assert words in page, words
    assert "<script" not in page
    refused = browser.post("/mina-sidor/begaran/ny/rattelse/", {"arende": rid, "message": ""})
    assert refused.status_code == 422
    assert ">Vilken uppgift är fel, och hur borde det stå? Detta fält måste fyllas i.</a>" in body(refused), "the summary names the field"
    assert re.search(rf'value="{rid}"[^>]*>[^<]+, \d{{4}}-\d\d-\d\d, post \d+<', page), "two cases of one day are told apart"
    sent = browser.post("/mina-sidor/begaran/ny/rattelse/", {"arende": rid, "message": "Inkomsten är 32 000, inte 31 000."})
    asked = RightsRequest.objects.get()
    assert sent["Location"] == f"/mina-sidor/begaran/{asked.receipt}/"
    shown = body(browser.get(sent["Location"]))
    for words in (asked.receipt, "inte 31 000", asked.due.isoformat(), "på väg"):
        assert words in shown, words
    relay_once(sequencer.client())
    asked.act.refresh_from_db()
    assert f"post {asked.act.log_index}" in body(browser.get(sent["Location"]))
    browser.post(f"{sent['Location']}tillagg/", {"text": "Se lönebeskedet."})
    assert "Se lönebeskedet." in body(browser.get(sent["Location"]))
    browser.post(f"{sent['Location']}ta-tillbaka/")
    assert "Återtagen" in body(browser.get("/mina-sidor/begaran/"))
    erasure = body(browser.get(f"/mina-sidor/begaran/ny/radering/?arende={rid}"))
    for words in ("arkivlagen, 3 och 10 §§", "Beslutet fattas av nämnden", "En annan människa utför det"):
        assert words in erasure, words
    easy = body(browser.get("/mina-sidor/begaran/?lattlast=1"))
    assert "En människa läser ditt ärende igen." in easy
    assert "/mina-sidor/begaran/ny/manniska/?lattlast=1" in easy


def test_what_was_typed_comes_back_and_somebody_elses_is_unknown(
    loans: Any, propose: Callable[..., str], letter_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = propose(), propose(case="SN 2026-8")
    ada, bea = come_in(letter_of(loans, mine)), come_in(letter_of(loans, theirs))
    bea.post("/mina-sidor/begaran/ny/forklaring/", {"arende": theirs, "message": "Hemligt."})
    hers = RightsRequest.objects.get()
    answers = [ada.get(f"/mina-sidor/begaran/{receipt}/") for receipt in (hers.receipt, "0000-0000-0000")]
    answers += [ada.post(f"/mina-sidor/begaran/{receipt}/ta-tillbaka/") for receipt in (hers.receipt, "0000-0000-0000")]
    answers += [ada.get(f"/mina-sidor/begaran/ny/rattelse/?arende={rid}") for rid in (theirs, "0" * 32)]
    assert {answer.status_code for answer in answers} == {404}
    assert "Hemligt" not in "".join(map(body, answers))
    hers.refresh_from_db()
    assert hers.is_open
    assert ada.post("/mina-sidor/begaran/ny/rattelse/", {"arende": theirs, "message": "Min."}).status_code == 422
    monkeypatch.setattr("insyn.web.rights.actions.MOST_OPEN", 1)
    ada.post("/mina-sidor/begaran/ny/forklaring/", {"arende": mine, "message": "Hur?"})
    answer = ada.post("/mina-sidor/begaran/ny/invandning/", {"arende": mine, "message": "Jag vill inte det här."})
    assert answer.status_code == 422
    for words in ("Jag vill inte det här.", "Inget går förlorat"):
        assert words in body(answer), words
