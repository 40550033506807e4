"""`insyn conformance`: does a supplier's connection hold? Goes through it against a real gateway and says what is missing."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import msgspec

from insyn.core import messages as m, strict_json
from insyn.core.errors import InvalidInput
from insyn.core.terms import Mode
from insyn.sdk.conformance import MISSING, SAMPLE, Check, Trial, run
from insyn.sdk.ways import HttpWay, SocketWay, Way

_MARKS = {"passed": "ok     ", "missing": "MISSING", "skipped": "skipped"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "conformance", help="check a connection to Insyn, as a supplier: what holds, what is missing, what would mend it"
    )
    where = command.add_mutually_exclusive_group(required=True)
    where.add_argument("--url", help="address of the HTTP interface")
    where.add_argument("--socket", type=Path, help="path of the decide socket on this machine")
    command.add_argument("--key-file", type=Path, help="file with the client key (default: the variable INSYN_KEY)")
    command.add_argument("--system", required=True)
    command.add_argument("--version", required=True)
    command.add_argument("--purpose", required=True)
    command.add_argument("--matter-type", required=True)
    command.add_argument("--category", action="append", default=[], help="a category of data; may stand several times")
    command.add_argument("--mode", choices=[mode.value for mode in Mode], default=Mode.SUPPORT.value)
    command.add_argument("--sample", type=Path, help="JSON file with an outcome as your system sends it (default: a made-up one)")
    command.add_argument("--wait-for-stop", type=float, default=0.0, metavar="SECONDS", help="ask until the municipality stops the system")
    command.add_argument("--json", action="store_true", help="print the checks as JSON")
    command.set_defaults(run=conformance)


def conformance(given: argparse.Namespace) -> int:
    """Exit code 0 when nothing is missing, 1 otherwise."""
    asked = _asked(given)
    sample = _sample(given.sample) if given.sample else SAMPLE
    checks: list[Check] = []
    for check in run(Trial(_way(given), asked, sample, stop_seconds=given.wait_for_stop)):
        checks.append(check)
        if not given.json:
            print(_line(check), flush=True)
    missing = sum(check.verdict == MISSING for check in checks)
    if given.json:
        print(msgspec.json.encode({"missing": missing, "checks": checks}).decode())
    else:
        print(f"{missing} of {len(checks)} checks found something missing." if missing else "Nothing is missing.")
    return 1 if missing else 0


def _way(given: argparse.Namespace) -> Way:
    key = _key(given.key_file)
    return HttpWay(given.url, key) if given.url else SocketWay(given.socket, key)


def _key(path: Path | None) -> str:
    try:
        key = path.read_text().strip() if path else os.environ.get("INSYN_KEY", "")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput("the key file cannot be read", place=str(path)) from error
    if not key:
        raise InvalidInput("no client key", place="key", mend="Set INSYN_KEY, or give --key-file. The register issues keys.")
    return key


def _asked(given: argparse.Namespace) -> m.Asked:
    plain = {
        "system": given.system,
        "version": given.version,
        "purpose": given.purpose,
        "matter_type": given.matter_type,
        "categories": given.category,
        "mode": given.mode,
    }
    return strict_json.convert(plain, m.Asked)


def _sample(path: Path) -> m.Outcome:
    try:
        return strict_json.convert(strict_json.loads(path.read_bytes()), m.Outcome)
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", place=str(path)) from error
    except InvalidInput as error:
        raise InvalidInput(error.message, place=f"{path.name}: {error.place}", mend=error.mend or "See docs/reference/http.md.") from error


def _line(check: Check) -> str:
    mend = f"\n          {check.mend}" if check.mend else ""
    return f"{_MARKS[check.verdict]}  {check.name}: {check.said}{mend}"
