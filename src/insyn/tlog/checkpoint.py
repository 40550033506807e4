"""Checkpoints (C2SP tlog-checkpoint): origin, size and root of a log, as the body of a signed note."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import TlogError
from .notes import Verifier, check_key_name, open_note, parse_note, strict_base64

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """``size`` is the number of entries, ``root`` the RFC 6962 root over them."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The text that is signed; no extension lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, body: str) -> Checkpoint:
        """Extension lines are allowed and ignored. Raises :class:`TlogError`."""
        lines = body.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise TlogError("a checkpoint has three lines and no empty one")
        origin, size, root = lines[:3]
        check_key_name(origin)
        if _SIZE.fullmatch(size) is None:
            raise TlogError(f"not a tree size: {size[:40]!r}")
        decoded = strict_base64(root)
        if len(decoded) != 32:
            raise TlogError("a root has 32 bytes")
        return cls(origin, int(size), decoded)


def open_checkpoint(note: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    """The checkpoint in a note that a known key has signed. Raises :class:`TlogError`."""
    return Checkpoint.parse(open_note(note, verifiers))


def read_checkpoint(note: str) -> Checkpoint:
    """What a note says, whoever signed it. Raises :class:`TlogError`."""
    return Checkpoint.parse(parse_note(note)[0])
