"""`insyn verify`: check a published log from outside, with nothing but its public key."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.core.stop_rule import StopRule
from insyn.tlog.errors import LogInvalid, TlogError
from insyn.tlog.read import reader_of
from insyn.tlog.verify import verify_log

_SHOWN = 20


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("verify", help="check a published log from outside, with its public key only")
    command.add_argument("log", help="folder or http(s) address of the published log")
    command.add_argument("--vkey", help="the log's public key: the key itself, or a file (default for a folder: log.vkey in it)")
    command.add_argument("--stops", action="store_true", help="check too that no decision of a stopped system stands after its stop")
    command.set_defaults(run=verify)


def verify(arguments: argparse.Namespace) -> int:
    rule = StopRule()
    began = time.monotonic()
    try:
        report = verify_log(reader_of(arguments.log), _vkey(arguments), on_entry=rule.observe if arguments.stops else None)
    except LogInvalid as error:
        print(f"NOT VALID: {error}")
        return 1
    except TlogError as error:
        raise InvalidInput(str(error), place="--vkey", mend="Give the public key as it was published apart from the log.") from error
    seconds = time.monotonic() - began
    print(
        f"Valid: {report.size} entries of {report.checkpoint.origin}, {report.files} files, root {report.checkpoint.root.hex()} ({seconds:.2f} s)"
    )
    return _say_stops(rule) if arguments.stops else 0


def _vkey(arguments: argparse.Namespace) -> str:
    """The key given, the content of the file given, or ``log.vkey`` in the folder (which then vouches for itself: said so)."""
    if arguments.vkey:
        path = Path(arguments.vkey)
        return path.read_text(encoding="utf-8").strip() if path.is_file() else str(arguments.vkey)
    beside = Path(arguments.log) / "log.vkey"
    if not beside.is_file():
        raise InvalidInput("no public key given", place="--vkey", mend="Give the log's public key or a file that holds it.")
    print("Note: the key was read from beside the log. To trust the log, compare it with a key that you got another way.")
    return beside.read_text(encoding="utf-8").strip()


def _say_stops(rule: StopRule) -> int:
    for violation in rule.violations[:_SHOWN]:
        print(f"STOP BROKEN: entry {violation.index}: {violation.message}")
    if len(rule.violations) > _SHOWN:
        print(f"and {len(rule.violations) - _SHOWN} more")
    now = ", ".join(f"{system} (since entry {index})" for system, index in sorted(rule.stopped.items())) or "none"
    print(f"Stops: {rule.stops}, resumes: {rule.resumes}, broken: {len(rule.violations)}; stopped now: {now}")
    return int(bool(rule.violations))
