"""Files that were sent in, kept under their digest. Never served, never run."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from django.conf import settings


def keep(data: bytes) -> str:
    """Write the file whole or not at all, flushed; return its SHA-256."""
    digest = hashlib.sha256(data).hexdigest()
    path = _path(digest)
    if not path.exists():
        unfinished = path.with_suffix(f".{secrets.token_hex(8)}")  # of its own: the same file may be sent twice at once
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    return digest


def read(digest: str) -> bytes:
    """The bytes of a kept file. Raises :class:`FileNotFoundError`."""
    return _path(digest).read_bytes()


def _path(digest: str) -> Path:
    folder: Path = settings.HOME.root / "imports"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / digest
