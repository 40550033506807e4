"""Stop publishing the oldest entries, under a published policy (:mod:`insyn.tlog.retention`).

1. Round down to whole tiles, never beyond what is published.
2. Lower further, so that no stop is parted from its resume, and no standing stop is lost: the stop rule then holds over what is left.
3. The policy is published and flushed first; then bundles and level 0 tiles go. Interrupted in between, it is finished when run again, and the
   publisher takes away what is left.

The rows of the store stay as they are, so that a policy set wrongly can be taken back. What they hold is disposed of elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from insyn.core.entries import EntryKind, read_head
from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.files import sync, write_flushed
from insyn.core.stop_rule import StopRule
from insyn.tlog.checkpoint import read_checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.retention import FILE, Retention, may_be_gone, read_retention
from insyn.tlog.tiles import TILE_WIDTH, TileName

from .reader import EvidenceReader

_PAGE = 10_000


@dataclass(frozen=True)
class Wish:
    """Prune entries below an index, or those of days before a day (ISO); the one that is given."""

    below: int = 0
    before: str = ""


@dataclass(frozen=True)
class Plan:
    """``minimum`` is the new minimum index, ``asked`` the one asked for, ``now`` the one in force; ``files`` would be taken away."""

    minimum: int
    asked: int
    now: int
    files: tuple[Path, ...]
    bytes: int
    held: str = ""


@dataclass
class _Scan:
    """One reading of the log: the first entry of the day, resumes with the stop that each lifts, and the stops that stand."""

    first_of_day: int
    lifted: list[tuple[int, int]]
    standing: list[int]


def plan_pruning(reader: EvidenceReader, folder: Path, wish: Wish) -> Plan:
    """What would be pruned of the log published in ``folder``. Changes nothing. Raises :class:`InvalidInput`, :class:`StoreFailed`."""
    size, now = _published_size(folder), minimum_index(folder)
    scan = _scan(reader, size, wish.before)
    asked = min(wish.below or scan.first_of_day, size)
    minimum, held = asked // TILE_WIDTH * TILE_WIDTH, ""
    while part := _parted(scan, minimum):
        minimum, held = part[0] // TILE_WIDTH * TILE_WIDTH, part[1]
    if minimum < now:
        raise InvalidInput(
            f"the log is pruned up to {now} already, {minimum} is less",
            place=FILE,
            mend="To publish old entries again, take the file away and let the publisher write all anew.",
        )
    files = tuple(path for name in _gone(minimum) for path in _files_of(folder, name))
    return Plan(minimum, asked, now, files, sum(path.stat().st_size for path in files), held)


def prune(folder: Path, plan: Plan, retention: Retention) -> None:
    """Publish the policy, then take the files away. Raises ``OSError``; run again it goes on."""
    write_flushed(folder / FILE, retention.encode(), mode=0o644)
    remove_pruned(folder, plan.minimum)


def remove_pruned(folder: Path, minimum: int) -> list[str]:
    """Take away what the policy allows to be gone. Returns the paths inside the log."""
    gone = [path for name in _gone(minimum) for path in _files_of(folder, name)]
    for path in gone:
        path.unlink(missing_ok=True)
        if path.parent.suffix == ".p" and not any(path.parent.iterdir()):
            path.parent.rmdir()
    for parent in {path.parent for path in gone if path.parent.is_dir()}:
        sync(parent)
    return [path.relative_to(folder).as_posix() for path in gone]


def minimum_index(folder: Path) -> int:
    """The minimum index in force, 0 without a policy. Raises :class:`InvalidInput` for a policy that cannot be read."""
    try:
        retention = read_retention(folder / FILE)
    except TlogError as error:
        raise InvalidInput(str(error), place=FILE, mend="Put back the policy as it was published.") from error
    return retention.minimum_index if retention else 0


def _published_size(folder: Path) -> int:
    path = folder / "checkpoint"
    if not path.exists():
        raise InvalidInput("nothing is published yet", place=str(path), mend="Start the publisher first.")
    try:
        return read_checkpoint(path.read_text(encoding="utf-8")).size
    except TlogError as error:
        raise InvalidInput(f"not a checkpoint: {error}", place=str(path)) from error


def _scan(reader: EvidenceReader, size: int, before: str) -> _Scan:
    rule, lifted, first = StopRule(), [], size
    at = 0
    while at < size:
        page = reader.entries(at, min(_PAGE, size - at))
        if not page:
            raise StoreFailed(f"entry {at} is missing from the evidence store")
        for index, entry in page:
            rule.observe(index, entry)
            head = read_head(entry)
            if head.kind == EntryKind.RESUME:
                lifted.append((head.at, index))
            if before and head.day >= before:
                first = min(first, index)
        at = page[-1][0] + 1
    return _Scan(first, lifted, sorted(rule.stopped.values()))


def _parted(scan: _Scan, minimum: int) -> tuple[int, str] | None:
    """The earliest stop that this minimum would part from its resume, or lose while it stands, and why it is kept."""
    standing = [(stop, f"the stop at entry {stop} still stands") for stop in scan.standing if stop < minimum]
    parted = [(stop, f"the stop at entry {stop} was lifted at {resume}") for stop, resume in scan.lifted if stop < minimum <= resume]
    return min(standing + parted, default=None)


def _gone(minimum: int) -> list[TileName]:
    names = [TileName(level, n) for level in (None, 0) for n in range(minimum // TILE_WIDTH)]
    return [name for name in names if may_be_gone(name, minimum)]


def _files_of(folder: Path, name: TileName) -> list[Path]:
    """The full tile and what is left of partial ones."""
    full = folder / name.path
    partial = full.with_name(f"{full.name}.p")
    return [path for path in (full, *(sorted(partial.iterdir()) if partial.is_dir() else ())) if path.is_file()]
