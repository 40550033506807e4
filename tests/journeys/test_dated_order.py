"""A generally available assistant is stopped by a dated order: Insyn cannot hold it, so people do, and the time they take is measured.

Who comes: Peter, who may stop it; Ali, the technician who can; a resident who wants to know what that stop is worth. What can go wrong for
them stands in the steps: a time that has passed, the same answer twice, somebody who confirms their own work, a small screen.
"""

from __future__ import annotations

import re

import pytest
from journey_kit import NARROW, WIDE, Demonstration, a_page, sign_in
from playwright.sync_api import Browser, Page, expect
from test_pages import looks_right

pytestmark = [pytest.mark.timeout(600), pytest.mark.slow]
SLUG = "textassistent"
HOLDER, TECHNICIAN, OTHER_HOLDER = "peter", "ali", "sara"
RESTS = "Stoppet av det här systemet vilar på människor."


def test_an_assistant_that_insyn_cannot_hold_is_stopped_by_a_dated_order(demonstration: Demonstration, browser: Browser) -> None:
    before_anything_the_public_reads_what_the_stop_rests_on(demonstration, browser)
    address = the_stop_holder_orders(demonstration, browser)
    somebody_elses_stop_holder_can_not(demonstration, browser)
    the_technician_acknowledges_and_reports(demonstration, browser, address)
    the_stop_holder_confirms(demonstration, browser, address)
    afterwards_the_public_reads_the_measured_time(demonstration, browser)


def public_page(page: Page, demonstration: Demonstration) -> Page:
    page.goto(f"{demonstration.url}/system/{SLUG}/")
    return page


def before_anything_the_public_reads_what_the_stop_rests_on(demonstration: Demonstration, browser: Browser) -> None:
    for size in (WIDE, NARROW):
        with a_page(browser, size=size, javascript=False) as page:
            expect(public_page(page, demonstration).get_by_text(RESTS)).to_be_visible()
            expect(page.get_by_text("1 h 0 min")).to_be_visible()
        with a_page(browser, size=size) as page:
            looks_right(public_page(page, demonstration))


def the_stop_holder_orders(demonstration: Demonstration, browser: Browser) -> str:
    """From the stop page by its link; a time that has passed is refused and what was typed stays."""
    with a_page(browser, size=NARROW) as page:
        sign_in(page, demonstration, HOLDER)
        page.goto(f"{demonstration.url}/arbete/system/{SLUG}/stopp/")
        looks_right(page)
        page.get_by_role("link", name="Ge order till den som kan").click()
        looks_right(page)
        assert "adminportalen" in page.locator("textarea[name=what]").input_value()
        due = page.locator("input[name=due]")
        good = due.input_value()
        due.fill("2026-01-01T00:00")
        page.get_by_role("button", name="Stoppa och ge ordern").click()
        expect(page.get_by_text("Tiden har redan passerat").first).to_be_visible()
        looks_right(page)
        assert "adminportalen" in page.locator("textarea[name=what]").input_value()
        page.locator("input[name=due]").fill(good)
        page.get_by_role("button", name="Stoppa och ge ordern").click()
        page.wait_for_url(re.compile(r"/arbete/order/\d+/$"))
        expect(page.get_by_text("kvar, till")).to_be_visible()
        looks_right(page)
        address = page.url
        page.goto(f"{demonstration.url}/arbete/system/{SLUG}/stopp/alla/")
        expect(page.get_by_text("Stoppat sedan")).to_be_visible()  # the stop itself stands in the log
    with a_page(browser, javascript=False) as page:
        expect(public_page(page, demonstration).locator("#by-people ~ table .tag").first).to_have_text("Order given")
    return address


def somebody_elses_stop_holder_can_not(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser) as page:
        sign_in(page, demonstration, OTHER_HOLDER)
        page.goto(f"{demonstration.url}/arbete/system/{SLUG}/stopporder/")
        expect(page.get_by_text("Du har inget stoppmandat för det här systemet.")).to_be_visible()


def the_technician_acknowledges_and_reports(demonstration: Demonstration, browser: Browser, address: str) -> None:
    with a_page(browser, size=NARROW, javascript=False) as page:
        sign_in(page, demonstration, TECHNICIAN)
        page.goto(f"{demonstration.url}/arbete/order/")
        page.goto(address)
        expect(page.get_by_text("Ordern går till dig.")).to_be_visible()
        page.get_by_role("button", name="Bekräfta").click()
        expect(page.get_by_text("Du har bekräftat ordern.")).to_be_visible()
        page.locator("textarea[name=what]").fill("Licensen är indragen. Provat att logga in: det går inte.")
        page.get_by_role("button", name="Anmäl utförd").click()
        expect(page.get_by_text("Anmält. Någon annan ser nu efter och intygar.")).to_be_visible()
        assert page.get_by_role("button", name="Intyga").count() == 0


def the_stop_holder_confirms(demonstration: Demonstration, browser: Browser, address: str) -> None:
    with a_page(browser) as page:
        sign_in(page, demonstration, HOLDER)
        page.goto(address)
        looks_right(page)
        page.locator("textarea[name=what]").fill("Jag har provat själv.")
        page.get_by_role("button", name="Intyga").click()
        expect(page.get_by_text("Intygat. Den mätta tiden står på den öppna sidan.")).to_be_visible()
        for path in ("/arbete/order/", f"/arbete/system/{SLUG}/stoppvag/", "/arbete/stoppjour/"):
            page.goto(demonstration.url + path)
            looks_right(page)


def afterwards_the_public_reads_the_measured_time(demonstration: Demonstration, browser: Browser) -> None:
    for size in (WIDE, NARROW):
        with a_page(browser, size=size) as page:
            public_page(page, demonstration)
            assert page.get_by_text("Aldrig uppmätt").count() == 0
            expect(page.locator("#by-people ~ table .tag").first).to_have_text("Intygad")
            measured = page.locator("#by-people ~ dl dd").last.inner_text()
            assert re.search(r"\d+ (s|min) \(order \d{4}-\d\d-\d\d\)", measured), measured
            assert "Ali Rahimi" not in page.content()
            looks_right(page)
