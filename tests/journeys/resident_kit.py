"""A municipality with one system in use, an officer who decides, a rights officer, and residents about whom the system proposes."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from journey_kit import WIDE
from playwright.sync_api import Page, expect
from site_kit import Site, enter, looks_right_everywhere

from insyn.core.errors import InsynError
from insyn.core.messages import Factor, Outcome
from insyn.sdk import Guard
from tests.oidc_kit.persons import PERSONS
from tests.oidc_kit.provider import Provider

_SYSTEM = """
import json
from insyn.core.terms import Reach, RecordKind, SystemKind
from insyn.web.register.actions import add_version, answer_facts, decide_use, issue_client_key, register_system, supply_record
from insyn.web.register.models import System
people_of = (("olle", Role.SYSTEM_OWNER), ("vera", Role.ELECTED_MEMBER), ("sten", Role.STOP_HOLDER), ("hans", Role.CASE_OFFICER), ("maja", Role.CASE_OFFICER), ("rita", Role.RIGHTS_OFFICER), ("siri", Role.COUNCIL_SECRETARY))
for name, role in people_of:
    employ(name, role)
olle, far = people["olle"], (today() + timedelta(days=300)).isoformat()
register_system(
    actor=olle, slug="svar", name_sv="Svarsstöd", name_en="Answers", summary_sv="Ett stöd.", summary_en="S", kind=SystemKind.BUILT,
    reach=Reach.EVERY_CALL, modes=["support"], manual_way_sv="För hand.", manual_way_en="By hand.", owner=User.objects.get(username="olle"),
    office=office, favourable_outcome="grant", known_limits_sv="Ser inte nya jobb. Unga får oftare nej. Därför läser en människa allt.", known_limits_en="Knows no new jobs.",
    purposes=[{"purpose": "help", "name": {"sv": "Hjälp", "en": "Help"}, "categories": ["text"], "matter_types": ["question"]}],
    outcomes={"grant": {"sv": "Bevilja", "en": "Grant"}, "deny": {"sv": "Avslå", "en": "Deny"}},
    factors={"debts": {"label": {"sv": "Skulder mot inkomst", "en": "Debts"}, "unit": "%"}, "income": {"label": {"sv": "Inkomst", "en": "Income"}, "unit": "kr"}, "note": {"label": {"sv": "Anteckning", "en": "Note"}}},
)
system = System.objects.get(slug="svar")
add_version(actor=olle, system=system, name="1")
answer_facts(actor=olle, system=system, answers={"decision.about_persons": "no"})
for kind, content in (
    (RecordKind.EVALUATION_PLAN, {"due": far}),
    (RecordKind.STOP_MANDATE, {"person": people["sten"].person, "last_day": far}),
    (RecordKind.HUMAN_OVERSIGHT, {"reviewers": [people["hans"].person, people["maja"].person], "instruction": "Läs.", "instruction_through": far, "training_through": far}),
):
    supply_record(actor=olle, system=system, kind=kind, content={"summary": "Klart.", **content})
"""
_IN_USE = """decide_use(actor=people["vera"], system=System.objects.get(slug="svar"), versions=["1"], case_number="KS 2026/9")
print(json.dumps(issue_client_key(actor=admin, system=system, name="prov").key))
"""


def with_system(more: str = "") -> str:
    """The script of a site with one system in use. ``more``: what its owner does before the decision."""
    return _SYSTEM + more + _IN_USE


SET_UP = with_system()


@contextmanager
def a_site_with_eid() -> Iterator[Site]:
    """The site, and a provider of e-ID in a process of its own."""
    running = Site(SET_UP)
    provider = Provider(f"{running.url}/mina-sidor/e-legitimation/")
    running.more = provider.environment
    try:
        provider.start()
        yield running.start()
    finally:
        running.clean()
        provider.clean()


def propose(site: Site, who: str, case: str, note: str = "inget särskilt") -> str:
    """A proposal about one of the persons, which waits; asked again until the permit stands in the log. Returns its record id."""
    words = {"version": "1", "purpose": "help", "matter_type": "question", "categories": ("text",)}
    factors = (Factor("debts", 42, -1.5), Factor("income", 31000, 0.5), Factor("note", note, 0.0))
    outcome = Outcome(
        outcome="deny",
        payload={"debts": 42, "income": 31000, "note": note},
        case=case,
        subject=PERSONS[who].number,
        score=-1.0,
        factors=factors,
        notice="På blanketten.",
    )
    deadline = time.monotonic() + 60
    guard = Guard(socket=site.home.decide_socket, key=json.loads(site.said), system="svar", **words)  # type: ignore[arg-type]
    try:
        while True:
            try:
                return guard.decide(outcome).receipt.rid
            except InsynError:
                assert time.monotonic() < deadline
                time.sleep(0.2)
    finally:
        guard.close()


def letters_code(page: Page, site: Site, rid: str) -> str:
    """The officer makes a letter; the code that stands on it, once."""
    enter(page, site, "hans")
    page.goto(f"{site.url}/arbete/granska/{rid}/brev/?system=svar")
    page.locator("main form button[type=submit]").click()
    return page.locator(".code").inner_text()


def officer_changes(page: Page, site: Site, rid: str, reasons: str) -> None:
    """The officer decides otherwise than the system proposed, in the real workbench."""
    enter(page, site, "hans")
    page.goto(f"{site.url}/arbete/granska/")
    page.locator(f"form[action*='{rid}'] button").first.click()
    page.locator("input[name=verdict][value=changed]").check()
    page.get_by_label("Utfall").select_option("grant")
    page.get_by_label("Dina egna skäl").fill(reasons)
    page.get_by_role("button", name="Vidare till brevet").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Beslutsbrevet")
    letter = page.locator("textarea[name=letter]")
    letter.fill(re.sub(r"\[[^\]]*\]", "Enligt kommunens riktlinjer.", letter.input_value()))  # the gaps that are the officer's to fill
    page.get_by_role("button", name="Se hur det ser ut").click()
    page.get_by_role("button", name=re.compile("^Besluta")).click()
    expect(page.locator("main")).to_contain_text("Ditt beslut står i loggen")


def looks_right(page: Page, name: str) -> None:
    """The page that a resident without JavaScript sees, looked at on a wide and a narrow screen. Axe needs scripts, so another tab looks."""
    browser = page.context.browser
    assert browser is not None
    context = browser.new_context(storage_state=page.context.storage_state(), viewport=WIDE, locale="sv-SE")  # type: ignore[arg-type]
    other = context.new_page()
    other.goto(page.url)
    looks_right_everywhere(other, name)
    context.close()
