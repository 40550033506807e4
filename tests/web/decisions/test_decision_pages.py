"""The pages: what the offices see and can send, and what the public reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.web.clock import today
from insyn.web.decisions import waiting
from insyn.web.decisions.actions import accept_deviation, propose_deviation, state_never_automated
from insyn.web.decisions.models import DelegationItem, Deviation, NeverAutomated
from insyn.web.register.actions import adopt_pack, decide_use, supply_record
from insyn.web.register.models import Record, System, WorkItem

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
ETHICS = "kommun-test/ethics"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def bound(system: System, secretary: Actor) -> System:
    """A system that an adopted policy asks something of."""
    adopt_pack(actor=secretary, pack="kommun-test", adopted_on=today(), case_number="KF § 12")
    return System.objects.get(pk=system.pk)


@pytest.fixture
def deviation(bound: System, owner: Actor) -> Deviation:
    words = {"reason": HOSTILE, "risk": "Högre risk för sökande.", "measures": "Vi läser allt."}
    propose_deviation(actor=owner, system=bound, rule=ETHICS, last_day=today() + timedelta(days=30), **words)
    return Deviation.objects.get()


def now(system: System) -> System:
    return System.objects.get(pk=system.pk)


def item_fields(**changes: Any) -> dict[str, str]:
    words = {
        "what_form": "item",
        "number": "4.1",
        "board": "namnden",
        "what": "use.decide",
        "text_sv": "Ta i bruk",
        "text_en": "Put into use",
        "office": "kontoret",
        "highest_class": "minimal",
        "matter_types": "housing_loan, parking",
        "decided_on": today().isoformat(),
        "first_day": today().isoformat(),
        "case_number": "NN 1",
    }
    return {**words, **changes}


def test_the_secretary_records_and_ends_an_item_on_the_page(sign_in: Any, secretary: Actor, board: Any) -> None:
    client = sign_in(secretary)
    assert client.post("/arbete/delegation/", item_fields()).status_code == 302
    item = DelegationItem.objects.get()
    assert item.matter_types == ["housing_loan", "parking"]
    page = client.get("/arbete/delegation/", **ENGLISH).content.decode()
    assert "Put into use" in page
    address = f"/arbete/delegation/{item.pk}/"
    assert "None yet." in client.get(address, **ENGLISH).content.decode()
    ended = {"ended_on": today().isoformat(), "why": "Nytt beslut.", "case_number": "NN 2"}
    assert client.post(address, ended).status_code == 302
    page = client.get(address, **ENGLISH).content.decode()
    assert "Nytt beslut." in page
    assert "End the item" not in page


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(sign_in: Any, secretary: Actor, board: Any) -> None:
    sent = item_fields(what="automated_decision", matter_types="", text_sv="Mina egna ord")
    page = sign_in(secretary).post("/arbete/delegation/", sent, **ENGLISH).content.decode()
    assert "Name the types of matter that the automated function may decide." in page
    assert "Mina egna ord" in page
    assert not DelegationItem.objects.exists()


@pytest.mark.parametrize("role", [Role.SYSTEM_OWNER, Role.DELEGATE, Role.ELECTED_MEMBER, Role.AUDITOR])
def test_others_read_the_list_and_are_given_no_form(role: Role, sign_in: Any, person: People, board: Any) -> None:
    client = sign_in(person(role))
    page = client.get("/arbete/delegation/", **ENGLISH).content.decode()
    assert "No item is recorded." in page
    assert 'name="number"' not in page
    refused = client.post("/arbete/delegation/", item_fields(), **ENGLISH)
    assert refused.status_code == 200
    assert not DelegationItem.objects.exists()


def test_what_is_never_automated_is_stated_and_lifted_on_the_page(sign_in: Any, secretary: Actor) -> None:
    client = sign_in(secretary)
    sent = {"what_form": "never", "matter_type": "childcare", "why_sv": "Rör barn.", "why_en": "Concerns children."}
    sent |= {"decided_on": today().isoformat(), "case_number": "KF 3"}
    assert client.post("/arbete/delegation/", sent).status_code == 302
    assert "Concerns children." in client.get("/delegation/", **ENGLISH).content.decode()
    row = NeverAutomated.objects.get()
    lift = {"what_form": "lift", "row": row.pk, "why": "Nytt beslut.", "case_number": "KF 4"}
    assert client.post("/arbete/delegation/", lift).status_code == 302
    assert "Concerns children." not in client.get("/delegation/", **ENGLISH).content.decode()
    assert client.post("/arbete/delegation/", {**lift, "row": 9999}).status_code == 404


def test_a_deviation_goes_from_proposal_to_end_on_the_pages(sign_in: Any, bound: System, owner: Actor, person: People) -> None:
    coordinator = person(Role.AI_COORDINATOR)
    client = sign_in(coordinator)
    address = f"/arbete/system/{bound.slug}/avvikelser/"
    assert "Ethics assessment" in client.get(address, **ENGLISH).content.decode()
    sent = {"revision": now(bound).revision, "rule": ETHICS, "reason": "Hinner inte.", "risk": "Sämre svar.", "measures": "Läser allt."}
    assert client.post(address, {**sent, "last_day": (today() + timedelta(days=9)).isoformat()}).status_code == 302
    row = Deviation.objects.get()
    page = client.get(f"{address}{row.pk}/", **ENGLISH).content.decode()
    assert "can accept the risk" in page
    assert 'name="acceptance"' not in page
    mine = sign_in(owner)
    accept = {"what": "accept", "revision": now(bound).revision, "acceptance": "Jag tar risken."}
    assert mine.post(f"{address}{row.pk}/", accept).status_code == 302
    assert Deviation.objects.get().state == "accepted"
    end = {"what": "end", "revision": now(bound).revision, "why": "Klart."}
    assert mine.post(f"{address}{row.pk}/", end).status_code == 302
    assert Deviation.objects.get().state == "ended"


def test_a_law_in_the_form_is_no_choice(sign_in: Any, bound: System, owner: Actor) -> None:
    sent = {"revision": bound.revision, "rule": "test-law/privacy", "reason": "x", "risk": "x", "measures": "x"}
    address = f"/arbete/system/{bound.slug}/avvikelser/"
    page = sign_in(owner).post(address, {**sent, "last_day": today().isoformat()}, **ENGLISH)
    assert page.status_code == 200
    assert not Deviation.objects.exists()


def test_somebody_elses_change_keeps_the_words_on_the_page(sign_in: Any, deviation: Deviation, owner: Actor) -> None:
    sent = {"what": "accept", "revision": deviation.system.revision - 1, "acceptance": "Mina egna ord."}
    page = sign_in(owner).post(f"/arbete/system/{deviation.system.slug}/avvikelser/{deviation.pk}/", sent, **ENGLISH).content.decode()
    assert "Somebody else has changed the system" in page
    assert "Mina egna ord." in page
    assert Deviation.objects.get().state == "proposed"


def test_the_public_sees_accepted_deviations_without_names_and_without_markup(client: Any, deviation: Deviation, owner: Actor) -> None:
    assert "alert(1)" not in client.get("/avvikelser/").content.decode(), "a proposal is internal"
    accept_deviation(actor=owner, deviation=deviation, acceptance="Jag tar på mig risken.")
    for address in ("/avvikelser/", f"/system/{deviation.system.slug}/"):
        page = client.get(address).content.decode()
        assert "Jag tar på mig risken." in page
        assert "Systemägare" in page
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert deviation.last_day.isoformat() in page
        assert owner.name not in page


def test_the_gates_page_says_that_a_deviation_meets_it(sign_in: Any, deviation: Deviation, owner: Actor) -> None:
    accept_deviation(actor=owner, deviation=deviation, acceptance="Jag tar på mig risken.")
    page = sign_in(owner).get(f"/arbete/system/{deviation.system.slug}/krav/", **ENGLISH).content.decode()
    assert "Met by a deviation" in page


def test_the_public_page_says_who_decided_on_what_and_for_how_long(
    client: Any, system: System, meet_gates: Any, delegate: Actor, adopt: Any
) -> None:
    meet_gates(system)
    adopt()
    last = today() + timedelta(days=50)
    decide_use(actor=delegate, system=now(system), versions=["1.0"], case_number="NN 2026/10", delegation="4.1", valid_through=last)
    page = client.get(f"/system/{system.slug}/").content.decode()
    assert "Vem har beslutat, och för hur länge" in page
    assert "På delegation: 4.1 Beslut att ta ett AI-system i bruk." in page
    assert f"till och med {last.isoformat()}" in page
    listed = client.get("/delegation/").content.decode()
    assert "Tjänstepersoner hos Kontoret" in listed
    assert client.get("/delegation/", **ENGLISH).status_code == 200


def test_a_decision_that_is_over_is_said_in_public(
    client: Any, system: System, meet_gates: Any, member: Actor, on_the_day: Callable[..., None]
) -> None:
    meet_gates(system)
    decide_use(actor=member, system=now(system), versions=["1.0"], case_number="NN 1", valid_through=today() + timedelta(days=3))
    on_the_day(today() + timedelta(days=4))
    assert "Systemet får inga svar förrän det finns ett nytt." in client.get(f"/system/{system.slug}/").content.decode()


def test_an_evaluation_is_written_on_its_page_and_told_in_public(sign_in: Any, client: Any, in_use: System, owner: Actor) -> None:
    address = f"/arbete/system/{in_use.slug}/utvarderingar/"
    mine = sign_in(owner)
    assert "has not been evaluated" in mine.get(address, **ENGLISH).content.decode()
    sent = {
        "kind": "evaluation",
        "revision": in_use.revision,
        "summary": "Fungerar.",
        "result": "91 %",
        "outcome": "change",
        "change_what": "Skriv om brevet.",
        "change_by": (today() + timedelta(days=20)).isoformat(),
        "participation": "Tolv sökande svarade.",
        "next_due": (today() + timedelta(days=390)).isoformat(),
        "public": "on",
    }
    faulty = mine.post(address, {**sent, "change_by": ""}, **ENGLISH).content.decode()
    assert "Say what is to be changed, and by when." in faulty
    assert "Tolv sökande svarade." in faulty
    response = mine.post(address, sent, **ENGLISH)
    assert response.status_code == 302, response.content.decode()
    assert "Skriv om brevet." in mine.get(address, **ENGLISH).content.decode()
    page = client.get(f"/system/{in_use.slug}/").content.decode()
    assert "Fortsätter efter en ändring" in page
    assert "Tolv sökande svarade." in page
    assert mine.post(address, {"kind": "stop_mandate"}).status_code == 404


def test_benefit_stands_with_what_was_expected(client: Any, in_use: System, owner: Actor) -> None:
    measured = {"summary": "x", "measure": "Dagar till besked", "expected": "10", "realised": "9", "measured_on": today().isoformat()}
    supply_record(actor=owner, system=in_use, kind=RecordKind.BENEFIT_REALISED, content=measured)
    assert "Dagar till besked" in client.get(f"/system/{in_use.slug}/").content.decode()


def test_an_internal_evaluation_is_not_told_in_public(client: Any, in_use: System, owner: Actor) -> None:
    content = {"summary": "Hemligt.", "result": "x", "outcome": "continue", "participation": "Ingen.", "next_due": "2028-01-01"}
    supply_record(actor=owner, system=in_use, kind=RecordKind.EVALUATION, content=content, public=False)
    assert "Hemligt." not in client.get(f"/system/{in_use.slug}/").content.decode()


@pytest.mark.parametrize("path", ["/arbete/delegation/", "/arbete/system/lanestod/avvikelser/", "/arbete/system/lanestod/utvarderingar/"])
def test_signed_out_leads_to_the_sign_in_page(path: str, client: Any, system: System) -> None:
    assert client.get(path).status_code == 302
    assert client.post(path, {}).status_code == 302


def test_what_waits_and_what_has_a_day(
    system: System, deviation: Deviation, owner: Actor, secretary: Actor, adopt: Any, meet_gates: Any, member: Actor, user_of: Any
) -> None:
    adopt(last_day=today() + timedelta(days=20))
    user = user_of(owner)
    assert [item.kind for item in waiting.items(user, frozenset({"system_owner"}), today())] == ["deviation"]
    accept_deviation(actor=owner, deviation=deviation, acceptance="Ja.")
    meet_gates(system)
    decide_use(actor=member, system=now(system), versions=["1.0"], case_number="NN 1", valid_through=today() + timedelta(days=25))
    content = {"summary": "x", "result": "x", "outcome": "change", "participation": "x", "next_due": "2028-01-01"}
    content |= {"change_what": "Brevet.", "change_by": (today() + timedelta(days=9)).isoformat()}
    supply_record(actor=owner, system=now(system), kind=RecordKind.EVALUATION, content=content)
    mine = waiting.items(user, frozenset({"system_owner"}), today())
    assert sorted(item.kind for item in mine) == ["decided_through", "deviation", "evaluation_change"]
    assert all(item.due for item in mine)
    assert [item.kind for item in waiting.items(user_of(secretary), frozenset({"council_secretary"}), today())] == ["delegation"]
    ahead = waiting.calendar_of(user, frozenset({"system_owner"}), today(), today() + timedelta(days=60))
    days = [*waiting.calendar(today()), *ahead]
    assert sorted(dated.uid.split("-")[0] for dated in days) == ["change", "decision", "delegation", "deviation"]
    assert waiting.calendar_of(user_of(secretary), frozenset({"council_secretary"}), today(), today() + timedelta(days=60)) == []
    assert waiting.items(user, frozenset({"case_officer"}), today()) == []
    assert WorkItem.objects.filter(kind=WorkItem.Kind.EVALUATION_CHANGE).count() == 1


def test_what_is_never_automated_escapes_what_was_typed(client: Any, secretary: Actor) -> None:
    words = {"why_sv": HOSTILE, "why_en": HOSTILE, "case_number": "KF 3", "decided_on": today()}
    state_never_automated(actor=secretary, matter_type="childcare", **words)
    page = client.get("/delegation/").content.decode()
    assert "<script>" not in page
    assert Record.objects.count() == 0
