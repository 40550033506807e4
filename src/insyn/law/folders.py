"""Where the packs of an installation are: ``INSYN_PACKS`` names the folders, otherwise those that come with Insyn."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "INSYN_PACKS"
SHIPPED = Path(__file__).resolve().parents[3] / "packs"


def installed_folders(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders that the environment names. A variable that is set and empty names none: nothing is put in its place."""
    return folders_in(environment.get(VARIABLE, str(SHIPPED)))


def folders_in(text: str) -> tuple[Path, ...]:
    """Folders written in one text, as in a search path."""
    return tuple(Path(part) for part in text.split(os.pathsep) if part)
