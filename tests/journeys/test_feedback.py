"""A resident says that a record is wrong, follows it by its number, and is answered by a change of the record; a subscriber reads of it.

The resident and the subscriber have no script and use the keyboard only, on a wide and on a narrow screen. Letters go over SMTP to a server
of the test's own.
"""

from __future__ import annotations

import email
import email.policy
import re
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from journey_kit import NARROW, SCREENS, a_page
from playwright.sync_api import Browser, Page, expect
from site_kit import Site, enter, looks_right_everywhere

pytestmark = pytest.mark.timeout(300)
SET_UP = """
employ("olle", Role.SYSTEM_OWNER)
from insyn.web.register.actions import register_system
from insyn.core.terms import Reach, SystemKind
register_system(
    actor=people["olle"], slug="lanestod", owner=User.objects.get(username="olle"), office=office,
    name_sv="Lånestöd", name_en="Loan support", summary_sv="Föreslår beslut om lån.", summary_en="Proposes decisions on loans.",
    description_sv="Infördes 2042.", kind=SystemKind.BUILT, reach=Reach.EVERY_CALL, modes=["support"],
    manual_way_sv="En handläggare bedömer själv.", manual_way_en="A case officer decides unaided.",
    purposes=[{"purpose": "loans", "name": {"sv": "Lån", "en": "Loans"}, "categories": ["income"], "matter_types": ["housing_loan"]}],
)
"""
RECORD = "/system/lanestod/"


class _Mail(socketserver.StreamRequestHandler):
    """As much of a mail server as a letter needs."""

    def handle(self) -> None:
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "DATA":
                self._say("354 go on")
                body = b""
                while not body.endswith(b"\r\n.\r\n"):
                    body += self.rfile.readline()
                self.server.got.append(body)  # type: ignore[attr-defined]
            self._say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


class PostedSite(Site):
    """A site whose letters go to a mail server of its own."""

    def __init__(self, set_up: str) -> None:
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail)
        self.server.daemon_threads, self.server.got = True, []  # type: ignore[attr-defined]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        super().__init__(set_up)

    def _environment(self, days: int = 0) -> dict[str, str]:
        mail = {"INSYN_SMTP_HOST": "127.0.0.1", "INSYN_SMTP_PORT": str(self.server.server_address[1]), "INSYN_SMTP_SECURITY": "none"}
        return {**super()._environment(days), **mail, "INSYN_ADDRESS": self.url}

    def send_the_days_letters(self, days: int) -> str:
        """``insyn digest``, as the municipality's clock would run it."""
        command = [sys.executable, "-m", "insyn.cli.main", "digest", "--home", str(self.home.root)]
        done = subprocess.run(command, env=self._environment(days), capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def letters(self) -> list[EmailMessage]:
        got: list[bytes] = self.server.got  # type: ignore[attr-defined]
        return [email.message_from_bytes(one.removesuffix(b".\r\n"), policy=email.policy.default) for one in got]  # type: ignore[misc]

    def letters_come(self) -> list[EmailMessage]:
        """The letters, as soon as the first has come: the relay sends it, a moment after the page has answered."""
        deadline = time.monotonic() + 30
        while not (found := self.letters()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def clean(self) -> None:
        super().clean()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def site() -> Iterator[PostedSite]:
    running = PostedSite(SET_UP)
    try:
        running.start()
        yield running
    finally:
        running.clean()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field of that name, or the link or button of those words, has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if name in page.evaluate("[document.activeElement.name, document.activeElement.innerText.trim()]"):
            return
    raise AssertionError(f"{page.url}: no way to «{name}» by Tab")


def press(page: Page, name: str) -> None:
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def report(page: Page, site: Site) -> tuple[str, str]:
    """An anonymous error report, with an identity number in it at first; the number and the key."""
    page.goto(site.url + RECORD)
    press(page, "Fråga eller säg vad som är fel")
    tab_to(page, "kind")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Något i registret är fel")).to_be_checked()
    tab_to(page, "part")
    page.keyboard.type("Beskr")
    tab_to(page, "text")
    page.keyboard.insert_text("Årtalet är fel.\nJag är 811228-9874.")
    press(page, "Skicka")
    expect(page.locator("main")).to_contain_text("Det står ett personnummer på rad 2")
    expect(page.locator("textarea[name=text]")).to_have_value("Årtalet är fel.\nJag är 811228-9874.")
    expect(page.locator("select[name=part]")).to_have_value("description")
    write(page, "text", "Årtalet är fel. Det blev 2024.")
    press(page, "Skicka")
    expect(page.locator("h1")).to_have_text("Vi har fått ditt meddelande")
    number, key = page.locator(".code").all_inner_texts()
    return number, key


def follow(page: Page, site: Site, number: str) -> None:
    page.goto(f"{site.url}/arende/")
    write(page, "nummer", number.lower())
    press(page, "Visa")
    expect(page.locator("h1")).to_contain_text(number)


def open_with_key(page: Page, key: str) -> None:
    write(page, "key", key)
    press(page, "Visa")


@pytest.mark.parametrize("size", SCREENS)
def test_a_resident_reports_an_error_by_keyboard_and_follows_it(site: PostedSite, browser: Browser, size: dict[str, int]) -> None:
    with a_page(browser, size=size, javascript=False) as page:
        number, key = report(page, site)
        follow(page, site, number)
        expect(page.locator("main")).to_contain_text("Vi har fått det")
        expect(page.locator("main")).not_to_contain_text("Årtalet")
        open_with_key(page, "0000-0000-0000-0000")
        expect(page.locator("[role=alert]")).to_contain_text("Nyckeln passar inte")
        open_with_key(page, key)
        expect(page.locator("main")).to_contain_text("Årtalet är fel. Det blev 2024.")


@pytest.mark.slow
def test_an_error_is_put_right_and_a_subscriber_reads_of_it(site: PostedSite, browser: Browser) -> None:
    with a_page(browser, size=NARROW, javascript=False) as page:
        subscribe_by_keyboard(page, site)
        number, key = report(page, site)
    with a_page(browser, javascript=False) as page:
        the_owner_corrects_and_answers(page, site, number)
    with a_page(browser, size=NARROW, javascript=False) as page:
        follow(page, site, number)
        expect(page.locator("main")).to_contain_text("Rapporten stämde.")
        open_with_key(page, key)
        expect(page.locator("main")).to_contain_text("Tack, du har rätt.")
        press(page, "Läs det på sidan")
        expect(page.locator("#public-says + p ~ section").first).to_contain_text("Posten är ändrad:")
    the_next_day_a_letter_comes_and_is_the_last(site, browser)


def subscribe_by_keyboard(page: Page, site: PostedSite) -> None:
    page.goto(site.url + RECORD)
    press(page, "Få ett brev när något händer")
    write(page, "email", "lo@example.se")
    press(page, "Be om brev")
    expect(page.locator("h1")).to_have_text("Titta i din e-post")
    (asked,) = site.letters_come()
    page.goto(link_in(asked, "prenumerera/ja"))
    press(page, "Ja, skicka brev till mig")
    expect(page.locator("h1")).to_have_text("Du får brev från och med nu")


def link_in(letter: Any, path: str) -> str:
    found = re.search(rf"http://127\.0\.0\.1:\d+/{path}/\S+", letter.get_content())
    assert found, letter.get_content()
    return found[0]


def the_owner_corrects_and_answers(page: Page, site: Site, number: str) -> None:
    enter(page, site, "olle")
    page.goto(f"{site.url}/arbete/synpunkter/")
    page.get_by_role("link", name=number).click()
    page.get_by_role("button", name="Jag svarar på det här").click()
    page.get_by_role("link", name="Till posten, för att ändra det som är fel").click()
    correct_the_entry(page, site)
    page.goto(f"{site.url}/arbete/synpunkter/{number}/")
    page.locator("#answer-answer").fill("Tack, du har rätt.")
    page.get_by_label("Rapporten stämde", exact=True).check()
    page.locator("#answer-changed").select_option(index=1)
    page.get_by_role("button", name="Skicka svaret").click()
    expect(page.locator("main")).to_contain_text("Svaret är lämnat.")
    page.get_by_label("Jag har läst båda texterna").check()
    page.get_by_role("button", name="Visa fråga och svar på sidan").click()
    expect(page.locator("main")).to_contain_text("Fråga och svar visas på sidan.")


def correct_the_entry(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/arbete/system/lanestod/beskrivning/")
    page.locator("[name=description_sv]").fill("Infördes 2024.")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("main [role=alert]")).to_have_count(0)


def the_next_day_a_letter_comes_and_is_the_last(site: PostedSite, browser: Browser) -> None:
    site.end()
    site.start(days=1)
    before = len(site.letters())
    assert "1 planned, 1 sent, 0 failed" in site.send_the_days_letters(1)
    assert "0 planned, 0 sent, 0 failed" in site.send_the_days_letters(1)
    (news,) = site.letters()[before:]
    assert "Lånestöd: En rapport från allmänheten stämde, och posten är ändrad." in news.get_content()
    assert "Lånestöd: Ändrat i registret: Beskrivning." in news.get_content()
    assert news["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    with a_page(browser, size=NARROW, javascript=False) as page:
        page.goto(link_in(news, "prenumerera/avsluta"))
        press(page, "Ja, avsluta breven")
        expect(page.locator("h1")).to_have_text("Breven är avslutade")


@pytest.mark.slow
def test_every_page_reads_well_on_any_screen(site: PostedSite, browser: Browser) -> None:
    with a_page(browser) as page:
        number, key = report(page, site)
        for name, path in {
            "tell": f"{RECORD}sag-till/",
            "site": "/sag-till/",
            "find": "/arende/",
            "status": f"/arende/{number}/",
            "unknown": "/arende/x/",
            "subscribe": "/prenumerera/",
            "record": RECORD,
        }.items():
            page.goto(site.url + path)
            looks_right_everywhere(page, f"feedback-{name}")
        page.goto(f"{site.url}/arende/{number}/")
        open_with_key(page, key)
        looks_right_everywhere(page, "feedback-opened")
        enter(page, site, "olle")
        for name, path in {"queue": "/arbete/synpunkter/", "message": f"/arbete/synpunkter/{number}/"}.items():
            page.goto(site.url + path)
            looks_right_everywhere(page, f"feedback-{name}")
