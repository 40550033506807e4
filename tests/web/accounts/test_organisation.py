"""The organisation is kept by the administrator: named, moved and closed, never in a circle and never leaving anything behind."""

from __future__ import annotations

from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.actions import appoint, open_office
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Office
from insyn.web.accounts.organisation import close_office, move_office, rename_office
from insyn.web.register.models import Act, System

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(administrator: Actor) -> dict[str, Office]:
    """A board, its administration, and a unit of that."""
    above = None
    for slug, kind in (("namnden", "board"), ("forvaltningen", "administration"), ("enheten", "administration")):
        open_office(actor=administrator, slug=slug, name_sv=slug.title(), name_en=slug.title(), kind=kind, parent=above)
        above = Office.objects.get(slug=slug)
    return {office.slug: office for office in Office.objects.all()}


def test_an_office_is_renamed_by_an_act_and_keeps_its_short_name(tree: dict[str, Office], administrator: Actor) -> None:
    rename_office(actor=administrator, office=tree["namnden"], name_sv="Bildningsnämnden", name_en="Board of education")
    office = Office.objects.get(slug="namnden")
    assert office.name_sv == "Bildningsnämnden"
    assert Act.objects.get(verb="rename_office").text["before"] == "Namnden"
    with pytest.raises(ActRefused):
        rename_office(actor=administrator, office=office, name_sv="Bildningsnämnden", name_en="Board of education")


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_a_name_that_is_none_or_too_long_is_refused(tree: dict[str, Office], administrator: Actor, name: str) -> None:
    with pytest.raises(InvalidInput):
        rename_office(actor=administrator, office=tree["namnden"], name_sv=name, name_en="x")


@pytest.mark.parametrize("under", ["namnden", "forvaltningen", "enheten"])
def test_an_office_never_comes_to_stand_under_itself(tree: dict[str, Office], administrator: Actor, under: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        move_office(actor=administrator, office=tree["namnden"], parent=tree[under])
    assert refused.value.place == "parent"
    assert Office.objects.get(slug="namnden").parent is None


def test_an_office_is_moved_and_the_same_move_again_is_refused(tree: dict[str, Office], administrator: Actor) -> None:
    move_office(actor=administrator, office=tree["enheten"], parent=tree["namnden"])
    assert Office.objects.get(slug="enheten").parent == tree["namnden"]
    with pytest.raises(ActRefused):
        move_office(actor=administrator, office=tree["enheten"], parent=tree["namnden"])
    move_office(actor=administrator, office=tree["enheten"], parent=None)
    assert Office.objects.get(slug="enheten").parent is None


def test_the_tree_has_a_bottom(tree: dict[str, Office], administrator: Actor) -> None:
    above = tree["enheten"]
    for number in range(3):
        open_office(actor=administrator, slug=f"n{number}", name_sv="N", name_en="N", kind="administration", parent=above)
        above = Office.objects.get(slug=f"n{number}")
    with pytest.raises(InvalidInput):
        open_office(actor=administrator, slug="n9", name_sv="N", name_en="N", kind="administration", parent=above)
    open_office(actor=administrator, slug="over", name_sv="N", name_en="N", kind="board")
    with pytest.raises(InvalidInput):
        move_office(actor=administrator, office=tree["namnden"], parent=Office.objects.get(slug="over"))


def test_an_office_that_holds_something_is_not_closed_and_all_of_it_is_named(
    system: System, administrator: Actor, tree: dict[str, Office]
) -> None:
    home = system.office
    move_office(actor=administrator, office=tree["namnden"], parent=home)
    with pytest.raises(ActRefused) as refused:
        close_office(actor=administrator, office=home, why="Ny organisation.")
    said = " ".join(refused.value.reasons)
    for name in ("Namnden", "Lånestöd", "System_Owner Prov"):
        assert name in said


def test_a_closed_office_takes_nothing_new(tree: dict[str, Office], administrator: Actor, owner: Actor, user_of: Any) -> None:
    close_office(actor=administrator, office=tree["enheten"], why="Ny organisation.")
    closed = Office.objects.get(slug="enheten")
    with pytest.raises(ActRefused):
        close_office(actor=administrator, office=closed, why="Igen.")
    with pytest.raises(InvalidInput):
        appoint(actor=administrator, user=user_of(owner), role=Role.AUDITOR, office=closed)
    with pytest.raises(InvalidInput):
        open_office(actor=administrator, slug="ny", name_sv="Ny", name_en="New", kind="board", parent=closed)
    with pytest.raises(InvalidInput):
        move_office(actor=administrator, office=tree["namnden"], parent=closed)


def test_only_the_administrator_keeps_the_organisation(tree: dict[str, Office], owner: Actor, sign_in: Any) -> None:
    for act in (
        lambda: rename_office(actor=owner, office=tree["namnden"], name_sv="X", name_en="X"),
        lambda: move_office(actor=owner, office=tree["enheten"], parent=None),
        lambda: close_office(actor=owner, office=tree["enheten"], why="x"),
    ):
        with pytest.raises(NotAllowed):
            act()
    browser = sign_in(owner)
    page = browser.get("/arbete/organisation/").content.decode()
    assert "Forvaltningen" in page
    assert "Lägg till en enhet" not in page
    assert browser.post("/arbete/organisation/", {"slug": "x"}).status_code == 403
    answer = browser.post("/arbete/organisation/namnden/", {"what": "rename", "rename-name_sv": "X", "rename-name_en": "X"})
    assert "Bara en administratör ändrar organisationen." in answer.content.decode()
    assert Office.objects.get(slug="namnden").name_sv == "Namnden"


def test_the_administrator_opens_renames_moves_and_closes_on_the_pages(tree: dict[str, Office], administrator: Actor, sign_in: Any) -> None:
    browser = sign_in(administrator)
    sent = {"slug": "bolaget", "name_sv": "Bolaget AB", "name_en": "The company", "kind": "company", "parent": ""}
    assert browser.post("/arbete/organisation/", sent).status_code == 302
    page = "/arbete/organisation/bolaget/"
    assert browser.post(page, {"what": "rename", "rename-name_sv": "Bostäder AB", "rename-name_en": "Housing"}).status_code == 302
    assert browser.post(page, {"what": "move", "move-parent": "namnden"}).status_code == 302
    assert browser.post(page, {"what": "close", "close-why": "Sålt."}).status_code == 302
    office = Office.objects.get(slug="bolaget")
    assert (office.name_sv, office.parent, office.closed_on is not None) == ("Bostäder AB", tree["namnden"], True)
    shown = browser.get(page).content.decode()
    assert "Stängd" in shown
    assert "Stäng enheten" not in shown
    assert browser.post(page, {"what": "annat"}).status_code == 404


def test_whoever_is_signed_out_does_not_see_the_organisation(client: Any, tree: dict[str, Office]) -> None:
    assert client.get("/arbete/organisation/").status_code == 302
