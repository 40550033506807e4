"""What an exercise of a stop took: written by the sequencer, published by the publisher, shown by the public page."""

from __future__ import annotations

import msgspec

from .terms import StopScope

#: Where the evidence store keeps them (name ends with the rid of the stop), and the published file.
EXERCISES = "exercise/"
FILE = "_stop-exercises.json"  # no system bears such a name


class Exercise(msgspec.Struct, frozen=True, kw_only=True):
    """``committed_ms`` from the order to the commit of its entry at ``index``; ``drained_ms`` from the order to *drained*."""

    index: int
    day: str
    scope: StopScope
    committed_ms: int
    drained_ms: int
    system: str = ""
    version: str = ""
    purpose: str = ""
    supplier: str = ""


class Exercises(msgspec.Struct, frozen=True):
    """The published file: the newest first. Each names an entry of the published log."""

    exercises: tuple[Exercise, ...] = ()
