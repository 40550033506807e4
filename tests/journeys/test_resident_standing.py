"""Residents who need another way in: a protected identity by the code of a letter, and a guardian whose authority ends.

Who comes: somebody with protected personal data, with a letter; Bengt, who looks for Noel, a child; Rita, who notes his authority and ends it
meanwhile; Siri, who confirms it, and until then it gives him nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journey_kit import NARROW, a_page
from keyboard_kit import Keys
from playwright.sync_api import Browser, Page, expect
from resident_kit import a_site_with_eid, letters_code, looks_right, propose
from site_kit import Site, day, enter, looks_right_everywhere

from tests.oidc_kit.persons import PERSONS

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site_with_eid() as running:
        yield running


def test_somebody_with_protected_data_reads_by_code_and_no_name_is_anywhere(site: Site, browser: Browser) -> None:
    rid = propose(site, "skydd", "SN 2026-5", note="Stina Hemlig, Gömstigen 4")
    with a_page(browser) as page:
        enter(page, site, "rita")
        page.goto(f"{site.url}/arbete/ombud/skydd/")
        looks_right_everywhere(page, "protect")
        page.get_by_label("Ärendets system").select_option("svar")
        page.locator("input[name=case]").fill("SN 2026-5")
        page.get_by_label("Vad det bygger på").fill("Skatteverkets besked 2026-11-02.")
        page.locator("input[name=case_number]").fill("SN 2026/51")
        page.get_by_role("button", name="Markera skyddade uppgifter").click()
        expect(page.get_by_role("status")).to_contain_text("Det gäller genast.")
        expect(page.locator("main")).to_contain_text("Skyddade uppgifter, SN 2026/51")
        looks_right_everywhere(page, "standing")
    with a_page(browser, javascript=False) as page:
        code = letters_code(page, site, rid)
        letter = page.locator("main").inner_text()
        assert "Stina" not in letter
        assert "Gömstigen" not in letter
    with a_page(browser, size=NARROW, javascript=False) as page:
        keys = Keys(page)
        page.goto(f"{site.url}/mitt-arende/")
        keys.write("Koden från ditt brev", code)
        page.keyboard.press("Enter")
        main = page.locator("main")
        expect(main).to_contain_text("Du har skyddade personuppgifter.")
        expect(main).to_contain_text("Skulder mot inkomst: 42 %. Det talade emot.")
        for secret in ("Stina", "Gömstigen", PERSONS["skydd"].number):
            assert secret not in page.content(), secret
        looks_right(page, "protected-case")


def test_a_guardian_is_refused_from_the_moment_when_the_authority_ends(site: Site, browser: Browser) -> None:
    propose(site, "noel", "SN 2026-6")
    with a_page(browser) as rita, a_page(browser, javascript=False) as bengt:
        enter(rita, site, "rita")
        records_the_guardian(rita, site)
        keys = Keys(bengt)
        comes_in_before_it_is_confirmed(bengt, keys, site)
        with a_page(browser) as siri:
            enter(siri, site, "siri")
            confirms_it(siri, site)
        looks_for_the_child(bengt, keys)
        ends_it(rita, site)
        bengt.reload()
        expect(bengt.get_by_role("alert")).to_contain_text("Din rätt att företräda har upphört")
        expect(bengt.get_by_role("alert")).to_contain_text(f"från och med {day().isoformat()}")
        expect(bengt.locator("main")).not_to_contain_text("SN 2026-6")
        keys.press("link", "Till mina egna sidor")
        expect(bengt.locator("main")).to_contain_text("Inget system i registret har använts")
        expect(bengt.locator("main")).to_contain_text("Du har inte den rätten")
        looks_right(bengt, "guardian-ended")


def records_the_guardian(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/arbete/ombud/ny/")
    looks_right_everywhere(page, "new-representation")
    page.get_by_label("Sorts behörighet").select_option("guardian")
    page.get_by_label("Personnummer för den som företräds").fill(PERSONS["noel"].number)
    page.get_by_label("Företrädarens personnummer").fill(PERSONS["bengt"].number)
    page.get_by_label("Vad du har sett").fill("Folkbokföringen 2026-11-02.")
    page.locator("input[name=case_number]").fill("SN 2026/61")
    page.get_by_role("button", name="Anteckna en behörighet").click()
    expect(page.get_by_role("status")).to_contain_text("Behörigheten är antecknad.")
    expect(page.locator("main")).to_contain_text("väntar på en andra person")
    assert PERSONS["noel"].number not in page.content()
    page.get_by_role("link", name="SN 2026/61").click()
    expect(page.locator("main")).to_contain_text("Någon annan måste bekräfta.")
    expect(page.get_by_role("link", name="Jag har sett underlaget: bekräfta")).to_have_count(0)


def comes_in_before_it_is_confirmed(page: Page, keys: Keys, site: Site) -> None:
    page.goto(f"{site.url}/mina-sidor/")
    keys.press("link", "Logga in med e-legitimation")
    keys.press("link", "Bengt, någon annan")
    page.wait_for_url("**/mina-sidor/")
    expect(page.locator("main")).not_to_contain_text("SN 2026/61")


def confirms_it(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/arbete/ombud/")
    page.get_by_role("link", name="SN 2026/61").click()
    looks_right_everywhere(page, "confirm-representation")
    page.get_by_role("link", name="Jag har sett underlaget: bekräfta").click()
    looks_right_everywhere(page, "confirm-representation-numbers")
    confirm = page.get_by_role("button", name="Jag har sett underlaget: bekräfta")
    page.get_by_label("Personnummer för den som företräds").fill(PERSONS["noel"].number)
    page.get_by_label("Företrädarens personnummer").fill(PERSONS["anna"].number)
    confirm.click()
    expect(page.locator("main")).to_contain_text("Det är inte den person som är antecknad.")
    page.get_by_label("Företrädarens personnummer").fill(PERSONS["bengt"].number)
    confirm.click()
    expect(page.get_by_role("status")).to_contain_text("Behörigheten är bekräftad.")


def looks_for_the_child(page: Page, keys: Keys) -> None:
    page.reload()
    looks_right(page, "guardian")
    keys.press("button", "Titta åt den här personen")
    expect(page.locator("main")).to_contain_text("Du tittar åt någon annan")
    keys.press("link", "Svarsstöd")
    expect(page.locator("main")).to_contain_text("Ärende SN 2026-6")
    looks_right(page, "guardian-case")


def ends_it(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/arbete/ombud/")
    page.get_by_role("link", name="SN 2026/61").click()
    page.get_by_label("Varför").fill("Vårdnaden är ändrad av tingsrätten.")
    page.get_by_role("button", name="Avsluta behörigheten").click()
    expect(page.get_by_role("status")).to_contain_text("Behörigheten är avslutad.")
