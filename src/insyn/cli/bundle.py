"""`insyn bundle`: the evidence of one case as a file, opened for a named person and purpose."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.core.files import write_flushed

from .packs_systems import open_register


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("bundle", help="fetch the evidence of one case as a file that checks itself offline")
    home(command)
    command.add_argument("rid", help="the record's id, 32 hex digits")
    command.add_argument("--out", required=True, type=Path, help="ZIP file to write (must not exist)")
    command.add_argument("--as", dest="username", required=True, help="user name of the auditor or officer who fetches it")
    command.add_argument("--purpose", required=True, help="what it is needed for; stands sealed in the log")
    command.add_argument("--language", choices=("sv", "en"), default="sv", help="language of the report (default: sv)")
    command.set_defaults(run=bundle)


def bundle(arguments: argparse.Namespace) -> int:
    if arguments.out.exists():
        raise InvalidInput("the file exists already", place=str(arguments.out), mend="Choose another name.")
    open_register(arguments.home)
    from insyn.web import clock
    from insyn.web.accounts.models import User
    from insyn.web.accounts.permissions import as_actor, holds
    from insyn.web.archive.bundle_views import bundle_of

    user = User.objects.filter(username=arguments.username).first()
    mandate = holds(user, "bundle.open", clock.today()) if user is not None else None
    if mandate is None:
        raise InvalidInput("holds no mandate as auditor or case officer", place="--as", mend="Name a user who does.")
    data = bundle_of(actor=as_actor(mandate), rid=arguments.rid, purpose=arguments.purpose, language=arguments.language)
    write_flushed(arguments.out, data)
    print(f"{arguments.out}: {len(data)} bytes. Unpack it and run: python verify.py")
    return 0
