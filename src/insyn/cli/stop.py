"""`insyn stop SYSTEM`: stop with a personal stop key, also when sign-in, the web or the register is down.

The order is flushed to the spool before it is sent, so it is carried out even if the sequencer is down now: it reads the spool before its
first answer.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from insyn.core.errors import Unreachable
from insyn.core.home import Home
from insyn.core.messages import Actor, Answer, Denied, Stop, StopOrder, StopReport, StopState
from insyn.core.refusals import Refused
from insyn.core.signing import SigningKey
from insyn.core.spool import write_order
from insyn.core.terms import Role, StopStatus
from insyn.core.wire import STOP_CONTEXT, encode
from insyn.sdk.control import ControlClient

from .keys import read_stop_key

_WAIT_SECONDS = 15.0


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("stop", help="stop a system now, with a personal stop key")
    home(command)
    command.add_argument("system", help="the system's short name in the register")
    command.add_argument("--key", required=True, type=Path, help="file of your personal stop key")
    command.add_argument("--reason", default="", help="why, in your own words (kept sealed; you can add it afterwards)")
    command.set_defaults(run=stop)


def stop(arguments: argparse.Namespace) -> int:
    held = read_stop_key(arguments.key)
    key = held.signing_key()
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    actor = Actor(person=held.person, name=held.name, role=Role.STOP_HOLDER)
    order = StopOrder(
        order=secrets.token_hex(16), system=arguments.system, actor=actor, reason=arguments.reason, ordered_at=now, via="command line"
    )
    signed = key.sign(STOP_CONTEXT, encode(order))
    try:
        write_order(arguments.home.spool, signed)
        written = True
        print(f"Ordered {now}: {arguments.system}. The order lies in the spool.")
    except OSError as error:  # a full disk or a closed folder must not keep the order from the sequencer
        written = False
        print(f"The order could not be written to the spool ({error.strerror}); it is sent to the sequencer all the same.", file=sys.stderr)
    try:
        report = _ask(arguments.home, key, Stop(id=1, order=signed))
        return _follow(arguments.home, key, report)
    except Unreachable:
        if not written:
            print("The sequencer does not answer either: NOTHING IS ORDERED. Give the order another way.", file=sys.stderr)
            return 1
        print(
            "The sequencer does not answer, so nothing is being answered to anybody. It carries out the order before its first answer.",
            file=sys.stderr,
        )
        return 0


def _ask(home: Home, key: SigningKey, message: Stop | StopState) -> StopReport:
    answer: Answer = ControlClient(home.control_socket, key).ask(message)
    if isinstance(answer, Denied):
        raise Refused(answer.refusal)
    if not isinstance(answer, StopReport):
        raise Unreachable(f"unexpected answer {type(answer).__name__}")
    return answer


def _follow(home: Home, key: SigningKey, report: StopReport) -> int:
    print(f"Committed {report.committed_at}, log index {report.index}: no decision stands after it until a resume does.")
    deadline = time.monotonic() + _WAIT_SECONDS
    while report.status is not StopStatus.DRAINED and time.monotonic() < deadline:
        time.sleep(0.05)
        report = _ask(home, key, StopState(id=2, system=report.system))
    if report.status is not StopStatus.DRAINED:
        print(f"Not drained after {_WAIT_SECONDS:.0f} s; run the command again to see.", file=sys.stderr)
        return 1
    print(f"Drained {report.drained_at}: no SDK accepts an older answer.")
    return 0
