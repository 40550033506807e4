"""Atom and iCal of the public record: what the public log holds, the same bytes for the same register, nothing that is withheld."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client
from icalendar import Calendar

from insyn.core.home import Home
from insyn.core.messages import Actor
from insyn.web.clock import today
from insyn.web.feedback.actions import answer_message, publish_message, unpublish_message
from insyn.web.feedback.events import events
from insyn.web.participation import rounds
from insyn.web.register.actions import describe_system, set_visibility
from insyn.web.register.entry import Level, Reading
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"
FEED, ALL = "/system/lanestod/handelser.atom", "/handelser.atom"


def entries(response: Any) -> list[Element]:
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/atom+xml")
    return list(fromstring(response.content).findall(f"{ATOM}entry"))


def titles(response: Any) -> list[str]:
    return [entry.findtext(f"{ATOM}title") or "" for entry in entries(response)]


def test_decisions_changes_rounds_and_answers_are_told_newest_first(
    in_use: System, owner: Actor, client: Client, publish: Callable[..., int], say: Callable[..., Any]
) -> None:
    publish()
    size = publish()
    describe_system(actor=owner, system=in_use, description_sv="Ny text.")
    texts = {"title_sv": "Vad är svårt?", "question_sv": "Läs brevet.", "groups_sv": "Sökande"}
    row = rounds.make_round(actor=owner, system=in_use, opens=today(), closes=today() + timedelta(days=9), **texts)
    rounds.open_round(actor=owner, asked=row)
    message = say(kind="question").message
    answer_message(actor=owner, message=message, answer="Därför.")
    publish_message(actor=owner, message=message, question_shown="Varför?", answer_shown="Därför.", looked=True)
    publish()
    first = (today(), today() + timedelta(days=9))
    assert [event.title for event in events(size, 10_000, most=50)] == [
        "Lånestöd: En fråga eller rapport från allmänheten är besvarad på sidan",
        f"Lånestöd: Du tillfrågas: Vad är svårt?. Öppet från {first[0]} till och med {first[1]}".replace("?.", "?."),
        "Lånestöd: Ändrat i registret: Beskrivning",
    ]
    assert "Lånestöd: Beslutade om användning" in titles(client.get(FEED))
    assert titles(client.get(FEED)) == titles(client.get(ALL))
    unpublish_message(actor=owner, message=message, why="Ett namn.")
    assert not any("allmänheten" in title for title in titles(client.get(FEED)))


def test_an_entry_has_the_address_of_its_place_in_the_log_for_good(in_use: System, client: Client, publish: Callable[..., int]) -> None:
    publish()
    found = entries(client.get(FEED))
    index = Act.objects.get(verb="decide_use").log_index
    ids = [entry.findtext(f"{ATOM}id") for entry in found]
    assert f"http://testserver/logg/post/{index}/" in ids
    assert len(set(ids)) == len(ids)
    assert all((entry.findtext(f"{ATOM}updated") or "").endswith(("Z", "+00:00")) for entry in found)


def test_nothing_is_told_before_the_public_checkpoint(system: System, owner: Actor, client: Client, publish: Callable[..., int]) -> None:
    size = publish()
    describe_system(actor=owner, system=system, description_sv="Ny text.")
    publish(size)
    assert titles(client.get(FEED)) == ["Lånestöd: Ändrat i registret: Versioner", "Lånestöd: Ny i registret"]
    publish()
    assert titles(client.get(FEED))[0] == "Lånestöd: Ändrat i registret: Beskrivning"


def test_where_nothing_is_published_the_feed_is_empty_and_stays_the_same(system: System, client: Client, home: Home) -> None:
    assert entries(client.get(FEED)) == []
    assert client.get(FEED).content == client.get(FEED).content


def test_what_is_withheld_today_is_told_nowhere(system: System, owner: Actor, client: Client, publish: Callable[..., int]) -> None:
    describe_system(actor=owner, system=system, supplier="Hemlig AB")
    publish()
    assert "Leverantör" in titles(client.get(FEED))[0]
    set_visibility(actor=owner, system=System.objects.get(pk=system.pk), readings={"supplier": Reading(Level.INTERNAL)})
    publish()
    assert "Leverantör" not in "".join(titles(client.get(FEED)))
    assert "Hemlig" not in client.get(FEED).content.decode()


def test_who_has_the_feed_gets_only_its_tag(system: System, owner: Actor, client: Client, publish: Callable[..., int]) -> None:
    publish()
    first = client.get(FEED)
    assert client.get(FEED, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    assert client.get(FEED, HTTP_IF_MODIFIED_SINCE=first["Last-Modified"]).status_code == 200, "what is taken back leaves no newer event"
    assert "public" in first["Cache-Control"]
    describe_system(actor=owner, system=system, description_sv="Ny text.")
    publish()
    assert client.get(FEED, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_a_hostile_name_breaks_no_feed(make_system: Callable[..., System], client: Client, publish: Callable[..., int]) -> None:
    make_system(name_sv="<b>&]]>\x0b\x00 Namn", name_en="Name")
    publish()
    assert titles(client.get(FEED))[-1:] == ["<b>&]]> Namn: Ny i registret"]


def test_the_calendar_of_a_system_has_its_evaluation_and_its_round(in_use: System, owner: Actor, client: Client) -> None:
    texts = {"title_sv": "Vad är svårt?", "question_sv": "Läs brevet.", "groups_sv": "Sökande"}
    row = rounds.make_round(actor=owner, system=in_use, opens=today(), closes=today() + timedelta(days=9), **texts)
    rounds.open_round(actor=owner, asked=row)
    response = client.get("/system/lanestod/kalender.ics")
    found = [str(event["SUMMARY"]) for event in Calendar.from_ical(response.content).walk("VEVENT")]
    assert found == ["Sista dag att svara: Vad är svårt?", "Utvärdering: Lånestöd"]
    assert client.get("/system/lanestod/kalender.ics", HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    assert client.get("/system/saknas/kalender.ics").status_code == 404


def test_the_record_shows_where_its_feeds_are(system: System, client: Client) -> None:
    page = client.get("/system/lanestod/").content.decode()
    assert f'<link rel="alternate" type="application/atom+xml" title="Lånestöd" href="{FEED}">' in page
    assert "/system/lanestod/kalender.ics" in page


def test_thousands_of_changes_are_told_in_one_letter(system: System, owner: Actor, publish: Callable[..., int]) -> None:
    """After a register has been read in: SQLite takes no question that names so many changes at once."""
    from insyn.web.history.models import Revision

    describe_system(actor=owner, system=system, description_sv="Ny text.")
    size, newest = publish(), Revision.objects.filter(system=system).latest("number")
    fields = {"system": system, "act": newest.act, "at": newest.at, "digest": newest.digest, "content": newest.content}
    Revision.objects.bulk_create(Revision(number=newest.number + 1 + n, **fields) for n in range(1_200))
    assert events(0, size, most=2_000)
