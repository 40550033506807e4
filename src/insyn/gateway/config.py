"""What the sequencer and the front are told at start: one JSON file, and the keys that it names."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from insyn.core import strict_json
from insyn.core.backups import KEY_BACKUP_DAYS
from insyn.core.errors import InvalidInput
from insyn.core.hexkeys import key_of_hex

from .settings import Settings

MAX_SOCKET_PATH = 103  # sun_path holds 108 bytes on Linux, 104 elsewhere, the closing zero included


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``published``, if given, is the folder of the published log: a store that is older than its checkpoint is not opened. ``folder`` holds the evidence, ``run`` the sockets. ``register_public`` is hex; key files hold the hex of 32 bytes.

    ``log_ml_dsa_key_file``, if given, is the log's second key. ``witnesses``, if given, is the folder with what witnesses cosigned, and with
    the policy that names them: a store that is older than what they have seen is not opened either.
    ``front_workers`` processes answer HTTP. ``calls_per_key`` and ``calls_per_address`` are what each worker of the HTTP front takes a second, 0 for no limit; ``metrics_key_sha256``, if
    given, is the SHA-256 (hex) of the key that /metrics is read with, which is otherwise served to this machine only.
    ``key_backup_days`` is how long a backup of the key file is kept at most.
    ``max_age_ms`` (P) is how old an answer may be when it is used; a stop is drained P after it was committed.
    """

    folder: str
    run: str
    spool: str
    origin: str
    register_public: str
    log_key_file: str
    root_key_file: str
    log_ml_dsa_key_file: str = ""
    witnesses: str = ""
    max_age_ms: int = 2000
    checkpoint_seconds: float = 1.0
    published: str = ""
    key_backup_days: int = KEY_BACKUP_DAYS
    front_workers: int = 1
    calls_per_key: float = 2000
    calls_per_address: float = 5000
    metrics_key_sha256: str = ""
    timezone: str = "Europe/Stockholm"

    @property
    def decide_socket(self) -> Path:
        return Path(self.run) / "decide.sock"

    @property
    def control_socket(self) -> Path:
        return Path(self.run) / "control.sock"

    def log_key(self) -> bytes:
        return read_key(Path(self.log_key_file))

    def log_ml_dsa_key(self) -> bytes | None:
        return read_key(Path(self.log_ml_dsa_key_file)) if self.log_ml_dsa_key_file else None

    def archive_key(self) -> bytes:
        """The archive authority's public key, empty where there is none: ``archive.pub`` beside the folder of the evidence."""
        path = Path(self.folder).parent / "archive.pub"
        return read_key(path) if path.exists() else b""

    def root_key(self) -> bytes:
        return read_key(Path(self.root_key_file))

    def settings(self) -> Settings:
        return Settings(
            max_age_ms=self.max_age_ms,
            register_public=key_of_hex(self.register_public, place="register_public"),
            spool=Path(self.spool),
            zone=_zone(self.timezone),
            key_backup_days=self.key_backup_days,
        )


def load_config(path: Path) -> Config:
    """Raises :class:`InvalidInput` naming the file and the field."""
    config = strict_json.read_file(path, Config)
    if not 50 <= config.max_age_ms <= 600_000:
        raise InvalidInput("lies outside 50 to 600 000 ms", place=f"{path.name}: max_age_ms")
    if not 1 <= config.key_backup_days <= 3660:
        raise InvalidInput("lies outside 1 to 3660 days", place=f"{path.name}: key_backup_days")
    if not 0 < config.checkpoint_seconds <= 3600:
        raise InvalidInput("lies outside 0 to 3600 s", place=f"{path.name}: checkpoint_seconds")
    for name in ("calls_per_key", "calls_per_address"):
        if not 0 <= getattr(config, name) <= 10_000_000:
            raise InvalidInput("lies outside 0 to 10 000 000", place=f"{path.name}: {name}")
    if not 1 <= config.front_workers <= 64:
        raise InvalidInput("lies outside 1 to 64", place=f"{path.name}: front_workers")
    if len(bytes(config.control_socket)) > MAX_SOCKET_PATH:
        raise InvalidInput(f"a socket's path has at most {MAX_SOCKET_PATH} bytes", place=f"{path.name}: run", mend="Use a shorter folder.")
    return config


def read_key(path: Path) -> bytes:
    """32 bytes in hex. Raises :class:`InvalidInput`, which never shows what the file holds."""
    try:
        return key_of_hex(path.read_text().strip(), place=path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("the key file cannot be read", place=path.name) from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(f"no time zone {name!r} on this host", place="timezone", mend="Install tzdata.") from error
