"""Every page as a person with a small screen, a keyboard or a screen reader meets it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from journey_kit import NARROW, SCREENS, WIDE, Demonstration, a_page, sign_in
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.timeout(600)
PUBLIC = ("/", "/system/lanestod/", "/mitt-arende/", "/logg/", "/om/", "/tillganglighet/", "/logga-in/")
OFFICES = {
    "jonas": (
        "/arbete/",
        "/arbete/system/",
        "/arbete/system/lanestod/",
        "/arbete/system/lanestod/krav/",
        "/arbete/system/lanestod/granser/",
        "/arbete/akter/",
    ),
    "sara": ("/arbete/system/lanestod/stopp/", "/arbete/system/lanestod/stopp/ovning/", "/arbete/system/lasttest/stopp/alla/"),
    "erik": ("/arbete/stopp/alla/", "/arbete/stopp/papper/"),
    "leila": ("/arbete/granska/",),
}


def looks_right(page: Page) -> None:
    """One heading of the first level, a language, no sideways scrolling, and nothing that axe can find."""
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") in ("sv", "en")
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px wider than its window"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_public_pages_read_well_on_any_screen(demonstration: Demonstration, browser: Browser, size: dict[str, int]) -> None:
    with a_page(browser, size=size) as page:
        for path in PUBLIC:
            page.goto(demonstration.url + path)
            looks_right(page)


@pytest.mark.slow
@pytest.mark.parametrize("size", SCREENS)
@pytest.mark.parametrize("username", OFFICES)
def test_pages_of_an_office_read_well_on_any_screen(
    demonstration: Demonstration, browser: Browser, username: str, size: dict[str, int]
) -> None:
    with a_page(browser, size=size) as page:
        sign_in(page, demonstration, username)
        for path in OFFICES[username]:
            page.goto(demonstration.url + path)
            looks_right(page)


def test_the_first_tab_stop_skips_to_the_content(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser) as page:
        page.goto(demonstration.url)
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.getAttribute('href')")
        assert focused is not None
        assert focused.startswith("#")
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == focused


def test_public_pages_hold_no_script(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser) as page:
        for path in PUBLIC:
            page.goto(demonstration.url + path)
            assert page.locator("script").count() == 0, path
