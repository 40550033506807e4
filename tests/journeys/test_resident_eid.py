"""A resident with e-ID reads why the system said no and asks for a person; an officer decides otherwise; the resident sees it.

Who comes: Anna, who uses a keyboard and no JavaScript; Hans, who decides; Rita, who answers what residents ask for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from journey_kit import NARROW, WIDE, a_page
from keyboard_kit import Keys
from playwright.sync_api import Browser, Page, expect
from resident_kit import a_site_with_eid, looks_right, officer_changes, propose
from site_kit import Site, enter

pytestmark = pytest.mark.timeout(300)
WISH = "Jag har ett nytt jobb sedan i maj."
REASONS = "Anna har visat ett nytt anställningsavtal. Inkomsten räcker gott för det hon söker."
ANSWER = "Hans har läst om ditt nya jobb och har ändrat beslutet."


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site_with_eid() as running:
        yield running


def test_a_resident_asks_an_officer_changes_and_the_resident_sees_it(site: Site, browser: Browser) -> None:
    rid = propose(site, "anna", "SN 2026-1")
    propose(site, "bengt", "SN 2026-2")
    with a_page(browser, javascript=False) as page:
        keys = Keys(page)
        comes_in(page, keys, site)
        receipt = reads_and_asks(page, keys, rid)
    with a_page(browser, javascript=False) as page:
        officer_changes(page, site, rid, REASONS)
    with a_page(browser, javascript=False) as page:
        the_rights_officer_answers(page, site, receipt)
    with a_page(browser, size=NARROW, javascript=False) as page:
        keys = Keys(page)
        comes_in(page, keys, site)
        sees_the_answer(page, keys, site, receipt)
        signs_out(page, keys, site, rid)


def comes_in(page: Page, keys: Keys, site: Site) -> None:
    page.goto(f"{site.url}/mina-sidor/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Har AI använts i mitt ärende?")
    looks_right(page, "how-to-get-in")
    keys.press("link", "Logga in med e-legitimation")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vem är du?")
    keys.press("link", "Anna, som de flesta")
    page.wait_for_url("**/mina-sidor/")
    assert "19811218" not in page.url + page.content()


def reads_and_asks(page: Page, keys: Keys, rid: str) -> str:
    main = page.locator("main")
    expect(main).to_contain_text("Ett förslag. En människa beslutar")
    expect(main).not_to_contain_text("SN 2026-2")
    looks_right(page, "mine")
    keys.press("link", "Svarsstöd")
    for words in (
        "Ärende SN 2026-1",
        "Avslå",
        "Det här är ett förslag",
        "Skulder mot inkomst: 42 %. Det talade emot.",
        "Unga får oftare nej. Därför läser en människa allt.",
        "På blanketten.",
    ):
        expect(main).to_contain_text(words)
    looks_right(page, "mine-case")
    keys.press("link", "Lättläst")
    expect(main).to_contain_text("Ett datorprogram har hjälpt till med ditt ärende.")
    looks_right(page, "mine-case-easy")
    keys.press("link", "Vanlig text")
    keys.press("link", "Att en människa tittar igen")
    keys.to("textbox", main.locator("textarea").first.evaluate("element => element.labels[0].textContent.trim()"))
    page.keyboard.type(WISH)
    keys.press("button", "Skicka")
    expect(page.locator(".receipt").first).to_be_visible()
    looks_right(page, "asked")
    assert rid not in page.url
    return page.locator(".receipt").first.inner_text().strip()


def the_rights_officer_answers(page: Page, site: Site, receipt: str) -> None:
    enter(page, site, "rita")
    page.goto(f"{site.url}/arbete/rattigheter/{receipt}/")
    expect(page.locator("main")).to_contain_text(WISH)
    page.locator("input[name=outcome]").first.check()
    page.locator("select[name=changed]").select_option("yes")
    page.locator("textarea[name=text]").first.fill(ANSWER)
    page.locator("button[value=answer]").click()
    expect(page.locator("main")).to_contain_text(ANSWER)


def sees_the_answer(page: Page, keys: Keys, site: Site, receipt: str) -> None:
    main = page.locator("main")
    expect(main).to_contain_text("Väntar inte längre på en människa")
    keys.press("link", "Svarsstöd")
    expect(main.locator("#beslut-rubrik, [aria-labelledby=beslut] h3").first).to_have_text("Bevilja")
    expect(main).to_contain_text(REASONS)
    expect(main).to_contain_text("Hans Prov")
    with page.expect_download() as letter:
        keys.press("link", "Brevet som PDF")
    assert letter.value.path().read_bytes().startswith(b"%PDF")
    looks_right(page, "mine-case-decided")
    page.goto(f"{site.url}/mina-sidor/begaran/")
    expect(main).to_contain_text(receipt)
    main.locator(f"a[href$='/{receipt}/']").first.focus()
    page.keyboard.press("Enter")
    expect(main).to_contain_text(ANSWER)
    looks_right(page, "answered")


def signs_out(page: Page, keys: Keys, site: Site, rid: str) -> None:
    page.goto(f"{site.url}/mina-sidor/")
    keys.press("button", "Logga ut")
    expect(page.get_by_role("heading", level=1)).to_have_text("Du är utloggad")
    looks_right(page, "signed-out")
    page.goto(f"{site.url}/mina-sidor/arende/{rid}/")
    expect(page.locator("main")).not_to_contain_text("SN 2026-1")
    expect(page.get_by_role("link", name=re.compile("Logga in med e-legitimation"))).to_be_visible()


@pytest.mark.slow
def test_a_sign_in_that_is_broken_off_or_unknown_is_said_on_every_screen(site: Site, browser: Browser) -> None:
    for size in (WIDE, NARROW):
        with a_page(browser, size=size, javascript=False) as page:
            for who, words in (("Avbryt", "Du loggade inte in"), ("Ingen uppgift alls", "gav oss inte ditt personnummer")):
                page.goto(f"{site.url}/mitt-arende/")
                page.get_by_role("link", name="Logga in med e-legitimation").click()
                page.get_by_role("link", name=who).click()
                expect(page.get_by_role("alert")).to_contain_text(words)
                looks_right(page, "eid-failed")
