"""An incident from a case officer's report to its close: the clocks of the law, a notification, and those who were harmed.

Who comes: Leila, who sees that something is wrong; Jonas, who owns the system and answers for it; a resident who reads that it happened.
"""

from __future__ import annotations

import re

import pytest
from journey_kit import NARROW, WIDE, Demonstration, a_page, sign_in
from playwright.sync_api import Browser, expect
from test_pages import looks_right

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]
OFFICER, OWNER = "leila", "jonas"
SLUG = "lanestod"
TOLD = "Några förslag räknade skulder två gånger. De är omprövade."


def test_an_incident_is_reported_notified_and_put_right(demonstration: Demonstration, browser: Browser) -> None:
    address = a_case_officer_reports(demonstration, browser)
    the_owner_follows_the_clocks_and_notifies(demonstration, browser, address)
    those_who_were_harmed_are_found_in_the_log(demonstration, browser, address)
    the_public_reads_what_happened_without_names(demonstration, browser)


def a_case_officer_reports(demonstration: Demonstration, browser: Browser) -> str:
    with a_page(browser, size=NARROW, javascript=True) as page:
        sign_in(page, demonstration, OFFICER)
        page.goto(f"{demonstration.url}/arbete/incidenter/ny/?q=stöd")
        looks_right(page)
        page.get_by_role("link", name="Lånestöd").click()
        looks_right(page)
        page.get_by_role("button", name="Rapportera").click()
        expect(page.get_by_role("heading", name="Det här står i vägen")).to_be_visible()
        looks_right(page)
        page.locator("textarea[name=what]").fill("Skulder räknades två gånger i flera förslag.")
        page.get_by_label("Fel utfall för någon").check()
        page.get_by_role("button", name="Rapportera").click()
        page.wait_for_url(re.compile(r"/arbete/incidenter/\d+/$"))
        looks_right(page)
        expect(page.get_by_role("link", name=re.compile("Personuppgiftsincident"))).to_be_visible()
        expect(page.get_by_text(re.compile(r"\d+ (dygn \d+ h|h \d+ min) kvar, till \d{4}-\d\d-\d\d \d\d:\d\d")).first).to_be_visible()
        assert page.locator("input[name=revision]").count() == 0  # she reads it, and does not handle it
        return page.url


def the_owner_follows_the_clocks_and_notifies(demonstration: Demonstration, browser: Browser, address: str) -> None:
    for size in (WIDE, NARROW):
        with a_page(browser, size=size) as page:
            sign_in(page, demonstration, OWNER)
            page.goto(address)
            looks_right(page)
    with a_page(browser) as page:
        sign_in(page, demonstration, OWNER)
        page.goto(address)
        page.get_by_role("link", name=re.compile("Personuppgiftsincident")).click()
        looks_right(page)
        draft = page.locator("textarea[name=draft]").input_value()
        assert "Skulder räknades två gånger" in draft
        assert "Saknas." in draft
        page.locator("input[name=reference]").fill("IMY-2026-1")
        page.get_by_role("button", name="För in som skickad").click()
        expect(page.get_by_text(re.compile("Skickad .*, i tid"))).to_be_visible()
        page.goto(address)
        page.get_by_role("button", name="Avsluta incidenten").click()
        expect(page.get_by_role("heading", name="Det här står i vägen")).to_be_visible()
        looks_right(page)
        page.get_by_text("Det som alla läser", exact=True).click()
        page.locator("textarea[name=text_sv]").fill(TOLD)
        page.get_by_label("Visa texten på den öppna sidan").check()
        page.locator("details[open] button").click()
        expect(page.get_by_text("Det som alla läser är sparat.")).to_be_visible()


def those_who_were_harmed_are_found_in_the_log(demonstration: Demonstration, browser: Browser, address: str) -> None:
    with a_page(browser, size=NARROW) as page:
        sign_in(page, demonstration, OWNER)
        page.goto(f"{address}drabbade/")
        looks_right(page)
        page.locator("form", has=page.locator("input[value=from_log]")).get_by_role("button").click()
        expect(page.get_by_text(re.compile(r"\d+ beslut står på listan"))).to_be_visible()
        assert int(re.search(r"(\d+) beslut står på listan", page.content()).group(1)) > 500  # type: ignore[union-attr]
        looks_right(page)
        page.locator("#tell-how").fill("Brev med omprövning")
        page.get_by_label("För alla på listan som saknar det, inte bara de valda").check()
        page.get_by_role("button", name="För in för de valda").first.click()
        expect(page.get_by_text("Har inte fått veta det: 0.")).to_be_visible()
    with a_page(browser) as page:
        sign_in(page, demonstration, OWNER)
        page.goto(f"{address}drabbade/")
        looks_right(page)


def the_public_reads_what_happened_without_names(demonstration: Demonstration, browser: Browser) -> None:
    for size in (WIDE, NARROW):
        with a_page(browser, size=size) as page:
            for path in (f"/system/{SLUG}/", "/handelser/"):
                page.goto(demonstration.url + path)
                expect(page.get_by_text(TOLD)).to_be_visible()
                assert "Skulder räknades två gånger i flera förslag." not in page.content()
                assert "Leila" not in page.content()
            looks_right(page)
