"""Writing a record in the browser: tables without JavaScript, errors at their cell, tests that were not passed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from record_kit import ASSESSED, RISK, VALIDATED, WITHSTOOD

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.assessments.models import RecordDraft
from insyn.web.clock import today
from insyn.web.register import packs, tables
from insyn.web.register.actions import supply_record, withdraw_record
from insyn.web.register.compiling import gates_of
from insyn.web.register.contents import fields_of
from insyn.web.register.models import Record, System

pytestmark = pytest.mark.django_db

WRITE = "/arbete/system/lanestod/handling/ny/{}/"
People = Callable[..., Actor]
SignIn = Callable[[Actor], Any]


def typed(kind: RecordKind, content: dict[str, Any], **others: Any) -> dict[str, Any]:
    """What the browser would send of this content."""
    found: dict[str, Any] = {"kind": kind.value, "case_number": "KS 2026/9", "public": "on", **others}
    for name, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found[name] = str(len(value))
            found |= {f"{name}-{number}-{column}": text for number, row in enumerate(value) for column, text in row.items()}
        else:
            found[name] = value
    return found


def assessment(system: System, **changes: Any) -> dict[str, Any]:
    return typed(RecordKind.ASSESSMENT_DATA_PROTECTION, ASSESSED | changes, revision=system.revision)


def test_the_page_has_a_table_with_labels_a_caption_and_buttons_for_lines(sign_in: SignIn, owner: Actor, system: System) -> None:
    page = sign_in(owner).get(WRITE.format("assessment_data_protection")).content.decode()
    assert 'name="risks-0-cause"' in page
    assert "<legend>Risker för människor</legend>" in page
    assert '<label for="id_risks-0-measure">Åtgärd</label>' in page
    assert 'name="more" value="risks"' in page
    assert 'name="less" value="risks-0"' in page
    assert page.index('name="save"') < page.index('name="less"'), "Enter saves, and removes no line"


def test_an_owner_supplies_an_assessment_with_two_risks(sign_in: SignIn, owner: Actor, system: System) -> None:
    sent = assessment(system, risks=[RISK, {**RISK, "cause": "Uppgifter sprids"}])
    answer = sign_in(owner).post(WRITE.format("assessment_data_protection"), sent)
    record = Record.objects.get(kind="assessment_data_protection")
    assert (answer.status_code, answer.url) == (302, f"/arbete/system/lanestod/handling/{record.pk}/")
    assert [risk["cause"] for risk in record.content["risks"]] == ["Fel förslag", "Uppgifter sprids"]
    page = sign_in(owner).get(answer.url).content.decode()
    assert "Uppgifter sprids" in page
    assert "2 möjligt" in page, "a choice is shown in words"


def test_an_empty_line_is_no_line_and_moves_no_error_to_another(sign_in: SignIn, owner: Actor, system: System) -> None:
    lines = [dict.fromkeys(RISK, ""), RISK, {**RISK, "measure": ""}]
    page = sign_in(owner).post(WRITE.format("assessment_data_protection"), assessment(system, risks=lines)).content.decode()
    assert not Record.objects.exists()
    assert '<a href="#id_risks-1-measure">' in page
    assert page.count('name="risks-1-measure"') == 1
    assert 'name="risks-2-measure"' not in page
    assert 'id="id_risks-1-measure_error"' in page


def test_a_table_without_any_line_is_refused_at_the_table(sign_in: SignIn, owner: Actor, system: System) -> None:
    page = (
        sign_in(owner)
        .post(WRITE.format("assessment_data_protection"), assessment(system, risks=[dict.fromkeys(RISK, "")]))
        .content.decode()
    )
    assert '<a href="#id_risks">' in page
    assert not Record.objects.exists()


@pytest.mark.parametrize("lines", ["", "x", "-1", "99999999", "½", "1e3"])
def test_a_number_of_lines_that_is_none_breaks_nothing(sign_in: SignIn, owner: Actor, system: System, lines: str) -> None:
    sent = assessment(system) | {"risks": lines}
    assert sign_in(owner).post(WRITE.format("assessment_data_protection"), sent).status_code == 200


def test_what_the_act_finds_wrong_in_a_cell_lands_at_the_cell(sign_in: SignIn, owner: Actor, system: System) -> None:
    groups = [VALIDATED["groups"][0], {**VALIDATED["groups"][1], "accuracy": "hundraett"}]
    sent = typed(RecordKind.VALIDATION, {**VALIDATED, "summary": "x", "groups": groups}, revision=system.revision, version="1.0")
    page = sign_in(owner).post(WRITE.format("validation"), sent).content.decode()
    assert '<a href="#id_groups-1-accuracy">' in page
    assert "hundraett" in page, "what was typed stands"


def test_a_kind_that_nobody_knows_has_no_page(sign_in: SignIn, owner: Actor, system: System) -> None:
    assert sign_in(owner).get(WRITE.format("gossip")).status_code == 404


def test_an_office_that_no_gate_names_sees_who_writes_the_record(sign_in: SignIn, person: People, system: System) -> None:
    page = sign_in(person(Role.CASE_OFFICER)).get(WRITE.format("assessment_data_protection")).content.decode()
    assert '<form method="post" novalidate>' not in page
    assert "Dataskyddsombud" in page
    auditor = sign_in(person(Role.AUDITOR)).get(WRITE.format("assessment_data_protection"))
    assert auditor.status_code == 403


def test_what_is_typed_comes_back_as_it_was() -> None:
    fields = fields_of(RecordKind.ASSESSMENT_DATA_PROTECTION)
    initial = tables.as_initial(fields, {"risks": [{"cause": "a"}, {"cause": "b", "day": "i morgon"}], "summary": "s"})
    assert (initial["risks-1-cause"], initial["risks-1-day"], initial["summary"]) == ("b", "i morgon", "s")


# Tests that were not passed


def gate(system: System, kind: RecordKind) -> Any:
    found = gates_of(system, packs.in_force(today()), versions=["1.0"], on=today())
    return next(one for one in found if one.demands is kind)


def validate(owner: Actor, system: System, **changes: Any) -> Record:
    content = {"summary": "x", **VALIDATED, **changes}
    content = {name: value for name, value in content.items() if value is not None}
    act = supply_record(actor=owner, system=system, kind=RecordKind.VALIDATION, content=content, version="1.0")
    return Record.objects.get(act=act)


WORSE = [{"group": "Kvinnor", "n": 100, "accuracy": 79.9, "limit": 80}]


@pytest.mark.parametrize(
    "changes",
    [
        {"groups": WORSE},
        {"accuracy": 79},
        {"groups": None},
        {"own_cases": None},
        {"accuracy": None, "least_accuracy": None},
    ],
    ids=["a group under its limit", "all under the limit", "no groups", "no own cases", "no figure"],
)
def test_a_validation_that_was_not_passed_is_kept_and_opens_nothing(owner: Actor, system: System, changes: dict[str, Any]) -> None:
    record = validate(owner, system, **changes)
    found = gate(system, RecordKind.VALIDATION)
    assert not found.met
    assert "inte godkänt" in found.why.sv
    assert Record.objects.filter(pk=record.pk).exists()


def test_a_supplier_who_shows_no_data_is_let_in_only_by_the_test_on_own_cases_and_the_gap_is_said(owner: Actor, system: System) -> None:
    hidden = {"supplier_shows": "no", "training_data": None, "left_out": None, "labelled_by": None}
    with pytest.raises(InvalidInput) as refused:
        validate(owner, system, **hidden)
    assert refused.value.place == "gaps"
    validate(owner, system, **hidden, gaps="Ingen utanför vet vilka som saknas.", own_cases=None)
    assert not gate(system, RecordKind.VALIDATION).met
    validate(owner, system, **hidden, gaps="Ingen utanför vet vilka som saknas.")
    assert gate(system, RecordKind.VALIDATION).met


def test_the_gap_stands_on_the_public_page(client: Any, owner: Actor, system: System) -> None:
    validate(owner, system, supplier_shows="no", gaps="Ingen utanför vet vilka som saknas.")
    page = client.get("/system/lanestod/").content.decode()
    assert "Ingen utanför vet vilka som saknas." in page
    assert "visar inte" in page


def test_data_that_are_shown_are_told_of(owner: Actor, system: System) -> None:
    with pytest.raises(InvalidInput) as refused:
        validate(owner, system, labelled_by=None)
    assert refused.value.place == "labelled_by"


def test_limits_set_after_the_test_are_refused(owner: Actor, system: System) -> None:
    with pytest.raises(InvalidInput) as refused:
        validate(owner, system, limits_set="2026-10-02", tested_on="2026-10-01")
    assert refused.value.place == "limits_set"
    with pytest.raises(InvalidInput) as refused:
        validate(owner, system, tested_on=(today() + timedelta(days=1)).isoformat())
    assert refused.value.place == "tested_on"


def test_a_later_test_that_was_not_passed_takes_the_force_from_the_earlier_one(owner: Actor, system: System) -> None:
    validate(owner, system)
    assert gate(system, RecordKind.VALIDATION).met
    failed = validate(owner, system, groups=WORSE)
    assert not gate(system, RecordKind.VALIDATION).met
    validate(owner, system)
    assert gate(system, RecordKind.VALIDATION).met
    withdraw_record(actor=owner, system=system, record=failed, why="Fel ärenden.")
    assert gate(system, RecordKind.VALIDATION).met


def robustness(owner: Actor, system: System, **changes: Any) -> Record:
    content = {"summary": "x", **WITHSTOOD, **changes}
    act = supply_record(actor=owner, system=system, kind=RecordKind.ROBUSTNESS_TEST, content=content, version="1.0")
    return Record.objects.get(act=act)


def test_a_robustness_test_ages_within_a_year(owner: Actor, system: System) -> None:
    record = robustness(owner, system)
    assert record.valid_through is not None
    assert record.valid_through.isoformat() == "2027-11-01"
    with pytest.raises(InvalidInput) as refused:
        robustness(owner, system, holds_through="2027-11-02")
    assert refused.value.place == "holds_through"


def test_a_robustness_test_tells_of_all_four_kinds_of_attack(owner: Actor, system: System) -> None:
    with pytest.raises(InvalidInput) as refused:
        robustness(owner, system, attacks=WITHSTOOD["attacks"][:3])
    assert refused.value.place == "attacks"
    attacks = [*WITHSTOOD["attacks"][:3], {**WITHSTOOD["attacks"][3], "outcome": "not_applicable"}]
    with pytest.raises(InvalidInput) as refused:
        robustness(owner, system, attacks=attacks)
    assert refused.value.place == "attacks[3].found"


def test_an_instruction_holds_as_long_as_its_first_role(owner: Actor, system: System) -> None:
    later, sooner = (today() + timedelta(days=300)).isoformat(), (today() + timedelta(days=30)).isoformat()
    rows = [
        {"role": "case_officer", "instruction": "Läs.", "holds_through": later},
        {"role": "stop_holder", "instruction": "Stoppa.", "holds_through": sooner},
    ]
    act = supply_record(actor=owner, system=system, kind=RecordKind.INSTRUCTION, content={"summary": "x", "instructions": rows})
    assert Record.objects.get(act=act).valid_through == today() + timedelta(days=30)
    past = [{**rows[0], "holds_through": "2020-01-01"}]
    with pytest.raises(InvalidInput) as refused:
        supply_record(actor=owner, system=system, kind=RecordKind.INSTRUCTION, content={"summary": "x", "instructions": past})
    assert refused.value.place == "instructions[0].holds_through"


def test_an_exercise_tries_all_four_levels(owner: Actor, system: System) -> None:
    levels = ("without_ai", "without_supplier", "without_network", "without_insyn")
    tries = [{"level": level, "day": "2026-10-01", "held": "yes", "result": "Gick."} for level in levels]
    content = {"summary": "x", "entered_afterwards": "Tolv beslut.", "tries": tries[:3]}
    with pytest.raises(InvalidInput) as refused:
        supply_record(actor=owner, system=system, kind=RecordKind.CONTINUITY_EXERCISE, content=content)
    assert refused.value.place == "tries"
    supply_record(actor=owner, system=system, kind=RecordKind.CONTINUITY_EXERCISE, content={**content, "tries": tries})


def test_more_lines_than_the_form_may_have_are_cut(sign_in: SignIn, owner: Actor, system: System) -> None:
    page = sign_in(owner).get(WRITE.format("assessment_data_protection") + "?more=risks").content.decode()
    assert len(re.findall(r'name="risks-\d+-cause"', page)) == 1
    assert not RecordDraft.objects.exists()
