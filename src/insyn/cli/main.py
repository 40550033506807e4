"""The command `insyn`: one word for each thing that a person outside the web does."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from insyn import __version__
from insyn.core.errors import InsynError
from insyn.core.home import Home
from insyn.core.refusals import Refused

DEFAULT_HOME = "./var/insyn"


#: In the order that `insyn --help` shows them; each is a module beside this one, and those with a home take its option.
COMMANDS = ("init", "up", "stop", "verify", "check", "facts", "classify", "packs", "keys", "digest", "doctor")
_WITH_HOME = frozenset({"init", "up", "stop", "check", "digest", "doctor"})


def parser(only: str = "") -> argparse.ArgumentParser:
    """The whole command line, or one command of it. ``docs/reference/cli.md`` is generated from it and tested against it.

    Reading packs costs half a second of imports; ``only`` spares whoever stops a system from waiting for them.
    """
    top = argparse.ArgumentParser(prog="insyn", description="Use AI only in ways you can answer for: the register entry is the switch.")
    top.add_argument("--version", action="version", version=f"insyn {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in (only,) if only in COMMANDS else COMMANDS:
        module = importlib.import_module(f".{name}", __package__)
        module.add_parser(commands, *((_home,) if name in _WITH_HOME else ()))
    return top


def _home(command: argparse.ArgumentParser) -> None:
    default = os.environ.get("INSYN_HOME", DEFAULT_HOME)
    command.add_argument(
        "--home",
        type=lambda text: Home(Path(text)),
        default=default,
        help="folder of the installation (default: INSYN_HOME or ./var/insyn)",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Exit code 0: done; 1: found something wrong or refused; 2: the call itself was wrong."""
    words = sys.argv[1:] if argv is None else argv
    arguments = parser(words[0] if words else "").parse_args(words)
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
