"""The tables of a pack that may be divided, and those of offices and sanctions: each fault names its own file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from insyn.core.errors import PackError
from insyn.law.cases import check_packs
from insyn.law.loader import load_packs
from insyn.law.questionnaire import questionnaire, topics_of

FACTS = """\
topic: {{sv: {0}, en: {0}}}
facts:
  - {{id: it.{0}, type: tristate, question: {{sv: x?, en: x?}}, who: [system_owner]}}
"""


def refused(files: Any) -> PackError:
    with pytest.raises(PackError) as caught:
        load_packs(files.folder.parent)
    return caught.value


def test_questions_stand_by_topic_in_the_order_that_the_pack_gives(little_law: Any) -> None:
    for topic in ("alpha", "beta"):
        little_law.write(f"facts/{topic}.yaml", FACTS.format(topic))
    little_law.swap("pack.yaml", 'version: "1"', 'version: "1"\ntopics: [beta, it, class, alpha]')
    packs = load_packs(little_law.folder.parent)
    assert list(topics_of(packs)) == ["beta", "it", "class", "alpha"]
    asked = [question.topic for question in questionnaire(packs)]
    assert asked == sorted(asked, key=["beta", "it", "class", "alpha"].index)
    assert topics_of(packs)["beta"].sv == "beta"
    assert topics_of(packs)["it"].sv == "Lilla lagen", "a file without a heading is called by the pack's title"


def test_a_list_of_topics_that_forgets_one_is_refused(little_law: Any) -> None:
    little_law.swap("pack.yaml", 'version: "1"', 'version: "1"\ntopics: [it]')
    error = refused(little_law)
    assert "the topics are it, class" in error.message
    assert error.place == "line 8 (topics)"


def test_a_fault_in_a_divided_table_names_the_file(little_law: Any) -> None:
    little_law.write("facts/more.yaml", FACTS.format("harms"))
    error = refused(little_law)
    assert (error.file, error.message) == ("little-law/facts/more.yaml", "the id 'it.harms' stands twice")
    little_law.write("facts/more.yaml", FACTS.format("other"))
    little_law.write("provisions/more.yaml", "provisions:\n  - {id: act-3, instrument: nowhere, path: 3 §, level: V, url: ''}\n")
    assert refused(little_law).file == "little-law/provisions/more.yaml"


AUTHORITY = """\
authorities:
  - id: watch
    role: market_surveillance
    name: {sv: Tillsyn, en: Supervision}
    basis: act-1
    history: [{status: proposed, at: first-day}]
"""
SANCTION = """\
sanctions:
  - {id: fine, provisions: [act-1], ceiling: {sv: x, en: x}, public_bodies: unknown, basis: act-2}
"""


@pytest.mark.parametrize(("old", "new", "said"), [("act-1", "act-9", "no provision 'act-9'"), ("first-day", "no-day", "no day 'no-day'")])
def test_an_authority_rests_on_a_provision_and_a_day(little_law: Any, old: str, new: str, said: str) -> None:
    little_law.write("authorities.yaml", AUTHORITY)
    assert load_packs(little_law.folder.parent)[0].authorities["watch"].history[0].status == "proposed"
    little_law.swap("authorities.yaml", old, new)
    assert said in str(refused(little_law))
    assert refused(little_law).file == "little-law/authorities.yaml"


def test_a_sanction_names_the_provisions_that_it_stands_behind(little_law: Any) -> None:
    little_law.write("sanctions.yaml", SANCTION)
    assert load_packs(little_law.folder.parent)[0].sanctions["fine"].public_bodies == "unknown"
    little_law.swap("sanctions.yaml", "[act-1]", "[act-9]")
    assert "no provision 'act-9'" in str(refused(little_law))


def test_an_empty_value_is_named_on_its_own_line(little_law: Any) -> None:
    little_law.swap("pack.yaml", "jurisdiction: SE", "jurisdiction:")
    assert refused(little_law).place.startswith("line 6 ")


def test_a_case_before_the_adoption_is_not_in_force(little_law: Any, beside: Callable[..., Any]) -> None:
    case = "cases:\n  - {name: too early, facts: {it.harms: yes}, on: 2026-01-01, adopted_on: 2026-01-02, expect: EXPECTED}\n"
    policy = beside()
    for expected, wrong in (("not_in_force", False), ("yes", True)):
        policy.write("cases/council-rule.yaml", case.replace("EXPECTED", expected))
        failed = [finding for finding in check_packs(little_law.folder.parent) if finding.severity == "failed"]
        assert bool(failed) is wrong


def test_every_question_of_the_shipped_packs_says_what_shows_the_answer() -> None:
    root = Path(__file__).resolve().parents[2]
    for question in questionnaire(load_packs(root / "packs")):
        if question.answered_by == "person":
            assert question.evidence, question.id
            assert question.evidence.sv, question.id
