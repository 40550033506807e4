"""Refuse by default: each code, and that every refusal tells the manual way."""

from __future__ import annotations

import math
from typing import Any

import pytest
from gateway_kit import KEY, a_permit, asked, outcome
from hypothesis import given, strategies as st

from insyn.core.messages import Factor
from insyn.core.permit import ClientKey, End
from insyn.core.refusals import EXPLAINED, RefusalCode, reason
from insyn.core.terms import Mode, Stage
from insyn.gateway.deciding import key_digest
from insyn.gateway.explaining import adds_up
from insyn.gateway.judge import client_of, judge, judge_outcome, stage_of, waits_for_person

TODAY = "2026-11-20"


def test_an_approved_request_is_not_refused() -> None:
    assert judge(a_permit(), asked(), stop=None, today=TODAY) is None


def test_an_outcome_with_explanation_notice_and_declared_groups_is_not_refused() -> None:
    assert judge_outcome(a_permit(), asked(), outcome()) is None


@pytest.mark.parametrize(
    ("code", "permit", "request_"),
    [
        (RefusalCode.NOT_APPROVED, {"granted": False}, {}),
        (RefusalCode.PAUSED, {"granted": False, "missing": (reason(RefusalCode.PAUSED),)}, {}),
        (RefusalCode.RETIRED, {"granted": False, "missing": (reason(RefusalCode.RETIRED),)}, {}),
        (RefusalCode.REFUSED_SYSTEM, {"granted": False, "missing": (reason(RefusalCode.REFUSED_SYSTEM),)}, {}),
        (RefusalCode.CONTRACT_ONLY, {"granted": False, "missing": (reason(RefusalCode.CONTRACT_ONLY),)}, {}),
        (RefusalCode.OVERDUE_EVALUATION, {"ends": (End("2026-11-19", RefusalCode.OVERDUE_EVALUATION, "evaluation"),)}, {}),
        (RefusalCode.MANDATE_ENDED, {"ends": (End("2026-11-19", RefusalCode.MANDATE_ENDED, "owner"),)}, {}),
        (RefusalCode.VERSION_NOT_ALLOWED, {}, {"version": "2.0"}),
        (RefusalCode.MODE_NOT_ALLOWED, {}, {"mode": Mode.AUTOMATED}),
        (RefusalCode.OUTSIDE_PURPOSE, {}, {"purpose": "train"}),
        (RefusalCode.DATA_CATEGORY_NOT_ALLOWED, {}, {"categories": ("economy", "health")}),
        (RefusalCode.MATTER_TYPE_NOT_ALLOWED, {}, {"matter_type": "school"}),
    ],
)
def test_a_request_is_refused_with_its_code(code: RefusalCode, permit: dict[str, Any], request_: dict[str, Any]) -> None:
    refusal = judge(a_permit(**permit), asked(**request_), stop=None, today=TODAY)
    assert refusal is not None
    assert refusal.code is code
    assert refusal.reasons[0].code is code
    assert refusal.manual_way == a_permit().manual_way
    assert refusal.sentence.sv.startswith(EXPLAINED[code].sentence.sv)


@pytest.mark.parametrize(
    ("code", "place", "changes"),
    [
        (RefusalCode.EXPLANATION_MISSING, "factors", {"factors": ()}),
        (RefusalCode.EXPLANATION_INCONSISTENT, "score", {"score": 0.7}),
        (RefusalCode.EXPLANATION_INCONSISTENT, "score", {"score": None}),
        (RefusalCode.EXPLANATION_INCONSISTENT, "factors[0].feature", {"factors": (Factor("age", 40, 0.25),)}),
        (RefusalCode.EXPLANATION_INCONSISTENT, "score", {"factors": (Factor("income", 4200, 1.7e308), Factor("debt", 0.3, 1.7e308))}),
        (RefusalCode.EXPLANATION_INCONSISTENT, "factors[0].value", {"factors": (Factor("income", 4300, 0.35), Factor("debt", 0.3, -0.1))}),
        (RefusalCode.GROUP_NOT_DECLARED, "groups.religion", {"groups": {"sex": "female", "religion": "x"}}),
        (RefusalCode.NOTICE_MISSING, "notice", {"notice": " "}),
    ],
)
def test_an_outcome_is_refused_with_its_code(code: RefusalCode, place: str, changes: dict[str, Any]) -> None:
    refusal = judge_outcome(a_permit(), asked(), outcome(**changes))
    assert refusal is not None
    assert (refusal.code, refusal.reasons[0].place) == (code, place)
    assert refusal.manual_way is not None


def test_an_outcome_with_several_faults_hears_of_all_of_them() -> None:
    refusal = judge_outcome(a_permit(), asked(), outcome(factors=(), notice="", groups={"religion": "x"}))
    assert refusal is not None
    assert [found.code for found in refusal.reasons] == [
        RefusalCode.EXPLANATION_MISSING,
        RefusalCode.GROUP_NOT_DECLARED,
        RefusalCode.NOTICE_MISSING,
    ]


def test_what_is_not_due_need_not_be_sent() -> None:
    permit = a_permit(explanation_due=False, notice_due=False)
    assert judge_outcome(permit, asked(), outcome(factors=(), notice="", score=None)) is None


def test_a_stop_is_told_before_anything_else_and_names_its_entry() -> None:
    permit = a_permit(granted=False, ends=(End("2020-01-01", RefusalCode.OVERDUE_EVALUATION, "evaluation"),))
    refusal = judge(permit, asked(version="2.0"), stop=7, today=TODAY)
    assert refusal is not None
    assert refusal.code is RefusalCode.STOPPED
    assert "7" in refusal.sentence.en


def test_a_stop_that_is_being_committed_refuses_already() -> None:
    refusal = judge(a_permit(), asked(), stop=-1, today=TODAY)
    assert refusal is not None
    assert refusal.code is RefusalCode.STOPPED


def test_the_last_day_is_still_allowed() -> None:
    permit = a_permit(ends=(End(TODAY, RefusalCode.OVERDUE_EVALUATION, "evaluation"),))
    assert judge(permit, asked(), stop=None, today=TODAY) is None
    refusal = judge(permit, asked(), stop=None, today="2026-11-21")
    assert refusal is not None
    assert "evaluation" in refusal.sentence.en


def test_a_closed_system_says_that_it_is_not_approved_and_then_everything_that_is_missing() -> None:
    missing = (reason(RefusalCode.GATE_UNMET, rule="kommun/umea/union"), reason(RefusalCode.GATE_UNMET, rule="eu-gdpr/dpia"))
    refusal = judge(a_permit(granted=False, missing=missing), asked(), stop=None, today=TODAY)
    assert refusal is not None
    assert refusal.code is RefusalCode.NOT_APPROVED
    assert refusal.reasons[1:] == missing


def test_each_category_outside_the_purpose_is_named() -> None:
    refusal = judge(a_permit(), asked(categories=("health", "economy", "union")), stop=None, today=TODAY)
    assert refusal is not None
    assert [found.place for found in refusal.reasons] == ["categories[0]", "categories[2]"]


def test_only_the_key_that_the_register_issued_is_a_client() -> None:
    client = client_of(a_permit(), key_digest(KEY), "2026-11-20")
    assert client is not None
    assert client.name == "model"
    assert client_of(a_permit(), key_digest(KEY + "x"), "2026-11-20") is None
    assert client_of(a_permit(clients=()), key_digest(KEY), "2026-11-20") is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(-1e6, 1e6))
def test_contributions_that_add_up_are_found_to(contributions: list[float], base: float) -> None:
    assert adds_up(base, contributions, math.fsum([base, *contributions]))


@given(st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=30), st.floats(-1.0, 1.0))
def test_contributions_that_miss_by_more_than_a_millionth_are_found_out(contributions: list[float], base: float) -> None:
    assert not adds_up(base, contributions, math.fsum([base, *contributions]) + 0.001)


def test_a_decision_is_a_decision_only_when_automated_without_review() -> None:
    assert stage_of(a_permit(), Mode.SUPPORT) is Stage.PROPOSAL
    assert stage_of(a_permit(), Mode.AUTOMATED) is Stage.PROPOSAL
    assert stage_of(a_permit(human_review=False), Mode.AUTOMATED) is Stage.DECISION
    assert stage_of(a_permit(human_review=False), Mode.SUPPORT) is Stage.PROPOSAL
    assert waits_for_person(a_permit(), Mode.AUTOMATED)
    assert not waits_for_person(a_permit(), Mode.ADVICE)


@pytest.mark.parametrize(("last_day", "known"), [("", True), ("2026-11-20", True), ("2026-11-19", False)])
def test_a_key_is_nobody_s_after_its_last_day(last_day: str, known: bool) -> None:
    digest = key_digest(KEY)
    permit = a_permit(clients=(ClientKey("model", "0" * 64), ClientKey("model", digest, last_day)))
    assert (client_of(permit, digest, "2026-11-20") is not None) is known
