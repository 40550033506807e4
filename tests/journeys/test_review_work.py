"""An officer's review with the keyboard alone: take, open, judge before the proposal, decide, letter, look, send. Wide and narrow, with axe.

Who comes: a case officer who uses no mouse; the owner who sets how many cases are judged blind and makes up a case for practice.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journey_kit import NARROW, a_page
from keyboard_kit import Keys
from playwright.sync_api import Browser, Page, expect
from resident_kit import propose, with_system
from site_kit import Site, a_site, enter, looks_right_everywhere

from insyn.evidence.reader import EvidenceReader

pytestmark = pytest.mark.timeout(300)
SET_UP = with_system("""
from insyn.web.reviews import actions
actions.MOST_BLIND = 1000  # no owner may set so many, but here each is to be drawn
actions.set_blind_share(actor=olle, system=system, per_mille=1000, why="Alla dras i provet.")
""")
VIEW = "Inkomsten räcker gott, och skulderna är på väg ned."
OWN = "Sökanden har visat ett nytt anställningsavtal, och det väger tyngst."


@pytest.fixture
def site() -> Iterator[Site]:
    with a_site(SET_UP) as running:
        yield running


def test_an_officer_with_a_keyboard_takes_judges_and_decides_with_a_letter(site: Site, browser: Browser) -> None:
    for number in ("SN 1", "SN 2"):
        propose(site, "anna", number)
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
    expect(page.locator("main")).to_contain_text("Ser inte nya jobb.")


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


@pytest.mark.slow
def test_the_owner_sees_how_review_is_set_up_and_nobodys_speed(site: Site, browser: Browser) -> None:
    propose(site, "anna", "SN 1")
    with a_page(browser, size=NARROW, javascript=False) as page:
        enter(page, site, "olle")
        page.goto(f"{site.url}/arbete/system/svar/granskning/")
        expect(page.locator("main")).to_contain_text("1 ärende väntar på en människa.")
        expect(page.locator("main")).to_contain_text("I 100,0 procent av ärendena")
        page.get_by_label("Ärendenummer att visa").fill("SN 9")
        page.get_by_label("Skulder mot inkomst", exact=True).fill("42")
        page.get_by_label("Vad systemet sägs föreslå").select_option("deny")
        page.get_by_label("Vad som är rätt").select_option("grant")
        page.get_by_label("Varför det är rätt").fill("Skulden är avskriven.")
        page.get_by_role("button", name="Gör ärendet").click()
        expect(page.locator("main")).to_contain_text("Ärendet är gjort.")
    with a_page(browser) as page:
        enter(page, site, "olle")
        page.goto(f"{site.url}/arbete/system/svar/granskning/")
        looks_right_everywhere(page, "lead")
