"""My page, for somebody who has come in by e-ID: the list, one case, its decisions and letters."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from insyn.core.messages import Actor, Ping
from insyn.web.residents import sessions
from insyn.web.residents.actions import issue_case_code
from insyn.web.residents.models import ResidentSession

pytestmark = pytest.mark.django_db(transaction=True)
MINE = "/mina-sidor/"


def page(browser: Client, address: str = MINE, status: int = 200) -> str:
    answer = browser.get(address)
    text = html.unescape(answer.content.decode())
    assert answer.status_code == status, text
    assert "<script" not in text
    return text


def size(sequencer: Any) -> int:
    return int(sequencer.client().ask_new(lambda number: Ping(id=number)).size)


def test_the_list_and_the_case_tell_everything_and_leave_entries(
    propose_for: Callable[..., str], come_in: Callable[..., Client], desk: Any, sequencer: Any
) -> None:
    first, second, others = propose_for("anna", "SN 2026-1"), propose_for("anna", "SN 2026-2"), propose_for("bengt", "SN 2026-3")
    anna = come_in("anna")
    before = size(sequencer)
    listed = page(anna)
    assert f"{MINE}arende/{first}/" in listed
    assert f"{MINE}arende/{second}/" in listed
    assert others not in listed
    assert listed.index("Ja. AI har använts i ett ärende om dig.") < listed.index("Ett förslag. En människa beslutar"), (
        "the answer comes first"
    )
    assert 'href="/logga-in/"' not in listed, "whoever is in is not offered the way in of the staff"
    assert "Varje gång du öppnar sidan eller ett ärende skrivs det i loggen." in listed
    assert size(sequencer) == before + 1
    case = page(anna, f"{MINE}arende/{first}/")
    for text in (
        "Ärende SN 2026-1",
        'href="/system/loans/"',
        "Avslå",
        "Det här är ett förslag",
        "En människa. Beslutet är inte fattat än.",
        "I blanketten.",
        "Skulder i förhållande till inkomst: 42\u00a0%. Det talade emot.",
        "31\u00a0000\u00a0kr",
        "I loggen står nu att du har tittat.",
        "/mina-sidor/begaran/",
    ):
        assert text in case, text
    assert re.search(r'href="/logg/post/\d+/"', case)
    assert size(sequencer) == before + 3, "the person's records, and the record"


def test_decisions_stand_newest_first_with_the_letter(propose_for: Callable[..., str], come_in: Callable[..., Client], desk: Any) -> None:
    rid = propose_for("anna")
    review = desk.decide(rid, "deny", "Skulderna är för höga. Personnumret 19811218-9876 stämmer.", letter="## Beslut\n\nVi avslår.")
    again = desk.look_again(rid, review, "grant", "Inkomsten var fel. Du får lånet.")
    anna = come_in("anna")
    assert "Väntar inte längre på en människa" in page(anna)
    case = page(anna, f"{MINE}arende/{rid}/")
    assert case.index("Inkomsten var fel.") < case.index("Skulderna är för höga.")
    assert "Besluten, det senaste först" in case
    assert "(gäller inte längre)" in case
    assert "19811218-9876" not in case
    assert "Case_Officer Prov" in case
    assert "En människa har beslutat: Bevilja." in case, "the decision stands before the proposal's reasons"
    extract = html.unescape(anna.post("/mina-sidor/begaran/utdrag/").content.decode())
    assert "2 beslut av en människa" in extract
    assert "Inkomsten var fel. Du får lånet." in extract
    assert "19811218-9876" not in extract
    address = f"{MINE}arende/{rid}/brev/{review}/"
    assert address in case
    letter = anna.get(address)
    assert letter.content.startswith(b"%PDF")
    assert "no-store" in letter["Cache-Control"]
    assert anna.get(f"{MINE}arende/{rid}/brev/{again}/").status_code == 404, "no letter was written"
    assert anna.get(f"{MINE}arende/{rid}/brev/{rid}/").status_code == 404
    assert come_in("bengt").get(address).status_code == 404


def test_erased_records_are_said_openly(
    propose_for: Callable[..., str], come_in: Callable[..., Client], desk: Any, loans: Any, officer: Actor
) -> None:
    rid, kept = propose_for("anna"), propose_for("anna")
    code = issue_case_code(actor=officer, system=loans, rids=[rid, kept])
    desk.erase(rid)
    anna = come_in("anna")
    assert rid not in page(anna), "even the link to her number is gone"
    assert "Det som är raderat efter ett beslut går inte längre att hitta med ditt nummer." in page(anna)
    page(anna, f"{MINE}arende/{rid}/", 404)
    holder = Client()
    holder.post("/mitt-arende/", {"code": code})
    listed = page(holder)
    assert "Raderad" in listed
    assert "Innehållet är raderat efter ett beslut. Att något stod här syns ändå i loggen." in listed
    assert f"{MINE}arende/{rid}/" not in listed
    assert f"{MINE}arende/{kept}/" in listed
    assert "raderat" in page(holder, f"{MINE}arende/{rid}/", 409)


def test_the_list_is_chosen_by_system_and_year_and_says_when_it_is_empty(
    propose_for: Callable[..., str], come_in: Callable[..., Client]
) -> None:
    rid = propose_for("anna")
    anna = come_in("anna")
    year = re.search(r"<option>(20\d\d)</option>", page(anna))
    assert year
    assert rid in page(anna, f"{MINE}?system=loans&ar={year[1]}")
    for odd in ("?system=finns-inte", "?ar=1999"):
        assert "Inget passar det du valde." in page(anna, MINE + odd)
    assert rid in page(anna, f"{MINE}?sida=-4"), "a page that is none is the first"
    bengt = page(come_in("bengt"))
    assert "Inget system i registret har använts i ett ärende om dig" in bengt
    assert "Ja. AI har använts" not in bengt


def test_the_easy_layer_says_the_same_in_fewer_words(propose_for: Callable[..., str], come_in: Callable[..., Client], desk: Any) -> None:
    rid = propose_for("anna")
    anna = come_in("anna")
    assert f"{MINE}arende/{rid}/?lattlast=1" in page(anna, f"{MINE}?lattlast=1")
    easy = page(anna, f"{MINE}arende/{rid}/?lattlast=1")
    assert "Ett datorprogram har hjälpt till med ditt ärende." in easy
    assert "Programmet sa: Avslå." in easy
    assert "En människa bestämmer. Det har inte hänt än." in easy
    assert "Vanlig text" in easy
    assert f"/mina-sidor/begaran/ny/manniska/?arende={rid}&lattlast=1" in easy, "one step to a person who looks again"
    desk.decide(rid, "grant", "Du får lånet.")
    assert "Beslutet är: Bevilja." in page(anna, f"{MINE}arende/{rid}/?lattlast=1")


def test_a_person_over_a_hundred_and_one_with_a_coordination_number_find_theirs_however_it_was_written(
    propose_for: Callable[..., str], come_in: Callable[..., Client]
) -> None:
    elsa, sami = propose_for("elsa", number="121212+1212"), propose_for("sami", number="701063-2391")
    assert elsa in page(come_in("elsa"))
    assert sami in page(come_in("sami"))


def test_a_log_that_is_down_is_said_and_the_session_stays(
    propose_for: Callable[..., str], come_in: Callable[..., Client], sequencer: Any
) -> None:
    rid = propose_for("anna")
    anna = come_in("anna")
    sequencer.kill()
    for address in (MINE, f"{MINE}arende/{rid}/"):
        assert "Loggen svarar inte" in page(anna, address, 503)
    sequencer.start()
    assert rid in page(anna)


def test_nobody_floods_the_log_by_looking(propose_for: Callable[..., str], come_in: Callable[..., Client], monkeypatch: Any) -> None:
    propose_for("anna")
    monkeypatch.setattr(sessions, "MOST_PAGES", 3)
    anna = come_in("anna")
    assert [anna.get(MINE).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert come_in("anna").get(MINE).status_code == 429, "a new sign-in gives no new pages"
    assert come_in("bengt").get(MINE).status_code == 200


def test_nothing_of_a_case_is_kept_in_the_register(propose_for: Callable[..., str], come_in: Callable[..., Client]) -> None:
    rid = propose_for("anna", note="Tallkottarna talar")
    anna = come_in("anna")
    page(anna, f"{MINE}arende/{rid}/")
    kept = str([vars(row) for row in ResidentSession.objects.all()])
    assert "Tallkottarna" not in kept
    assert rid not in kept
    assert "198112189876" not in kept
