"""The class of a use: unknown is never no, and the order is that of the law."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from hypothesis import given, settings, strategies as st
from rules_kit import DAY, LOAN_FACTS, all_packs

from insyn.core.terms import Tristate
from insyn.law.answers import facts_of
from insyn.law.model import Coverage, Pack
from insyn.rules.classify import SystemClass, classify
from insyn.rules.full_result import full_result

NOTHING: dict[str, object] = {
    "aia.is_ai": "yes",
    "aia.outside": [],
    "p.technique": [],
    "p.exploits_vulnerability": [],
    "p.scores_persons": "no",
    "p.crime_risk_person": "no",
    "p.untargeted": "no",
    "p.emotion_from_biometrics": "no",
    "p.biometric_categories": [],
    "p.rbi": [],
    "p.intimate_imagery": [],
    "p.child_abuse_material": [],
    "aia.uses": [],
    "aia.annex_i_third_party": "no",
    "aia.transparency": [],
}


def law() -> tuple[Pack, ...]:
    return tuple(pack for pack in all_packs() if not pack.id.startswith("kommun/"))


def test_all_facts_unknown_is_never_minimal() -> None:
    found = classify(law(), {}, on=DAY)
    assert found.system_class is SystemClass.UNDETERMINED
    assert found.protective is SystemClass.PROHIBITED
    assert {"p.untargeted", "aia.uses", "aia.is_ai"} <= set(found.unknown)


def test_minimal_needs_every_answer() -> None:
    assert classify(law(), NOTHING, on=DAY).system_class is SystemClass.MINIMAL


@pytest.mark.parametrize("fact", sorted(NOTHING))
def test_with_any_one_answer_missing_it_is_not_minimal(fact: str) -> None:
    left = {name: answer for name, answer in NOTHING.items() if name != fact}
    assert classify(law(), left, on=DAY).system_class is SystemClass.UNDETERMINED


@pytest.mark.parametrize("fact", sorted(fact for fact, answer in NOTHING.items() if answer == []))
def test_a_doubt_about_one_of_several_is_not_minimal(fact: str) -> None:
    assert classify(law(), NOTHING | {fact: ["unknown"]}, on=DAY).system_class is SystemClass.UNDETERMINED


def test_from_a_pack_that_is_not_whole_nothing_is_minimal() -> None:
    partial = [msgspec.structs.replace(pack, coverage=Coverage.PARTIAL) for pack in law()]
    assert classify(partial, NOTHING, on=DAY).system_class is SystemClass.UNDETERMINED
    assert classify([], {}, on=DAY).system_class is SystemClass.UNDETERMINED


def test_social_scoring_is_prohibited_even_when_it_is_also_high_risk() -> None:
    score = {"p.scores_persons": "yes", "p.over_time": "yes", "p.data_kind": ["social_behaviour"], "p.treatment": ["unrelated_context"]}
    found = classify(law(), NOTHING | score | {"aia.uses": ["public_benefits"], "aia.profiling": "yes"}, on=DAY)
    assert found.system_class is SystemClass.PROHIBITED
    assert found.prohibitions == ("5(1)(c)",)
    assert found.annex_items == ("III.5(a)",)


def test_a_credit_score_is_high_risk_and_the_duties_have_their_own_day() -> None:
    found = full_result(law(), (), LOAN_FACTS_OF_LAW | {"aia.first_placed": "unknown"}, on=DAY)
    assert found.system_class is SystemClass.HIGH_RISK
    assert found.annex_items == ("III.5(b)",)
    days = {effect.rule: effect.law_applies_from for effect in found.effects}
    assert days["eu-ai-act/named-overseers"] == date(2027, 12, 2)
    assert days["eu-ai-act/ai-literacy"] == date(2025, 2, 2)
    assert days["eu-gdpr/data-protection-assessment"] < DAY


LOAN_FACTS_OF_LAW = {name: answer for name, answer in LOAN_FACTS.items() if name != "decision.explainable"}
HIT = NOTHING | {"aia.uses": ["recruitment"]}
LIMB = {"aia.profiling": "no", "aia.no_significant_risk": "yes", "aia.limb": ["narrow_procedural"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, SystemClass.DEROGATED),
        ({"aia.profiling": "yes"}, SystemClass.HIGH_RISK),
        ({"aia.limb": []}, SystemClass.HIGH_RISK),
        ({"aia.no_significant_risk": "no"}, SystemClass.HIGH_RISK),
        ({"aia.no_significant_risk": "unknown"}, SystemClass.UNDETERMINED),
        ({"aia.profiling": "unknown"}, SystemClass.UNDETERMINED),
    ],
)
def test_the_derogation_needs_its_condition_and_a_limb_and_no_profiling(change: dict[str, object], expected: SystemClass) -> None:
    found = classify(law(), HIT | LIMB | change, on=DAY)
    assert found.system_class is expected
    if expected is SystemClass.UNDETERMINED:
        assert found.protective is SystemClass.HIGH_RISK
        assert found.derogation is Tristate.UNKNOWN


def test_a_municipality_that_builds_its_own_tool_is_provider_and_deployer() -> None:
    own = NOTHING | {"aia.built_by": "us", "aia.own_name": "no", "aia.purpose_changed": "no", "aia.substantial_change": "no"}
    assert classify(law(), own, on=DAY).roles == ("deployer", "provider")
    assert classify(law(), own | {"aia.built_by": "supplier"}, on=DAY).roles == ("deployer",)


def test_a_chatbot_has_a_duty_of_transparency() -> None:
    found = classify(law(), NOTHING | {"aia.transparency": ["talks_to_people"], "aia.obvious_ai": "no", "aia.crime_work": []}, on=DAY)
    assert (found.system_class, found.transparency) == (SystemClass.TRANSPARENCY, ("50(1)",))


def test_what_is_not_ai_is_out_of_scope_only_by_a_yes() -> None:
    assert classify(law(), NOTHING | {"aia.is_ai": "no"}, on=DAY).system_class is SystemClass.OUT_OF_SCOPE
    assert classify(law(), NOTHING | {"aia.is_ai": "unknown"}, on=DAY).system_class is SystemClass.UNDETERMINED


def test_a_policy_changes_no_class_of_the_law() -> None:
    for facts in (NOTHING, HIT | LIMB, LOAN_FACTS_OF_LAW, {}):
        with_policy, without = classify(all_packs(), facts, on=DAY), classify(law(), facts, on=DAY)
        assert with_policy.system_class is without.system_class
        assert with_policy.packs != without.packs


ORDER = [
    SystemClass.OUT_OF_SCOPE,
    SystemClass.MINIMAL,
    SystemClass.DEROGATED,
    SystemClass.TRANSPARENCY,
    SystemClass.HIGH_RISK,
    SystemClass.PROHIBITED,
]
TRISTATES = [fact.id for fact in facts_of(law()).values() if fact.type == "tristate" and not fact.derived and fact.id != "aia.is_ai"]
SETS = {fact.id: [choice.value for choice in fact.values] for fact in facts_of(law()).values() if fact.values and fact.type == "set"}
some_answers = st.fixed_dictionaries(
    {"aia.is_ai": st.just("yes")},
    optional={
        **{fact: st.sampled_from(["yes", "no"]) for fact in TRISTATES},
        **{fact: st.lists(st.sampled_from(values), max_size=2) for fact, values in SETS.items() if values},
    },
)


@settings(max_examples=60)
@given(some_answers, st.data())
def test_forgetting_an_answer_never_gives_a_milder_class_to_act_on(facts: dict[str, object], data: st.DataObject) -> None:
    whole = classify(law(), facts, on=DAY)
    forgotten = data.draw(st.sets(st.sampled_from(sorted(facts)))) - {"aia.is_ai"}
    less = classify(law(), {name: answer for name, answer in facts.items() if name not in forgotten}, on=DAY)
    assert ORDER.index(less.protective) >= ORDER.index(whole.protective)
