"""The error types that cross floors. Each names the place and the mend."""

from __future__ import annotations


class InsynError(Exception):
    """Base of every error that Insyn raises on purpose."""


class InvalidInput(InsynError):
    """Input that cannot be read as what it claims to be.

    ``place`` says where (a field path, a file and line); ``mend`` what would help. Nothing was changed.
    """

    def __init__(self, message: str, *, place: str = "", mend: str = "") -> None:
        self.message, self.place, self.mend = message, place, mend
        parts = [f"{place}: {message}" if place else message]
        if mend:
            parts.append(mend)
        super().__init__(" ".join(parts))


class SignatureInvalid(InsynError):
    """Bytes whose signature does not verify under the key that they name."""


class Unreachable(InsynError):
    """The sequencer did not answer. Whoever asked must act as on a refusal."""


class StoreFailed(InsynError):
    """A commit did not reach the disk. The store is read-only from here; a failed flush is never retried."""


class PackError(InsynError):
    """A rule pack that cannot be loaded. Names the file, the place in it and the mend."""

    def __init__(self, message: str, *, file: str = "", place: str = "", mend: str = "") -> None:
        self.message, self.file, self.place, self.mend = message, file, place, mend
        where = ":".join(part for part in (file, place) if part)
        super().__init__(" ".join(part for part in (f"{where}: {message}" if where else message, mend) if part))
