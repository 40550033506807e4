"""The demonstration as a process, and a real browser to look at it with."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from insyn.cli.up import free_port
from insyn.core.home import Home

ROOT = Path(__file__).resolve().parents[2]
UP = "Stays up. Ctrl-C ends it all"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 700}
#: For pages that are looked at one after the other: a telephone in every run, a desk in the slow one too.
SCREENS = [pytest.param(NARROW, id="narrow"), pytest.param(WIDE, id="wide", marks=pytest.mark.slow)]


class Demonstration:
    """``python -m demo`` in a home of its own, from its start to its end."""

    def __init__(self) -> None:
        self.home = Home(Path(tempfile.mkdtemp(prefix="in")) / "h")
        self.port, self.http_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.printed = self.home.root.parent / "printed.txt"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def text(self) -> str:
        """What the newest run has printed so far."""
        return self.printed.read_text(encoding="utf-8")

    def start(self, *options: str, seconds: float = 240) -> Self:
        """Run it until it stays up. Fails with what it printed. ``options``: more of the command's own."""
        command = [
            sys.executable,
            "-m",
            "demo",
            "--home",
            str(self.home.root),
            "--port",
            str(self.port),
            "--http-port",
            str(self.http_port),
            *options,
        ]
        with self.printed.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=clean_environment()
            )
        deadline = time.monotonic() + seconds
        while UP not in self.text:
            assert self.process.poll() is None, f"the demonstration ended with code {self.process.returncode}:\n{self.text}"
            assert time.monotonic() < deadline, f"the demonstration was not up after {seconds} s:\n{self.text}"
            time.sleep(0.1)
        return self

    def interrupt(self) -> int:
        """Ctrl-C; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        self.process = None
        return code

    def clean(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.interrupt()
        shutil.rmtree(self.home.root.parent, ignore_errors=True)

    def password(self, username: str) -> str:
        return str(json.loads((self.home.secrets / "demo-sign-ins.json").read_text())[username])

    def code(self) -> str:
        """The one-time code on the printed letter."""
        found = re.search(r"Kod\s+([0-9A-Z-]{16,})", self.text)
        assert found, self.text
        return found.group(1)

    def base(self, version: str) -> float:
        """The base that every explanation of Lånestöd's version starts from, as the register has it."""
        with closing(sqlite3.connect(f"file:{self.home.register}?mode=ro", uri=True)) as register:
            (base,) = register.execute("SELECT base FROM register_version WHERE name = ? AND base IS NOT NULL", (version,)).fetchone()
        return float(base)

    def journey(self) -> dict[str, Any]:
        """What the steps kept of themselves."""
        return dict(json.loads((self.home.root / "journey.json").read_text()))

    def insyn(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command ``insyn``, as somebody at a terminal would give it."""
        command = [sys.executable, "-m", "insyn.cli.main", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False, env=clean_environment())


def clean_environment() -> dict[str, str]:
    """Without what the tests of the web have set for themselves."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("INSYN_", "DJANGO_"))}


def children_of(home: Home) -> list[str]:
    """Command lines of processes that name this home."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            except OSError:
                continue
            if str(home.root).encode() in command and int(folder.name) != os.getpid():
                found.append(command.replace(b"\0", b" ").decode(errors="replace")[:200])
    return found


@contextmanager
def a_browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "Chromium is missing. On Debian: apt-get install chromium"
    quiet = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=quiet)
        yield browser
        browser.close()


@contextmanager
def a_page(browser: Browser, *, size: dict[str, int] = WIDE, javascript: bool = True) -> Iterator[Page]:
    """A person's browser: its own cookies, Swedish. Complaints of the browser (a broken policy, a missing file) fail the test."""
    context = browser.new_context(viewport=size, locale="sv-SE", java_script_enabled=javascript)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("requestfailed", lambda request: complaints.append(f"{request.url}: {request.failure}"))
    yield page
    context.close()
    serious = [complaint for complaint in complaints if "ERR_ABORTED" not in complaint and "status of 4" not in complaint]
    assert serious == []


def sign_in(page: Page, demonstration: Demonstration, username: str) -> None:
    page.goto(f"{demonstration.url}/logga-in/")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(demonstration.password(username))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/arbete/**")
