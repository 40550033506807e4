"""Dry runs: what a change of packs would do to the systems in this register. Nothing here changes the register.

A small register is looked at while the page waits. A large one is looked at by a process of its own, which is given the packs' files and
the systems' answers and needs no database; it leaves its progress and its result beside each other in the installation's folder. A result
holds for one state of the register: after any change of packs or systems its name is another.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
from django.conf import settings
from django.db.models import QuerySet

from insyn.core.errors import PackError
from insyn.core.terms import Phase
from insyn.rules.replay import Affected, RegisteredSystem, replay

from . import texts
from .models import System
from .packs import ALL_DAYS, Known, known
from .replay_process import Job, Packs, job_path, progress_path, result_path

#: So many systems are looked at while the page waits.
AT_ONCE = 300
#: A process that has told nothing for so long has been killed, and another one is started.
_SILENT_SECONDS = 60.0
_KEPT_SECONDS = 24 * 3600.0
_ENDED = (Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED)


#: The processes that this one has started.
_children: dict[str, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class DryRun:
    """``affected`` is ``None`` while a process is at work: ``done`` of ``total`` systems by then."""

    total: int
    done: int
    affected: tuple[Affected, ...] | None


def systems_looked_at() -> QuerySet[System]:
    """Every system that is, or may come, in use."""
    return System.objects.exclude(phase__in=_ENDED).order_by("slug")


def dry_run(after: Known, *, on: date) -> DryRun:
    """What would change if ``after`` were in use, or how far a process has come with it. Raises :class:`PackError` for packs that do not load."""
    before, total = known(), systems_looked_at().count()
    before.packs(ALL_DAYS), after.packs(ALL_DAYS)  # a fault is told before any work
    key = _key(before, after, on)
    _look_after(key)
    found = _result(key)
    if found is None and total <= AT_ONCE:
        found = replay(_systems(), before.side(on), after.side(on))
    if found is not None:
        return DryRun(total, total, found)
    _start(key, before, after, on)
    return DryRun(total, _progress(key), None)


def finished_dry_run(after: Known, *, on: date) -> DryRun:
    """The same, however long it takes: for a command line, where somebody waits anyway. The result is kept for the act."""
    found = dry_run(after, on=on)
    while found.affected is None:
        time.sleep(0.2)
        found = dry_run(after, on=on)
    return found


def _systems() -> list[RegisteredSystem]:
    rows = systems_looked_at().values_list("slug", "owner__person", "facts")
    return [RegisteredSystem(id=slug, owner=owner, facts=facts) for slug, owner, facts in rows.iterator()]


def _key(before: Known, after: Known, on: date) -> str:
    """Names the two sides, the day, and the state of the systems: who owns each, and how often it was changed."""
    state = list(systems_looked_at().values_list("slug", "owner__person", "revision"))
    sides = [[sorted(one.law.items()), [msgspec.to_builtins(adoption) for adoption in one.adoptions]] for one in (before, after)]
    return hashlib.sha256(msgspec.json.encode([sides, on.isoformat(), state])).hexdigest()[:32]


def _folder() -> Path:
    folder = settings.HOME.root / "replays"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _result(key: str) -> tuple[Affected, ...] | None:
    try:
        data = result_path(_folder(), key).read_bytes()
    except FileNotFoundError:
        return None
    return msgspec.json.decode(data, type=tuple[Affected, ...])


def _progress(key: str) -> int:
    try:
        return int(progress_path(_folder(), key).read_text() or 0)
    except (FileNotFoundError, ValueError):
        return 0


def _start(key: str, before: Known, after: Known, on: date) -> None:
    """Start a process for this, unless one is at work. The file of its progress says so; whoever makes that file starts it."""
    folder = _folder()
    _clear(folder)
    try:
        os.close(os.open(progress_path(folder, key), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    job = Job(before=_packs(before), after=_packs(after), on=on, systems=tuple(_systems()))
    with open(os.open(job_path(folder, key), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.msgpack.encode(job))
    command = [sys.executable, "-m", "insyn.web.register.replay_process", str(folder), key]
    _children[key] = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def _look_after(key: str) -> None:
    """Let go of the processes that have ended. Raises :class:`PackError` when the one for this key did so without a result."""
    ended = [name for name, child in _children.items() if child.poll() is not None]
    codes = {name: _children.pop(name).returncode for name in ended}
    if codes.get(key) and not result_path(_folder(), key).exists():
        progress_path(_folder(), key).unlink(missing_ok=True)
        raise PackError(
            "the dry run ended without a result", file="replay", mend="Look again; the web service's own log says why it ended."
        )


def _packs(side: Known) -> Packs:
    files = [dict(texts.files_of(digest)) for digest in side.digests(ALL_DAYS).values()]
    return Packs(files=files, adoptions=side.newest())


def _clear(folder: Path) -> None:
    """Old results, and what a killed process has left."""
    now = time.time()
    for path in folder.iterdir():
        age = now - path.stat().st_mtime
        if age > (_SILENT_SECONDS if path.suffix != ".result" else _KEPT_SECONDS):
            path.unlink(missing_ok=True)
