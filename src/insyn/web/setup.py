"""Makes the home of one installation: folders, secrets, the sequencer's configuration and the register's tables.

In production each secret comes from outside the disk that it protects; the files here are for one machine, a demonstration and tests.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.core.files import write_new
from insyn.core.home import Home
from insyn.core.signing import SigningKey
from insyn.evidence.logkeys import log_settings, make_log_key
from insyn.tlog.notes import NoteSigner

from .bridge import KEY_NAME

CHECKPOINT_SECONDS = 1.0


def prepare_home(home: Home, origin: str, max_age_ms: int) -> None:
    """Make folders and secrets that are not there yet, and ``sequencer.json``. Keys that exist are kept.

    ``origin`` names the log, ``max_age_ms`` is how old an answer may be when a caller acts on it. Raises :class:`InvalidInput` when the
    home already belongs to a log with another name.
    """
    home.make()
    for path, make in ((home.register_key, _seed), (home.log_key, _seed), (home.root_key, _seed), (home.django_key, _text_key)):
        _write_once(path, make())
    _check_origin(home, origin)
    register = SigningKey.from_bytes(KEY_NAME, bytes.fromhex(home.register_key.read_text().strip()))
    config = {
        "folder": str(home.evidence),
        "run": str(home.run),
        "spool": str(home.spool),
        "origin": origin,
        "max_age_ms": max_age_ms,
        "register_public": register.public.hex(),
        "log_key_file": str(home.log_key),
        **log_settings(home),
        "root_key_file": str(home.root_key),
        "checkpoint_seconds": CHECKPOINT_SECONDS,
        "published": str(home.public),
    }
    home.sequencer_config.write_text(json.dumps(config, indent=2) + "\n")
    signer = NoteSigner(origin, bytes.fromhex(home.log_key.read_text().strip()))
    home.log_vkey.write_text(f"{signer.vkey}\n")
    make_log_key(home, origin)


def prepare_register(home: Home) -> None:
    """Make or update the tables of the register, and put the installed law in use where none is. Sets up Django when that is not done.

    Later versions of law are put in use by an act of a named person. Raises :class:`~insyn.core.errors.PackError` when no law is installed.
    """
    os.environ["INSYN_HOME"] = str(home.root)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "insyn.web.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from .tables import make_or_update

    make_or_update()
    home.register.chmod(0o600)
    _first_packs()
    _stand()


def _first_packs() -> None:
    from django.db import transaction

    from . import clock
    from .register.waiting import put_first_in_use

    with transaction.atomic():
        put_first_in_use(clock.now())


def _stand() -> None:
    """A register from before history, lists or the work list had their tables: fill them once."""
    from .history.keeping import begin
    from .portfolio.standing import catch_up

    begin()
    catch_up()


def _seed() -> str:
    return secrets.token_hex(32)


def _text_key() -> str:
    return secrets.token_urlsafe(64)


def _write_once(path: Path, text: str) -> None:
    """Write a secret that only this user can read, unless it exists: a key is never overwritten."""
    with contextlib.suppress(FileExistsError):
        write_new(path, f"{text}\n".encode())


def _check_origin(home: Home, origin: str) -> None:
    if not home.sequencer_config.exists():
        return
    found = json.loads(home.sequencer_config.read_text()).get("origin")
    if found != origin:
        raise InvalidInput(f"the log here is named {found!r}", place=str(home.sequencer_config), mend="Use that name, or another home.")
