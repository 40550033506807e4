"""Every change of an entry is kept, can be read again and compared, and shows the public only what it may read today."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, strategies as st

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.web.accounts.errors import ActRefused
from insyn.web.history.keeping import begin
from insyn.web.history.models import Listing, Revision, Searchable
from insyn.web.history.reading import compared, content
from insyn.web.portfolio.models import Standing
from insyn.web.register.actions import describe_system, issue_client_key, refuse_system, set_visibility
from insyn.web.register.entry import Level, Reading
from insyn.web.register.models import Act, System
from insyn.web.setup import prepare_register

pytestmark = pytest.mark.django_db


def page_of(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_an_act_that_changes_the_entry_leaves_a_revision_with_its_act(system: System, owner: Actor) -> None:
    before = system.revisions.count()
    act = describe_system(actor=owner, system=system, supplier="Bolaget AB")
    newest = system.revisions.get(number=before + 1)
    assert newest.act == act
    assert content(newest)["supplier"] == "Bolaget AB"
    assert content(system.revisions.get(number=before))["supplier"] == ""


def test_an_act_that_changes_nothing_in_the_entry_leaves_none(system: System, administrator: Actor) -> None:
    before = system.revisions.count()
    issue_client_key(actor=administrator, system=system, name="programmet")
    assert system.revisions.count() == before


def test_a_change_that_rolls_back_leaves_neither_revision_nor_line(system: System, owner: Actor) -> None:
    before = system.revisions.count()

    def cut_off() -> None:
        with transaction.atomic():
            describe_system(actor=owner, system=system, name_sv="Nytt namn")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        cut_off()
    assert system.revisions.count() == before
    assert Listing.objects.get(system=system).sort_sv.startswith("l")


def test_a_revision_is_never_changed_or_deleted(system: System) -> None:
    revision = system.revisions.first()
    with pytest.raises(TypeError):
        revision.save()
    with pytest.raises(TypeError):
        revision.delete()


def test_the_public_reads_what_was_changed_on_which_day_and_by_which_office(client: Any, system: System, owner: Actor) -> None:
    describe_system(actor=owner, system=system, description_sv="Räknar på inkomst och skulder.")
    page = words_of(page_of(client, "/system/lanestod/historik/"))
    assert "Beskrivning" in page
    assert "Kontoret, Systemägare" in page
    assert timezone.localdate(Act.objects.filter(verb="describe_system").get().at).isoformat() in page
    assert owner.name not in page, "officials are named by office in public"


def test_a_revision_stands_at_its_address_and_shows_the_difference_word_by_word(client: Any, system: System, owner: Actor) -> None:
    describe_system(actor=owner, system=system, description_sv="Räknar på inkomst och skulder.")
    describe_system(actor=owner, system=system, description_sv="Räknar på inkomst, skulder och barn.")
    number = system.revisions.count()
    page = page_of(client, f"/system/lanestod/historik/{number}/")
    assert re.search(r"<ins>\[\+[^<]*barn[^<]*\+\]</ins>", page)
    assert "Räknar på inkomst" in page
    assert "Tillagda ord är understrukna" in page
    earlier = words_of(page_of(client, f"/system/lanestod/historik/{number - 1}/"))
    assert "Räknar på inkomst och skulder." in earlier
    assert "barn" not in earlier


def test_the_first_revision_has_nothing_to_be_compared_with(client: Any, system: System) -> None:
    assert "inget att jämföra" in page_of(client, "/system/lanestod/historik/1/")


@pytest.mark.parametrize("number", ["0", "99", "99999999999999999999"])
def test_a_revision_that_is_not_there_is_not_found(client: Any, system: System, number: str) -> None:
    assert client.get(f"/system/lanestod/historik/{number}/").status_code == 404


def test_a_system_that_was_refused_keeps_its_history(client: Any, system: System, member: Actor) -> None:
    refuse_system(actor=member, system=system, why_sv="För stort intrång.", why_en="Too intrusive.", case_number="KS 2026/3")
    page = words_of(page_of(client, "/system/lanestod/historik/"))
    assert "Varför kommunen sa nej" in page
    assert "Lånestöd" in words_of(page_of(client, "/system/lanestod/historik/1/"))


def test_what_is_withheld_today_is_withheld_in_every_revision(client: Any, system: System, owner: Actor) -> None:
    describe_system(actor=owner, system=system, supplier="HEMLIGA BOLAGET")
    describe_system(actor=owner, system=system, supplier="ANDRA BOLAGET")
    set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.WITHHELD, "OSL 19 kap. 3 §")})
    for number in range(1, system.revisions.count() + 1):
        page = page_of(client, f"/system/lanestod/historik/{number}/")
        assert "BOLAGET" not in page
        assert "Uppgiften är undantagen enligt OSL 19 kap. 3 §" in page


def test_what_was_withheld_once_does_not_come_out_when_the_field_says_something_else(client: Any, system: System, owner: Actor) -> None:
    set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.WITHHELD, "OSL 19 kap. 3 §")})
    describe_system(actor=owner, system=system, supplier="HEMLIGA BOLAGET")
    describe_system(actor=owner, system=system, supplier="Öppna bolaget")
    set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.PUBLIC)})
    assert "Öppna bolaget" in page_of(client, "/system/lanestod/")
    pages = [page_of(client, f"/system/lanestod/historik/{number}/") for number in range(1, system.revisions.count() + 1)]
    assert not any("HEMLIGA" in page for page in pages)


def test_those_who_work_with_it_read_internal_and_withheld_fields_too(sign_in: Any, system: System, owner: Actor, member: Actor) -> None:
    describe_system(actor=owner, system=system, supplier="HEMLIGA BOLAGET")
    set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.WITHHELD, "OSL 19 kap. 3 §")})
    client = sign_in(member)
    number = system.revisions.count()
    assert "HEMLIGA BOLAGET" in page_of(client, f"/arbete/system/lanestod/historik/{number}/")
    assert "Vem som läser uppgifterna" in page_of(client, "/arbete/system/lanestod/historik/")


def test_whoever_is_signed_out_reads_only_the_public_history(client: Any, system: System) -> None:
    for address in ("/arbete/system/lanestod/historik/", "/arbete/system/lanestod/historik/1/"):
        assert client.get(address).status_code == 302


def test_an_entry_from_before_history_gets_a_first_revision_once(client: Any, system: System) -> None:
    Revision.objects.all().delete()
    Listing.objects.all().delete()
    begin()
    begin()
    assert [(one.number, one.act) for one in system.revisions.all()] == [(1, None)]
    assert "/system/lanestod/" in client.get("/").content.decode()
    assert "när historiken började" in page_of(client, "/system/lanestod/historik/")


def test_an_upgraded_register_has_its_public_list_again_when_it_is_prepared(
    client: Any, monkeypatch: Any, settings: Any, system: System, make_system: Callable[..., System]
) -> None:
    untouched = make_system("annat", name_sv="Annat")
    before = untouched.revisions.count()
    for rows in (Revision, Listing, Searchable, Standing):
        rows.objects.filter(system=system).delete()
    Searchable.objects.filter(system=untouched).delete()
    settings.HOME.register.touch()
    for name in ("INSYN_HOME", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, os.environ[name])
    prepare_register(settings.HOME)
    prepare_register(settings.HOME)
    assert [(one.number, one.act) for one in system.revisions.all()] == [(1, None)]
    assert untouched.revisions.count() == before
    assert "/system/lanestod/" in client.get("/").content.decode()
    assert "/system/lanestod/" in client.get("/", {"q": "lånestöd"}).content.decode()
    assert Searchable.objects.filter(system=untouched).exists()
    assert Standing.objects.filter(system=system).exists()


def test_a_register_that_lacks_nothing_is_asked_once(django_assert_num_queries: Any, system: System) -> None:
    with django_assert_num_queries(1):
        assert begin() == 0


def test_text_that_looks_like_markup_stays_text_in_a_comparison(client: Any, system: System, owner: Actor) -> None:
    describe_system(actor=owner, system=system, description_sv="<script>alert(1)</script>\n<b>fet</b>")
    answer = client.get(f"/system/lanestod/historik/{system.revisions.count()}/").content.decode()
    assert "<script" not in answer
    assert "<b>" not in answer


def test_a_long_history_is_shown_page_by_page(client: Any, system: System, owner: Actor) -> None:
    for number in range(30):
        describe_system(actor=owner, system=system, supplier=f"Bolag {number}")
    total = system.revisions.count()
    first, second = (page_of(client, f"/system/lanestod/historik/?sida={page}") for page in (1, 2))
    assert f"/historik/{total}/" in first
    assert f"/historik/{total}/" not in second
    assert "/historik/1/" in second


def test_a_text_that_is_too_long_is_refused_at_its_field(system: System, owner: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        describe_system(actor=owner, system=system, description_sv="x" * 20_001)
    assert refused.value.place == "description_sv"


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_comparison_holds_both_texts_whole(before: str, after: str) -> None:
    pieces = compared(before, after)
    assert "".join(piece.text for piece in pieces if piece.how != "added") == before
    assert "".join(piece.text for piece in pieces if piece.how != "gone") == after


def test_a_text_made_to_be_slow_to_compare_is_not_compared_for_long() -> None:
    import time

    began = time.process_time()
    compared("a b " * 20_000, "b a " * 20_000 + "c")
    assert time.process_time() - began < 2


def test_saying_the_same_again_is_refused_and_leaves_no_revision(system: System, owner: Actor, make_system: Callable[..., System]) -> None:
    before = system.revisions.count()
    with pytest.raises(ActRefused):
        describe_system(actor=owner, system=system, name_sv=system.name_sv)
    assert system.revisions.count() == before
