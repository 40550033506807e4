"""`insyn init`: make an installation and its first administrator, ready for `insyn up`."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable

from insyn.core.errors import InvalidInput
from insyn.core.home import Home

MAX_AGE_MS = 2000
_SHORTEST = 12


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("init", help="make an installation and its first administrator")
    home(command)
    command.add_argument("--origin", required=True, help="name of the log: its public address without https://, such as kommunen.se/insyn")
    command.add_argument("--municipality", required=True, help="the municipality's name")
    command.add_argument("--username", required=True, help="sign-in name of the first administrator")
    command.add_argument("--first-name", required=True)
    command.add_argument("--last-name", required=True)
    command.add_argument("--office", default="Kommunledningskontoret", help="the administrator's office (default Kommunledningskontoret)")
    command.add_argument("--max-age-ms", type=int, default=MAX_AGE_MS, help="how old an answer may be when it is used (default 2000)")
    command.add_argument("--password-stdin", action="store_true", help="read the password from standard input instead of asking")
    command.set_defaults(run=init)


def init(arguments: argparse.Namespace) -> int:
    """Everything that can be wrong is found before anything is made."""
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from insyn.web.setup import prepare_home, prepare_register

    home: Home = arguments.home
    if home.register.exists():
        raise InvalidInput(
            "there is an installation already", place=str(home.root), mend="Start it with `insyn up`, or give another folder."
        )
    if not 100 <= arguments.max_age_ms <= 60_000:
        raise InvalidInput("not between 100 and 60000", place="--max-age-ms", mend="Leave it out for 2000.")
    password = _password(from_input=arguments.password_stdin)
    prepare_home(home, arguments.origin, arguments.max_age_ms)
    prepare_register(home)
    try:
        validate_password(password)
    except ValidationError as error:
        home.register.unlink()
        raise InvalidInput(" ".join(error.messages), place="password", mend="Choose another and run the command again.") from error
    _open(arguments, password)
    print(f"Made in {home.root}. Start with: insyn up --home {home.root}")
    print(f"Take the wrapping key out of {home.root_key} and give it from outside this disk before real cases come in.")
    return 0


def _password(*, from_input: bool) -> str:
    if from_input:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password of the administrator: ")
        if password != getpass.getpass("Once more: "):
            raise InvalidInput("the two passwords differ", place="password", mend="Run the command again.")
    if len(password) < _SHORTEST:
        raise InvalidInput(f"shorter than {_SHORTEST} characters", place="password", mend="Choose a longer one.")
    return password


def _open(arguments: argparse.Namespace, password: str) -> None:
    from insyn.web.accounts.actions import open_register

    open_register(
        name=arguments.municipality,
        username=arguments.username,
        first_name=arguments.first_name,
        last_name=arguments.last_name,
        password=password,
        office="kontoret",
        office_sv=arguments.office,
        office_en=arguments.office,
    )
