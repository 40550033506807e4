"""Exercises of a stop on their way to the public: what the sequencer measured, once the entry of each is published."""

from __future__ import annotations

from pathlib import Path

import apsw
import msgspec

from insyn.core.exercises import EXERCISES, FILE, Exercise, Exercises
from insyn.core.files import write_flushed
from insyn.evidence.reader import meta_under

MAX_SHOWN = 200
_decode = msgspec.json.Decoder(Exercise).decode
_encode = msgspec.json.Encoder().encode


def publish_exercises(connection: apsw.Connection, folder: Path, *, size: int) -> bool:
    """Write those whose stop stands in the first ``size`` entries, the newest first; true when there was something new to write."""
    found = [_decode(text) for text in meta_under(connection, EXERCISES).values()]
    shown = sorted((one for one in found if one.index < size), key=lambda one: -one.index)[:MAX_SHOWN]
    text, target = _encode(Exercises(tuple(shown))), folder / FILE
    if not shown or (target.is_file() and target.read_bytes() == text):
        return False
    write_flushed(target, text, mode=0o644)
    return True
