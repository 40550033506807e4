"""The law on data, secrecy, records, security and cameras: every line is there with its mark, from its day, and nothing unread frees anybody."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from insyn.core.terms import Tristate
from insyn.law.evaluate import evaluate
from insyn.law.loader import load_packs
from insyn.law.model import CARRIES_AN_EXCEPTION, LOOSENING, Coverage, Kind, Pack, PackStatus, Rule, RuleResult
from insyn.law.questionnaire import questionnaire

PACKS = Path(__file__).parents[2] / "packs"
NAMES = (
    "eu-gdpr",
    "se-dataskyddslagen",
    "se-osl",
    "se-tf",
    "se-arkivlagen",
    "se-cybersakerhetslagen",
    "se-kamerabevakningslagen",
    "se-oppna-data",
)

#: What the source says of each provision: pack, provision, its mark, and the rules that carry it.
TABLE: tuple[tuple[str, str, str, str], ...] = (
    ("eu-gdpr", "gdpr-5-1-b", "K", "purpose-decided purpose-kept"),
    ("eu-gdpr", "gdpr-5-1-c", "K", "data-minimised log-without-personal-data"),
    ("eu-gdpr", "gdpr-5-1-d", "K", "data-accurate"),
    ("eu-gdpr", "gdpr-5-2", "K", "compliance-shown log-without-personal-data"),
    ("eu-gdpr", "gdpr-6", "K", "purpose-decided legal-basis-per-purpose consent-seldom-the-ground"),
    ("eu-gdpr", "gdpr-9", "K", "special-categories-guarded no-special-categories-without-ground"),
    ("eu-gdpr", "gdpr-13", "K", "persons-informed told-of-processing"),
    ("eu-gdpr", "gdpr-14", "K", "persons-informed told-of-processing"),
    ("eu-gdpr", "gdpr-15", "K", "access-given"),
    ("eu-gdpr", "gdpr-15-1-h", "K", "logic-explained procedure-and-principles-explained"),
    ("eu-gdpr", "c-203-22", "K", "procedure-and-principles-explained"),
    ("eu-gdpr", "gdpr-17", "K", "erasure-request-decided"),
    ("eu-gdpr", "gdpr-21", "K", "objection-decided"),
    ("eu-gdpr", "gdpr-22", "K", "human-decides-in-substance no-decision-by-machine-alone score-that-leads-measured"),
    ("eu-gdpr", "c-634-21", "K", "score-that-leads-measured"),
    ("eu-gdpr", "gdpr-30", "K", "processing-recorded purpose-decided"),
    ("eu-gdpr", "gdpr-33", "K", "breach-notified"),
    ("eu-gdpr", "gdpr-35-1", "K", "data-protection-assessment"),
    ("eu-gdpr", "imy-two-of-nine", "K", "data-protection-assessment"),
    ("se-dataskyddslagen", "dsl-2", "K", "public-task-has-support"),
    ("se-dataskyddslagen", "dsl-3", "K", "sensitive-data-within-the-act group-tests-have-explicit-basis"),
    ("se-dataskyddslagen", "dsl-3-3", "K", "no-search-by-sensitive-data group-tests-have-explicit-basis"),
    ("se-osl", "osl-26", "S", "social-services-secrecy"),
    ("se-osl", "osl-23", "S", "school-secrecy"),
    ("se-osl", "osl-10-2-a", "S", "hand-over-assessed"),
    ("se-osl", "tul", "S", "supplier-bound-to-silence"),
    ("se-osl", "osl-secrecy", "S", "hand-over-assessed secret-data-stays public-log-holds-nothing-secret harm-tested-before-publishing"),
    ("se-tf", "tf-2", "K", "log-and-register-are-public given-out-on-request secret-parts-masked"),
    ("se-tf", "osl-4", "K", "given-out-on-request documents-registered"),
    ("se-tf", "osl-5", "K", "documents-registered"),
    ("se-arkivlagen", "arkl-3", "S", "preserved-in-open-formats"),
    ("se-arkivlagen", "arkl-7-8", "S", "archive-authority"),
    ("se-arkivlagen", "arkl-10", "S", "disposal-decided erasure-carries-its-decision"),
    ("se-cybersakerhetslagen", "csl-measures", "S", "risk-measures-taken"),
    ("se-cybersakerhetslagen", "csl-management", "S", "management-trained"),
    ("se-cybersakerhetslagen", "csl-incidents", "S", "incident-reported"),
    ("se-cybersakerhetslagen", "csl-supply-chain", "S", "supplier-chain-registered"),
    ("se-kamerabevakningslagen", "kbl-balance", "K", "camera-balance-documented"),
    ("se-kamerabevakningslagen", "kbl-permit", "?", "camera-permit-checked"),
    ("se-oppna-data", "pdl-protected", "K", "open-data-without-secrets"),
    ("se-oppna-data", "pdl-formats", "K", "open-data-in-open-formats open-data-described"),
)


@cache
def packs() -> tuple[Pack, ...]:
    return load_packs(*(PACKS / name for name in NAMES))


def pack(pack_id: str) -> Pack:
    return next(found for found in packs() if found.id == pack_id)


def rules() -> tuple[Rule, ...]:
    return tuple(rule for found in packs() for rule in found.rules.values())


def answer(rule: str, facts: dict[str, object], on: str = "2026-11-20") -> RuleResult:
    return next(result for result in evaluate(packs(), facts, on=date.fromisoformat(on)).results if result.rule.id == rule)


@pytest.mark.parametrize(("pack_id", "provision", "mark", "carried_by"), TABLE, ids=[row[1] for row in TABLE])
def test_every_line_is_there_with_its_mark_and_its_rules(pack_id: str, provision: str, mark: str, carried_by: str) -> None:
    assert pack(pack_id).provisions[provision].level == mark
    assert {rule.slug for rule in pack(pack_id).rules.values() if provision in rule.citations} == set(carried_by.split())


def test_no_rule_stands_outside_the_table() -> None:
    carried = {(row[0], slug) for row in TABLE for slug in row[3].split()}
    assert {(rule.pack, rule.slug) for rule in rules()} == carried


def test_the_packs_bind_by_themselves_and_none_claims_to_be_whole() -> None:
    assert {(found.status, found.coverage) for found in packs()} == {(PackStatus.IN_FORCE, Coverage.PARTIAL)}


def test_nothing_unread_frees_anybody() -> None:
    assert not [rule for rule in rules() if rule.kind in LOOSENING]
    grounds = [(rule.pack, citation) for rule in rules() for exception in rule.exceptions for citation in exception.citations]
    assert grounds == [("se-osl", "osl-10-2-a")]
    assert all(pack(name).provisions[citation].level in CARRIES_AN_EXCEPTION for name, citation in grounds)


def test_the_regulation_makes_no_exception_from_a_persons_decision() -> None:
    """Basis and safeguards lift the stop; the duty under Article 22, which has not been read here, stays."""
    machine: dict[str, object] = {"data.personal": "yes", "decision.about_persons": "yes", "decision.automated": "yes"}
    allowed = machine | {"decision.automated_ground": "yes", "decision.safeguards": "yes"}
    assert answer("eu-gdpr/no-decision-by-machine-alone", allowed).result is Tristate.NO
    assert answer("eu-gdpr/human-decides-in-substance", allowed).result is Tristate.YES
    for lacking in ("decision.automated_ground", "decision.safeguards"):
        assert answer("eu-gdpr/no-decision-by-machine-alone", allowed | {lacking: "no"}).result is Tristate.YES
        assert answer("eu-gdpr/no-decision-by-machine-alone", allowed | {lacking: "unknown"}).result is Tristate.UNKNOWN


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("eu-gdpr/breach-notified", "2018-05-25"),
        ("eu-gdpr/procedure-and-principles-explained", "2025-02-27"),
        ("se-dataskyddslagen/public-task-has-support", "2018-05-25"),
        ("se-osl/harm-tested-before-publishing", "2009-06-30"),
        ("se-osl/supplier-bound-to-silence", "2021-01-01"),
        ("se-osl/hand-over-assessed", "2023-07-01"),
        ("se-osl/secret-data-stays", "2023-07-01"),
        ("se-tf/log-and-register-are-public", "1950-01-01"),
        ("se-tf/documents-registered", "2009-06-30"),
        ("se-arkivlagen/disposal-decided", "1991-07-01"),
        ("se-cybersakerhetslagen/incident-reported", "2026-01-15"),
        ("se-cybersakerhetslagen/risk-measures-taken", "2026-01-15"),
        ("se-cybersakerhetslagen/management-trained", "2026-01-15"),
        ("se-cybersakerhetslagen/supplier-chain-registered", "2026-01-15"),
        ("se-kamerabevakningslagen/camera-balance-documented", "2018-08-01"),
        ("se-oppna-data/open-data-described", "2022-08-01"),
    ],
)
def test_a_rule_holds_from_its_day_and_not_the_day_before(rule: str, first: str) -> None:
    day = date.fromisoformat(first)
    assert answer(rule, {}, first).in_force
    assert answer(rule, {}, first).applies_from == day
    assert not answer(rule, {}, (day - timedelta(days=1)).isoformat()).in_force


def test_days_that_no_source_gives_rest_on_general_knowledge() -> None:
    sourced = {day.id for found in packs() for day in found.calendar.values() if found.provisions[day.basis].level in CARRIES_AN_EXCEPTION}
    assert sourced == {"osl-10-2-a", "csl-in-force"}


def test_the_clocks_of_one_event() -> None:
    clocks = {(rule.id, deadline.within) for rule in rules() for deadline in rule.deadlines}
    assert clocks == {
        ("eu-gdpr/breach-notified", "PT72H"),
        ("se-cybersakerhetslagen/incident-reported", "PT24H"),
        ("se-cybersakerhetslagen/incident-reported", "PT72H"),
        ("se-cybersakerhetslagen/incident-reported", "P1M"),
    }


def test_the_nine_criteria_of_the_supervisory_authority() -> None:
    assert len(pack("eu-gdpr").facts["data.criteria"].values) == 9


def test_the_records_that_are_asked_for_before_a_phase() -> None:
    gates = {(rule.id, rule.demands.record, rule.demands.before) for rule in rules() if rule.demands is not None}
    assert gates == {
        ("eu-gdpr/purpose-decided", "data_use", "development"),
        ("eu-gdpr/data-protection-assessment", "assessment_data_protection", "pilot"),
        ("eu-gdpr/persons-informed", "notice", "in_use"),
        ("se-osl/hand-over-assessed", "secrecy_assessment", "pilot"),
        ("se-arkivlagen/disposal-decided", "retention_decision", "in_use"),
        ("se-kamerabevakningslagen/camera-balance-documented", "camera_assessment", "pilot"),
    }


@pytest.mark.parametrize(
    ("technical_only", "inappropriate", "stopped"),
    [
        ("yes", "no", Tristate.NO),
        ("yes", "yes", Tristate.YES),
        ("no", "no", Tristate.YES),
        ("no", "unknown", Tristate.YES),
        ("yes", "unknown", Tristate.UNKNOWN),
        ("unknown", "no", Tristate.UNKNOWN),
    ],
)
def test_secret_data_leave_only_to_be_stored_or_run_and_only_where_that_was_assessed(
    technical_only: str, inappropriate: str, stopped: Tristate
) -> None:
    facts: dict[str, object] = {"secrecy.areas": ["social_services"], "secrecy.supplier": "yes"}
    facts |= {"secrecy.technical_only": technical_only, "secrecy.inappropriate": inappropriate}
    assert answer("se-osl/secret-data-stays", facts).result is stopped
    assert answer("se-osl/hand-over-assessed", facts).result is Tristate.YES


#: A trained model that proposes decisions on loans, on the municipality's own servers.
LOANS: dict[str, object] = {
    "data.personal": "yes",
    "data.special_categories": "no",
    "data.consent": "no",
    "data.criteria": ["evaluation_or_scoring", "hinders_right_or_service"],
    "data.systematic_evaluation": "yes",
    "decision.about_persons": "yes",
    "decision.automated": "no",
    "secrecy.areas": ["other"],
    "secrecy.supplier": "no",
    "records.erased": "yes",
    "records.open_data": "no",
    "security.supplier_chain": "yes",
    "camera.surveillance": "no",
}


def test_an_ordinary_decision_support_system_answers_few_questions_and_meets_four_gates() -> None:
    results = evaluate(packs(), LOANS, on=date(2026, 11, 20)).results
    assert not [result.rule.id for result in results if result.result is Tristate.UNKNOWN]
    assert not [result.rule.id for result in results if result.rule.kind is Kind.STOP_RULE and result.result is Tristate.YES]
    assert {result.rule.id for result in results if result.rule.kind is Kind.GATE and result.result is Tristate.YES} == {
        "eu-gdpr/purpose-decided",
        "eu-gdpr/data-protection-assessment",
        "eu-gdpr/persons-informed",
        "se-arkivlagen/disposal-decided",
    }


def test_a_system_without_people_secrets_or_cameras_meets_no_gate() -> None:
    facts: dict[str, object] = {"data.personal": "no", "secrecy.areas": [], "records.erased": "no", "camera.surveillance": "no"}
    met = [result for result in evaluate(packs(), facts, on=date(2026, 11, 20)).results if result.result is not Tristate.NO]
    assert not [result.rule.id for result in met if result.rule.kind in (Kind.GATE, Kind.STOP_RULE)]


def test_every_question_is_plain_and_says_what_shows_the_answer() -> None:
    for found in packs():
        for fact in found.facts.values():
            assert fact.evidence is not None, fact.id
            assert fact.help is not None, fact.id
            assert fact.question.sv.endswith("?"), fact.id
            asked = f"{fact.question.sv} {fact.question.en}".lower()
            assert not [word for word in ("artikel", "article", "§", "kap.", "enligt lag") if word in asked], fact.id


def test_every_question_is_needed_by_a_rule_of_its_own_pack() -> None:
    for question in questionnaire(packs()):
        assert [needing.rule for needing in question.needed_by if needing.rule.startswith(f"{question.pack}/")], question.id


def test_the_questions_stand_under_these_headings() -> None:
    assert {topic: heading.sv for found in packs() for topic, heading in found.topics.items()} == {
        "data": "Personuppgifter",
        "decision": "Beslut om människor",
        "secrecy": "Sekretess",
        "records": "Handlingar och arkiv",
        "security": "Säkerhet",
        "camera": "Kameror",
    }


def test_who_supervises_is_dated() -> None:
    found = {(authority.id, authority.role) for pack_ in packs() for authority in pack_.authorities.values()}
    assert found == {("imy", "data_protection"), ("mcf", "cybersecurity")}
