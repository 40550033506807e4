"""What exercises of a stop took, as the publisher wrote it: read from the published file, measured by the sequencer."""

from __future__ import annotations

from pathlib import Path

import msgspec

from insyn.core.exercises import FILE, Exercise, Exercises

_decoder = msgspec.json.Decoder(Exercises)


def published_exercises(figures: Path) -> tuple[Exercise, ...]:
    """The newest first; none while nothing has been published."""
    try:
        return _decoder.decode((figures / FILE).read_bytes()).exercises
    except (OSError, msgspec.DecodeError):
        return ()


def exercises_of(figures: Path, system: str) -> list[Exercise]:
    """Those of one system or a part of it."""
    return [one for one in published_exercises(figures) if one.system == system]
