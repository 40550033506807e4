"""Planted markers: in no published file ever, and after erasure in no file of the installation at all."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from journey_kit import Demonstration, a_page, sign_in
from playwright.sync_api import Browser, Page, expect

from demo.journal import client_keys
from demo.loans import words
from insyn.core.messages import Actor, Done, Erase, Factor, Opened, Outcome
from insyn.core.signing import SigningKey
from insyn.core.terms import DisclosureGroup, Role
from insyn.sdk import Guard
from insyn.sdk.control import ControlClient

pytestmark = pytest.mark.timeout(600)
MARKERS = {
    "payload": "Kvastfening71",
    "case": "XQ-Mandelblom-88",
    "subject": "zz-Vattenlinje-13",
    "reasons": "Tallkottarna talar sitt tysta språk om lånet",
}
PROTECTION = Actor(person="p-journey", name="Fatima Yusufi", role=Role.DATA_PROTECTION_OFFICER)


def files_holding(folder: Path, text: str) -> list[str]:
    return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file() and text.encode() in path.read_bytes()]


def test_markers_are_never_public_and_after_erasure_nowhere(demonstration: Demonstration, browser: Browser) -> None:
    home = demonstration.home
    rid = a_marked_proposal(demonstration)
    the_officer_decides_it(demonstration, browser, rid)
    for text in MARKERS.values():
        assert files_holding(home.root, text) == []  # sealed, and nothing of it in the register, a log or a session
    control = ControlClient(home.control_socket, SigningKey.from_bytes("register", bytes.fromhex(home.register_key.read_text())))
    opened = control.ask_new(lambda n: open_all(n, rid))
    assert isinstance(opened, Opened)
    assert MARKERS["payload"] in str(opened.groups)  # the markers were really there
    reviews = [follower for follower, kind in opened.followers if kind == "review"]
    assert len(reviews) == 1
    for each in (rid, *reviews):
        done = control.ask_new(lambda n, each=each: Erase(id=n, rid=each, basis="GDPR Art. 17(1)(d)", actor=PROTECTION))  # type: ignore[misc]
        assert isinstance(done, Done), done
    again = control.ask_new(lambda n: open_all(n, rid))
    assert not isinstance(again, Opened)
    control.close()
    wait_until_public(demonstration, done.receipt.index)
    for text in MARKERS.values():
        assert files_holding(home.root, text) == []
    assert demonstration.insyn("verify", str(home.public), "--vkey", str(home.log_vkey), "--stops").returncode == 0
    sealed = demonstration.insyn("check", "--home", str(home.root))
    assert sealed.returncode == 0, sealed.stdout
    assert "2 erased" in sealed.stdout


def open_all(number: int, rid: str) -> object:
    from insyn.core.messages import Open

    groups = (DisclosureGroup.INPUT, DisclosureGroup.CASE)
    return Open(id=number, rid=rid, groups=groups, actor=PROTECTION, purpose="erasure request")


def a_marked_proposal(demonstration: Demonstration) -> str:
    guard = Guard(
        socket=demonstration.home.decide_socket,
        key=str(client_keys(demonstration.home).get(words.SLUG)),
        system=words.SLUG,
        version=words.VERSION,
        purpose=words.PURPOSE,
        categories=words.CATEGORIES,
        matter_type=words.MATTER_TYPE,
    )
    base = demonstration.base(words.VERSION)
    answer = guard.decide(
        Outcome(
            outcome="deny",
            payload={"debts": 1, "note": MARKERS["payload"]},
            case=MARKERS["case"],
            subject=MARKERS["subject"],
            score=base + 1.0,
            base=base,
            factors=(Factor("debts", 1, 1.0),),
            notice="letter",
        )
    )
    guard.close()
    return answer.receipt.rid


def the_officer_decides_it(demonstration: Demonstration, browser: Browser, rid: str) -> None:
    with a_page(browser) as page:
        sign_in(page, demonstration, "mats")
        page.goto(f"{demonstration.url}/arbete/granska/?system={words.SLUG}")
        page.locator(f"form[action*='{rid}'] button, tr:has-text('{rid[:8]}') button").first.click()
        judged_first_where_drawn(page)
        expect(page.locator("main")).to_contain_text(MARKERS["payload"])
        page.locator("input[name=verdict][value=rejected]").check()
        page.locator("select[name=outcome]").select_option("grant")
        page.locator("textarea[name=reasons]").fill(MARKERS["reasons"])
        page.get_by_role("button", name="Besluta").click()
        expect(page.locator("main")).to_contain_text("Ditt beslut står i loggen")


def judged_first_where_drawn(page: Page) -> None:
    """One in fifty of the demonstration's proposals is judged by the officer before it is shown."""
    expect(page.locator("textarea[name=reasons]")).to_be_visible()
    if page.locator("input[name=verdict]").count() == 0:
        page.locator("select[name=outcome]").select_option("grant")
        page.locator("textarea[name=reasons]").fill("Underlaget är tunt, men inget i det talar emot ett ja.")
        page.get_by_role("button", name="Lämna bedömningen").click()
        expect(page.locator("input[name=verdict]").first).to_be_visible()


def wait_until_public(demonstration: Demonstration, index: int) -> None:
    deadline = time.monotonic() + 30
    while int((demonstration.home.public / "checkpoint").read_text().splitlines()[1]) <= index:
        assert time.monotonic() < deadline, "the erasure was not published"
        time.sleep(0.2)
