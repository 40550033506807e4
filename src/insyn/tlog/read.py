"""Where a published log is read from: a folder, or any web server."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from .errors import LogInvalid

MAX_FILE_BYTES = 256 * (65_535 + 2)  # the largest bundle


class LogReader(Protocol):
    def read(self, path: str) -> bytes | None:
        """The content of a file of the log, ``None`` if there is none."""
        ...

    def paths(self) -> Iterator[str] | None:
        """Every tile and bundle that is there, ``None`` where that cannot be known."""
        ...


class FolderReader:
    """A log in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def paths(self) -> Iterator[str] | None:
        found = (self.folder / "tile").rglob("*")
        return (path.relative_to(self.folder).as_posix() for path in sorted(found) if not path.is_dir())


class HttpReader:
    """A log under an http or https address. ``timeout`` in seconds, per file."""

    def __init__(self, base: str, *, timeout: float = 20.0) -> None:
        if urlsplit(base).scheme not in ("http", "https"):
            raise ValueError(f"not an http address: {base}")
        self.base, self.timeout = base.rstrip("/"), timeout

    def read(self, path: str) -> bytes | None:
        request = urllib.request.Request(f"{self.base}/{path}", headers={"User-Agent": "insyn-verify"})  # noqa: S310 - http(s) only
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310 - http(s) only, see __init__
                data: bytes = answer.read(MAX_FILE_BYTES + 1)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in (404, 410):
                return None
            raise LogInvalid(path, None, f"the server answers {error.code}") from error
        except OSError as error:
            raise LogInvalid(path, None, f"cannot be fetched: {error}") from error
        if len(data) > MAX_FILE_BYTES:
            raise LogInvalid(path, None, "longer than any file of a log")
        return data

    def paths(self) -> Iterator[str] | None:
        return None


def reader_of(place: str | Path) -> FolderReader | HttpReader:
    """A reader of a folder or of an http(s) address."""
    text = str(place)
    return HttpReader(text) if text.startswith(("http://", "https://")) else FolderReader(Path(place))
