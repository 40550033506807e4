"""What is internal or withheld stands on no public page, in no address, and is found by no search."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.register.actions import describe_system, set_visibility
from insyn.web.register.entry import ALWAYS_INTERNAL, ALWAYS_PUBLIC, DECIDABLE, Level, Reading, veiled
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
SECRET = "OSL 18 kap. 8 §"
MARK = "hemligmarkör"


def _both(text: str) -> dict[str, str]:
    return {"sv": text, "en": text}


#: Something to find, in every field that can be hidden.
PLANTED: dict[str, Any] = {
    "description_sv": f"{MARK} beskrivning",
    "description_en": f"{MARK} description",
    "supplier": f"{MARK} AB",
    "outcomes": {"grant": _both(f"{MARK} utfall")},
    "factors": {"income": {"label": _both(f"{MARK} faktor")}},
    "data_uses": [{"category": _both(f"{MARK} uppgift")}],
    "known_limits_sv": f"{MARK} gräns",
    "known_limits_en": f"{MARK} limit",
    "affected_groups": [{"group": _both(f"{MARK} grupp"), "how": _both(f"{MARK} hur")}],
    "links": {name: f"https://{MARK}.example/{name}" for name in ("record_of_processing", "system_register", "procurement", "case_number")},
    "klassa": {"confidentiality": 4, "integrity": 4, "availability": 4, "traceability": 4, "day": "2026-01-31"},
}


@pytest.fixture
def planted(system: System, owner: Actor) -> System:
    describe_system(actor=owner, system=system, **PLANTED)
    return System.objects.get(pk=system.pk)


def hide(system: System, owner: Actor, level: Level) -> None:
    provision = SECRET if level is Level.WITHHELD else ""
    now = {field.name: Reading(level, provision) for field in DECIDABLE}
    set_visibility(actor=owner, system=system, readings=now)


def public_addresses(system: System) -> list[str]:
    """Every address that needs no sign-in and takes a system, a revision of it, or nothing."""
    found = ["/", f"/?q={MARK}", "/?q=he", "/?q=hemlig+AB", "/logg/data/checkpoint"]
    for pattern in _patterns(get_resolver()):
        route = str(pattern.pattern)
        if not getattr(pattern.callback, "public_because", "") or "<path" in route:
            continue
        filled = route.replace("<slug:slug>", system.slug).replace("<slug:system>", system.slug)
        if "<int:number>" in filled:
            found += ["/" + filled.replace("<int:number>", str(number)) for number in range(1, system.revisions.count() + 1)]
        elif "<" not in filled:
            found.append("/" + filled)
    return found


def _patterns(resolver: URLResolver) -> list[URLPattern]:
    return [
        pattern
        for one in resolver.url_patterns
        for pattern in (_patterns(one) if isinstance(one, URLResolver) else [one])
        if isinstance(pattern, URLPattern)
    ]


def test_the_markers_are_seen_while_the_fields_are_public(client: Any, planted: System) -> None:
    page = client.get("/system/lanestod/").content.decode()
    for word in ("beskrivning", "AB", "uppgift", "gräns", "grupp"):
        assert f"{MARK} {word}" in page
    assert f"https://{MARK}.example/procurement" in page
    assert "/system/lanestod/" in client.get("/", {"q": MARK}).content.decode()
    assert "2026-01-31" not in page, "the security classification is internal until somebody decides otherwise"


@pytest.mark.parametrize("level", [Level.INTERNAL, Level.WITHHELD])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_public_address_shows_what_is_hidden(client: Any, planted: System, owner: Actor, level: Level, language: str) -> None:
    hide(planted, owner, level)
    addresses = public_addresses(planted)
    assert f"/system/{planted.slug}/" in addresses
    assert f"/system/{planted.slug}/historik/1/" in addresses
    for address in addresses:
        answer = client.get(address, headers={"accept-language": language})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        said = html.unescape(body.decode("utf-8", "replace")).replace(f'value="{MARK}"', "").replace(f"q={MARK}", "")
        assert MARK not in said, address
        assert "2026-01-31" not in said, address
    assert "/system/lanestod/" not in client.get("/", {"q": MARK}).content.decode()


def test_the_page_says_that_something_is_withheld_and_by_what(client: Any, planted: System, owner: Actor) -> None:
    hide(planted, owner, Level.WITHHELD)
    page = html.unescape(client.get("/system/lanestod/").content.decode())
    assert page.count(f"Uppgiften är undantagen enligt {SECRET}") >= 6


def test_the_page_says_that_an_internal_field_is_not_shown_and_never_that_it_is_missing(client: Any, planted: System, owner: Actor) -> None:
    set_visibility(actor=owner, system=planted, readings={"supplier": Reading(Level.INTERNAL)})
    page = html.unescape(client.get("/system/lanestod/").content.decode())
    assert "Visas inte här." in page
    assert "Inget: byggt av kommunen" not in page


def test_those_who_work_with_it_find_it_by_what_is_withheld(sign_in: Any, planted: System, owner: Actor, member: Actor) -> None:
    hide(planted, owner, Level.WITHHELD)
    page = sign_in(member).get("/arbete/system/", {"q": MARK}).content.decode()
    assert "/arbete/system/lanestod/" in page


@pytest.mark.parametrize("field", [*ALWAYS_PUBLIC, *ALWAYS_INTERNAL], ids=lambda field: field.name)
def test_what_the_public_must_see_cannot_be_hidden_and_names_cannot_be_shown(system: System, owner: Actor, field: Any) -> None:
    for level in (Level.WITHHELD, Level.PUBLIC):
        with pytest.raises(InvalidInput) as refused:
            set_visibility(actor=owner, system=system, readings={field.name: Reading(level, SECRET)})
        assert refused.value.place == field.name


@pytest.mark.parametrize(
    "provision", ["", " ", "hemligt", "OSL", "OSL 18 kap", "18 kap. 8 §", "OSL kap. §", "OSL 18 kap. 8 § " + "x" * 200, "GDPR"]
)
def test_withheld_demands_something_that_looks_like_a_provision(system: System, owner: Actor, provision: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.WITHHELD, provision)})
    assert refused.value.place == "supplier"
    assert "OSL 18 kap. 8 §" in refused.value.mend


@pytest.mark.parametrize(
    "provision",
    [
        "OSL 18 kap. 8 §",
        "osl 19 kap. 3 a §",
        "OSL 15 kap. 2 § första stycket",
        "Offentlighets- och sekretesslagen 21 kap. 7 §",
        "GDPR artikel 5.1 c",
    ],
)
def test_provisions_as_they_are_cited_are_taken(system: System, owner: Actor, provision: str) -> None:
    set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.WITHHELD, provision)})
    assert System.objects.get(pk=system.pk).visibility["supplier"]["provision"] == provision


def test_a_provision_without_withholding_is_refused(system: System, owner: Actor) -> None:
    with pytest.raises(InvalidInput):
        set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.PUBLIC, SECRET)})


def test_deciding_the_same_twice_changes_nothing(system: System, owner: Actor) -> None:
    set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.INTERNAL)})
    with pytest.raises(ActRefused):
        set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.INTERNAL)})


def test_an_elected_member_does_not_decide_who_reads_what(system: System, member: Actor) -> None:
    with pytest.raises(NotAllowed):
        set_visibility(actor=member, system=system, readings={"supplier": Reading(Level.INTERNAL)})


def test_an_owner_of_another_system_does_not_either(system: System, person: Any) -> None:
    with pytest.raises(NotAllowed):
        set_visibility(actor=person(Role.SYSTEM_OWNER, "another"), system=system, readings={"supplier": Reading(Level.INTERNAL)})


def test_a_page_that_was_opened_before_somebody_elses_change_is_refused(system: System, owner: Actor) -> None:
    set_visibility(actor=owner, system=system, readings={"supplier": Reading(Level.INTERNAL)})
    with pytest.raises(ChangedMeanwhile):
        set_visibility(actor=owner, system=system, readings={"factors": Reading(Level.INTERNAL)}, revision=system.revision)


def test_the_page_decides_and_shows_a_fault_at_its_field(sign_in: Any, planted: System, owner: Actor) -> None:
    browser, address = sign_in(owner), f"/arbete/system/{planted.slug}/posten/synlighet/"
    sent: dict[str, Any] = {"revision": planted.revision}
    for field in DECIDABLE:
        sent |= {field.name: field.level.value, f"{field.name}-provision": ""}
    wrong = browser.post(address, {**sent, "supplier": "withheld", "supplier-provision": "för att"})
    assert "Det här ser inte ut som en bestämmelse." in wrong.content.decode()
    assert "för att" in wrong.content.decode()
    assert browser.post(address, {**sent, "supplier": "withheld", "supplier-provision": SECRET}).status_code == 302
    assert SECRET in browser.get(f"/arbete/system/{planted.slug}/posten/").content.decode()


def test_a_veiled_entry_cannot_be_saved(planted: System) -> None:
    with pytest.raises(TypeError):
        veiled(planted).save()


def test_every_column_of_an_entry_has_its_readers(system: System) -> None:
    from insyn.web.register.entry import extra_fields

    assert [field.name for field in extra_fields()] == [], "say in register/entry.py who reads these"
