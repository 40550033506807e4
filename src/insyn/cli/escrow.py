"""`insyn escrow`: the keys of what is kept for good, sealed to the archive authority; and the test that they open what they should."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.files import write_flushed
from insyn.core.hexkeys import key_of_hex
from insyn.core.home import Home

from .keys import write_key


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("escrow", help="keys of what is kept for good, sealed to the archive authority")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="KIND")
    new = kinds.add_parser("new-key", help="make the archive authority's key; done by the archive, on its own machine")
    new.add_argument("--out", required=True, type=Path, help="file for the private key (must not exist)")
    new.set_defaults(run=new_key)
    use = kinds.add_parser("use", help="escrow to this public key from the sequencer's next start on")
    home(use)
    use.add_argument("public", help="the archive authority's public key, 64 hex digits")
    use.set_defaults(run=use_key)
    export = kinds.add_parser("export", help="write the escrowed keys to a file for the archive authority")
    home(export)
    export.add_argument("--out", required=True, type=Path, help="file to write")
    export.set_defaults(run=export_keys)
    test = kinds.add_parser("test", help="open records of every preserved month with the escrow alone; the root key is not read")
    home(test)
    test.add_argument("--escrow", required=True, type=Path, help="file that `insyn escrow export` wrote")
    test.add_argument("--key", required=True, type=Path, help="the archive authority's private key")
    test.set_defaults(run=test_escrow)


def new_key(arguments: argparse.Namespace) -> int:
    from insyn.evidence.escrow import new_key as make

    private, public = make()
    write_key(arguments.out, f"{private.hex()}\n".encode())
    print(f"Public key for the municipality: {public.hex()}")
    return 0


def use_key(arguments: argparse.Namespace) -> int:
    from insyn.evidence.escrow import recipient_of, seal_key

    home: Home = arguments.home
    public = key_of_hex(arguments.public, place="public")
    seal_key(public, bytes(32), system="test", month="2000-01")  # raises what is wrong with it
    write_flushed(home.archive_key, (public.hex() + "\n").encode(), mode=0o644)
    print(f"Keys of what is kept for good are escrowed to {recipient_of(public)} from the sequencer's next start on.")
    return 0


def export_keys(arguments: argparse.Namespace) -> int:
    from insyn.evidence.escrow import export

    held = export(arguments.home.evidence)
    write_flushed(arguments.out, msgspec.json.format(msgspec.json.encode(held)))
    print(f"{len(held.keys)} month keys, sealed to {held.recipient or 'nobody'}.")
    return 0


def test_escrow(arguments: argparse.Namespace) -> int:
    """Exit code 1 when a month does not open."""
    from insyn.evidence.escrow import read_file, restore_test

    try:
        private = key_of_hex(arguments.key.read_text(encoding="utf-8").strip(), place=str(arguments.key))
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", place=str(arguments.key)) from error
    found = restore_test(arguments.home.evidence, read_file(arguments.escrow), private)
    for row in found:
        print(f"{row.system} {row.month}: {row.opened} opened" if not row.fault else f"WRONG: {row.system} {row.month}: {row.fault}")
    wrong = sum(1 for row in found if row.fault)
    print(f"{len(found)} months kept for good, {wrong} wrong")
    return int(wrong > 0)
