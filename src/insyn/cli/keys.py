"""`insyn keys stop`: a personal stop key, for when sign-in is down.

The public half goes into the stop mandate in the register; the private half stays with the person, in a file that only they can read.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import msgspec

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.files import write_new
from insyn.core.home import Home
from insyn.core.signing import SigningKey


class StopKeyFile(msgspec.Struct, frozen=True):
    """``person`` is the register's id of the person, ``seed`` the private key (hex)."""

    person: str
    name: str
    seed: str

    def signing_key(self) -> SigningKey:
        try:
            return SigningKey.from_bytes(self.person, bytes.fromhex(self.seed))
        except ValueError as error:
            raise InvalidInput("not a 32-byte key in hex", place="seed", mend="Make a new key with `insyn keys stop`.") from error


def read_stop_key(path: Path) -> StopKeyFile:
    """Read a personal stop key. Raises :class:`InvalidInput` that names the file."""
    try:
        return strict_json.convert(strict_json.loads(path.read_bytes()), StopKeyFile)
    except FileNotFoundError as error:
        raise InvalidInput("no such file", place=str(path), mend="Make a key with `insyn keys stop`.") from error
    except InvalidInput as error:
        raise InvalidInput(error.message, place=f"{path} {error.place}".strip(), mend=error.mend) from error


def write_key(path: Path, data: bytes) -> None:
    """Write a private key. Raises :class:`InvalidInput` for a file that is there already."""
    try:
        write_new(path, data)
    except FileExistsError as error:
        raise InvalidInput("the file exists already", place=str(path), mend="Choose another name; a key is never overwritten.") from error


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("keys", help="make keys: those that people hold, and the log's second one")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="KIND")
    stop = kinds.add_parser("stop", help="make a personal stop key")
    stop.add_argument("--person", required=True, help="the person's id in the register")
    stop.add_argument("--name", required=True, help="the person's name, as it shall stand in the order")
    stop.add_argument("--out", required=True, type=Path, help="file to write (must not exist)")
    stop.set_defaults(run=make_stop_key)
    log = kinds.add_parser(
        "log", help="give an installation the log's ML-DSA-44 key, if it has none; takes effect when the sequencer starts"
    )
    home(log)
    log.set_defaults(run=make_log_key)


def make_log_key(arguments: argparse.Namespace) -> int:
    """For an installation from before the log signed with two keys. What is there is left as it is."""
    from insyn.evidence.logkeys import add_log_key

    home: Home = arguments.home
    print("Made." if add_log_key(home) else "The log has its key already.")
    for path in (home.log_vkey, home.log_ml_dsa_vkey):
        if path.is_file():
            print(f"{path.name}: {path.read_text(encoding='utf-8').strip()}")
    return 0


def make_stop_key(arguments: argparse.Namespace) -> int:
    key = SigningKey.generate(arguments.person)
    content = StopKeyFile(person=arguments.person, name=arguments.name, seed=key.to_bytes().hex())
    write_key(arguments.out, msgspec.json.encode(content))
    print(f"Public key for the stop mandate: {key.public.hex()}")
    return 0
