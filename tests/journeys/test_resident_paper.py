"""A resident without e-ID: a code from a letter, a request, another look, and the answer with a new code. Keyboard only and no JavaScript.

Who comes: the resident with a letter in the hand; Hans, who decides; Rita, who answers what residents ask for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from journey_kit import NARROW, a_page
from keyboard_kit import Keys
from playwright.sync_api import Browser, Page, expect
from resident_kit import SET_UP, letters_code, propose
from site_kit import Site, a_site, enter, looks_right_everywhere

pytestmark = pytest.mark.timeout(300)
NUMBER = "SN 2026-3"
FIRST = "Inkomsten räcker inte till det lån som söks, och skulderna är höga i förhållande till den."
WISH = "Min inkomst är högre sedan i maj. Jag kan visa lönebesked."
AGAIN = "Lönebeskedet visar att inkomsten har stigit sedan ansökan kom in, så att den nu bär lånet."
ANSWER = "Hans har läst ditt lönebesked. Beslutet är ändrat, och du får lånet."


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site(SET_UP) as running:
        yield running


def test_a_letter_a_question_another_look_and_an_answer(site: Site, browser: Browser) -> None:
    rid = propose(site, "bengt", NUMBER)
    with a_page(browser, javascript=False) as page:
        the_officer_says_no(page, site)
        code = letters_code(page, site, rid)
    with a_page(browser, size=NARROW, javascript=False) as page:
        keys = Keys(page)
        comes_in(page, keys, site, code)
        receipt = reads_and_asks(page, keys)
        a_code_works_once(browser, site, code)
    with a_page(browser, javascript=False) as page:
        the_officer_looks_again(page, site, receipt)
    with a_page(browser, javascript=False) as page:
        new_code = rita_answers_and_prints(page, site, receipt)
    with a_page(browser, size=NARROW, javascript=False) as page:
        keys = Keys(page)
        comes_in(page, keys, site, new_code)
        sees_the_answer(page, keys, receipt)
        reads_the_extract(page, keys)


def looks_right(page: Page, name: str) -> None:
    """What the browser without script holds, looked at in one with: axe is a script, and waits in vain where none runs."""
    held = page.content()
    browser = page.context.browser
    assert browser is not None
    with a_page(browser) as view:
        view.route(page.url, lambda route: route.fulfill(body=held, content_type="text/html; charset=utf-8"))
        view.goto(page.url)
        looks_right_everywhere(view, name)


def the_officer_says_no(page: Page, site: Site) -> None:
    enter(page, site, "hans")
    page.goto(f"{site.url}/arbete/granska/")
    page.get_by_role("button", name=re.compile("Öppna")).first.click()
    page.locator("input[name=verdict][value=accepted]").check()
    page.get_by_label("Dina egna skäl").fill(FIRST)
    page.get_by_role("button", name="Vidare till brevet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Beslutsbrevet")
    page.locator("textarea[name=letter]").fill(f"## Det här har vi beslutat\n\nDu får inget lån. {FIRST}\n\nHälsningar, Hans")
    page.get_by_role("button", name="Se hur det ser ut").click()
    page.get_by_role("button", name="Besluta").click()
    expect(page.locator("main")).to_contain_text("Ditt beslut står i loggen")


def comes_in(page: Page, keys: Keys, site: Site, code: str) -> None:
    page.goto(f"{site.url}/mitt-arende/")
    looks_right(page, "paper-enter")
    keys.write("Koden från ditt brev", code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/mina-sidor/**")
    expect(page.locator("main")).to_contain_text(f"Ärende {NUMBER}")


def reads_and_asks(page: Page, keys: Keys) -> str:
    main = page.locator("main")
    for words in ("Avslå", FIRST, "Hans Prov", "Skulder mot inkomst"):
        expect(main).to_contain_text(words)
    looks_right(page, "paper-case")
    keys.press("link", "Att en människa tittar igen")
    expect(main).to_contain_text("dataskyddsförordningen, artikel 22")
    looks_right(page, "paper-ask")
    keys.to("textbox", "Vad vill du att vi tittar på?")
    page.keyboard.type(WISH)
    keys.press("button", "Skicka")
    expect(main).to_contain_text("Väntar på svar")
    looks_right(page, "paper-asked")
    receipt = page.locator(".receipt").first.inner_text().strip()
    keys.press("link", "Det jag ber om")
    expect(main).to_contain_text(receipt)
    looks_right(page, "paper-list")
    return receipt


def a_code_works_once(browser: Browser, site: Site, code: str) -> None:
    with a_page(browser, javascript=False) as page:
        page.goto(f"{site.url}/mitt-arende/")
        page.get_by_label("Koden från ditt brev").fill(code)
        page.keyboard.press("Enter")
        expect(page.locator("main")).not_to_contain_text(NUMBER)


def the_officer_looks_again(page: Page, site: Site, receipt: str) -> None:
    enter(page, site, "hans")
    page.goto(f"{site.url}/arbete/rattigheter/")
    page.get_by_role("link", name=receipt).click()
    expect(page.locator("main")).to_contain_text(WISH)
    page.get_by_role("link", name="Pröva beslutet igen").click()
    page.locator("main form button[type=submit]").first.click()
    page.locator("input[name=ground][value=asked_for_human]").check()
    page.locator("select[name=outcome]").select_option("grant")
    page.locator("textarea[name=reasons]").fill(AGAIN)
    for name in ("not_worse", "mine"):
        page.locator(f"input[name={name}]").check()
    page.locator("button[name=step][value=decide]").click()
    expect(page.get_by_role("status").first).to_contain_text("loggen")


def rita_answers_and_prints(page: Page, site: Site, receipt: str) -> str:
    enter(page, site, "rita")
    page.goto(f"{site.url}/arbete/rattigheter/")
    looks_right(page, "rights-queue")
    page.get_by_role("link", name=receipt).click()
    main = page.locator("main")
    expect(main).to_contain_text("Beslutet är prövat igen")
    looks_right(page, "rights-request")
    expect(page.locator("select[name=changed]")).to_have_value("yes")
    page.locator("input[name=outcome]").first.check()
    page.locator("textarea[name=text]").first.fill(ANSWER)
    page.locator("button[value=answer]").click()
    expect(main).to_contain_text(ANSWER)
    page.get_by_role("link", name="Svar att skriva ut").click()
    page.get_by_role("button", name="Gör en kod till brevet").click()
    looks_right(page, "rights-letter")
    return page.locator(".code").inner_text().strip()


def sees_the_answer(page: Page, keys: Keys, receipt: str) -> None:
    main = page.locator("main")
    for words in ("Bevilja", AGAIN, FIRST):
        expect(main).to_contain_text(words)
    keys.press("link", "Det du har bett om, och svaren")
    keys.press("link", "Att en människa tittar igen")
    for words in (receipt, ANSWER, "Ja, som du bad om", "Beslutet ändrades"):
        expect(main).to_contain_text(words)
    looks_right(page, "paper-answer")


def reads_the_extract(page: Page, keys: Keys) -> None:
    keys.press("link", "Det jag ber om")
    keys.press("link", "Utdrag ur mina uppgifter")
    expect(page.get_by_role("button", name="Visa mitt utdrag")).to_be_visible()
    looks_right(page, "paper-extract-ask")
    keys.press("button", "Visa mitt utdrag")
    expect(page.locator("main")).to_contain_text("31\u00a0000")
    looks_right(page, "paper-extract")
