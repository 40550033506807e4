"""How long a backup of the key file may be kept: until then, what was erased could be brought back from it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

KEY_BACKUP_DAYS = 35


def key_backup_days(config: Path) -> int:
    """As the sequencer's configuration says; the default where it says nothing."""
    try:
        days = json.loads(config.read_bytes()).get("key_backup_days", KEY_BACKUP_DAYS)
    except (OSError, ValueError, AttributeError):
        return KEY_BACKUP_DAYS
    return days if isinstance(days, int) and days > 0 else KEY_BACKUP_DAYS


def last_backup_day(today: date, config: Path) -> date:
    """The day on which the last backup that is made today expires."""
    return today + timedelta(days=key_backup_days(config))
