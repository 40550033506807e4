"""Participation rounds: anybody answers without a name, an official reads, every proposal gets its answer, then all is published."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.clock import today
from insyn.web.participation import proposals, rounds
from insyn.web.participation.models import AnswerTries, Contribution, Round
from insyn.web.register.models import Act, Record, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
TEXTS = {"title_sv": "Vad är viktigt i brevet?", "question_sv": "Läs brevet. Vad är svårt?", "groups_sv": "Sökande och deras föreningar"}


@pytest.fixture
def draft(system: System, owner: Actor) -> Round:
    return rounds.make_round(actor=owner, system=system, opens=today(), closes=today() + timedelta(days=20), **TEXTS)


@pytest.fixture
def opened_round(draft: Round, owner: Actor) -> Round:
    rounds.open_round(actor=owner, asked=draft)
    return Round.objects.get(pk=draft.pk)


def answer(row: Round, text: str = "Skriv kortare.", token: str = "") -> Contribution:
    return proposals.answer_round(asked=row, text=text, token=token or secrets.token_hex(16))


def at(monkeypatch: Any, day: date, hour: int = 12, minute: int = 0) -> None:
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Europe/Stockholm"))
    monkeypatch.setattr(clock, "now", lambda: moment)


def reply(owner: Actor, one: Contribution, word: str = "taken") -> None:
    proposals.approve_proposal(actor=owner, proposal=one)
    proposals.answer_proposal(actor=owner, proposal=one, reply=word, why_sv="För att det är rätt.")


def close(owner: Actor, row: Round) -> None:
    rounds.close_round(actor=owner, asked=row, why_sv="Alla har svarat.")


def test_a_round_goes_from_draft_to_published_and_supplies_its_record(opened_round: Round, owner: Actor, system: System) -> None:
    first, second = answer(opened_round), answer(opened_round, "Större text.")
    close(owner, opened_round)
    reply(owner, first)
    reply(owner, second, "not_taken")
    rounds.publish_round(actor=owner, asked=opened_round, changed_sv="Brevet blev kortare.")
    row = Round.objects.get()
    record = Record.objects.get()
    assert (row.state, row.record) == ("published", record)
    assert record.content["received"] == 2
    assert (record.content["taken"], record.content["partly"], record.content["not_taken"]) == (1, 0, 1)
    assert record.supplied_role == Role.SYSTEM_OWNER
    with pytest.raises(ActRefused):
        rounds.publish_round(actor=owner, asked=row, changed_sv="Igen.")


def test_a_round_with_an_unanswered_or_unread_proposal_is_not_published(opened_round: Round, owner: Actor) -> None:
    one, other = answer(opened_round), answer(opened_round, "Två.")
    close(owner, opened_round)
    with pytest.raises(ActRefused, match="1, 2"):
        rounds.publish_round(actor=owner, asked=opened_round, changed_sv="Inget.")
    proposals.hide_proposal(actor=owner, proposal=other, because="off_topic")
    proposals.approve_proposal(actor=owner, proposal=one)
    with pytest.raises(ActRefused, match=r"1\."):
        rounds.publish_round(actor=owner, asked=opened_round, changed_sv="Inget.")
    assert not Record.objects.exists()


def test_an_open_round_is_not_published(opened_round: Round, owner: Actor) -> None:
    with pytest.raises(ActRefused, match=opened_round.closes.isoformat()):
        rounds.publish_round(actor=owner, asked=opened_round, changed_sv="Inget.")


def test_the_same_form_sent_twice_is_one_proposal(opened_round: Round) -> None:
    token = secrets.token_hex(16)
    assert answer(opened_round, token=token) == answer(opened_round, token=token)
    assert (Contribution.objects.count(), Act.objects.filter(verb="answer_round").count()) == (1, 1)


def test_the_last_day_counts_to_its_midnight_here(opened_round: Round, monkeypatch: Any) -> None:
    at(monkeypatch, opened_round.closes, 23, 59)
    answer(opened_round)
    at(monkeypatch, opened_round.closes + timedelta(days=1), 0, 0)
    with pytest.raises(ActRefused):
        answer(opened_round)
    assert Contribution.objects.count() == 1


def test_a_round_that_is_a_draft_coming_or_closed_takes_no_answers(draft: Round, owner: Actor, system: System) -> None:
    with pytest.raises(ActRefused):
        answer(draft)
    later = rounds.make_round(actor=owner, system=system, opens=today() + timedelta(days=2), closes=today() + timedelta(days=9), **TEXTS)
    rounds.open_round(actor=owner, asked=later)
    with pytest.raises(ActRefused):
        answer(later)
    rounds.open_round(actor=owner, asked=draft)
    close(owner, draft)
    with pytest.raises(ActRefused):
        answer(draft)
    with pytest.raises(ActRefused):
        close(owner, draft)
    assert later.slug != draft.slug


@pytest.mark.parametrize(("opens", "closes", "place"), [(-1, 5, "opens"), (3, 2, "closes"), (0, 900, "closes")])
def test_days_that_cannot_be_are_refused_by_field(opens: int, closes: int, place: str, system: System, owner: Actor) -> None:
    first, last = today() + timedelta(days=opens), today() + timedelta(days=closes)
    with pytest.raises(InvalidInput) as refused:
        rounds.make_round(actor=owner, system=system, opens=first, closes=last, **TEXTS)
    assert refused.value.place == place


def test_nobody_is_invited_to_a_day_that_was(draft: Round, owner: Actor, monkeypatch: Any) -> None:
    at(monkeypatch, draft.opens + timedelta(days=1))
    with pytest.raises(ActRefused):
        rounds.open_round(actor=owner, asked=draft)


def test_what_the_public_was_asked_is_not_changed(opened_round: Round, owner: Actor) -> None:
    with pytest.raises(ActRefused):
        rounds.change_round(actor=owner, asked=opened_round, opens=today(), closes=today(), **TEXTS)
    with pytest.raises(ActRefused):
        rounds.open_round(actor=owner, asked=opened_round)


def test_two_people_changing_a_draft_do_not_write_over_each_other(draft: Round, owner: Actor, person: People) -> None:
    days = {"opens": draft.opens, "closes": draft.closes, "revision": draft.revision}
    rounds.change_round(actor=owner, asked=draft, **days, **{**TEXTS, "title_sv": "Ny titel"})
    with pytest.raises(ChangedMeanwhile):
        rounds.change_round(actor=person(Role.AI_COORDINATOR), asked=draft, **days, **TEXTS)
    assert Round.objects.get().title_sv == "Ny titel"


def test_only_the_owner_and_the_coordinator_lead_and_an_officer_may_enter_paper(
    opened_round: Round, person: People, system: System
) -> None:
    officer, union, other = person(Role.CASE_OFFICER), person(Role.UNION_REPRESENTATIVE), person(Role.SYSTEM_OWNER, name="otto")
    one = proposals.enter_paper(actor=officer, asked=opened_round, text="Brev.", received_on=today())
    for actor in (officer, union, other):
        with pytest.raises(NotAllowed):
            proposals.approve_proposal(actor=actor, proposal=one)
        with pytest.raises(NotAllowed):
            close(actor, opened_round)
    with pytest.raises(NotAllowed):
        proposals.enter_paper(actor=union, asked=opened_round, text="Brev.", received_on=today())


def test_paper_and_meetings_say_who_when_where_and_how_many(opened_round: Round, owner: Actor) -> None:
    paper = proposals.enter_paper(actor=owner, asked=opened_round, text="Brev.", received_on=today())
    notes = proposals.enter_meeting(
        actor=owner, asked=opened_round, held_on=today(), place="Biblioteket", participants=14, proposals=["Ett.", " ", "Två."]
    )
    assert paper.entered_by == owner.name
    assert [(one.number, one.place, one.participants) for one in notes] == [(2, "Biblioteket", 14), (3, "Biblioteket", 14)]
    with pytest.raises(ActRefused):
        proposals.enter_paper(actor=owner, asked=opened_round, text="Brev.", received_on=today())
    with pytest.raises(ActRefused):
        proposals.enter_meeting(actor=owner, asked=opened_round, held_on=today(), place="Biblioteket", participants=14, proposals=["Ett."])


@pytest.mark.parametrize("days", [-1, 1])
def test_paper_is_dated_within_the_round_and_not_to_come(days: int, opened_round: Round, owner: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        proposals.enter_paper(actor=owner, asked=opened_round, text="Brev.", received_on=today() + timedelta(days=days))
    assert refused.value.place == "received_on"


def test_identity_numbers_are_masked_before_anything_is_shown(opened_round: Round, owner: Actor, client: Any) -> None:
    one = answer(opened_round, "Jag, 19811228-9874, och min bror 811228+9874 och 701063 2391 vill.")
    assert "9874" not in one.shown
    assert "2391" not in one.shown
    assert "9874" in one.original
    proposals.approve_proposal(actor=owner, proposal=one, shown="Jag, 19811228-9874, vill.")
    proposals.answer_proposal(actor=owner, proposal=one, reply="partly", why_sv="Till 811228-9874: ja.")
    close(owner, opened_round)
    rounds.publish_round(actor=owner, asked=opened_round, changed_sv="Se 811228-9874.")
    page = client.get(f"/delta/{opened_round.slug}/").content.decode()
    assert "9874" not in page
    assert "Personuppgifter" in page


def test_acts_never_hold_what_somebody_wrote(opened_round: Round, owner: Actor) -> None:
    one = answer(opened_round, "Grannen Kurt är otrevlig.")
    proposals.hide_proposal(actor=owner, proposal=one, because="personal_data")
    proposals.enter_paper(actor=owner, asked=opened_round, text="Kurt igen.", received_on=today())
    assert not [act for act in Act.objects.all() if "Kurt" in str(act.text)]


def test_a_proposal_is_hidden_only_for_a_reason_of_the_closed_list_and_counted_in_public(
    opened_round: Round, owner: Actor, client: Any
) -> None:
    one = answer(opened_round, "Ordföranden ska få stryk.")
    with pytest.raises(InvalidInput):
        proposals.hide_proposal(actor=owner, proposal=one, because="unwelcome")
    proposals.hide_proposal(actor=owner, proposal=one, because="threats")
    with pytest.raises(ActRefused):
        proposals.hide_proposal(actor=owner, proposal=one, because="threats")
    with pytest.raises(ActRefused):
        proposals.answer_proposal(actor=owner, proposal=one, reply="taken", why_sv="x")
    close(owner, opened_round)
    rounds.publish_round(actor=owner, asked=opened_round, changed_sv="Inget.")
    page = client.get(f"/delta/{opened_round.slug}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "stryk" not in page
    assert "Threats or hate against somebody (1)" in page
    assert Contribution.objects.get().original == "Ordföranden ska få stryk."


def test_after_publication_nothing_is_entered_or_judged_again(opened_round: Round, owner: Actor) -> None:
    one = answer(opened_round)
    reply(owner, one)
    close(owner, opened_round)
    rounds.publish_round(actor=owner, asked=opened_round, changed_sv="Kortare.")
    for act in (
        lambda: proposals.enter_paper(actor=owner, asked=opened_round, text="Sent.", received_on=today()),
        lambda: proposals.hide_proposal(actor=owner, proposal=one, because="off_topic"),
        lambda: proposals.answer_proposal(actor=owner, proposal=one, reply="not_taken", why_sv="Ångrat."),
    ):
        with pytest.raises(ActRefused):
            act()


def test_the_same_answer_twice_says_so(opened_round: Round, owner: Actor) -> None:
    one = answer(opened_round)
    reply(owner, one)
    for act in (
        lambda: proposals.approve_proposal(actor=owner, proposal=one),
        lambda: proposals.answer_proposal(actor=owner, proposal=one, reply="taken", why_sv="För att det är rätt."),
    ):
        with pytest.raises(ActRefused):
            act()


@pytest.mark.parametrize("text", ["", " \n\t ", "\u202e\u200b\x00", "x" * 4001, "x" * 1_000_000])
def test_a_proposal_that_is_none_or_too_long_is_refused(text: str, opened_round: Round) -> None:
    with pytest.raises(InvalidInput) as refused:
        answer(opened_round, text)
    assert refused.value.place == "text"
    assert not Contribution.objects.exists()


@pytest.mark.parametrize("token", ["x", "G" * 32, "0" * 33])
def test_a_form_without_its_number_is_refused(token: str, opened_round: Round) -> None:
    with pytest.raises(InvalidInput):
        answer(opened_round, token=token)


def test_one_address_has_its_share_an_hour_and_old_rows_are_dropped(monkeypatch: Any) -> None:
    assert [proposals.count_answer("192.0.2.1") for _ in range(proposals.MOST_FROM_ADDRESS + 1)] == [True] * 10 + [False]
    assert proposals.count_answer("192.0.2.2")
    later = clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert proposals.count_answer("192.0.2.1")
    assert AnswerTries.objects.count() == 1
    assert "192.0.2" not in AnswerTries.objects.get().address


def test_a_round_for_an_evaluation_says_so_in_its_record(system: System, owner: Actor) -> None:
    row = rounds.make_round(actor=owner, system=system, opens=today(), closes=today(), for_evaluation=True, **TEXTS)
    rounds.open_round(actor=owner, asked=row)
    close(owner, row)
    rounds.publish_round(actor=owner, asked=row, changed_sv="Inget kom in.")
    assert Record.objects.get().content["for_evaluation"] == "yes"
