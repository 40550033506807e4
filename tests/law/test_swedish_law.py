"""Swedish law as packs: each row is there with its mark, what it asks of whom, and from which day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from insyn.core.terms import Phase, RecordKind, Role, Tristate
from insyn.law.conditions import facts_in
from insyn.law.evaluate import evaluate
from insyn.law.loader import load_packs
from insyn.law.model import LOOSENING, Kind, Pack, RuleResult
from insyn.law.protective import applying
from insyn.rules.gates import GateState, HeldRecord, evaluate_gates

PACKS = Path(__file__).parents[2] / "packs"
SWEDISH = (
    "se-arbetsmiljo",
    "se-diskrimineringslagen",
    "se-dos",
    "se-forvaltningslagen",
    "se-kommunallagen",
    "se-lou",
    "se-mbl",
    "se-sol",
    "se-sprak",
    "se-visselblasarlagen",
)
TODAY = date(2026, 11, 20)

#: Place, mark, and what kinds of rule it carries.
ROWS = [
    ("se-forvaltningslagen", "fl-2", "K", {"principle"}),
    ("se-forvaltningslagen", "fl-10", "K", {"duty"}),
    ("se-forvaltningslagen", "fl-23", "K", {"duty"}),
    ("se-forvaltningslagen", "fl-25", "K", {"duty"}),
    ("se-forvaltningslagen", "fl-27", "K", {"duty"}),
    ("se-forvaltningslagen", "fl-28", "K", {"duty", "definition"}),
    ("se-forvaltningslagen", "fl-31", "K", {"duty"}),
    ("se-forvaltningslagen", "fl-32", "K", {"duty"}),
    ("se-forvaltningslagen", "fl-33", "K", {"duty"}),
    ("se-forvaltningslagen", "fl-36", "K", {"duty"}),
    ("se-forvaltningslagen", "fl-37", "S", {"duty"}),
    ("se-forvaltningslagen", "fl-38", "S", {"duty"}),
    ("se-kommunallagen", "kl-6-37", "S", {"gate", "stop_rule", "duty"}),
    ("se-kommunallagen", "kl-6-38", "S", {"stop_rule", "duty", "definition"}),
    ("se-kommunallagen", "kl-6-39-40", "S", {"duty"}),
    ("se-kommunallagen", "kl-7-5-8", "S", {"duty"}),
    ("se-sol", "sol-social-services", "S", {"stop_rule"}),
    ("se-sol", "sol-individual-assessment", "?", {"stop_rule", "duty"}),
    ("se-sol", "sol-delegation-limits", "?", {"duty"}),
    ("se-sol", "sol-lex-sarah", "K", {"duty"}),
    ("se-mbl", "mbl-11", "S", {"gate"}),
    ("se-mbl", "mbl-13", "S", {"gate"}),
    ("se-mbl", "mbl-19", "S", {"duty"}),
    ("se-mbl", "mbl-38", "S", {"gate"}),
    ("se-mbl", "aia-2-11", "V", {"principle"}),
    ("se-arbetsmiljo", "aml-2-3", "K", {"gate", "principle"}),
    ("se-arbetsmiljo", "aml-6", "K", {"gate", "duty"}),
    ("se-arbetsmiljo", "afs-2023-1", "K", {"gate"}),
    ("se-arbetsmiljo", "aml-serious-event", "K", {"duty"}),
    ("se-diskrimineringslagen", "dl-1-5", "S", {"gate", "principle", "duty", "definition"}),
    ("se-dos", "dos-standard", "S", {"gate", "duty"}),
    ("se-dos", "en-301-549-wcag", "S", {"gate", "duty"}),
    ("se-dos", "dos-statement", "S", {"duty"}),
    ("se-dos", "dos-complaint", "S", {"duty"}),
    ("se-lou", "lou-requirements", "K", {"gate", "duty"}),
    ("se-visselblasarlagen", "vbl-channel", "K", {"duty"}),
    ("se-visselblasarlagen", "aia-87", "V", {"duty"}),
    ("se-sprak", "spr-clear", "K", {"duty"}),
    ("se-sprak", "minl-area", "K", {"duty"}),
]

GROUNDS = {
    "sex": "Kön",
    "transgender_identity_or_expression": "Könsöverskridande identitet eller uttryck",
    "ethnicity": "Etnisk tillhörighet",
    "religion_or_belief": "Religion eller annan trosuppfattning",
    "disability": "Funktionsnedsättning",
    "sexual_orientation": "Sexuell läggning",
    "age": "Ålder",
}

#: A model built by the municipality that proposes, where a person decides.
PROPOSES: dict[str, object] = {
    "decision.about_persons": "yes",
    "decision.automated": "no",
    "decision.not_delegable": "no",
    "appeal.on_merits": "yes",
    "work.changes": "yes",
    "work.other_union_member": "no",
    "work.contracted_out": "no",
    "discrimination.grounds_tested": ["sex", "age"],
    "social.services": "no",
    "accessibility.web_or_app": "no",
    "procurement.bought": "no",
    "language.minority_area": "no",
}
DECIDES: dict[str, object] = {"decision.automated": "yes", "decision.not_delegable": "no", "appeal.on_merits": "yes"}
DELEGATION = HeldRecord(
    kind=RecordKind.DELEGATION, record_id="1", recorded_on=date(2018, 1, 1), supplied_by=Role.COUNCIL_SECRETARY, person="kommunsekreteraren"
)


@cache
def packs() -> tuple[Pack, ...]:
    return load_packs(PACKS / "eu-gdpr", *(PACKS / name for name in SWEDISH))


def swedish() -> list[Pack]:
    return [pack for pack in packs() if pack.id in SWEDISH]


def pack(pack_id: str) -> Pack:
    return next(found for found in packs() if found.id == pack_id)


def asked(facts: Mapping[str, object], *, on: date = TODAY) -> dict[str, RuleResult]:
    """What holds that day, unknown counted to the protective side."""
    evaluation = evaluate(packs(), facts, on=on)
    return {result.rule.id: result for result in applying(evaluation, *Kind) if result.rule.pack in SWEDISH}


def in_the_way(facts: Mapping[str, object], *records: HeldRecord, on: date = TODAY, before: Phase = Phase.IN_USE) -> dict[str, GateState]:
    gates = evaluate_gates(packs=[*swedish(), pack("eu-gdpr")], facts=facts, records=records, version="1", before=before, on=on)
    return {gate.rule: gate for gate in gates if not gate.met and gate.rule.split("/")[0] in SWEDISH}


@pytest.mark.parametrize(("pack_id", "provision", "mark", "kinds"), ROWS)
def test_each_row_is_there_with_its_mark_and_asks_something(pack_id: str, provision: str, mark: str, kinds: set[str]) -> None:
    found = pack(pack_id)
    assert found.provisions[provision].level.value == mark
    assert {rule.kind.value for rule in found.rules.values() if provision in rule.citations} == kinds


def test_no_provision_stands_there_without_a_rule_or_a_day() -> None:
    for found in swedish():
        used = {citation for rule in found.rules.values() for citation in rule.citations} | {day.basis for day in found.calendar.values()}
        rows = {provision for pack_id, provision, *_ in ROWS if pack_id == found.id}
        assert set(found.provisions) == used
        assert used - rows <= {day.basis for day in found.calendar.values()} | {"fl-2"}, "a row that the list above does not name"


def test_the_seven_grounds_are_the_values_of_the_question_and_each_has_its_rule() -> None:
    found = pack("se-diskrimineringslagen")
    assert {choice.value: choice.label.sv for choice in found.facts["discrimination.grounds_tested"].values} == GROUNDS
    assert {rule.value for slug, rule in found.rules.items() if slug.startswith("untested-ground-")} == set(GROUNDS)


def test_a_ground_without_a_test_is_said_to_be_not_tested() -> None:
    rules = asked({"decision.about_persons": "yes", "discrimination.grounds_tested": ["sex", "age"]})
    untested = {result.rule.value for rule, result in rules.items() if "/untested-ground-" in rule}
    assert untested == set(GROUNDS) - {"sex", "age"}
    assert "se-diskrimineringslagen/proxies-declared" in rules


def test_a_ground_that_nobody_has_answered_for_counts_as_not_tested() -> None:
    rules = asked({"decision.about_persons": "yes"})
    assert {result.rule.value for rule, result in rules.items() if "/untested-ground-" in rule} == set(GROUNDS)


DAYS = [date(2018, 1, 1), date(2022, 6, 30), date(2022, 7, 1), TODAY, date(2027, 12, 2), date(2040, 1, 1)]


@pytest.mark.parametrize("on", DAYS)
@pytest.mark.parametrize("automated", ["yes", "unknown"])
def test_an_automated_function_without_delegation_is_refused_on_any_day(on: date, automated: str) -> None:
    hindering = in_the_way(DECIDES | {"decision.automated": automated}, on=on, before=Phase.PILOT)
    assert any(rule.startswith("se-kommunallagen/") for rule in hindering)


def test_a_delegation_opens_from_the_day_that_the_law_allows_one_and_not_before() -> None:
    def by_delegation(on: date) -> set[str]:
        return {rule for rule in in_the_way(DECIDES, DELEGATION, on=on) if rule.startswith("se-kommunallagen/")}

    assert by_delegation(date(2022, 6, 30)) == {"se-kommunallagen/no-function-before-the-law-allowed-it"}
    assert by_delegation(date(2022, 7, 1)) == set()


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        ({"appeal.on_merits": "no"}, "se-kommunallagen/function-needs-the-whole-procedure-act"),
        ({"appeal.on_merits": "unknown"}, "se-kommunallagen/function-needs-the-whole-procedure-act"),
        ({"decision.not_delegable": "yes"}, "se-kommunallagen/not-for-a-function"),
        ({"decision.not_delegable": "unknown"}, "se-kommunallagen/not-for-a-function"),
    ],
)
def test_no_delegation_opens_what_may_not_be_delegated_to_a_function(answers: dict[str, str], rule: str) -> None:
    gate = in_the_way(DECIDES | answers, DELEGATION)[rule]
    assert gate.kind is Kind.STOP_RULE
    assert gate.demands is None


def test_whether_the_system_is_ai_frees_nobody() -> None:
    for found in swedish():
        for rule in found.rules.values():
            assert not {ask.fact for ask in facts_in(rule.when) if ask.fact.startswith(("aia.", "class."))}


SOCIAL: dict[str, object] = DECIDES | {"social.services": "yes", "social.adverse": "yes"}
REFUSAL = "se-sol/no-automated-refusal-in-social-services"


def test_no_refusal_is_automated_in_social_services_from_the_day_of_the_act() -> None:
    assert REFUSAL in in_the_way(SOCIAL, DELEGATION, on=date(2025, 7, 1))
    assert REFUSAL not in in_the_way(SOCIAL, DELEGATION, on=date(2025, 6, 30))


@pytest.mark.parametrize(
    ("answers", "stopped"),
    [
        ({"social.adverse": "unknown"}, True),
        ({"social.services": "unknown"}, True),
        ({"social.adverse": "no"}, False),
        ({"social.services": "no", "social.adverse": "unknown"}, False),
        ({"decision.automated": "no", "social.adverse": "unknown"}, False),
    ],
)
def test_a_doubt_stops_it_and_a_system_that_only_grants_or_proposes_passes(answers: dict[str, str], stopped: bool) -> None:
    assert (REFUSAL in in_the_way(SOCIAL | answers)) is stopped


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("se-sol/needs-assessed-individually", "2025-07-01"),
        ("se-kommunallagen/delegation-to-function", "2022-07-01"),
        ("se-kommunallagen/not-for-a-function", "2022-07-01"),
        ("se-kommunallagen/delegated-decisions-reported", "2018-01-01"),
        ("se-forvaltningslagen/obviously-wrong-is-changed", "2018-07-01"),
        ("se-mbl/better-worker-rules-prevail", "2025-02-02"),
        ("se-arbetsmiljo/work-environment-assessed", "2025-01-01"),
        ("se-visselblasarlagen/reporting-channel-takes-ai-act", "2026-08-02"),
        ("se-dos/accessibility-tested", "2019-01-01"),
        ("se-lou/procurement-requirements-set", "2017-01-01"),
    ],
)
def test_a_rule_holds_from_its_day_and_not_the_day_before(rule: str, first: str) -> None:
    day = date.fromisoformat(first)
    assert rule in asked({}, on=day)
    assert rule not in asked({}, on=day - timedelta(days=1))


def test_a_system_that_proposes_meets_only_the_gates_that_concern_it() -> None:
    assert set(in_the_way(PROPOSES)) == {
        "se-mbl/negotiate-before-deciding",
        "se-arbetsmiljo/work-environment-assessed",
        "se-diskrimineringslagen/grounds-assessed",
    }


@pytest.mark.parametrize(
    ("fact", "rule", "before"),
    [
        ("work.other_union_member", "se-mbl/union-without-agreement-negotiated", Phase.DEVELOPMENT),
        ("work.contracted_out", "se-mbl/contracting-out-negotiated", Phase.PROCUREMENT),
        ("procurement.bought", "se-lou/procurement-requirements-set", Phase.PROCUREMENT),
        ("accessibility.web_or_app", "se-dos/accessibility-tested", Phase.PILOT),
    ],
)
def test_a_gate_stands_where_the_answer_is_yes_or_not_known(fact: str, rule: str, before: Phase) -> None:
    assert rule in in_the_way(PROPOSES | {fact: "yes"}, before=before)
    assert rule in in_the_way(PROPOSES | {fact: "unknown"}, before=before)
    assert rule not in in_the_way(PROPOSES, before=before)


def test_nothing_here_frees_anybody() -> None:
    rules = [rule for found in swedish() for rule in found.rules.values()]
    assert not [rule.id for rule in rules if rule.exceptions or rule.kind in LOOSENING]


def test_a_question_is_put_without_the_law_and_says_what_shows_the_answer() -> None:
    for fact in (fact for found in swedish() for fact in found.facts.values()):
        assert all((fact.evidence, fact.help)), fact.id
        for words in (fact.question.sv, fact.question.en):
            assert words.endswith("?"), fact.id
            assert not {"§", "artikel", "Article", "kap."} & set(words.split()), fact.id


def test_what_is_not_known_is_named() -> None:
    found = asked({"decision.automated": "yes"})["se-kommunallagen/function-needs-the-whole-procedure-act"]
    assert (found.result, found.unknown) == (Tristate.UNKNOWN, ("appeal.on_merits",))
