"""The same source once more: renamed, retired here, read in another way, by somebody else, or twice at once."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.actions import end_mandate
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile
from insyn.web.accounts.models import Mandate, Office
from insyn.web.imports import actions, files, queries, views, worker
from insyn.web.imports.models import Entry, Import, State
from insyn.web.imports.reading import read_table
from insyn.web.register.actions import retire_system
from insyn.web.register.models import System

LIST = "Id;Namn;Sammanfattning;Leverantör\n1;Lånestöd;Föreslår beslut;Alfa\n2;Ruttplan;Räknar vägar;Beta\n"


@pytest.fixture
def take(coordinator: Actor) -> Callable[[Import], None]:
    def all_rows(found: Import) -> None:
        actions.apply_import(actor=coordinator, found=found)
        worker.work(found.pk)

    return all_rows


def how(found: Import, **changed: Any) -> dict[str, Any]:
    fields = ("columns", "words", "day_order", "language", "owner", "office", "sheet")
    return {**{name: getattr(found, name) for name in fields}, **changed}


def test_a_system_that_is_renamed_here_keeps_its_name(begin: Callable[..., Import], take: Callable[[Import], None], owner: Actor) -> None:
    take(begin())
    System.objects.filter(slug="lanestod").update(name_sv="Vårt lånestöd", name_en="Our loan support")
    again = begin(LIST.replace("Föreslår", "Bereder"))
    take(again)
    system = System.objects.get(slug="lanestod")
    assert (system.name_sv, system.summary_sv) == ("Vårt lånestöd", "Bereder beslut")
    assert System.objects.count() == 2


def test_a_system_that_is_out_of_use_here_is_not_changed_by_a_list(
    begin: Callable[..., Import], take: Callable[[Import], None], owner: Actor
) -> None:
    take(begin())
    staged = begin(LIST.replace("Alfa", "Gamma").replace("Beta", "Delta"))
    retire_system(actor=owner, system=System.objects.get(slug="lanestod"), why="Slut", case_number="KS 3")
    take(staged)
    assert "avvecklat" in staged.rows.get(number=2).failed
    assert {row.slug: row.supplier for row in System.objects.all()} == {"lanestod": "Alfa", "ruttplan": "Delta"}
    again = begin(LIST.replace("Alfa", "Gamma").replace("Beta", "Delta"))
    assert [row.change for row in again.rows.all()] == ["refused", "same"]
    assert again.rows.get(number=2).problems[-1]["code"] == "ended_here"


def test_a_column_that_is_not_read_this_time_takes_nothing_away(begin: Callable[..., Import], take: Callable[[Import], None]) -> None:
    take(begin())
    found = begin("Id;Namn;Sammanfattning\n1;Lånestöd;Bereder beslut\n2;Ruttplan;\n")
    assert found.rows.get(number=2).differs == ["summary"]
    take(found)
    assert list(System.objects.order_by("slug").values_list("supplier", "summary_sv")) == [("Alfa", "Bereder beslut"), ("Beta", "")]
    assert Entry.objects.get(key="id:1").values["supplier"] == "Alfa"


def test_a_value_that_is_left_out_takes_nothing_away(begin: Callable[..., Import], take: Callable[[Import], None]) -> None:
    take(begin())
    found = begin(LIST.replace("Föreslår beslut", "Gäller 850709-9805").replace("Beta", "-"))
    assert [(row.change, row.differs) for row in found.rows.all()] == [("same", []), ("changed", ["supplier"])]
    take(found)
    assert System.objects.get(slug="lanestod").summary_sv == "Föreslår beslut"
    assert System.objects.get(slug="ruttplan").supplier == ""  # a dash is the source's way to say that it has none


def test_a_source_read_in_another_language_fills_that_language(
    begin: Callable[..., Import], take: Callable[[Import], None], coordinator: Actor
) -> None:
    take(begin())
    found = begin(LIST.replace("Föreslår beslut", "Proposes decisions"))
    actions.settle_import(actor=coordinator, found=found, **how(found, language="en"))
    take(found)
    system = System.objects.get(slug="lanestod")
    assert (system.summary_sv, system.summary_en) == ("Föreslår beslut", "Proposes decisions")
    assert (found.rows.get(number=2).kept, system.imported.language) == ([], "en")


def test_a_dry_run_that_is_older_than_what_was_taken_is_looked_at_again(
    begin: Callable[..., Import], take: Callable[[Import], None], coordinator: Actor
) -> None:
    old = begin()
    take(begin(LIST.replace("Alfa", "Gamma")))
    with pytest.raises(ActRefused):
        actions.apply_import(actor=coordinator, found=old)
    actions.settle_import(actor=coordinator, found=old, **how(old))
    assert old.rows.get(number=2).differs == ["supplier"]
    take(old)
    assert System.objects.get(slug="lanestod").supplier == "Alfa"


def test_who_ends_in_the_middle_is_followed_by_somebody_else(
    begin: Callable[..., Import], coordinator: Actor, administrator: Actor, person: Callable[..., Actor]
) -> None:
    found = begin()
    actions.apply_import(actor=coordinator, found=found)
    actions.take_rows(actor=coordinator, found=found, taken=set(), limit=1)
    mandate = Mandate.objects.get(user__person=coordinator.person)
    end_mandate(actor=administrator, mandate=mandate, last_day=timezone.localdate() - timedelta(days=1), why="Slutat")
    other = person(Role.AI_COORDINATOR, name="efter")
    with pytest.raises(ActRefused, match=r"already|redan"):
        actions.apply_import(actor=other, found=found)
    Import.objects.filter(pk=found.pk).update(beat=timezone.now() - timedelta(minutes=2))
    actions.apply_import(actor=other, found=found)
    worker.work(found.pk)
    assert Import.objects.get(pk=found.pk).state == State.APPLIED
    assert System.objects.get(slug="ruttplan").acts.get().person == other.person
    assert System.objects.get(slug="lanestod").acts.get().person == coordinator.person


def test_pressing_twice_starts_one_worker(
    begin: Callable[..., Import], coordinator: Actor, user_of: Callable[[Actor], Any], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(views.worker, "start", started.append)
    client.force_login(user_of(coordinator), backend="django.contrib.auth.backends.ModelBackend")
    found = begin()
    address = f"/arbete/import/{found.pk}/steg/"
    answers = [client.post(address, {"what": what, "revision": 0}).status_code for what in ("apply", "apply", "continue", "continue")]
    assert (answers, started) == ([302, 400, 400, 400], [found.pk])


@pytest.mark.parametrize(
    "sent", [{"what": "apply"}, {"what": "apply", "revision": "1"}, {"what": "apply", "revision": "x" * 5_000}, {"what": "\x00"}, {}]
)
def test_nothing_is_taken_that_was_not_looked_at(
    begin: Callable[..., Import], coordinator: Actor, user_of: Callable[[Actor], Any], client: Client, sent: dict[str, str]
) -> None:
    client.force_login(user_of(coordinator), backend="django.contrib.auth.backends.ModelBackend")
    found = begin()
    assert client.post(f"/arbete/import/{found.pk}/steg/", sent).status_code == 400
    assert Import.objects.get(pk=found.pk).state == State.CHECKED


def test_an_owner_whose_mandate_ended_and_a_closed_office_get_nothing(
    begin: Callable[..., Import], coordinator: Actor, administrator: Actor, owner: Actor
) -> None:
    found = begin()
    mandate = Mandate.objects.get(user__person=owner.person)
    end_mandate(actor=administrator, mandate=mandate, last_day=timezone.localdate() - timedelta(days=1), why="Slutat")
    with pytest.raises(InvalidInput) as refused:
        actions.apply_import(actor=coordinator, found=found)
    assert refused.value.place == "owner"
    Mandate.objects.filter(pk=mandate.pk).update(last_day=None)
    Office.objects.filter(slug="kontoret").update(closed_on=timezone.localdate())
    with pytest.raises(InvalidInput) as refused:
        actions.apply_import(actor=coordinator, found=found)
    assert refused.value.place == "office"


def test_a_short_name_that_was_taken_meanwhile_gets_a_number(
    begin: Callable[..., Import], coordinator: Actor, make_system: Callable[..., Any]
) -> None:
    found = begin()
    actions.apply_import(actor=coordinator, found=found)
    taken = actions.taken_slugs()
    make_system("ruttplan")
    assert actions.take_rows(actor=coordinator, found=found, taken=taken) == 0
    assert set(System.objects.values_list("slug", flat=True)) == {"lanestod", "ruttplan", "ruttplan-2"}


def test_another_heading_row_is_read_by_its_own_headings(begin: Callable[..., Import], coordinator: Actor) -> None:
    found = begin("Namn;Status;Leverantör\nVerktyg;Enhet;Firma\nLånestöd;Kontoret;Alfa\n")
    settled = actions.settle_import(actor=coordinator, found=found, **how(found, heading_row=2))
    assert settled.columns == {"Verktyg": "name", "Enhet": "office"}
    assert settled.rows.get().values["name"] == "Lånestöd"


def test_another_sheet_is_read_by_its_own_headings(begin: Callable[..., Import], coordinator: Actor, user_of: Any, client: Client) -> None:
    book = Workbook()
    for row in (["Vår lista"], ["Namn", "Status"], ["Lånestöd", "I drift"]):
        book.active.append(row)
    other = book.create_sheet("Bolagen")
    for row in (["Systemnamn", "Leverantör"], ["Ruttplan", "Beta"]):
        other.append(row)
    file = io.BytesIO()
    book.save(file)
    found = begin(file.getvalue(), file_name="lista.xlsx")
    client.force_login(user_of(coordinator), backend="django.contrib.auth.backends.ModelBackend")
    sent = {"revision": 0, "heading_row": 2, "sheet": "Bolagen", "day_order": "unknown", "language": "sv", "column-0": "name"}
    address = f"/arbete/import/{found.pk}/"
    assert client.post(address, {**sent, "owner": found.owner.person, "office": "kontoret"}).status_code == 302
    assert found.rows.get().values == {"name": "Ruttplan", "supplier": "Beta"}


def test_a_remembered_reading_takes_one_of_two_headings_that_are_spelled_alike(begin: Callable[..., Import], coordinator: Actor) -> None:
    saved = actions.save_mapping(actor=coordinator, found=begin("Namn\nA\n"), name="Listan")
    assert begin("Namn;namn\nA;B\n", mapping=saved).rows.get().values == {"name": "A"}


def test_the_same_file_sent_twice_at_once_is_kept_once() -> None:
    data, failed = b"x" * 3_000_000, []

    def keep() -> None:
        try:
            files.keep(data)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=keep) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


@pytest.mark.parametrize(
    "query", ["rad=x&fel=%00", "page=" + "9" * 5_000, "page=-1", "fel=%22%25", "rad=new&fel=" + "a" * 9_000, "page=1e999", "rad=%ED%A0%80"]
)
def test_no_filter_breaks_the_page(
    begin: Callable[..., Import], coordinator: Actor, user_of: Callable[[Actor], Any], client: Client, query: str
) -> None:
    client.force_login(user_of(coordinator), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/arbete/import/{begin().pk}/?{query}").status_code == 200
    assert client.get(f"/arbete/import/{'9' * 30}/").status_code == 404


def test_samples_show_nobodys_identity_number(begin: Callable[..., Import]) -> None:
    found = begin("Namn;Handläggare\nA;850709-9805\nB;Anna\n")
    assert found.samples["Handläggare"] == ["Anna"]
    assert "850709" not in str(queries.problems_of(found))


@pytest.mark.parametrize("again", [False, True])
def test_a_file_is_read_while_others_can_write_in_the_register(
    begin: Callable[..., Import], coordinator: Actor, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    found = begin() if again else None
    outside, held = len(connection.savepoint_ids), []

    def slowly(*args: Any, **how_read: Any) -> Any:
        held.append(len(connection.savepoint_ids) - outside)
        return read_table(*args, **how_read)

    monkeypatch.setattr(actions, "read_table", slowly)
    if found is None:
        begin()
    else:
        actions.settle_import(actor=coordinator, found=found, **how(found))
    assert held == [0]


def test_what_somebody_settled_while_the_file_was_read_again_is_not_overwritten(
    begin: Callable[..., Import], coordinator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = begin()

    def meanwhile(*args: Any, **how_read: Any) -> Any:
        monkeypatch.setattr(actions, "read_table", read_table)
        actions.settle_import(actor=coordinator, found=found, **how(found, language="en"))
        return read_table(*args, **how_read)

    monkeypatch.setattr(actions, "read_table", meanwhile)
    with pytest.raises(ChangedMeanwhile):
        actions.settle_import(actor=coordinator, found=found, **how(found))
    assert Import.objects.get(pk=found.pk).language == "en"
    assert found.rows.count() == 2


def test_a_file_without_headings_shows_nobodys_identity_number_as_one(begin: Callable[..., Import]) -> None:
    found = begin("850709-9805;Namn\n1;Lånestöd\n")
    assert "850709" not in str([found.headings, found.samples, found.columns])


@pytest.mark.parametrize(("language", "word"), [("sv", "Ny"), ("en", "New")])
def test_the_file_of_problems_speaks_the_readers_language(
    begin: Callable[..., Import], coordinator: Actor, user_of: Callable[[Actor], Any], client: Client, language: str, word: str
) -> None:
    found = begin(LIST.replace("1;", ";"))
    client.force_login(user_of(coordinator), backend="django.contrib.auth.backends.ModelBackend")
    rows = client.get(f"/arbete/import/{found.pk}/rader.csv", HTTP_ACCEPT_LANGUAGE=language).content.decode("utf-8-sig")
    assert f'"{word}"' in rows
    assert '"new"' not in rows


def test_how_the_file_was_read_is_told_in_the_readers_language(
    begin: Callable[..., Import], coordinator: Actor, user_of: Callable[[Actor], Any], client: Client
) -> None:
    found = begin()
    client.force_login(user_of(coordinator), backend="django.contrib.auth.backends.ModelBackend")
    address = f"/arbete/import/{found.pk}/"
    assert "Läst som CSV, UTF-8, skiljetecken" in client.get(address).content.decode()
    assert "Read as CSV, UTF-8, separated by" in client.get(address, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    Import.objects.filter(pk=found.pk).update(note="Läst som CSV <b>förr</b>")  # as it was written at first
    assert "Läst som CSV &lt;b&gt;förr&lt;/b&gt;" in client.get(address).content.decode()
