"""The command `insyn`: one word for each thing that a person outside the web does."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from insyn import __version__
from insyn.core.errors import InsynError
from insyn.core.home import Home
from insyn.core.refusals import Refused

from . import check, doctor, init, keys, packs, stop, verify

DEFAULT_HOME = "./var/insyn"


def parser() -> argparse.ArgumentParser:
    """The whole command line. ``docs/reference/cli.md`` is generated from it and tested against it."""
    top = argparse.ArgumentParser(prog="insyn", description="Use AI only in ways you can answer for: the register entry is the switch.")
    top.add_argument("--version", action="version", version=f"insyn {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    init.add_parser(commands, _home)
    add = commands.add_parser("up", help="run the whole installation on this machine until Ctrl-C")
    _home(add)
    add.add_argument("--port", type=int, default=8000, help="port of the web site (default 8000)")
    add.add_argument("--http-port", type=int, default=8001, help="port of the HTTP interface for systems (default 8001)")
    add.add_argument("--settings", default="insyn.web.settings", help="Django settings module")
    add.set_defaults(run=_up)

    stop.add_parser(commands, _home)
    verify.add_parser(commands)
    check.add_parser(commands, _home)
    packs.add_parser(commands)
    keys.add_parser(commands)
    doctor.add_parser(commands, _home)
    return top


def _home(command: argparse.ArgumentParser) -> None:
    default = os.environ.get("INSYN_HOME", DEFAULT_HOME)
    command.add_argument(
        "--home",
        type=lambda text: Home(Path(text)),
        default=default,
        help="folder of the installation (default: INSYN_HOME or ./var/insyn)",
    )


def _up(arguments: argparse.Namespace) -> int:
    from .up import up

    return up(arguments.home, settings=arguments.settings, web_port=arguments.port, http_port=arguments.http_port)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit code 0: done; 1: found something wrong or refused; 2: the call itself was wrong."""
    arguments = parser().parse_args(argv)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except Refused as refused:
        reason = refused.refusal.reasons[0]
        print(f"Refused ({refused.refusal.code}): {reason.sentence.en} {reason.mend.en}", file=sys.stderr)
        return 1
    except InsynError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
