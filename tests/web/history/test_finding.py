"""Lists and searches find entries by what they say, in compounds too, and read as many rows in a large register as in a small one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insyn.core.messages import Actor
from insyn.web.accounts.actions import open_office
from insyn.web.accounts.models import Office
from insyn.web.accounts.organisation import rename_office
from insyn.web.history import finding
from insyn.web.history.finding import below, listings, matching
from insyn.web.register.actions import describe_system, place_system
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bygglov", True),
        ("lovsgransk", True),
        ("BYGGLOV", True),
        ("by", True),
        ("b", True),
        ("yg", False),
        ("bygg lov gransk", True),
        ("bygglov finnsinte", False),
        ("ö", False),
        ("över", False),
        ('"', False),
        ("-", False),
        ("bygglov*", False),
        ("public : bygglov", False),
        ("bygglov OR finnsinte", False),
        ("x\0y", False),
    ],
)
def test_words_are_found_inside_compounds_and_signs_mean_nothing(make_system: Callable[..., System], words: str, found: bool) -> None:
    made = make_system("gransk", name_sv="Bygglovsgranskaren", name_en="Permit checker")
    assert (made.pk in (matching(words, "public") or [])) is found


def test_no_word_is_no_search_and_signs_alone_find_nothing(system: System) -> None:
    assert matching("  ", "public") is None
    assert matching("- !", "public") == []


def test_what_an_entry_is_found_by_follows_its_change(system: System, owner: Actor) -> None:
    describe_system(actor=owner, system=system, name_sv="Bostadsstödet")
    assert matching("bostadsstöd", "public") == [system.pk]
    assert matching("lånestöd", "public") == []


def test_a_search_with_too_many_hits_says_so(client: Any, make_system: Callable[..., System], monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        make_system(f"lan-{number}")
    monkeypatch.setattr(finding, "MOST", 3)
    found = listings("lånestöd", public=True, filters={})
    assert found.cut
    assert found.rows.count() == 3


def test_swedish_letters_sort_last(make_system: Callable[..., System], client: Any) -> None:
    for slug, name in (("a", "Ärendet"), ("b", "Zonen"), ("c", "Åtgärden"), ("d", "Översikten")):
        make_system(slug, name_sv=name)
    page = client.get("/").content.decode()
    places = [page.index(f"/system/{slug}/") for slug in ("b", "c", "a", "d")]
    assert places == sorted(places)


def test_the_list_is_narrowed_by_office_with_all_below_it(client: Any, system: System, owner: Actor, administrator: Actor) -> None:
    home = Office.objects.get(slug="kontoret")
    open_office(actor=administrator, slug="enheten", name_sv="Enheten", name_en="The unit", kind="administration", parent=home)
    place_system(actor=owner, system=system, office=Office.objects.get(slug="enheten"))
    assert set(below("kontoret")) == {home.pk, Office.objects.get(slug="enheten").pk}
    assert "/system/lanestod/" in client.get("/", {"namnd": "kontoret"}).content.decode()
    assert "/system/lanestod/" not in client.get("/", {"namnd": "finns-inte"}).content.decode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"lage": "not_approved"}, True),
        ({"lage": "in_use"}, False),
        ({"lage": "stopped"}, False),
        ({"lage": "retired"}, False),
        ({"lage": "refused"}, False),
        ({"lage": "paused"}, False),
        ({"lage": "overdue"}, False),
        ({"lage": "in_use_outside"}, False),
        ({"lage": "okänt"}, True),
        ({"art": "built"}, True),
        ({"art": "bought"}, False),
        ({"klass": "high_risk"}, False),
        ({"q": "lån", "art": "built", "lage": "not_approved"}, True),
    ],
)
def test_the_list_is_narrowed_by_status_kind_and_class(client: Any, system: System, asked: dict[str, str], found: bool) -> None:
    assert ('href="/system/lanestod/"' in client.get("/", asked).content.decode()) is found


def test_a_system_in_use_is_found_as_such(client: Any, in_use: System) -> None:
    assert 'href="/system/lanestod/"' in client.get("/", {"lage": "in_use"}).content.decode()
    assert 'href="/system/lanestod/"' not in client.get("/", {"lage": "not_approved"}).content.decode()


def test_a_renamed_office_is_found_by_its_new_name(client: Any, system: System, administrator: Actor) -> None:
    rename_office(actor=administrator, office=system.office, name_sv="Bostadsnämnden", name_en="Housing board")
    assert "/system/lanestod/" in client.get("/", {"q": "bostadsnämnd"}).content.decode()


@pytest.mark.parametrize("address", ["/", "/?q=lånestöd", "/arbete/system/", "/arbete/system/?q=lånestöd"])
def test_a_list_asks_as_many_questions_of_the_database_for_many_systems_as_for_few(
    sign_in: Any, make_system: Callable[..., System], member: Actor, address: str
) -> None:
    browser, asked = sign_in(member), []
    for slugs in (("a", "b"), ("c", "d", "e", "f", "g", "h")):
        for slug in slugs:
            make_system(slug)
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            browser.get(address)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_page_of_the_list_holds_twenty_five(client: Any, make_system: Callable[..., System]) -> None:
    for number in range(27):
        make_system(f"lan-{number:02}")
    first, second = (client.get("/", {"q": "lånestöd", "sida": page}).content.decode() for page in (1, 2))
    assert first.count("<h3>") == 25
    assert second.count("<h3>") == 2
    assert "q=l%C3%A5nest%C3%B6d&amp;sida=2" in first
