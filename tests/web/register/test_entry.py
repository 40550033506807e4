"""The parts of an entry, filled in on pages that work without script; what is wrong is said at its line and nothing typed is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Role, SystemKind
from insyn.web.accounts.actions import open_office
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Office
from insyn.web.register.actions import describe_system, place_system
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
PARTS = ("syften", "berorda", "lankar", "klassa", "art", "namnd")


def address(system: System, part: str = "") -> str:
    return f"/arbete/system/{system.slug}/posten/{part}/" if part else f"/arbete/system/{system.slug}/posten/"


def now(system: System) -> System:
    return System.objects.get(pk=system.pk)


def line(number: int, **values: str) -> dict[str, str]:
    return {f"row-{number}-{name}": value for name, value in values.items()}


LOANS = {"purpose": "loans", "name_sv": "Lån", "name_en": "Loans", "categories": "income, debt", "matter_types": "housing_loan"}
GRANTS = {"purpose": "grants", "name_sv": "Bidrag", "name_en": "Grants", "categories": "", "matter_types": "grant"}
HOLD = {"modes": ["support"], "reach": "every_call"}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_page_with_labels_and_no_script(sign_in: Any, system: System, owner: Actor, part: str) -> None:
    answer = sign_in(owner).get(address(system, part))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert page.count("<h1") == 1
    assert "<script" not in page
    assert page.count("<label") >= 1


def test_a_part_that_is_not_there_is_not_found(sign_in: Any, system: System, owner: Actor) -> None:
    assert sign_in(owner).get(address(system, "annat")).status_code == 404


def test_several_purposes_are_saved_from_lines_and_empty_lines_are_dropped(sign_in: Any, system: System, owner: Actor) -> None:
    sent = {"revision": system.revision, "rows": 3, **HOLD, **line(0, **LOANS), **line(2, **GRANTS)}
    assert sign_in(owner).post(address(system, "syften"), sent).status_code == 302
    purposes = now(system).purposes
    assert [purpose["purpose"] for purpose in purposes] == ["loans", "grants"]
    assert purposes[0]["categories"] == ["income", "debt"]
    assert purposes[1]["matter_types"] == ["grant"]


def test_one_more_line_is_given_without_judging_or_losing_what_was_typed(sign_in: Any, system: System, owner: Actor) -> None:
    sent = {
        "revision": system.revision,
        "rows": 2,
        "modes": ["advice"],
        "reach": "every_call",
        **line(0, purpose="halvskrivet"),
        "more": "1",
    }
    page = html.unescape(sign_in(owner).post(address(system, "syften"), sent).content.decode())
    assert "halvskrivet" in page
    assert "row-2-purpose" in page
    assert "row-3-purpose" not in page
    assert "errorlist" not in page
    assert re.search(r'value="advice"[^>]* checked', page)
    assert now(system).purposes == system.purposes


def test_a_fault_is_shown_at_its_own_line_also_below_an_empty_one(sign_in: Any, system: System, owner: Actor) -> None:
    sent = {"revision": system.revision, "rows": 3, **HOLD, **line(0, **LOANS), **line(2, **{**GRANTS, "purpose": "loans"})}
    page = html.unescape(sign_in(owner).post(address(system, "syften"), sent).content.decode())
    assert 'href="#id_row-2-purpose"' in page
    assert "Ett annat ändamål har det här kortnamnet." in page
    assert "Bidrag" in page


@pytest.mark.parametrize("rows", ["", "-1", "x", "99999999999", "500"])
def test_a_forged_number_of_lines_makes_no_large_page(sign_in: Any, system: System, owner: Actor, rows: str) -> None:
    answer = sign_in(owner).post(address(system, "syften"), {"revision": system.revision, "rows": rows, **HOLD})
    assert answer.status_code in (200, 302)
    assert answer.content.decode().count('<fieldset class="line"') <= 60


def test_what_the_decision_rests_on_is_not_changed_while_the_system_is_in_use(sign_in: Any, in_use: System, owner: Actor) -> None:
    sent = {"revision": in_use.revision, "rows": 2, **HOLD, **line(0, **LOANS), **line(1, **GRANTS)}
    page = html.unescape(sign_in(owner).post(address(in_use, "syften"), sent).content.decode())
    assert "Pausa systemet först" in page
    assert "Bidrag" in page
    assert len(now(in_use).purposes) == 1


def test_affected_groups_are_told_in_both_languages(sign_in: Any, client: Any, system: System, owner: Actor) -> None:
    group = {
        "group_sv": "Barn i familjen",
        "group_en": "Children",
        "how_sv": "Hushållets lån avgör bostaden.",
        "how_en": "The loan decides.",
    }
    sent = {"revision": system.revision, "rows": 1, **line(0, **group)}
    assert sign_in(owner).post(address(system, "berorda"), sent).status_code == 302
    assert now(system).affected_groups[0]["group"] == {"sv": "Barn i familjen", "en": "Children"}
    client.logout()
    assert "Hushållets lån avgör bostaden." in html.unescape(client.get("/system/lanestod/").content.decode())


def test_a_group_without_its_english_name_is_asked_for_at_its_field(sign_in: Any, system: System, owner: Actor) -> None:
    sent = {"revision": system.revision, "rows": 1, **line(0, group_sv="Barn", group_en="", how_sv="Så.", how_en="So.")}
    page = sign_in(owner).post(address(system, "berorda"), sent).content.decode()
    assert 'href="#id_row-0-group_en"' in page


@pytest.mark.parametrize(
    "link", ["https://diarium.example/ks-2026-14", "KS 2026/14", "KS 2026:14", "Dnr: 12", "Systemförteckningen, rad 7"]
)
def test_a_link_is_an_address_or_a_number(system: System, owner: Actor, link: str) -> None:
    describe_system(actor=owner, system=system, links={"procurement": link})
    assert now(system).links == {"procurement": link}


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "http://diarium.example/",
        "https://",
        "https://a@b.example/",
        "//b.example",
        "data:text/html,x",
        "https://x.example/a b",
        "x\u202ey",
        "x" * 301,
    ],
)
def test_a_link_that_leads_elsewhere_is_refused_at_its_field(system: System, owner: Actor, link: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        describe_system(actor=owner, system=system, links={"procurement": link})
    assert refused.value.place.startswith("links")
    assert now(system).links == {}


def test_a_link_to_a_register_that_is_not_known_is_refused(system: System, owner: Actor) -> None:
    with pytest.raises(InvalidInput):
        describe_system(actor=owner, system=system, links={"facebook": "https://x.example/"})


def test_a_public_link_tells_the_other_place_nothing(client: Any, system: System, owner: Actor) -> None:
    describe_system(actor=owner, system=system, links={"procurement": "https://upphandling.example/14"})
    assert '<a href="https://upphandling.example/14" rel="noreferrer nofollow">' in client.get("/system/lanestod/").content.decode()


def test_the_information_classification_is_saved_and_stays_internal(sign_in: Any, client: Any, system: System, owner: Actor) -> None:
    sent = {"revision": system.revision, "confidentiality": 3, "integrity": 2, "availability": 1, "traceability": 0, "day": "2026-02-03"}
    assert sign_in(owner).post(address(system, "klassa"), sent).status_code == 302
    assert now(system).klassa == {"confidentiality": 3, "integrity": 2, "availability": 1, "traceability": 0, "day": "2026-02-03"}
    client.logout()
    assert "2026-02-03" not in client.get("/system/lanestod/").content.decode()


@pytest.mark.parametrize(
    "change", [{"integrity": 5}, {"integrity": -1}, {"integrity": "2"}, {"day": "2999-01-01"}, {"day": "i går"}, {"more": 1}]
)
def test_a_classification_outside_the_scale_or_of_a_day_to_come_is_refused(system: System, owner: Actor, change: dict[str, Any]) -> None:
    whole = {"confidentiality": 3, "integrity": 2, "availability": 1, "traceability": 0, "day": "2026-02-03"}
    with pytest.raises(InvalidInput):
        describe_system(actor=owner, system=system, klassa={**whole, **change})


def test_two_people_who_change_the_same_entry_notice_each_other(sign_in: Any, system: System, owner: Actor) -> None:
    describe_system(actor=owner, system=system, supplier="Bolaget")
    sent = {"revision": system.revision, "procurement": "LOU 14"}
    page = html.unescape(sign_in(owner).post(address(system, "lankar"), sent).content.decode())
    assert "Någon annan har ändrat" in page
    assert "LOU 14" in page
    with pytest.raises(ChangedMeanwhile):
        describe_system(actor=owner, system=system, revision=system.revision, links={"procurement": "LOU 14"})


def test_an_elected_member_reads_the_entry_and_gets_no_form(sign_in: Any, system: System, member: Actor) -> None:
    browser = sign_in(member)
    page = html.unescape(browser.get(address(system)).content.decode())
    assert "Alla uppgifter i posten" in page
    assert "/posten/syften/" not in page
    assert browser.get(address(system, "syften")).status_code == 403


@pytest.mark.parametrize("kind", list(SystemKind))
def test_every_kind_of_system_is_registered_on_the_page(sign_in: Any, opened: Any, owner: Actor, kind: SystemKind) -> None:
    sent = {
        "slug": "nytt",
        "name_sv": "Nytt",
        "name_en": "New",
        "summary_sv": "Gör.",
        "summary_en": "Does.",
        "kind": kind.value,
        "reach": "contract_only",
        "owner": owner.person,
        "office": "kontoret",
        "purpose": "use",
        "purpose_sv": "Bruk",
        "purpose_en": "Use",
        "matter_types": "matter",
        "manual_way_sv": "För hand.",
        "manual_way_en": "By hand.",
    }
    browser = sign_in(owner)
    page = html.unescape(browser.get("/arbete/system/nytt/").content.decode())
    assert "beslutar om människor utan att vara AI" in page
    assert browser.post("/arbete/system/nytt/", sent).status_code == 302
    assert System.objects.get(slug="nytt").kind == kind


@pytest.fixture
def company(administrator: Actor) -> Office:
    open_office(actor=administrator, slug="bostader", name_sv="Bostäder AB", name_en="Housing Ltd", kind="company")
    return Office.objects.get(slug="bostader")


def test_a_municipal_company_answers_for_a_system(sign_in: Any, client: Any, system: System, owner: Actor, company: Office) -> None:
    sent = {"revision": system.revision, "office": company.slug}
    assert sign_in(owner).post(address(system, "namnd"), sent).status_code == 302
    assert now(system).office == company
    client.logout()
    assert "/system/lanestod/" in client.get("/", {"namnd": "bostader"}).content.decode()
    assert "/system/lanestod/" not in client.get("/", {"namnd": "kontoret"}).content.decode()


def test_placing_a_system_where_it_stands_or_in_a_closed_office_is_refused(system: System, owner: Actor, company: Office) -> None:
    with pytest.raises(ActRefused):
        place_system(actor=owner, system=system, office=system.office)
    Office.objects.filter(pk=company.pk).update(closed_on="2026-01-01")
    with pytest.raises(InvalidInput):
        place_system(actor=owner, system=system, office=company)


def test_only_owner_and_coordinator_place_a_system(system: System, company: Office, person: Callable[..., Actor]) -> None:
    with pytest.raises(NotAllowed):
        place_system(actor=person(Role.CASE_OFFICER), system=system, office=company)
    place_system(actor=person(Role.AI_COORDINATOR), system=system, office=company)
    assert now(system).phase == Phase.ASSESSMENT
