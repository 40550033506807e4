"""A system owner classifies three systems without reading the law, and reads why each is what it is.

Who comes: Lotta, who owns systems and knows her own best; Erik, who coordinates and answers at the same time; an auditor, who may only
look. What can go wrong for them stands in the steps: too many questions, a doubt, two at once, a page without script, a small screen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from journey_kit import NARROW, SCREENS, WIDE, Demonstration, a_page, sign_in
from playwright.sync_api import Browser, Locator, Page, expect
from test_pages import looks_right

pytestmark = pytest.mark.timeout(600)
OWNER, COORDINATOR, AUDITOR = "lotta", "erik", "goran"
MOST_PAGES = 40
#: Where a page asks what the answers say so far, and which questions they make needed.
SO_FAR = "**/klassning/fragor/*/hittills/"
READS_EMOTIONS = {
    "aia.is_ai": ["yes"],
    "p.emotion_from_biometrics": ["yes"],
    "p.setting": ["workplace"],
    "p.reason": ["other"],
}
QUEUE_WITH_PROFILES = {
    "aia.is_ai": ["yes"],
    "aia.uses": ["public_benefits"],
    "aia.profiling": ["yes"],
    "aia.built_by": ["supplier"],
    "aia.limb": ["preparatory"],
    "aia.no_significant_risk": ["yes"],
}
MASKS_NAMES = {"aia.is_ai": ["yes"]}


@pytest.mark.slow
def test_three_systems_are_classified_and_each_page_says_why(demonstration: Demonstration, browser: Browser) -> None:
    a_prohibited_one_is_told_at_once(demonstration, browser)
    a_high_risk_one_is_not_freed_because_of_profiling(demonstration, browser)
    a_minimal_one_without_script_on_a_small_screen(demonstration, browser)
    classified_anew_it_says_what_differs(demonstration, browser)


def address(demonstration: Demonstration, slug: str, page: str = "") -> str:
    return f"{demonstration.url}/arbete/system/{slug}/klassning/{page}"


def begin(page: Page, demonstration: Demonstration, slug: str) -> None:
    page.goto(address(demonstration, slug))
    page.get_by_role("button", name="Börja").click()
    expect(page.locator("fieldset.question").first).to_be_visible()


def questions(page: Page) -> list[Locator]:
    return page.locator("form[data-so-far] fieldset.question").all()


def answer(question: Locator, known: Mapping[str, list[str]]) -> None:
    """As told, or else no, none of these, never: whatever says least."""
    if question.locator("input:checked").count():
        return
    fact = question.locator("input[name=shown]").get_attribute("value") or ""
    for value in known.get(fact) or [_least(question)]:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            question.locator('.choices input[value="day"]').check()
            question.locator("input[type=date]").fill(value)
        else:
            question.locator(f'.choices input[value="{value}"]').check()


def _least(question: Locator) -> str:
    values = [box.get_attribute("value") or "" for box in question.locator(".choices input").all()]
    return next((value for value in ("no", "none", "never") if value in values), values[0])


def answer_all(page: Page, known: Mapping[str, list[str]]) -> int:
    """Topic after topic until the summary; returns how many questions were put.

    Nobody reads as fast as this: a question that the page adds by itself between the reading and the press would be sent unanswered.
    """
    page.route(SO_FAR, lambda route: route.abort("aborted"))
    try:
        return _answer_topics(page, known)
    finally:
        page.unroute(SO_FAR)


def _answer_topics(page: Page, known: Mapping[str, list[str]]) -> int:
    put = 0
    for _ in range(MOST_PAGES):
        page.wait_for_load_state()  # a page that is read while it arrives has fewer questions than it will have
        if page.url.endswith("/sammanfattning/"):
            return put
        for question in questions(page):
            answer(question, known)
            put += 1
        with page.expect_navigation():  # a slow machine must not be answered twice
            page.get_by_role("button", name="Spara och gå vidare").click()
    raise AssertionError("the questions do not end")


def record(page: Page, case_number: str) -> None:
    page.locator("input[name=case_number]").fill(case_number)
    page.get_by_role("button", name="Fastställ", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Klassning 20")


# ------------------------------------------------------------------------------------------------------------- prohibited


def a_prohibited_one_is_told_at_once(demonstration: Demonstration, browser: Browser) -> None:
    slug = "textassistent"
    with a_page(browser) as page:
        sign_in(page, demonstration, OWNER)
        page.goto(address(demonstration, slug))
        expect(page.locator("main")).to_contain_text("Systemet är inte klassat")
        begin(page, demonstration, slug)
        what_a_question_offers(page)
        answer_all(page, READS_EMOTIONS)  # to the summary as soon as a prohibition is certain
        main = page.locator("main")
        expect(main.locator(".status-word").first).to_have_text("Förbjuden användning")
        expect(main).to_contain_text("Läser av känslor på arbetsplats eller i skola")
        expect(main.locator(".reason").first).to_contain_text(re.compile("5.1 ?f|5\\(1\\)\\(f\\)|Artikel 5"))
        looks_right(page)
        record(page, "KS 2026/71")
        page.goto(f"{demonstration.url}/arbete/system/{slug}/krav/")
        expect(page.locator("main")).to_contain_text("Förbjuder användning")  # no record opens it


def what_a_question_offers(page: Page) -> None:
    """Don't know, what shows it, why it is asked, and what the answers say so far."""
    first = page.locator("fieldset.question").first
    expect(first.get_by_label("Vet inte")).to_be_visible()
    first.locator("summary", has_text="Varför vi frågar").click()
    expect(first.locator("details[open] a").first).to_be_visible()  # the provision
    first.locator("summary", has_text="Underlag").click()
    first.locator("textarea").fill("Leverantörens tekniska beskrivning, avsnitt 2")
    first.locator("input[name$='-case']").fill("KS 2026/70")
    expect(page.locator("#so-far .status-word")).to_have_text("Inte avgjort än")
    before = page.locator("#so-far .left").inner_text()
    first.get_by_label("Ja", exact=True).check()
    expect(page.locator("#so-far .left")).not_to_have_text(before)  # at once, nothing is saved yet


# -------------------------------------------------------------------------------------------------------------- high risk


def a_high_risk_one_is_not_freed_because_of_profiling(demonstration: Demonstration, browser: Browser) -> None:
    slug = "forskoleko"
    with a_page(browser) as page, a_page(browser) as other:
        sign_in(page, demonstration, OWNER)
        begin(page, demonstration, slug)
        two_at_once(page, other, demonstration)
        put = answer_all(page, QUEUE_WITH_PROFILES)
        assert put < 60  # of the far more questions that the packs hold
        main = page.locator("main")
        expect(main.locator(".status-word").first).to_have_text("Hög risk")
        exemption = main.locator(".reason", has_text="Undantaget gäller inte")
        expect(exemption).to_contain_text("Bedömer systemet automatiskt personliga förhållanden")
        expect(exemption.locator("strong", has_text="Ja")).to_be_visible()
        expect(exemption).to_contain_text("6")
        expect(main.locator("#later ~ table").first).to_contain_text("2027-12-02")
        looks_right(page)
        record(page, "BUN 2026/12")
        expect(page.locator("main")).to_contain_text("Kontrollsumma")
        looks_right(page)
        page.emulate_media(media="print")
        expect(page.locator(".site-nav").first).to_be_hidden()
        the_auditor_reads_and_changes_nothing(demonstration, browser, page.url)


def two_at_once(page: Page, other: Page, demonstration: Demonstration) -> None:
    """The coordinator saves first; the owner is told, keeps what she wrote, and sends it again."""
    sign_in(other, demonstration, COORDINATOR)
    other.goto(page.url)
    answer(questions(other)[0], QUEUE_WITH_PROFILES)
    other.get_by_role("button", name="Spara och stanna").click()
    expect(other.locator("main")).to_contain_text("Sparat")
    answer(questions(page)[0], QUEUE_WITH_PROFILES)
    page.get_by_role("button", name="Spara och stanna").click()
    expect(page.get_by_role("alert")).to_contain_text("Erik")
    page.get_by_role("button", name="Spara och stanna").click()
    expect(page.locator("main")).to_contain_text("Sparat")


def the_auditor_reads_and_changes_nothing(demonstration: Demonstration, browser: Browser, url: str) -> None:
    with a_page(browser) as page:
        sign_in(page, demonstration, AUDITOR)
        page.goto(url)
        expect(page.locator(".status-word").first).to_have_text("Hög risk")
        page.goto(address(demonstration, "forskoleko"))
        assert page.get_by_role("button", name="Börja").count() == 0


# ---------------------------------------------------------------------------------------------------------------- minimal


def a_minimal_one_without_script_on_a_small_screen(demonstration: Demonstration, browser: Browser) -> None:
    slug = "maskering"
    with a_page(browser, size=NARROW, javascript=False) as page:
        sign_in(page, demonstration, OWNER)
        begin(page, demonstration, slug)
        left = page.url
        page.goto(address(demonstration, slug))  # stop here, and go on another day
        expect(page.locator("main")).to_contain_text("Senast sparat av Lotta")
        page.get_by_role("link", name="Fortsätt med frågorna").click()
        assert page.url == left
        answer_all(page, MASKS_NAMES)
        main = page.locator("main")
        expect(main.locator(".status-word").first).to_have_text("Minimal risk")
        page.locator("summary", has_text="regler som inte träffar").click()
        expect(main).to_contain_text("Inte den här förbjudna metoden")
        record(page, "KS 2026/72")


def classified_anew_it_says_what_differs(demonstration: Demonstration, browser: Browser) -> None:
    slug = "maskering"
    with a_page(browser, size=WIDE) as page:
        sign_in(page, demonstration, OWNER)
        begin_again(page, demonstration, slug)
        page.goto(address(demonstration, slug, "fragor/eu-ai-act.system/"))
        page.locator('input[name="aia.is_ai"][value="unknown"]').check()
        page.get_by_role("button", name="Spara och stanna").click()
        page.goto(address(demonstration, slug, "sammanfattning/"))
        main = page.locator("main")
        expect(main.locator(".status-word").first).to_have_text("Inte avgjort än")
        expect(main.locator("#changes")).to_contain_text("Det som skiljer sig")
        expect(main).to_contain_text("Minimal risk")
        expect(main).to_contain_text("klassen väntar på svaret")
        looks_right(page)
        page.goto(address(demonstration, slug))
        page.locator("summary", has_text="Kasta utkastet").click()
        page.get_by_role("button", name="Kasta utkastet").click()
        expect(page.locator("main")).to_contain_text("Klassa på nytt")


def begin_again(page: Page, demonstration: Demonstration, slug: str) -> None:
    page.goto(address(demonstration, slug))
    page.get_by_role("button", name="Börja").click()
    page.wait_for_load_state()


# ------------------------------------------------------------------------------------------------------------- every page


@pytest.mark.slow
@pytest.mark.parametrize("size", SCREENS)
def test_every_topic_reads_well_on_any_screen(demonstration: Demonstration, browser: Browser, size: dict[str, int]) -> None:
    slug = "trafiksignaler"
    with a_page(browser, size=size) as page:
        sign_in(page, demonstration, OWNER)
        page.goto(address(demonstration, slug))
        looks_right(page)
        if page.get_by_role("button", name="Börja").count():
            page.get_by_role("button", name="Börja").click()
        page.goto(address(demonstration, slug))
        looks_right(page)
        page.get_by_role("link", name="Fortsätt med frågorna").click()
        links = [link.get_attribute("href") for link in page.locator("nav.topics a").all()]
        assert len(links) > 5
        for link in links:
            page.goto(demonstration.url + str(link))
            looks_right(page)


def test_a_question_is_answered_with_the_keyboard_alone(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser) as page:
        sign_in(page, demonstration, OWNER)
        page.goto(address(demonstration, "trafiksignaler"))
        begin_or_go_on = page.get_by_role("button", name="Börja").or_(page.get_by_role("link", name="Fortsätt med frågorna"))
        begin_or_go_on.first.focus()
        page.keyboard.press("Enter")
        question = page.locator("fieldset.question").first
        expect(question).to_be_visible()
        question.locator("input[type=radio]").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        expect(question.locator("input[type=radio]").nth(1)).to_be_checked()
        page.get_by_role("button", name="Spara och stanna").focus()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("Sparat")
