"""What the demonstration has done, so that a second run continues. Kept in the home, one file, replaced whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from insyn.core.home import Home

T = TypeVar("T")


class Journal:
    """A step's result is written when the step is done; a step that was cut off is run again, and finds what it had done."""

    def __init__(self, home: Home) -> None:
        self._path = home.root / "journey.json"
        self._steps: dict[str, object] = msgspec.json.decode(self._path.read_bytes()) if self._path.exists() else {}

    def done(self, step: str, kind: type[T]) -> T | None:
        """The result of a step that is done."""
        return msgspec.convert(self._steps[step], kind) if step in self._steps else None

    def keep(self, step: str, result: msgspec.Struct) -> None:
        self._steps[step] = msgspec.to_builtins(result)
        write_private(self._path, msgspec.json.format(msgspec.json.encode(self._steps), indent=1))


def write_private(path: Path, data: bytes) -> None:
    """Replace a file that only its owner may read."""
    fresh = path.with_name(path.name + ".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


class SecretBook:
    """Names and secrets of the demonstration, in a file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: dict[str, str] = msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.exists() else {}

    def get(self, name: str) -> str | None:
        return self._held.get(name)

    def keep(self, name: str, secret: str) -> str:
        self._held[name] = secret
        write_private(self._path, msgspec.json.encode(self._held))
        return secret


def sign_ins(home: Home) -> SecretBook:
    return SecretBook(home.secrets / "demo-sign-ins.json")


def client_keys(home: Home) -> SecretBook:
    return SecretBook(home.secrets / "demo-client-keys.json")


def letters(home: Home) -> SecretBook:
    return SecretBook(home.secrets / "demo-letters.json")
