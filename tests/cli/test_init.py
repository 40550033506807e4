"""From nothing to a site that one can sign in to: `insyn init`, then `insyn up`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from insyn.cli.up import free_port
from insyn.core.home import Home

PASSWORD = "korrekt häst batteri klammer"


@pytest.fixture
def home() -> Iterator[Home]:
    folder = Path(tempfile.mkdtemp(prefix="in"))
    yield Home(folder / "h")
    shutil.rmtree(folder, ignore_errors=True)


def environment() -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if not name.startswith(("INSYN_", "DJANGO_"))}, "INSYN_HTTPS": "0"}


def insyn_init(home: Home, *, password: str = PASSWORD, more: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "insyn.cli.main",
        "init",
        "--home",
        str(home.root),
        "--origin",
        "provkommun.example/insyn",
        "--municipality",
        "Provkommun",
    ]
    command += ["--username", "nina", "--first-name", "Nina", "--last-name", "Prov", "--password-stdin", *more]
    return subprocess.run(command, input=password + "\n", capture_output=True, text=True, timeout=60, check=False, env=environment())


def test_a_new_installation_is_made_started_signed_in_to_and_ended(home: Home) -> None:
    made = insyn_init(home)
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE(home.root_key.stat().st_mode) == 0o600
    port = free_port()
    command = [sys.executable, "-m", "insyn.cli.main", "up", "--home", str(home.root), "--port", str(port), "--http-port", str(free_port())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
    try:
        assert process.stdout is not None
        assert "Web:" in process.stdout.readline()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=20) as browser:
            assert "Provkommun" in browser.get("/").text
            token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/logga-in/").text)
            assert token
            form = {"csrfmiddlewaretoken": token.group(1), "username": "nina", "password": PASSWORD}
            inside = browser.post("/logga-in/", data=form)
            assert inside.url.path == "/arbete/"
            assert "Nina Prov" in inside.text
        wait_for_an_entry(home)
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=40)
    assert process.returncode == 0, said
    assert "sequencer: ended" in said


def wait_for_an_entry(home: Home) -> None:
    """The act that opened the register reaches the log through the relay."""
    from insyn.evidence.reader import EvidenceReader

    deadline = time.monotonic() + 20
    with EvidenceReader.read_only(home.evidence) as reader:
        while not any(b'"act":"open_register"' in entry for _, entry in reader.entries(0, 10)):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_an_installation_is_never_made_over_another(home: Home) -> None:
    assert insyn_init(home).returncode == 0
    before = home.root_key.read_text()
    again = insyn_init(home)
    assert again.returncode == 1
    assert "already" in again.stderr
    assert home.root_key.read_text() == before


def test_a_short_or_common_password_is_refused_and_leaves_no_register(home: Home) -> None:
    for password in ("short", "password1234"):
        refused = insyn_init(home, password=password)
        assert refused.returncode == 1
        assert "password" in refused.stderr
        assert not home.register.exists()
    assert insyn_init(home).returncode == 0
