"""The coordinator imports a list: dry run, repair, taking, and the same list again as a difference."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Reach, Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.imports import actions, queries, worker
from insyn.web.imports.models import Change, Entry, Import, Mapping, State
from insyn.web.register.actions import decide_use, describe_system
from insyn.web.register.models import System
from insyn.web.register.queries import permits_of

LIST = """Id;Namn;Sammanfattning;Status;Riskklass;Personuppgifter;Förvaltning;Systemägare;Driftsatt;Dnr;Plats
1;Lånestöd;Föreslår beslut;I drift;Hög;Ja;Kontoret;system_owner;2024-03-01;KS 1;Rum 4
2;Ruttplan;;Testas;okej;Nej;Gatan;Någon Annan;Jul-25;;
;Chatt;Svarar;;;;;;2025;;
2;Ruttplan två;;;;;;;;;
;;Utan namn;;;;;;;;
1;Lånestöd;Föreslår beslut;I drift;Hög;Ja;Kontoret;system_owner;2024-03-01;KS 1;Rum 4
"""


def take(coordinator: Actor, found: Import) -> None:
    actions.apply_import(actor=coordinator, found=found)
    worker.work(found.pk)


def codes(found: Import, number: int) -> set[tuple[str, str]]:
    return {(one["code"], one["field"]) for one in found.rows.get(number=number).problems}


def test_a_dry_run_says_what_each_row_would_do_and_takes_nothing(begin: Callable[..., Import]) -> None:
    found = begin()
    assert [row.change for row in found.rows.all()] == ["new", "new", "new", "refused", "refused", "refused"]
    assert codes(found, 3) >= {
        ("word_unknown", "risk_class"),
        ("office_unknown", "office"),
        ("owner_unknown", "owner"),
        ("date_less_exact", "begin"),
    }
    assert codes(found, 5) >= {("same_id", "key")}
    assert codes(found, 6) >= {("no_name", "name")}
    assert codes(found, 7) >= {("same_row", "key")}
    assert not System.objects.exists()


def test_what_is_taken_is_not_approved_and_what_is_missing_stays_missing(begin: Callable[..., Import], coordinator: Actor) -> None:
    found = begin()
    take(coordinator, found)
    found.refresh_from_db()
    assert found.state == State.APPLIED
    assert sorted(System.objects.values_list("slug", flat=True)) == ["chatt", "lanestod", "ruttplan"]
    route = System.objects.get(slug="ruttplan")
    assert (route.phase, route.reach, route.kind, route.summary_sv) == (Phase.ASSESSMENT, Reach.CONTRACT_ONLY, "", "")
    assert route.imported.values.get("risk_class") is None
    assert route.imported.values["begin"] == "2025-07"
    assert route.imported.others == {}
    loan = System.objects.get(slug="lanestod")
    assert loan.links == {"case_number": "KS 1"}
    assert loan.imported.others == {"Plats": "Rum 4"}
    assert not any(permit.granted for permit in permits_of(System.objects.all()).values())
    assert loan.acts.get().verb == "import_system"


def test_an_imported_entry_cannot_be_decided_before_it_is_complete(
    begin: Callable[..., Import], coordinator: Actor, person: Callable[..., Actor]
) -> None:
    take(coordinator, begin())
    member = person(Role.ELECTED_MEMBER)
    with pytest.raises(ActRefused, match=r"[Ss]ummary|[Ss]ammanfattning"):
        decide_use(actor=member, system=System.objects.get(slug="ruttplan"), versions=[], case_number="KS 9")


def test_the_same_list_again_is_a_difference_and_never_a_duplicate(begin: Callable[..., Import], coordinator: Actor) -> None:
    take(coordinator, begin())
    again = begin()
    assert queries.counts_of(again) == {"new": 0, "changed": 0, "same": 3, "refused": 3}
    with pytest.raises(ActRefused):
        actions.apply_import(actor=coordinator, found=again)
    changed = begin(LIST.replace("Föreslår beslut", "Föreslår beslut om lån").replace(";Chatt;Svarar", ";Telefonsvar;Svarar"))
    assert queries.counts_of(changed) | {"refused": 0} == {"new": 1, "changed": 1, "same": 1, "refused": 0}
    assert changed.rows.get(number=2).differs == ["summary"]
    assert [entry.system.slug for entry in queries.gone_from(changed)] == ["chatt"]
    take(coordinator, changed)
    assert System.objects.count() == 4
    assert System.objects.get(slug="lanestod").summary_sv == "Föreslår beslut om lån"
    assert System.objects.get(slug="chatt").phase == Phase.ASSESSMENT  # gone from the file is told, nothing is done


def test_what_somebody_here_has_written_since_stands(begin: Callable[..., Import], coordinator: Actor, owner: Actor) -> None:
    take(coordinator, begin())
    describe_system(actor=owner, system=System.objects.get(slug="lanestod"), summary_sv="Vår egen text", summary_en="Our own text")
    found = begin(LIST.replace("Föreslår beslut", "Källans nya text"))
    take(coordinator, found)
    assert System.objects.get(slug="lanestod").summary_sv == "Vår egen text"
    assert found.rows.get(number=2).kept == ["summary_sv"]
    assert Entry.objects.get(system__slug="lanestod").values["summary"] == "Källans nya text"


def test_unknown_words_and_headings_are_explained_once_and_remembered(begin: Callable[..., Import], coordinator: Actor) -> None:
    text = "Kod;Verktyg vi har;Fara\na1;Ruttplan;okej\n"
    found = begin(text)
    assert found.columns == {}
    assert found.rows.get().change == Change.REFUSED
    owner, office = found.owner, found.office
    how = {"day_order": "unknown", "language": "sv", "owner": owner, "office": office}
    columns = {"Kod": "key", "Verktyg vi har": "name", "Fara": "risk_class"}
    settled = actions.settle_import(actor=coordinator, found=found, columns=columns, words={}, **how)
    assert settled.unknown == [["risk_class", "okej", 1]]
    settled = actions.settle_import(actor=coordinator, found=settled, columns=columns, words={"risk_class": {"okej": "minimal"}}, **how)
    assert settled.rows.get().values["risk_class"] == "minimal"
    saved = actions.save_mapping(actor=coordinator, found=settled, name="Gatukontorets lista")
    assert begin(text, mapping=saved).rows.get().values == {"key": "a1", "name": "Ruttplan", "risk_class": "minimal"}
    assert Mapping.objects.count() == 1


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"Namn": "name", "Id": "name"}, {}),
        ({"Id": "key"}, {}),
        ({"Namn": "name", "Finns inte": "key"}, {}),
        ({"Namn": "no_such"}, {}),
        ({"Namn": "name"}, {"name": {"x": "y"}}),
        ({"Namn": "name"}, {"status": {"x": "flying"}}),
    ],
)
def test_a_reading_that_cannot_be_is_refused_and_changes_nothing(
    begin: Callable[..., Import], coordinator: Actor, columns: dict[str, str], words: dict[str, dict[str, str]]
) -> None:
    found = begin()
    how = {"day_order": "unknown", "language": "sv", "owner": found.owner, "office": found.office}
    with pytest.raises(InvalidInput):
        actions.settle_import(actor=coordinator, found=found, columns=columns, words=words, **how)
    assert Import.objects.get(pk=found.pk).columns == found.columns
    assert found.rows.count() == 6


def test_two_who_settle_the_same_import_do_not_overwrite_each_other(begin: Callable[..., Import], coordinator: Actor) -> None:
    found = begin()
    how = {"columns": found.columns, "words": {}, "day_order": "unknown", "language": "sv", "owner": found.owner, "office": found.office}
    actions.settle_import(actor=coordinator, found=found, revision=0, **how)
    with pytest.raises(ChangedMeanwhile):
        actions.settle_import(actor=coordinator, found=found, revision=0, **how)


def test_only_the_coordinator_imports_and_only_while_the_mandate_holds(
    begin: Callable[..., Import], owner: Actor, coordinator: Actor, administrator: Actor
) -> None:
    from insyn.web.accounts.actions import end_mandate
    from insyn.web.accounts.models import Mandate

    found = begin()
    with pytest.raises(NotAllowed):
        actions.apply_import(actor=owner, found=found)
    actions.apply_import(actor=coordinator, found=found)
    mandate = Mandate.objects.get(user__person=coordinator.person)
    end_mandate(actor=administrator, mandate=mandate, last_day=timezone.localdate() - timedelta(days=1), why="Slutat")
    with pytest.raises(NotAllowed):
        worker.work(found.pk)
    assert not System.objects.exists()


def test_taking_twice_and_leaving_what_is_taken_are_refused(begin: Callable[..., Import], coordinator: Actor) -> None:
    found = begin()
    take(coordinator, found)
    for act in (
        lambda: actions.apply_import(actor=coordinator, found=found),
        lambda: actions.abandon_import(actor=coordinator, found=found, why="Ångrar mig"),
    ):
        with pytest.raises(ActRefused):
            act()
    worker.work(found.pk)
    assert System.objects.count() == 3


def test_a_worker_killed_in_the_middle_leaves_whole_rows_and_goes_on(begin: Callable[..., Import], coordinator: Actor) -> None:
    found = begin()
    actions.apply_import(actor=coordinator, found=found)
    assert actions.take_rows(actor=coordinator, found=found, taken=set(), limit=1) == 2
    assert System.objects.count() == Entry.objects.count() == 1
    Import.objects.filter(pk=found.pk).update(beat=timezone.now() - timedelta(minutes=2))
    found.refresh_from_db()
    assert queries.progress_of(found).silent
    worker.work(found.pk)
    assert System.objects.count() == 3


def test_the_pages_show_the_dry_run_and_a_csv_that_no_program_computes(
    begin: Callable[..., Import], coordinator: Actor, user_of: Callable[[Actor], Any], client: Client
) -> None:
    client.force_login(user_of(coordinator), backend="django.contrib.auth.backends.ModelBackend")
    sent = SimpleUploadedFile("lista.csv", b"Namn;Status\n=1+1;Kanske\n<script>x</script>;I drift\n")
    answer = client.post("/arbete/import/", {"source": "Lista", "file": sent, "owner": begin().owner.person, "office": "kontoret"})
    found = Import.objects.get(source="Lista")
    assert (answer.status_code, answer["Location"]) == (302, f"/arbete/import/{found.pk}/")
    page = client.get(f"/arbete/import/{found.pk}/").content.decode()
    assert "<script>x" not in page
    assert "Kanske" in page
    rows = client.get(f"/arbete/import/{found.pk}/rader.csv").content.decode("utf-8-sig")
    assert "'=1+1" in rows
    assert client.get(f"/arbete/import/{found.pk}/?rad=refused&fel=no_name").status_code == 200
    refused = client.post("/arbete/import/", {"source": "Lista", "file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04nej")})
    assert refused.status_code == 200
    assert "error" in refused.content.decode()


def test_nobody_else_sees_an_import(begin: Callable[..., Import], owner: Actor, user_of: Callable[[Actor], Any], client: Client) -> None:
    found = begin()
    client.force_login(user_of(owner), backend="django.contrib.auth.backends.ModelBackend")
    for path in ("/arbete/import/", f"/arbete/import/{found.pk}/", f"/arbete/import/{found.pk}/rader.csv"):
        assert client.get(path).status_code == 403


def test_the_systems_own_page_says_what_the_source_said_and_what_is_missing(
    begin: Callable[..., Import], coordinator: Actor, user_of: Callable[[Actor], Any], client: Client
) -> None:
    take(coordinator, begin())
    client.force_login(user_of(coordinator), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/arbete/system/lanestod/").content.decode()
    assert "Källan säger att systemet används. Det är inte godkänt här." in page
    assert "Saknas" in page
    assert "Rum 4" in page
    assert Client().get("/system/ruttplan/").status_code == 200
