"""The calendar page, the secret feed and the public feed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.actions import end_mandate
from insyn.web.accounts.models import Mandate
from insyn.web.clock import today
from insyn.web.portfolio.actions import rotate_calendar_address
from insyn.web.portfolio.models import CalendarAddress, Standing
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def events(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    return {str(event["SUMMARY"]): event for event in Calendar.from_ical(response.content).walk("VEVENT")}


def test_a_month_lists_what_happens_on_its_days(in_use: System, sign_in: Any, owner: Actor, member: Actor) -> None:
    in_use.refresh_from_db()
    day = in_use.evaluation_due
    page = sign_in(owner).get(f"/arbete/kalender/?manad={day:%Y-%m}", **ENGLISH).content.decode()
    assert day.isoformat() in page
    assert "Evaluation: Loan support" in page
    empty = sign_in(member).get("/arbete/kalender/?manad=2031-05", **ENGLISH).content.decode()
    assert "Nothing ends or happens in this month." in empty


@pytest.mark.parametrize("month", ["2026-13", "x", "2026", "0001-01", "9999-12", "2026-1", "'; drop"])
def test_a_month_that_is_none_is_no_page(sign_in: Any, owner: Actor, month: str) -> None:
    assert sign_in(owner).get("/arbete/kalender/", {"manad": month}).status_code == 400


def test_a_secret_address_gives_ones_own_days_without_signing_in(in_use: System, owner: Actor, client: Client) -> None:
    token = rotate_calendar_address(actor=owner)
    found = events(client.get(f"/kalender/{token}.ics"))
    in_use.refresh_from_db()
    event = found["Utvärdering: Lånestöd"]
    assert event.decoded("DTSTART") == in_use.evaluation_due
    assert str(event["URL"]).endswith(f"/arbete/system/{in_use.slug}/krav/")
    assert len({str(event["UID"]) for event in found.values()}) == len(found)


def test_the_feed_names_no_person(in_use: System, owner: Actor, person: Callable[..., Actor], client: Client) -> None:
    text = client.get(f"/kalender/{rotate_calendar_address(actor=person(Role.AI_COORDINATOR))}.ics").content.decode()
    for name in (owner.name, owner.person, "Prov"):
        assert name not in text.replace("PRODID", "")


def test_the_token_is_stored_nowhere(owner: Actor) -> None:
    token = rotate_calendar_address(actor=owner)
    assert token not in str(list(CalendarAddress.objects.values()))
    assert token not in str(list(Act.objects.values()))
    assert len(token) >= 43


def test_a_new_address_kills_the_old_one(owner: Actor, client: Client) -> None:
    old, new = rotate_calendar_address(actor=owner), rotate_calendar_address(actor=owner)
    assert client.get(f"/kalender/{old}.ics").status_code == 404
    assert client.get(f"/kalender/{new}.ics").status_code == 200
    assert Act.objects.filter(verb="rotate_calendar_address").count() == 2


def test_every_address_that_leads_nowhere_gets_the_same_answer(owner: Actor, administrator: Actor, client: Client) -> None:
    token = rotate_calendar_address(actor=owner)
    mandate = Mandate.objects.get(user__person=owner.person)
    end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutat")
    answers = [client.get(f"/kalender/{word}.ics") for word in (token, "x" * 43, "offentlig2", "%00", "ååå")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"")}


def test_the_settings_page_shows_the_address_once(sign_in: Any, owner: Actor) -> None:
    client = sign_in(owner)
    page = client.post("/arbete/installningar/", {"what": "rotate"}, **ENGLISH).content.decode()
    found = re.search(r"http://testserver/kalender/[\w-]{43}\.ics", page)
    assert found
    assert client.get(found[0].removeprefix("http://testserver")).status_code == 200
    assert "/kalender/" not in client.get("/arbete/installningar/", **ENGLISH).content.decode().replace("/arbete/kalender/", "")


def test_the_public_feed_holds_evaluations_and_nothing_that_is_withheld(in_use: System, make_system: Any, client: Client) -> None:
    make_system("hemligt", name_sv="Provas ännu")
    response = client.get("/kalender/offentlig.ics")
    assert list(events(response)) == ["Utvärdering: Lånestöd"]
    Standing.objects.filter(system=in_use).update(evaluation_public=False)
    assert events(client.get("/kalender/offentlig.ics")) == {}


def test_a_name_with_signs_of_the_format_breaks_no_line(in_use: System, client: Client) -> None:
    System.objects.filter(pk=in_use.pk).update(name_sv="A;B,C\nBEGIN:VEVENT" + "å" * 90)
    found = events(client.get("/kalender/offentlig.ics"))
    assert len(found) == 1
    assert "A;B,C" in next(iter(found))


@pytest.mark.parametrize(("month", "word"), [("2020-01", "Previous month"), ("2100-12", "Next month")])
def test_the_calendar_leads_to_no_month_that_is_none(sign_in: Any, owner: Actor, month: str, word: str) -> None:
    page = sign_in(owner).get(f"/arbete/kalender/?manad={month}", **ENGLISH).content.decode()
    assert word not in page
    assert "This month" in page
