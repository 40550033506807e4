"""The clocks of an incident, from the packs that ship: exact hours over summer time, months in the calendar, and nothing before its day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from insyn.law.loader import load_packs
from insyn.web.incidents.clocks import GRAVER, RULES, clocks_of, deadline_after, not_yet

ZONE = ZoneInfo("Europe/Stockholm")
PACKS = tuple(pack for pack in load_packs(Path(__file__).resolve().parents[3] / "packs") if pack.kind == "law")
UNKNOWN: dict[str, str] = {}
NONE_OF_IT = dict.fromkeys(("personal_data", "security", "serious", "death", "widespread"), "no")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def deadlines(answers: dict[str, str], when: str = "2026-11-20T10:15", facts: dict[str, str] | None = None) -> dict[str, str]:
    found = clocks_of(PACKS, facts or {}, answers, discovered_at=at(when), zone=ZONE)
    return {f"{clock.rule}#{clock.deadline}": clock.due_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M") for clock in found}


def test_what_nobody_knows_yet_counts_as_yes() -> None:
    assert deadlines(UNKNOWN) == {
        "se-cybersakerhetslagen/incident-reported#incident-24-hours": "2026-11-21 10:15",
        "se-cybersakerhetslagen/incident-reported#incident-72-hours": "2026-11-23 10:15",
        "eu-gdpr/breach-notified#breach-72-hours": "2026-11-23 10:15",
        "se-cybersakerhetslagen/incident-reported#incident-one-month": "2026-12-20 10:15",
    }


def test_a_no_ends_its_clock_and_no_other() -> None:
    assert set(deadlines({"security": "no"})) == {"eu-gdpr/breach-notified#breach-72-hours"}
    assert deadlines(NONE_OF_IT) == {}


def test_a_leak_starts_the_clock_of_a_system_that_was_said_to_hold_no_personal_data() -> None:
    facts = {"data.personal": "no"}
    assert "eu-gdpr/breach-notified#breach-72-hours" not in deadlines(UNKNOWN, facts=facts)
    assert "eu-gdpr/breach-notified#breach-72-hours" in deadlines({"personal_data": "yes"}, facts=facts)


def test_a_serious_incident_has_no_clock_before_the_ai_act_begins_and_says_when_it_does() -> None:
    assert not [key for key in deadlines({"serious": "yes"}, "2027-12-01T09:00") if key.startswith("eu-ai-act")]
    waiting = not_yet(PACKS, {}, on=date(2026, 11, 20))
    assert {one.rule: one.begins for one in waiting}["eu-ai-act/serious-incident-told"] is not None
    later = deadlines(UNKNOWN, "2030-09-01T09:00")
    assert later["eu-ai-act/serious-incident-told#widespread"] == "2030-09-03 09:00"
    assert later["eu-ai-act/serious-incident-told#death"] == "2030-09-11 09:00"
    assert later["eu-ai-act/serious-incident-told#general"] == "2030-09-16 09:00"


def test_that_nobody_died_and_it_was_not_widespread_leaves_the_general_clock() -> None:
    found = deadlines({"death": "no", "widespread": "no"}, "2030-09-01T09:00")
    assert [key for key in found if "serious-incident-told" in key] == ["eu-ai-act/serious-incident-told#general"]


def test_seventy_two_hours_are_seventy_two_hours_over_the_change_to_winter_time() -> None:
    start = at("2026-10-23T12:00")
    due = deadline_after(start, "PT72H", ZONE)
    assert (due - start.astimezone(UTC)).total_seconds() == 72 * 3600
    assert due.astimezone(ZONE).strftime("%d %H:%M") == "26 11:00"


def test_a_month_is_counted_in_the_calendar_to_the_same_time_of_day() -> None:
    assert deadline_after(at("2026-10-15T12:00"), "P1M", ZONE).astimezone(ZONE) == at("2026-11-15T12:00")
    assert deadline_after(at("2027-01-31T08:00"), "P1M", ZONE).astimezone(ZONE).date() == date(2027, 2, 28)
    assert deadline_after(at("2026-10-15T12:00"), "P1DT6H", ZONE).astimezone(ZONE) == at("2026-10-16T18:00")


def test_only_an_authority_that_is_designated_that_day_is_named() -> None:
    found = {clock.rule: clock.to.sv for clock in clocks_of(PACKS, {}, UNKNOWN, discovered_at=at("2030-09-01T09:00"), zone=ZONE)}
    assert "IMY" in found["eu-gdpr/breach-notified"]
    assert "PTS" not in found["eu-ai-act/serious-incident-told"]
    assert found["eu-ai-act/serious-incident-told"].startswith("leverantören, genast; ingen myndighet")


def test_every_clock_names_where_it_stands_in_the_law() -> None:
    found = clocks_of(PACKS, {}, UNKNOWN, discovered_at=at("2026-11-20T10:15"), zone=ZONE)
    assert all(clock.provisions and len(clock.packs) == 64 for clock in found)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_that_is_named_is_in_the_packs_with_deadlines(rule: str) -> None:
    rules = {one.id: one for pack in PACKS for one in pack.rules.values()}
    assert rules[rule].deadlines
    assert RULES[rule].role in {authority.role for pack in PACKS for authority in pack.authorities.values()}


def test_the_graver_cases_are_deadlines_of_the_packs() -> None:
    named = {deadline.id for pack in PACKS for rule in pack.rules.values() if rule.id in RULES for deadline in rule.deadlines}
    assert set(GRAVER) <= named
