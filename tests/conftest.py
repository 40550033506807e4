"""Before anything of the web is read: a home in a temporary folder, and the settings that every installation uses.

Tests run side by side, a process for each processor: each process has a home of its own, and a file's tests stay together in one
process. The journeys begin first because they take longest.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
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


#: Two journeys look at the same system of the demonstration, and each wants it as it was: each begins in a process of its own.
_FIRST = ("test_wizard.py", "test_dated_order.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """Journeys first, for they take longest; the order of all others stays as it was shuffled."""
    if item.path.name in _FIRST:
        return _FIRST.index(item.path.name)
    return 2 if "journeys" in item.path.parts else 3
