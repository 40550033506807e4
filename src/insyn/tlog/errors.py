"""The error types of the log."""

from __future__ import annotations


class TlogError(ValueError):
    """Text or bytes that are not what they claim to be (a note, a checkpoint, a tile, a path), or a proof that does not hold."""


class LogInvalid(TlogError):
    """A published log that does not verify. ``file`` is the path inside the log, ``index`` the entry, if one can be named."""

    def __init__(self, file: str, index: int | None, message: str) -> None:
        self.file, self.index, self.message = file, index, message
        place = file if index is None else f"{file}, entry {index}"
        super().__init__(f"{place}: {message}")

    def __reduce__(self) -> tuple[type[LogInvalid], tuple[str, int | None, str]]:
        """It comes whole out of the process that found it."""
        return LogInvalid, (self.file, self.index, self.message)
