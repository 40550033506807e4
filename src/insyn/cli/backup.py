"""`insyn backup`: a copy of a store in use, keys apart from evidence; `insyn restore` in the module beside this one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from insyn.core.backups import key_backup_days
from insyn.core.home import Home


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser(
        "backup", help="copy evidence and register to one folder, the key file to another; remove expired key copies"
    )
    home(command)
    command.add_argument("--to", required=True, type=Path, help="folder for copies of evidence and register")
    command.add_argument("--keys", required=True, type=Path, help="folder for copies of the key file, on another disk")
    command.set_defaults(run=backup)


def backup(arguments: argparse.Namespace) -> int:
    from insyn.evidence.backup import make, read_manifest

    home: Home = arguments.home
    days = key_backup_days(home.sequencer_config)
    made, keys = make(home.evidence, home.register, to=arguments.to, keys_to=arguments.keys, days=days, now=datetime.now(UTC))
    print(f"{made}: {read_manifest(made).size} entries")
    print(f"{keys}: keys, to be kept through {read_manifest(keys).expires}")
    return 0
