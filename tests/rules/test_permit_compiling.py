"""From the register's state and the gates to a permit: granted only when nothing is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import msgspec
import pytest
from rules_kit import DAY, LOAN_FACTS, record

from insyn.core.permit import ClientKey, End, Permit, PurposeGrant, Reviewer, StopHolder, encode_permit
from insyn.core.refusals import RefusalCode
from insyn.core.terms import Mode, Phase, Reach, RecordKind, Role
from insyn.core.text import Text
from insyn.law.digests import digest_of
from insyn.rules.gates import GateState, HeldRecord
from insyn.rules.permits import Conditions, PermitSpec, compile_permit, narrower, only_tightens

Gates = Callable[..., dict[str, GateState]]
SPEC = PermitSpec(
    system="lanestod",
    name=Text("Lånestöd", "Loan support"),
    phase=Phase.IN_USE,
    reach=Reach.EVERY_CALL,
    packs="d" * 64,
    versions=frozenset({"1.0"}),
    modes=frozenset({Mode.SUPPORT}),
    purposes=(PurposeGrant(purpose="loan", categories=frozenset({"income"}), matter_types=frozenset({"loan-application"})),),
    reviewers=(Reviewer(person="p-officer", last_day="2027-12-31"),),
    stop_holders=(StopHolder(person="p-holder", last_day="2027-10-31"), StopHolder(person="p-substitute", last_day="2027-11-30")),
    clients=(ClientKey(name="loan-service", sha256="aa"),),
    groups=frozenset({"sex"}),
    manual_way=Text("Handläggaren prövar ansökan själv.", "The officer examines the application."),
    evaluation_due=date(2027, 5, 31),
)


def compiled(gates: Sequence[GateState], **changes: Any) -> Permit:
    return compile_permit(msgspec.structs.replace(SPEC, **changes), gates, epoch=2, compiled_from=1, on=DAY)


def codes(permit: Permit) -> list[RefusalCode]:
    return [missing.code for missing in permit.missing]


@pytest.fixture
def open_gates(gates_of: Gates, full_set: list[HeldRecord]) -> list[GateState]:
    return list(gates_of(full_set).values())


def test_with_every_gate_open_the_decision_is_granted(open_gates: list[GateState]) -> None:
    permit = compiled(open_gates)
    assert permit.granted
    assert (permit.versions, permit.modes, permit.missing) == (frozenset({"1.0"}), frozenset({Mode.SUPPORT}), ())
    assert permit.manual_way == SPEC.manual_way


def test_one_unmet_gate_closes_it_and_says_which(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    left = [held for held in full_set if held.kind is not RecordKind.STOP_MANDATE]
    permit = compiled(list(gates_of(left).values()))
    assert not permit.granted
    assert [missing.rule for missing in permit.missing] == ["kommun/lindvalla/stop-holder-named"]
    assert (permit.modes, permit.versions, permit.purposes, permit.ends) == (frozenset(), frozenset(), (), ())
    assert permit.stop_holders, "whoever may stop keeps the button of a closed system"


@pytest.mark.parametrize(
    ("phase", "first"),
    [
        (Phase.RETIRED, RefusalCode.RETIRED),
        (Phase.ARCHIVED, RefusalCode.RETIRED),
        (Phase.PAUSED, RefusalCode.PAUSED),
        (Phase.REFUSED, RefusalCode.REFUSED_SYSTEM),
        (Phase.STOPPED, RefusalCode.STOPPED),
        (Phase.DEVELOPMENT, RefusalCode.NOT_APPROVED),
        (Phase.DECISION, RefusalCode.NOT_APPROVED),
    ],
)
def test_only_pilot_and_use_are_granted_and_the_phase_is_said_first(
    open_gates: list[GateState], gates_of: Gates, phase: Phase, first: RefusalCode
) -> None:
    assert codes(compiled(open_gates, phase=phase)) == [first]
    assert codes(compiled(list(gates_of([]).values()), phase=phase))[0] is first


def test_a_pilot_may_be_granted(open_gates: list[GateState]) -> None:
    assert compiled(open_gates, phase=Phase.PILOT).granted


def test_what_is_governed_by_contract_only_is_never_granted(open_gates: list[GateState]) -> None:
    assert codes(compiled(open_gates, reach=Reach.CONTRACT_ONLY)) == [RefusalCode.CONTRACT_ONLY]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stop_holders": ()}, RefusalCode.MANDATE_ENDED),
        ({"stop_holders": (StopHolder(person="p-holder", last_day="2026-11-19"),)}, RefusalCode.MANDATE_ENDED),
        ({"reviewers": ()}, RefusalCode.MANDATE_ENDED),
        ({"reviewers": (Reviewer(person="p-officer", last_day="2026-11-19"),)}, RefusalCode.MANDATE_ENDED),
        ({"evaluation_due": None}, RefusalCode.OVERDUE_EVALUATION),
        ({"evaluation_due": date(2026, 11, 19)}, RefusalCode.OVERDUE_EVALUATION),
        ({"purposes": ()}, RefusalCode.OUTSIDE_PURPOSE),
        ({"modes": frozenset()}, RefusalCode.MODE_NOT_ALLOWED),
        ({"modes": frozenset({Mode.AUTOMATED})}, RefusalCode.MODE_NOT_ALLOWED),
        ({"versions": frozenset()}, RefusalCode.VERSION_NOT_ALLOWED),
        ({"ends": (End(last_day="2026-11-19", code=RefusalCode.RECORD_EXPIRED, what="pilot"),)}, RefusalCode.RECORD_EXPIRED),
    ],
)
def test_what_no_permit_may_be_without_closes_it(open_gates: list[GateState], changes: dict[str, Any], code: RefusalCode) -> None:
    assert codes(compiled(open_gates, **changes)) == [code]


def test_without_rule_packs_nothing_is_granted() -> None:
    assert codes(compiled([], packs=digest_of(()))) == [RefusalCode.NOT_APPROVED]


def test_a_day_that_is_today_still_holds(open_gates: list[GateState]) -> None:
    today = DAY.isoformat()
    assert compiled(open_gates, evaluation_due=DAY, reviewers=(Reviewer(person="p-officer", last_day=today),)).granted


def test_a_system_that_reviews_nothing_needs_no_reviewer(open_gates: list[GateState]) -> None:
    assert compiled(open_gates, reviewers=(), conditions=Conditions(human_review=False)).granted


def test_automated_decisions_are_granted_only_with_the_boards_delegation(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    facts = LOAN_FACTS | {"decision.automated": "yes", "decision.not_delegable": "no", "decision.automated_ground": "yes"}
    full = [*full_set, record(RecordKind.DELEGATION, Role.ELECTED_MEMBER)]
    gates = [gate for gate in gates_of(full, facts=facts).values() if not gate.rule.startswith("kommun/lindvalla/no-")]
    modes = frozenset({Mode.AUTOMATED})
    assert compiled(gates, modes=modes).granted
    without = [gate for gate in gates if gate.demands is not RecordKind.DELEGATION]
    assert codes(compiled(without, modes=modes)) == [RefusalCode.MODE_NOT_ALLOWED]


def test_a_policy_that_asks_for_a_delegation_of_its_own_does_not_stand_in_for_the_boards(
    gates_of: Gates, full_set: list[HeldRecord], open_gates: list[GateState]
) -> None:
    """The law's gate asks nothing of a system whose owner says that it decides nothing by itself; then nothing has delegated either."""
    own = next(gate for gate in open_gates if not gate.by_law)
    policy = msgspec.structs.replace(own, rule="kommun/by/owner-delegates", demands=RecordKind.DELEGATION, met=True)
    assert codes(compiled([*open_gates, policy], modes=frozenset({Mode.AUTOMATED}))) == [RefusalCode.MODE_NOT_ALLOWED]


def test_a_gate_says_whether_law_asks(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    gates = gates_of(full_set)
    assert {gate.by_law for gate in gates.values() if gate.rule.startswith("kommun/")} == {False}
    assert {gate.by_law for gate in gates.values() if gate.demands is not None and not gate.rule.startswith("kommun/")} == {True}


def test_a_version_that_is_not_validated_is_left_out(gates_of: Gates, full_set: list[HeldRecord], open_gates: list[GateState]) -> None:
    both = frozenset({"1.0", "2.0"})
    second = list(gates_of(full_set, version="2.0").values())
    assert compiled([*open_gates, *second], versions=both).versions == {"1.0"}
    assert compiled(open_gates, versions=both).versions == {"1.0"}, "a version whose gates nobody asked about is not granted either"
    validated = [*full_set, record(RecordKind.VALIDATION, Role.AI_COORDINATOR, version="2.0")]
    assert compiled([*open_gates, *gates_of(validated, version="2.0").values()], versions=both).versions == both


def test_with_no_version_left_the_permit_says_which_gate(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    permit = compiled(list(gates_of(full_set, version="2.0").values()), versions=frozenset({"2.0"}))
    assert [missing.rule for missing in permit.missing] == ["kommun/lindvalla/version-validated"]


def test_time_closes_it_by_itself(open_gates: list[GateState]) -> None:
    ends = {(end.what, end.last_day, end.code) for end in compiled(open_gates).ends}
    assert ends == {
        ("evaluation", "2027-05-31", RefusalCode.OVERDUE_EVALUATION),
        ("stop_holder", "2027-11-30", RefusalCode.MANDATE_ENDED),
        ("reviewer", "2027-12-31", RefusalCode.MANDATE_ENDED),
        ("kommun/lindvalla/version-validated", "2027-09-30", RefusalCode.RECORD_EXPIRED),
    }


def test_equal_states_are_equal_bytes(open_gates: list[GateState]) -> None:
    turned = {"stop_holders": tuple(reversed(SPEC.stop_holders))}
    assert encode_permit(compiled(open_gates)) == encode_permit(compiled(open_gates, **turned))


def test_pausing_only_tightens_and_taking_up_again_does_not(open_gates: list[GateState]) -> None:
    used, paused = compiled(open_gates), compiled(open_gates, phase=Phase.PAUSED)
    assert only_tightens(used, paused)
    assert not only_tightens(paused, used)


def test_a_change_that_does_both_waits_with_what_it_loosens(open_gates: list[GateState]) -> None:
    old = compiled(open_gates)
    new = compiled(open_gates, groups=frozenset({"sex", "race"}), evaluation_due=date(2027, 1, 31))
    assert not only_tightens(old, new)
    between = narrower(old, new)
    assert between.groups == {"sex"}
    assert min(end.last_day for end in between.ends) == "2027-01-31"


def test_taking_away_a_stop_holder_does_not_only_tighten(open_gates: list[GateState]) -> None:
    assert not only_tightens(compiled(open_gates), compiled(open_gates, stop_holders=SPEC.stop_holders[:1]))
