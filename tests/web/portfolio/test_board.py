"""The board's page and its public short form: figures from one narrow table, as charts and as tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.actions import open_office
from insyn.web.accounts.models import Office
from insyn.web.assessments.actions import record_classification
from insyn.web.assessments.drafts import begin_draft, save_rows
from insyn.web.assessments.models import Classification
from insyn.web.clock import today
from insyn.web.portfolio.board import read_board
from insyn.web.portfolio.models import Standing
from insyn.web.register.actions import withdraw_record
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def counts(key: str, **options: Any) -> dict[str, int]:
    found = next(chart for chart in read_board(today(), **options).charts if chart.key == key)
    return {bar.name: bar.count for bar in found.bars}


def test_the_figures_follow_each_act(make_system: Any) -> None:
    make_system("ett"), make_system("tva", reach="contract_only")
    assert list(counts("phase").values()) == [2]
    assert sorted(counts("reach").values()) == [1, 1]
    board = read_board(today())
    assert (board.total, board.alive, board.unclassified) == (2, 2, 2)


def test_a_recorded_class_is_counted_until_its_record_is_withdrawn(system: System, owner: Actor) -> None:
    rows = {"decision.about_persons": {"answer": "yes"}, "decision.kinds": {"answer": ["loan"]}}
    save_rows(actor=owner, draft=begin_draft(actor=owner, system=system), rows=rows, revision=0)
    record_classification(actor=owner, system=system, draft_revision=1)
    recorded = Classification.objects.get()
    assert Standing.objects.get().system_class == recorded.result["class"] != ""
    assert read_board(today()).unclassified == 0
    withdraw_record(actor=owner, system=system, record=recorded.record, why="Fel system")
    assert Standing.objects.get().system_class == ""
    assert read_board(today()).unclassified == 1


def test_a_class_that_is_missing_or_has_expired_is_missing_and_never_minimal(make_system: Any) -> None:
    for slug, system_class, through in (
        ("hog", "high_risk", None),
        ("gammal", "minimal", today() - timedelta(days=1)),
        ("ingen", "", None),
    ):
        make_system(slug)
        Standing.objects.filter(system__slug=slug).update(system_class=system_class, class_through=through)
    assert sorted(counts("class").values()) == [1, 2]
    assert read_board(today()).unclassified == 2


def test_a_withheld_class_is_counted_as_withheld_in_public(make_system: Any) -> None:
    make_system("hog")
    Standing.objects.update(system_class="high_risk", class_public=False)
    from django.utils import translation

    with translation.override("en"):
        assert counts("class", for_public=True) == {"Class withheld": 1}
        assert counts("class") == {"High risk": 1}


def test_an_overdue_evaluation_is_named(in_use: System, sign_in: Any, member: Actor, client: Client) -> None:
    Standing.objects.filter(system=in_use).update(evaluation_due=today() - timedelta(days=1))
    for page in (text_of(client.get("/oversikt/", **ENGLISH)), text_of(sign_in(member).get("/arbete/portfolj/", **ENGLISH))):
        assert "Evaluation overdue" in page
        assert "Loan support" in page


def test_the_board_looks_at_one_office_and_those_below_it(make_system: Any, administrator: Actor, sign_in: Any, member: Actor) -> None:
    open_office(actor=administrator, slug="energi", name_sv="Energi", name_en="Energy", kind="company")
    make_system("ett")
    assert read_board(today(), office=Office.objects.get(slug="energi")).total == 0
    assert read_board(today(), office=Office.objects.get(slug="kontoret")).total == 1
    client = sign_in(member)
    assert "AI systems of Energy" in text_of(client.get("/arbete/portfolj/?enhet=energi", **ENGLISH))
    assert client.get("/arbete/portfolj/?enhet=finns-inte").status_code == 404


def test_offices_that_belong_to_each_other_in_a_ring_end_somewhere(administrator: Actor) -> None:
    office = Office.objects.get(slug="kontoret")
    open_office(actor=administrator, slug="barn", name_sv="Barn", name_en="Child", kind="administration", parent=office)
    child = Office.objects.get(slug="barn")
    Office.objects.filter(pk=office.pk).update(parent=child)
    assert read_board(today(), office=office).total == 0


def test_every_chart_stands_as_a_table_too_and_has_a_title(system: System, sign_in: Any, member: Actor) -> None:
    page = text_of(sign_in(member).get("/arbete/portfolj/", **ENGLISH))
    charts = re.findall(r'<svg class="bars" role="img"', page)
    assert len(charts) == 5
    assert page.count("<title id=") == page.count("<desc id=") == len(charts)
    assert page.count("<tbody>") >= len(charts)
    assert re.search(r'width="100\.0%"|width="100%"', page)  # a Swedish comma would draw nothing
    assert "Missing" in page


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.UNION_REPRESENTATIVE, Role.CASE_OFFICER])
def test_every_office_sees_the_board(role: Role, person: Callable[..., Actor], sign_in: Any) -> None:
    assert sign_in(person(role)).get("/arbete/portfolj/").status_code == 200


def test_signed_out_the_board_is_closed_and_the_overview_open(opened: Any, client: Client) -> None:
    assert client.get("/arbete/portfolj/").status_code == 302
    assert "No inventory round has been opened." in text_of(client.get("/oversikt/", **ENGLISH))


def test_the_public_page_names_no_person(in_use: System, owner: Actor, client: Client) -> None:
    Standing.objects.update(evaluation_due=today() - timedelta(days=1))
    assert owner.name not in text_of(client.get("/oversikt/"))


@pytest.mark.parametrize("address", ["/oversikt/?format=csv", "/arbete/portfolj/?format=csv"])
def test_the_figures_are_saved_for_a_spreadsheet(system: System, sign_in: Any, member: Actor, address: str) -> None:
    response = sign_in(member).get(address, **ENGLISH)
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert ["All systems", "", "1", ""] in rows
    assert any(row[0] == "By reach" and row[2] == "1" for row in rows)


def test_the_board_asks_as_many_questions_of_eight_systems_as_of_one(make_system: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            read_board(today())
        return len(queries)

    make_system("ett")
    few = asked()
    for number in range(7):
        make_system(f"mer{number}")
    assert asked() == few
