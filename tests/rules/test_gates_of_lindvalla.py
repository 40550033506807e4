"""The gates of a decision-support system: who opens which, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from rules_kit import DAY, LOAN_FACTS, SUPPLIED, record

from insyn.core.refusals import RefusalCode
from insyn.core.terms import Phase, RecordKind, Role, Tristate
from insyn.law.model import Kind
from insyn.rules.gates import GateState, HeldRecord, missing_reasons
from insyn.rules.records import Lack

Gates = Callable[..., dict[str, GateState]]
UNION = "se-mbl/negotiate-before-deciding"
ASSESSMENT = "eu-gdpr/data-protection-assessment"
VALIDATED = "kommun/lindvalla/version-validated"
AUTOMATED = "kommun/lindvalla/no-solely-automated-decision"


def test_a_decision_support_system_meets_at_least_eight_gates(gates_of: Gates) -> None:
    gates = gates_of([])
    demanded = {gate.demands for gate in gates.values()}
    assert len(demanded) >= 14
    assert not any(gate.met for gate in gates.values())
    assert all(gate.kind is Kind.GATE for gate in gates.values()), "with these answers nothing is forbidden"


def test_named_offices_open_every_gate(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    assert [rule for rule, gate in gates_of(full_set).items() if not gate.met] == []


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in SUPPLIED}))
def test_without_any_one_record_some_gate_stays_shut(gates_of: Gates, full_set: list[HeldRecord], kind: RecordKind) -> None:
    shut = {gate.demands for gate in gates_of([held for held in full_set if held.kind is not kind]).values() if not gate.met}
    assert shut == {kind}


def test_a_union_negotiation_recorded_by_the_system_owner_does_not_open_the_unions_gate(gates_of: Gates) -> None:
    gate = gates_of([record(RecordKind.MBL_SECTION_11, Role.SYSTEM_OWNER)])[UNION]
    assert not gate.met
    assert Lack.WRONG_ROLE.value.sv in gate.why.sv
    assert gate.who == (Role.UNION_REPRESENTATIVE,)


def test_a_union_negotiation_recorded_by_the_union_opens_it(gates_of: Gates) -> None:
    gate = gates_of([record(RecordKind.MBL_SECTION_11, Role.UNION_REPRESENTATIVE)])[UNION]
    assert gate.met
    assert gate.record_id == "mbl_section_11-union_representative"


def test_an_impact_assessment_alone_waits_for_the_data_protection_officer(gates_of: Gates) -> None:
    gate = gates_of([record(RecordKind.ASSESSMENT_DATA_PROTECTION, Role.SYSTEM_OWNER)])[ASSESSMENT]
    assert not gate.met
    assert gate.who == (Role.DATA_PROTECTION_OFFICER,)


def test_nobody_approves_alone_what_they_proposed(gates_of: Gates) -> None:
    both = [
        record(RecordKind.ASSESSMENT_DATA_PROTECTION, role, person="p-same") for role in (Role.SYSTEM_OWNER, Role.DATA_PROTECTION_OFFICER)
    ]
    assert not gates_of(both)[ASSESSMENT].met


def test_a_validation_of_another_version_does_not_open_the_versions_gate(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    assert gates_of(full_set, version="1.0")[VALIDATED].met
    gate = gates_of(full_set, version="2.0")[VALIDATED]
    assert not gate.met
    assert gate.version == "2.0"
    assert Lack.OTHER_VERSION.value.en in gate.why.en


def test_a_system_without_a_version_has_no_validated_one(gates_of: Gates) -> None:
    assert not gates_of([record(RecordKind.VALIDATION, Role.AI_COORDINATOR, version="")], version="")[VALIDATED].met


def test_a_validation_holds_a_year_and_not_a_day_more(gates_of: Gates) -> None:
    held = [record(RecordKind.VALIDATION, Role.AI_COORDINATOR, recorded_on=date(2026, 10, 1))]
    last = gates_of(held, on=date(2027, 9, 30))[VALIDATED]
    assert (last.met, last.valid_through, last.expired) == (True, date(2027, 9, 30), False)
    after = gates_of(held, on=date(2027, 10, 1))[VALIDATED]
    assert (after.met, after.expired) == (False, True)


def test_a_test_that_was_not_passed_opens_nothing_and_the_gate_says_so(gates_of: Gates) -> None:
    failed = record(RecordKind.VALIDATION, Role.AI_COORDINATOR, passed=False)
    gate = gates_of([failed])[VALIDATED]
    assert (gate.met, gate.expired, gate.record_id) == (False, False, "")
    assert Lack.FAILED.value.sv in gate.why.sv
    assert gates_of([failed, record(RecordKind.VALIDATION, Role.AI_COORDINATOR, record_id="new")])[VALIDATED].record_id == "new"


def test_a_failed_test_from_the_wrong_office_lacks_the_office_first(gates_of: Gates) -> None:
    gate = gates_of([record(RecordKind.VALIDATION, Role.UNION_REPRESENTATIVE, passed=False)])[VALIDATED]
    assert Lack.WRONG_ROLE.value.sv in gate.why.sv


def test_a_second_record_that_was_not_passed_is_no_second(gates_of: Gates) -> None:
    pair = [
        record(RecordKind.ASSESSMENT_DATA_PROTECTION, Role.SYSTEM_OWNER),
        record(RecordKind.ASSESSMENT_DATA_PROTECTION, Role.DATA_PROTECTION_OFFICER, passed=False),
    ]
    assert Lack.NO_SECOND.value.sv in gates_of(pair)[ASSESSMENT].why.sv


def test_a_record_that_has_run_out_is_refused_as_expired(gates_of: Gates) -> None:
    held = [record(RecordKind.STOP_MANDATE, Role.ELECTED_MEMBER, valid_through=date(2026, 11, 19))]
    gate = gates_of(held)["kommun/lindvalla/stop-holder-named"]
    (reason,) = missing_reasons([gate])
    assert reason.code is RefusalCode.RECORD_EXPIRED


def test_the_record_that_holds_longest_counts(gates_of: Gates) -> None:
    held = [
        record(RecordKind.STOP_MANDATE, Role.ELECTED_MEMBER, record_id="old", valid_through=date(2026, 11, 19)),
        record(RecordKind.STOP_MANDATE, Role.ELECTED_MEMBER, record_id="new", valid_through=date(2027, 11, 19)),
    ]
    gate = gates_of(held)["kommun/lindvalla/stop-holder-named"]
    assert (gate.met, gate.record_id, gate.valid_through) == (True, "new", date(2027, 11, 19))


def test_a_record_of_tomorrow_opens_nothing_today(gates_of: Gates) -> None:
    assert not gates_of([record(RecordKind.MBL_SECTION_11, Role.UNION_REPRESENTATIVE, recorded_on=date(2026, 11, 21))])[UNION].met


def test_before_development_only_what_is_due_then_is_asked(gates_of: Gates) -> None:
    assert {gate.demands for gate in gates_of([], before=Phase.DEVELOPMENT).values()} == {RecordKind.MBL_SECTION_11, RecordKind.DATA_USE}
    assert gates_of([], before=Phase.DEVELOPMENT).keys() == gates_of([], before=Phase.PROCUREMENT).keys()


def test_nothing_is_due_before_a_system_is_retired(gates_of: Gates) -> None:
    assert gates_of([], before=Phase.RETIRED) == {}


def test_with_no_answers_every_gate_may_apply_and_what_may_be_forbidden_is_shut(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    gates = gates_of(full_set, facts={})
    forbidden = [gate for gate in gates.values() if gate.kind is not Kind.GATE]
    assert {"eu-ai-act/prohibited-5-1-c", AUTOMATED} <= {gate.rule for gate in forbidden}
    assert not any(gate.met for gate in forbidden)
    assert all(gate.applies is Tristate.UNKNOWN for gate in forbidden)
    assert gates.keys() >= gates_of(full_set).keys()


def test_an_open_question_is_shown_with_who_answers_it(gates_of: Gates) -> None:
    gate = gates_of([], facts=LOAN_FACTS | {"decision.automated": "unknown"})[AUTOMATED]
    assert gate.unknown == ("decision.automated",)
    assert "utan att en människa prövar" in gate.why.sv
    assert gate.who == (Role.SYSTEM_OWNER, Role.DATA_PROTECTION_OFFICER)


def test_no_record_opens_a_stop_rule(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    gate = gates_of(full_set, facts=LOAN_FACTS | {"decision.automated": "yes"})[AUTOMATED]
    assert (gate.met, gate.demands, gate.applies) == (False, None, Tristate.YES)


def test_an_automated_function_without_delegation_is_shut_out(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    facts = LOAN_FACTS | {"decision.automated": "yes", "decision.not_delegable": "no"}
    rule = "se-kommunallagen/delegation-to-function"
    assert not gates_of(full_set, facts=facts)[rule].met
    assert gates_of([*full_set, record(RecordKind.DELEGATION, Role.COUNCIL_SECRETARY)], facts=facts)[rule].met


def test_the_municipality_does_not_wait_for_a_prohibition_that_is_coming(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    facts = LOAN_FACTS | {"p.intimate_imagery": ["used"]}
    ban = "eu-ai-act/prohibited-5-1-ba"
    before, after = (gates_of(full_set, facts=facts, on=date(2026, 12, day))[ban] for day in (1, 2))
    assert not before.met
    assert not after.met
    assert before.citations[0].provision == "lindvalla-limits", "before its day the ground is the municipality's own decision"
    assert after.citations[0].provision == "aia-5-1-ba"


def test_what_is_shown_not_to_be_ai_is_free_of_the_ai_act_and_of_nothing_else(gates_of: Gates) -> None:
    gates = gates_of([], facts=LOAN_FACTS | {"aia.is_ai": "no"})
    assert not any(rule.startswith("eu-ai-act/") for rule in gates)
    assert {UNION, ASSESSMENT, VALIDATED} <= gates.keys()


def test_a_chatbot_without_personal_data_is_asked_for_less(gates_of: Gates) -> None:
    facts = LOAN_FACTS | {
        "data.personal": "no",
        "decision.about_persons": "no",
        "work.changes": "no",
        "aia.uses": [],
        "p.scores_persons": "no",
        "records.erased": "no",
    }
    assert {gate.demands for gate in gates_of([], facts=facts).values()} == {
        RecordKind.CLASSIFICATION,
        RecordKind.VALIDATION,
        RecordKind.STOP_MANDATE,
        RecordKind.EVALUATION_PLAN,
        RecordKind.TRAINING,
    }


def test_every_refusal_says_what_would_mend_it_who_can_and_by_which_provision(gates_of: Gates) -> None:
    for reason in missing_reasons(gates_of([], facts={}).values()):
        assert reason.sentence.sv
        assert reason.sentence.en
        assert reason.mend.sv
        assert reason.mend.en
        assert reason.who, reason.rule
        assert reason.provision
        assert reason.level in ("V", "S", "K", "?")
        assert reason.rule.count("/") in (1, 2)


def test_from_december_2027_the_law_itself_asks_for_a_fundamental_rights_assessment(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    rule, facts = "eu-ai-act/fundamental-rights", LOAN_FACTS | {"aia.first_placed": "2027-12-02"}
    assert rule not in gates_of(full_set, facts=facts, on=date(2027, 12, 1))
    assert rule in gates_of(full_set, facts=facts, on=date(2027, 12, 2))


def test_meeting_a_gate_never_depends_on_what_day_it_is_asked_again(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    assert gates_of(full_set, on=DAY) == gates_of(list(reversed(full_set)), on=DAY)


def test_a_rule_that_rests_on_the_class_asks_for_the_answers_that_people_give(gates_of: Gates) -> None:
    unknown = LOAN_FACTS | {"aia.uses": "unknown", "aia.first_placed": "2027-12-02"}
    gate = gates_of([], facts=unknown, on=date(2027, 12, 2))["eu-ai-act/named-overseers"]
    assert "aia.uses" in gate.unknown
    assert not any(fact.startswith("class.") for fact in gate.unknown)


def test_a_system_in_development_is_asked_again_before_it_is_used(gates_of: Gates, full_set: list[HeldRecord]) -> None:
    facts = LOAN_FACTS | {"aia.outside": ["development"], "aia.real_world_testing": "no"}
    rule = "eu-ai-act/before-use"
    assert rule not in gates_of(full_set, facts=facts, before=Phase.ASSESSMENT)
    for phase in (Phase.PILOT, Phase.IN_USE):
        gate = gates_of(full_set, facts=facts, before=phase)[rule]
        assert (gate.met, gate.demands) == (False, None)
        assert "används" in gate.why.sv
        assert gate.who
    assert rule not in gates_of(full_set, before=Phase.IN_USE)
