"""Time closes by itself. Nobody does anything for two days; the next call is refused, and a named person's evaluation opens it again.

A real installation is taken down and started two days later: sequencer, web site and relay with clocks that are ahead.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from journey_kit import a_page
from playwright.sync_api import Browser, Page, expect
from site_kit import Site, a_site, day, enter, looks_right_everywhere

from insyn.core.refusals import RefusalCode, Refused
from insyn.sdk import Guard

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]
DAYS = 2
SET_UP = """
import json
from insyn.core.terms import Reach, RecordKind, SystemKind
from insyn.web.register.actions import add_version, answer_facts, decide_use, issue_client_key, register_system, supply_record
from insyn.web.register.models import Act, System
for name, role in (("olle", Role.SYSTEM_OWNER), ("vera", Role.ELECTED_MEMBER), ("sten", Role.STOP_HOLDER), ("hans", Role.CASE_OFFICER)):
    employ(name, role)
olle, far, near = people["olle"], (today() + timedelta(days=300)).isoformat(), (today() + timedelta(days=1)).isoformat()
words = {"name_en": "N", "summary_sv": "Ett stöd.", "summary_en": "S", "kind": SystemKind.BUILT, "reach": Reach.EVERY_CALL, "modes": ["support"],
    "manual_way_sv": "För hand.", "manual_way_en": "By hand."}
purposes = [{"purpose": "help", "name": {"sv": "Hjälp", "en": "Help"}, "categories": ["text"], "matter_types": ["question"]}]
keys = {}
for slug, name, evaluated, stops in (("svar", "Svarsstöd", near, far), ("sortering", "Sortering", far, near)):
    register_system(actor=olle, slug=slug, name_sv=name, owner=User.objects.get(username="olle"), office=office, purposes=purposes, **words)
    system = System.objects.get(slug=slug)
    add_version(actor=olle, system=system, name="1")
    answer_facts(actor=olle, system=system, answers={"decision.about_persons": "no"})
    oversight = {"reviewers": [people["hans"].person], "instruction": "Läs.", "instruction_through": far, "training_through": far}
    for kind, content in (
        (RecordKind.EVALUATION_PLAN, {"due": evaluated}),
        (RecordKind.STOP_MANDATE, {"person": people["sten"].person, "last_day": stops}),
        (RecordKind.HUMAN_OVERSIGHT, oversight),
    ):
        supply_record(actor=olle, system=system, kind=kind, content={"summary": "Klart.", **content})
    decide_use(actor=people["vera"], system=system, versions=["1"], case_number="KS 2026/9")
    keys[slug] = issue_client_key(actor=admin, system=system, name="prov").key
print(json.dumps(keys))
"""
COUNT_ACTS = """
import sys
from pathlib import Path
from insyn.core.home import Home
from insyn.web.setup import prepare_register
prepare_register(Home(Path(sys.argv[1])))
from insyn.web.register.models import Act
print(Act.objects.count())
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with a_site(SET_UP) as running:
        yield running


def guard_of(site: Site, slug: str) -> Guard:
    keys: dict[str, Any] = json.loads(site.said)
    words = {"version": "1", "purpose": "help", "matter_type": "question", "categories": ("text",)}
    return Guard(socket=site.home.decide_socket, key=keys[slug], system=slug, **words)


def answer(site: Site, slug: str) -> RefusalCode | None:
    """What the gateway says to the next call: nothing in the way, or why not."""
    try:
        with guard_of(site, slug).decision():
            return None
    except Refused as refused:
        return refused.refusal.code


def test_a_system_closes_when_its_evaluation_is_overdue_and_opens_by_a_named_evaluation(site: Site, browser: Browser) -> None:
    wait_until_open(site)
    with a_page(browser) as page:
        enter(page, site, "olle")
        the_overview_says_when_it_closes(page, site)
    acts = site.run(COUNT_ACTS)
    site.end()
    site.start(days=DAYS)
    assert answer(site, "svar") is RefusalCode.OVERDUE_EVALUATION
    assert answer(site, "sortering") is RefusalCode.MANDATE_ENDED  # nobody is left who may stop it
    assert site.run(COUNT_ACTS) == acts  # nobody did anything: the day came
    with a_page(browser) as page:
        everybody_sees_that_it_is_late(page, site)
    with a_page(browser) as page:
        enter(page, site, "olle")
        the_owner_evaluates(page, site)
    wait_until_open(site, "svar")
    assert answer(site, "sortering") is RefusalCode.MANDATE_ENDED


def wait_until_open(site: Site, *slugs: str) -> None:
    """The relay takes what loosens to the log; from then on the answer is yes."""
    deadline = time.monotonic() + 30
    for slug in slugs or ("svar", "sortering"):
        while (code := answer(site, slug)) is not None:
            assert time.monotonic() < deadline, f"{slug}: {code}"
            time.sleep(0.1)


def the_overview_says_when_it_closes(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/arbete/system/svar/")
    rows = page.locator("table", has=page.get_by_text("Den närmaste står först")).locator("tbody tr")
    expect(rows.first).to_contain_text(day(1).isoformat())
    expect(rows.first).to_contain_text("Tiden till nästa utvärdering")
    expect(rows.first).to_contain_text("Lämna en utvärdering.")
    looks_right_everywhere(page, "oversikt")
    page.goto(f"{site.url}/arbete/system/svar/krav/")
    looks_right_everywhere(page, "krav")
    page.goto(f"{site.url}/arbete/system/svar/krav/steg/assessment/")
    looks_right_everywhere(page, "steg")
    page.goto(f"{site.url}/arbete/system/svar/agare/")
    looks_right_everywhere(page, "agare")


def everybody_sees_that_it_is_late(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/system/svar/")
    expect(page.locator(".status").first).to_contain_text("tvärder")
    expect(page.locator(".status").first).not_to_have_class("status good")


def the_owner_evaluates(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/arbete/system/svar/utvarderingar/")
    kind = page.locator("input[name=kind][value=evaluation]")
    page.locator("details", has=kind).locator("summary").click()
    form = page.locator("form", has=kind)
    later = day(100).isoformat()
    form.locator("[name=summary]").fill("Svaren stämmer.")
    form.locator("[name=result]").fill("98 av 100 rätt.")
    form.locator("[name=outcome]").select_option("continue")
    form.locator("[name=participation]").fill("Tio som frågat har svarat på en enkät.")
    form.locator("[name=next_due]").fill(later)
    form.get_by_role("button").last.click()
    expect(page.locator("main")).to_contain_text(later)
