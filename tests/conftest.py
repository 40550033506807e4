"""Before anything of the web is read: a home in a temporary folder, and the settings that every installation uses.

Tests run side by side, a process for each processor: each process has a home of its own, and a file's tests stay together in one
process. The journeys begin first because they take longest, and those that look at the whole demonstration share one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

if "INSYN_HOME" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:  # a worker inherits the home of who started it
    folder = tempfile.mkdtemp(prefix="in")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(
        INSYN_HOME=folder,
        DJANGO_SETTINGS_MODULE="insyn.web.settings",
        INSYN_PACKS=str(Path(__file__).parent / "web" / "packs"),
        INSYN_HTTPS="0",
    )

    from insyn.core.home import Home
    from insyn.web.setup import prepare_home

    prepare_home(Home(Path(folder)), "test.example/log", 2000)

    import django

    django.setup()


JOURNEYS = Path(__file__).parent / "journeys"


class TogetherByFile(LoadFileScheduling):
    """A file's tests in one process, and all files that want the demonstration in the same one: it takes a minute of two processors to make."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "the demonstration" if _wants_the_demonstration(Path(file).name) else file


@cache
def _wants_the_demonstration(name: str) -> bool:
    file = JOURNEYS / name
    return file.is_file() and "(demonstration: Demonstration" in file.read_text(encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherByFile | None:
    return TogetherByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """Journeys first, for they take longest; the order of all others stays as it was shuffled."""
    if item.path.parent != JOURNEYS:
        return 2
    return 0 if _wants_the_demonstration(item.path.name) else 1


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the last journey that wants it the demonstration ends: its processes would take time from every other test."""
    if nextitem is not None and _wants_the_demonstration(item.path.name) and not _wants_the_demonstration(nextitem.path.name):
        getattr(item.config, "end_the_demonstration", lambda: None)()  # the journeys' own fixture has set it
