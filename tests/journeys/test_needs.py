"""A need is raised by one, weighed by another and decided by a third: it ends in the traditional solution, and everybody can read why.

Without script, on a wide and on a narrow screen. What can go wrong stands in the steps: AI weighed alone, a row half filled in, the one who
analysed who would also decide.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from journey_kit import SCREENS, a_page
from playwright.sync_api import Browser, Page, expect
from site_kit import Site, a_site, day, enter, looks_right_everywhere

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]
SET_UP = """
for name, role in (("leila", Role.CASE_OFFICER), ("karin", Role.AI_COORDINATOR), ("vera", Role.ELECTED_MEMBER), ("olle", Role.SYSTEM_OWNER)):
    employ(name, role)
appoint(actor=admin, user=User.objects.get(username="karin"), role=Role.DELEGATE, office=office)
from needs_kit import WORDS, an_analysis
from insyn.web.needs.actions import analyse_need, decide_need, raise_need
from insyn.web.needs.models import Need
for word in ("traditional", "no"):
    raise_need(actor=people["leila"], office=office, **{**WORDS, "title_sv": f"Ett äldre behov ({word})"})
    analyse_need(actor=people["karin"], need=Need.objects.first(), **an_analysis())
    decide_need(actor=people["vera"], need=Need.objects.first(), outcome=word, why_sv="Det räcker så.", case_number="SBN 2026/1")
"""
NEED = {
    "title_sv": "Snabbare svar om bygglov",
    "title_en": "Faster answers on building permits",
    "problem": "Frågor om bygglov blir liggande i fem dagar.",
    "concerns": "Den som vill bygga, och handläggarna på bygglov.",
    "today": "En handläggare läser mejlen och svarar en i taget.",
    "wanted": "Svar samma dag på det som är lika för alla.",
}
EFFECTS = {"benefit": "Kortare väntan", "cost": "Liten", "risk": "Fel svar", "people": "Svar direkt", "work_environment": "Färre avbrott"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with a_site(SET_UP) as running:
        yield running


@pytest.mark.parametrize("size", SCREENS)
def test_a_need_ends_in_the_traditional_solution(site: Site, browser: Browser, size: dict[str, int]) -> None:
    with a_page(browser, size=size, javascript=False) as page:
        address = somebody_raises_a_need(page, site)
    with a_page(browser, size=size, javascript=False) as page:
        the_public_sees_nothing_yet(page, site, address)
    with a_page(browser, size=size, javascript=False) as page:
        the_coordinator_weighs_it(page, site, address)
        who_weighed_it_does_not_decide(page)
    with a_page(browser, size=size, javascript=False) as page:
        the_board_decides(page, site, address)
    with a_page(browser, size=size, javascript=False) as page:
        everybody_reads_what_it_ended_in(page, site, address)


def somebody_raises_a_need(page: Page, site: Site) -> str:
    enter(page, site, "leila")
    page.goto(f"{site.url}/arbete/behov/nytt/")
    page.get_by_role("button", name="Lämna behovet").click()
    expect(page.get_by_role("alert")).to_contain_text("står i vägen")
    for name, text in NEED.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=focus_area]").select_option("meetings")
    page.locator("[name=office]").select_option("k")
    page.get_by_role("button", name="Lämna behovet").click()
    page.wait_for_url("**/arbete/behov/")
    page.locator("table a").first.click()
    expect(page.locator("main")).to_contain_text("Behovet väntar på analys")
    return page.url.partition("/arbete")[2]


def the_public_sees_nothing_yet(page: Page, site: Site, address: str) -> None:
    page.goto(f"{site.url}/behov/")
    expect(page.locator("main")).to_contain_text("behov är inte beslut")
    assert page.request.get(f"{site.url}{address}").status == 404


def the_coordinator_weighs_it(page: Page, site: Site, address: str) -> None:
    enter(page, site, "karin")
    page.goto(f"{site.url}/arbete{address}")
    page.get_by_role("link", name="Analysera behovet").click()
    weigh(page, 0, "ai", "Chattbot med språkmodell")
    weigh(page, 1, "nothing", "Som i dag")
    for name, text in {
        "summary": "Frågorna är få och lika. En sida med svar räcker.",
        "chosen": "Tydligare webbsida",
        "reasons": "Samma nytta för den som frågar, utan risk för fel svar.",
        "measure": "Dagar till svar",
        "expected": "Från fem till en",
        "expected_by": day(120).isoformat(),
    }.items():
        page.locator(f"[name={name}]").fill(text)
    page.get_by_role("button", name="Lämna analysen").click()
    expect(page.get_by_role("alert").first).to_contain_text("Saknas: Traditionell lösning")
    page.get_by_role("button", name="En lösning till").click()
    expect(page.locator("[name=reasons]")).to_have_value("Samma nytta för den som frågar, utan risk för fel svar.")
    page.locator("[name=row-3-name]").fill("Tydligare webbsida")
    page.get_by_role("button", name="Lämna analysen").click()
    expect(page.get_by_role("alert").first).to_contain_text("Lösning 4, Kostnad")
    weigh(page, 3, "traditional", "Tydligare webbsida")
    page.get_by_role("button", name="Lämna analysen").click()
    page.wait_for_url(f"**/arbete{address}")


def weigh(page: Page, row: int, kind: str, name: str) -> None:
    page.locator(f"[name=row-{row}-kind]").select_option(kind)
    for field, text in {"name": name, **EFFECTS}.items():
        page.locator(f"[name=row-{row}-{field}]").fill(text)


def who_weighed_it_does_not_decide(page: Page) -> None:
    """Karin is a delegate too, and sees no button."""
    expect(page.locator("main")).to_contain_text("som inte har analyserat det")
    assert page.get_by_role("button", name="Besluta").count() == 0


def the_board_decides(page: Page, site: Site, address: str) -> None:
    enter(page, site, "vera")
    page.goto(f"{site.url}/arbete{address}")
    assert page.get_by_label("En lösning med AI").count() == 0  # that is not what the analysis chose
    page.get_by_label("En traditionell lösning").check()
    page.locator("[name=why_sv]").fill("En tydligare webbsida ger samma nytta. Ingen behöver prata med en maskin.")
    page.locator("[name=case_number]").fill("SBN 2026/310")
    page.get_by_role("button", name="Besluta").click()
    expect(page.locator(".status-word")).to_have_text("En traditionell lösning")


def everybody_reads_what_it_ended_in(page: Page, site: Site, address: str) -> None:
    page.goto(f"{site.url}/behov/?outcome=traditional")
    page.get_by_role("link", name="Snabbare svar om bygglov").first.click()
    main = page.locator("main")
    for words in ("Ingen behöver prata med en maskin.", "Chattbot med språkmodell", "Tydligare webbsida", "SBN 2026/310", "Kontoret"):
        expect(main).to_contain_text(words)
    for name in ("Karin", "Vera", "Leila"):
        expect(main).not_to_contain_text(name)


@pytest.mark.slow
def test_the_pages_of_the_needs_read_well_on_any_screen(site: Site, browser: Browser) -> None:
    with a_page(browser) as page:
        for path in ("/behov/", "/behov/?outcome=ai"):
            page.goto(site.url + path)
            looks_right_everywhere(page, "behov")
        page.goto(f"{site.url}/behov/")
        page.locator(".systems a").first.click()
        looks_right_everywhere(page, "behov-ett")
    with a_page(browser) as page:
        enter(page, site, "karin")
        page.goto(f"{site.url}/arbete/behov/")
        looks_right_everywhere(page, "arbete-behov")
        page.locator("table a").first.click()
        looks_right_everywhere(page, "arbete-behov-ett")
        page.goto(f"{site.url}/arbete/behov/nytt/")
        page.get_by_role("button", name="Lämna behovet").click()
        expect(page.get_by_role("alert").first).to_be_visible()
        looks_right_everywhere(page, "arbete-behov-nytt")
        a_need_that_waits(page, site)
        page.get_by_role("link", name="Analysera behovet").click()
        page.get_by_role("button", name="Lämna analysen").click()
        expect(page.get_by_role("alert").first).to_be_visible()
        looks_right_everywhere(page, "arbete-behov-analys")


def a_need_that_waits(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/arbete/behov/nytt/")
    for name, text in NEED.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("[name=focus_area]").select_option("other")
    page.locator("[name=office]").select_option("k")
    page.get_by_role("button", name="Lämna behovet").click()
    page.goto(f"{site.url}/arbete/behov/?phase=open")
    page.locator("table a").first.click()
