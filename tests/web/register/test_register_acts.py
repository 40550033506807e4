"""What the offices may do with a system, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from record_kit import ASSESSED, WITHSTOOD

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, Reach, RecordKind, Role, SystemKind
from insyn.web.accounts.actions import end_mandate
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Mandate
from insyn.web.clock import today
from insyn.web.register.actions import (
    adopt_pack,
    answer_facts,
    decide_use,
    describe_system,
    issue_client_key,
    propose_use,
    refuse_system,
    register_system,
    retire_system,
    supply_record,
    withdraw_record,
)
from insyn.web.register.compiling import permit_of
from insyn.web.register.issuing import issued
from insyn.web.register.models import Decision, IssuedPermit, Outbox, Record, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
GATES = {"oversight", "evaluation", "stopping", "tested", "negotiated", "privacy"}


def missing(system: System) -> set[str]:
    return {reason.rule.split("/")[1] for reason in issued(system).missing if reason.rule}


def test_a_registered_system_gets_a_closed_permit_that_says_what_is_missing(system: System) -> None:
    permit = issued(system)
    assert not permit.granted
    assert missing(system) == GATES
    assert RefusalCode.NOT_APPROVED in {reason.code for reason in permit.missing}


def test_each_record_that_is_supplied_leaves_one_thing_less_to_mend(system: System, meet_gates: Any) -> None:
    meet_gates(system, leave_out=("mbl_section_11",))
    assert missing(system) == {"negotiated"}


def test_use_is_refused_while_gates_are_unmet_with_each_reason(system: System, member: Actor) -> None:
    before = Outbox.objects.count()
    with pytest.raises(ActRefused) as refused:
        decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 2026/1")
    assert {reason.rule.split("/")[1] for reason in refused.value.details if reason.rule} == GATES
    assert all(any(gate in text for text in refused.value.reasons) for gate in GATES)
    assert System.objects.get(pk=system.pk).phase == Phase.ASSESSMENT
    assert (Outbox.objects.count(), Decision.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    ("kind", "gate"),
    [
        ("human_oversight", "oversight"),
        ("evaluation_plan", "evaluation"),
        ("stop_mandate", "stopping"),
        ("validation", "tested"),
        ("mbl_section_11", "negotiated"),
        ("assessment_data_protection", "privacy"),
    ],
)
def test_every_single_gate_can_stop_the_decision_alone(kind: str, gate: str, system: System, member: Actor, meet_gates: Any) -> None:
    meet_gates(system, leave_out=(kind,))
    with pytest.raises(ActRefused) as refused:
        decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 2026/1")
    assert {reason.rule.split("/")[1] for reason in refused.value.details if reason.rule} == {gate}


def test_when_all_gates_are_met_a_decision_opens_the_permit(in_use: System) -> None:
    permit = issued(in_use)
    assert permit.granted
    assert permit.versions == {"1.0"}
    assert [holder.last_day for holder in permit.stop_holders] == [permit.reviewers[0].last_day]
    decision = Decision.objects.get(system=in_use)
    assert (decision.case_number, decision.decider_office) == ("KS 2026/1", "Kontoret")
    assert in_use.phase == Phase.IN_USE


def test_the_loosening_permit_waits_in_the_outbox_for_its_entry(in_use: System) -> None:
    row = Outbox.objects.get(act__verb="decide_use")
    assert row.permit is not None
    assert row.sent_at is None
    assert row.act.log_index is None


def test_nobody_approves_alone_what_they_own_or_proposed(system: System, person: People, owner: Actor, meet_gates: Any) -> None:
    meet_gates(system)
    propose_use(actor=owner, system=system, why="Prövat och klart.")
    both = person(Role.ELECTED_MEMBER, name=Role.SYSTEM_OWNER.value)
    assert both.person == owner.person
    with pytest.raises(NotAllowed, match=r"ensam|alone"):
        decide_use(actor=both, system=system, versions=["1.0"], case_number="KS 2026/1")
    assert not issued(system).granted


def test_two_persons_are_needed_where_the_law_asks_for_two(system: System, owner: Actor, person: People) -> None:
    content = ASSESSED
    supply_record(actor=owner, system=system, kind="assessment_data_protection", content=content)
    same = person(Role.DATA_PROTECTION_OFFICER, name=Role.SYSTEM_OWNER.value)
    supply_record(actor=same, system=system, kind="assessment_data_protection", content=content)
    assert "privacy" in missing(system)
    supply_record(actor=person(Role.DATA_PROTECTION_OFFICER, name="dpo"), system=system, kind="assessment_data_protection", content=content)
    assert "privacy" not in missing(system)


def test_a_pack_that_the_council_has_not_adopted_binds_nobody(system: System) -> None:
    assert "ethics" not in missing(system)


def test_council_adoption_makes_a_policy_bind_from_then_on(system: System, person: People) -> None:
    act = adopt_pack(actor=person(Role.COUNCIL_SECRETARY), pack="kommun-test", adopted_on=today(), case_number="KF § 12")
    assert "ethics" in missing(system)
    assert act.text["case_number"] == "KF § 12"


def test_only_the_council_secretary_can_record_an_adoption(system: System, owner: Actor) -> None:
    with pytest.raises(NotAllowed):
        adopt_pack(actor=owner, pack="kommun-test", adopted_on=today(), case_number="KF § 12")
    assert "ethics" not in missing(system)


@pytest.mark.parametrize(
    ("pack", "days", "case_number", "place"),
    [
        ("test-law", 0, "KF 1", "pack"),
        ("no-such", 0, "KF 1", "pack"),
        ("kommun-test", 1, "KF 1", "adopted_on"),
        ("kommun-test", 0, " ", "case_number"),
    ],
)
def test_an_adoption_that_cannot_be_is_refused_by_field(person: People, pack: str, days: int, case_number: str, place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        adopt_pack(actor=person(Role.COUNCIL_SECRETARY), pack=pack, adopted_on=today() + timedelta(days), case_number=case_number)
    assert refused.value.place == place


def test_who_the_gate_does_not_name_cannot_supply_its_record(system: System, owner: Actor) -> None:
    content = {"summary": "x", "union": "x", "invited": "2026-01-01", "minutes": "x", "outcome": "agreement", "closed": "2026-01-02"}
    with pytest.raises(NotAllowed, match=r"Facklig|Union"):
        supply_record(actor=owner, system=system, kind=RecordKind.MBL_SECTION_11, content=content)
    assert not Record.objects.exists()


@pytest.mark.parametrize(
    ("kind", "content", "place"),
    [
        ("human_oversight", {"summary": "x"}, "reviewers"),
        ("human_oversight", {"summary": "x", "reviewers": ["p-nobody"]}, "reviewers"),
        ("evaluation_plan", {"summary": "x", "due": "31/1 2026"}, "due"),
        ("evaluation_plan", {"due": "2026-12-01"}, "summary"),
        ("evaluation_plan", {"summary": "x", "due": "2026-12-01", "extra": "x"}, "extra"),
        ("stop_mandate", {"summary": "x", "person": "p-nobody", "last_day": "2026-12-01"}, "person"),
        ("validation", {"summary": "x"}, "version"),
        ("no_such_kind", {"summary": "x"}, "kind"),
    ],
)
def test_a_record_with_a_fault_is_refused_and_the_field_named(
    system: System, owner: Actor, kind: str, content: dict[str, Any], place: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        supply_record(actor=owner, system=system, kind=kind, content=content)
    assert refused.value.place == place
    assert not Record.objects.exists()


def test_a_stop_key_must_be_a_key(system: System, owner: Actor, person: People) -> None:
    holder = person(Role.STOP_HOLDER)
    content = {"summary": "x", "person": holder.person, "last_day": "2027-01-01", "stop_key": "abc"}
    with pytest.raises(InvalidInput) as refused:
        supply_record(actor=owner, system=system, kind="stop_mandate", content=content)
    assert refused.value.place == "stop_key"
    supply_record(actor=owner, system=system, kind="stop_mandate", content={**content, "stop_key": "AB" * 32})
    assert issued(system).stop_holders[0].public == "ab" * 32


def test_a_stop_key_that_was_recorded_under_its_first_name_still_stops(system: System, owner: Actor, person: People) -> None:
    holder = person(Role.STOP_HOLDER)
    content = {"summary": "x", "person": holder.person, "last_day": "2027-01-01"}
    supply_record(actor=owner, system=system, kind="stop_mandate", content=content)
    system.records.update(content={**content, "public": "cd" * 32})
    supply_record(actor=owner, system=system, kind="evaluation_plan", content={"summary": "x", "due": "2027-01-01"})
    assert issued(system).stop_holders[0].public == "cd" * 32


def test_a_mandate_that_has_ended_lets_nobody_act(system: System, owner: Actor, administrator: Actor) -> None:
    mandate = Mandate.objects.get(user__person=owner.person)
    Mandate.objects.filter(pk=mandate.pk).update(first_day=date(2025, 1, 1), last_day=today() - timedelta(days=1))
    with pytest.raises(NotAllowed, match=(today() - timedelta(days=1)).isoformat()):
        answer_facts(actor=owner, system=system, answers={"decision.about_persons": "yes"})


def test_an_actor_who_made_up_a_role_is_refused(system: System, owner: Actor) -> None:
    forged = Actor(person=owner.person, name=owner.name, role=Role.ELECTED_MEMBER)
    with pytest.raises(NotAllowed):
        refuse_system(actor=forged, system=system, why_sv="Nej", why_en="No", case_number="KS 1")


def test_an_owner_acts_only_on_their_own_systems(system: System, person: People) -> None:
    other = person(Role.SYSTEM_OWNER, name="annan")
    with pytest.raises(NotAllowed, match=r"Owner|Ägare|ägare"):
        answer_facts(actor=other, system=system, answers={"decision.about_persons": "no"})


def test_unknown_is_never_no(system: System, owner: Actor) -> None:
    assert missing(system) == GATES
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "unknown"})
    assert missing(system) == GATES
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "no"})
    assert missing(system) == set()


def test_a_question_is_answered_by_the_office_that_it_names(system: System, owner: Actor, person: People) -> None:
    answer_facts(actor=person(Role.DATA_PROTECTION_OFFICER), system=system, answers={"decision.kinds": ["loan"]})
    with pytest.raises(NotAllowed):
        answer_facts(actor=person(Role.AI_COORDINATOR), system=system, answers={"decision.kinds": ["permit"]})
    assert System.objects.get(pk=system.pk).facts == {"decision.kinds": ["loan"]}


def test_two_people_editing_the_same_system_lose_nothing(system: System, owner: Actor, person: People) -> None:
    seen = system.revision
    describe_system(actor=owner, system=system, revision=seen, summary_sv="Ägarens text.")
    with pytest.raises(ChangedMeanwhile):
        describe_system(actor=person(Role.AI_COORDINATOR), system=system, revision=seen, summary_sv="Samordnarens text.")
    assert System.objects.get(pk=system.pk).summary_sv == "Ägarens text."


def test_what_a_decision_rests_on_cannot_be_widened_in_use(in_use: System, owner: Actor) -> None:
    wider = [*in_use.purposes, {"purpose": "fraud", "name": {"sv": "Bedrägeri", "en": "Fraud"}, "categories": [], "matter_types": []}]
    with pytest.raises(ActRefused, match=r"Pausa|Pause"):
        describe_system(actor=owner, system=in_use, purposes=wider)
    assert {grant.purpose for grant in issued(in_use).purposes} == {"loans"}


def test_a_refused_system_stays_in_the_register_with_its_reason(system: System, member: Actor) -> None:
    refuse_system(actor=member, system=system, why_sv="Inte rimligt.", why_en="Not reasonable.", case_number="KS 9")
    now = System.objects.get(pk=system.pk)
    assert (now.phase, now.refused_why_sv) == (Phase.REFUSED, "Inte rimligt.")
    assert issued(now).missing[0].code is RefusalCode.REFUSED_SYSTEM
    with pytest.raises(ActRefused):
        retire_system(actor=member, system=now, why="Igen", case_number="KS 10")


def test_a_client_key_is_shown_once_and_kept_as_a_digest(system: System, administrator: Actor) -> None:
    import hashlib

    issued_key = issue_client_key(actor=administrator, system=system, name="provprogram")
    assert issued(system).clients[0].sha256 == hashlib.sha256(issued_key.key.encode()).hexdigest()
    assert issued_key.key not in str(issued_key.act.text)
    with pytest.raises(InvalidInput):
        issue_client_key(actor=administrator, system=system, name="provprogram")


def test_a_use_held_by_contract_only_is_never_granted_calls(make_system: Any, owner: Actor, member: Actor) -> None:
    system = make_system("assistent", reach=Reach.CONTRACT_ONLY, kind=SystemKind.GENERALLY_AVAILABLE)
    answer_facts(actor=owner, system=system, answers={"decision.about_persons": "no"})
    with pytest.raises(ActRefused, match=r"varje anrop|every call"):
        decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 3")
    assert RefusalCode.CONTRACT_ONLY in {reason.code for reason in issued(system).missing}


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("slug", "Å", "slug"),
        ("kind", "magic", "kind"),
        ("purposes", [{"purpose": "Loans", "name": {"sv": "a", "en": "b"}}], "purposes[0].purpose"),
        ("purposes", {"purpose": "x"}, "purposes"),
        ("modes", ["telepathy"], "modes[0]"),
        ("name_sv", " ", "name_sv"),
        ("summary_sv", "x" * 401, "summary_sv"),
        ("epoch", 7, "epoch"),
    ],
)
def test_a_registration_with_a_fault_is_refused_by_field(make_system: Any, field: str, value: object, place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_system(**{field: value})
    assert refused.value.place == place
    assert not System.objects.exists()


def test_epochs_count_and_name_the_one_before(in_use: System) -> None:
    import msgspec

    from insyn.core.permit import Permit
    from insyn.core.signing import Signed

    bodies = [msgspec.json.decode(bytes(row.signed), type=Signed).body for row in IssuedPermit.objects.filter(system=in_use)]
    permits = [msgspec.json.decode(body, type=Permit) for body in bodies]
    assert [permit.epoch for permit in permits] == list(range(1, len(permits) + 1))
    assert [permit.compiled_from for permit in permits] == list(range(len(permits)))


def test_a_mandate_ends_only_earlier(administrator: Actor, owner: Actor) -> None:
    mandate = Mandate.objects.get(user__person=owner.person)
    end_mandate(actor=administrator, mandate=mandate, last_day=today(), why="Slutar.")
    with pytest.raises(InvalidInput):
        end_mandate(actor=administrator, mandate=mandate, last_day=today() + timedelta(days=9), why="Ångrade sig.")


def test_register_system_needs_an_owner_with_a_mandate(owner: Actor, member: Actor, user_of: Any, person: People) -> None:
    from insyn.web.accounts.models import Office

    with pytest.raises(InvalidInput) as refused:
        register_system(
            actor=person(Role.AI_COORDINATOR), slug="x", owner=user_of(member), office=Office.objects.get(slug="kontoret"), kind="bought"
        )
    assert refused.value.place == "owner"


def test_a_law_that_begins_to_apply_closes_a_running_system_on_its_day_unless_its_gate_is_met(in_use: System, owner: Actor) -> None:
    coming = [end for end in issued(in_use).ends if end.code is RefusalCode.GATE_UNMET]
    assert [(end.last_day, end.what) for end in coming] == [("2098-12-31", "test-law/coming")]
    content = {"summary": "Altered inputs, and what came of them.", **WITHSTOOD}
    act = supply_record(actor=owner, system=in_use, kind=RecordKind.ROBUSTNESS_TEST, content=content, version="1.0")
    assert coming == [end for end in issued(in_use).ends if end.code is RefusalCode.GATE_UNMET]  # a test of 2026 is none in 2099
    Record.objects.filter(act=act).update(valid_through=None)
    later = permit_of(System.objects.get(pk=in_use.pk), epoch=9, compiled_from=8, on=today())
    assert [end for end in later.ends if end.code is RefusalCode.GATE_UNMET] == []


def test_a_newer_assessment_for_a_shorter_time_shortens_the_permit_until_it_is_withdrawn(
    system: System, meet_gates: Any, owner: Actor, member: Actor
) -> None:
    kind, soon = RecordKind.ASSESSMENT_DATA_PROTECTION, today() + timedelta(days=30)
    meet_gates(system)
    supply_record(actor=owner, system=system, kind=kind, content={"summary": "Anew.", **ASSESSED}, valid_through=soon)
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 2026/1")
    assert soon.isoformat() in {end.last_day for end in issued(system).ends}
    newest = Record.objects.filter(kind=kind, supplied_role=Role.SYSTEM_OWNER).latest("pk")
    withdraw_record(actor=owner, system=System.objects.get(pk=system.pk), record=newest, why="Fel dag.")
    assert soon.isoformat() not in {end.last_day for end in issued(system).ends}
