"""Reads the published log as any visitor could: the checkpoint, and one entry from its bundle. Nothing is verified here: `insyn verify` is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from insyn.tlog.checkpoint import Checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.tiles import TILE_WIDTH, bundle_path, decode_bundle


@dataclass(frozen=True)
class Published:
    """The checkpoint as text, and what it says."""

    note: str
    origin: str
    size: int
    vkey: str


def read_published(folder: Path) -> Published | None:
    """The newest public checkpoint, or None when nothing has been published."""
    try:
        note = (folder / "checkpoint").read_text(encoding="utf-8")
        body = note.partition("\n\n")[0] + "\n"
        checkpoint = Checkpoint.parse(body)
    except (OSError, UnicodeDecodeError, TlogError):
        return None
    key = folder / "log.vkey"
    return Published(note, checkpoint.origin, checkpoint.size, key.read_text(encoding="utf-8").strip() if key.is_file() else "")


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
