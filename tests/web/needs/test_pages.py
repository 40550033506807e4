"""The pages of the needs, at work and in public."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from needs_kit import WORDS, an_analysis

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.models import Office
from insyn.web.clock import today
from insyn.web.needs.actions import begin_system_from_need, decide_need
from insyn.web.needs.models import Need
from insyn.web.needs.waiting import calendar, items

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def text_of(response: Any) -> str:
    return str(response.content.decode())


def rows_sent(*rows: dict[str, str]) -> dict[str, str]:
    head = {"row-TOTAL_FORMS": str(len(rows)), "row-INITIAL_FORMS": "0", "row-MIN_NUM_FORMS": "0", "row-MAX_NUM_FORMS": "12"}
    return head | {f"row-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}


def analysis_sent(need: Need, **changes: str) -> dict[str, str]:
    whole = an_analysis()
    rows = whole.pop("alternatives")
    return {**rows_sent(*rows), **whole, "revision": str(need.revision), **changes}


def test_a_need_is_raised_on_the_page(sign_in: Any, person: Callable[..., Actor]) -> None:
    browser = sign_in(person(Role.CASE_OFFICER))
    office = Office.objects.get(slug="kontoret")
    response = browser.post("/arbete/behov/nytt/", {**WORDS, "office": office.slug})
    assert response.headers["Location"] == "/arbete/behov/"
    page = text_of(browser.get("/arbete/behov/", **ENGLISH))
    assert "Faster answers on building permits" in page
    assert "Waits for analysis" in page


def test_what_is_missing_is_said_and_what_was_written_stands(sign_in: Any, person: Callable[..., Actor]) -> None:
    page = text_of(sign_in(person(Role.CASE_OFFICER)).post("/arbete/behov/nytt/", {**WORDS, "problem": ""}, **ENGLISH))
    assert "This stands in the way" in page
    assert "Svar samma dag." in page


def test_the_solutions_are_weighed_on_the_page(need: Need, sign_in: Any, coordinator: Actor) -> None:
    browser, address = sign_in(coordinator), f"/arbete/behov/{need.number}/"
    response = browser.post(f"{address}analys/", analysis_sent(need))
    assert response.headers.get("Location") == address, text_of(response)
    page = text_of(browser.get(address, **ENGLISH))
    assert "Bättre webbsida" in page
    assert "Decided by one of these, who did not analyse it:" in page


def test_one_more_row_keeps_what_is_written(need: Need, sign_in: Any, coordinator: Actor) -> None:
    page = text_of(sign_in(coordinator).post(f"/arbete/behov/{need.number}/analys/", {**analysis_sent(need), "more": "1"}, **ENGLISH))
    assert "Solution 3" in page
    assert "Chattbot" in page
    assert 'role="alert"' not in page
    assert not need.analyses.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"row-1-cost": ""}, "Solution 2, Cost: This is required."),
        ({"row-1-kind": "ai"}, "Missing: Traditional solution"),
        ({"chosen": "Magi"}, "Name one of the solutions that were weighed."),
        ({"revision": "99"}, "Somebody else has changed the need"),
        ({"row-TOTAL_FORMS": "x"}, "ManagementForm"),
        ({"row-TOTAL_FORMS": "5000"}, "12"),
    ],
)
def test_an_analysis_that_is_not_whole_says_where(
    need: Need, sign_in: Any, coordinator: Actor, changes: dict[str, str], words: str
) -> None:
    response = sign_in(coordinator).post(f"/arbete/behov/{need.number}/analys/", analysis_sent(need, **changes), **ENGLISH)
    page = text_of(response)
    assert response.status_code == 200
    assert words in page
    assert "Samma nytta, mindre risk." in page
    assert not need.analyses.exists()


def test_a_need_is_decided_on_the_page_and_its_result_is_public(analysed: Need, sign_in: Any, member: Actor, client: Any) -> None:
    browser, address = sign_in(member), f"/arbete/behov/{analysed.number}/"
    assert client.get(f"/behov/{analysed.number}/").status_code == 404
    sent = {
        "what": "decide",
        "revision": str(analysed.revision),
        "outcome": "traditional",
        "why_sv": "En webbsida räcker.",
        "why_en": "A web page will do.",
        "case_number": "KS 2026/5",
        "decided_on": today().isoformat(),
    }
    assert browser.post(address, sent).headers.get("Location") == address
    browser.logout()
    page = text_of(client.get(f"/behov/{analysed.number}/", **ENGLISH))
    for words in ("A traditional solution", "A web page will do.", "Chattbot", "Samma nytta", "KS 2026/5"):
        assert words in page
    assert "Bättre webbsida" in text_of(client.get(f"/behov/{analysed.number}/"))


def test_the_public_page_names_offices_and_no_officials(for_ai: Need, client: Any, member: Actor, coordinator: Actor) -> None:
    page = text_of(client.get(f"/behov/{for_ai.number}/"))
    assert "Kontoret" in page
    for name in (member.name, coordinator.name, str(for_ai.raised_by)):
        assert name not in page


def test_a_need_that_is_not_decided_is_not_public(analysed: Need, client: Any) -> None:
    page = text_of(client.get("/behov/", **ENGLISH))
    assert analysed.title_en not in page
    assert "1 need is not decided yet." in page
    assert "No need is decided yet." in page


def test_the_public_list_is_filtered_by_what_needs_ended_in(for_ai: Need, client: Any) -> None:
    assert for_ai.title_en in text_of(client.get("/behov/?outcome=ai&area=meetings&q=bygg", **ENGLISH))
    assert "No need matches." in text_of(client.get("/behov/?outcome=no", **ENGLISH))
    assert client.get("/behov/?page=x&outcome=%00&area=<script>").status_code == 200


def test_what_was_written_is_shown_as_text_and_never_as_markup(raise_one: Any, sign_in: Any, coordinator: Actor) -> None:
    found = raise_one(title_sv="<script>alert(1)</script>", problem="<img src=x onerror=alert(1)>")
    page = text_of(sign_in(coordinator).get(f"/arbete/behov/{found.number}/"))
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_page_of_an_old_need_says_that_it_is_decided_already(for_ai: Need, sign_in: Any, member: Actor) -> None:
    sent = {"what": "decide", "revision": "1", "outcome": "ai", "why_sv": "Ja.", "case_number": "1", "decided_on": today().isoformat()}
    page = text_of(sign_in(member).post(f"/arbete/behov/{for_ai.number}/", sent, **ENGLISH))
    assert "Somebody else has changed the need" in page
    assert for_ai.decisions.count() == 1
    assert sign_in(member).post(f"/arbete/behov/{for_ai.number}/", {"what": "magic"}).status_code == 404


def test_the_page_of_an_office_that_may_not_says_which_may(need: Need, sign_in: Any, person: Callable[..., Actor]) -> None:
    response = sign_in(person(Role.CASE_OFFICER)).get(f"/arbete/behov/{need.number}/analys/", **ENGLISH)
    assert response.status_code == 403
    assert "System owner" in text_of(response)


def test_a_system_begins_on_the_page(for_ai: Need, sign_in: Any, owner: Actor) -> None:
    browser = sign_in(owner)
    words = {"slug": "byggsvar", "name_sv": "B", "name_en": "B", "summary_sv": "S", "summary_en": "S", "kind": "bought"}
    sent = {**words, "reach": "every_call", "revision": str(for_ai.revision)}
    response = browser.post(f"/arbete/behov/{for_ai.number}/system/", sent)
    assert response.headers.get("Location") == "/arbete/system/byggsvar/krav/", text_of(response)
    assert for_ai.number in text_of(browser.get("/arbete/system/byggsvar/"))
    page = text_of(browser.get(f"/behov/{for_ai.number}/"))
    assert "/system/byggsvar/" in page


def test_each_office_sees_the_need_that_waits_for_it(
    need: Need, sign_in: Any, coordinator: Actor, member: Actor, owner: Actor, user_of: Any
) -> None:
    from insyn.web.needs.actions import analyse_need

    def waits(actor: Actor) -> list[str]:
        return [item.kind for item in items(user_of(actor), frozenset({actor.role}), today())]

    assert (waits(coordinator), waits(member)) == (["need_analyse"], [])
    analyse_need(actor=coordinator, need=need, **an_analysis(chosen="Chattbot"))
    assert (waits(coordinator), waits(member)) == ([], ["need_decide"])
    decide_need(actor=member, need=need, outcome="ai", why_sv="Ja.", case_number="KS 1")
    assert (waits(owner), waits(member)) == (["need_begin"], [])
    words = {"slug": "b", "name_sv": "B", "name_en": "B", "summary_sv": "S", "summary_en": "S", "kind": "built", "reach": "every_call"}
    begin_system_from_need(actor=owner, need=need, **words)
    assert waits(owner) == []


def test_the_day_of_the_expected_benefit_stands_in_the_calendar(for_ai: Need) -> None:
    (dated,) = calendar(today())
    assert dated.day == today() + timedelta(days=90)
    assert dated.title.en == "Expected benefit of Faster answers on building permits"
