"""`insyn check`: with keys, that the sealed part is what the log says it is."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from insyn.core.errors import InvalidInput
from insyn.core.home import Home


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("check", help="with keys: check payloads, facts and the key file against the log")
    home(command)
    command.set_defaults(run=check)


def read_root_key(home: Home) -> bytes:
    """The wrapping key (32 bytes). Raises :class:`InvalidInput` that names the file."""
    try:
        return bytes.fromhex(home.root_key.read_text(encoding="utf-8").strip())
    except (OSError, ValueError) as error:
        raise InvalidInput("the wrapping key cannot be read", place=str(home.root_key), mend="Put the key there, 64 hex digits.") from error


def check(arguments: argparse.Namespace) -> int:
    from insyn.evidence.check import check as check_store

    home: Home = arguments.home
    if not home.log_vkey.is_file():
        raise InvalidInput("no public key of the log", place=str(home.log_vkey), mend="Give the folder of an installation with --home.")
    report = check_store(home.evidence, read_root_key(home), home.log_vkey.read_text(encoding="utf-8").strip())
    for finding in report.findings:
        print(f"WRONG: {finding}")
    if report.found > len(report.findings):
        print(f"and {report.found - len(report.findings)} more")
    print(
        f"{report.size} entries ({report.checkpoint_size} under a checkpoint), {report.opened} payloads opened, {report.erased} erased, {report.found} wrong"
    )
    return int(not report.ok)
