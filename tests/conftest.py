"""Before anything of the web is read: a home in a temporary folder, and the settings that every installation uses."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "INSYN_HOME" not in os.environ:
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
