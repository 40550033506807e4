"""A union closes its own negotiation, and a resident answers a round: in a small window, without script."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from journey_kit import NARROW, Demonstration, a_page, sign_in
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.timeout(600)
NEGOTIATIONS = "/arbete/system/lanestod/forhandling/"
ROUND = "/delta/hur-fungerar-beskedet-om-bostadslan/"


def press(page: Page, words: str) -> None:
    """Open the part of the page with this heading, if it is closed, and press its button."""
    page.get_by_role("button", name=words, exact=True).click()


def unfold(page: Page, words: str) -> None:
    part = page.locator("details", has=page.locator("summary", has_text=words)).first
    if part.get_attribute("open") is None:
        part.locator("summary").click()


def invite_under_section_38(page: Page) -> None:
    unfold(page, "Kalla till förhandling")
    page.get_by_label("38 §: innan arbete lämnas ut").check()
    page.get_by_label("Vad förhandlingen gäller").fill("Drift hos en leverantör.")
    press(page, "Kalla till förhandling")


def write_minutes(page: Page) -> None:
    page.locator("#meeting-met_on").fill(page.locator("dt:text-is('Kallad') + dd").inner_text()[:10])
    page.locator("#meeting-minutes").fill("Parterna möttes. Driften stannar i kommunen.")
    press(page, "Skriv protokollet")


def test_a_union_gives_its_own_word_and_closes_while_the_other_is_still_waited_for(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser) as owner:
        sign_in(owner, demonstration, "jonas")
        owner.goto(demonstration.url + NEGOTIATIONS)
        invite_under_section_38(owner)
        row = owner.locator("section", has_text="38 §").get_by_role("link", name="Vision Lindvalla")
        row.click()
        address = owner.url
        assert owner.get_by_role("button", name="Lämna förbundets besked").count() == 0
        write_minutes(owner)
    with a_page(browser, size=NARROW, javascript=False) as union:
        sign_in(union, demonstration, "ingrid")
        union.goto(f"{demonstration.url}/arbete/inflytande/")
        union.get_by_role("link", name="Lånestöd").first.click()
        assert union.url == address
        press(union, "Justera protokollet")
        union.get_by_label("Enighet", exact=True).check()
        union.get_by_label("Yttrande").fill("Vi är överens.")
        press(union, "Lämna förbundets besked")
        unfold(union, "Avsluta förhandlingen")
        press(union, "Avsluta förhandlingen")
        assert "Förhandlingen är avslutad." in union.locator("main").inner_text()
        union.goto(demonstration.url + NEGOTIATIONS)
        assert "Inte avslutad med: Akademikerförbundet Lindvalla" in union.locator("main").inner_text()


def test_a_resident_answers_a_round_without_script_in_a_small_window(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser, size=NARROW) as page:
        page.goto(demonstration.url + ROUND)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    with a_page(browser, size=NARROW, javascript=False) as page:
        page.goto(f"{demonstration.url}/delta/")
        page.get_by_role("link", name="Hur fungerar beskedet om bostadslån?").click()
        page.get_by_label("Ditt förslag").fill("Ring mig gärna. Jag är 811228-9874. <script>alert(1)</script>")
        press(page, "Skicka förslaget")
        assert "Ditt förslag har nummer 1." in page.locator("main").inner_text()
        assert "811228" not in page.content()


def test_the_published_round_shows_every_proposal_with_its_answer(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser, javascript=False) as page:
        page.goto(f"{demonstration.url}/system/lanestod/")
        page.get_by_role("link", name="Vad ska stå i brevet om bostadslån?").click()
        text = page.locator("main").inner_text()
        assert text.count("Genomfört.") == 2
        assert "Delvis genomfört." in text
        assert "Inte genomfört." in text
