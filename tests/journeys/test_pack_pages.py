"""A new version of law, in a real browser: it waits, is looked at, applied, and becomes work for the owner."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from journey_kit import NARROW, WIDE, a_page, clean_environment
from playwright.sync_api import Browser, Page

from insyn.cli.up import free_port

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
PACKS = ROOT / "tests" / "web" / "packs"
PASSWORD = "korrekt häst batteri"
SET_UP = """
import sys
from pathlib import Path
from insyn.core.home import Home
from insyn.core.terms import Reach, Role, SystemKind
from insyn.web.setup import prepare_home, prepare_register
home = Home(Path(sys.argv[1]))
prepare_home(home, "packs.example/log", 2000)
prepare_register(home)
from insyn.web.accounts.actions import add_person, appoint, open_register
from insyn.web.accounts.models import Mandate, Office, User
from insyn.web.accounts.permissions import actor_of, as_actor
from insyn.web.clock import today
from insyn.web.register.actions import refuse_system, register_system
from insyn.web.register.models import System
password = sys.argv[2]
act = open_register(name="Provkommun", username="nina", first_name="Nina", last_name="Admin", password=password, office="k", office_sv="Kontoret", office_en="The office")
admin, office = as_actor(Mandate.objects.get(act=act)), Office.objects.get(slug="k")
people = {}
for name, role in (("karin", Role.AI_COORDINATOR), ("olle", Role.SYSTEM_OWNER), ("vera", Role.ELECTED_MEMBER)):
    add_person(actor=admin, username=name, first_name=name.title(), last_name="Prov", password=password)
    appoint(actor=admin, user=User.objects.get(username=name), role=role, office=office)
    people[name] = actor_of(User.objects.get(username=name), role, today())
words = {"name_en": "N", "summary_sv": "Ett stöd.", "summary_en": "S", "kind": SystemKind.BUILT, "reach": Reach.EVERY_CALL}
for slug, name in (("lanestod", "Lånestöd"), ("nekat", "Nekat")):
    register_system(actor=people["olle"], slug=slug, name_sv=name, owner=User.objects.get(username="olle"), office=office, **words)
refuse_system(actor=people["vera"], system=System.objects.get(slug="nekat"), why_sv="Behövs inte.", why_en="Not needed.", case_number="KS 1")
"""


def one_gate_more(folder: Path) -> None:
    shutil.copytree(PACKS, folder)
    law = folder / "test-law"
    head = law / "pack.yaml"
    head.write_text(head.read_text().replace("2026.1.1", "2026.2.0"))
    text = (law / "rules" / "coming.yaml").read_text()
    (law / "rules" / "robust.yaml").write_text(text.replace("id: coming", "id: robust").replace("tl-coming", "tl-in-force"))


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a site whose installed law is newer than the one in use."""
    folder = Path(tempfile.mkdtemp(prefix="in"))
    environment = {**clean_environment(), "INSYN_HTTPS": "0"}
    made = subprocess.run(
        [sys.executable, "-c", SET_UP, str(folder / "h"), PASSWORD],
        env={**environment, "INSYN_PACKS": str(PACKS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    one_gate_more(folder / "packs")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "insyn.cli.main",
        "up",
        "--home",
        str(folder / "h"),
        "--port",
        str(port),
        "--http-port",
        str(free_port()),
    ]
    environment["INSYN_PACKS"] = str(folder / "packs")
    with (folder / "printed").open("wb") as printed:
        process = subprocess.Popen(command, env=environment, stdout=printed, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + 60
            while "Web:" not in (folder / "printed").read_text():
                assert process.poll() is None, (folder / "printed").read_text()
                assert time.monotonic() < deadline, (folder / "printed").read_text()
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    shutil.rmtree(folder, ignore_errors=True)


def looks_right(page: Page) -> None:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.locator("h1").count() == 1
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{page.url} is {wider} px wider than {size['width']}"
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
        if folder := os.environ.get("INSYN_PICTURES"):
            name = page.url.split("/arbete/")[-1].partition("?")[0].strip("/").replace("/", "-") or "start"
            page.screenshot(path=f"{folder}/{name}-{size['width']}.png", full_page=True)


def enter(page: Page, site: str, username: str) -> None:
    page.goto(f"{site}/logga-in/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/arbete/**")


def test_a_new_version_waits_is_looked_at_applied_and_becomes_work(site: str, browser: Browser) -> None:
    with a_page(browser) as page:
        enter(page, site, "karin")
        assert "En ny version av lagen väntar" in page.locator("main").inner_text()
        looks_right(page)
        page.goto(f"{site}/arbete/regelpaket/")
        looks_right(page)
        page.goto(f"{site}/arbete/regelpaket/andring/?adopt=kommun-test")
        looks_right(page)
        page.goto(f"{site}/arbete/regelpaket/andring/")
        told = page.locator("main").inner_text()
        assert "1 av 1 system berörs" in told
        assert "Olle Prov" in told
        assert "Nytt: kravet ”Krav på coming”" in told
        looks_right(page)
        page.get_by_role("button", name="Ta i bruk").click()
        assert page.get_by_role("alert").is_visible()
        page.locator("textarea[name=why]").fill("Läst och prövat med jurist.")
        page.get_by_role("button", name="Ta i bruk").click()
        page.wait_for_url("**/arbete/regelpaket/")
        assert "2026.2.0" in page.locator("main").inner_text()
        page.goto(f"{site}/arbete/regelpaket/texter/test-law/")
        assert "Läst och prövat med jurist." in page.locator("main").inner_text()
        looks_right(page)
        page.goto(f"{site}/arbete/regelpaket/andring/")
        assert "Inget väntar" in page.locator("main").inner_text()
    with a_page(browser) as page:
        enter(page, site, "olle")
        assert "Har ändrats kring dina system" in page.locator("main").inner_text()
        looks_right(page)
        page.get_by_role("link", name="Lånestöd: Nya lagpaket i bruk").click()
        assert "Krav på coming" in page.locator("main").inner_text()
        looks_right(page)
        page.locator("textarea[name=why]").fill("Provet är beställt.")
        page.get_by_role("button", name="Avsluta uppgiften").click()
        page.wait_for_url("**/arbete/")
        assert "Har ändrats kring dina system" not in page.locator("main").inner_text()
        page.goto(f"{site}/arbete/system/nekat/beslut/")
        page.locator("table a").first.click()
        assert "2026.1.1" in page.locator("main").inner_text()
        looks_right(page)
