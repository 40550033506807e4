"""The invented municipality: its records fit their kinds, its people hold what the acts need, its packs get their answers."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest

from demo.installation import packs
from demo.journey.approving import ACTS_FIRST
from demo.lindvalla import deciding, entries, incidents, inventory, needs, people, records, systems
from demo.lindvalla.facts import exercise_answers, lanestod_answers
from demo.loans import words
from demo.loans.validation import Check, Limits, Part
from insyn.core.terms import RecordKind, Role
from insyn.law.answers import check_answers, facts_of
from insyn.law.loader import load_packs
from insyn.web.register.shapes import check_json

TODAY = date(2026, 11, 21)
CASE = records.Case(today=TODAY, stop_holder="p-1", reviewers=("p-2", "p-3"), validation={})
ROOT = Path(__file__).resolve().parents[2]

_CHECK_CONTENTS = """
import sys
from datetime import date
import django
from django.conf import settings
settings.configure(USE_I18N=False)
django.setup()
from demo.lindvalla.records import Case, content_of, exercise_content
from insyn.core.terms import RecordKind
from insyn.web.register.contents import check_content, was_passed
from demo.lindvalla.records import validation_texts
from demo.loans.validation import Check, Limits, Part
whole = Part(group="", value="", n=200, right=180, proposed_grants=170, decided_grants=160, denials_found=25)
women = Part(group="sex", value="female", n=100, right=90, proposed_grants=60, decided_grants=90, denials_found=10)
texts = validation_texts((whole, women), (Check("denials_found", "", 0.5, 0.625, True),), Limits(), training=995)
figures = {f"{name}{end}": 97.5 for name in ("gain", "agreement") for end in ("", "_low", "_high")}
tested = {"tested_on": "2026-11-20", "grade": "A", "sample": 300, **figures, "withheld": 0, "other_findings": "no"}
case = Case(today=date(2026, 11, 21), stop_holder="p-1", reviewers=("p-2",), validation=texts, fidelity=tested)
for kind in RecordKind:
    for content in (content_of(kind, case), exercise_content(kind, case)):
        assert check_content(kind, content, holds_role=lambda person, role: True) == content, kind
        assert was_passed(kind, content), kind
print("fits")
"""


def test_the_record_of_every_kind_says_what_its_kind_demands() -> None:
    """In a process of its own: Django is set up once in a process, and other tests set it up their way."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "INSYN_HOME": tempfile.gettempdir()}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run([sys.executable, "-c", _CHECK_CONTENTS], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "fits\n", done.stderr


def test_every_question_of_every_pack_is_answered_for_lanestod_and_for_the_load_test() -> None:
    asked = {name: fact for name, fact in facts_of(load_packs(*packs())).items() if not fact.derived}
    for answers in (lanestod_answers(TODAY), exercise_answers(TODAY)):
        assert set(asked) == set(answers)
        check_answers(asked, answers)


def test_every_role_that_an_act_may_ask_for_is_held_by_somebody() -> None:
    assert set(people.BY_ROLE) == set(Role)
    assert len(set(ACTS_FIRST)) == len(ACTS_FIRST)
    assert set(ACTS_FIRST) == set(Role) - {
        Role.STOP_HOLDER,
        Role.CASE_OFFICER,
        Role.RIGHTS_OFFICER,
        Role.AUDITOR,
        Role.ADMINISTRATOR,
    }


def test_every_person_works_in_an_office_that_is_there() -> None:
    offices = [office.slug for office in people.OFFICES]
    assert len(set(offices)) == len(offices)
    assert all(slug in offices for person in people.PEOPLE for _, slug in person.roles)
    assert len({person.username for person in people.PEOPLE}) == len(people.PEOPLE)
    known: set[str] = set()
    for office in people.OFFICES:  # a parent is opened before its children
        assert not office.parent or office.parent in known
        known.add(office.slug)


def test_there_is_a_substitute_who_may_stop() -> None:
    assert people.second_in(Role.STOP_HOLDER, not_person=people.STOP_HOLDER) is people.SUBSTITUTE
    assert people.second_in(Role.AUDITOR, not_person=people.AUDITOR) is None


@pytest.mark.parametrize("description", [systems.loan_support(15), systems.LOAD_SYSTEM, *systems.OTHERS], ids=lambda one: one["slug"])
def test_every_register_entry_has_the_shape_that_the_register_checks(description: dict[str, object]) -> None:
    for field, value in description.items():
        check_json(field, value)
    for field in ("name", "summary"):
        assert description[f"{field}_sv"]
        assert description[f"{field}_en"]
    assert len(str(description["summary_sv"])) <= 400


def test_the_kinds_and_the_reach_that_a_register_meets_are_all_there() -> None:
    everything = [systems.loan_support(15), systems.LOAD_SYSTEM, *systems.OTHERS]
    assert {one["kind"] for one in everything} >= {"built", "bought", "embedded", "generally_available", "rule_based"}
    assert {one["reach"] for one in everything} == {"every_call", "imported_logs", "contract_only"}


def test_the_load_test_stands_outside_every_figure() -> None:
    assert systems.LOAD_SYSTEM["exercise"] is True
    assert systems.LOAD_SYSTEM["in_figures"] is False


def test_the_page_says_openly_where_the_applications_come_from() -> None:
    for language in ("sv", "en"):
        assert "Boston" in words.DESCRIPTION[language]
        assert "1990" in words.DESCRIPTION[language]
        assert "15" in words.known_limits(15)[language]


def test_the_validation_record_states_counted_figures_and_every_broken_limit() -> None:
    whole = Part(group="", value="", n=200, right=180, proposed_grants=170, decided_grants=160, denials_found=25)
    few = Part(group="sex", value="missing", n=9, right=9, proposed_grants=9, decided_grants=9, denials_found=0)
    women = Part(group="sex", value="female", n=100, right=70, proposed_grants=60, decided_grants=90, denials_found=10)
    checks = (Check("denials_found", "", 0.5, 0.625, True), Check("grant_gap", "sex=female", 0.05, 0.3, False))
    text = records.validation_texts((whole, few, women), checks, Limits(), training=995)
    assert "Alla (200): 90.0% rätt" in text["result"]
    assert "Kön: Kvinna (100): 70.0% rätt" in text["result"]
    assert "Saknas" not in text["result"]
    assert "Gränser som inte hålls: grant_gap sex=female" in text["result"]
    assert "995" in text["own_cases"]


def test_what_the_public_reads_of_needs_incidents_and_delegations_is_there_in_both_languages() -> None:
    told = [*(need.told for need in needs.NEEDS), *(need.decision for need in needs.NEEDS if need.decision)]
    for texts in (*told, incidents.PUBLIC, entries.PRODUCT, *deciding.DELEGATIONS):
        swedish = [name for name in texts if name.endswith("_sv")]
        assert swedish
        assert all(texts[name] and texts[f"{name[:-3]}_en"] for name in swedish), texts


def test_the_rest_of_the_register_names_offices_and_systems_that_are_there() -> None:
    offices = {office.slug for office in people.OFFICES}
    slugs = {one["slug"] for one in (systems.loan_support(15), systems.LOAD_SYSTEM, *systems.OTHERS)}
    assert {need.office for need in needs.NEEDS} | {item["board"] for item in deciding.DELEGATIONS} <= offices
    assert {item["office"] for item in deciding.DELEGATIONS} | {inventory.ANSWERS, inventory.ASKS_FOR_TIME} <= offices
    assert {*entries.ENTRIES, *entries.BUILDS_ON, entries.WITHHELD[0], deciding.DEVIATION_SYSTEM} <= slugs


def test_a_need_ended_in_the_traditional_solution_another_in_no_and_one_waits() -> None:
    assert [need.decision.get("outcome", "") for need in needs.NEEDS] == ["traditional", "no", ""]


def test_a_record_kind_without_a_text_would_be_noticed() -> None:
    assert all(records.content_of(kind, CASE)["summary"] for kind in RecordKind)
