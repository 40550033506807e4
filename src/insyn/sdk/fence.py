"""A fence before an effect: for a system that can look at a number before it acts (a payment, a door, a register of its own).

A caller may be frozen between accepting an answer and acting on it, and no gateway can see that. The place where the effect happens can: an
answer carries the index of its decision, and ``since``, the index of the newest decision to resume that covers its system (-1 without one).
The fence keeps the highest place up to which nothing may act any more, and refuses what lies at or below it. It rises

- when somebody tells it of a stop (:meth:`Fence.raise_to` with the stop's index), at once;
- otherwise with the first answer from after the resume.

One fence for one system of one log. A fence in a file is read anew at each use, so that several processes can share it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.refusals import RefusalCode, Refused, refuse

from .answers import Answer


class Token(msgspec.Struct, frozen=True):
    """What travels with an answer to the place of its effect: which log, where in it, since which resume, under which permit."""

    log: str
    index: int
    since: int
    epoch: int


def token_of(answer: Answer) -> Token:
    """The token of an answer that may be used."""
    recorded = answer.recorded
    return Token(recorded.receipt.log, recorded.receipt.index, recorded.since, recorded.epoch)


class Fence:
    """``path``: a small file that the fence alone writes; its folder must be there."""

    def __init__(self, path: Path, *, log: str) -> None:
        self._path, self._log = path, log

    def admit(self, token: Token) -> None:
        """Let the effect happen, or raise :class:`Refused`. Call it in the same transaction or lock as the effect, not before."""
        if token.log != self._log:
            raise InvalidInput(f"a token of another log, {token.log!r}", place="token.log", mend="Give each log its own fence.")
        with self._locked() as file:
            floor = _read(file)
            if token.index <= floor:
                raise Refused(refuse(RefusalCode.STOPPED, place="token.index"))
            if token.since > floor:
                _write(file, token.since)

    def raise_to(self, index: int) -> None:
        """Nothing from before ``index`` has an effect from here on. The index of a stop is what `insyn stop` and the log say."""
        with self._locked() as file:
            if index > _read(file):
                _write(file, index)

    @property
    def floor(self) -> int:
        """The place up to which nothing has an effect, -1 while nothing is refused."""
        with self._locked() as file:
            return _read(file)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)


def _read(file: int) -> int:
    """What stands in the file. One that cannot be read refuses everything: raises :class:`InvalidInput`."""
    text = os.pread(file, 64, 0)
    if not text:
        return -1
    try:
        return int(text)
    except ValueError as error:
        raise InvalidInput("not a fence's file", mend="Find out who wrote it; write the index of the newest stop there.") from error


def _write(file: int, floor: int) -> None:
    """In one write of a fixed width, durable before anything is let through."""
    os.pwrite(file, f"{floor:020d}\n".encode(), 0)
    os.fsync(file)
