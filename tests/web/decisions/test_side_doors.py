"""What could open a system without anybody deciding so: each tried, and each shut."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from record_kit import DATA_USE, VALIDATED, WITHSTOOD

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import RecordKind, Role
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.clock import today
from insyn.web.decisions.actions import accept_deviation, end_delegation, propose_deviation
from insyn.web.decisions.models import Deviation
from insyn.web.register import packs
from insyn.web.register.actions import (
    add_version,
    adopt_pack,
    advance_system,
    answer_facts,
    continue_system,
    decide_data_use,
    decide_use,
    hand_over_system,
    propose_data_use,
    supply_record,
    withdraw_data_use,
    withdraw_record,
)
from insyn.web.register.compiling import gates_of, permit_of
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, DataUse, Decision, Record, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
DAY = timedelta(days=1)
USE = {
    **DATA_USE,
    "categories": ["income"],
    "fields": [{"name": "income", "why": "Behövs.", "collected_how": "Ur ansökan."}],
}


@pytest.fixture
def ready(system: System, meet_gates: Any) -> System:
    meet_gates(system)
    return now(system)


def now(system: System) -> System:
    return System.objects.get(pk=system.pk)


def decide(actor: Actor, system: System, **changes: Any) -> Act:
    return decide_use(actor=actor, system=system, **{"versions": ["1.0"], "case_number": "NN 2026/10", **changes})


def data_use(owner: Actor, member: Actor, system: System, *, allowed: bool = True, **told: Any) -> DataUse:
    words = {"purpose": "loans", **USE, **told}
    row = DataUse.objects.get(act=propose_data_use(actor=owner, system=system, **words))
    decide_data_use(actor=member, system=system, data_use=row, case_number="KS 2", allowed=allowed)
    return DataUse.objects.get(pk=row.pk)


def compiled(system: System) -> Any:
    return permit_of(now(system), epoch=99, compiled_from=98, on=today())


# ------------------------------------------------------------------------------------------------------------------------- who decides


def test_who_handed_the_system_over_does_not_decide_its_use(
    make_system: Any, meet_gates: Any, owner: Actor, person: People, user_of: Any
) -> None:
    system = make_system()
    meet_gates(system)
    system.acts.filter(verb="register_system").update(person="p-somebody")  # somebody else entered it
    heir = person(Role.SYSTEM_OWNER, name="arvtagaren")
    hand_over_system(actor=owner, system=now(system), owner=user_of(heir), why="Jag blir politiker.")
    both = person(Role.ELECTED_MEMBER, name=Role.SYSTEM_OWNER.value)
    assert both.person == owner.person
    with pytest.raises(NotAllowed, match=r"ensam|alone"):
        decide(both, now(system))
    assert not Decision.objects.exists()


def test_nobody_takes_a_system_from_an_owner_who_is_there(system: System, owner: Actor, person: People, user_of: Any) -> None:
    coordinator = person(Role.AI_COORDINATOR)
    with pytest.raises(NotAllowed, match=r"System_Owner"):
        hand_over_system(actor=coordinator, system=system, owner=user_of(person(Role.SYSTEM_OWNER, name="arvtagaren")), why="x")
    assert now(system).owner == user_of(owner)


def test_an_item_that_was_taken_back_carries_no_decision_with_an_older_day(
    ready: System, person: People, adopt: Any, on_the_day: Any, secretary: Actor
) -> None:
    delegate, item, then = person(Role.DELEGATE), adopt(), today()
    on_the_day(then + 3 * DAY)
    end_delegation(actor=secretary, item=item, why="Nämnden litar inte längre på den.", case_number="NN 2026/11")
    on_the_day(then + 4 * DAY)
    with pytest.raises(NotAllowed, match=r"gällde inte|did not hold"):
        decide(delegate, now(ready), delegation="4.1", decided_on=then + DAY)
    assert not issued(ready).granted


# ---------------------------------------------------------------------------------------------------------------------- back-dated acts


def test_a_decision_is_not_older_than_the_version_that_it_covers(ready: System, member: Actor, owner: Actor, on_the_day: Any) -> None:
    then = today()
    on_the_day(then + 5 * DAY)
    add_version(actor=owner, system=now(ready), name="2.0", learned_from=[])
    supply_record(actor=owner, system=now(ready), kind=RecordKind.VALIDATION, content={"summary": "x", **VALIDATED}, version="2.0")
    Record.objects.filter(version__name="2.0").update(recorded_on=then)
    with pytest.raises(InvalidInput, match=(then + 5 * DAY).isoformat()):
        decide(member, now(ready), versions=["1.0", "2.0"], decided_on=then)


def test_a_decision_is_not_older_than_the_answers_that_it_rests_on(ready: System, member: Actor, owner: Actor, on_the_day: Any) -> None:
    then = today()
    on_the_day(then + 5 * DAY)
    answer_facts(actor=owner, system=now(ready), answers={"decision.about_persons": "yes"})
    with pytest.raises(InvalidInput, match=(then + 5 * DAY).isoformat()):
        decide(member, now(ready), decided_on=then)


def test_a_decision_is_not_older_than_the_data_use_that_it_rests_on(ready: System, member: Actor, owner: Actor, on_the_day: Any) -> None:
    then = today()
    on_the_day(then + 5 * DAY)
    data_use(owner, member, now(ready))
    with pytest.raises(InvalidInput, match=(then + 5 * DAY).isoformat()):
        decide(member, now(ready), decided_on=then)
    decide(member, now(ready))


def test_a_decision_from_before_the_system_went_back_to_assessment_opens_nothing(
    sequencer: Any, in_use: System, member: Actor, owner: Actor, on_the_day: Any
) -> None:
    then = today()
    on_the_day(then + 5 * DAY)
    advance_system(actor=owner, system=in_use, to="assessment", why="Fel i modellen.")
    with pytest.raises(InvalidInput, match=(then + 5 * DAY).isoformat()):
        decide(member, now(in_use), decided_on=then, case_number="NN 2026/77")
    assert not compiled(in_use).granted


def test_a_system_that_its_evaluation_stopped_is_not_let_go_on_before_that(
    sequencer: Any, in_use: System, member: Actor, owner: Actor, on_the_day: Any
) -> None:
    then = today()
    on_the_day(then + 5 * DAY)
    evaluate(owner, in_use, outcome="stop")
    with pytest.raises(InvalidInput, match=(then + 5 * DAY).isoformat()):
        continue_system(actor=member, system=now(in_use), case_number="NN 2", why="Redan beslutat.", decided_on=then + DAY)
    assert not compiled(in_use).granted


# ---------------------------------------------------------------------------------------------------------------------------- records


def evaluate(owner: Actor, system: System, **content: Any) -> Record:
    words = {"summary": "Prövat.", "result": "Som väntat.", "participation": "Berörda har hörts.", **content}
    return Record.objects.get(act=supply_record(actor=owner, system=now(system), kind=RecordKind.EVALUATION, content=words))


def test_withdrawing_an_evaluation_gives_no_more_time(sequencer: Any, in_use: System, owner: Actor) -> None:
    soon = today() + timedelta(days=30)
    record = evaluate(owner, in_use, outcome="continue", next_due=soon.isoformat())
    assert now(in_use).evaluation_due == soon
    withdraw_record(actor=owner, system=now(in_use), record=record, why="Vi vill ha mer tid.")
    assert now(in_use).evaluation_due == soon


def test_withdrawing_a_test_that_was_not_passed_gives_no_force_back_to_the_one_before(ready: System, owner: Actor) -> None:
    failing = {"summary": "x", **VALIDATED, "accuracy": 1, "least_accuracy": 99}
    failed = supply_record(actor=owner, system=now(ready), kind=RecordKind.VALIDATION, content=failing, version="1.0")
    assert not gate_met(ready, RecordKind.VALIDATION)
    withdraw_record(actor=owner, system=now(ready), record=Record.objects.get(act=failed), why="Den passar inte.")
    assert not gate_met(ready, RecordKind.VALIDATION)
    supply_record(actor=owner, system=now(ready), kind=RecordKind.VALIDATION, content={"summary": "x", **VALIDATED}, version="1.0")
    assert gate_met(ready, RecordKind.VALIDATION)


def gate_met(system: System, kind: RecordKind) -> bool:
    found = gates_of(now(system), packs.in_force(today()), versions=["1.0"], on=today())
    return all(gate.met for gate in found if gate.demands is kind)


@pytest.mark.parametrize(
    ("through", "code", "last_day"),
    [
        (date(2098, 6, 1), RefusalCode.GATE_UNMET, "2098-12-31"),  # expired when the rule begins
        (date(2099, 6, 1), RefusalCode.RECORD_EXPIRED, "2099-06-01"),  # expires after it began
    ],
)
def test_a_rule_that_begins_later_closes_by_time_also_where_its_record_expires(
    through: date, code: RefusalCode, last_day: str, ready: System, owner: Actor, member: Actor
) -> None:
    content = {"summary": "x", **WITHSTOOD}
    act = supply_record(actor=owner, system=ready, kind=RecordKind.ROBUSTNESS_TEST, content=content, version="1.0")
    Record.objects.filter(act=act).update(valid_through=through)
    decide(member, now(ready))
    assert (code, last_day) in {(end.code, end.last_day) for end in issued(ready).ends if end.what == "test-law/coming"}


# ------------------------------------------------------------------------------------------------------------- what versions learned from


def taught(owner: Actor, member: Actor, system: System, **version: Any) -> DataUse:
    row = data_use(owner, member, system, purpose="modellen", purpose_kind="training")
    told = [{"purpose": "training", "source": "Ärenden", "residents_data": "yes", "data_use": row.pk}]
    add_version(actor=owner, system=now(system), name="2.0", learned_from=told, **version)
    return row


@pytest.mark.parametrize(
    "told", [{"previous": "2.0"}, {"previous": "2.0", "digest": "a" * 64}, {"previous": "2.0", "configuration": "Ny prompt."}]
)
def test_a_version_that_says_nothing_learned_what_the_one_before_did(
    told: dict[str, str], ready: System, owner: Actor, member: Actor
) -> None:
    row = taught(owner, member, ready, digest="a" * 64)
    add_version(actor=owner, system=now(ready), name="3.0", **told)
    supply_record(actor=owner, system=now(ready), kind=RecordKind.VALIDATION, content={"summary": "x", **VALIDATED}, version="3.0")
    withdraw_data_use(actor=owner, system=now(ready), data_use=row, why="Samtycket är taget tillbaka.")
    with pytest.raises(ActRefused, match=r"invånares uppgifter|residents' data"):
        decide(member, now(ready), versions=["3.0"])


def test_a_version_trained_anew_on_nothing_of_residents_is_free_of_it(ready: System, owner: Actor, member: Actor) -> None:
    row = taught(owner, member, ready)
    own = [{"purpose": "training", "source": "Påhittade ärenden", "residents_data": "no", "data_use": None}]
    add_version(actor=owner, system=now(ready), name="3.0", previous="2.0", learned_from=own)
    supply_record(actor=owner, system=now(ready), kind=RecordKind.VALIDATION, content={"summary": "x", **VALIDATED}, version="3.0")
    withdraw_data_use(actor=owner, system=now(ready), data_use=row, why="Slut.")
    decide(member, now(ready), versions=["3.0"])
    assert issued(ready).versions == {"3.0"}


def test_the_same_model_under_another_name_learned_the_same(ready: System, owner: Actor, member: Actor) -> None:
    row = taught(owner, member, ready, digest="a" * 64)
    denied = [{"purpose": "training", "source": "Ingenting", "residents_data": "no", "data_use": None}]
    add_version(actor=owner, system=now(ready), name="omdopt", digest="a" * 64, learned_from=denied)
    supply_record(actor=owner, system=now(ready), kind=RecordKind.VALIDATION, content={"summary": "x", **VALIDATED}, version="omdopt")
    withdraw_data_use(actor=owner, system=now(ready), data_use=row, why="Slut.")
    with pytest.raises(ActRefused, match=r"invånares uppgifter|residents' data"):
        decide(member, now(ready), versions=["omdopt"])


def test_after_a_no_to_training_a_version_cannot_say_nothing(ready: System, owner: Actor, member: Actor) -> None:
    data_use(owner, member, ready, allowed=False, purpose="modellen", purpose_kind="training")
    for told in ({}, {"previous": "1.0"}):
        with pytest.raises(InvalidInput) as silent:
            add_version(actor=owner, system=now(ready), name="2.0", **told)
        assert silent.value.place == "learned_from"
    assert not ready.versions.filter(name="2.0").exists()


def test_data_that_a_decision_refused_are_granted_by_no_purpose(ready: System, owner: Actor, member: Actor) -> None:
    data_use(owner, member, ready, allowed=False)
    with pytest.raises(ActRefused, match=r"dataanvändning|data use"):
        decide(member, now(ready))


# -------------------------------------------------------------------------------------------------------------------------- deviations


def test_the_risk_that_one_owner_took_holds_for_nobody_after_them(
    sequencer: Any, system: System, secretary: Actor, owner: Actor, member: Actor, person: People, meet_gates: Any, user_of: Any
) -> None:
    adopt_pack(actor=secretary, pack="kommun-test", adopted_on=today(), case_number="KF § 12")
    meet_gates(system)
    words = {"reason": "Mallen är inte klar.", "risk": "Svårare att förklara.", "measures": "En människa läser allt."}
    propose_deviation(actor=owner, system=now(system), rule="kommun-test/ethics", last_day=today() + timedelta(days=30), **words)
    accept_deviation(actor=owner, deviation=Deviation.objects.get(), acceptance="Jag tar den.")
    decide(member, now(system))
    assert issued(system).granted
    heir = person(Role.SYSTEM_OWNER, name="arvtagaren")
    hand_over_system(actor=owner, system=now(system), owner=user_of(heir), why="Jag slutar.")
    assert not issued(system).granted
    assert not Deviation.objects.get().in_force(today())
    propose_deviation(actor=heir, system=now(system), rule="kommun-test/ethics", last_day=today() + timedelta(days=30), **words)
    accept_deviation(actor=heir, deviation=Deviation.objects.get(state="proposed"), acceptance="Jag tar den också.")
    assert issued(system).granted
