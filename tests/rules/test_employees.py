"""What a system says about the municipality's own employees reaches nobody but them before negotiation and assessment are closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from rules_kit import LOAN_FACTS

from insyn.core.terms import RecordKind
from insyn.rules.employees import is_about_employees, results_held
from insyn.rules.gates import GateState, HeldRecord

Gates = Callable[..., dict[str, GateState]]
SCHEDULING: dict[str, Any] = {**LOAN_FACTS, "aia.uses": ("work_management",), "work.changes": "yes"}


def without(records: list[HeldRecord], *kinds: RecordKind) -> list[HeldRecord]:
    return [held for held in records if held.kind not in kinds]


def test_with_negotiation_and_assessment_closed_nothing_is_held(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    gates = gates_of(full_set, facts=SCHEDULING)
    assert {gate.demands for gate in gates.values()} >= {RecordKind.MBL_SECTION_11, RecordKind.ASSESSMENT_WORK_ENVIRONMENT}
    assert not results_held(SCHEDULING, gates.values())


@pytest.mark.parametrize("kind", [RecordKind.MBL_SECTION_11, RecordKind.ASSESSMENT_WORK_ENVIRONMENT])
def test_either_of_them_open_holds_the_results(kind: RecordKind, gates_of: Gates, full_set: list[HeldRecord]) -> None:
    gates = gates_of(without(full_set, kind), facts=SCHEDULING)
    assert results_held(SCHEDULING, gates.values())


def test_an_assessment_that_the_safety_representative_had_no_part_in_holds_them(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    alone = [held for held in full_set if (held.kind, str(held.supplied_by)) != ("assessment_work_environment", "safety_representative")]
    assert results_held(SCHEDULING, gates_of(alone, facts=SCHEDULING).values())


def test_another_gate_that_is_open_holds_nothing(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    gates = gates_of(without(full_set, RecordKind.VALIDATION), facts=SCHEDULING)
    assert not results_held(SCHEDULING, gates.values())


def test_a_system_about_residents_holds_nothing_from_the_officers_who_decide(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    facts = {**LOAN_FACTS, "work.changes": "yes"}
    gates = gates_of(without(full_set, RecordKind.MBL_SECTION_11), facts=facts)
    assert any(gate.demands is RecordKind.MBL_SECTION_11 and not gate.met for gate in gates.values())
    assert not results_held(facts, gates.values())


def test_whether_the_work_changes_need_not_be_answered_for_the_gates_to_ask(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    open_question = {**SCHEDULING, "work.changes": "unknown"}
    assert results_held(open_question, gates_of(without(full_set, RecordKind.MBL_SECTION_11), facts=open_question).values())
    closed = [msgspec.structs.replace(gate, met=True) for gate in gates_of([], facts=open_question).values()]
    assert not results_held(open_question, closed)


@pytest.mark.parametrize(
    ("answer", "about"),
    [
        (("work_management",), True),
        (("credit_score", "work_management"), True),
        (("credit_score",), False),
        ("unknown", False),
        ((), False),
    ],
)
def test_who_the_system_is_about_is_read_from_its_uses(answer: Any, about: bool) -> None:
    assert is_about_employees({"aia.uses": answer}) is about
    assert not is_about_employees({})
