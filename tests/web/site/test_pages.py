"""The public pages as a resident meets them: readable, whole, without script, and honest about what is missing."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import Reach
from insyn.web import clock
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
PAGES = ["/", "/?q=finns-inte", "/system/lanestod/", "/logg/", "/logg/post/7/", "/om/", "/tillganglighet/", "/mitt-arende/", "/finns/inte/"]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_one_heading_a_language_a_skip_link_and_no_script(client: Any, system: System, address: str, language: str) -> None:
    answer = client.get(address, headers={"accept-language": language})
    page = answer.content.decode()
    bilingual = answer.status_code == 404 and "bilingual" in page
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert f'<html lang="{"sv" if bilingual else language}">' in page
    assert 'href="#main"' in page
    assert 'id="main"' in page
    assert "<script" not in page
    assert " style=" not in page
    assert re.search(r"<title>[^<]+ · Insyn</title>", page)


@pytest.mark.parametrize("address", ["/", "/system/lanestod/", "/logg/", "/om/", "/tillganglighet/"])
def test_a_public_page_sets_no_cookie(client: Any, system: System, address: str) -> None:
    assert not client.get(address).cookies


@pytest.mark.parametrize("address", ["/", "/system/lanestod/", "/mitt-arende/"])
def test_every_field_has_a_label_and_no_id_stands_twice(client: Any, system: System, address: str) -> None:
    page = client.get(address).content.decode()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    labelled = set(re.findall(r'<label for="([^"]+)"', page))
    fields = re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)
    for field in fields:
        if 'type="hidden"' not in field:
            assert re.search(r'id="([^"]+)"', field)[1] in labelled, field


def test_a_cache_is_told_that_the_language_comes_in_a_cookie(client: Any, system: System) -> None:
    client.post("/sprak/", {"language": "en", "next": "/"})
    assert "Cookie" in client.get("/")["Vary"]


def test_the_language_is_switched_in_place(client: Any, system: System) -> None:
    answer = client.post("/sprak/", {"language": "en", "next": "/system/lanestod/?x=1"})
    assert answer["Location"] == "/system/lanestod/?x=1"
    page = client.get("/system/lanestod/").content.decode()
    assert '<html lang="en">' in page
    assert "Loan support" in page


@pytest.mark.parametrize("place", ["foo", "site:start", "%ff"])
def test_a_place_without_a_slash_is_an_address_and_not_a_view(client: Any, db: None, place: str) -> None:
    assert client.post("/sprak/", {"language": "en", "next": place}).status_code == 302


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_language_switch_leads_nowhere_else(client: Any, db: None, place: str) -> None:
    assert client.post("/sprak/", {"language": "en", "next": place})["Location"] == "/"


@pytest.mark.parametrize(
    ("words", "found"),
    [("översätt", True), ("ÖVERSÄTT", True), ("oversatt", False), ("satt", False), ("SPRÅKBOLAGET", True), ("över kontoret", True)],
)
def test_search_knows_that_o_is_not_o_with_dots_and_capitals_do_not_matter(
    client: Any, make_system: Callable[..., System], words: str, found: bool
) -> None:
    make_system("tolk", name_sv="Översättaren", name_en="Interpreter", supplier="Språkbolaget")
    page = client.get("/", {"q": words}).content.decode()
    assert ("/system/tolk/" in page) is found


def test_an_empty_register_says_that_nothing_may_be_used(client: Any, opened: Any) -> None:
    assert "Inget AI-system får användas." in client.get("/").content.decode()


def test_what_is_missing_is_said(client: Any, system: System) -> None:
    page = html.unescape(client.get("/system/lanestod/").content.decode())
    assert "Inte godkänt för användning" in page
    assert "krav är inte uppfyllda." in page
    assert page.count("Saknas") > 6
    assert "Siffrorna är inte publicerade än." in page
    assert "Inget beslut är fattat." in page


def test_a_system_in_use_says_who_decides_and_when_it_is_evaluated(client: Any, in_use: System) -> None:
    page = html.unescape(client.get("/system/lanestod/").content.decode())
    assert "I drift" in page
    assert "En handläggare beslutar alltid." in page
    assert "KS 2026/1" in page
    assert in_use.evaluation_due.isoformat() in page
    assert "Försenad" not in page


def test_an_overdue_evaluation_is_said_in_words(client: Any, in_use: System, monkeypatch: pytest.MonkeyPatch) -> None:
    later = clock.now() + timedelta(days=800)
    monkeypatch.setattr(clock, "now", lambda: later)
    page = client.get("/system/lanestod/").content.decode()
    assert "utvärderingen är försenad" in page
    assert "Försenad" in page


def test_a_refused_system_stays_with_its_reason(client: Any, system: System, member: Actor) -> None:
    from insyn.web.register.actions import refuse_system

    refuse_system(actor=member, system=system, why_sv="Intrånget är för stort.", why_en="Too intrusive.", case_number="KS 2026/3")
    assert "/system/lanestod/" in client.get("/").content.decode()
    page = client.get("/system/lanestod/").content.decode()
    assert "Kommunen har sagt nej" in page
    assert "Intrånget är för stort." in page


def test_a_system_that_insyn_cannot_hold_says_so(client: Any, make_system: Callable[..., System]) -> None:
    made = make_system("chatt", reach=Reach.CONTRACT_ONLY)
    System.objects.filter(pk=made.pk).update(phase="in_use")
    page = client.get("/system/chatt/").content.decode()
    assert "utanför Insyns kontroll" in page
    assert "människor följer en daterad order" in page


def test_a_document_that_is_not_public_is_counted_and_not_shown(client: Any, system: System, owner: Actor) -> None:
    from insyn.core.terms import RecordKind
    from insyn.web.register.actions import supply_record

    due = (clock.today() + timedelta(days=90)).isoformat()
    content = {"summary": "Hemlig plan", "due": due}
    supply_record(actor=owner, system=system, kind=RecordKind.EVALUATION_PLAN, content=content, public=False)
    page = client.get("/system/lanestod/").content.decode()
    assert "1 handling visas inte här." in page
    assert "Hemlig plan" not in page


def test_a_page_of_text_that_looks_like_markup_stays_text(client: Any, make_system: Callable[..., System]) -> None:
    make_system("elak", name_sv="<b>Elak</b>", description_sv="<script>alert(1)</script>", manual_way_sv="<img src=x>")
    page = client.get("/system/elak/").content.decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>Elak" not in page + client.get("/").content.decode()
