"""Start child processes, wait until each is ready, and end every one of them.

A child is its own process group, so that what it starts itself ends with it. On Linux the kernel also ends a child whose parent was
killed outright (PR_SET_PDEATHSIG), so that a killed `insyn up` leaves nothing behind.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from insyn.core.errors import InsynError

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ServiceFailed(InsynError):
    """A child ended, or was not ready in time. The message carries the last lines of its log."""


@dataclass
class Child:
    """A process that we started, with the file that takes its output."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    ready: Callable[[], bool] = field(default=lambda: True)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def tail(self, lines: int = 12) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def spawn(name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str], ready: Callable[[], bool]) -> Child:
    """Start ``command`` with its output appended to ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    return Child(name=name, process=process, log=log, ready=ready)


def wait_ready(child: Child, *, seconds: float = 30.0) -> None:
    """Return when the child says that it is ready. Raises :class:`ServiceFailed`."""
    deadline = time.monotonic() + seconds
    while not child.ready():
        if not child.alive:
            raise ServiceFailed(f"{child.name} ended with code {child.process.returncode}. Its last lines:\n{child.tail()}")
        if time.monotonic() > deadline:
            raise ServiceFailed(f"{child.name} was not ready after {seconds:.0f} s. Its last lines:\n{child.tail()}")
        time.sleep(0.02)


def end(child: Child, *, seconds: float = 8.0) -> str:
    """Ask the child's group to end, insist after ``seconds``; return how it ended, in words."""
    if not child.alive:
        _clear_group(child)
        return f"had ended with code {child.process.returncode}"
    _signal_group(child, signal.SIGTERM)
    try:
        child.process.wait(seconds)
        return "ended"
    except subprocess.TimeoutExpired:
        _signal_group(child, signal.SIGKILL)
        child.process.wait()
        return f"did not end in {seconds:.0f} s and was killed"


def _clear_group(child: Child, *, seconds: float = 5.0) -> None:
    """Kill what a killed leader left behind, which still holds its port, and wait until it is gone."""
    deadline = time.monotonic() + seconds
    while _signal_group(child, signal.SIGKILL) and time.monotonic() < deadline:
        time.sleep(0.02)


def _signal_group(child: Child, number: signal.Signals) -> bool:
    """False when nobody is left in the group."""
    try:
        os.killpg(child.process.pid, number)
    except ProcessLookupError:
        child.process.poll()
        return False
    return True
