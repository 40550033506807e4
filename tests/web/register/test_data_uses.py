"""Which data are used for what: proposed by the owner, decided by somebody else, and closed when it no longer holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from record_kit import DATA_USE

from insyn.core.errors import InvalidInput
from insyn.core.fieldsnamed import FieldsNamed
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode
from insyn.core.terms import RecordKind, Role
from insyn.web.accounts.actions import end_mandate, open_office
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Mandate, Office
from insyn.web.clock import today
from insyn.web.decisions.actions import adopt_delegation
from insyn.web.decisions.models import OnDelegation
from insyn.web.register.actions import (
    cite_data_use,
    decide_data_use,
    decide_use,
    describe_system,
    propose_data_use,
    retire_data_field,
    withdraw_data_use,
)
from insyn.web.register.datalimits import uncovered
from insyn.web.register.fieldsused import read_seen, unused_fields
from insyn.web.register.issuing import issued
from insyn.web.register.models import Act, DataUse, Record, System

pytestmark = pytest.mark.django_db
People = Callable[..., Actor]
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}
FIELDS = [
    {"name": "income", "why": "Visar om lånet kan betalas.", "collected_how": "Ur ansökan."},
    {"name": "debts", "why": "Visar vad som redan ska betalas.", "collected_how": "Kreditupplysning."},
]


@pytest.fixture
def propose(owner: Actor) -> Callable[..., DataUse]:
    def make(system: System, **told: Any) -> DataUse:
        words = {**DATA_USE, "purpose": "loans", "categories": ["income"], "fields": FIELDS, **told}
        act = propose_data_use(actor=owner, system=system, **words)
        return DataUse.objects.get(act=act)

    return make


@pytest.fixture
def decided(propose: Callable[..., DataUse], member: Actor) -> Callable[..., DataUse]:
    def make(system: System, *, valid_through: Any = None, **told: Any) -> DataUse:
        row = propose(system, **told)
        decide_data_use(actor=member, system=system, data_use=row, case_number="KS 2026/9", valid_through=valid_through)
        return DataUse.objects.get(pk=row.pk)

    return make


def test_a_proposal_allows_nothing_until_an_elected_member_decides_it(system: System, propose: Any, member: Actor) -> None:
    row = propose(system)
    assert row.waits
    assert not DataUse.objects.filter(system=system).holding(today()).exists()
    decide_data_use(actor=member, system=system, data_use=row, case_number="KS 2026/9")
    row = DataUse.objects.get(pk=row.pk)
    assert row.holds(today())
    assert (row.decider_office, row.case_number, row.deciding.verb) == ("Kontoret", "KS 2026/9", "decide_data_use")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ELECTED_MEMBER, Role.DELEGATE}))
def test_no_other_office_decides_a_use_of_data(system: System, propose: Any, person: People, role: Role) -> None:
    row = propose(system)
    with pytest.raises(NotAllowed):
        decide_data_use(actor=person(role, name=f"nagon-{role}"), system=system, data_use=row, case_number="KS 2026/9")
    assert DataUse.objects.get(pk=row.pk).waits


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM_OWNER}))
def test_nobody_but_the_owner_proposes_a_use_of_data(system: System, person: People, role: Role) -> None:
    with pytest.raises(NotAllowed):
        propose_data_use(
            actor=person(role, name=f"nagon-{role}"), system=system, purpose="loans", categories=["income"], fields=FIELDS, **DATA_USE
        )


def test_the_owner_of_another_system_proposes_nothing_here(system: System, person: People) -> None:
    other = person(Role.SYSTEM_OWNER, name="annan")
    with pytest.raises(NotAllowed):
        propose_data_use(actor=other, system=system, purpose="loans", categories=["income"], fields=FIELDS, **DATA_USE)


def test_nobody_decides_what_they_proposed_even_with_both_offices(system: System, propose: Any, person: People, owner: Actor) -> None:
    row = propose(system)
    both = person(Role.ELECTED_MEMBER, name=Role.SYSTEM_OWNER.value)
    assert both.person == owner.person
    with pytest.raises(NotAllowed, match=r"ensam|alone"):
        decide_data_use(actor=both, system=system, data_use=row, case_number="KS 2026/9")


def test_an_official_decides_only_on_an_item_of_the_delegation_list(
    system: System, propose: Any, person: People, administrator: Actor
) -> None:
    row, delegate = propose(system), person(Role.DELEGATE)
    open_office(actor=administrator, slug="namnden", name_sv="Nämnden", name_en="The board", kind="board")
    board, office = Office.objects.get(slug="namnden"), Office.objects.get(slug="kontoret")
    Office.objects.filter(pk=office.pk).update(parent=board)
    day = today() - timedelta(days=9)
    Mandate.objects.filter(user__person=delegate.person).update(first_day=day)
    words = {"text_sv": "Ny dataanvändning", "text_en": "New use of data", "decided_on": day, "first_day": day, "case_number": "N 1"}
    item = {"board": board, "office": office, "highest_class": "high", **words}
    adopt_delegation(actor=person(Role.COUNCIL_SECRETARY), number="4.2", what="data_use.decide", **item)
    adopt_delegation(actor=person(Role.COUNCIL_SECRETARY), number="4.3", what="use.decide", **item)
    for number in ("", "9.9", "4.3"):
        with pytest.raises(NotAllowed):
            decide_data_use(actor=delegate, system=system, data_use=row, case_number="KS 2026/9", delegation=number)
    decide_data_use(actor=delegate, system=system, data_use=row, case_number="KS 2026/9", delegation="4.2")
    assert DataUse.objects.get(pk=row.pk).delegation == "4.2 Ny dataanvändning"
    assert OnDelegation.objects.get().decision.what == "data_use"


def test_a_member_whose_mandate_has_ended_decides_nothing(system: System, propose: Any, member: Actor, administrator: Actor) -> None:
    row = propose(system)
    mandate = Mandate.objects.get(user__person=member.person)
    Mandate.objects.filter(pk=mandate.pk).update(first_day=today() - timedelta(days=9))
    mandate.refresh_from_db()
    end_mandate(actor=administrator, mandate=mandate, last_day=today() - timedelta(days=1), why="Avgått.")
    with pytest.raises(NotAllowed):
        decide_data_use(actor=member, system=system, data_use=row, case_number="KS 2026/9")


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"fields": []}, "fields"),
        ({"fields": [{"name": "income", "why": "", "collected_how": "Ur ansökan."}]}, "fields[0].why"),
        ({"fields": [{"name": "income", "why": "Behövs.", "collected_how": " "}]}, "fields[0].collected_how"),
        ({"fields": [*FIELDS, FIELDS[0]]}, "fields"),
        ({"fields": [{"name": f"f{n}", "why": "x", "collected_how": "x"} for n in range(201)]}, "fields"),
        ({"categories": []}, "categories"),
        ({"categories": ["Inkomst och skuld"]}, "categories"),
        ({"purpose": "Lån till bostad"}, "purpose"),
        ({"purpose_kind": "guessing"}, "purpose_kind"),
        ({"legal_basis_sv": " "}, "legal_basis_sv"),
        ({"retention": ""}, "retention"),
        ({"source_sv": "x" * 401}, "source_sv"),
        ({"price": "1"}, "price"),
    ],
)
def test_a_proposal_that_does_not_say_why_and_how_is_refused(system: System, propose: Any, told: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as wrong:
        propose(system, **told)
    assert wrong.value.place == place
    assert not DataUse.objects.exists()


@pytest.mark.parametrize(("days", "last", "place"), [(1, None, "decided_on"), (-1, None, "decided_on"), (0, -1, "valid_through")])
def test_a_decision_is_neither_ahead_nor_older_than_the_proposal(
    system: System, propose: Any, member: Actor, days: int, last: int | None, place: str
) -> None:
    row = propose(system)
    through = None if last is None else today() + timedelta(days=last)
    with pytest.raises(InvalidInput) as wrong:
        decide_data_use(
            actor=member,
            system=system,
            data_use=row,
            case_number="KS 1",
            decided_on=today() + timedelta(days=days),
            valid_through=through,
        )
    assert wrong.value.place == place


def test_a_use_is_decided_once_and_withdrawn_once(system: System, decided: Any, member: Actor, owner: Actor) -> None:
    row = decided(system)
    with pytest.raises(ActRefused, match=r"redan|already"):
        decide_data_use(actor=member, system=system, data_use=row, case_number="KS 1", allowed=False)
    withdraw_data_use(actor=owner, system=system, data_use=row, why="Behövs inte.")
    before = Act.objects.count()
    with pytest.raises(ActRefused, match=r"redan|already"):
        withdraw_data_use(actor=owner, system=system, data_use=row, why="Igen.")
    assert Act.objects.count() == before


def test_a_form_opened_before_somebody_elses_change_decides_nothing(system: System, propose: Any, member: Actor, owner: Actor) -> None:
    row = propose(system)
    seen = System.objects.get(pk=system.pk).revision
    describe_system(actor=owner, system=system, summary_sv="Något annat.")
    with pytest.raises(ChangedMeanwhile):
        decide_data_use(actor=member, system=system, data_use=row, case_number="KS 1", revision=seen)


def test_a_refused_use_holds_nothing_and_cannot_be_withdrawn(system: System, propose: Any, member: Actor, owner: Actor) -> None:
    row = propose(system)
    decide_data_use(actor=member, system=system, data_use=row, case_number="KS 1", allowed=False)
    assert not DataUse.objects.get(pk=row.pk).holds(today())
    with pytest.raises(ActRefused):
        withdraw_data_use(actor=owner, system=system, data_use=row, why="Nej.")


def test_the_owner_cites_a_decision_in_the_record_that_gates_look_at(system: System, decided: Any, owner: Actor, propose: Any) -> None:
    through = today() + timedelta(days=30)
    row = decided(system, valid_through=through)
    assert not Record.objects.filter(kind=RecordKind.DATA_USE).exists()  # the gates take it from other offices than the member's
    cite_data_use(actor=owner, system=system, data_use=row)
    record = Record.objects.get(kind=RecordKind.DATA_USE)
    assert (record.data_use, record.valid_through, record.supplied_role) == (row, through, Role.SYSTEM_OWNER)
    assert record.content["fields"][0]["name"] == "income"
    with pytest.raises(ActRefused):
        cite_data_use(actor=owner, system=system, data_use=row)
    with pytest.raises(ActRefused):
        cite_data_use(actor=owner, system=system, data_use=propose(system, purpose="statistik"))


def test_the_record_falls_with_the_use_that_it_cites(system: System, decided: Any, owner: Actor, member: Actor) -> None:
    row = decided(system)
    cite_data_use(actor=owner, system=system, data_use=row)
    withdraw_data_use(actor=member, system=system, data_use=row, why="Beslutet är upphävt.")
    assert Record.objects.get(data_use=row).withdrawn_on == today()
    assert not system.records.valid(today()).filter(kind=RecordKind.DATA_USE).exists()


@pytest.fixture
def two_purposes(make_system: Callable[..., System]) -> System:
    return make_system(
        "tva-andamal",
        purposes=[
            {"purpose": "loans", "name": {"sv": "Lån", "en": "Loans"}, "categories": ["debts", "income"], "matter_types": ["housing_loan"]},
            {"purpose": "statistik", "name": {"sv": "Statistik", "en": "Statistics"}, "categories": [], "matter_types": ["statistics"]},
        ],
    )


def test_before_any_use_is_decided_the_records_alone_speak(in_use: System) -> None:
    assert {grant.purpose for grant in issued(in_use).purposes} == {"loans"}


def test_from_the_first_decided_use_each_purpose_and_category_needs_its_own(
    two_purposes: System, decided: Any, meet_gates: Any, member: Actor
) -> None:
    decided(two_purposes, categories=["income"])
    meet_gates(two_purposes)
    decide_use(actor=member, system=two_purposes, versions=["1.0"], case_number="KS 1")
    grants = {grant.purpose: grant.categories for grant in issued(two_purposes).purposes}
    assert grants == {"loans": {"income"}}
    decided(two_purposes, categories=["debts"])
    decided(two_purposes, purpose="statistik", categories=["annat"])
    grants = {grant.purpose: grant.categories for grant in issued(two_purposes).purposes}
    assert grants == {"loans": {"income", "debts"}, "statistik": set()}


@pytest.mark.usefixtures("sequencer")
def test_a_withdrawn_use_closes_its_purpose_at_once(make_system: Any, decided: Any, meet_gates: Any, member: Actor, owner: Actor) -> None:
    from insyn.web import bridge
    from insyn.web.relay import relay_once

    system = make_system()
    row = decided(system)
    meet_gates(system)
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 1")
    relay_once(bridge.control())
    assert issued(system).granted
    withdraw_data_use(actor=owner, system=system, data_use=row, why="Behövs inte.")
    permit = issued(system)
    assert not permit.granted
    [reason] = [reason for reason in permit.missing if reason.code is RefusalCode.OUTSIDE_PURPOSE]
    assert "dataanvändning" in reason.sentence.sv
    assert Act.objects.filter(system=system, verb="narrow").exists()


def test_the_last_day_of_a_use_is_an_end_of_the_permit(system: System, decided: Any, meet_gates: Any, member: Actor) -> None:
    through = today() + timedelta(days=20)
    row = decided(system, valid_through=through)
    meet_gates(system)
    decide_use(actor=member, system=system, versions=["1.0"], case_number="KS 1")
    ends = {(end.what, end.last_day) for end in issued(system).ends}
    assert (f"data_use {row.pk}", through.isoformat()) in ends


def test_a_purpose_without_a_decided_use_is_named_as_missing(two_purposes: System, decided: Any) -> None:
    decided(two_purposes, categories=["income"])
    found = uncovered(two_purposes.purposes, DataUse.objects.filter(system=two_purposes).holding(today()))
    assert [(one.purpose["purpose"], one.categories, one.whole) for one in found] == [("loans", ("debts",), False), ("statistik", (), True)]


def test_training_is_a_purpose_of_its_own_and_covers_no_ordinary_use(system: System, decided: Any) -> None:
    decided(system, purpose_kind="training")
    assert uncovered(system.purposes, DataUse.objects.filter(system=system).holding(today()))[0].whole


def long_ago(row: DataUse, days: int = 400) -> DataUse:
    DataUse.objects.filter(pk=row.pk).update(decided_on=today() - timedelta(days=days))
    return DataUse.objects.get(pk=row.pk)


def test_a_field_that_no_decision_used_for_a_year_is_put_forward_for_removal(system: System, decided: Any) -> None:
    long_ago(decided(system))
    seen = FieldsNamed(system=system.slug, day=today().isoformat(), rows=40, features=True, last={"income": today().isoformat()[:7]})
    assert {(one.field["name"], one.state) for one in unused_fields(system, today(), seen)} == {("income", "used"), ("debts", "unused")}


def test_a_field_decided_this_year_is_given_its_year(system: System, decided: Any) -> None:
    decided(system)
    seen = FieldsNamed(system=system.slug, day=today().isoformat(), rows=40, features=True, last={})
    assert {one.state for one in unused_fields(system, today(), seen)} == {"too_new"}


@pytest.mark.parametrize("seen", [None, FieldsNamed(system="lanestod", day="2026-01-01", rows=40, features=False, last={})])
def test_where_the_facts_name_no_features_nothing_is_guessed(system: System, decided: Any, seen: FieldsNamed | None) -> None:
    long_ago(decided(system))
    assert {one.state for one in unused_fields(system, today(), seen)} == {"cannot_see"}


def test_what_the_publisher_saw_is_read_and_what_is_no_such_file_is_not(tmp_path: Any) -> None:
    assert read_seen(tmp_path, "lanestod") is None
    (tmp_path / "lanestod.json").write_text("{", encoding="utf-8")
    assert read_seen(tmp_path, "lanestod") is None
    told = {"system": "lanestod", "day": "2026-01-01", "rows": 2, "features": True, "last": {"income": "2026-01"}}
    (tmp_path / "lanestod.json").write_text(json.dumps(told), encoding="utf-8")
    assert read_seen(tmp_path, "lanestod").last == {"income": "2026-01"}


def test_a_retired_field_stays_in_the_row_with_its_last_day(system: System, decided: Any, owner: Actor, member: Actor) -> None:
    row = decided(system)
    with pytest.raises(NotAllowed):
        retire_data_field(actor=member, system=system, data_use=row, field="debts", why="Används inte.")
    retire_data_field(actor=owner, system=system, data_use=row, field="debts", why="Används inte.")
    row = DataUse.objects.get(pk=row.pk)
    assert [field["name"] for field in row.fields] == ["income", "debts"]
    assert row.fields[1]["retired_on"] == today().isoformat()
    assert [field["name"] for field in row.fields_in_use()] == ["income"]
    for field in ("debts", "none", "income"):  # twice, unknown, the last one left
        with pytest.raises(ActRefused):
            retire_data_field(actor=owner, system=system, data_use=row, field=field, why="Används inte.")


# ------------------------------------------------------------------------------------------------------------------- the pages


def page(client: Any, name: str, *args: Any) -> str:
    response = client.get(reverse(f"register:{name}", args=args), **ENGLISH)
    assert response.status_code == 200
    return response.content.decode()


def test_the_data_page_says_which_purpose_lacks_a_decision(two_purposes: System, decided: Any, sign_in: Any, owner: Actor) -> None:
    decided(two_purposes, categories=["income"])
    text = page(sign_in(owner), "data", two_purposes.slug)
    assert "Statistics" in text
    assert "Missing" in text
    assert "debts" in text
    assert "style=" not in text


def test_the_owner_proposes_on_the_page_and_the_member_decides_there(system: System, sign_in: Any, owner: Actor, member: Actor) -> None:
    form = {
        **DATA_USE,
        "revision": System.objects.get(pk=system.pk).revision,
        "purpose": "loans",
        "purpose_kind": "ordinary",
        "categories": "income",
        "fields-0-name": "income",
        "fields-0-why": "Visar om lånet kan betalas.",
        "fields-0-collected_how": "Ur ansökan.",
    }
    response = sign_in(owner).post(reverse("register:propose_data", args=[system.slug]), form, follow=True, **ENGLISH)
    assert response.status_code == 200
    row = DataUse.objects.get(system=system)
    assert row.fields == [{"name": "income", "why": "Visar om lånet kan betalas.", "collected_how": "Ur ansökan."}]
    decision = {"what": "decide", "case_number": "KS 7", "decided_on": today().isoformat(), "answer": "yes"}
    address = reverse("register:data_use", args=[system.slug, row.pk])
    response = sign_in(member).post(address, {**decision, "revision": System.objects.get(pk=system.pk).revision}, follow=True, **ENGLISH)
    assert DataUse.objects.get(pk=row.pk).holds(today())
    assert "KS 7" in response.content.decode()


def test_a_half_filled_line_is_pointed_at_and_what_was_typed_stays(system: System, sign_in: Any, owner: Actor) -> None:
    form = {**DATA_USE, "revision": 0, "purpose": "loans", "purpose_kind": "ordinary", "categories": "income", "fields-1-name": "debts"}
    response = sign_in(owner).post(reverse("register:propose_data", args=[system.slug]), form, **ENGLISH)
    text = response.content.decode()
    assert response.status_code == 200
    assert "This stands in the way" in text
    assert 'value="debts"' in text
    assert not DataUse.objects.exists()


def test_who_may_not_decide_gets_no_form_and_is_refused_if_they_send_one(system: System, propose: Any, sign_in: Any, owner: Actor) -> None:
    row = propose(system)
    address = reverse("register:data_use", args=[system.slug, row.pk])
    text = sign_in(owner).get(address, **ENGLISH).content.decode()
    assert 'value="decide"' not in text
    form = {"what": "decide", "case_number": "KS 7", "decided_on": today().isoformat(), "answer": "yes", "revision": system.revision}
    assert sign_in(owner).post(address, form, **ENGLISH).status_code == 200
    assert DataUse.objects.get(pk=row.pk).waits


def test_one_systems_use_is_not_found_under_another(system: System, make_system: Any, propose: Any, sign_in: Any, owner: Actor) -> None:
    row, other = propose(system), make_system("annat")
    assert sign_in(owner).get(reverse("register:data_use", args=[other.slug, row.pk])).status_code == 404


def test_the_public_page_shows_decided_uses_with_why_and_how_and_no_names(
    system: System, decided: Any, propose: Any, client: Any, member: Actor
) -> None:
    decided(system)
    propose(system, purpose="hemligt-forslag")
    text = client.get(f"/system/{system.slug}/", **ENGLISH).content.decode()
    assert "Task in the public interest" in text
    assert "Visar om lånet kan betalas." in text
    assert "KS 2026/9" in text
    data = text.partition('id="data"')[2].partition("</section>")[0]
    assert "Visar om lånet kan betalas." in data
    assert member.name not in data
    assert "hemligt-forslag" not in text


# ------------------------------------------------------------------------------------------------------------ what waits for whom


def waiting(actor: Actor, user_of: Any) -> list[tuple[str, str]]:
    from insyn.web.register.waiting import items

    return [(item.kind, item.role) for item in items(user_of(actor), frozenset({actor.role}), today())]


def test_a_proposal_waits_for_those_who_decide_and_not_for_whoever_proposed_it(
    system: System, propose: Any, person: People, owner: Actor, member: Actor, user_of: Any
) -> None:
    propose(system)
    assert waiting(member, user_of) == [("data_use", Role.ELECTED_MEMBER)]
    assert waiting(person(Role.AUDITOR), user_of) == []
    both = person(Role.ELECTED_MEMBER, name=Role.SYSTEM_OWNER.value)
    assert waiting(both, user_of) == []


def test_the_owner_hears_of_a_last_day_and_of_fields_that_nobody_used(
    system: System, decided: Any, owner: Actor, user_of: Any, settings: Any
) -> None:
    from insyn.web.register.waiting import calendar_of

    row = long_ago(decided(system, valid_through=today() + timedelta(days=10)))
    folder = settings.HOME.fields_named
    folder.mkdir(exist_ok=True)
    told = {"system": system.slug, "day": today().isoformat(), "rows": 9, "features": True, "last": {}}
    file = folder / f"{system.slug}.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    try:
        assert {kind for kind, _role in waiting(owner, user_of)} == {"data_use_ends", "data_field"}
    finally:
        file.unlink()
    days = {"first": today(), "last": today() + timedelta(days=30)}
    mine = calendar_of(user_of(owner), frozenset({Role.SYSTEM_OWNER}), **days)
    assert [(dated.day, dated.system_id) for dated in mine] == [(row.valid_through, system.pk)]
    assert calendar_of(user_of(owner), frozenset({Role.CASE_OFFICER}), **days) == []
    assert calendar_of(user_of(owner), frozenset({Role.SYSTEM_OWNER}), first=today(), last=today()) == []
