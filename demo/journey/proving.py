"""Step 8: the published log is checked from outside; one flipped byte is found and named; the sealed part is checked with keys."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import msgspec

from insyn.core.errors import InsynError
from insyn.core.stop_rule import StopRule
from insyn.evidence.check import check
from insyn.tlog.checkpoint import open_checkpoint
from insyn.tlog.errors import LogInvalid, TlogError
from insyn.tlog.notes import NoteVerifier
from insyn.tlog.read import reader_of
from insyn.tlog.tiles import bundle_path
from insyn.tlog.verify import verify_log

from .context import Journey

PUBLISH_SECONDS = 60.0


class Proved(msgspec.Struct, frozen=True):
    """``flipped_file`` and ``flipped_entry``: where the byte was; ``found``: what verification said of it."""

    size: int
    stops: int
    broken_stops: int
    flipped_file: str
    flipped_at: int
    found_file: str
    found_index: int | None
    found: str
    checked: int
    opened: int
    wrong: int


def run(journey: Journey, *, stop_index: int) -> Proved:
    vkey = journey.home.log_vkey.read_text().strip()
    wait_published(journey.home.public, vkey, beyond=stop_index)
    terminal = journey.terminal
    rule = StopRule()
    report = verify_log(reader_of(journey.home.public), vkey, on_entry=rule.observe)
    terminal.line(
        f"insyn verify: valid, {report.size} entries, root {report.checkpoint.root.hex()[:16]}…; {rule.stops} stop, {len(rule.violations)} broken."
    )
    where, at, fault = flip_and_verify(journey.home.public, vkey)
    terminal.line(f"One byte flipped in a copy ({where}, byte {at}). insyn verify: NOT VALID: {fault}")
    sealed = check(journey.home.evidence, bytes.fromhex(journey.home.root_key.read_text()), vkey)
    terminal.line(f"insyn check, with keys: {sealed.size} entries, {sealed.opened} sealed payloads opened, {sealed.found} wrong.")
    for finding in sealed.findings:
        terminal.line(f"WRONG: {finding}", 5)
    if rule.violations or sealed.found:
        raise InsynError("the log or the sealed part is not what it should be")
    return Proved(
        size=report.size,
        stops=rule.stops,
        broken_stops=len(rule.violations),
        flipped_file=where,
        flipped_at=at,
        found_file=fault.file,
        found_index=fault.index,
        found=str(fault),
        checked=sealed.size,
        opened=sealed.opened,
        wrong=sealed.found,
    )


def wait_published(folder: Path, vkey: str, *, beyond: int) -> None:
    """A stop is published at once, so this takes a second or two."""
    deadline = time.monotonic() + PUBLISH_SECONDS
    while time.monotonic() < deadline:
        try:
            if open_checkpoint((folder / "checkpoint").read_text(), [NoteVerifier.parse(vkey)]).size > beyond:
                return
        except (OSError, TlogError):
            pass  # not published yet
        time.sleep(0.1)
    raise InsynError(f"entry {beyond} was not published in {PUBLISH_SECONDS:.0f} s")


def flip_and_verify(public: Path, vkey: str) -> tuple[str, int, LogInvalid]:
    """Flip one bit in the middle of the first bundle of a copy; return the file, the byte and what verification said."""
    with tempfile.TemporaryDirectory(prefix="insyn-flip-") as folder:
        copy = Path(shutil.copytree(public, Path(folder) / "log"))
        bundle = copy / bundle_path(0)
        if not bundle.exists():  # fewer than 256 entries: the only bundle is a partial one
            bundle = next(iter(sorted((copy / f"{bundle_path(0)}.p").iterdir(), key=lambda path: -int(path.name))))
        data = bytearray(bundle.read_bytes())
        at = len(data) // 2
        data[at] ^= 1
        bundle.write_bytes(data)
        try:
            verify_log(reader_of(copy), vkey)
        except LogInvalid as fault:
            return bundle.relative_to(copy).as_posix(), at, fault
    raise InsynError("a flipped byte was not found")
