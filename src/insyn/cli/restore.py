"""`insyn restore`: put a backup back, and carry out again what was destroyed after it was made, before anything is opened."""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.core.signing import Signed
from insyn.tlog.errors import LogInvalid

from .check import read_root_key


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("restore", help="put a backup back into an empty installation, and continue it from the published log")
    home(command)
    command.add_argument("--from", dest="source", required=True, type=Path, help="a folder that `insyn backup` made for the evidence")
    command.add_argument("--keys", required=True, type=Path, help="the folder that it made for the keys")
    command.add_argument("--log", default="", help="folder or address of the published log (default: the installation's own)")
    command.set_defaults(run=restore)


def restore(arguments: argparse.Namespace) -> int:
    """Exit code 1 when the published log does not continue the backup. What was put back stays for reading; it does not start."""
    from insyn.evidence.backup import catch_up, put_back
    from insyn.evidence.store import EvidenceStore
    from insyn.tlog.read import reader_of

    home: Home = arguments.home
    vkey, root_key = _vkey(home), read_root_key(home)
    manifest = put_back(home.evidence, home.register, backup=arguments.source, keys=arguments.keys, today=datetime.now(UTC).date())
    print(f"Put back: {manifest.size} entries, made {manifest.made}.")
    store = EvidenceStore.open(folder=home.evidence, root_key=root_key, origin=_origin(home), clock=lambda: datetime.now(UTC))
    try:
        found = catch_up(store, reader_of(arguments.log or str(home.public)), vkey, permits=_permits(home.register))
    except LogInvalid as error:
        print(f"NOT CONTINUED: {error}")
        return 1
    finally:
        store.close()
    print(
        f"Taken back from the published log: {found.taken_back} entries, {found.shredded} disposals carried out again. Now {found.size} entries."
    )
    if found.taken_back:
        print("What was sealed in these entries is lost. Legal holds put after the backup have to be put anew.")
    return 0


def _vkey(home: Home) -> str:
    try:
        return home.log_vkey.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InvalidInput("no public key of the log", place=str(home.log_vkey), mend="Put log.vkey there.") from error


def _origin(home: Home) -> str:
    try:
        return str(json.loads(home.sequencer_config.read_bytes())["origin"])
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput("no configuration of the sequencer", place=str(home.sequencer_config), mend="Run `insyn init` first.") from error


def _permits(register: Path) -> dict[str, Signed]:
    """Every permit that the register has issued, by the digest of its body."""
    if not register.exists():
        return {}
    connection = sqlite3.connect(f"file:{register}?mode=ro", uri=True)
    try:
        found = [
            msgspec.json.decode(bytes(signed), type=Signed) for (signed,) in connection.execute("SELECT signed FROM register_issuedpermit")
        ]
    except (sqlite3.Error, msgspec.DecodeError) as error:
        raise InvalidInput(f"the register cannot be read: {error}", place=str(register)) from error
    finally:
        connection.close()
    return {hashlib.sha256(signed.body).hexdigest(): signed for signed in found}
