"""An officer's review with the keyboard alone: take, open, judge before the proposal, decide, letter, look, send. Wide and narrow, with axe.

Who comes: a case officer who uses no mouse; the owner who sets how many cases are judged blind and makes up a case for practice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from journey_kit import NARROW, a_page
from playwright.sync_api import Browser, Page, expect
from site_kit import Site, enter, looks_right_everywhere

from insyn.core.errors import InsynError
from insyn.core.messages import Factor, Outcome
from insyn.core.refusals import Refused
from insyn.evidence.reader import EvidenceReader
from insyn.sdk import Guard

pytestmark = pytest.mark.timeout(300)
SET_UP = """
import json
from insyn.core.terms import Reach, RecordKind, SystemKind
from insyn.web.register.actions import add_version, answer_facts, decide_use, issue_client_key, register_system, supply_record
from insyn.web.register.models import System
from insyn.web.reviews import actions
people_of = (("olle", Role.SYSTEM_OWNER), ("vera", Role.ELECTED_MEMBER), ("sten", Role.STOP_HOLDER), ("hans", Role.CASE_OFFICER), ("maja", Role.CASE_OFFICER))
for name, role in people_of:
    employ(name, role)
olle, far = people["olle"], (today() + timedelta(days=300)).isoformat()
register_system(
    actor=olle, slug="svar", name_sv="Svarsstöd", name_en="Answers", summary_sv="Ett stöd.", summary_en="S", kind=SystemKind.BUILT,
    reach=Reach.EVERY_CALL, modes=["support"], manual_way_sv="För hand.", manual_way_en="By hand.", owner=User.objects.get(username="olle"),
    office=office, favourable_outcome="grant", known_limits_sv="Känner inte till nya anställningar.", known_limits_en="Knows no new jobs.",
    purposes=[{"purpose": "help", "name": {"sv": "Hjälp", "en": "Help"}, "categories": ["text"], "matter_types": ["question"]}],
    outcomes={"grant": {"sv": "Bevilja", "en": "Grant"}, "deny": {"sv": "Avslå", "en": "Deny"}},
    factors={"debts": {"label": {"sv": "Skulder i förhållande till inkomst", "en": "Debts"}, "unit": "%"}, "income": {"label": {"sv": "Inkomst", "en": "Income"}, "unit": "kr"}},
)
system = System.objects.get(slug="svar")
add_version(actor=olle, system=system, name="1")
answer_facts(actor=olle, system=system, answers={"decision.about_persons": "no"})
reviewers = [people["hans"].person, people["maja"].person]
for kind, content in (
    (RecordKind.EVALUATION_PLAN, {"due": far}),
    (RecordKind.STOP_MANDATE, {"person": people["sten"].person, "last_day": far}),
    (RecordKind.HUMAN_OVERSIGHT, {"reviewers": reviewers, "instruction": "Läs.", "instruction_through": far, "training_through": far}),
):
    supply_record(actor=olle, system=system, kind=kind, content={"summary": "Klart.", **content})
actions.MOST_BLIND = 1000  # no owner may set so many, but here each is to be drawn
actions.set_blind_share(actor=olle, system=system, per_mille=1000, why="Alla dras i provet.")
decide_use(actor=people["vera"], system=System.objects.get(slug="svar"), versions=["1"], case_number="KS 2026/9")
print(json.dumps(issue_client_key(actor=admin, system=system, name="prov").key))
"""
VIEW = "Inkomsten räcker gott, och skulderna är på väg ned."
OWN = "Sökanden har visat ett nytt anställningsavtal, och det väger tyngst."


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site(SET_UP)
    try:
        yield running.start()
    finally:
        running.clean()


def propose(site: Site, number: str) -> None:
    """A proposal that waits; asked again until the permit stands in the log."""
    words = {"version": "1", "purpose": "help", "matter_type": "question", "categories": ("text",)}
    factors = (Factor("debts", 42, -1.5), Factor("income", 31000, 0.5))
    outcome = Outcome(
        outcome="deny", payload={"debts": 42, "income": 31000}, case=number, score=-1.0, factors=factors, notice="På blanketten."
    )
    deadline = time.monotonic() + 60
    guard = Guard(socket=site.home.decide_socket, key=json.loads(site.said), system="svar", **words)
    while True:
        try:
            guard.decide(outcome)
            break
        except (InsynError, Refused):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    guard.close()


class Keys:
    """A person who has a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, role: str, name: str) -> None:
        """Tab until the control with this name has focus. Every control in the way is passed, as for a person."""
        wanted = self.page.get_by_role(role, name=name).first  # type: ignore[arg-type]
        expect(wanted).to_be_visible()
        for _ in range(120):
            if wanted.evaluate("element => element === document.activeElement"):
                seen = wanted.evaluate("element => getComputedStyle(element).outlineStyle + getComputedStyle(element).boxShadow")
                assert seen != "nonenone", f"{name}: nobody sees where the focus is"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{role} {name!r} is not reached by Tab")

    def press(self, role: str, name: str, key: str = "Enter") -> None:
        self.to(role, name)
        self.page.keyboard.press(key)

    def write(self, name: str, text: str) -> None:
        self.to("textbox", name)
        self.page.keyboard.type(text)


def test_an_officer_with_a_keyboard_takes_judges_and_decides_with_a_letter(site: Site, browser: Browser) -> None:
    for number in ("SN 1", "SN 2"):
        propose(site, number)
    with a_page(browser, javascript=True) as page:
        enter(page, site, "hans")
        keys = Keys(page)
        page.goto(f"{site.url}/arbete/granska/")
        expect(page.get_by_role("heading", level=2, name="2 väntar")).to_be_visible()
        looks_right_everywhere(page, "queue")
        keys.press("button", "Ta ")
        expect(page.locator("main")).to_contain_text("Du har tagit 1 ärende")
        page.goto(f"{site.url}/arbete/granska/?whose=mine")
        keys.press("button", "Öppna")
        judge_first(page, keys)
        decide(page, keys)
        the_letter(page, keys)
        page.goto(f"{site.url}/arbete/granska/")
        expect(page.get_by_role("heading", level=2, name="1 väntar")).to_be_visible()
    with EvidenceReader.read_only(site.home.evidence) as reader:
        stages = [row[0] for row in reader.connection.execute("SELECT stage FROM fact")]
    assert sorted(stages) == ["blind", "proposal", "proposal", "review"]


def judge_first(page: Page, keys: Keys) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ärende SN")
    expect(page.get_by_text("Bedöm först")).to_be_visible()
    assert "Avslå" not in page.locator("section[aria-labelledby=material]").inner_text()
    looks_right_everywhere(page, "blind")
    keys.to("combobox", "Vad skulle du besluta?")
    page.keyboard.type("Bev")
    keys.write("Det som avgör saken för dig", VIEW)
    keys.press("button", "Lämna bedömningen och se förslaget")
    expect(page.locator("main")).to_contain_text("Förslag: Avslå")
    expect(page.locator("main")).to_contain_text(VIEW)
    expect(page.locator("main")).to_contain_text("Känner inte till nya anställningar.")


def decide(page: Page, keys: Keys) -> None:
    looks_right_everywhere(page, "case")
    keys.press("link", "Förbi ärendet, till ditt beslut")
    page.keyboard.press("Tab")  # from the heading of the decision to its first choice
    keys.to("radio", "Jag har prövat ärendet")
    page.keyboard.press("ArrowDown")
    assert page.locator("input[name=verdict][value=changed]").is_checked()
    keys.to("combobox", "Utfall")
    page.keyboard.type("Bev")
    keys.press("button", "Vidare till brevet")
    expect(page.get_by_role("alert")).to_contain_text("Dina egna skäl")  # without reasons nothing goes on
    looks_right_everywhere(page, "case-errors")
    assert page.locator("input[name=verdict][value=changed]").is_checked(), "what was chosen is there"
    keys.write("Dina egna skäl", OWN)
    keys.press("button", "Vidare till brevet")


def the_letter(page: Page, keys: Keys) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Beslutsbrevet")
    assert OWN in page.locator("textarea[name=letter]").input_value()
    looks_right_everywhere(page, "letter")
    keys.press("button", "Se hur det ser ut")
    expect(page.get_by_role("heading", name="Brevet har luckor")).to_be_visible()
    assert page.get_by_role("button", name="Besluta").count() == 0, "a letter with gaps is sent to nobody"
    keys.press("button", "Ändra brevet")
    keys.to("textbox", "Brevet")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.insert_text(f"## Det här har vi beslutat\n\nDu får låna. {OWN}\n\nHälsningar, Hans")
    keys.press("button", "Se hur det ser ut")
    expect(page.get_by_role("article")).to_contain_text("Hälsningar, Hans")
    looks_right_everywhere(page, "preview")
    keys.press("button", "Besluta")
    expect(page.locator("main")).to_contain_text("Ditt beslut står i loggen")


def test_the_owner_sees_how_review_is_set_up_and_nobodys_speed(site: Site, browser: Browser) -> None:
    propose(site, "SN 1")
    with a_page(browser, size=NARROW, javascript=False) as page:
        enter(page, site, "olle")
        page.goto(f"{site.url}/arbete/system/svar/granskning/")
        expect(page.locator("main")).to_contain_text("1 ärende väntar på en människa.")
        expect(page.locator("main")).to_contain_text("I 100,0 procent av ärendena")
        page.get_by_label("Ärendenummer att visa").fill("SN 9")
        page.get_by_label("Skulder i förhållande till inkomst", exact=True).fill("42")
        page.get_by_label("Vad systemet sägs föreslå").select_option("deny")
        page.get_by_label("Vad som är rätt").select_option("grant")
        page.get_by_label("Varför det är rätt").fill("Skulden är avskriven.")
        page.get_by_role("button", name="Gör ärendet").click()
        expect(page.locator("main")).to_contain_text("Ärendet är gjort.")
    with a_page(browser) as page:
        enter(page, site, "olle")
        page.goto(f"{site.url}/arbete/system/svar/granskning/")
        looks_right_everywhere(page, "lead")
