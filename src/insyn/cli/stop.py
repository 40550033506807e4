"""`insyn stop`: stop with a personal stop key, also when sign-in, the web or the register is down.

One system, a version or a purpose of it, a supplier, or everything. The order is flushed to the spool before it is sent, so it is carried
out even if the sequencer is down now: it reads the spool before its first answer. An order that was given on paper is entered with its true
time; it takes effect at once.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from insyn.core.beside import load_beside
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.home import Home
from insyn.core.messages import Actor, Answer, Denied, Ping, Pong, Stop, StopOrder, StopReport, StopState
from insyn.core.refusals import Refused
from insyn.core.scope import Target, target_of
from insyn.core.signing import Signed, SigningKey
from insyn.core.spool import write_order
from insyn.core.terms import Role, StopScope, StopStatus
from insyn.core.wire import STOP_CONTEXT, encode
from insyn.sdk.control import ControlClient
from insyn.sdk.ordering import tell_others

from .keys import StopKeyFile, read_stop_key

_WAIT_SECONDS = 15.0
PAPER = "paper"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("stop", help="stop a system, a supplier or everything now, with a personal stop key")
    home(command)
    command.add_argument("system", nargs="?", default="", help="the system's short name in the register")
    command.add_argument("--key", required=True, type=Path, help="file of your personal stop key")
    of = command.add_mutually_exclusive_group()
    of.add_argument("--version", default="", help="stop only this version of the system")
    of.add_argument("--purpose", default="", help="stop only this purpose of the system (its short name)")
    of.add_argument("--supplier", default="", help="stop every system of this supplier (its short name in the register: supplier-NUMBER)")
    of.add_argument("--everything", action="store_true", help="stop every system, also those that get a permit later")
    command.add_argument("--reason", default="", help="why, in your own words (kept sealed; you can add it afterwards)")
    command.add_argument("--exercise", action="store_true", help="the stop is given to be measured; it holds like any other")
    command.add_argument("--paper", action="store_true", help="the order was given by hand or voice, and you enter it")
    command.add_argument("--ordered-at", default="", metavar="TIME", help="with --paper: when it was given, such as 2026-11-21T03:14")
    command.add_argument("--by", default="", metavar="PERSON", help="with --paper: the register's id of who gave it (default: you)")
    command.add_argument("--by-name", default="", metavar="NAME", help="with --by: that person's name")
    command.set_defaults(run=stop)


def stop(arguments: argparse.Namespace) -> int:
    held = read_stop_key(arguments.key)
    key = held.signing_key()
    order = _order(arguments, held)
    of = target_of(order)
    signed = key.sign(STOP_CONTEXT, encode(order))
    try:
        write_order(arguments.home.spool, signed)
        written = True
        print(f"Ordered {order.ordered_at}: {_said(of)}. The order lies in the spool.")
    except OSError as error:  # a full disk or a closed folder must not keep the order from the sequencer
        written = False
        print(f"The order could not be written to the spool ({error.strerror}); it is sent to the sequencer all the same.", file=sys.stderr)
    try:
        report = _ask(arguments.home, key, Stop(id=1, order=signed))
    except Unreachable:
        report = None
    finally:  # also when the first refuses: another may know of a mandate that the first does not
        _tell_others(arguments.home, signed, of, key)
    try:
        if report is not None:
            return _follow(arguments.home, key, report, order)
    except Unreachable:
        written = True  # it was committed before the sequencer went away
    return _say_down(written=written)


def _tell_others(home: Home, signed: Signed, of: Target, key: SigningKey) -> None:
    """After the first, which none of them may delay."""
    try:
        told = tell_others(load_beside(home.other_sequencers), signed, of, key)
    except InvalidInput as error:
        print(f"The other sequencers are not told: {error}", file=sys.stderr)
        return
    if away := [name for name, answer in told.items() if answer is None]:
        print(f"Do not answer now, and read their spool first: {', '.join(away)}.", file=sys.stderr)


def _say_down(*, written: bool) -> int:
    if not written:
        print("The sequencer does not answer either: NOTHING IS ORDERED. Give the order another way.", file=sys.stderr)
        return 1
    print(
        "The sequencer does not answer, so nothing is being answered to anybody. It carries out the order before its first answer.",
        file=sys.stderr,
    )
    return 0


def _order(arguments: argparse.Namespace, held: StopKeyFile) -> StopOrder:
    """Raises :class:`InvalidInput` that names the option."""
    you = Actor(person=held.person, name=held.name, role=Role.STOP_HOLDER)
    now = datetime.now(UTC)
    giver, at = (_giver(arguments, you), _moment(arguments.ordered_at, now)) if arguments.paper else (you, now)
    if not arguments.paper and (arguments.ordered_at or arguments.by or arguments.by_name):
        raise InvalidInput("belongs to an order on paper", place="--ordered-at, --by", mend="Say --paper too.")
    if arguments.paper and arguments.exercise:
        raise InvalidInput("an exercise is measured from the press, so it is never entered afterwards", place="--exercise")
    order = StopOrder(
        order=secrets.token_hex(16),
        system=arguments.system,
        actor=giver,
        reason=arguments.reason,
        ordered_at=at.isoformat(timespec="milliseconds"),
        via=PAPER if arguments.paper else "command line",
        scope=_scope(arguments),
        version=arguments.version,
        purpose=arguments.purpose,
        supplier=arguments.supplier,
        entered_by=you if arguments.paper else None,
        exercise=arguments.exercise,
    )
    try:
        target_of(order)
    except InvalidInput as error:
        place = error.place if error.place == "system" else f"--{error.place}"
        raise InvalidInput(error.message, place=place, mend=error.mend or "Name a system, a --supplier, or --everything.") from error
    return order


def _scope(arguments: argparse.Namespace) -> StopScope:
    if arguments.everything:
        return StopScope.EVERYTHING
    named = (scope for scope in (StopScope.VERSION, StopScope.PURPOSE, StopScope.SUPPLIER) if getattr(arguments, scope.value))
    return next(named, StopScope.SYSTEM)


def _giver(arguments: argparse.Namespace, you: Actor) -> Actor:
    if bool(arguments.by) != bool(arguments.by_name):
        raise InvalidInput("who gave the order has both an id and a name", place="--by, --by-name")
    return Actor(person=arguments.by, name=arguments.by_name, role=Role.STOP_HOLDER) if arguments.by else you


def _moment(text: str, now: datetime) -> datetime:
    """When an order on paper was given. A time without a zone is this host's."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("not a time", place="--ordered-at", mend="Write it as 2026-11-21T03:14.") from error
    if moment > now:
        raise InvalidInput("lies ahead", place="--ordered-at", mend="Give the time at which the order was given.")
    return moment


def _said(of: Target) -> str:
    match of.scope:
        case StopScope.EVERYTHING:
            return "everything"
        case StopScope.SUPPLIER:
            return f"every system of {of.supplier}"
        case StopScope.VERSION:
            return f"version {of.version} of {of.system}"
        case StopScope.PURPOSE:
            return f"purpose {of.purpose} of {of.system}"
        case StopScope.SYSTEM:
            return of.system


def _ask(home: Home, key: SigningKey, message: Stop | StopState) -> StopReport:
    answer: Answer = ControlClient(home.control_socket, key).ask(message)
    if isinstance(answer, Denied):
        raise Refused(answer.refusal)
    if not isinstance(answer, StopReport):
        raise Unreachable(f"unexpected answer {type(answer).__name__}")
    return answer


def _follow(home: Home, key: SigningKey, report: StopReport, order: StopOrder) -> int:
    print(f"Committed {report.committed_at}, log index {report.index}: no decision stands after it until a resume does.")
    if report.systems:
        print(f"It holds: {', '.join(report.systems)}; and every system whose permit names the supplier later.")
    _say_what_is_closed(home, key)
    deadline = time.monotonic() + _WAIT_SECONDS
    of = target_of(report)
    asked = StopState(id=2, scope=of.scope, system=of.system, version=of.version, purpose=of.purpose, supplier=of.supplier)
    while report.status is not StopStatus.DRAINED and time.monotonic() < deadline:
        time.sleep(0.05)
        report = _ask(home, key, asked)
    if report.status is not StopStatus.DRAINED:
        print(f"Not drained after {_WAIT_SECONDS:.0f} s; run the command again to see.", file=sys.stderr)
        return 1
    print(f"Drained {report.drained_at}: no SDK accepts an older answer.")
    if order.exercise:
        committed, drained = (_after_ms(order.ordered_at, at) for at in (report.committed_at, report.drained_at))
        print(f"Measured from the order: committed after {committed} ms, drained after {drained} ms.")
    return 0


def _say_what_is_closed(home: Home, key: SigningKey) -> None:
    answer = ControlClient(home.control_socket, key).ask(Ping(id=3))
    if isinstance(answer, Pong) and answer.refusal:
        print(f"Nothing at all is answered now: {answer.refusal.sentence.en}")


def _after_ms(start: str, end: str) -> int:
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() * 1000)
