"""`insyn doctor`: what stands in the way of an installation, each with its mend."""

from __future__ import annotations

import argparse
import stat
from collections.abc import Callable, Iterator

from insyn.core.errors import InsynError, InvalidInput, Unreachable
from insyn.core.home import Home
from insyn.core.messages import Ping, Pong
from insyn.core.signing import SigningKey
from insyn.core.spool import load_order, waiting_orders
from insyn.sdk.control import ControlClient


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("doctor", help="say what stands in the way, and what would mend it")
    home(command)
    command.set_defaults(run=doctor)


def doctor(arguments: argparse.Namespace) -> int:
    faults = [fault for look in (_files, _log, _proxies, _spool, _sequencer) for fault in look(arguments.home)]
    for fault in faults:
        print(f"- {fault}")
    print("Nothing stands in the way." if not faults else f"{len(faults)} to mend.")
    return int(bool(faults))


def _files(home: Home) -> Iterator[str]:
    for path in (home.register, home.sequencer_config, home.register_key, home.log_key, home.root_key, home.django_key):
        if not path.exists():
            yield f"{path} is missing. Make the installation first, or give another folder with --home."
    for path in (home.secrets, home.spool, home.run, home.evidence):
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield f"{path} is open to other users. chmod 700 {path}"


def _log(home: Home) -> Iterator[str]:
    """The log's second key, and the witnesses."""
    from insyn.evidence.witnessing import Witnesses

    if home.sequencer_config.exists() and b'"log_ml_dsa_key_file"' not in home.sequencer_config.read_bytes():
        yield f"The log has no ML-DSA-44 key. insyn keys log --home {home.root}, then start the sequencer anew."
    try:
        Witnesses(home.witnesses).policy()
    except InvalidInput as error:
        yield f"{error} Until then no witness is asked, and the sequencer does not start."


def _proxies(home: Home) -> Iterator[str]:
    """The models that the proxy stands before, if any are named."""
    from insyn.gateway.proxies.config import load_routes

    if home.proxies.exists():
        try:
            load_routes(home.proxies)
        except InvalidInput as error:
            yield f"{error} Until then the proxy does not start, and no assistant answers."


def _spool(home: Home) -> Iterator[str]:
    if not home.spool.is_dir():
        return
    for path in waiting_orders(home.spool):
        try:
            load_order(path)
            yield f"{path} is a stop order that waits. Start the sequencer; it reads the spool before its first answer."
        except InsynError as error:
            yield f"{path} cannot be read ({error}). Find out what was ordered, order it again, then move the file away. Until then nothing is answered."


def _sequencer(home: Home) -> Iterator[str]:
    if not home.register_key.exists():
        return
    key = SigningKey.from_bytes("register", bytes.fromhex(home.register_key.read_text().strip()))
    try:
        answer = ControlClient(home.control_socket, key).ask(Ping(id=1))
    except Unreachable as error:
        yield f"The sequencer does not answer ({error}). Run `insyn up`. Until then the answer to every system is no."
        return
    if isinstance(answer, Pong) and answer.refusal is not None:
        reason = answer.refusal.reasons[0]
        yield f"The sequencer answers nobody: {reason.sentence.en} {reason.mend.en}"
