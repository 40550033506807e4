"""What waits for whom: from the register's own rows, by role, with a day where there is one, and never more for a larger register."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from insyn.core.messages import Actor
from insyn.core.terms import Phase, RecordKind, Role
from insyn.web.accounts.actions import appoint
from insyn.web.accounts.models import Office
from insyn.web.clock import today
from insyn.web.portfolio import items as gathering
from insyn.web.portfolio.items import Dated, Item, collect_calendar, collect_items
from insyn.web.portfolio.models import Ending, Standing, Wanted
from insyn.web.portfolio.standing import catch_up
from insyn.web.portfolio.tables import safe_cell
from insyn.web.register.actions import propose_use, retire_system, supply_record, withdraw_record
from insyn.web.register.models import Record, System

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
SOON = today() + timedelta(days=20)


def kinds(user: Any, on: date | None = None) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in collect_items(user, on or today()):
        found.setdefault(item.kind, []).append(item)
    return found


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    from insyn.web import clock

    def move(day: date) -> None:
        noon = datetime.combine(day, datetime.min.time(), tzinfo=clock.now().tzinfo) + timedelta(hours=12)
        monkeypatch.setattr(clock, "now", lambda: noon)

    return move


def test_a_missing_record_waits_for_each_office_that_can_supply_it(
    system: System, owner: Actor, person: Callable[..., Actor], user_of: Any, member: Actor
) -> None:
    union = person(Role.UNION_REPRESENTATIVE)
    for actor in (owner, union):
        (item,) = kinds(user_of(actor))["gates"]
        assert (item.system, item.role, item.due) == (system, actor.role, None)
        assert item.title.startswith(f"{system.name}: ")
    assert "gates" not in kinds(user_of(member))


def test_an_owners_missing_records_wait_for_the_owner_of_that_system_alone(
    system: System, person: Callable[..., Actor], user_of: Any
) -> None:
    other = person(Role.SYSTEM_OWNER, "olle")
    assert "gates" not in kinds(user_of(other))


def test_what_is_supplied_waits_no_longer(in_use: System, owner: Actor, user_of: Any) -> None:
    assert "gates" not in kinds(user_of(owner))
    assert not Wanted.objects.filter(system=in_use).exists()


def test_a_withdrawn_record_waits_again_at_once(system: System, meet_gates: Any, owner: Actor, user_of: Any) -> None:
    meet_gates(system)
    record = Record.objects.get(kind=RecordKind.HUMAN_OVERSIGHT)
    withdraw_record(actor=owner, system=system, record=record, why="Fel")
    assert len(kinds(user_of(owner))["gates"]) == 1


def test_a_proposed_use_waits_for_the_elected_and_nobody_else(
    system: System, owner: Actor, member: Actor, user_of: Any, meet_gates: Any
) -> None:
    meet_gates(system)
    propose_use(actor=owner, system=system, why="Klart.")
    (item,) = kinds(user_of(member))["decision"]
    assert item.href == f"/arbete/system/{system.slug}/beslut/"
    assert "decision" not in kinds(user_of(owner))


def test_an_evaluation_that_is_due_waits_for_the_owner_and_the_coordinator(
    in_use: System, owner: Actor, person: Callable[..., Actor], user_of: Any, member: Actor
) -> None:
    in_use.refresh_from_db()
    on = in_use.evaluation_due - timedelta(days=59)
    coordinator = person(Role.AI_COORDINATOR)
    for actor in (owner, coordinator):
        assert kinds(user_of(actor), on)["evaluation"][0].due == in_use.evaluation_due
    assert "evaluation" not in kinds(user_of(owner), on - timedelta(days=2))
    assert kinds(user_of(owner), in_use.evaluation_due)["evaluation"]


def test_a_record_that_expires_waits_for_the_office_that_supplied_it(
    system: System, owner: Actor, person: Callable[..., Actor], user_of: Any
) -> None:
    content = {"summary": "Klart.", "due": (today() + timedelta(days=200)).isoformat()}
    supply_record(actor=owner, system=system, kind=RecordKind.EVALUATION_PLAN, content=content, valid_through=SOON)
    (item,) = kinds(user_of(owner))["record"]
    record = Record.objects.get()
    assert (item.due, item.href) == (SOON, f"/arbete/system/{system.slug}/handling/{record.pk}/")
    supply_record(actor=owner, system=system, kind=RecordKind.EVALUATION_PLAN, content=content)
    assert "record" not in kinds(user_of(owner))  # a newer one holds until further notice


def test_ones_own_mandate_that_ends_waits_and_the_administrator_sees_everybodys(
    person: Callable[..., Actor], administrator: Actor, user_of: Any
) -> None:
    leaving = person(Role.AUDITOR, last_day=SOON)
    assert kinds(user_of(leaving))["mandate"][0].due == SOON
    assert kinds(user_of(administrator))["mandate"][0].title.startswith(leaving.name)
    appoint(actor=administrator, user=user_of(leaving), role=Role.AUDITOR, office=Office.objects.get(slug="kontoret"))
    assert "mandate" not in kinds(user_of(leaving))  # another one takes over


def test_a_retired_system_wants_nothing(system: System, owner: Actor, user_of: Any) -> None:
    retire_system(actor=owner, system=system, why="Ingen använder det.", case_number="KS 2026/9")
    assert not Wanted.objects.exists()
    assert not Ending.objects.exists()
    assert Standing.objects.get().phase == Phase.RETIRED


def test_a_register_from_before_the_work_list_catches_up_once(system: System, owner: Actor, user_of: Any) -> None:
    before = {item.title for item in collect_items(user_of(owner), today())}
    for table in (Standing, Wanted, Ending):
        table.objects.all().delete()
    assert catch_up() == 1
    assert {item.title for item in collect_items(user_of(owner), today())} == before
    assert catch_up() == 0


def test_an_app_whose_list_is_broken_is_an_error_and_no_shorter_list(owner: Actor, user_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ModuleType("broken")
    broken.items = lambda user, roles, on: 1 / 0  # type: ignore[attr-defined]
    monkeypatch.setattr(gathering, "_modules", lambda: (broken,))
    with pytest.raises(ZeroDivisionError):
        collect_items(user_of(owner), today())


def test_a_day_is_shown_to_the_roles_that_it_names(owner: Actor, system: System, member: Actor, user_of: Any, monkeypatch: Any) -> None:
    from insyn.core.text import Text

    def dated(uid: str, system_id: int | None, *roles: str) -> Dated:
        return Dated(uid, today(), Text("Dag", "Day"), "/", system_id, frozenset(roles))

    rows = [
        dated("all", None),
        dated("owners", system.pk, "system_owner"),
        dated("others", -1, "system_owner"),
        dated("members", None, "elected_member"),
    ]
    module = ModuleType("some")
    module.calendar = lambda on: rows  # type: ignore[attr-defined]
    monkeypatch.setattr(gathering, "_modules", lambda: (module,))
    seen = {actor: {row.uid for row in collect_calendar(user_of(actor), today(), today(), on=today())} for actor in (owner, member)}
    assert seen == {owner: {"all", "owners"}, member: {"all", "members"}}


def test_the_start_page_groups_by_how_soon_and_can_be_narrowed(
    system: System, owner: Actor, sign_in: Any, on_the_day: Callable[[date], None]
) -> None:
    content = {"summary": "Klart.", "due": SOON.isoformat()}
    supply_record(actor=owner, system=system, kind=RecordKind.EVALUATION_PLAN, content=content)
    client = sign_in(owner)
    page = text_of(client.get("/arbete/", **ENGLISH))
    assert "Within 30 days" in page
    assert f"due {SOON.isoformat()}" in page
    assert "Something that you can supply" in page
    narrowed = text_of(client.get("/arbete/?slag=evaluation", **ENGLISH))
    assert "<h3>Something that you can supply</h3>" not in narrowed
    assert text_of(client.get("/arbete/?slag=nothing&roll=<x>", **ENGLISH)).count("<h3>") >= 2  # an unknown choice is no choice
    on_the_day(SOON + timedelta(days=3))
    late = text_of(sign_in(owner).get("/arbete/", **ENGLISH))
    assert f"overdue since {SOON.isoformat()}" in late
    assert "1 overdue" in late


def test_the_list_is_saved_for_a_spreadsheet_and_holds_no_formula(make_system: Any, sign_in: Any, owner: Actor) -> None:
    make_system("raknar", name_sv="=1+1")
    response = sign_in(owner).get("/arbete/?format=csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[1][0].startswith("'=1+1")
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("text", ["=A1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1"])
def test_a_cell_that_would_be_a_formula_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Lånestöd", "2026-01-01", "", "a=b"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_the_work_list_asks_as_many_questions_of_twelve_systems_as_of_two(make_system: Any, owner: Actor, user_of: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            collect_items(user_of(owner), today())
        return len(queries)

    make_system("ett"), make_system("tva")
    few = asked()
    for number in range(10):
        make_system(f"mer{number}")
    assert asked() == few


def test_no_other_separator_finds_a_formula_in_a_name(make_system: Any, sign_in: Any, owner: Actor) -> None:
    make_system("raknar", name_sv="Räknar;=1+1;\t=2+2")
    lines = sign_in(owner).get("/arbete/?format=csv").content.decode("utf-8-sig")
    for separator in ";\t,":
        for row in csv.reader(io.StringIO(lines), delimiter=separator):
            assert not row[0].startswith(("=", "\t"))
    cells = {cell for row in csv.reader(io.StringIO(lines), delimiter=";") for cell in row}
    assert not any(cell.startswith("=") for cell in cells)
