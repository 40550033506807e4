"""People are told that AI helps: the texts, the register of how it is done, and what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.readability import lix, long_sentences
from insyn.core.terms import NoticeChannel, Phase, Reach, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import User
from insyn.web.letters.actions import end_notice, record_notice
from insyn.web.letters.models import NoticeWay
from insyn.web.letters.notice_words import STEPS
from insyn.web.letters.notices import notice_text
from insyn.web.letters.queries import must_mark, notice_missing
from insyn.web.portfolio.items import collect_items
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db


def words(**changes: Any) -> dict[str, Any]:
    own = {
        "channel": NoticeChannel.CALL,
        "step_sv": "att skriva ner samtalet",
        "step_en": "writing down the call",
        "words_sv": "Vi använder AI i samtalet.",
        "words_en": "We use AI in the call.",
        "first_day": clock.today(),
    }
    return own | changes


@pytest.fixture
def outside(make_system: Callable[..., System]) -> System:
    """A system in use whose calls Insyn does not reach."""
    system = make_system("telefon", reach=Reach.CONTRACT_ONLY, name_sv="Telefonhjälpen", name_en="Phone helper")
    System.objects.filter(pk=system.pk).update(phase=Phase.IN_USE)
    return System.objects.get(pk=system.pk)


@pytest.fixture
def bound(with_real_law: None, outside: System) -> System:
    """The same, under the AI Act and the GDPR, with no question answered."""
    return outside


@pytest.mark.parametrize("channel", NoticeChannel)
def test_each_place_has_a_text_that_says_what_helps_with_what_who_decides_and_how_one_reaches_a_human(
    system: System, channel: NoticeChannel
) -> None:
    text = notice_text(system, channel, "", "sv")
    assert "AI" in text
    assert "Lånestöd" in text
    assert "En människa beslutar." in text
    assert "localhost/s/lanestod" in text
    assert "tala med en människa" in text
    assert lix(text).value < 40, text
    assert lix(notice_text(system, channel, "", "sv", easy=True)).value < 30
    assert long_sentences(notice_text(system, channel, "", "en")) == []
    assert "Loan support" in notice_text(system, channel, "", "en")


@pytest.mark.parametrize("step", STEPS)
def test_a_notice_names_the_step(system: System, step: str) -> None:
    assert STEPS[step].sv in notice_text(system, "letter", step, "sv")


def test_a_step_may_be_said_in_own_words_and_a_call_is_spoken(system: System) -> None:
    text = notice_text(system, "call", "att hitta\nrätt kö {x}", "sv")
    assert "att hitta rätt kö {x}" in text
    assert "https://" not in text
    assert "http://" not in text
    with pytest.raises(ValueError, match="pigeon"):
        notice_text(system, "pigeon", "", "sv")


def test_who_decides_follows_the_systems_modes(system: System) -> None:
    system.modes = ["automated", "support"]
    assert "Systemet kan besluta själv." in notice_text(system, "form", "", "sv")
    system.modes = ["advice"]
    assert "beslutar" not in notice_text(system, "form", "", "sv")


def test_a_system_in_use_without_a_trace_of_a_notice_is_missing_until_one_is_recorded(bound: System, owner: Actor, client: Any) -> None:
    today = clock.today()
    user = User.objects.get(person=owner.person)
    assert notice_missing(bound, today)
    assert [item.system for item in collect_items(user, today) if item.kind == "notice_missing"] == [bound]
    page = client.get("/system/telefon/").content.decode()
    told = page[page.index('id="told"') :].partition("</section>")[0]
    assert "Saknas" in told
    way = record_notice(actor=owner, system=bound, **words(sample="https://kommunen.example/samtal"))
    assert not notice_missing(bound, today)
    assert [item for item in collect_items(user, today) if item.kind == "notice_missing"] == []
    page = client.get("/system/telefon/").content.decode()
    told = page[page.index('id="told"') :].partition("</section>")[0]
    assert "Saknas" not in told
    for said in ("I ett telefonsamtal", "Vi använder AI i samtalet.", "https://kommunen.example/samtal"):
        assert said in told
    end_notice(actor=owner, way=way, why="Vi har bytt system.")
    assert notice_missing(bound, today)


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        ({"reach": Reach.EVERY_CALL}, False),  # an outcome without a notice is refused at the gateway
        ({"phase": Phase.ASSESSMENT}, False),
        ({"phase": Phase.RETIRED}, False),
        ({"exercise": True}, False),
        ({"reach": Reach.IMPORTED_LOGS}, True),
        ({"phase": Phase.PILOT}, True),
    ],
)
def test_when_a_notice_is_due(bound: System, changed: dict[str, Any], due: bool) -> None:
    System.objects.filter(pk=bound.pk).update(**changed)
    assert notice_missing(System.objects.get(pk=bound.pk), clock.today()) is due


def test_rules_that_cannot_be_read_free_nobody_from_telling(outside: System, monkeypatch: pytest.MonkeyPatch) -> None:
    from insyn.web.letters import queries

    def unreadable(on: Any) -> Any:
        raise ActRefused("no packs")

    monkeypatch.setattr(queries.rule_packs, "in_force", unreadable)
    assert notice_missing(outside, clock.today())


def test_a_notice_counts_from_its_first_day_to_its_last(bound: System, owner: Actor) -> None:
    today, day = clock.today(), timedelta(days=1)
    record_notice(actor=owner, system=bound, **words(first_day=today + day, last_day=today + 2 * day))
    missing = [notice_missing(bound, today + number * day) for number in range(4)]
    assert missing == [True, False, False, True]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"step_sv": ""}, "step_sv"),
        ({"words_en": " "}, "words_en"),
        ({"words_sv": "x" * 2001}, "words_sv"),
        ({"sample": "http://kommunen.example/"}, "sample"),
        ({"sample": "javascript:alert(1)"}, "sample"),
        ({"words_sv": "Ring 19121212-1212."}, "words_sv"),
        ({"last_day": clock.today() - timedelta(days=1)}, "last_day"),
    ],
)
def test_what_cannot_stand_in_the_register_is_refused_at_its_place(
    outside: System, owner: Actor, changes: dict[str, Any], place: str
) -> None:
    before = Act.objects.count()
    with pytest.raises(InvalidInput) as refused:
        record_notice(actor=owner, system=outside, **words(**changes))
    assert refused.value.place == place
    assert (NoticeWay.objects.count(), Act.objects.count()) == (0, before)


def test_only_the_owner_or_the_coordinator_records_and_ends_it(outside: System, owner: Actor, person: Callable[..., Actor]) -> None:
    with pytest.raises(NotAllowed):
        record_notice(actor=person(Role.CASE_OFFICER), system=outside, **words())
    with pytest.raises(NotAllowed):
        record_notice(actor=person(Role.SYSTEM_OWNER, "annan"), system=outside, **words())
    way = record_notice(actor=person(Role.AI_COORDINATOR), system=outside, **words())
    with pytest.raises(NotAllowed):
        end_notice(actor=person(Role.CASE_OFFICER), way=way, why="Nej.")
    end_notice(actor=owner, way=way, why="Slut.")
    with pytest.raises(ActRefused):
        end_notice(actor=owner, way=way, why="Slut igen.")


def test_its_entry_in_the_log_holds_nothing_of_the_text(outside: System, owner: Actor) -> None:
    way = record_notice(actor=owner, system=outside, **words())
    assert "samtalet" not in bytes(way.act.outbox.entry).decode()
    assert way.act.text["words_sv"] == "Vi använder AI i samtalet."


def test_suppliers_fetch_the_texts(outside: System, owner: Actor, client: Any) -> None:
    record_notice(actor=owner, system=outside, **words())
    answer = client.get("/system/telefon/information.json")
    assert answer["Content-Type"] == "application/json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies
    found = json.loads(answer.content)
    assert {one["channel"] for one in found["notices"]} == set(NoticeChannel)
    assert all(one["texts"]["sv"] and one["texts"]["en"] and one["easy"]["sv"] for one in found["notices"])
    assert [one["words"]["sv"] for one in found["given"]] == ["Vi använder AI i samtalet."]
    assert found["missing"] is False
    assert owner.name not in answer.content.decode()
    assert client.get("/system/finns-inte/information.json").status_code == 404


def test_the_short_address_leads_to_the_page(system: System, client: Any) -> None:
    assert client.get("/s/lanestod/")["Location"] == "/system/lanestod/"
    assert client.get("/s/finns-inte/").status_code == 404


def test_answers_that_free_a_system_are_believed_and_no_answers_are_not(bound: System) -> None:
    today = clock.today()
    assert must_mark(bound, today)
    answers = {
        "data.personal": "no",
        "decision.about_persons": "no",
        "aia.transparency": [],
        "p.emotion_from_biometrics": "no",
        "p.biometric_categories": [],
    }
    System.objects.filter(pk=bound.pk).update(facts=answers)
    free = System.objects.get(pk=bound.pk)
    assert not notice_missing(free, today)
    assert not must_mark(free, today)
    System.objects.filter(pk=bound.pk).update(facts=answers | {"aia.transparency": ["talks_to_people"], "aia.obvious_ai": "no"})
    assert notice_missing(System.objects.get(pk=bound.pk), today)
