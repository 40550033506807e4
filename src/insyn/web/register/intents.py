"""What a person is about to narrow, flushed before the sequencer is asked; so that a crash cannot leave an entry without its named human.

One file for each narrowing, removed when the register has its act. Not in the database: the asking transaction holds that one.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from django.conf import settings

from insyn.core.files import write_flushed
from insyn.core.messages import Actor
from insyn.core.signing import Signed


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """Whose act it was, what it said, and the permit that was sent. ``salt`` and ``at``: of the act that the entry commits to."""

    system: str
    actor: Actor
    verb: str
    text: dict[str, object]
    permit: Signed
    salt: str = ""
    at: str = ""


def _path(act_id: str) -> Path:
    return settings.HOME.root / "intents" / f"{act_id}.json"


def write(act_id: str, intent: Intent) -> None:
    """Flush the intent to the disk. Raises ``OSError``."""
    target = _path(act_id)
    target.parent.mkdir(mode=0o700, exist_ok=True)
    write_flushed(target, msgspec.json.encode(intent))


def read(act_id: str) -> Intent | None:
    """The intent, or ``None`` when there is no such file."""
    try:
        return msgspec.json.decode(_path(act_id).read_bytes(), type=Intent)
    except FileNotFoundError:
        return None


def remove(act_id: str) -> None:
    """The act stands in the register: the intent has served."""
    _path(act_id).unlink(missing_ok=True)


def waiting() -> dict[str, float]:
    """Ids of the acts with an intent on the disk, and when it was written (seconds since the epoch)."""
    folder = settings.HOME.root / "intents"
    return {path.stem: path.stat().st_mtime for path in folder.glob("*.json")} if folder.is_dir() else {}
