"""Who may decide on whose behalf: officials on an item of the delegation list, functions on theirs, and some matters never."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Mode, Phase, RecordKind, Role
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.clock import today
from insyn.web.decisions.actions import end_delegation, lift_never_automated, state_never_automated
from insyn.web.decisions.models import DelegationItem, NeverAutomated, OnDelegation
from insyn.web.register.actions import (
    answer_facts,
    continue_system,
    decide_use,
    describe_system,
    pause_system,
    refuse_system,
    retire_system,
    supply_record,
)
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, Decision, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
DELEGATED = {
    "summary": "Delegerat.",
    "item": "4.9",
    "matter_types": "housing_loan",
    "scope": "Bifall.",
    "decided_on": "2026-01-01",
    "procedure_act": "yes",
    "no_hindrance": "yes",
    "examined_by": "Kansliet",
    "responsible": "Nämnden",
}


@pytest.fixture
def ready(system: System, meet_gates: Any) -> System:
    """Every gate is met; nobody has decided."""
    meet_gates(system)
    return System.objects.get(pk=system.pk)


def decide(actor: Actor, system: System, **changes: Any) -> Act:
    return decide_use(actor=actor, system=system, **{"versions": ["1.0"], "case_number": "NN 2026/10", **changes})


def test_an_official_decides_on_an_item_that_covers_it(ready: System, delegate: Actor, adopt: Any) -> None:
    item = adopt()
    decide(delegate, ready, delegation="4.1")
    decision = Decision.objects.get(system=ready)
    assert decision.delegation == "4.1 Beslut att ta ett AI-system i bruk"
    assert OnDelegation.objects.get(item=item).decision == decision
    assert issued(ready).granted


def test_an_official_without_an_item_decides_nothing(ready: System, delegate: Actor, adopt: Any) -> None:
    adopt()
    with pytest.raises(NotAllowed, match=r"delegation"):
        decide(delegate, ready)
    with pytest.raises(NotAllowed, match=r"9\.9"):
        decide(delegate, ready, delegation="9.9")
    assert not Decision.objects.exists()


def test_an_elected_member_needs_no_item(ready: System, member: Actor) -> None:
    decide(member, ready, delegation="Nämndens eget beslut")
    assert Decision.objects.get().delegation == "Nämndens eget beslut"
    assert not OnDelegation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"what": "system.retire"}, r"täcker inte|does not cover this decision"),
        ({"highest_class": "limited"}, r"klass|class"),
        ({"matter_types": ["parking"]}, r"housing_loan"),
        ({"first_day": today() + timedelta(days=3)}, r"gällde inte|did not hold"),
    ],
)
def test_an_item_covers_what_it_says_and_nothing_more(
    changes: dict[str, Any], words: str, ready: System, delegate: Actor, adopt: Any
) -> None:
    adopt(**changes)
    with pytest.raises(NotAllowed, match=words):
        decide(delegate, ready, delegation="4.1")
    assert not issued(ready).granted


def test_another_boards_item_does_not_reach_the_system(ready: System, delegate: Actor, adopt: Any, other_board: Any, board: Any) -> None:
    adopt(board=other_board)
    with pytest.raises(NotAllowed, match=r"annan nämnds|another board"):
        decide(delegate, ready, delegation="4.1")


def test_an_item_for_another_office_is_not_the_officials(ready: System, delegate: Actor, adopt: Any, board: Any) -> None:
    adopt(office=board)
    with pytest.raises(NotAllowed, match=r"annat kontor|another office"):
        decide(delegate, ready, delegation="4.1")


def test_an_item_must_hold_on_the_day_of_the_decision(
    ready: System, delegate: Actor, adopt: Any, on_the_day: Any, secretary: Actor
) -> None:
    item = adopt(last_day=today() + timedelta(days=5))
    on_the_day(today() + timedelta(days=6))
    with pytest.raises(NotAllowed, match=r"gällde inte|did not hold"):
        decide(delegate, ready, delegation="4.1")
    decide(delegate, ready, delegation="4.1", decided_on=item.last_day)
    assert Decision.objects.get().decided_on == item.last_day


def test_an_ended_item_carries_no_new_decision_and_the_old_one_stands(ready: System, delegate: Actor, adopt: Any, secretary: Actor) -> None:
    item = adopt()
    decide(delegate, ready, delegation="4.1")
    end_delegation(actor=secretary, item=item, why="Nämnden tar tillbaka den.", case_number="NN 2026/11")
    assert issued(ready).granted
    with pytest.raises(NotAllowed, match=r"gällde inte|did not hold"):
        decide(delegate, System.objects.get(pk=ready.pk), delegation="4.1", case_number="NN 2026/12")


def test_an_official_decides_nothing_on_a_system_that_they_own(ready: System, person: People, adopt: Any) -> None:
    adopt()
    both = person(Role.DELEGATE, name=Role.SYSTEM_OWNER.value)
    with pytest.raises(NotAllowed, match=r"ensam|alone"):
        decide(both, ready, delegation="4.1")


def test_pausing_continuing_retiring_and_refusing_take_items_of_their_own(
    sequencer: Any, in_use: System, make_system: Any, delegate: Actor, adopt: Any
) -> None:
    for number, what in (("4.2", "system.pause"), ("4.3", "system.continue"), ("4.4", "system.retire"), ("4.5", "system.refuse")):
        adopt(number, what=what)
    with pytest.raises(NotAllowed):
        pause_system(actor=delegate, system=in_use, why="Paus.", delegation="4.3")
    pause_system(actor=delegate, system=in_use, why="Paus.", delegation="4.2")
    continue_system(actor=delegate, system=in_use, why="Ordnat.", case_number="NN 1", delegation="4.3")
    assert System.objects.get(pk=in_use.pk).phase == Phase.IN_USE
    with pytest.raises(NotAllowed):
        retire_system(actor=delegate, system=in_use, why="Slut.", case_number="NN 2")
    retire_system(actor=delegate, system=in_use, why="Slut.", case_number="NN 2", delegation="4.4")
    other = make_system("annat")
    refuse_system(actor=delegate, system=other, why_sv="Nej.", why_en="No.", case_number="NN 3", delegation="4.5")
    assert OnDelegation.objects.count() == 3
    assert {row.delegation[:3] for row in Decision.objects.exclude(what="use")} == {"4.3", "4.4", "4.5"}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COUNCIL_SECRETARY, Role.ADMINISTRATOR}))
def test_only_the_secretary_records_what_the_board_delegates(role: Role, person: People, adopt: Any) -> None:
    with pytest.raises(NotAllowed):
        adopt(actor=person(role))
    assert not DelegationItem.objects.exists()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"decided_on": today() + timedelta(days=1), "first_day": today() + timedelta(days=1)}, "decided_on"),
        ({"first_day": today() - timedelta(days=1)}, "first_day"),
        ({"last_day": today() - timedelta(days=1)}, "last_day"),
        ({"what": "magic"}, "what"),
        ({"highest_class": "magic"}, "highest_class"),
        ({"what": "automated_decision"}, "matter_types"),
        ({"what": "automated_decision", "matter_types": ["Å Ä Ö"]}, "matter_types"),
        ({"what": "automated_decision", "matter_types": [f"m-{number}" for number in range(60)]}, "matter_types"),
        ({"office": None}, "office"),
        ({"text_sv": "x" * 401}, "text_sv"),
        ({"case_number": " "}, "case_number"),
        ({"number": "4" * 21}, "number"),
    ],
)
def test_an_item_with_a_fault_is_refused_and_the_field_named(changes: dict[str, Any], place: str, adopt: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        adopt(changes.pop("number", "4.1"), **changes)
    assert refused.value.place == place
    assert not DelegationItem.objects.exists()


@given(text=st.text(max_size=60))
def test_no_matter_type_but_a_short_name_is_taken(text: str) -> None:
    from insyn.web.decisions.actions import _matters

    try:
        found = _matters([text])
    except InvalidInput as error:
        assert error.place == "matter_types"
    else:
        assert found == [text.strip()] or found == []


def test_the_same_item_twice_is_done_already(adopt: Any) -> None:
    adopt()
    with pytest.raises(ActRefused, match=r"Avsluta|End it first"):
        adopt()
    assert DelegationItem.objects.count() == 1


def test_an_item_is_ended_once_and_not_in_the_past(adopt: Any, secretary: Actor) -> None:
    item = adopt()
    with pytest.raises(InvalidInput) as refused:
        end_delegation(actor=secretary, item=item, why="x", case_number="NN 1", ended_on=today() - timedelta(days=1))
    assert refused.value.place == "ended_on"
    end_delegation(actor=secretary, item=item, why="x", case_number="NN 1")
    with pytest.raises(ActRefused, match=r"redan|already"):
        end_delegation(actor=secretary, item=item, why="x", case_number="NN 1")


# Automated functions


@pytest.fixture
def automatic(with_delegation_law: None, make_system: Any, meet_gates: Any, owner: Actor, secretary: Actor) -> System:
    """A system that decides by itself, whose gates are met."""
    system = make_system(modes=["automated"])
    answer_facts(actor=owner, system=system, answers={"decision.automated": "yes"})
    meet_gates(system)
    supply_record(actor=secretary, system=system, kind=RecordKind.DELEGATION, content=DELEGATED)
    return System.objects.get(pk=system.pk)


def test_an_automated_function_needs_an_item_that_names_its_matters(automatic: System, member: Actor, adopt: Any) -> None:
    with pytest.raises(ActRefused, match="housing_loan"):
        decide(member, automatic)
    adopt("4.8", what="automated_decision", matter_types=["parking"])
    with pytest.raises(ActRefused, match="housing_loan"):
        decide(member, automatic)
    adopt("4.9", what="automated_decision", matter_types=["housing_loan"])
    decide(member, automatic)
    assert issued(automatic).modes == {Mode.AUTOMATED}


def test_an_item_below_the_class_of_the_system_carries_no_automation(automatic: System, member: Actor, adopt: Any) -> None:
    adopt("4.9", what="automated_decision", matter_types=["housing_loan"], highest_class="limited")
    with pytest.raises(ActRefused, match="housing_loan"):
        decide(member, automatic)


def test_the_items_last_day_ends_the_permit(automatic: System, member: Actor, adopt: Any) -> None:
    last = today() + timedelta(days=20)
    adopt("4.9", what="automated_decision", matter_types=["housing_loan"], last_day=last)
    decide(member, automatic)
    ends = {(end.what, end.last_day, end.code) for end in issued(automatic).ends}
    assert ("delegation", last.isoformat(), RefusalCode.MODE_NOT_ALLOWED) in ends


def test_ending_the_item_closes_the_automated_mode_at_once(
    sequencer: Any, automatic: System, member: Actor, adopt: Any, secretary: Actor
) -> None:
    item = adopt("4.9", what="automated_decision", matter_types=["housing_loan"])
    decide(member, automatic)
    from insyn.web import bridge, outbox

    outbox.send_waiting(bridge.control())
    assert issued(automatic).granted
    end_delegation(actor=secretary, item=item, why="Nämnden har ändrat sig.", case_number="NN 2026/20")
    permit = issued(System.objects.get(pk=automatic.pk))
    assert not permit.granted
    assert RefusalCode.MODE_NOT_ALLOWED in {reason.code for reason in permit.missing}
    narrowed = [head for _index, head in sequencer.entries("permit") if getattr(head, "epoch", None) == permit.epoch]
    assert narrowed, "the narrowing stands in the log before the act"


def test_with_another_mode_left_only_the_automated_one_closes(
    sequencer: Any, with_delegation_law: None, make_system: Any, meet_gates: Any, owner: Actor, secretary: Actor, member: Actor, adopt: Any
) -> None:
    system = make_system(modes=["support", "automated"])
    answer_facts(actor=owner, system=system, answers={"decision.automated": "yes"})
    meet_gates(system)
    supply_record(actor=secretary, system=system, kind=RecordKind.DELEGATION, content=DELEGATED)
    item = adopt("4.9", what="automated_decision", matter_types=["housing_loan"])
    decide(member, system)
    assert issued(system).modes == {Mode.SUPPORT, Mode.AUTOMATED}
    end_delegation(actor=secretary, item=item, why="x", case_number="NN 1")
    permit = issued(System.objects.get(pk=system.pk))
    assert (permit.granted, permit.modes) == (True, {Mode.SUPPORT})


def forbid(secretary: Actor, matter: str = "housing_loan") -> Act:
    words = {"why_sv": "Rör människors hem.", "why_en": "Touches people's homes.", "case_number": "KF 2026/3", "decided_on": today()}
    return state_never_automated(actor=secretary, matter_type=matter, **words)


def test_what_is_never_automated_is_refused_at_every_door(
    automatic: System, member: Actor, owner: Actor, adopt: Any, secretary: Actor, make_system: Any
) -> None:
    adopt("4.9", what="automated_decision", matter_types=["housing_loan"])
    forbid(secretary)
    with pytest.raises(ActRefused, match="housing_loan"):
        decide(member, automatic)
    with pytest.raises(ActRefused, match="housing_loan"):
        make_system("annat", modes=["automated"])
    assert not System.objects.filter(slug="annat").exists()
    by_hand = make_system("tredje", modes=["support"])
    with pytest.raises(ActRefused, match="housing_loan"):
        describe_system(actor=owner, system=by_hand, modes=["support", "automated"])
    with pytest.raises(InvalidInput) as refused:
        adopt("4.10", what="automated_decision", matter_types=["housing_loan"])
    assert refused.value.place == "matter_types"


def test_stating_it_closes_what_runs_and_lifting_opens_only_what_is_delegated(
    sequencer: Any, automatic: System, member: Actor, adopt: Any, secretary: Actor
) -> None:
    adopt("4.9", what="automated_decision", matter_types=["housing_loan"])
    decide(member, automatic)
    act = forbid(secretary)
    assert not issued(System.objects.get(pk=automatic.pk)).granted
    assert act.text["affected"] == ["lanestod"]
    with pytest.raises(ActRefused, match=r"redan|already"):
        forbid(secretary)
    row = NeverAutomated.objects.get()
    lift_never_automated(actor=secretary, row=row, why="Nytt beslut.", case_number="KF 2026/4")
    assert issued(System.objects.get(pk=automatic.pk)).granted
    with pytest.raises(ActRefused, match=r"redan|already"):
        lift_never_automated(actor=secretary, row=row, why="Igen.", case_number="KF 2026/5")


@pytest.mark.parametrize("role", [Role.SYSTEM_OWNER, Role.AI_COORDINATOR, Role.ELECTED_MEMBER, Role.DELEGATE])
def test_only_the_secretary_states_what_is_never_automated(role: Role, person: People) -> None:
    with pytest.raises(NotAllowed):
        forbid(person(role))
    assert not NeverAutomated.objects.exists()


def test_an_unsettled_class_and_no_packs_count_as_high() -> None:
    from insyn.web.decisions.standing import class_of
    from insyn.web.decisions.words import HighestClass

    assert class_of((), {}, on=today()) is HighestClass.HIGH
