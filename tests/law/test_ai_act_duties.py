"""Who has which duty under the AI Act, from which day, and who has none: the municipality as deployer and as provider."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from insyn.core.terms import RecordKind, Tristate
from insyn.law.evaluate import evaluate
from insyn.law.loader import load_packs
from insyn.law.model import AuthorityStatus, Kind, Pack, Reading, RuleResult

PACKS = Path(__file__).parents[2] / "packs"
Facts = dict[str, object]
ANNEX_III, ANNEX_I = date(2027, 12, 2), date(2028, 8, 2)
LATER = date(2030, 8, 2)

#: Recognition and evaluation are asked of Article 5 too, and a yes there is an item of Annex III all the same.
NOBODY_READ: Facts = {
    "p.rbi": [],
    "p.biometric_categories": [],
    "p.emotion_from_biometrics": "no",
    "p.crime_risk_person": "no",
    "p.scores_persons": "no",
}
SCOPE: Facts = NOBODY_READ | {"aia.is_ai": "yes", "aia.outside": []}
BOUGHT: Facts = {"aia.built_by": "supplier", "aia.own_name": "no", "aia.purpose_changed": "no", "aia.substantial_change": "no"}
BUILT: Facts = BOUGHT | {"aia.built_by": "us"}
NO_PRODUCT: Facts = SCOPE | {"aia.annex_i_third_party": "no"}
RECRUITMENT = NO_PRODUCT | {"aia.uses": ["recruitment"], "aia.profiling": "yes"}
WATER = NO_PRODUCT | {"aia.uses": ["critical_infrastructure_safety"], "aia.only_cybersecurity": "no", "aia.profiling": "yes"}
SORTING = NO_PRODUCT | {
    "aia.uses": ["recruitment"],
    "aia.profiling": "no",
    "aia.no_significant_risk": "yes",
    "aia.limb": ["preparatory"],
}
CHAT = NO_PRODUCT | {"aia.uses": []}
PRODUCT: Facts = SCOPE | {
    "aia.part_in_product": "the_product",
    "aia.annex_i_third_party": "yes",
    "aia.only_radio_spectrum": "no",
    "aia.uses": [],
}
FALL_DETECTOR = PRODUCT | {"aia.product_kinds": ["medical_devices"]}
MACHINE = PRODUCT | {"aia.product_kinds": ["machinery"]}
ABOUT_PERSONS: Facts = {
    "decision.about_persons": "yes",
    "data.personal": "yes",
    "data.systematic_evaluation": "yes",
    "data.criteria": [],
    "aia.used_at_work": "yes",
    "aia.bias_special_categories": "no",
    "aia.supplier_forbids_high_risk": "no",
    "aia.components": "no",
}


@cache
def packs() -> tuple[Pack, ...]:
    return load_packs(PACKS / "eu-ai-act", PACKS / "eu-gdpr")


def act() -> Pack:
    return next(pack for pack in packs() if pack.id == "eu-ai-act")


def results(facts: Facts, on: date = LATER) -> dict[str, RuleResult]:
    found = evaluate(packs(), facts, on=on)
    return {result.rule.slug: result for result in found.results if result.rule.pack == "eu-ai-act"}


def holding(facts: Facts, *kinds: Kind, on: date = LATER) -> set[str]:
    return {
        slug
        for slug, result in results(facts, on).items()
        if result.rule.kind in kinds and result.in_force and result.result is Tristate.YES
    }


def roles(facts: Facts) -> set[str]:
    return {result.rule.value for result in results(facts).values() if result.rule.kind is Kind.ROLE and result.result is Tristate.YES}


def cited(*kinds: Kind) -> set[str]:
    return {provision for rule in act().rules.values() if rule.kind in kinds for provision in rule.citations}


# Roles


def test_a_municipality_that_builds_its_own_tool_is_provider_and_deployer() -> None:
    assert roles(CHAT | BUILT) == {"provider", "deployer"}
    assert roles(CHAT | BUILT | {"aia.built_by": "us_with_others"}) == {"provider", "deployer"}


def test_a_buyer_is_deployer_only() -> None:
    assert roles(RECRUITMENT | BOUGHT) == {"deployer"}


def test_nobody_has_a_role_for_something_that_is_no_ai_system() -> None:
    assert roles(BUILT | {"aia.is_ai": "no"}) == set()


@pytest.mark.parametrize("deed", ["aia.own_name", "aia.purpose_changed", "aia.substantial_change"])
def test_name_purpose_and_change_make_a_provider_of_what_is_high_risk_and_of_nothing_else(deed: str) -> None:
    assert roles(RECRUITMENT | BOUGHT | {deed: "yes"}) == {"provider", "deployer"}
    assert roles(FALL_DETECTOR | BOUGHT | {deed: "yes"}) == {"provider", "deployer"}
    for other in (CHAT, SORTING, MACHINE):
        assert roles(other | BOUGHT | {deed: "yes"}) == {"deployer"}


def test_a_new_purpose_for_an_old_system_does_not_wait_for_the_legacy_day() -> None:
    old: Facts = {"aia.first_placed": "2020-01-01", "aia.design_changed": "never", "aia.intended_for_public_authorities": "yes"}
    found = results(RECRUITMENT | BOUGHT | old | {"aia.purpose_changed": "yes"}, ANNEX_III)
    assert found["role-provider-new-purpose"].in_force
    assert found["named-overseers"].in_force
    same = results(RECRUITMENT | BOUGHT | old | {"aia.purpose_changed": "no"}, ANNEX_III)
    assert not same["named-overseers"].in_force


def test_a_suppliers_exclusion_is_an_alarm_where_the_use_is_high_risk() -> None:
    clause: Facts = {"aia.supplier_forbids_high_risk": "yes"}
    assert "supplier-excluded-high-risk" in holding(RECRUITMENT | BOUGHT | clause, Kind.DUTY)
    assert "supplier-excluded-high-risk" not in holding(CHAT | BOUGHT | clause, Kind.DUTY)


# The deployer


def test_article_26_is_there_paragraph_by_paragraph() -> None:
    paragraphs = {f"aia-26-{number}" for number in (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12)}
    assert paragraphs <= cited(Kind.GATE, Kind.DUTY)


GATES = {
    "ai-literacy": RecordKind.TRAINING,
    "use-by-instructions": RecordKind.INSTRUCTION,
    "named-overseers": RecordKind.HUMAN_OVERSIGHT,
    "workers-informed": RecordKind.WORKERS_INFORMED,
    "provider-registered-first": RecordKind.EU_REGISTRATION,
    "provider-information-for-dpia": RecordKind.ASSESSMENT_DATA_PROTECTION,
    "persons-told-of-ai": RecordKind.NOTICE,
    "fundamental-rights": RecordKind.ASSESSMENT_FUNDAMENTAL_RIGHTS,
    "register-public-use": RecordKind.EU_REGISTRATION,
}


def test_the_providers_papers_open_no_gate_that_asks_for_an_entry_in_the_database() -> None:
    asking = {slug for slug, rule in act().rules.items() if rule.kind is Kind.GATE and {"aia-26-8", "aia-49-1"} & set(rule.citations)}
    assert asking == {"provider-registered-first", "register-as-provider"}
    assert {act().rules[slug].demands.record for slug in asking} == {RecordKind.EU_REGISTRATION}  # type: ignore[union-attr]


def test_a_bought_recruitment_system_meets_these_gates_and_no_others() -> None:
    found = holding(RECRUITMENT | BOUGHT | ABOUT_PERSONS, Kind.GATE)
    assert found == set(GATES)
    demands = {slug: act().rules[slug].demands for slug in found}
    assert {slug: demand.record for slug, demand in demands.items() if demand} == GATES


def test_a_chat_assistant_meets_the_gate_of_literacy_alone() -> None:
    assert holding(CHAT | BOUGHT | ABOUT_PERSONS, Kind.GATE, Kind.DUTY) == {"ai-literacy"}


def test_critical_infrastructure_is_not_assessed_under_article_27_nor_put_in_the_eu_database() -> None:
    found = holding(WATER | BOUGHT | ABOUT_PERSONS, Kind.GATE, Kind.DUTY)
    assert not found & {"fundamental-rights", "provider-registered-first", "register-public-use", "explain-individual-decision"}
    assert {"register-nationally", "named-overseers", "persons-told-of-ai"} <= found


def test_a_product_of_section_a_has_article_26_but_not_27_49_or_86() -> None:
    found = holding(FALL_DETECTOR | BOUGHT | ABOUT_PERSONS, Kind.GATE, Kind.DUTY)
    assert {"use-by-instructions", "named-overseers", "suspend-on-risk", "keep-logs"} <= found
    chapters = {provision for slug in found for provision in act().rules[slug].citations}
    assert not chapters & {"aia-27", "aia-27-1", "aia-27-2", "aia-27-3", "aia-49-1", "aia-49-3", "aia-86", "aia-26-8", "aia-26-11"}


@pytest.mark.parametrize("origin", [BOUGHT, BUILT])
def test_a_product_of_section_b_alone_has_a_short_list(origin: Facts) -> None:
    found = holding(MACHINE | origin | ABOUT_PERSONS, Kind.GATE, Kind.DUTY, Kind.PRINCIPLE)
    assert found == {"ai-literacy", "complaint-to-authority", "whistleblowers-protected", "annex-i-section-b"}


def test_the_six_parts_of_the_assessment_are_named_in_both_languages() -> None:
    why = act().rules["fundamental-rights"].why
    for letter in "abcdef":
        assert f"({letter})" in why.sv
        assert f"({letter})" in why.en


def test_the_five_fields_of_the_registration_are_named_and_need_the_providers_entry() -> None:
    mend = act().rules["register-public-use"].mend
    assert "fem fälten" in mend.sv
    assert "leverantörens post" in mend.sv
    assert "Without the provider’s entry" in mend.en


def test_the_duties_begin_by_the_route() -> None:
    for facts, first in ((RECRUITMENT, ANNEX_III), (FALL_DETECTOR, ANNEX_I)):
        assert "named-overseers" in holding(facts | BOUGHT, Kind.GATE, on=first)
        assert "named-overseers" not in holding(facts | BOUGHT, Kind.GATE, on=first - timedelta(days=1))


def test_with_nothing_known_every_duty_of_article_26_may_apply() -> None:
    found = results({}, ANNEX_III)
    about_26 = [result for result in found.values() if result.rule.kind in (Kind.GATE, Kind.DUTY) and "26" in result.rule.citations[0]]
    assert len(about_26) > 10
    assert {result.result for result in about_26} == {Tristate.UNKNOWN}


# Bias, incidents, explanation


def test_article_4a_demands_and_never_permits() -> None:
    resting = [rule for rule in act().rules.values() if "aia-4a" in rule.citations]
    assert {rule.kind for rule in resting} == {Kind.GATE, Kind.DUTY}
    assert not any("aia-4a" in entry.citations for rule in act().rules.values() for entry in rule.exceptions)
    gate = act().rules["bias-processing-recorded"].demands
    assert gate
    assert gate.record is RecordKind.BIAS_PROCESSING
    assert gate.second_from


@pytest.mark.parametrize("slug", ["report-serious-incident", "serious-incident-told"])
def test_an_incident_has_three_clocks(slug: str) -> None:
    assert {deadline.id: deadline.within for deadline in act().rules[slug].deadlines} == {
        "general": "P15D",
        "widespread": "P2D",
        "death": "P10D",
    }


def test_the_right_to_explanation_takes_the_mainstream_day_and_says_that_it_is_contested() -> None:
    found = results(RECRUITMENT | BOUGHT | ABOUT_PERSONS)["explain-individual-decision"]
    assert found.applies_from == ANNEX_III
    assert found.rule.reading is Reading.CONTESTED


# What Article 6(3) frees


def test_whoever_frees_its_own_system_writes_down_why_and_registers_it() -> None:
    assert {"document-not-high-risk", "register-not-high-risk"} <= holding(SORTING | BUILT, Kind.GATE)


def test_the_buyer_of_a_freed_system_is_told_to_ask_for_the_papers() -> None:
    assert "ask-for-not-high-risk-documentation" in holding(SORTING | BOUGHT, Kind.PRINCIPLE)
    assert "document-not-high-risk" not in holding(SORTING | BOUGHT, Kind.GATE)


# The provider


def test_a_provider_of_high_risk_has_every_duty_of_the_chapter() -> None:
    found = holding(RECRUITMENT | BUILT | ABOUT_PERSONS | {"aia.components": "yes"}, Kind.GATE, Kind.DUTY)
    chapter = {provision for slug in found for provision in act().rules[slug].citations}
    articles = {f"aia-{number}" for number in (*range(8, 21), 43, 47, 48, 72, 73)} | {"aia-49-1", "aia-25-4", "aia-16-l"}
    assert articles <= chapter


def test_a_buyer_has_none_of_them() -> None:
    found = holding(RECRUITMENT | BOUGHT | ABOUT_PERSONS, Kind.GATE, Kind.DUTY)
    assert not {slug for slug in found if act().rules[slug].actor == "provider"}


# Words, offices, fines


def test_the_vocabulary_of_article_3_is_explained() -> None:
    numbers = (1, 3, 4, 9, 11, 12, 13, 14, 23, 34, 35, 36, 39, 40, 41, 42, 43, 44, 45, 46, 49, 52, 56, 57, 60, 61, 62, 63, 66)
    assert {f"aia-3-{number}" for number in numbers} <= cited(Kind.DEFINITION)


def test_no_swedish_authority_is_said_to_be_designated() -> None:
    swedish = [authority for authority in act().authorities.values() if authority.basis == "sou-2025-101"]
    assert {authority.role for authority in swedish} == {"market_surveillance", "single_contact"}
    assert {step.status for authority in swedish for step in authority.history} == {AuthorityStatus.PROPOSED}


def test_nothing_says_that_a_municipality_can_be_fined_or_cannot() -> None:
    sanctions = act().sanctions
    assert {sanction.public_bodies for sanction in sanctions.values()} == {Tristate.UNKNOWN}
    named = set(sanctions["operators"].provisions)
    assert not named & {"aia-4", "aia-27", "aia-86"}
    assert {"aia-16", "aia-26-5", "aia-50-1"} <= named


def test_the_questions_of_the_duties_are_plain_and_ask_for_proof() -> None:
    asked = [fact for fact in act().facts.values() if fact.topic == "duties"]
    assert asked
    for fact in asked:
        assert fact.evidence
        assert fact.help
        assert not {"artikel", "article"} & set(f"{fact.question.sv} {fact.question.en}".lower().split())
