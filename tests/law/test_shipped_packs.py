"""The packs that are shipped: sound, tried by cases, honest about how far each citation is verified."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.terms import Tristate, VerificationLevel
from insyn.law.cases import Expect, check_packs, run_cases
from insyn.law.evaluate import evaluate
from insyn.law.loader import load_packs
from insyn.law.model import CARRIES_AN_EXCEPTION, LOOSENING, Kind, Pack, PackKind, PackStatus, RuleResult
from insyn.law.schema import schema

REPOSITORY = Path(__file__).parents[2]
FOLDERS = (REPOSITORY / "packs", REPOSITORY / "demo" / "packs")


@cache
def packs() -> tuple[Pack, ...]:
    return load_packs(*FOLDERS)


def pack(pack_id: str) -> Pack:
    return next(found for found in packs() if found.id == pack_id)


def answer(rule: str, facts: dict[str, object], on: str) -> RuleResult:
    """What the rule says where no policy brings it forward."""
    law = [found for found in packs() if found.kind is PackKind.LAW]
    found = evaluate(law if rule.split("/")[0] != "kommun" else packs(), facts, on=date.fromisoformat(on))
    return next(result for result in found.results if result.rule.id == rule)


def test_the_packs_are_clean_and_every_rule_is_tried_on_both_sides() -> None:
    assert check_packs(*FOLDERS) == ()


def test_a_failing_case_is_a_finding() -> None:
    outcomes = run_cases(*FOLDERS)
    assert len(outcomes) > 250
    assert all(outcome.holds for outcome in outcomes)
    assert {outcome.got for outcome in outcomes} == set(Expect)


def test_the_eight_and_two_prohibited_practices_are_there() -> None:
    points = {rule.value for rule in pack("eu-ai-act").rules.values() if rule.kind is Kind.PROHIBITED}
    assert points == {f"5(1)({point})" for point in ("a", "b", "ba", "bb", "c", "d", "e", "f", "g", "h")}


def test_the_25_items_of_annex_iii_are_there() -> None:
    items = {rule.value for rule in pack("eu-ai-act").rules.values() if rule.kind is Kind.ANNEX_ITEM} - {"I.A", "I.B"}
    letters = {"1": "abc", "3": "abcd", "4": "ab", "5": "abcd", "6": "abcde", "7": "abcd", "8": "ab"}
    assert items == {"III.2"} | {f"III.{point}({letter})" for point, all_ in letters.items() for letter in all_}
    assert len(items) == 25


def test_the_seven_grounds_of_discrimination_are_there() -> None:
    grounds = pack("se-diskrimineringslagen").facts["discrimination.grounds_tested"].values
    assert len(grounds) == 7
    assert {"Kön", "Könsöverskridande identitet eller uttryck", "Etnisk tillhörighet"} <= {ground.label.sv for ground in grounds}


def test_what_frees_somebody_has_been_read() -> None:
    for found in packs():
        for rule in found.rules.values():
            citations = [*rule.citations] if rule.kind in LOOSENING else []
            citations += [citation for exception in rule.exceptions for citation in exception.citations]
            assert {found.provisions[citation].level for citation in citations} <= CARRIES_AN_EXCEPTION


def test_every_provision_of_law_has_an_address() -> None:
    for found in packs():
        for provision in found.provisions.values():
            assert provision.url or found.kind is PackKind.POLICY, provision.id


def test_no_policy_claims_to_be_in_force() -> None:
    statuses = {found.id: found.status for found in packs() if found.kind is PackKind.POLICY}
    proposed, not_shown = PackStatus.PROPOSED, PackStatus.ADOPTION_NOT_SHOWN
    assert statuses == {
        "kommun/umea": proposed,
        "kommun/lekeberg": proposed,
        "kommun/karlstad": not_shown,
        "kommun/botkyrka": not_shown,
        "kommun/lindvalla": proposed,
    }


def test_unread_law_is_marked_as_such() -> None:
    levels = {provision.level for provision in pack("eu-gdpr").provisions.values()}
    assert levels == {VerificationLevel.KNOWLEDGE}


@pytest.mark.parametrize(
    ("rule", "facts", "first"),
    [
        ("eu-ai-act/prohibited-5-1-bb", {}, "2026-12-02"),
        ("eu-ai-act/prohibited-5-1-a", {}, "2025-02-02"),
        ("eu-ai-act/named-overseers", {}, "2027-12-02"),
        ("eu-ai-act/annex-i-a", {}, "2028-08-02"),
        ("eu-ai-act/transparency-50-2", {"aia.first_placed": "2026-07-01"}, "2026-12-02"),
        ("eu-ai-act/transparency-50-2", {"aia.first_placed": "2026-09-01"}, "2026-08-02"),
        ("se-kommunallagen/delegation-to-function", {}, "2022-07-01"),
    ],
)
def test_a_rule_holds_from_its_day_and_not_the_day_before(rule: str, facts: dict[str, object], first: str) -> None:
    day = date.fromisoformat(first)
    assert answer(rule, facts, first).applies_from == day
    assert answer(rule, facts, first).in_force
    assert not answer(rule, facts, (day - timedelta(days=1)).isoformat()).in_force


OLD = {"aia.first_placed": "2026-01-01", "aia.intended_for_public_authorities": "yes", "aia.purpose_changed": "no"}


@pytest.mark.parametrize(
    ("facts", "starts"),
    [
        (OLD | {"aia.design_changed": "never"}, date(2030, 8, 2)),
        (OLD | {"aia.design_changed": "2028-03-01"}, date(2028, 3, 1)),
        (OLD | {"aia.design_changed": "2026-02-01"}, date(2030, 8, 2)),
        (OLD | {"aia.design_changed": "never", "aia.intended_for_public_authorities": "no"}, None),
        (OLD | {"aia.design_changed": "never", "aia.intended_for_public_authorities": "unknown"}, date(2030, 8, 2)),
        (OLD, date(2027, 12, 2)),
        (OLD | {"aia.design_changed": "2031-05-01"}, date(2030, 8, 2)),
        (OLD | {"aia.design_changed": "2031-05-01", "aia.intended_for_public_authorities": "no"}, date(2031, 5, 1)),
        (OLD | {"aia.design_changed": "never", "aia.purpose_changed": "unknown"}, date(2027, 12, 2)),
        (OLD | {"aia.design_changed": "never", "aia.purpose_changed": "yes"}, date(2027, 12, 2)),
        (OLD | {"aia.first_placed": "2027-12-02"}, date(2027, 12, 2)),
        (OLD | {"aia.first_placed": "2027-12-01", "aia.design_changed": "2027-12-02"}, date(2027, 12, 2)),
        ({"aia.first_placed": "2029-05-05", "aia.purpose_changed": "no"}, date(2029, 5, 5)),
        ({"aia.first_placed": "never"}, date(2027, 12, 2)),
        ({}, date(2027, 12, 2)),
    ],
)
def test_an_old_system_is_spared_only_as_far_as_its_age_is_shown(facts: dict[str, object], starts: date | None) -> None:
    assert answer("eu-ai-act/named-overseers", facts, "2026-11-20").applies_from == starts


def test_a_legacy_municipal_system_has_no_duty_in_2029_and_has_in_2030() -> None:
    facts: dict[str, object] = OLD | {"aia.design_changed": "never"}
    assert not answer("eu-ai-act/fundamental-rights", facts, "2029-01-01").in_force
    assert answer("eu-ai-act/fundamental-rights", facts, "2030-08-02").in_force


def test_two_of_nine_criteria_ask_for_an_assessment_and_one_with_doubt_leaves_it_open() -> None:
    base: dict[str, object] = {"data.personal": "yes", "data.systematic_evaluation": "no"}
    rule = "eu-gdpr/data-protection-assessment"
    assert answer(rule, base | {"data.criteria": ["large_scale", "new_technology"]}, "2026-11-20").result is Tristate.YES
    doubt = answer(rule, base | {"data.criteria": ["large_scale", "unknown"]}, "2026-11-20")
    assert (doubt.result, doubt.unknown) == (Tristate.UNKNOWN, ("data.criteria",))


def test_the_trace_holds_every_condition_with_its_answer() -> None:
    found = answer("eu-ai-act/prohibited-5-1-c", {"p.scores_persons": "yes", "p.over_time": "no"}, "2026-11-20")
    assert [(step.fact, step.answer) for step in found.trace][:2] == [("p.scores_persons", "yes"), ("p.over_time", "no")]
    assert len(found.trace) == 6
    assert found.citations[0].label == "Article 5(1)(c) AI Act"
    assert found.citations[0].level is VerificationLevel.READ


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"data.persnal": "yes"}, "no pack asks"),
        ({"data.personal": True}, "is not an answer"),
        ({"data.personal": "kanske"}, "is not among the answers"),
        ({"data.criteria": "large_scale"}, "is not a list"),
        ({"data.criteria": ["huge"]}, "is not among the answers"),
        ({"data.criteria": [["large_scale"]]}, "is not among the answers"),
        ({"aia.first_placed": "2026-13-01"}, "is not a date"),
        ({"class.high_risk": "no"}, "worked out, not answered"),
    ],
)
def test_a_wrong_answer_is_refused_by_name(facts: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        evaluate(packs(), facts, on=date(2026, 11, 20))
    assert caught.value.place == next(iter(facts))
    assert caught.value.mend


def test_the_published_schema_is_the_one_that_the_loader_uses() -> None:
    published = json.loads((REPOSITORY / "docs" / "reference" / "pack.schema.json").read_text(encoding="utf-8"))
    assert published == schema(), "run: python -m insyn.law.schema > docs/reference/pack.schema.json"
