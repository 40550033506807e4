"""`insyn digest` on a register that was just made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSWORD = "korrekt häst batteri klammer"


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="in"))
    yield folder / "h"
    shutil.rmtree(folder, ignore_errors=True)


def insyn(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("INSYN_", "DJANGO_"))}
    command = [sys.executable, "-m", "insyn.cli.main", *words]
    return subprocess.run(command, input=typed, env=env, capture_output=True, text=True, check=False, timeout=60)


def test_where_nobody_asked_for_letters_none_is_sent(home: Path) -> None:
    words = (
        "--origin",
        "test.example/log",
        "--municipality",
        "Provkommun",
        "--username",
        "nina",
        "--first-name",
        "Nina",
        "--last-name",
        "A",
    )
    made = insyn("init", "--home", str(home), *words, "--password-stdin", typed=PASSWORD)
    assert made.returncode == 0, made.stderr
    for more in ((), ("--dry-run",)):
        done = insyn("digest", "--home", str(home), *more)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("0 ")
    assert not (home / "mail-out").exists()


def test_where_there_is_no_register_the_command_says_so(home: Path) -> None:
    done = insyn("digest", "--home", str(home))
    assert done.returncode == 1
    assert "there is no register here" in done.stderr
