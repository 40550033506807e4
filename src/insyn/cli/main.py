"""The command `insyn`: one word for each thing that a person outside the web does."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from insyn import __version__
from insyn.core.errors import InsynError, InvalidInput
from insyn.core.home import Home
from insyn.core.refusals import Refused

DEFAULT_HOME = "./var/insyn"


#: In the order that `insyn --help` shows them; each is a module beside this one, and those with a home take its option.
COMMANDS = (
    "init",
    "up",
    "stop",
    "verify",
    "check",
    "facts",
    "classify",
    "packs",
    "keys",
    "witness",
    "prune",
    "dispose",
    "escrow",
    "bundle",
    "backup",
    "restore",
    "conformance",
    "fidelity",
    "digest",
    "doctor",
)
_WITH_HOME = frozenset(
    {"init", "up", "stop", "check", "keys", "prune", "dispose", "escrow", "bundle", "backup", "restore", "digest", "doctor"}
)


def parser(only: str = "") -> argparse.ArgumentParser:
    """The whole command line, or one command of it. ``docs/reference/cli.md`` is generated from it and tested against it.

    Reading packs costs half a second of imports; ``only`` spares whoever stops a system from waiting for them.
    """
    top = argparse.ArgumentParser(prog="insyn", description="Use AI only in ways you can answer for: the register entry is the switch.")
    top.add_argument("--version", action="version", version=f"insyn {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in (only,) if only in COMMANDS else COMMANDS:
        module = _module(name)
        if module is None:
            commands.add_parser(name, help="needs the server parts: pip install 'insyn[server]'").set_defaults(run=_without_server)
        else:
            module.add_parser(commands, *((_home,) if name in _WITH_HOME else ()))
    return top


def _module(name: str) -> ModuleType | None:
    """A command's module, or ``None`` where only the SDK is installed and the command needs more."""
    try:
        return importlib.import_module(f".{name}", __package__)
    except ModuleNotFoundError as error:
        if _is_ours(error):
            raise
        return None


def _is_ours(error: ModuleNotFoundError) -> bool:
    """A fault of ours, rather than a library that is not installed."""
    return error.name is None or error.name.partition(".")[0] == "insyn"


def _without_server(arguments: argparse.Namespace) -> int:
    raise InvalidInput(f"insyn {arguments.command} needs the server parts", mend="Install them: pip install 'insyn[server]'.")


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
    except ModuleNotFoundError as error:
        if _is_ours(error):
            raise
        print(f"insyn {arguments.command} needs {error.name}. Install the server parts: pip install 'insyn[server]'.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
