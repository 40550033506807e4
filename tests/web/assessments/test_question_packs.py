"""The questions of the assessments: whole, cited, in two languages, and never one of the packs."""

from __future__ import annotations

from pathlib import Path

import pytest

from insyn.core.errors import InsynError
from insyn.core.terms import RecordKind
from insyn.law.loader import load_packs
from insyn.web.assessments.reading import citations_of
from insyn.web.register.contents import FieldKind, fields_of
from insyn.web.register.contents.questions import HERE, questions_of, read_questions

ASSESSMENTS = [kind for kind in RecordKind if kind.value.startswith("assessment_")]
PACKS = Path(__file__).resolve().parents[3] / "packs"


@pytest.mark.parametrize("kind", ASSESSMENTS)
def test_every_assessment_has_its_questions_in_two_languages(kind: RecordKind) -> None:
    questions = questions_of(kind)
    assert len(questions) >= 5
    for question in questions:
        assert question.id.isidentifier()
        assert question.text.sv != question.text.en
        assert question.text.sv.strip()
        assert question.text.en.endswith("?")
        assert question.help is None or (question.help.sv and question.help.en)


def test_every_file_belongs_to_a_kind_of_assessment() -> None:
    found = {file.name: read_questions(file).kind for file in HERE.glob("*.yaml")}
    assert set(found.values()) == set(ASSESSMENTS)
    assert all(kind.value == f"assessment_{name.removesuffix('.yaml')}" for name, kind in found.items())


def test_every_citation_is_a_provision_of_a_pack_that_comes_with_insyn() -> None:
    held = {pack.id: pack for pack in load_packs(PACKS)}
    for kind in ASSESSMENTS:
        for question in questions_of(kind):
            for citation in question.citations:
                pack, _slash, provision = citation.rpartition("/")
                assert provision in held[pack].provisions, f"{kind}: {citation}"


def test_the_six_parts_of_article_27_the_four_of_article_35_and_the_seven_grounds_are_asked_about() -> None:
    rights = [question for question in questions_of(RecordKind.ASSESSMENT_FUNDAMENTAL_RIGHTS) if question.required]
    assert [question.help.en[:8] for question in rights if question.help] == [f"Part ({letter})" for letter in "abcdef"]
    assert all("eu-ai-act/aia-27-1" in question.citations for question in rights)
    protection = [question for question in questions_of(RecordKind.ASSESSMENT_DATA_PROTECTION) if question.required]
    assert len(protection) == 4
    grounds = [question for question in questions_of(RecordKind.ASSESSMENT_DISCRIMINATION) if question.citations]
    assert len(grounds) == 7
    assert all("ombud" in question.help.sv.lower() for question in grounds if question.help)
    assert "economy" in [question.id for question in questions_of(RecordKind.ASSESSMENT_DISCRIMINATION)]


@pytest.mark.parametrize("kind", ASSESSMENTS)
def test_no_question_takes_the_name_of_another_field(kind: RecordKind) -> None:
    names = [field.name for field in fields_of(kind)]
    assert len(names) == len(set(names))
    assert {"summary", "risks", "benefit", "weighing", "remaining_risk", "risk_owner"} <= set(names)


def test_each_risk_is_a_line_with_all_that_is_asked_of_it() -> None:
    (risks,) = [field for field in fields_of(RecordKind.ASSESSMENT_ETHICS) if field.kind is FieldKind.ROWS]
    columns = [column.name for column in risks.columns]
    assert columns == ["cause", "group", "likelihood", "consequence", "measure", "remaining", "owner", "day"]
    assert risks.required


@pytest.mark.django_db
def test_a_provision_is_shown_only_while_its_pack_is_in_force(opened: object) -> None:
    """The test packs hold neither the AI Act nor the GDPR."""
    assert all(citations_of(field) == [] for kind in ASSESSMENTS for field in fields_of(kind))


@pytest.mark.parametrize(
    "text",
    [
        "kind: gossip\nquestions: []\n",
        "kind: assessment_ethics\nquestions:\n  - id: a\n    text: {sv: Va?}\n",
        "kind: assessment_ethics\nquestions:\n  - {id: a, text: {sv: Va?, en: What?}, colour: red}\n",
        "kind: assessment_ethics\nquestions:\n  - {id: a, text: {sv: Va?, en: What?}}\n  - {id: a, text: {sv: Va?, en: What?}}\n",
        "- not a mapping\n",
        "kind: [\n",
    ],
)
def test_a_file_that_is_not_right_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ethics.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InsynError):
        read_questions(file)
