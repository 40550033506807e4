"""`insyn witness`: watch the logs of others. A neighbouring municipality, a region or an auditor runs it; it needs no installation of Insyn.

Everything lies in one folder: two keys (Ed25519 and ML-DSA-44) and the book of what was cosigned.
"""

from __future__ import annotations

import argparse
import secrets
import signal
import threading
import time
from contextlib import closing
from pathlib import Path
from types import FrameType

from insyn.core.errors import InvalidInput
from insyn.core.files import write_new
from insyn.tlog.cosignature import ED25519_COSIGNATURE, ML_DSA_44, Cosigner, parse_vkeys
from insyn.tlog.errors import TlogError
from insyn.tlog.witness_book import WitnessBook

from .witness_server import WitnessServer

_NAME, _BOOK = "name", "witness.sqlite"
_KEYS = {"ed25519.key": ED25519_COSIGNATURE, "ml-dsa-44.key": ML_DSA_44}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("witness", help="watch the logs of others: cosign what continues what was seen before")
    kinds = command.add_subparsers(dest="kind", required=True, metavar="KIND")
    init = _kind(kinds, "init", "make the keys of a witness", make)
    init.add_argument("--name", required=True, help="name of the witness: an address without https://, such as vittne.grannkommunen.se/1")
    watch = _kind(kinds, "watch", "watch a log: its public key as its owner gave it to you, not as the log shows it", start_watching)
    watch.add_argument("vkey", help="the log's public keys: one, or a file with one a line")
    leave = _kind(kinds, "leave", "watch a log no more; what was cosigned stays in the book", stop_watching)
    leave.add_argument("origin", help="name of the log")
    _kind(kinds, "show", "the witness's public keys, and what it has seen of each log", show)
    run_kind = _kind(kinds, "run", "answer over HTTP until Ctrl-C", run)
    run_kind.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    run_kind.add_argument("--port", type=int, default=8765, help="port to listen on (default 8765)")


def _kind(kinds: argparse._SubParsersAction[argparse.ArgumentParser], name: str, says: str, do: object) -> argparse.ArgumentParser:
    command = kinds.add_parser(name, help=says)
    command.add_argument("--folder", type=Path, required=True, help="folder of the witness")
    command.set_defaults(run=do)
    return command


def make(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    try:
        signers = [Cosigner(arguments.name, secrets.token_bytes(32), kind=kind) for kind in _KEYS.values()]
    except TlogError as error:
        raise InvalidInput(str(error), place="--name", mend="A name has no space and no plus.") from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any((folder / name).exists() for name in (_NAME, *_KEYS)):
        raise InvalidInput("there is a witness already", place=str(folder), mend="Choose another folder; a key is never overwritten.")
    for name, signer in zip(_KEYS, signers, strict=True):
        write_new(folder / name, f"{signer.seed.hex()}\n".encode())
    write_new(folder / _NAME, f"{arguments.name}\n".encode())
    with closing(WitnessBook(folder / _BOOK)):
        pass
    _print_keys(signers)
    return 0


def start_watching(arguments: argparse.Namespace) -> int:
    path = Path(arguments.vkey)
    text = path.read_text(encoding="utf-8") if path.is_file() else str(arguments.vkey)
    with closing(_book(arguments.folder)) as book:
        try:
            origins = {book.watch(key.vkey) for key in parse_vkeys(text)}
        except TlogError as error:
            raise InvalidInput(str(error), place="vkey", mend="Give the log's public key as its owner gave it to you.") from error
    print(f"Watching {', '.join(sorted(origins))}")
    return 0


def stop_watching(arguments: argparse.Namespace) -> int:
    with closing(_book(arguments.folder)) as book:
        if not book.leave(arguments.origin):
            raise InvalidInput("not a log that is watched", place=arguments.origin, mend="See them with `insyn witness show`.")
    print(f"{arguments.origin} is not watched from now on; what was cosigned stays in the book.")
    return 0


def show(arguments: argparse.Namespace) -> int:
    _print_keys(_signers(arguments.folder))
    with closing(_book(arguments.folder)) as book:
        for watched in book.watched():
            seen = f"{watched.seen.size} entries, root {watched.seen.root.hex()}" if watched.seen else "nothing seen yet"
            print(f"{watched.origin}: {seen}")
    return 0


def run(arguments: argparse.Namespace) -> int:
    signers = _signers(arguments.folder)
    with closing(_book(arguments.folder)) as book:
        try:
            server = WitnessServer((arguments.host, arguments.port), book, signers)
        except OSError as error:
            raise InvalidInput(f"cannot listen: {error}", place=f"{arguments.host}:{arguments.port}", mend="Give another port.") from error

        def end(number: int, frame: FrameType | None) -> None:
            threading.Thread(target=server.shutdown).start()  # it waits for the loop, which this handler stands in

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, end)
        print(f"Witness {signers[0].name} on http://{arguments.host}:{server.server_port}/   Ctrl-C ends.", flush=True)
        with server:
            server.serve_forever(poll_interval=0.2)
    return 0


def _signers(folder: Path) -> list[Cosigner]:
    try:
        name = (folder / _NAME).read_text(encoding="utf-8").strip()
        seeds = {kind: bytes.fromhex((folder / file).read_text(encoding="utf-8").strip()) for file, kind in _KEYS.items()}
        return [Cosigner(name, seed, kind=kind, now=lambda: int(time.time())) for kind, seed in seeds.items()]
    except (OSError, ValueError) as error:
        raise InvalidInput(f"no witness here: {error}", place=str(folder), mend="Make one with `insyn witness init`.") from error


def _book(folder: Path) -> WitnessBook:
    if not (folder / _BOOK).is_file():
        raise InvalidInput("no witness here", place=str(folder), mend="Make one with `insyn witness init`.")
    return WitnessBook(folder / _BOOK)


def _print_keys(signers: list[Cosigner]) -> None:
    print("Public keys of the witness, for the log's policy (a log needs one of them):")
    for signer in signers:
        print(f"  {signer.vkey}")
