"""The demonstration as `make run` starts it: cut off without warning, then continued to its end."""

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

import msgspec
import pytest

from demo.journal import Journal
from demo.journey.approving import Approved
from demo.journey.opening import Opened
from demo.journey.stopping import Stopped
from demo.journey.streaming import Streamed
from demo.journey.telling import Told
from insyn.cli.up import free_port
from insyn.core.home import Home
from insyn.supervision.publishing import read_figures

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 360


@pytest.fixture
def home() -> Iterator[Home]:
    """A short name: a Unix socket's path has about a hundred bytes."""
    folder = Path(tempfile.mkdtemp(prefix="in"))
    yield Home(folder / "h")
    shutil.rmtree(folder, ignore_errors=True)


def start(home: Home, *options: str) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "demo",
        "--home",
        str(home.root),
        "--port",
        str(free_port()),
        "--http-port",
        str(free_port()),
        *options,
    ]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """What was printed up to a line with the text."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    raise AssertionError(f"{text!r} was not printed:\n{seen}")


def processes_of(home: Home) -> list[str]:
    """Processes of this machine that name the home in their command or environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            known = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(home.root).encode() in known:
            found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def wait_until_gone(home: Home) -> None:
    deadline = time.monotonic() + 15
    while (left := processes_of(home)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert left == []


@pytest.mark.slow
@pytest.mark.timeout(SECONDS)
def test_a_demonstration_that_is_killed_goes_on_where_it_was_and_ends_all_that_it_started(home: Home) -> None:
    first = start(home)
    read_until(first, "supplies: Utbildning")
    first.kill()
    first.communicate()
    wait_until_gone(home)

    second = start(home)
    printed = read_until(second, "Stays up")
    assert "continues where it was" in printed
    assert "Done before: 13 offices" in printed
    second.send_signal(signal.SIGINT)
    rest, _ = second.communicate(timeout=60)
    assert second.returncode == 0, rest
    assert "sequencer: ended" in rest
    wait_until_gone(home)
    check_results(home)

    third = start(home, "--no-serve")
    printed, _ = third.communicate(timeout=120)
    assert third.returncode == 0, printed
    assert printed.count("Done before") == 5
    wait_until_gone(home)


def check_results(home: Home) -> None:
    journal = Journal(home)
    opened, approved = journal.done("opening", Opened), journal.done("approving", Approved)
    streamed, stopped = journal.done("streaming", Streamed), journal.done("stopping", Stopped)
    assert opened is not None
    assert approved is not None
    assert streamed is not None
    assert stopped is not None
    assert opened.systems == 8
    assert approved.gates >= 6
    assert list(approved.reasons) == sorted(approved.reasons, reverse=True)
    assert (streamed.proposals, streamed.historical, len(streamed.waiting)) == (994, 982, 12)
    assert journal.done("telling", Told) == Told(needs=3, deviations=1, incidents=1, asked=5)
    assert stopped.used > 0
    assert (stopped.after, stopped.last_used_before_ms > 0) == (0, True)
    figures = read_figures(home.figures, "lanestod")
    assert figures is not None
    assert (figures.proposals, figures.historical, figures.waiting) == (994, 982, 12)
    assert sum(group.n or 0 for group in figures.groups if group.group == "age") == 994
    assert msgspec.json.decode((home.root / "journey.json").read_bytes())
    assert read_figures(home.figures, "lasttest") is None
