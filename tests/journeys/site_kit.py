"""A small installation of its own, quick to start, whose days can be moved while it is down."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from axe_playwright_python.sync_playwright import Axe
from journey_kit import NARROW, WIDE, clean_environment
from playwright.sync_api import Page

from insyn.cli.up import free_port
from insyn.core.home import Home

ROOT = Path(__file__).resolve().parents[2]
PACKS = ROOT / "tests" / "web" / "packs"
PASSWORD = "korrekt häst batteri"
#: Begins every script of a site: ``people`` by name, an office ``k``, and ``today``.
OPENED = """
import sys
from datetime import timedelta
from pathlib import Path
from insyn.core.home import Home
from insyn.core.terms import Role
from insyn.web.setup import prepare_home, prepare_register
home = Home(Path(sys.argv[1]))
prepare_home(home, "site.example/log", 2000)
prepare_register(home)
from insyn.web.accounts.actions import add_person, appoint, open_register
from insyn.web.accounts.models import Mandate, Office, User
from insyn.web.accounts.permissions import actor_of, as_actor
from insyn.web.clock import today
act = open_register(name="Provkommun", username="nina", first_name="Nina", last_name="Admin", password=sys.argv[2], office="k", office_sv="Kontoret", office_en="The office")
admin, office, people = as_actor(Mandate.objects.get(act=act)), Office.objects.get(slug="k"), {}
def employ(name, role):
    add_person(actor=admin, username=name, first_name=name.title(), last_name="Prov", password=sys.argv[2])
    appoint(actor=admin, user=User.objects.get(username=name), role=role, office=office)
    people[name] = actor_of(User.objects.get(username=name), role, today())
"""
#: Read by every Python of the site at its start: its wall clocks stand ``JOURNEY_DAYS`` days ahead.
_LATER = """
import os
from datetime import timedelta
if days := int(os.environ.get("JOURNEY_DAYS", "0")):
    from insyn.gateway.clock import SystemClock
    from insyn.web import clock
    wall, now, ahead = SystemClock.wall, clock.now, timedelta(days=days)
    SystemClock.wall = lambda self: wall(self) + ahead
    clock.now = lambda: now() + ahead
"""


class Site:
    """``insyn up`` in a home of its own. ``set_up`` is what a script has to do there first, after :data:`OPENED`."""

    def __init__(self, set_up: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="in"))
        self.home, self.port = Home(self.folder / "h"), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.more: dict[str, str] = {}  # settings of this site beside those of every site
        (self.folder / "later").mkdir()
        (self.folder / "later" / "sitecustomize.py").write_text(_LATER)
        self.said = self.run(OPENED + set_up)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, script: str) -> str:
        """Run a script on the site's register; return what it printed."""
        arguments = [sys.executable, "-c", script, str(self.home.root), PASSWORD]
        done = subprocess.run(arguments, env=self._environment(), capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _environment(self, days: int = 0) -> dict[str, str]:
        path = os.pathsep.join([str(self.folder / "later"), str(ROOT / "tests" / "web")])
        return {
            **clean_environment(),
            "INSYN_HTTPS": "0",
            "INSYN_PACKS": str(PACKS),
            "JOURNEY_DAYS": str(days),
            "PYTHONPATH": path,
            **self.more,
        }

    def start(self, *, days: int = 0) -> Self:
        """Run it until it stays up, so many days from now."""
        printed = self.folder / f"printed-{days}"
        ports = ["--port", str(self.port), "--http-port", str(free_port())]
        command = [sys.executable, "-m", "insyn.cli.main", "up", "--home", str(self.home.root), *ports]
        with printed.open("wb") as output:
            self.process = subprocess.Popen(command, env=self._environment(days), stdout=output, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 90
        while "Web:" not in printed.read_text():
            assert self.process.poll() is None, printed.read_text()
            assert time.monotonic() < deadline, printed.read_text()
            time.sleep(0.1)
        return self

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process = None

    def clean(self) -> None:
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def a_site(set_up: str) -> Iterator[Site]:
    """A site that is up, and gone afterwards."""
    running = Site(set_up)
    try:
        yield running.start()
    finally:
        running.clean()


def day(ahead: int = 0) -> date:
    """So many days from now, where the municipality is."""
    return datetime.now(ZoneInfo("Europe/Stockholm")).date() + timedelta(days=ahead)


def enter(page: Page, site: Site, username: str) -> None:
    """Sign in as the person."""
    page.goto(f"{site.url}/logga-in/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/arbete/**")


def looks_right_everywhere(page: Page, name: str = "") -> None:
    """On a wide and on a narrow screen: one heading of the first level, no sideways scrolling, nothing that axe can find."""
    before = page.viewport_size
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.locator("h1").count() == 1, page.url
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{page.url} is {wider} px wider than {size['width']}"
        found = Axe().run(page)
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
        if folder := os.environ.get("INSYN_PICTURES"):
            page.screenshot(path=f"{folder}/{name or 'page'}-{size['width']}.png", full_page=True)
    if before:
        page.set_viewport_size(before)
