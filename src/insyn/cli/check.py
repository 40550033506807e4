"""`insyn check`: with keys, that the sealed part, the register and the published log are what the log says they are."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from insyn.core.errors import InvalidInput
from insyn.core.home import Home


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser(
        "check", help="with keys: check every table, the key file, the register and the published log against the log"
    )
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
    from insyn.evidence.checkpublic import check_published

    home: Home = arguments.home
    if not home.log_vkey.is_file():
        raise InvalidInput("no public key of the log", place=str(home.log_vkey), mend="Give the folder of an installation with --home.")
    root_key, vkey = read_root_key(home), home.log_vkey.read_text(encoding="utf-8").strip()
    report = check_store(home.evidence, root_key, vkey)
    check_published(home.evidence, home.public, vkey, report)
    acts = _check_register(home, root_key, report.add) if home.register.exists() and report.readable else 0
    for finding in report.findings:
        print(f"WRONG: {finding}")
    if report.found > len(report.findings):
        print(f"and {report.found - len(report.findings)} more")
    print(
        f"{report.size} entries ({report.checkpoint_size} under a checkpoint), {report.opened} payloads opened, {report.erased} erased,"
        f" {acts} acts, {report.found} wrong"
    )
    if report.lost:
        print(f"What was sealed in {report.lost} entries is lost: they came after the backup that was put back.")
    if report.vouched_since:
        print(f"Rows that no entry commits to are vouched for since entry {report.vouched_since}.")
    return int(not report.ok)


def _check_register(home: Home, root_key: bytes, tell: Callable[[str, object, str], None]) -> int:
    from insyn.evidence.reader import EvidenceReader

    from .packs_systems import open_register

    open_register(home)
    from insyn.web.register.checking import check_register

    with EvidenceReader.read_only(home.evidence, root_key=root_key) as reader:
        reader.connection.execute("BEGIN")
        return check_register(reader, tell)
