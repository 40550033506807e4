"""The part of :mod:`insyn.evidence.check` for the published log: every file of it, and that it is this log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from insyn.core.errors import InsynError
from insyn.tlog.errors import LogInvalid, TlogError
from insyn.tlog.read import FolderReader
from insyn.tlog.retention import read_retention
from insyn.tlog.verify import Scope, verify_log

from .reader import EvidenceReader
from .tree import root_at

if TYPE_CHECKING:
    from .check import CheckReport


def check_published(folder: Path, public: Path, vkey: str, report: CheckReport) -> None:
    """Verify the published log as an outsider would, then compare it with the store. Nothing, where nothing is published yet."""
    if not (public / "checkpoint").exists():
        return
    try:
        retention = read_retention(public / "retention.json")
        scope = Scope(minimum=retention.minimum_index if retention else 0)
        published = verify_log(FolderReader(public), vkey, scope=scope).checkpoint
    except (LogInvalid, TlogError) as error:
        report.add("published log", public.name, str(error))
        return
    try:
        with EvidenceReader.read_only(folder) as reader:
            if reader.size < published.size:
                report.add("entry", f"{reader.size} to {published.size - 1}", "are published, and missing from the store")
            elif root_at(reader.tree(), published.size, reader.connection) != published.root:
                report.add(
                    "published log", "checkpoint", f"the first {published.size} entries of the store are not those that are published"
                )
    except InsynError as error:
        report.add("published log", "checkpoint", f"cannot be compared: {error}")
