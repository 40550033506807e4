"""From a need to its result: who may do what, in which order, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from needs_kit import AS_TODAY, EFFECTS, WITH_AI, WITHOUT, WORDS, an_analysis

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, RecordKind, Role
from insyn.web.accounts.actions import end_mandate, open_office
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Mandate, Office
from insyn.web.clock import today
from insyn.web.decisions.actions import adopt_delegation
from insyn.web.needs.actions import analyse_need, begin_system_from_need, decide_need, raise_need, reopen_need
from insyn.web.needs.models import Need, NeedAnalysis
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
SYSTEM = {"slug": "byggsvar", "name_sv": "Byggsvar", "name_en": "Building answers", "summary_sv": "S", "summary_en": "S", "kind": "built"}


def test_anybody_who_works_with_the_register_raises_a_need(person: People, administrator: Actor) -> None:
    office = Office.objects.get(slug="kontoret")
    for role in Role:
        actor = administrator if role is Role.ADMINISTRATOR else person(role)
        raise_need(actor=actor, office=office, **WORDS)
    year = today().year
    assert Need.objects.count() == len(Role)
    assert set(Need.objects.values_list("number", flat=True)) == {f"B-{year}-{number:03d}" for number in range(1, len(Role) + 1)}


def test_somebody_whose_mandate_has_ended_raises_nothing(person: People, administrator: Actor, user_of: Any) -> None:
    officer = person(Role.CASE_OFFICER, first_day=today() - timedelta(days=9))
    mandate = Mandate.objects.get(user=user_of(officer))
    end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutat.")
    with pytest.raises(NotAllowed):
        raise_need(actor=officer, office=Office.objects.get(slug="kontoret"), **WORDS)


@pytest.mark.parametrize(
    ("field", "value"), [("title_sv", " "), ("problem", ""), ("wanted", "x" * 9000), ("focus_area", "profit"), ("title_sv", "x" * 161)]
)
def test_a_need_with_something_missing_names_the_field(person: People, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        raise_need(actor=person(Role.CASE_OFFICER), office=Office.objects.get(slug="kontoret"), **{**WORDS, field: value})
    assert refused.value.place == field
    assert not Need.objects.exists()


def test_an_office_that_is_closed_has_no_new_need(raise_one: Any, person: People) -> None:
    person(Role.CASE_OFFICER)
    Office.objects.update(closed_on=today())
    with pytest.raises(InvalidInput) as refused:
        raise_one()
    assert refused.value.place == "office"


def test_an_analysis_weighs_ai_against_a_traditional_solution(need: Need, coordinator: Actor) -> None:
    analyse_need(actor=coordinator, need=need, **an_analysis(alternatives=[WITH_AI, WITHOUT, AS_TODAY]))
    need.refresh_from_db()
    found = need.analyses.get()
    assert (need.phase, found.chosen_kind, found.person) == ("analysed", "traditional", coordinator.person)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"alternatives": [WITHOUT, AS_TODAY]}, "alternatives"),  # AI was not considered
        ({"alternatives": [WITH_AI, AS_TODAY]}, "alternatives"),  # nothing to weigh it against
        ({"alternatives": [WITH_AI]}, "alternatives"),
        ({"alternatives": [WITH_AI, {**WITHOUT, "cost": ""}]}, "alternatives[1].cost"),
        ({"alternatives": [WITH_AI, {**WITHOUT, "kind": "magic"}]}, "alternatives[1].kind"),
        ({"alternatives": [WITH_AI, {**WITHOUT, "name": "Chattbot"}], "chosen": "Chattbot"}, "alternatives"),
        ({"alternatives": [WITH_AI, {**WITHOUT, "extra": "x"}]}, "alternatives[1].extra"),
        ({"chosen": "Något annat"}, "chosen"),
        ({"expected": ""}, "expected"),
        ({"expected_by": "2020-01-01"}, "expected_by"),
        ({"expected_by": "i morgon"}, "expected_by"),
    ],
)
def test_an_analysis_that_weighs_too_little_is_refused_by_field(
    need: Need, coordinator: Actor, changes: dict[str, Any], place: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        analyse_need(actor=coordinator, need=need, **an_analysis(**changes))
    assert refused.value.place == place
    assert not NeedAnalysis.objects.exists()


def test_a_case_officer_analyses_nothing(need: Need, person: People) -> None:
    with pytest.raises(NotAllowed):
        analyse_need(actor=person(Role.CASE_OFFICER), need=need, **an_analysis())


def test_a_need_ends_in_the_traditional_solution_and_that_is_a_result(analysed: Need, member: Actor) -> None:
    act = decide_need(actor=member, need=analysed, outcome="traditional", why_sv="En webbsida räcker.", case_number="KS 2026/5")
    analysed.refresh_from_db()
    assert (analysed.phase, analysed.outcome, analysed.system) == ("ended", "traditional", None)
    assert analysed.decisions.get().decider_office_sv == "Kontoret"
    assert act.outbox is not None


def test_an_official_decides_on_an_item_of_the_delegation_list_and_an_owner_never(
    analysed: Need, person: People, owner: Actor, administrator: Actor
) -> None:
    words = {"need": analysed, "outcome": "no", "why_sv": "Nej.", "case_number": "KS 1"}
    official = person(Role.DELEGATE)
    for actor, given in ((owner, {}), (official, {}), (official, {"delegation": "9.9"})):
        with pytest.raises(NotAllowed):
            decide_need(actor=actor, **words, **given)
    the_board_hands_over("4.2", person, administrator)
    decide_need(actor=official, **words, delegation="4.2")
    assert analysed.decisions.get().act.text["delegation"] == "4.2"


def the_board_hands_over(number: str, person: People, administrator: Actor) -> None:
    """An item about needs for the official's office, from the board above it."""
    open_office(actor=administrator, slug="namnden", name_sv="Nämnden", name_en="The board", kind="board")
    board, office = Office.objects.get(slug="namnden"), Office.objects.get(slug="kontoret")
    Office.objects.filter(pk=office.pk).update(parent=board)
    item = {
        "text_sv": "Beslut om behov",
        "text_en": "Decisions on needs",
        "case_number": "NN 1",
        "first_day": today(),
        "decided_on": today(),
    }
    adopt_delegation(actor=person(Role.COUNCIL_SECRETARY), number=number, board=board, office=office, what="need.decide", **item)


def test_nobody_decides_on_a_need_that_they_analysed(need: Need, owner: Actor, person: People) -> None:
    analyse_need(actor=owner, need=need, **an_analysis())
    same = person(Role.ELECTED_MEMBER, name=Role.SYSTEM_OWNER.value)
    assert same.person == owner.person
    with pytest.raises(NotAllowed, match=r"själv|themselves"):
        decide_need(actor=same, need=need, outcome="no", why_sv="Nej.", case_number="KS 1")


def test_a_decision_cannot_choose_what_the_analysis_did_not(analysed: Need, member: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        decide_need(actor=member, need=analysed, outcome="ai", why_sv="AI är bäst.", case_number="KS 1")
    assert refused.value.place == "outcome"


@pytest.mark.parametrize("days", [1, -1])
def test_a_decision_is_neither_ahead_nor_older_than_its_analysis(analysed: Need, member: Actor, days: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        decide_need(actor=member, need=analysed, outcome="no", why_sv="Nej.", case_number="KS 1", decided_on=today() + timedelta(days=days))
    assert refused.value.place == "decided_on"


def test_a_need_is_decided_once(analysed: Need, member: Actor, person: People) -> None:
    words = {"need": analysed, "outcome": "no", "why_sv": "Nej.", "case_number": "KS 1"}
    late = person(Role.ELECTED_MEMBER, name="ledamot-2")
    decide_need(actor=member, **words)
    before = Act.objects.count()
    with pytest.raises(ActRefused):
        decide_need(actor=late, **words)
    assert (Act.objects.count(), analysed.decisions.count()) == (before, 1)


def test_of_two_who_work_with_the_same_need_the_second_is_told(need: Need, coordinator: Actor, owner: Actor) -> None:
    seen = need.revision
    analyse_need(actor=coordinator, need=need, revision=seen, **an_analysis())
    with pytest.raises(ChangedMeanwhile):
        analyse_need(actor=owner, need=need, revision=seen, **an_analysis())
    assert need.analyses.count() == 1


def test_a_need_that_is_opened_again_keeps_what_was_decided(analysed: Need, member: Actor, coordinator: Actor) -> None:
    decide_need(actor=member, need=analysed, outcome="no", why_sv="Nej.", case_number="KS 1")
    reopen_need(actor=coordinator, need=analysed, why="Läget är ett annat.")
    analysed.refresh_from_db()
    assert (analysed.phase, analysed.outcome, analysed.decisions.count()) == ("open", "", 1)
    with pytest.raises(ActRefused):
        reopen_need(actor=coordinator, need=analysed, why="Igen.")


def test_a_system_begins_from_a_need_with_the_analysis_as_its_first_record(for_ai: Need, owner: Actor) -> None:
    begin_system_from_need(actor=owner, need=for_ai, reach="every_call", **SYSTEM)
    system = System.objects.get(slug="byggsvar")
    for_ai.refresh_from_db()
    assert (system.phase, system.owner.person, for_ai.system) == (Phase.NEEDS_ANALYSIS, owner.person, system)
    record = system.records.get()
    assert (record.kind, record.supplied_role, record.case_number) == (RecordKind.NEEDS_ANALYSIS, Role.SYSTEM_OWNER, "KS 2026/5")
    assert record.content["need"] == for_ai.number
    assert record.content["alternatives"] == [WITH_AI, WITHOUT]


def test_a_system_begins_only_once_and_only_where_ai_was_decided(for_ai: Need, owner: Actor, raise_one: Any) -> None:
    with pytest.raises(ActRefused):
        begin_system_from_need(actor=owner, need=raise_one(), reach="every_call", **SYSTEM)
    begin_system_from_need(actor=owner, need=for_ai, reach="every_call", **SYSTEM)
    with pytest.raises(ActRefused):
        begin_system_from_need(actor=owner, need=for_ai, reach="every_call", **{**SYSTEM, "slug": "igen"})
    assert System.objects.count() == 1
    with pytest.raises(ActRefused):
        reopen_need(actor=owner, need=for_ai, why="Ångrar mig.")


def test_a_begun_system_that_cannot_be_registered_leaves_nothing_half_done(for_ai: Need, owner: Actor) -> None:
    before = Act.objects.count()
    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        begin_system_from_need(actor=owner, need=for_ai, reach="every_call", **{**SYSTEM, "slug": "Å Ä"})
    assert refused.value.place == "slug"
    assert (Act.objects.count(), System.objects.count()) == (before, 0)


def test_the_coordinator_cannot_begin_a_system_that_an_owner_must_answer_for(for_ai: Need, coordinator: Actor) -> None:
    with pytest.raises(NotAllowed):
        begin_system_from_need(actor=coordinator, need=for_ai, reach="every_call", **SYSTEM)


def test_effects_are_asked_for_every_solution() -> None:
    assert set(EFFECTS) == {"benefit", "cost", "risk", "people", "work_environment"}
