"""A system's life, step by step: each asks what the packs ask, and nothing is done twice or by somebody else."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from needs_kit import an_analysis

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, RecordKind, Role
from insyn.web.accounts.actions import appoint, end_mandate
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Mandate, Office
from insyn.web.clock import today
from insyn.web.register import life
from insyn.web.register.actions import (
    adopt_pack,
    advance_system,
    decide_use,
    describe_system,
    hand_over_system,
    propose_use,
    register_system,
    retire_system,
    supply_record,
)
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
SUMMARY = {"summary": "Klart."}


def rules_of(refused: ActRefused) -> set[str]:
    return {reason.rule for reason in refused.details}


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


@pytest.fixture
def adopted(person: People) -> None:
    """The council's order for a system's life: something is asked before each step."""
    adopt_pack(actor=person(Role.COUNCIL_SECRETARY), pack="kommun-liv", adopted_on=today(), case_number="KF 7")


@pytest.fixture
def idea(adopted: None, owner: Actor, user_of: Any) -> System:
    """A system that is still an idea."""
    words = {"name_sv": "Idé", "name_en": "Idea", "summary_sv": "S", "summary_en": "S", "kind": "built", "reach": "every_call"}
    office = Office.objects.get(slug="kontoret")
    register_system(actor=owner, slug="ide", owner=user_of(owner), office=office, phase=Phase.NEEDS_ANALYSIS, **words)
    return System.objects.get(slug="ide")


def step(owner: Actor, system: System, to: Phase, **more: Any) -> Phase:
    advance_system(actor=owner, system=system, to=to, why="Klart för nästa steg.", **more)
    return Phase(System.objects.get(pk=system.pk).phase)


def supply(actor: Actor, system: System, kind: RecordKind) -> None:
    content = SUMMARY
    if kind is RecordKind.NEEDS_ANALYSIS:
        content = {**an_analysis(), "focus_area": "meetings"}
    supply_record(actor=actor, system=system, kind=kind, content=content)


def before_development(owner: Actor, person: People, system: System) -> None:
    supply(owner, system, RecordKind.NEEDS_ANALYSIS)
    supply(person(Role.UNION_REPRESENTATIVE), system, RecordKind.WORKERS_INFORMED)
    supply(owner, system, RecordKind.PROCUREMENT_REQUIREMENTS)


def test_development_does_not_begin_before_the_need_is_weighed_and_the_union_is_told(idea: System, owner: Actor, person: People) -> None:
    before = Act.objects.count()
    with pytest.raises(ActRefused) as refused:
        step(owner, idea, Phase.DEVELOPMENT)
    assert rules_of(refused.value) == {"kommun-liv/weighed", "kommun-liv/informed", "kommun-liv/asked-for"}
    assert Act.objects.count() == before
    before_development(owner, person, idea)
    assert step(owner, idea, Phase.DEVELOPMENT) is Phase.DEVELOPMENT


def test_each_step_asks_its_own_requirement_and_those_before_it(idea: System, owner: Actor, person: People) -> None:
    before_development(owner, person, idea)
    step(owner, idea, Phase.PROCUREMENT)
    with pytest.raises(ActRefused) as refused:
        step(owner, idea, Phase.ASSESSMENT)
    assert rules_of(refused.value) == {"kommun-liv/opinion"}
    supply(person(Role.DATA_PROTECTION_OFFICER), idea, RecordKind.DPO_OPINION)
    step(owner, idea, Phase.ASSESSMENT)
    with pytest.raises(ActRefused) as refused:
        propose_use(actor=owner, system=idea, why="Nu.")
    assert rules_of(refused.value) == {"kommun-liv/heard"}
    supply(person(Role.AI_COORDINATOR), idea, RecordKind.ACCESSIBILITY_TEST)
    act = propose_use(actor=owner, system=idea, why="Nu.")
    assert (act.verb, System.objects.get(pk=idea.pk).phase) == ("propose_use", Phase.DECISION)


def test_a_system_entered_at_assessment_still_owes_what_earlier_steps_ask(
    system: System, adopted: None, owner: Actor, member: Actor, meet_gates: Any
) -> None:
    meet_gates(system)
    with pytest.raises(ActRefused) as refused:
        decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 1")
    asked = {"weighed", "informed", "asked-for", "opinion", "heard"}
    assert rules_of(refused.value) >= {f"kommun-liv/{rule}" for rule in asked}


def test_a_step_asked_for_twice_is_taken_once(system: System, owner: Actor) -> None:
    step(owner, system, Phase.DECISION)
    before = Act.objects.count()
    with pytest.raises(ActRefused, match=r"redan|already"):
        step(owner, system, Phase.DECISION)
    assert Act.objects.count() == before


@pytest.mark.parametrize("to", [Phase.DEVELOPMENT, Phase.ARCHIVED, Phase.NEEDS_ANALYSIS])
def test_no_step_is_skipped_or_taken_backwards(system: System, owner: Actor, to: Phase) -> None:
    with pytest.raises(ActRefused):
        step(owner, system, to, case_number="KS 1")


@pytest.mark.parametrize("to", [Phase.PILOT, Phase.IN_USE, Phase.REFUSED])
def test_the_owner_does_not_take_the_step_that_others_decide(system: System, owner: Actor, meet_gates: Any, to: Phase) -> None:
    meet_gates(system)
    step(owner, system, Phase.DECISION)
    with pytest.raises(ActRefused):
        step(owner, system, to)


def test_an_unknown_step_is_no_step(system: System, owner: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        advance_system(actor=owner, system=system, to="magic", why="x")
    assert refused.value.place == "to"


def test_only_the_systems_own_owner_takes_it_on(system: System, person: People) -> None:
    for actor in (person(Role.SYSTEM_OWNER, "annan"), person(Role.AI_COORDINATOR), person(Role.ELECTED_MEMBER)):
        with pytest.raises(NotAllowed):
            step(actor, system, Phase.DECISION)


def test_of_two_who_take_a_step_the_second_is_told(system: System, owner: Actor) -> None:
    seen = system.revision
    describe_system(actor=owner, system=system, summary_sv="Ny.")
    with pytest.raises(ChangedMeanwhile):
        step(owner, system, Phase.DECISION, revision=seen)


def test_a_system_taken_back_to_assessment_is_closed_at_once_and_needs_a_new_decision(
    sequencer: Any, make_system: Any, meet_gates: Any, member: Actor, owner: Actor
) -> None:
    from insyn.web import relay

    system = make_system("fram")
    meet_gates(system)
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 1")
    relay.relay_once(sequencer.client())
    assert issued(system).granted
    assert step(owner, system, Phase.ASSESSMENT) is Phase.ASSESSMENT
    assert not issued(system).granted
    assert not system.versions.filter(decided=True).exists()
    assert Act.objects.filter(verb="narrow").count() == 1
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 2")
    assert issued(system).granted


def test_a_retired_system_is_archived_under_a_case_number(system: System, owner: Actor) -> None:
    retire_system(actor=owner, system=system, why="Slut.", case_number="KS 1")
    with pytest.raises(InvalidInput) as refused:
        step(owner, system, Phase.ARCHIVED)
    assert refused.value.place == "case_number"
    assert step(owner, system, Phase.ARCHIVED, case_number="KS 2") is Phase.ARCHIVED
    with pytest.raises(ActRefused):
        step(owner, system, Phase.ASSESSMENT)


def test_what_is_not_assessed_is_not_decided_on(idea: System, member: Actor) -> None:
    with pytest.raises(ActRefused):
        decide_use(actor=member, system=idea, versions=["1.0"], case_number="KS 1")


# ------------------------------------------------------------------------------------------------------------------ owners


def test_a_system_closes_with_the_mandate_of_its_owner(
    sequencer: Any, make_system: Any, meet_gates: Any, member: Actor, administrator: Actor, owner: Actor, user_of: Any
) -> None:
    from insyn.web import relay

    system = make_system("agt")
    meet_gates(system)
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 1")
    relay.relay_once(sequencer.client())
    mandate = Mandate.objects.get(user=user_of(owner), role=Role.SYSTEM_OWNER)
    end_mandate(actor=administrator, mandate=mandate, last_day=today() + timedelta(days=3), why="Slutar.")
    assert ("owner", (today() + timedelta(days=3)).isoformat()) in {(end.what, end.last_day) for end in issued(system).ends}
    assert Act.objects.filter(verb="narrow").count() == 1  # the nearer end holds at once
    end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutade.")
    permit = issued(system)
    assert not permit.granted
    assert RefusalCode.MANDATE_ENDED in {reason.code for reason in permit.missing}


def test_a_new_owner_opens_what_closed_with_the_old_one(
    sequencer: Any, make_system: Any, meet_gates: Any, member: Actor, administrator: Actor, owner: Actor, person: People, user_of: Any
) -> None:
    from insyn.web import relay

    system, coordinator, heir = make_system("arv"), person(Role.AI_COORDINATOR), person(Role.SYSTEM_OWNER, "arvinge")
    meet_gates(system)
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 1")
    relay.relay_once(sequencer.client())
    mandate = Mandate.objects.get(user=user_of(owner), role=Role.SYSTEM_OWNER)
    end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutade.")
    with pytest.raises(NotAllowed):
        hand_over_system(actor=owner, system=system, owner=user_of(heir), why="Jag slutar.")
    hand_over_system(actor=coordinator, system=system, owner=user_of(heir), why="Ägaren har slutat.")
    assert issued(system).granted
    with pytest.raises(ActRefused, match=r"redan|already"):
        hand_over_system(actor=coordinator, system=system, owner=user_of(heir), why="Igen.")


def test_a_system_is_handed_over_to_an_owner_and_to_nobody_else(system: System, owner: Actor, member: Actor, user_of: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        hand_over_system(actor=owner, system=system, owner=user_of(member), why="x")
    assert refused.value.place == "owner"
    with pytest.raises(NotAllowed):
        hand_over_system(actor=member, system=system, owner=user_of(owner), why="x")


# ------------------------------------------------------------------------------------------------------- closing by itself


def test_a_version_that_no_decision_covers_is_not_let_through(in_use: System, owner: Actor) -> None:
    from insyn.web.register.actions import add_version

    add_version(actor=owner, system=in_use, name="2.0")
    assert issued(in_use).versions == {"1.0"}


def test_the_permit_ends_with_the_last_who_can_stop_and_not_with_the_first(
    system: System, owner: Actor, person: People, meet_gates: Any, member: Actor
) -> None:
    meet_gates(system)
    near = (today() + timedelta(days=5)).isoformat()
    substitute = person(Role.STOP_HOLDER, "ersattare")
    supply_record(actor=owner, system=system, kind="stop_mandate", content={**SUMMARY, "person": substitute.person, "last_day": near})
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 1")
    last = {end.what: end.last_day for end in issued(system).ends}["stop_holder"]
    assert last > near


def test_the_overview_lists_what_closes_by_itself_with_who_can_prolong_it(in_use: System, sign_in: Any, owner: Actor) -> None:
    found = life.closings(issued(in_use), today())
    assert [one.day for one in found] == sorted(one.day for one in found)
    assert all(one.what and one.mend and one.who and not one.passed for one in found)
    page = text_of(sign_in(owner).get(f"/arbete/system/{in_use.slug}/", **ENGLISH))
    assert "Closes by itself" in page
    assert "The last mandate to stop" in page
    assert "The time until the next evaluation" in page


# -------------------------------------------------------------------------------------------------------------- the pages


def test_the_page_of_requirements_begins_with_the_next_step(idea: System, sign_in: Any, owner: Actor) -> None:
    page = text_of(sign_in(owner).get("/arbete/system/ide/krav/", **ENGLISH))
    before = [page.index(f"Before: {step}") for step in ("development or procurement", "assessment", "a decision on use", "pilot")]
    assert before == sorted(before)
    assert 'aria-current="step"' in page
    assert "Go on to: development" in page
    assert "Go on to: procurement" in page


def test_a_step_is_tried_on_its_page_before_it_is_taken(idea: System, sign_in: Any, owner: Actor, person: People) -> None:
    browser, address = sign_in(owner), "/arbete/system/ide/krav/steg/development/"
    page = text_of(browser.get(address, **ENGLISH))
    assert "3 requirements stand in the way" in page
    assert "Take the step" not in page
    before_development(owner, person, idea)
    page = text_of(browser.get(address, **ENGLISH))
    assert "all 3 requirements are met" in page
    idea.refresh_from_db()
    sent = {"why": "Klart.", "revision": str(idea.revision)}
    assert browser.post(address, sent).headers["Location"] == "/arbete/system/ide/krav/"
    idea.refresh_from_db()
    assert idea.phase == Phase.DEVELOPMENT
    assert "The system is there already" in text_of(browser.get(address, **ENGLISH))


def test_a_step_sent_too_early_is_refused_with_every_reason_and_keeps_what_was_written(idea: System, sign_in: Any, owner: Actor) -> None:
    sent = {"why": "Vi har bråttom.", "revision": str(idea.revision)}
    page = text_of(sign_in(owner).post("/arbete/system/ide/krav/steg/development/", sent, **ENGLISH))
    assert "This stands in the way" in page
    assert all(f"Gate of {rule}" in page for rule in ("weighed", "informed", "asked-for"))
    assert "Vi har bråttom." in page


def test_others_see_what_the_step_takes_and_have_no_button(idea: System, sign_in: Any, person: People) -> None:
    page = text_of(sign_in(person(Role.UNION_REPRESENTATIVE)).get("/arbete/system/ide/krav/steg/development/", **ENGLISH))
    assert "Gate of informed" in page
    assert "Take the step" not in page


def test_the_page_of_a_step_that_is_decided_leads_to_the_decisions(system: System, owner: Actor, sign_in: Any) -> None:
    step(owner, system, Phase.DECISION)
    page = text_of(sign_in(owner).get(f"/arbete/system/{system.slug}/krav/steg/pilot/", **ENGLISH))
    assert "This step is taken by a decision." in page
    assert f"/arbete/system/{system.slug}/beslut/" in page


def test_a_step_that_is_none_has_no_page(system: System, sign_in: Any, owner: Actor) -> None:
    assert sign_in(owner).get(f"/arbete/system/{system.slug}/krav/steg/magic/").status_code == 404


def test_a_system_is_handed_over_on_its_page(system: System, sign_in: Any, owner: Actor, person: People) -> None:
    heir = person(Role.SYSTEM_OWNER, "arvinge")
    browser, address = sign_in(owner), f"/arbete/system/{system.slug}/agare/"
    assert browser.post(address, {"owner": heir.person, "why": "Byter jobb.", "revision": str(system.revision)}).status_code == 302
    system.refresh_from_db()
    assert system.owner.person == heir.person
    assert "can give the system another owner" in text_of(browser.get(address, **ENGLISH))


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_a_page_of_requirements(system: System, sign_in: Any, owner: Actor, phase: Phase) -> None:
    System.objects.filter(pk=system.pk).update(phase=phase)
    browser = sign_in(owner)
    for page in ("", "krav/", "krav/steg/assessment/"):
        assert browser.get(f"/arbete/system/{system.slug}/{page}").status_code == 200


def test_somebody_appointed_anew_keeps_the_system_open(system: System, administrator: Actor, owner: Actor, user_of: Any) -> None:
    office = Office.objects.get(slug="kontoret")
    mandate = Mandate.objects.get(user=user_of(owner), role=Role.SYSTEM_OWNER)
    end_mandate(actor=administrator, mandate=mandate, last_day=today(), why="Löper ut.")
    appoint(actor=administrator, user=user_of(owner), role=Role.SYSTEM_OWNER, office=office, last_day=today() + timedelta(days=30))
    assert life.closings(issued(system), today()) == []  # a closed permit has no ends
    assert RefusalCode.MANDATE_ENDED not in {reason.code for reason in issued(system).missing}


def states(system: System) -> list[str]:
    return [stage.state for stage in life.way_of(System.objects.get(pk=system.pk))]


def test_a_system_entered_late_and_decided_without_a_pilot_has_passed_only_assessment(in_use: System) -> None:
    assert states(in_use) == ["", "", "done", "", "", "now", "coming", "coming"]


def test_a_system_that_is_given_up_shows_how_far_it_came(idea: System, owner: Actor, person: People) -> None:
    before_development(owner, person, idea)
    step(owner, idea, Phase.PROCUREMENT)
    assert states(idea) == ["done", "now", "coming", "coming", "coming", "coming", "coming", "coming"]
    retire_system(actor=owner, system=idea, why="Ges upp.", case_number="KS 1")
    assert states(idea) == ["done", "done", "", "", "", "", "now", "coming"]
