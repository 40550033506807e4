"""Before anything of the web is read: a home in a temporary folder, and the settings that every installation uses.

Tests run side by side, a process for each processor: each process has a home of its own, a file's tests stay together in one process, and so do
the journeys, which begin first because they take longest.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_together(item)))
    yield
    items.sort(key=_first)


def _together(item: pytest.Item) -> str:
    """Who runs in one process: the tests of a file; and every journey, for a browser and its servers want a processor to themselves."""
    return "journeys" if _is_journey(item) else item.nodeid.partition("::")[0].replace("/", ".")


def _is_journey(item: pytest.Item) -> bool:
    return item.nodeid.startswith("tests/journeys/")


def _first(item: pytest.Item) -> int:
    return 0 if _is_journey(item) else 1
