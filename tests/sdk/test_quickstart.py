"""The quick starts, run as they are written: each block in the shell or in Python, and what it is said to print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from gateway_kit import KEY, Town, a_town
from test_front import front_of

PAGES = sorted((Path(__file__).parents[2] / "docs" / "quickstart").glob("*.md"))
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RUN = {"sh": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-W", "error", "-c"]}


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with a_town() as made:
        made.start()
        made.permit_in_force()
        yield made


@pytest.fixture(scope="module")
def http(town: Town) -> Iterator[httpx.Client]:
    yield from front_of(town)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "README.md"], ids=lambda page: page.stem)
def test_a_quick_start_does_what_it_says(page: Path, town: Town, http: httpx.Client, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "INSYN_KEY": KEY,
        "INSYN_URL": str(http.base_url).rstrip("/"),
        "INSYN_SOCKET": str(town.home.decide_socket),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    said, ran = "", 0
    for kind, text in _BLOCK.findall(page.read_text()):
        if kind in _RUN:
            ended = subprocess.run(
                [*_RUN[kind], text], capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path, env=environment
            )
            assert ended.returncode == 0, f"{text}\n{ended.stdout}\n{ended.stderr}"
            said, ran = ended.stdout, ran + 1
        elif kind == "text":
            pattern = ".*".join(re.escape(part) for part in text.strip().split("…"))
            assert re.search(pattern, said, re.DOTALL), f"{page.name} says\n{text}\nand this came:\n{said}"
    assert ran


def test_the_overview_names_every_page() -> None:
    overview = next(page for page in PAGES if page.name == "README.md").read_text()
    assert {page.name for page in PAGES if page.name != "README.md"} <= set(re.findall(r"\]\((\w+\.md)\)", overview))
