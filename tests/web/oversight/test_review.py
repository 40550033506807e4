"""The review of a proposal, with a real sequencer: the case first, own reasons, and nothing of it kept in the register."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from insyn.core.entries import read_head
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web.relay import relay_once

pytestmark = pytest.mark.django_db(transaction=True)
QUEUE = "/arbete/granska/"
OWN = "Jag har talat med sökanden och sett nya intyg om inkomsten."


def open_case(browser: Any, rid: str) -> str:
    answer = browser.post(f"{QUEUE}{rid}/", {"system": "loans"})
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


def seal_of(page: str) -> str:
    found = re.search(r'name="seal" value="([^"]+)"', page)
    assert found
    return found[1]


def decide(browser: Any, rid: str, page: str, **fields: str) -> Any:
    return browser.post(f"{QUEUE}{rid}/", {"system": "loans", "seal": seal_of(page), "reasons": OWN, **fields})


def public_kinds(home: Any) -> list[str]:
    from insyn.evidence.reader import EvidenceReader

    with EvidenceReader.read_only(home.evidence) as reader:
        return [read_head(entry).kind for _, entry in reader.entries(0, 1000)]


def test_the_queue_shows_what_waits_to_the_named_reviewer_only(
    loans: Any, propose: Callable[..., str], officer: Actor, person: Callable[..., Actor], sign_in: Callable[..., Any]
) -> None:
    rids = [propose(), propose()]
    page = sign_in(officer).get(QUEUE).content.decode()
    assert "2 väntar" in page
    assert all(rid in page for rid in rids)
    other = sign_in(person(Role.CASE_OFFICER, "annan")).get(QUEUE).content.decode()
    assert not any(rid in other for rid in rids)
    assert "inte utsedd att granska" in other


def test_the_queue_tells_nothing_of_the_proposal(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any]
) -> None:
    propose(case="SN 2026-4711")
    page = sign_in(officer).get(QUEUE).content.decode()
    assert "Avslå" not in page
    assert "4711" not in page


def test_an_empty_queue_and_a_silent_log_are_told_apart(loans: Any, officer: Actor, sign_in: Callable[..., Any], sequencer: Any) -> None:
    browser = sign_in(officer)
    assert "Inget väntar på dig." in browser.get(QUEUE).content.decode()
    sequencer.kill()
    page = browser.get(QUEUE).content.decode()
    assert "Loggen svarar inte" in page
    assert "Inget väntar på dig." not in page


def test_a_case_is_opened_by_a_press_and_each_opening_is_one_entry(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any], settings: Any
) -> None:
    rid = propose()
    browser = sign_in(officer)
    assert "Öppna ärendet?" in browser.get(f"{QUEUE}{rid}/?system=loans").content.decode()
    assert public_kinds(settings.HOME).count("opened") == 0
    open_case(browser, rid)
    assert public_kinds(settings.HOME).count("opened") == 1


def test_the_material_comes_before_the_proposal_and_each_factor_is_a_sentence(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any]
) -> None:
    page = html.unescape(open_case(sign_in(officer), propose()))
    assert page.index("Skulder i förhållande till inkomst") < page.index("Visa förslaget") < page.index("Förslag: Avslå")
    assert "Skulder i förhållande till inkomst: 42\u00a0%. Det talade emot." in page
    assert "Inkomst: 31\u00a0000\u00a0kr. Det talade för." in page
    assert page.index("Det talade emot.") < page.index("Det talade för."), "the weightiest first"
    assert re.search(r"<textarea[^>]*name=\"reasons\"[^>]*>\s*</textarea>", page), "never filled in beforehand"


def test_a_person_not_named_as_reviewer_cannot_open_or_decide(
    loans: Any, propose: Callable[..., str], person: Callable[..., Actor], sign_in: Callable[..., Any], settings: Any
) -> None:
    rid = propose()
    stranger = sign_in(person(Role.CASE_OFFICER, "annan"))
    assert stranger.post(f"{QUEUE}{rid}/", {"system": "loans"}).status_code == 403
    assert stranger.post(f"{QUEUE}{rid}/", {"system": "loans", "seal": "x"}).status_code == 403
    assert public_kinds(settings.HOME).count("opened") == 0


@pytest.mark.parametrize(
    "reasons",
    [
        "",
        "ok",
        "Enligt förslaget.",
        "Skulder i förhållande till inkomst: 42 %. Det talade emot. Inkomst: 31 000 kr. Det talade för.",
        "Skulder i förhållande till inkomst: 42 %, det talade emot, inkomst: 31 000 kr, det talade för",
        "Skulder i förhållande till inkomst\t42 %\nInkomst\t31 000 kr\nDet talade emot",
    ],
)
def test_reasons_must_be_ones_own(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any], reasons: str, settings: Any
) -> None:
    rid = propose()
    browser = sign_in(officer)
    answer = decide(browser, rid, open_case(browser, rid), verdict="accepted", reasons=reasons)
    assert answer.status_code == 422
    assert "review" not in public_kinds(settings.HOME)


def test_a_changed_outcome_must_be_another_than_the_proposed(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any]
) -> None:
    rid = propose()
    browser = sign_in(officer)
    assert decide(browser, rid, open_case(browser, rid), verdict="changed", outcome="deny").status_code == 422
    assert decide(browser, rid, open_case(browser, rid), verdict="changed").status_code == 422


@pytest.mark.parametrize(("verdict", "outcome"), [("accepted", ""), ("changed", "grant"), ("rejected", "grant"), ("rejected", "deny")])
def test_a_decision_stands_in_the_log_and_leaves_the_queue(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any], settings: Any, verdict: str, outcome: str
) -> None:
    rid = propose()
    browser = sign_in(officer)
    answer = decide(browser, rid, open_case(browser, rid), verdict=verdict, outcome=outcome, heard_party="on")
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{QUEUE}{rid}/brev/")
    assert public_kinds(settings.HOME).count("review") == 1
    assert rid not in browser.get(QUEUE).content.decode()


def test_a_second_decision_is_refused_in_words(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any]
) -> None:
    rid = propose()
    browser = sign_in(officer)
    page = open_case(browser, rid)
    decide(browser, rid, page, verdict="accepted")
    again = decide(browser, rid, page, verdict="accepted")
    assert again.status_code == 409
    assert "Förslaget är redan avgjort." in again.content.decode()
    assert "Öppna ärendet igen för att se vem som avgjorde." in again.content.decode()
    assert OWN in open_case(browser, rid)


def test_a_seal_of_another_case_is_refused(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any], settings: Any
) -> None:
    one, two = propose(), propose()
    browser = sign_in(officer)
    answer = browser.post(
        f"{QUEUE}{two}/", {"system": "loans", "seal": seal_of(open_case(browser, one)), "reasons": OWN, "verdict": "accepted"}
    )
    assert answer.status_code == 400
    forged = browser.post(f"{QUEUE}{two}/", {"system": "loans", "seal": "forged", "reasons": OWN, "verdict": "accepted"})
    assert forged.status_code == 409
    assert OWN in forged.content.decode(), "what was typed comes back"
    assert "review" not in public_kinds(settings.HOME)


def test_no_text_of_a_case_lies_in_the_register_after_a_review_and_a_residents_visit(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any], sequencer: Any, caplog: Any
) -> None:
    from django.test import Client

    marker, secret_number, own = "MARKORPAYLOAD", "SN-MARKORCASE", "MARKORREASONS som jag själv har skrivit ner här."
    rid = propose(note=marker, case=secret_number)
    browser = sign_in(officer)
    page = open_case(browser, rid)
    assert marker in page
    answer = decide(browser, rid, page, verdict="changed", outcome="grant", reasons=own)
    letter = browser.post(f"{QUEUE}{rid}/brev/", {"system": "loans"}).content.decode()
    code = re.search(r'class="code">([^<]+)<', letter)[1]
    resident = Client()
    resident.post("/mitt-arende/", {"code": code})
    seen = resident.get(f"/mina-sidor/arende/{rid}/").content.decode()
    assert all(text in seen for text in (marker, secret_number, own))
    relay_once(sequencer.client())
    connection.close()
    database = Path(str(connection.settings_dict["NAME"]))
    files = [database, *database.parent.glob(f"{database.name}-*")]
    kept = b"".join(file.read_bytes() for file in files)
    cookies = "".join(str(morsel) for client in (browser, resident) for morsel in client.cookies.values())
    for text in (marker, secret_number, "MARKORREASONS", code, code.replace("-", "")):
        assert text.encode() not in kept, text
        assert text not in cookies
        assert text not in caplog.text
    assert rid.encode() in kept, "the grep would find what is there"
    assert answer.cookies.get("messages") is None or marker not in answer.cookies["messages"].value


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_case_is_kept_by_no_cache(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any], method: str
) -> None:
    rid = propose()
    answer = getattr(sign_in(officer), method)(f"{QUEUE}{rid}/?system=loans", {"system": "loans"})
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


def test_a_seal_is_good_only_for_the_person_who_opened_the_case(
    loans: Any, propose: Callable[..., str], officer: Actor, sign_in: Callable[..., Any], user_of: Callable[..., Any], settings: Any
) -> None:
    from django.core import signing

    from insyn.web.reviews.seals import SALT as SEAL

    rid = propose()
    browser = sign_in(officer)
    sealed = signing.loads(seal_of(open_case(browser, rid)), salt=SEAL)
    assert sealed["person"] == officer.person
    others = signing.dumps({**sealed, "person": "p-somebody00"}, salt=SEAL, compress=True)
    assert browser.post(f"{QUEUE}{rid}/", {"system": "loans", "seal": others, "reasons": OWN, "verdict": "accepted"}).status_code == 400
    assert "review" not in public_kinds(settings.HOME)
