"""Files that survive a power cut: written aside, flushed, renamed into place, and the folder flushed after them."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path


def write_flushed(target: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write or replace a file in one step: a reader sees the old file or the new one, whole. Raises ``OSError``, and leaves nothing aside."""
    aside = target.with_name(f".{secrets.token_hex(8)}.part")  # of its own: two may write at once
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    except OSError:
        aside.unlink(missing_ok=True)
        raise
    sync(target.parent)


def write_new(path: Path, data: bytes) -> None:
    """Write and flush a file that only this user can read. Raises ``FileExistsError``: a key is never overwritten."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def keep_by_digest(folder: Path, data: bytes) -> str:
    """Keep the bytes under their SHA-256, and return it. What is there already is left as it is. Raises ``OSError``."""
    digest = hashlib.sha256(data).hexdigest()
    folder.mkdir(mode=0o700, exist_ok=True)
    if not (folder / digest).exists():
        write_flushed(folder / digest, data)
    return digest


def sync(path: Path) -> None:
    """Flush what was written to a file, or the names in a folder. Raises ``OSError``."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
