"""An incident from report to close: its clocks run from the discovery, and it is not closed while somebody is left waiting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.incidents.drafting import draft_text
from insyn.web.incidents.handling import (
    close_incident,
    draft_notification,
    publish_incident,
    record_notification,
    report_incident,
    update_incident,
    waive_notification,
)
from insyn.web.incidents.models import Incident, Notification
from insyn.web.incidents.queries import incidents_for, public_incidents
from insyn.web.incidents.remedy import list_harmed_by_hand, put_right, tell_harmed
from insyn.web.incidents.waiting import calendar, items
from insyn.web.incidents.wording import clock_text, duration_text
from insyn.web.register.models import Act, System

pytestmark = [pytest.mark.usefixtures("real_law"), pytest.mark.django_db]
SEEN = datetime(2026, 11, 23, 10, 15, tzinfo=ZoneInfo("Europe/Stockholm"))
NO = dict.fromkeys(("personal_data", "security", "serious", "death", "widespread"), "no")


@pytest.fixture
def officer(person: Callable[..., Actor]) -> Actor:
    return person(Role.CASE_OFFICER)


@pytest.fixture
def report(system: System, officer: Actor, at: Callable[[datetime], None]) -> Callable[..., Incident]:
    """``report()``: a case officer reports, an hour after it was discovered."""
    at(SEEN + timedelta(hours=1))

    def make(**change: Any) -> Incident:
        fields = {"what": "Fel person fick brevet.", "kinds": ["data_disclosed"], "discovered_at": SEEN}
        return report_incident(actor=officer, system=system, **{**fields, **change})

    return make


def states(incident: Incident) -> dict[str, tuple[bool, str]]:
    return {row.deadline: (row.asked, row.state) for row in incident.notifications.all()}


def test_a_case_officers_report_starts_the_clocks_from_the_discovery(report: Callable[..., Incident]) -> None:
    incident = report()
    due = {row.deadline: row.due_at for row in incident.notifications.all()}
    assert due["breach-72-hours"] == SEEN + timedelta(hours=72)
    assert due["incident-24-hours"] == SEEN + timedelta(hours=24)
    assert "incident-one-month" in due
    assert Act.objects.get(verb="report_incident").text["what"] == "Fel person fick brevet."


@pytest.mark.parametrize("role", sorted(Role))
def test_everybody_who_works_here_may_report(
    report: Callable[..., Incident], person: Callable[..., Actor], system: System, role: Role
) -> None:
    found = report_incident(actor=person(role), system=system, what="Något är fel.", kinds=["other"], discovered_at=SEEN)
    assert found.state == "open"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"what": ""}, "what"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["magic"]}, "kinds"),
        ({"discovered_at": SEEN + timedelta(days=1)}, "discovered_at"),
        ({"discovered_at": datetime(2026, 11, 23, 10, 0)}, "discovered_at"),  # noqa: DTZ001 - a time without a zone is what is refused
        ({"happened_at": SEEN + timedelta(minutes=30)}, "happened_at"),
        ({"answers": {"serious": "maybe"}}, "serious"),
        ({"answers": {"weather": "no"}}, "weather"),
    ],
)
def test_a_faulty_report_is_refused_by_field(report: Callable[..., Incident], change: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        report(**change)
    assert refused.value.place == place
    assert not Incident.objects.exists()


def test_a_no_needs_its_reason_and_ends_the_clock_without_taking_it_away(report: Callable[..., Incident], owner: Actor) -> None:
    incident = report()
    with pytest.raises(InvalidInput) as refused:
        update_incident(actor=owner, incident=incident, revision=0, answers={"personal_data": "no"})
    assert refused.value.place == "why"
    update_incident(actor=owner, incident=incident, revision=0, answers={"personal_data": "no"}, why="Bara testdata.")
    assert states(incident)["breach-72-hours"] == (False, "open")
    assert states(incident)["incident-24-hours"] == (True, "open")
    update_incident(actor=owner, incident=incident, revision=1, answers={"personal_data": "yes"})
    assert states(incident)["breach-72-hours"] == (True, "open")


def test_two_who_write_at_once_do_not_overwrite_each_other(report: Callable[..., Incident], owner: Actor) -> None:
    incident = report()
    update_incident(actor=owner, incident=incident, revision=0, measures="Spärrat.")
    with pytest.raises(ChangedMeanwhile):
        update_incident(actor=owner, incident=incident, revision=0, measures="Annat.")
    incident.refresh_from_db()
    assert incident.measures == "Spärrat."


def test_only_those_who_handle_incidents_write_in_them(
    report: Callable[..., Incident], officer: Actor, person: Callable[..., Actor]
) -> None:
    incident = report()
    for actor in (officer, person(Role.ELECTED_MEMBER), person(Role.TECHNICIAN), person(Role.SYSTEM_OWNER, "annan")):
        with pytest.raises(NotAllowed):
            update_incident(actor=actor, incident=incident, revision=0, measures="x")
    assert update_incident(actor=person(Role.DATA_PROTECTION_OFFICER), incident=incident, revision=0, measures="x").measures == "x"
    with pytest.raises(NotAllowed):
        close_incident(actor=person(Role.DATA_PROTECTION_OFFICER), incident=incident, revision=1)


def test_a_late_notification_is_told_as_late_with_its_reason(
    report: Callable[..., Incident], owner: Actor, at: Callable[[datetime], None]
) -> None:
    row = report().notifications.get(deadline="breach-72-hours")
    at(SEEN + timedelta(hours=80))
    late = SEEN + timedelta(hours=75)
    with pytest.raises(InvalidInput) as refused:
        record_notification(actor=owner, notification=row, sent_at=late, reference="IMY-1")
    assert refused.value.place == "late_why"
    found = record_notification(actor=owner, notification=row, sent_at=late, reference="IMY-1", late_why="Ingen visste vem som anmäler.")
    assert found.was_late
    with pytest.raises(ActRefused, match=r"redan|already"):
        record_notification(actor=owner, notification=row, sent_at=late, reference="IMY-1", late_why="Igen")


@pytest.mark.parametrize("moved", [timedelta(hours=-1), timedelta(hours=2)])
def test_a_notification_is_not_sent_before_the_discovery_nor_ahead_of_now(
    report: Callable[..., Incident], owner: Actor, moved: timedelta
) -> None:
    row = report().notifications.get(deadline="breach-72-hours")
    with pytest.raises(InvalidInput) as refused:
        record_notification(actor=owner, notification=row, sent_at=SEEN + moved, reference="IMY-1")
    assert refused.value.place == "sent_at"


def test_the_draft_says_what_is_known_and_what_is_missing(report: Callable[..., Incident], owner: Actor) -> None:
    row = report(answers={"security": "no"}).notifications.get(deadline="breach-72-hours")
    text = draft_text(row)
    for known in ("Fel person fick brevet.", "IMY", "Provkommun", "2026-11-23 10:15", "Lånestöd"):
        assert known in text
    assert text.count("Saknas.") >= 4
    draft_notification(actor=owner, notification=row, draft=text)
    row.refresh_from_db()
    assert row.draft == text.strip()
    assert Act.objects.get(verb="draft_notification").text["deadline"] == "breach-72-hours"


def test_an_incident_is_closed_only_when_nobody_is_left_waiting(report: Callable[..., Incident], owner: Actor) -> None:
    incident = report(answers={**NO, "personal_data": "yes"})
    with pytest.raises(ActRefused) as first:
        close_incident(actor=owner, incident=incident, revision=0)
    assert len(first.value.reasons) == 3  # measures, the notification, the harmed
    update_incident(actor=owner, incident=incident, revision=0, measures="Brevet är hämtat.", handled=True)
    waive_notification(actor=owner, notification=incident.notifications.get(), why="Ingen risk: brevet var oöppnat.")
    list_harmed_by_hand(actor=owner, incident=incident, case_numbers=["SN 2026-7", "SN 2026-8", "SN 2026-7"])
    with pytest.raises(ActRefused) as second:
        close_incident(actor=owner, incident=incident, revision=1)
    assert len(second.value.reasons) == 2  # told, put right
    one, two = incident.harmed.all()
    tell_harmed(actor=owner, incident=incident, harmed=[one], how="Brev")
    tell_harmed(actor=owner, incident=incident, harmed=[two], excused_why="Skyddade uppgifter; företrädaren är underrättad.")
    put_right(actor=owner, incident=incident, harmed=[one], what="reconsidered")
    with pytest.raises(InvalidInput):
        put_right(actor=owner, incident=incident, harmed=[two], what="nothing_needed")
    put_right(actor=owner, incident=incident, harmed=[two], what="nothing_needed", why="Beslutet var rätt.")
    close_incident(actor=owner, incident=incident, revision=1)
    incident.refresh_from_db()
    assert incident.state == "closed"
    with pytest.raises(ActRefused, match=r"redan|already"):
        close_incident(actor=owner, incident=incident, revision=2)
    with pytest.raises(ActRefused):
        update_incident(actor=owner, incident=incident, revision=2, measures="Mer")


def test_that_nobody_was_harmed_takes_a_reason(report: Callable[..., Incident], owner: Actor) -> None:
    incident = report(answers=NO)
    update_incident(actor=owner, incident=incident, revision=0, measures="Rättat.")
    with pytest.raises(ActRefused):
        close_incident(actor=owner, incident=incident, revision=1)
    assert close_incident(actor=owner, incident=incident, revision=1, nobody_harmed_why="Upptäcktes i test.").state == "closed"


def test_told_and_excused_at_once_is_refused_and_so_is_twice(report: Callable[..., Incident], owner: Actor) -> None:
    incident = report()
    list_harmed_by_hand(actor=owner, incident=incident, case_numbers=["A-1"])
    row = incident.harmed.get()
    for words in ({"how": "Brev", "excused_why": "Nej"}, {}):
        with pytest.raises(InvalidInput):
            tell_harmed(actor=owner, incident=incident, harmed=[row], **words)
    with pytest.raises(InvalidInput):
        tell_harmed(actor=owner, incident=incident, harmed=[row], how="Brev", told_on=SEEN.date() - timedelta(days=1))
    tell_harmed(actor=owner, incident=incident, harmed=[row], how="Brev")
    with pytest.raises(ActRefused):
        tell_harmed(actor=owner, incident=incident, harmed=[row], how="Brev")
    with pytest.raises(ActRefused):
        list_harmed_by_hand(actor=owner, incident=incident, case_numbers=["A-1"])


def test_one_incidents_harmed_are_not_told_through_another(report: Callable[..., Incident], owner: Actor) -> None:
    one, other = report(), report()
    list_harmed_by_hand(actor=owner, incident=one, case_numbers=["A-1"])
    with pytest.raises(InvalidInput):
        tell_harmed(actor=owner, incident=other, harmed=list(one.harmed.all()), how="Brev")


def test_the_public_reads_the_number_and_only_the_texts_that_are_public(
    report: Callable[..., Incident], owner: Actor, system: System
) -> None:
    incident, _other = report(), report()
    with pytest.raises(InvalidInput) as refused:
        publish_incident(actor=owner, incident=incident, revision=0, public=True)
    assert refused.value.place == "text_sv"
    publish_incident(actor=owner, incident=incident, revision=0, public=True, text_sv="Ett brev gick till fel person.")
    found = public_incidents(system)
    assert (found.year, found.open, [one.public_text for one in found.shown]) == (2, 2, ["Ett brev gick till fel person."])


def test_who_reads_which_incidents(
    report: Callable[..., Incident], officer: Actor, owner: Actor, person: Callable[..., Actor], user_of: Any
) -> None:
    report()
    sees = {
        actor: incidents_for(user_of(actor), clock.today()).count()
        for actor in (officer, owner, person(Role.DATA_PROTECTION_OFFICER), person(Role.ELECTED_MEMBER), person(Role.SYSTEM_OWNER, "annan"))
    }
    assert list(sees.values()) == [1, 1, 1, 0, 0]


def test_each_clock_waits_for_those_who_handle_it_and_stands_in_the_calendar(
    report: Callable[..., Incident], owner: Actor, officer: Actor, person: Callable[..., Actor], user_of: Any
) -> None:
    report()

    def kinds(actor: Actor) -> list[str]:
        return [item.kind for item in items(user_of(actor), frozenset({actor.role}), clock.today()) if item.kind != "stop_duty"]

    assert kinds(owner) == kinds(person(Role.INFORMATION_SECURITY)) == ["notification"] * 4
    assert kinds(officer) == kinds(person(Role.SYSTEM_OWNER, "annan")) == []
    assert len(calendar(clock.today())) == Notification.objects.count() == 4


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=14, minutes=20), "14 h 20 min kvar, till 2026-11-24 00:35"),
        (timedelta(days=-2, hours=-3), "2 dygn 3 h för sent, skulle vara klart 2026-11-21 07:15"),
    ],
)
def test_a_clock_in_words(left: timedelta, words: str) -> None:
    assert clock_text(SEEN + left, SEEN) == words
    assert duration_text(timedelta(seconds=45)) == "45 s"
