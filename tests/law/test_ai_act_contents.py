"""What the pack of the AI Act holds, counted in the pack itself: practices, items, products, situations and exclusions, each with its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from insyn.core.terms import Tristate, VerificationLevel
from insyn.law.conditions import facts_in
from insyn.law.evaluate import evaluate
from insyn.law.loader import load_packs
from insyn.law.model import Ask, Coverage, Evaluation, FactType, Kind, Pack, Rule, RuleResult
from insyn.rules.classify import SystemClass, classify

PACKS = Path(__file__).parents[2] / "packs"
Facts = dict[str, object]

#: A system that is none of what the Act names: each answer settles one thing.
NONE_OF_IT: Facts = {
    "aia.is_ai": "yes",
    "aia.outside": [],
    "aia.uses": [],
    "aia.product_kinds": [],
    "aia.transparency": [],
    "p.technique": [],
    "p.exploits_vulnerability": [],
    "p.scores_persons": "no",
    "p.crime_risk_person": "no",
    "p.face_database": "no",
    "p.emotion_from_biometrics": "no",
    "p.biometric_categories": [],
    "p.rbi": [],
    "p.intimate_imagery": [],
    "p.child_abuse_material": [],
}
AFTER_ALL_DAYS = date(2031, 1, 1)


@cache
def law() -> tuple[Pack, ...]:
    return load_packs(PACKS / "eu-ai-act", PACKS / "eu-gdpr")


@cache
def act() -> Pack:
    return next(pack for pack in law() if pack.id == "eu-ai-act")


def of_kind(kind: Kind) -> list[Rule]:
    return [rule for rule in act().rules.values() if rule.kind is kind]


def evaluated(facts: Mapping[str, object], on: date = AFTER_ALL_DAYS) -> Evaluation:
    return evaluate(law(), facts, on=on)


def answer(slug: str, facts: Mapping[str, object], on: date = AFTER_ALL_DAYS) -> RuleResult:
    return next(result for result in evaluated(facts, on).results if result.rule.id == f"eu-ai-act/{slug}")


def asked(rule: Rule) -> Iterator[Ask]:
    yield from facts_in(rule.when)
    for exception in rule.exceptions:
        yield from facts_in(exception.when)


# Practices that are prohibited

POINTS = {
    "prohibited-5-1-a": "a",
    "prohibited-5-1-b": "b",
    "prohibited-5-1-ba": "ba",
    "prohibited-5-1-bb": "bb",
    "prohibited-5-1-c": "c",
    "prohibited-5-1-d": "d",
    "prohibited-5-1-e": "e",
    "prohibited-5-1-f": "f",
    "prohibited-5-1-g": "g",
    "prohibited-5-1-h": "h",
}


def test_the_eight_practices_and_the_two_new_ones_are_there_with_their_days() -> None:
    assert {rule.slug: rule.value for rule in of_kind(Kind.PROHIBITED)} == {slug: f"5(1)({point})" for slug, point in POINTS.items()}
    days = {slug: answer(slug, {}).applies_from for slug in POINTS}
    new = {"prohibited-5-1-ba", "prohibited-5-1-bb"}
    assert {slug for slug, day in days.items() if day == date(2026, 12, 2)} == new
    assert {day for slug, day in days.items() if slug not in new} == {date(2025, 2, 2)}


#: Every element of each practice with the answers that meet it. One "no" clears the practice.
ELEMENTS: dict[str, Facts] = {
    "a": {
        "p.technique": ["deceptive"],
        "p.distortion": "yes",
        "p.impairs_choice": "yes",
        "p.other_decision": "yes",
        "p.significant_harm": "yes",
    },
    "b": {"p.exploits_vulnerability": ["socioeconomic"], "p.distortion": "yes", "p.significant_harm": "yes"},
    "c": {"p.scores_persons": "yes", "p.over_time": "yes", "p.data_kind": ["social_behaviour"], "p.treatment": ["unrelated_context"]},
    "d": {"p.crime_risk_person": "yes", "p.solely_profiling": "yes"},
    "e": {"p.face_database": "yes", "p.untargeted": "yes"},
    "f": {"p.emotion_from_biometrics": "yes", "p.setting": ["education"]},
    "g": {"p.biometric_categories": ["religion_or_belief"]},
    "h": {"p.rbi": ["realtime"], "p.public_space": "yes", "p.for_law_enforcement": "yes"},
    "ba": {"p.intimate_imagery": ["used"]},
    "bb": {"p.child_abuse_material": ["used"]},
}
#: The answers that leave each practice without its exception.
NOT_EXCEPTED: dict[str, Facts] = {
    "a": {"p.lawful_setting": []},
    "b": {"p.lawful_setting": []},
    "d": {"p.objective_facts_human": "no"},
    "f": {"p.reason": "other"},
    "g": {"p.categorisation_setting": []},
    "h": {"p.rbi_purpose": [], "p.rbi_conditions": []},
    "bb": {"p.with_right": "no"},
}


def prohibitions(facts: Facts) -> dict[str, Tristate]:
    return {result.rule.value[5:-1]: result.result for result in evaluated(NONE_OF_IT | facts).of_kind(Kind.PROHIBITED)}


@pytest.mark.parametrize("point", ELEMENTS)
def test_a_practice_is_prohibited_when_every_element_is_met_and_by_that_alone(point: str) -> None:
    found = prohibitions(ELEMENTS[point] | NOT_EXCEPTED.get(point, {}))
    assert {name for name, result in found.items() if result is Tristate.YES} == {point}
    assert (
        classify(law(), NONE_OF_IT | ELEMENTS[point] | NOT_EXCEPTED.get(point, {}), on=AFTER_ALL_DAYS).system_class
        is SystemClass.PROHIBITED
    )


@pytest.mark.parametrize(("point", "fact"), [(point, fact) for point, facts in ELEMENTS.items() for fact in facts])
def test_one_element_that_is_missing_clears_the_practice_and_one_that_is_unknown_does_not(point: str, fact: str) -> None:
    facts = ELEMENTS[point] | NOT_EXCEPTED.get(point, {})
    missing: object = [] if act().facts[fact].type is FactType.SET else "no"
    assert prohibitions(facts | {fact: missing})[point] is Tristate.NO
    assert prohibitions(facts | {fact: "unknown"})[point] is Tristate.UNKNOWN
    assert classify(law(), NONE_OF_IT | facts | {fact: "unknown"}, on=AFTER_ALL_DAYS).protective is SystemClass.PROHIBITED


@pytest.mark.parametrize(("point", "fact"), [(point, fact) for point, facts in NOT_EXCEPTED.items() for fact in facts])
def test_an_exception_that_nobody_has_answered_frees_nobody(point: str, fact: str) -> None:
    facts = ELEMENTS[point] | NOT_EXCEPTED[point] | {fact: "unknown"}
    assert prohibitions(facts)[point] is not Tristate.NO


def test_social_scoring_has_two_limbs_and_either_is_enough() -> None:
    for limb in ("unrelated_context", "disproportionate"):
        assert prohibitions(ELEMENTS["c"] | {"p.treatment": [limb]})["c"] is Tristate.YES
    assert prohibitions(ELEMENTS["c"] | {"p.treatment": ["related_proportionate"]})["c"] is Tristate.NO


PURPOSES = ("victims_or_missing", "imminent_threat", "serious_crime_suspect")


def test_recognition_in_real_time_is_freed_only_by_a_purpose_and_every_condition() -> None:
    conditions = [choice.value for choice in act().facts["p.rbi_conditions"].values]
    assert len(conditions) == 7
    for purpose in PURPOSES:
        freed = ELEMENTS["h"] | {"p.rbi_purpose": [purpose], "p.rbi_conditions": conditions}
        assert prohibitions(freed)["h"] is Tristate.NO
        for condition in conditions:
            left = [other for other in conditions if other != condition]
            assert prohibitions(freed | {"p.rbi_conditions": left})["h"] is Tristate.YES, condition
    assert prohibitions(ELEMENTS["h"] | {"p.rbi_purpose": [], "p.rbi_conditions": conditions})["h"] is Tristate.YES


@pytest.mark.parametrize(("point", "fact"), [("ba", "p.intimate_imagery"), ("bb", "p.child_abuse_material")])
def test_what_a_generator_may_foreseeably_make_is_its_providers_and_needs_safeguards(point: str, fact: str) -> None:
    ours: Facts = {fact: ["foreseeable"], "p.safeguards_adequate": "no", "p.with_right": "no", "aia.built_by": "us", "aia.own_name": "no"}
    assert prohibitions(ours)[point] is Tristate.YES
    assert prohibitions(ours | {"p.safeguards_adequate": "yes"})[point] is Tristate.NO
    assert prohibitions(ours | {"p.safeguards_adequate": "unknown"})[point] is Tristate.UNKNOWN
    assert prohibitions(ours | {"aia.built_by": "supplier"})[point] is Tristate.NO
    assert prohibitions(ours | {"aia.built_by": "supplier", "aia.own_name": "yes"})[point] is Tristate.YES
    assert prohibitions({fact: ["used"], "p.with_right": "no", "aia.built_by": "supplier"})[point] is Tristate.YES


# Annex III

LETTERS = {"1": "abc", "3": "abcd", "4": "ab", "5": "abcd", "6": "abcde", "7": "abcd", "8": "ab"}
ITEMS = {"III.2"} | {f"III.{point}({letter})" for point, letters in LETTERS.items() for letter in letters}
#: For each item with an exclusion of its own: the fact that excludes.
EXCLUSIONS = {
    "III.1(a)": "aia.only_verification",
    "III.2": "aia.only_cybersecurity",
    "III.5(b)": "aia.only_fraud_detection",
    "III.7(d)": "aia.only_travel_documents",
    "III.8(a)": "aia.only_ancillary",
    "III.8(b)": "aia.voters_do_not_meet",
}
#: Items that are hit only in use by or for such an authority.
BY_OR_FOR = {
    item: "law_enforcement" if item.startswith("III.6") else "migration" if item.startswith("III.7") else "court"
    for item in ITEMS
    if item.startswith(("III.6", "III.7")) or item == "III.8(a)"
}


def annex_iii() -> dict[str, Rule]:
    return {rule.value: rule for rule in of_kind(Kind.ANNEX_ITEM) if rule.value.startswith("III")}


def use_of(item: str) -> str:
    return str(next(ask.value for ask in asked(annex_iii()[item]) if ask.fact == "aia.uses"))


def hit(facts: Facts) -> dict[str, Tristate]:
    return {result.rule.value: result.result for result in evaluated(NONE_OF_IT | facts).of_kind(Kind.ANNEX_ITEM)}


def used_for(item: str) -> Facts:
    """The answers that hit the item and nothing else."""
    facts: Facts = {"aia.uses": [use_of(item)]}
    if item in BY_OR_FOR:
        facts["aia.by_or_for"] = [BY_OR_FOR[item]]
    if item in EXCLUSIONS:
        facts[EXCLUSIONS[item]] = "no"
    return facts


def test_the_25_items_of_annex_iii_are_there_each_with_a_use_of_its_own() -> None:
    assert annex_iii().keys() == ITEMS
    assert len(ITEMS) == 25
    uses = {choice.value for choice in act().facts["aia.uses"].values}
    assert {use_of(item) for item in ITEMS} == uses
    assert len(uses) == 25
    assert {answer(rule.slug, {}).applies_from for rule in annex_iii().values()} == {date(2027, 12, 2)}


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_an_item_is_hit_by_its_use_and_by_no_other(item: str) -> None:
    found = hit(used_for(item))
    assert {name for name, result in found.items() if result is not Tristate.NO} == {item}
    assert found[item] is Tristate.YES


@pytest.mark.parametrize("item", sorted(EXCLUSIONS))
def test_an_exclusion_inside_an_item_needs_a_yes(item: str) -> None:
    facts = used_for(item)
    assert hit(facts | {EXCLUSIONS[item]: "yes"})[item] is Tristate.NO
    assert hit(facts | {EXCLUSIONS[item]: "unknown"})[item] is Tristate.UNKNOWN
    assert classify(law(), NONE_OF_IT | facts | {EXCLUSIONS[item]: "unknown"}, on=AFTER_ALL_DAYS).protective is SystemClass.HIGH_RISK


@pytest.mark.parametrize("item", sorted(BY_OR_FOR))
def test_points_6_7_and_8a_are_for_such_authorities_only(item: str) -> None:
    facts = used_for(item)
    assert hit(facts | {"aia.by_or_for": []})[item] is Tristate.NO
    assert hit(facts | {"aia.by_or_for": "unknown"})[item] is Tristate.UNKNOWN


def test_emotions_read_at_work_belong_to_the_prohibition_and_elsewhere_to_the_item() -> None:
    reads: Facts = {"aia.uses": ["emotion_recognition"], "p.emotion_from_biometrics": "yes", "p.reason": "other"}
    assert hit(reads | {"p.setting": ["workplace"]})["III.1(c)"] is Tristate.NO
    assert prohibitions(reads | {"p.setting": ["workplace"]})["f"] is Tristate.YES
    assert hit(reads | {"p.setting": ["other"]})["III.1(c)"] is Tristate.YES
    assert hit(reads | {"p.setting": ["workplace"], "p.reason": "safety"})["III.1(c)"] is Tristate.YES


@pytest.mark.parametrize("setting", [["workplace"], ["education"], ["other"], ["workplace", "other"], [], "unknown"])
@pytest.mark.parametrize("reason", ["medical", "safety", "other", "unknown"])
def test_whoever_reads_emotions_is_never_let_go_by_both(setting: object, reason: str) -> None:
    facts: Facts = {"aia.uses": ["emotion_recognition"], "p.emotion_from_biometrics": "yes", "p.setting": setting, "p.reason": reason}
    assert hit(facts)["III.1(c)"] is not Tristate.NO or prohibitions(facts)["f"] is Tristate.YES


@pytest.mark.parametrize("solely", ["yes", "no", "unknown"])
@pytest.mark.parametrize("facts_held", ["yes", "no", "unknown"])
def test_whoever_predicts_crime_for_the_police_is_never_let_go_by_both(solely: str, facts_held: str) -> None:
    facts = used_for("III.6(d)") | {"p.crime_risk_person": "yes", "p.solely_profiling": solely, "p.objective_facts_human": facts_held}
    assert hit(facts)["III.6(d)"] is not Tristate.NO or prohibitions(facts)["d"] is Tristate.YES


#: What the questions about Article 5 and those about Annex III both ask: the answer to the first, and the items and situations that it gives.
ASKED_TWICE: dict[str, tuple[Facts, str, set[str]]] = {
    "emotions of visitors": ({"p.emotion_from_biometrics": "yes", "p.setting": ["other"], "p.reason": "other"}, "III.1(c)", {"50(3)"}),
    "a dataset labelled by belief": (
        {"p.biometric_categories": ["religion_or_belief"], "p.categorisation_setting": ["dataset_labelling"]},
        "III.1(b)",
        {"50(3)"},
    ),
    "people searched for afterwards": ({"p.rbi": ["afterwards"], "aia.only_verification": "yes"}, "III.1(a)", set()),
    "people found as they pass": ({"p.rbi": ["realtime"], "p.public_space": "no", "aia.only_verification": "yes"}, "III.1(a)", set()),
    "a risk of offending, for the police": (
        {"p.crime_risk_person": "yes", "p.solely_profiling": "no", "aia.by_or_for": ["law_enforcement"]},
        "III.6(d)",
        set(),
    ),
}


@pytest.mark.parametrize("told", ASKED_TWICE)
def test_an_empty_list_of_uses_unsays_nothing_that_is_said_of_article_5(told: str) -> None:
    facts, item, situations = ASKED_TWICE[told]
    found = classify(law(), NONE_OF_IT | facts | {"aia.annex_i_third_party": "no", "aia.crime_work": []}, on=AFTER_ALL_DAYS)
    assert (found.system_class, found.annex_items) == (SystemClass.HIGH_RISK, (item,))
    assert set(found.transparency) == situations


@pytest.mark.parametrize("kind", ["social_behaviour", "personal_characteristics"])
def test_whoever_evaluates_people_on_their_traits_profiles_whatever_is_said_of_profiling(kind: str) -> None:
    freed: Facts = {"aia.uses": ["public_benefits"], "aia.profiling": "no", "aia.no_significant_risk": "yes", "aia.limb": ["preparatory"]}
    scores: Facts = {"p.scores_persons": "yes", "p.over_time": "no", "p.data_kind": [kind], "aia.annex_i_third_party": "no"}
    assert classify(law(), NONE_OF_IT | freed | {"aia.annex_i_third_party": "no"}, on=AFTER_ALL_DAYS).system_class is SystemClass.DEROGATED
    assert classify(law(), NONE_OF_IT | freed | scores, on=AFTER_ALL_DAYS).system_class is SystemClass.HIGH_RISK


@pytest.mark.parametrize("makes", ["deep_fake", "public_text"])
def test_what_is_taken_for_real_or_published_was_generated_too(makes: str) -> None:
    assert answer("transparency-50-2", {"aia.transparency": [makes], "aia.change_of_input": "makes_new"}).result is Tristate.YES


# Annex I

SECTIONS = {"I.A": 11, "I.B": 9}


def products(item: str) -> list[str]:
    rule = next(rule for rule in of_kind(Kind.ANNEX_ITEM) if rule.value == item)
    return [str(ask.value) for ask in facts_in(rule.when) if ask.fact == "aia.product_kinds"]


def test_annex_i_has_11_entries_in_section_a_and_9_in_section_b() -> None:
    assert {item: len(products(item)) for item in SECTIONS} == SECTIONS
    assert "machinery" in products("I.B")
    assert {*products("I.A"), *products("I.B")} == {choice.value for choice in act().facts["aia.product_kinds"].values}
    assert not {*products("I.A")} & {*products("I.B")}


@pytest.mark.parametrize("item", SECTIONS)
def test_a_product_is_high_risk_only_by_both_conditions(item: str) -> None:
    kind = products(item)[-1]
    facts: Facts = {"aia.product_kinds": [kind], "aia.part_in_product": "safety_component", "aia.annex_i_third_party": "yes"}
    assert hit(facts)[item] is Tristate.YES
    assert hit(facts | {"aia.annex_i_third_party": "no"})[item] is Tristate.NO
    assert hit(facts | {"aia.part_in_product": "neither"})[item] is Tristate.NO
    assert hit(facts | {"aia.annex_i_third_party": "unknown"})[item] is Tristate.UNKNOWN
    day = next(effect for effect in evaluated(facts).of_kind(Kind.ANNEX_ITEM) if effect.rule.value == item).applies_from
    assert day == date(2028, 8, 2)


def test_an_assessment_of_radio_spectrum_alone_does_not_count() -> None:
    facts: Facts = {"aia.product_kinds": ["radio_equipment"], "aia.part_in_product": "the_product", "aia.annex_i_third_party": "yes"}
    assert hit(facts | {"aia.only_radio_spectrum": "no"})["I.A"] is Tristate.YES
    assert hit(facts | {"aia.only_radio_spectrum": "yes"})["I.A"] is Tristate.NO
    assert hit(facts)["I.A"] is Tristate.UNKNOWN


# The derogation

LIMBS = ("narrow_procedural", "improves_human_result", "finds_deviations", "preparatory")
FREED: Facts = {"aia.uses": ["public_benefits"], "aia.profiling": "no", "aia.no_significant_risk": "yes"}


@pytest.mark.parametrize("limb", LIMBS)
def test_the_derogation_needs_the_opening_condition_and_a_limb(limb: str) -> None:
    def class_with(**change: object) -> SystemClass:
        facts = NONE_OF_IT | FREED | {"aia.limb": [limb]} | {name.replace("__", "."): value for name, value in change.items()}
        return classify(law(), facts, on=AFTER_ALL_DAYS).protective

    assert class_with() is SystemClass.DEROGATED
    assert class_with(aia__no_significant_risk="no") is SystemClass.HIGH_RISK
    assert class_with(aia__no_significant_risk="unknown") is SystemClass.HIGH_RISK
    assert class_with(aia__limb=[]) is SystemClass.HIGH_RISK
    assert class_with(aia__profiling="yes") is SystemClass.HIGH_RISK
    assert class_with(aia__profiling="unknown") is SystemClass.HIGH_RISK


@pytest.mark.parametrize("item", sorted(ITEMS))
def test_profiling_closes_the_derogation_for_every_item(item: str) -> None:
    facts = NONE_OF_IT | used_for(item) | {"aia.profiling": "yes", "aia.no_significant_risk": "yes", "aia.limb": list(LIMBS)}
    assert classify(law(), facts, on=AFTER_ALL_DAYS).system_class is SystemClass.HIGH_RISK


def test_the_four_limbs_are_there_and_the_derogation_frees_no_product() -> None:
    assert tuple(choice.value for choice in act().facts["aia.limb"].values) == LIMBS
    product: Facts = {"aia.product_kinds": ["medical_devices"], "aia.part_in_product": "the_product", "aia.annex_i_third_party": "yes"}
    found = classify(law(), NONE_OF_IT | FREED | {"aia.limb": ["preparatory"]} | product, on=AFTER_ALL_DAYS)
    assert found.system_class is SystemClass.HIGH_RISK


# Telling people

SITUATIONS: dict[str, tuple[str, str, Facts]] = {
    "transparency-50-1": ("50(1)", "provider", {"aia.transparency": ["talks_to_people"], "aia.obvious_ai": "no", "aia.crime_work": []}),
    "transparency-50-2": ("50(2)", "provider", {"aia.transparency": ["generates_content"], "aia.change_of_input": "makes_new"}),
    "transparency-50-3": ("50(3)", "deployer", {"aia.transparency": ["exposes_to_recognition"], "aia.crime_work": []}),
    "transparency-50-4-deep-fake": ("50(4)", "deployer", {"aia.transparency": ["deep_fake"], "aia.crime_work": []}),
    "transparency-50-4-text": ("50(4)", "deployer", {"aia.transparency": ["public_text"], "aia.public_text_review": []}),
}


def test_the_five_situations_are_there_with_who_acts_and_how_it_is_told() -> None:
    assert {rule.slug for rule in of_kind(Kind.TRANSPARENCY)} == SITUATIONS.keys()
    for rule in of_kind(Kind.TRANSPARENCY):
        paragraph, actor, _ = SITUATIONS[rule.slug]
        assert (rule.value, rule.actor) == (paragraph, actor)
        assert "aia-50-5" in rule.citations
        assert answer(rule.slug, {}).applies_from == date(2026, 8, 2)


@pytest.mark.parametrize("slug", SITUATIONS)
def test_a_situation_makes_a_system_one_of_transparency(slug: str) -> None:
    facts = NONE_OF_IT | SITUATIONS[slug][2]
    assert answer(slug, facts).result is Tristate.YES
    assert classify(law(), facts, on=AFTER_ALL_DAYS).system_class is SystemClass.TRANSPARENCY


@pytest.mark.parametrize(
    ("slug", "change", "told"),
    [
        ("transparency-50-1", {"aia.obvious_ai": "yes"}, Tristate.NO),
        ("transparency-50-1", {"aia.obvious_ai": "unknown"}, Tristate.UNKNOWN),
        ("transparency-50-1", {"aia.crime_work": ["authorised_by_law", "safeguards"]}, Tristate.NO),
        ("transparency-50-1", {"aia.crime_work": ["authorised_by_law", "safeguards", "open_to_public_reports"]}, Tristate.YES),
        ("transparency-50-2", {"aia.change_of_input": "standard_editing"}, Tristate.NO),
        ("transparency-50-2", {"aia.change_of_input": "no_substantial_change"}, Tristate.NO),
        ("transparency-50-3", {"aia.crime_work": ["authorised_by_law"]}, Tristate.YES),
        ("transparency-50-3", {"aia.crime_work": ["authorised_by_law", "safeguards"]}, Tristate.NO),
        ("transparency-50-4-deep-fake", {"aia.crime_work": ["authorised_by_law"]}, Tristate.NO),
        ("transparency-50-4-text", {"aia.public_text_review": ["human_review"]}, Tristate.YES),
        ("transparency-50-4-text", {"aia.public_text_review": ["editorial_responsibility"]}, Tristate.YES),
        ("transparency-50-4-text", {"aia.public_text_review": ["human_review", "editorial_responsibility"]}, Tristate.NO),
    ],
)
def test_the_exceptions_of_article_50(slug: str, change: Facts, told: Tristate) -> None:
    assert answer(slug, NONE_OF_IT | SITUATIONS[slug][2] | change).result is told


# Scope

EXCLUSIONS_OF_SCOPE: dict[str, tuple[str, Facts, str]] = {
    "not-an-ai-system": ("3(1)", {"aia.is_ai": "no"}, ""),
    "only-defence": ("2(3)", {"aia.outside": ["defence"], "aia.also_other_use": "no"}, "aia.also_other_use"),
    "only-research": ("2(6)", {"aia.outside": ["research"], "aia.also_other_use": "no"}, "aia.also_other_use"),
    "before-use": ("2(8)", {"aia.outside": ["development"], "aia.real_world_testing": "no"}, "aia.real_world_testing"),
    "only-private": ("2(10)", {"aia.outside": ["private"], "aia.used_at_work": "no"}, "aia.used_at_work"),
}
SERIOUS: Facts = {"aia.uses": ["public_benefits"], "aia.profiling": "yes"}


def test_the_exclusions_from_scope_are_there() -> None:
    assert {rule.slug: rule.value for rule in of_kind(Kind.SCOPE_OUT)} == {
        slug: value for slug, (value, _, _) in EXCLUSIONS_OF_SCOPE.items()
    }


@pytest.mark.parametrize("slug", EXCLUSIONS_OF_SCOPE)
def test_an_exclusion_frees_only_by_a_yes(slug: str) -> None:
    _, facts, guard = EXCLUSIONS_OF_SCOPE[slug]
    assert classify(law(), NONE_OF_IT | SERIOUS | facts, on=AFTER_ALL_DAYS).system_class is SystemClass.OUT_OF_SCOPE
    for fact in facts:
        doubt = classify(law(), NONE_OF_IT | SERIOUS | facts | {fact: "unknown"}, on=AFTER_ALL_DAYS)
        assert doubt.protective is SystemClass.HIGH_RISK
    if guard:
        stays_in = classify(law(), NONE_OF_IT | SERIOUS | facts | {guard: "yes"}, on=AFTER_ALL_DAYS)
        assert stays_in.system_class is SystemClass.HIGH_RISK


def test_open_source_frees_nobody() -> None:
    rule = act().rules["definition-open-source"]
    assert rule.kind is Kind.DEFINITION
    assert not list(asked(rule))


# The whole


def test_all_unknown_is_never_minimal_and_neither_is_any_answer_left_out() -> None:
    nothing = classify(law(), {}, on=AFTER_ALL_DAYS)
    assert (nothing.system_class, nothing.protective) == (SystemClass.UNDETERMINED, SystemClass.PROHIBITED)
    assert set(nothing.annex_open) == ITEMS | {*SECTIONS}
    assert classify(law(), NONE_OF_IT, on=AFTER_ALL_DAYS).system_class is SystemClass.MINIMAL
    for fact in NONE_OF_IT:
        left = {name: value for name, value in NONE_OF_IT.items() if name != fact}
        assert classify(law(), left, on=AFTER_ALL_DAYS).system_class is SystemClass.UNDETERMINED, fact


def test_the_pack_says_that_it_is_whole_and_decides_by_what_people_answer() -> None:
    assert act().coverage is Coverage.WHOLE
    kinds = (Kind.PROHIBITED, Kind.ANNEX_ITEM, Kind.DEROGATION, Kind.TRANSPARENCY, Kind.SCOPE_OUT)
    for rule in (rule for kind in kinds for rule in of_kind(kind)):
        assert not any(act().facts[ask.fact].derived for ask in asked(rule)), rule.slug


def test_every_question_that_a_person_answers_says_what_shows_the_answer_and_speaks_plainly() -> None:
    for fact in act().facts.values():
        if fact.derived:
            continue
        assert fact.evidence, fact.id
        assert fact.help, fact.id
        words = " ".join([fact.question.sv, fact.help.sv, *(choice.label.sv for choice in fact.values)]).lower()
        assert not any(jargon in words for jargon in ("artikel", "bilaga", "enligt art", "stycke")), fact.id


def test_an_exception_rests_on_what_has_been_read_or_reported() -> None:
    levels = {
        act().provisions[citation].level
        for rule in act().rules.values()
        for exception in rule.exceptions
        for citation in exception.citations
    }
    assert levels <= {VerificationLevel.READ, VerificationLevel.SECONDARY}


DATED: list[tuple[str, str, Facts]] = [
    ("prohibited-5-1-a", "2025-02-02", {}),
    ("prohibited-5-1-ba", "2026-12-02", {}),
    ("prohibited-5-1-bb", "2026-12-02", {}),
    ("annex-iii-5a", "2027-12-02", {}),
    ("annex-i-a", "2028-08-02", {}),
    ("annex-i-b", "2028-08-02", {}),
    ("derogation-6-3", "2027-12-02", {}),
    ("transparency-50-1", "2026-08-02", {}),
    ("transparency-50-2", "2026-12-02", {"aia.first_placed": "2026-07-01"}),
    ("transparency-50-2", "2026-08-02", {"aia.first_placed": "2026-09-01"}),
]


@pytest.mark.parametrize(("slug", "first", "facts"), DATED)
def test_a_rule_holds_from_its_day_and_not_the_day_before(slug: str, first: str, facts: Facts) -> None:
    day = date.fromisoformat(first)
    assert answer(slug, facts, day).in_force
    assert not answer(slug, facts, date.fromordinal(day.toordinal() - 1)).in_force
