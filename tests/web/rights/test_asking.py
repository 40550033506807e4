"""A person asks, follows, adds and takes back: by the code of a letter, against the register; no log is needed for any of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from insyn.core.entries import read_head
from insyn.core.errors import InvalidInput
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, Outbox
from insyn.web.residents.models import Representation
from insyn.web.residents.standing import Resident, Via
from insyn.web.rights.actions import MAX_MESSAGE, MOST_OF_A_KIND, add_to_request, ask_for_human, file_request, withdraw_request
from insyn.web.rights.models import RightsRequest
from insyn.web.rights.queries import requests_of
from insyn.web.rights.words import RequestKind

pytestmark = pytest.mark.django_db
RID, OTHER = "a" * 32, "b" * 32


@pytest.fixture
def ada(by_code: Callable[..., Any], system: Any) -> Any:
    return by_code(system, RID)


def ask(ada: Any, system: Any, message: str = "", kind: RequestKind = RequestKind.HUMAN_REVIEW, rid: str = RID) -> RightsRequest:
    return file_request(resident=ada, kind=kind, system=system, rid=rid, message=message)


@pytest.mark.parametrize("kind", RequestKind)
def test_every_kind_is_an_act_and_an_entry_that_say_nothing_about_the_person(ada: Any, system: Any, kind: RequestKind) -> None:
    asked = ask(ada, system, "Min inkomst är fel.", kind)
    entry = bytes(Outbox.objects.get(act=asked.act).entry)
    assert read_head(entry).system == system.slug
    for secret in (kind.value, asked.receipt, RID, "inkomst"):
        assert secret.encode() not in entry
    assert "inkomst" not in str(asked.act.text)
    assert RID not in str(asked.act.text), "acts are read by many"
    assert asked.due == asked.law_due > asked.asked_on


def test_asking_again_returns_the_first_and_loses_no_word(ada: Any, system: Any) -> None:
    first = ask(ada, system, "Titta på inkomsten.")
    assert ask(ada, system) == first
    assert ask(ada, system, "Och på skulderna.") == first
    assert ask(ada, system, "Och på skulderna.") == first, "the same words are no news"
    assert [one.text for one in first.additions.all()] == ["Och på skulderna."]
    assert Act.objects.filter(verb="file_request").count() == 1
    assert Act.objects.filter(verb="add_to_request").count() == 1


def test_another_kind_about_the_same_case_is_another_request(ada: Any, system: Any) -> None:
    assert ask(ada, system) != ask(ada, system, kind=RequestKind.ERASURE)


def test_nobody_asks_about_a_case_that_the_letter_does_not_open(ada: Any, system: Any) -> None:
    with pytest.raises(ActRefused, match="inte ditt"):
        ask(ada, system, rid=OTHER)
    with pytest.raises(ActRefused, match="öppnar inte"):
        ask_for_human(code=ada.code, rid=OTHER, message="")
    with pytest.raises(InvalidInput):
        ask(ada, system, kind=RequestKind.CORRECTION, rid="")
    assert not RightsRequest.objects.exists()


def test_a_flood_gets_a_kind_word_and_loses_nothing(by_code: Callable[..., Any], system: Any) -> None:
    rids = [f"{number:032x}" for number in range(MOST_OF_A_KIND + 1)]
    ada = by_code(system, *rids)
    for rid in rids[:-1]:
        ask(ada, system, rid=rid)
    with pytest.raises(ActRefused, match="Inget går förlorat"):
        ask(ada, system, rid=rids[-1])
    assert RightsRequest.objects.count() == MOST_OF_A_KIND
    ask(ada, system, "Mer.", rid=rids[0])
    ask(ada, system, rid=rids[-1], kind=RequestKind.ERASURE)


def test_a_request_is_taken_back_and_made_again(ada: Any, system: Any) -> None:
    first = ask(ada, system)
    withdraw_request(resident=ada, request=first)
    assert first.state == "withdrawn"
    for refused in (
        lambda: withdraw_request(resident=ada, request=first),
        lambda: add_to_request(resident=ada, request=first, text="Mer."),
    ):
        with pytest.raises(ActRefused):
            refused()
    assert ask(ada, system) != first


def test_hostile_text_is_text_and_identity_numbers_are_masked(ada: Any, system: Any) -> None:
    hostile = "<script>alert(1)</script> \u202e19121212-1212\u202c \x00" + "x" * (2 * MAX_MESSAGE)
    asked = ask(ada, system, hostile)
    assert len(asked.message) == MAX_MESSAGE
    assert not {"\x00", "\u202e"} & set(asked.message)
    assert "19121212" not in asked.masked
    assert "<script>" in asked.masked


def test_a_new_letter_about_the_same_case_shows_what_was_asked_with_the_old_one(ada: Any, by_code: Callable[..., Any], system: Any) -> None:
    asked = ask(ada, system)
    assert requests_of(by_code(system, RID)) == [asked]
    assert requests_of(by_code(system, OTHER)) == []


def test_a_representative_asks_for_another_and_the_register_says_that_it_was_one(system: Any, rights_officer: Any) -> None:
    with transaction.atomic():
        act = write_act(verb="record_representation", actor=rights_officer, text={})
        union = Representation.objects.create(
            kind="union", whom="c" * 32, who="d" * 32, first_day=clock.today(), evidence="Fullmakt.", case_number="KS 1", act=act
        )
    until = clock.now() + timedelta(minutes=30)
    acting = Resident(Via.EID, union.whom, None, union, protected=False, until=until, signed_in=union.who)
    asked = file_request(resident=acting, kind=RequestKind.EXTRACT)
    assert (asked.token, asked.asked_by, asked.act.role) == (union.whom, union.who, "representative")
    assert union.who not in str(asked.act.text) + asked.act.person
    own = Resident(Via.EID, union.whom, None, None, protected=False, until=until, signed_in=union.whom)
    assert requests_of(own) == [asked], "it is the person's own request"
    assert requests_of(Resident(Via.EID, union.who, None, None, protected=False, until=until, signed_in=union.who)) == []


def test_without_code_or_e_id_every_page_says_how_to_get_in(system: Any) -> None:
    for address in (
        "/mina-sidor/begaran/",
        "/mina-sidor/begaran/ny/rattelse/",
        "/mina-sidor/begaran/utdrag/",
        "/mina-sidor/begaran/0000-0000-0000/",
    ):
        assert Client().get(address).status_code == 403, address
