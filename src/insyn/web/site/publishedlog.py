"""Reads the published log as any visitor could: the checkpoint, and one entry from its bundle. Nothing is verified here: `insyn verify` is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.tiles import TILE_WIDTH, bundle_path, decode_bundle

_SHOWN = 160


@dataclass(frozen=True)
class Published:
    """The checkpoint as text, and what it says. ``second_key``: an ML-DSA-44 key is published beside ``vkey``."""

    note: str
    origin: str
    size: int
    vkey: str
    second_key: bool = False

    @property
    def shown(self) -> str:
        """The checkpoint as a page shows it: an ML-DSA signature would fill a screen, and nobody checks it by eye."""
        return "\n".join(line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…" for line in self.note.splitlines())


def read_published(folder: Path) -> Published | None:
    """The newest public checkpoint, or None when nothing has been published."""
    try:
        note = (folder / "checkpoint").read_text(encoding="utf-8")
        body = note.partition("\n\n")[0] + "\n"
        checkpoint = Checkpoint.parse(body)
    except (OSError, UnicodeDecodeError, TlogError):
        return None
    key = folder / "log.vkey"
    vkey = key.read_text(encoding="utf-8").strip() if key.is_file() else ""
    return Published(note, checkpoint.origin, checkpoint.size, vkey, (folder / "log-ml-dsa.vkey").is_file())


def read_entry(folder: Path, index: int, size: int) -> dict[str, object] | None:
    """The public fields of an entry below ``size``, or None where its bundle is not there or cannot be read."""
    if not 0 <= index < size:
        return None
    bundle, place = divmod(index, TILE_WIDTH)
    width = min(TILE_WIDTH, size - bundle * TILE_WIDTH)
    try:
        entries = decode_bundle((folder / bundle_path(bundle, width)).read_bytes(), width)
        fields = json.loads(entries[place])
    except (OSError, TlogError, ValueError):
        return None
    return fields if isinstance(fields, dict) else None
