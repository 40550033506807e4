"""An owner may deviate from a policy for a time, and carries the risk in person. From law and stop rules nobody may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, RecordKind, Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.clock import today
from insyn.web.decisions.actions import MAX_WORDS, accept_deviation, end_deviation, propose_deviation
from insyn.web.decisions.models import Deviation
from insyn.web.register.actions import adopt_pack, decide_use, describe_system, withdraw_record
from insyn.web.register.compiling import permit_of
from insyn.web.register.issuing import issued
from insyn.web.register.models import Record, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
ETHICS = "kommun-test/ethics"
LAST = today() + timedelta(days=90)


@pytest.fixture
def policy(with_policy: None, secretary: Actor) -> None:
    """Both test policies are adopted."""
    for pack in ("kommun-test", "kommun-prov"):
        adopt_pack(actor=secretary, pack=pack, adopted_on=today(), case_number="KF § 12")


@pytest.fixture
def bound(policy: None, system: System) -> System:
    """A system that the policies ask something of. It does not do what one stop rule forbids."""
    from insyn.web.register.actions import answer_facts

    owner = Actor(person=system.owner.person, name=str(system.owner), role=Role.SYSTEM_OWNER, office="Kontoret")
    answer_facts(actor=owner, system=system, answers={"decision.practice": "no"})
    return System.objects.get(pk=system.pk)


def propose(actor: Actor, system: System, rule: str = ETHICS, **changes: Any) -> Deviation:
    words = {"reason": "Mallen är inte klar.", "risk": "Svårare att förklara för den sökande.", "measures": "En människa läser allt."}
    propose_deviation(actor=actor, system=system, rule=rule, **{**words, "last_day": LAST, **changes})
    return Deviation.objects.filter(system=system, rule=rule).first()


def accept(actor: Actor, deviation: Deviation, words: str = "Jag tar på mig den högre risken.") -> Deviation:
    accept_deviation(actor=actor, deviation=deviation, acceptance=words)
    return Deviation.objects.get(pk=deviation.pk)


def unmet(system: System) -> set[str]:
    return {reason.rule for reason in issued(system).missing if reason.rule}


def test_a_proposed_deviation_has_no_effect(bound: System, owner: Actor) -> None:
    propose(owner, bound)
    assert ETHICS in unmet(bound)
    assert not Record.objects.filter(kind=RecordKind.DEVIATION).exists()


def test_the_owners_acceptance_meets_the_policys_gate_and_leaves_a_record(bound: System, owner: Actor, person: People) -> None:
    found = accept(owner, propose(person(Role.AI_COORDINATOR), bound))
    assert ETHICS not in unmet(bound)
    assert (found.accepted_on, found.accepted_by.person) == (today(), owner.person)
    record = Record.objects.get(kind=RecordKind.DEVIATION)
    assert (record.valid_through, record.supplied_role, record.public) == (LAST, Role.SYSTEM_OWNER, True)
    assert record.content["accepted_risk"] == "Jag tar på mig den högre risken."
    assert record.act == found.accepting


def test_what_the_record_says_fits_its_kind(bound: System, owner: Actor) -> None:
    from insyn.web.register.contents import check_content

    accept(owner, propose(owner, bound))
    content = Record.objects.get(kind=RecordKind.DEVIATION).content
    assert check_content(RecordKind.DEVIATION, content, holds_role=lambda person, role: True) == content


def test_use_is_decided_with_a_deviation_and_ends_with_it(bound: System, owner: Actor, member: Actor, meet_gates: Any) -> None:
    meet_gates(bound)
    with pytest.raises(ActRefused):
        decide_use(actor=member, system=bound, versions=["1.0"], case_number="KS 1")
    accept(owner, propose(owner, bound))
    decide_use(actor=member, system=bound, versions=["1.0"], case_number="KS 1")
    permit = issued(bound)
    assert permit.granted
    assert min(end.last_day for end in permit.ends) == LAST.isoformat()
    after = permit_of(System.objects.get(pk=bound.pk), epoch=99, compiled_from=98, on=LAST + timedelta(days=1))
    assert {(reason.code, reason.rule) for reason in after.missing} == {(RefusalCode.RECORD_EXPIRED, ETHICS)}


def test_ending_it_closes_at_once(sequencer: Any, bound: System, owner: Actor, member: Actor, meet_gates: Any) -> None:
    meet_gates(bound)
    found = accept(owner, propose(owner, bound))
    decide_use(actor=member, system=bound, versions=["1.0"], case_number="KS 1")
    end_deviation(actor=member, deviation=found, why="Mallen är klar.")
    assert not issued(bound).granted
    assert ETHICS in unmet(bound)
    assert Record.objects.get(kind=RecordKind.DEVIATION).withdrawn_on == today()
    with pytest.raises(ActRefused, match=r"redan|already"):
        end_deviation(actor=member, deviation=found, why="Igen.")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("test-law/privacy", r"lag|law"),
        ("kommun-prov/no-practice", r"stopp|stop rule"),
        ("kommun-prov/nothing", r"Ingen regel|No rule"),
        ("<script>", r"Ingen regel|No rule"),
    ],
)
def test_from_law_and_stop_rules_nobody_deviates(rule: str, words: str, bound: System, owner: Actor) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        propose(owner, bound, rule)
    assert refused.value.place == "rule"
    assert not Deviation.objects.exists()


@pytest.mark.parametrize("rule", ["kommun-prov/openness", "kommun-prov/evaluated-yearly"])
def test_from_a_principle_or_a_cadence_one_deviates_openly_too(rule: str, bound: System, owner: Actor) -> None:
    assert accept(owner, propose(owner, bound, rule)).in_force(today())


def test_a_policy_that_is_not_adopted_is_not_deviated_from(with_policy: None, system: System, owner: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        propose(owner, system)
    assert refused.value.place == "rule"


def test_a_rule_that_asks_nothing_of_the_system_is_not_deviated_from(bound: System, owner: Actor) -> None:
    from insyn.web.register.actions import answer_facts

    answer_facts(actor=owner, system=bound, answers={"decision.about_persons": "no"})
    with pytest.raises(InvalidInput, match=r"inget av|nothing of"):
        propose(owner, bound)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM_OWNER, Role.ADMINISTRATOR}))
def test_nobody_but_the_owner_accepts_the_risk(role: Role, bound: System, owner: Actor, person: People) -> None:
    found = propose(owner, bound)
    with pytest.raises(NotAllowed):
        accept(person(role), found)
    assert ETHICS in unmet(bound)


def test_another_owner_does_not_accept_for_this_one(bound: System, owner: Actor, person: People) -> None:
    found = propose(owner, bound)
    with pytest.raises(NotAllowed):
        accept(person(Role.SYSTEM_OWNER, name="annan-agare"), found)
    with pytest.raises(NotAllowed):
        propose(person(Role.SYSTEM_OWNER, name="annan-agare"), bound)


def test_an_owner_whose_mandate_has_ended_accepts_nothing(bound: System, owner: Actor, administrator: Actor) -> None:
    from insyn.web.accounts.actions import end_mandate
    from insyn.web.accounts.models import Mandate

    found = propose(owner, bound)
    mandate = Mandate.objects.get(user__person=owner.person, role=Role.SYSTEM_OWNER)
    Mandate.objects.filter(pk=mandate.pk).update(first_day=today() - timedelta(days=9))
    end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Slutat.")
    with pytest.raises(NotAllowed):
        accept(owner, found)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"last_day": today() - timedelta(days=1)}, "last_day"),
        ({"last_day": today() + timedelta(days=400)}, "last_day"),
        ({"reason": "  "}, "reason"),
        ({"risk": ""}, "risk"),
        ({"measures": "x" * (MAX_WORDS + 1)}, "measures"),
    ],
)
def test_a_deviation_with_a_fault_is_refused_and_the_field_named(changes: dict[str, Any], place: str, bound: System, owner: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        propose(owner, bound, **changes)
    assert refused.value.place == place
    assert not Deviation.objects.exists()


def test_the_owner_says_it_in_their_own_words(bound: System, owner: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        accept(owner, propose(owner, bound), words=" ")
    assert refused.value.place == "acceptance"


def test_a_deviation_is_proposed_and_accepted_once(bound: System, owner: Actor) -> None:
    found = propose(owner, bound)
    with pytest.raises(ActRefused, match=r"redan|already"):
        propose(owner, bound)
    accept(owner, found)
    with pytest.raises(ActRefused, match=r"redan|already"):
        accept(owner, found)


def test_a_proposal_whose_last_day_has_passed_is_not_accepted(bound: System, owner: Actor, on_the_day: Callable[[date], None]) -> None:
    found = propose(owner, bound, last_day=today() + timedelta(days=2))
    on_the_day(today() + timedelta(days=3))
    with pytest.raises(InvalidInput) as refused:
        accept(owner, found)
    assert refused.value.place == "last_day"


def test_a_deviation_goes_on_with_a_new_one_before_it_ends(bound: System, owner: Actor) -> None:
    first = accept(owner, propose(owner, bound))
    later = LAST + timedelta(days=30)
    second = accept(owner, propose(owner, bound, last_day=later))
    assert second != first
    [state] = [gate for gate in _gates(bound) if gate.rule == ETHICS]
    assert (state.deviation, state.valid_through) == (str(second.pk), later)


def _gates(system: System) -> Any:
    from insyn.web.register import packs
    from insyn.web.register.compiling import gates_of

    return gates_of(system, packs.in_force(today()), versions=["1.0"], on=today())


def test_two_people_at_once_change_it_one_after_the_other(bound: System, owner: Actor) -> None:
    found, seen = propose(owner, bound), System.objects.get(pk=bound.pk).revision
    describe_system(actor=owner, system=bound, summary_sv="Annat.")
    with pytest.raises(ChangedMeanwhile):
        accept_deviation(actor=owner, deviation=found, acceptance="Ja.", revision=seen)
    assert Deviation.objects.get().state == "proposed"


def test_the_record_of_a_deviation_is_not_withdrawn_alone(bound: System, owner: Actor) -> None:
    accept(owner, propose(owner, bound))
    record = Record.objects.get(kind=RecordKind.DEVIATION)
    with pytest.raises(ActRefused, match=r"avvikelse|deviation"):
        withdraw_record(actor=owner, system=bound, record=record, why="Bort.")
    assert Record.objects.get(pk=record.pk).withdrawn_on is None


def test_a_record_of_a_deviation_by_itself_opens_nothing(bound: System, owner: Actor) -> None:
    from insyn.web.register.actions import supply_record

    content = {"summary": "Vi avviker.", "principle": ETHICS, "last_day": LAST.isoformat()}
    supply_record(actor=owner, system=bound, kind=RecordKind.DEVIATION, content=content)
    assert ETHICS in unmet(bound)
    assert System.objects.get(pk=bound.pk).phase == Phase.ASSESSMENT
