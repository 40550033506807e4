"""What came by visit, phone or letter: whom it concerns by number or case, the receipt, and the code to follow it. The number is kept nowhere."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor
from insyn.web.register.models import Act
from insyn.web.residents.standing import OWN_CASE, RESIDENT, token_of
from insyn.web.rights.actions import enter_request
from insyn.web.rights.models import RightsRequest
from insyn.web.rights.words import Channel, RequestKind
from tests.web.rights.conftest import ADA, BEA

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "/arbete/rattigheter/ny/"


def body(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def entered(browser: Any, **words: str) -> Any:
    return browser.post(NEW, {"channel": "letter", "kind": "human_review", "message": "Titta igen.", **words})


def test_by_number_the_person_is_a_token_and_follows_it_with_a_code(
    loans: Any, propose: Callable[..., str], rights_officer: Actor, sign_in: Callable[..., Any], settings: Any
) -> None:
    rid = propose(ADA)
    browser = sign_in(rights_officer)
    sent = entered(browser, number="121212+1212")
    asked = RightsRequest.objects.get()
    assert sent["Location"] == f"/arbete/rattigheter/{asked.receipt}/brev/"
    assert (asked.rid, asked.channel, asked.token) == (rid, "letter", token_of(ADA, actor=RESIDENT, purpose=OWN_CASE))
    receipt = body(browser.get(sent["Location"]))
    for words in (asked.receipt, asked.due.isoformat(), "Att en människa tittar igen"):
        assert words in receipt, words
    letter = body(browser.post(sent["Location"]))
    code = re.search(r"<strong>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){4})</strong>", letter)
    assert code
    resident = Client()
    assert resident.post("/mitt-arende/", {"code": code[1]}).status_code == 302
    assert asked.receipt in body(resident.get("/mina-sidor/begaran/"))
    assert code[1] not in body(browser.get(sent["Location"])), "shown once"
    kept = (
        b"".join(path.read_bytes() for path in settings.HOME.root.rglob("*") if path.is_file()) + str(list(Act.objects.values())).encode()
    )
    for number in (b"121212+1212", b"19121212", b"191212121212"):
        assert number not in kept


def test_of_several_records_one_is_chosen_and_the_number_is_not_in_the_page(
    loans: Any, propose: Callable[..., str], rights_officer: Actor, sign_in: Callable[..., Any]
) -> None:
    first, second, hers = propose(ADA), propose(ADA, case="SN 2026-9"), propose(BEA, case="SN 2026-8")
    browser = sign_in(rights_officer)
    which = entered(browser, number=ADA)
    page = body(which)
    assert which.status_code == 422
    assert first in page
    assert second in page
    for secret in (hers, ADA, "19121212"):
        assert secret not in page
    sealed = re.search(r'name="person" value="([^"]+)"', page)
    assert sealed
    assert entered(browser, person=sealed[1], rid=hers).status_code == 422, "a record of somebody else"
    assert entered(browser, person=sealed[1] + "x", rid=second).status_code == 422, "a seal that was changed"
    assert not RightsRequest.objects.exists()
    assert entered(browser, person=sealed[1], rid=second).status_code == 302
    assert RightsRequest.objects.get().rid == second


def test_by_case_number_and_everything_that_is_wrong_is_said(
    loans: Any, propose: Callable[..., str], rights_officer: Actor, sign_in: Callable[..., Any], sequencer: Any
) -> None:
    rid = propose(ADA)
    browser = sign_in(rights_officer)
    for words, said in (
        ({}, "Ange vem det gäller"),
        ({"case": "SN 2026-7"}, "Välj vilket system"),
        ({"case": "SN 1999-1", "system": "loans"}, "Loggen har inget sådant ärende"),
        ({"number": BEA}, "Loggen har ingen post om den här personen"),
        ({"number": "okänd"}, "Det är inget personnummer"),
    ):
        answer = entered(browser, **words)
        assert answer.status_code == 422, words
        assert said in body(answer), words
        assert "Titta igen." in body(answer), "what was typed comes back"
        assert BEA not in body(answer)
    assert entered(browser, case="SN 2026-7", system="loans", channel="phone").status_code == 302
    asked = RightsRequest.objects.get()
    assert (asked.rid, asked.token) == (rid, token_of(ADA, actor=RESIDENT, purpose=OWN_CASE)), "the case says whom it is about"
    sequencer.kill()
    down = entered(browser, number=ADA)
    assert down.status_code == 422
    assert "Loggen svarar inte" in body(down)


def test_a_protected_person_gets_a_letter_without_names(system: Any, rights_officer: Actor, sign_in: Callable[..., Any]) -> None:
    from django.db import transaction

    from insyn.web.register.acts import write_act
    from insyn.web.residents.models import ProtectedIdentity

    token = "c" * 32
    asked = enter_request(actor=rights_officer, channel=Channel.VISIT, kind=RequestKind.OBJECTION, system=system, rid="a" * 32, token=token)
    address = f"/arbete/rattigheter/{asked.receipt}/brev/"
    assert rights_officer.name in body(sign_in(rights_officer).get(address)).split("Har du frågor")[1]
    with transaction.atomic():
        act = write_act(verb="protect_identity", actor=rights_officer, text={})
        ProtectedIdentity.objects.create(token=token, why="Beslut.", case_number="KS 1", act=act)
    letter = body(sign_in(rights_officer).get(address))
    assert "Skyddade uppgifter" in letter
    assert rights_officer.office not in letter.split("Har du frågor")[1].split("</main>")[0]


def test_a_word_that_stands_for_many_is_nobodys_number(
    loans: Any, propose: Callable[..., str], rights_officer: Actor, sign_in: Callable[..., Any]
) -> None:
    mine, _somebody_elses = propose("okänd", case="SN 2026-21"), propose("okänd", case="SN 2026-22")
    assert entered(sign_in(rights_officer), case="SN 2026-21", system="loans").status_code == 302
    asked = RightsRequest.objects.get()
    assert (asked.rid, asked.token) == (mine, "")
