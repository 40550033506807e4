"""What the sequencer is told at start, as its parts use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Settings:
    """``register_public``: 32 bytes. ``zone``: where the municipality's day begins."""

    max_age_ms: int
    register_public: bytes
    spool: Path
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Stockholm"))
