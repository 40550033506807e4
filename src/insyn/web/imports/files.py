"""Files that were sent in, kept under their digest. Never served, never run."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from insyn.core.files import keep_by_digest


def keep(data: bytes) -> str:
    """Write the file whole or not at all, flushed; return its SHA-256."""
    return keep_by_digest(_folder(), data)


def read(digest: str) -> bytes:
    """The bytes of a kept file. Raises :class:`FileNotFoundError`."""
    return (_folder() / digest).read_bytes()


def _folder() -> Path:
    return Path(settings.HOME.root) / "imports"
