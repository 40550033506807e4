"""What the sequencer is told at start, as its parts use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from insyn.core.backups import KEY_BACKUP_DAYS


@dataclass(frozen=True)
class Settings:
    """``register_public``: 32 bytes. ``zone``: where the municipality's day begins. ``key_backup_days``: how long a backup of keys is kept."""

    max_age_ms: int
    register_public: bytes
    spool: Path
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Stockholm"))
    key_backup_days: int = KEY_BACKUP_DAYS
