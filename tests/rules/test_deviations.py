"""A deviation meets a gate of a policy until its last day, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from rules_kit import DAY, LOAN_FACTS, all_packs, record

from insyn.core.permit import StopHolder
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Mode, Phase, Reach, RecordKind, Role
from insyn.core.text import Text
from insyn.law.adoption import Adoption, packs_in_force
from insyn.law.model import Kind, Pack
from insyn.rules.gates import Deviation, GateState, HeldRecord, missing_reasons
from insyn.rules.permits import PermitSpec, compile_permit

Gates = Callable[..., dict[str, GateState]]
POLICY = "kommun/lindvalla/participation"
LAW = "eu-gdpr/data-protection-assessment"
LAST = DAY + timedelta(days=90)


def deviation(rule: str, **changes: Any) -> Deviation:
    return Deviation(**{"rule": rule, "deviation_id": "7", "last_day": LAST, **changes})


@pytest.fixture
def without_participation(full_set: list[HeldRecord]) -> list[HeldRecord]:
    return [held for held in full_set if held.kind is not RecordKind.PARTICIPATION_ROUND]


def test_a_gate_of_a_policy_is_met_by_a_deviation_through_its_last_day(gates_of: Gates, without_participation: list[HeldRecord]) -> None:
    assert not gates_of(without_participation)[POLICY].met
    state = gates_of(without_participation, deviations=[deviation(POLICY)])[POLICY]
    assert (state.met, state.deviation, state.valid_through, state.record_id) == (True, "7", LAST, "")
    last = gates_of(without_participation, deviations=[deviation(POLICY)], on=LAST)[POLICY]
    assert last.met, "the last day is included"


def test_an_ended_deviation_closes_the_gate_by_time_and_says_so(gates_of: Gates, without_participation: list[HeldRecord]) -> None:
    state = gates_of(without_participation, deviations=[deviation(POLICY)], on=LAST + timedelta(days=1))[POLICY]
    assert (state.met, state.expired, state.deviation) == (False, True, "")
    [reason] = missing_reasons([state])
    assert reason.code is RefusalCode.RECORD_EXPIRED
    assert LAST.isoformat() in reason.sentence.sv
    assert LAST.isoformat() in reason.sentence.en


def test_the_longest_of_several_deviations_counts(gates_of: Gates, without_participation: list[HeldRecord]) -> None:
    both = [deviation(POLICY), deviation(POLICY, deviation_id="8", last_day=LAST + timedelta(days=1))]
    assert gates_of(without_participation, deviations=both)[POLICY].deviation == "8"


def test_a_record_goes_before_a_deviation(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    state = gates_of(full_set, deviations=[deviation(POLICY)])[POLICY]
    assert (state.met, state.deviation) == (True, "")


def test_a_gate_of_law_is_never_met_by_a_deviation(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    without = [held for held in full_set if held.kind is not RecordKind.ASSESSMENT_DATA_PROTECTION]
    before, after = gates_of(without), gates_of(without, deviations=[deviation(rule) for rule in gates_of(without)])
    unmet = {rule for rule, state in before.items() if not state.met and state.by_law}
    assert LAW in unmet
    assert unmet <= {rule for rule, state in after.items() if not state.met}


def test_a_law_that_asks_for_the_same_record_still_bites(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    """The policy asks for a union's part too; deviating from the policy does not negotiate."""
    without = [held for held in full_set if held.kind is not RecordKind.MBL_SECTION_11]
    policy = "kommun/lindvalla/union-influence"
    states = gates_of(without, deviations=[deviation(policy)])
    assert states[policy].met
    law = [state for state in states.values() if state.by_law and state.demands is RecordKind.MBL_SECTION_11]
    assert law
    assert not any(state.met for state in law)


def test_a_stop_rule_of_a_policy_is_never_met_by_a_deviation(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    facts = LOAN_FACTS | {"decision.automated": "yes"}
    forbidding = {rule: state for rule, state in gates_of(full_set, facts=facts).items() if state.kind is Kind.STOP_RULE}
    assert any(rule.startswith("kommun/") for rule in forbidding)
    after = gates_of(full_set, facts=facts, deviations=[deviation(rule) for rule in forbidding])
    assert not any(after[rule].met for rule in forbidding)


@pytest.mark.parametrize("pack", ["umea", "karlstad", "botkyrka", "lekeberg"])
def test_in_every_shipped_policy_a_deviation_opens_the_policys_gates_and_no_other(pack: str) -> None:
    from insyn.law.answers import facts_of
    from insyn.rules.gates import evaluate_gates

    chosen = next(one for one in all_packs() if one.id == f"kommun/{pack}")
    act = Adoption(pack=chosen.id, digest=chosen.digest, adopted_on=date(2026, 9, 1))
    packs: tuple[Pack, ...] = packs_in_force(all_packs(), [act], on=DAY)
    facts = {fact: answer for fact, answer in LOAN_FACTS.items() if fact in facts_of(packs)}
    asked = {"packs": packs, "facts": facts, "records": (), "version": "1.0", "before": Phase.IN_USE, "on": DAY}
    before = evaluate_gates(**asked)
    after = evaluate_gates(**asked, deviations=[deviation(state.rule) for state in before])
    assert {state.rule for state in after if state.deviation} == {
        state.rule for state in before if state.kind is Kind.GATE and not state.by_law
    }


def test_the_permit_ends_on_the_deviations_last_day(gates_of: Gates, without_participation: list[HeldRecord]) -> None:
    from insyn.core.permit import PurposeGrant, Reviewer

    gates = gates_of(without_participation, deviations=[deviation(POLICY)]).values()
    spec = PermitSpec(
        system="lanestod",
        name=Text("Lånestöd", "Loan support"),
        phase=Phase.IN_USE,
        reach=Reach.EVERY_CALL,
        packs="abc",
        versions=frozenset({"1.0"}),
        modes=frozenset({Mode.SUPPORT}),
        purposes=(PurposeGrant(purpose="loans", categories=frozenset(), matter_types=frozenset({"loan"})),),
        reviewers=(Reviewer(person="p-1", last_day="2099-01-01"),),
        stop_holders=(StopHolder(person="p-2", last_day="2099-01-01"),),
        evaluation_due=LAST + timedelta(days=30),
    )
    permit = compile_permit(spec, [*gates], epoch=1, compiled_from=0, on=DAY)
    assert permit.granted
    assert min(end.last_day for end in permit.ends) == LAST.isoformat()
    lacking = msgspec.structs.replace(spec, lacking=missing_reasons([gates_of(without_participation)[POLICY]]))
    closed = compile_permit(lacking, [*gates], epoch=1, compiled_from=0, on=DAY)
    assert [reason.rule for reason in closed.missing] == [POLICY]


def test_a_record_that_comes_later_takes_over(gates_of: Gates, without_participation: list[HeldRecord]) -> None:
    late = record(RecordKind.PARTICIPATION_ROUND, Role.AI_COORDINATOR)
    state = gates_of([*without_participation, late], deviations=[deviation(POLICY)], on=LAST + timedelta(days=1))[POLICY]
    assert (state.met, state.deviation) == (True, "")
