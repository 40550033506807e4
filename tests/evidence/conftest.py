"""A store in a temporary folder, and decisions to put into it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import pytest

from insyn.core.terms import DisclosureGroup
from insyn.evidence.records import Appended, Fact
from insyn.evidence.store import EvidenceStore
from insyn.evidence.transaction import Transaction
from insyn.tlog.notes import NoteSigner

ORIGIN = "log.example/kommun"
ROOT_KEY = bytes(range(32))


def clock() -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC)


class Office:
    """Opens the store of one folder, and records decisions in it."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.folder, self._opened = folder, opened
        self.root_key = ROOT_KEY
        self.signer = NoteSigner(ORIGIN, bytes(32))

    def open(self, **more: Any) -> EvidenceStore:
        settings: dict[str, Any] = {"folder": self.folder, "root_key": ROOT_KEY, "origin": ORIGIN, "clock": clock, **more}
        return self._opened.enter_context(EvidenceStore.open(**settings))

    def fact(self, outcome: str = "approve", **more: Any) -> Fact:
        return Fact(month="2026-11", system="lanestod", version="1.0", stage="proposal", outcome=outcome, **more)

    def decide(self, transaction: Transaction, *, case: str = "2026-1", text: bytes = b'{"income":1}', **more: Any) -> Appended:
        """A proposal with two sealed groups, a facts row, a case and a subject."""
        given: dict[str, Any] = {
            "public": {"kind": "decision", "system": "lanestod", "version": "1.0", "day": "2026-11-21", "verdict": "proposal"},
            "private": {DisclosureGroup.INPUT: text, DisclosureGroup.OUTPUT: b'{"outcome":"approve"}'},
            "fact": self.fact(score_bin=7, groups={"sex": "female"}, features={"income": "1"}),
            "case": case,
            "subject": "19121212-1212",
            "waits": True,
        }
        return transaction.append(**{**given, **more})

    def decided(self, store: EvidenceStore, count: int = 1, **more: Any) -> list[Appended]:
        """That many decisions, each in a transaction of its own, with a remembered answer."""
        made = []
        for number in range(count):
            with store.transaction() as transaction:
                appended = self.decide(transaction, **more)
                key = f"key-{store.size}-{number}"
                transaction.remember(client="client", key=key, digest=bytes(32), answer=b"answer", index=appended.index)
            made.append(appended)
        return made


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with ExitStack() as opened:
        yield Office(tmp_path / "evidence", opened)


@pytest.fixture
def store(office: Office) -> EvidenceStore:
    return office.open()


@pytest.fixture
def all_bytes() -> Callable[[Path], dict[str, bytes]]:
    """The content of every file below a folder, by its path."""
    return lambda folder: {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


_numbers = itertools.count()


class FaultyFile(apsw.VFSFile):
    """A file on a :class:`FaultyDisk`."""

    def __init__(self, disk: FaultyDisk, name: Any, flags: list[int]) -> None:
        self.disk = disk
        self.file = str(name.filename() if isinstance(name, apsw.URIFilename) else name)
        super().__init__("", name, flags)

    def xSync(self, flags: int) -> None:
        self.disk.calls.append(("sync", self.file))
        if self.file.endswith(self.disk.sync_fails):
            raise apsw.IOError("the disk lost this flush")
        super().xSync(flags)

    def xWrite(self, data: bytes, offset: int) -> None:
        self.disk.calls.append(("write", self.file))
        if self.file.endswith(self.disk.full):
            raise apsw.FullError("the disk is full")
        super().xWrite(data, offset)


class FaultyDisk(apsw.VFS):
    """An SQLite VFS whose disk can be made to fail. ``sync_fails`` and ``full`` are endings of file names; an empty tuple means that all is well."""

    def __init__(self) -> None:
        self.vfs = f"faulty-{next(_numbers)}"
        self.sync_fails: tuple[str, ...] = ()
        self.full: tuple[str, ...] = ()
        self.calls: list[tuple[str, str]] = []
        super().__init__(self.vfs, "")

    def xOpen(self, name: Any, flags: list[int]) -> FaultyFile:
        return FaultyFile(self, name, flags)


@pytest.fixture
def faulty_disk() -> Iterator[Callable[[], FaultyDisk]]:
    """Makes disks that fail on demand, see :class:`FaultyDisk`."""
    disks: list[FaultyDisk] = []

    def make() -> FaultyDisk:
        disks.append(FaultyDisk())
        return disks[-1]

    yield make
    for disk in disks:
        disk.unregister()
