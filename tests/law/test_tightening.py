"""A policy brings law forward and yields to what protects the person; it can do neither in a way that loosens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import PackError
from insyn.core.terms import Tristate
from insyn.law.adoption import Adoption
from insyn.law.evaluate import evaluate
from insyn.law.loader import load_packs
from insyn.law.model import Kind, Pack
from insyn.law.protective import applying
from insyn.law.questionnaire import topics_of
from insyn.rules.collisions import collisions
from insyn.rules.full_result import full_result

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 20)
FIRST = date(2026, 12, 2)
BAN = "eu-ai-act/prohibited-5-1-ba"
EARLY = "kommun/lindvalla/no-practice-the-law-forbids-later"
IMAGES = {"aia.is_ai": "yes", "p.intimate_imagery": ["used"]}


def shipped(*ids: str) -> tuple[Pack, ...]:
    return tuple(pack for pack in load_packs(ROOT / "packs", ROOT / "demo" / "packs") if not ids or pack.id in ids)


LAW_AND_LINDVALLA = shipped("eu-ai-act", "eu-gdpr", "se-mbl", "kommun/lindvalla")
LAW = tuple(pack for pack in LAW_AND_LINDVALLA if pack.id != "kommun/lindvalla")


def test_a_law_that_is_coming_holds_where_the_municipality_has_decided_so_and_says_by_whom() -> None:
    results = {result.rule.id: result for result in evaluate(LAW_AND_LINDVALLA, IMAGES, on=DAY).results}
    assert results[BAN].in_force
    assert results[BAN].brought_by == (EARLY,)
    assert [citation.provision for citation in results[BAN].citations][:2] == ["lindvalla-limits", "aia-5-1-ba"]


def test_elsewhere_it_waits_for_its_day() -> None:
    assert BAN not in {result.rule.id for result in applying(evaluate(LAW, IMAGES, on=DAY), Kind.PROHIBITED)}


def test_from_its_own_day_it_is_law_and_not_policy() -> None:
    found = next(result for result in evaluate(LAW_AND_LINDVALLA, IMAGES, on=FIRST).results if result.rule.id == BAN)
    assert found.in_force
    assert found.brought_by == ()
    assert found.citations[0].provision == "aia-5-1-ba"


def test_both_days_are_told_apart() -> None:
    adopted = next(pack for pack in LAW_AND_LINDVALLA if pack.id == "kommun/lindvalla")
    act = Adoption(pack=adopted.id, digest=adopted.digest, adopted_on=DAY - timedelta(days=10))
    effect = next(effect for effect in full_result(LAW_AND_LINDVALLA, [act], IMAGES, on=DAY).effects if effect.rule == BAN)
    assert (effect.law_applies_from, effect.policy_applies_from) == (FIRST, DAY - timedelta(days=10))
    assert effect.policy_rules == (EARLY,)
    assert effect.in_force


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("brings_forward: [little-law/nothing]", "no rule of law 'little-law/nothing'"),
        ("brings_forward: [kommun/by/council-rule]", "no rule of law"),
        ("yields_to: [{rule: little-law/no-harm, why: {sv: x, en: x}}]", "a stop_rule does not yield"),
    ],
)
def test_what_a_policy_cannot_bring_or_yield_is_refused(little_law: Any, beside: Callable[..., Any], line: str, said: str) -> None:
    policy = beside()
    policy.swap("rules/council-rule.yaml", "why:", f"{line}\nwhy:")
    assert said in str(refused(little_law))


def test_what_frees_somebody_is_not_brought_forward(little_law: Any, beside: Callable[..., Any]) -> None:
    little_law.swap("rules/no-harm.yaml", "kind: prohibited", "kind: scope_out")
    beside().swap("rules/council-rule.yaml", "why:", "brings_forward: [little-law/no-harm]\nwhy:")
    assert "'little-law/no-harm' is a scope_out" in str(refused(little_law))


def test_a_principle_yields_to_a_rule_that_is_there_and_does_not_yield(little_law: Any, beside: Callable[..., Any]) -> None:
    policy = beside()
    policy.swap("rules/council-rule.yaml", "kind: stop_rule", "kind: principle")
    policy.swap("rules/council-rule.yaml", "why:", "yields_to: [{rule: little-law/no-harm, why: {sv: x, en: x}}]\nwhy:")
    assert load_packs(little_law.folder.parent)
    policy.swap("rules/council-rule.yaml", "little-law/no-harm", "little-law/nothing")
    assert "'little-law/nothing' does not exist" in str(refused(little_law))
    policy.swap("rules/council-rule.yaml", "little-law/nothing", "kommun/by/council-rule")
    assert "yields itself" in str(refused(little_law))


@pytest.mark.parametrize("kind", ["scope_out", "definition"])
def test_nothing_yields_to_what_frees_or_only_says(little_law: Any, beside: Callable[..., Any], kind: str) -> None:
    little_law.swap("rules/no-harm.yaml", "kind: prohibited", f"kind: {kind}")
    policy = beside()
    policy.swap("rules/council-rule.yaml", "kind: stop_rule", "kind: duty")
    policy.swap("rules/council-rule.yaml", "why:", "yields_to: [{rule: little-law/no-harm, why: {sv: x, en: x}}]\nwhy:")
    assert f"'little-law/no-harm' is a {kind}" in str(refused(little_law))


def test_a_municipality_renames_no_part_of_the_laws_questions(little_law: Any, beside: Callable[..., Any]) -> None:
    heading = "topic: {sv: Oviktigt, en: Unimportant}\nfacts:\n"
    beside().write("facts/it.yaml", heading + "  - {id: own.question, type: tristate, question: {sv: a, en: b}, who: [system_owner]}\n")
    topics = topics_of(load_packs(little_law.folder.parent))
    assert topics["it"].en == "The little law"


def test_law_neither_brings_forward_nor_yields(little_law: Any) -> None:
    little_law.swap("rules/no-harm.yaml", "why:", "brings_forward: [little-law/no-harm]\nwhy:")
    assert "only a policy brings forward" in str(refused(little_law))


def test_packs_that_use_each_other_in_a_ring_are_refused(little_law: Any, beside: Callable[..., Any]) -> None:
    beside()
    little_law.swap("pack.yaml", 'version: "1"', 'version: "1"\nuses: [kommun/by]')
    assert "the pack uses itself" in str(refused(little_law))


def refused(files: Any) -> PackError:
    with pytest.raises(PackError) as caught:
        load_packs(files.folder.parent)
    return caught.value


def test_where_rules_collide_the_one_that_protects_wins_and_both_are_shown() -> None:
    packs = shipped()
    found = collisions(evaluate(packs, {"data.personal": "yes"}, on=DAY))
    pairs = {(collision.yields, collision.prevails) for collision in found}
    assert ("kommun/karlstad/share-solutions-and-data", "eu-gdpr/purpose-decided") in pairs
    assert ("kommun/karlstad/share-solutions-and-data", "kommun/umea/data-for-its-purpose") in pairs
    assert all(collision.prevails_citations and collision.yields_citations and collision.why.sv for collision in found)


def test_a_rule_that_does_not_hold_collides_with_nothing() -> None:
    pairs = {collision.prevails for collision in collisions(evaluate(shipped(), {"data.personal": "no"}, on=DAY))}
    assert "eu-gdpr/purpose-decided" not in pairs


def test_the_duty_that_yields_says_to_what() -> None:
    packs = shipped()
    acts = [Adoption(pack=pack.id, digest=pack.digest, adopted_on=DAY) for pack in packs if pack.id.startswith("kommun/")]
    duty = next(
        duty
        for duty in full_result(packs, acts, {"data.personal": "yes"}, on=DAY).duties
        if duty.rule == "kommun/karlstad/share-solutions-and-data"
    )
    assert "eu-gdpr/purpose-decided" in duty.yields_to
    assert duty.applies is not Tristate.NO
