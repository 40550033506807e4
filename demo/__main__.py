"""``python -m demo``: the whole journey on one machine, then the site until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

from demo import installation, marks
from demo.journal import Journal, sign_ins
from demo.journey import approving, explaining, opening, proving, reviewing, showing, stopping, streaming, telling, writing
from demo.journey.context import Journey, fetch
from demo.lindvalla import people
from demo.terminal import Terminal
from insyn.cli.up import Services, wait_for_end
from insyn.core.errors import InsynError
from insyn.core.home import Home
from insyn.core.labels import label
from insyn.core.refusals import Refused

DEFAULT_HOME = "./var/demo"
PUBLIC_SECONDS = 5.0


class AskedToEnd(BaseException):
    """Ctrl-C or SIGTERM."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m demo", description="Insyn in a fictional municipality: one AI system from register to stop."
    )
    top.add_argument("--home", type=Path, default=Path(DEFAULT_HOME), help=f"folder of the demonstration (default {DEFAULT_HOME})")
    top.add_argument("--port", type=int, default=8000, help="port of the web site (default 8000)")
    top.add_argument("--http-port", type=int, default=8001, help="port of the HTTP interface for systems (default 8001)")
    top.add_argument("--fresh", action="store_true", help="remove what the demonstration wrote before, and start anew")
    top.add_argument("--empty", action="store_true", help="only the municipality and its people: an empty register to try things in")
    top.add_argument("--no-serve", action="store_true", help="end when the journey is done instead of staying up")
    return top


def main() -> int:
    """Exit code 0: done, or asked to end; 1: something in the journey did not hold."""
    arguments = parser().parse_args()
    home = Home(arguments.home.absolute())
    terminal = Terminal()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ask_to_end)
    try:
        return run(home, terminal, arguments)
    except AskedToEnd:
        terminal.line("Ended before the journey was done. `make run` goes on where it was.", 0)
        return 0
    except Refused as refused:
        reason = refused.refusal.reasons[0]
        print(f"Refused ({refused.refusal.code}): {reason.sentence.en} {reason.mend.en}", file=sys.stderr)
        return 1
    except InsynError as error:
        print(error, file=sys.stderr)
        return 1


def _ask_to_end(number: int, frame: FrameType | None) -> None:
    """Once is enough: a second Ctrl-C must not interrupt the ending."""
    _ignore_signals()
    raise AskedToEnd


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def run(home: Home, terminal: Terminal, arguments: argparse.Namespace) -> int:
    """Prepare, start, walk through the steps, stay up, end what was started."""
    if arguments.fresh and marks.remove(home):
        terminal.line(f"Removed the demonstration in {home.root}.", 0)
    for option, port in (("--port", arguments.port), ("--http-port", arguments.http_port)):
        installation.check_port(option, port)
    new = installation.prepare(home)
    terminal.line(f"Insyn, demonstration in {home.root}: {'a new municipality' if new else 'continues where it was'}.", 0)
    services = Services(
        home,
        settings=installation.SETTINGS,
        packs=installation.packs(),
        web_port=arguments.port,
        http_port=arguments.http_port,
        public_seconds=PUBLIC_SECONDS,
        environment=installation.environment(home),
    )
    try:
        journey = Journey(home, services, terminal, Journal(home))
        if arguments.empty:
            only_people(journey)
        else:
            walk(journey)
        return stay(services, terminal) if not arguments.no_serve else 0
    finally:
        end(services, terminal)


def walk(journey: Journey) -> None:
    """The nine steps; the last one is staying up."""
    services, terminal = journey.services, journey.terminal
    services.start(["sequencer", "relay", "front", "web"])
    fetch(services, "/")
    terminal.line(f"First page after {terminal.seconds:.1f} s: {services.web_url}/", 0)
    terminal.step(1, "A municipality, its offices and its systems")
    opening.run(journey)
    terminal.step(2, "Lånestöd is refused until its gates are met and the board has decided")
    approving.run(journey)
    terminal.step(3, "Real applications through the gateway")
    streamed = streaming.run(journey)
    terminal.step(4, "Live figures, counted from the log")
    showing.run(journey, streamed)
    explaining.run(journey)
    terminal.step(5, "The resident's letter")
    writing.run(journey, streamed)
    terminal.step(6, "Stop, while four processes stream")
    stopped = stopping.run(journey)
    terminal.step(7, "The rest of the register: needs, deviations, what went wrong, and what nobody knew")
    telling.run(journey)
    terminal.step(8, "Anybody can check")
    proving.run(journey, stop_index=stopped.index)
    terminal.step(9, "The site is up")
    print_addresses(journey)


def only_people(journey: Journey) -> None:
    """A municipality whose register is empty."""
    services, terminal = journey.services, journey.terminal
    services.start(["sequencer", "relay", "front", "web"])
    fetch(services, "/")
    opening.enter_people(journey)
    terminal.step(1, "The site is up, and the register is empty")
    print_addresses(journey)


def print_addresses(journey: Journey) -> None:
    services, terminal = journey.services, journey.terminal
    terminal.table(
        [
            ("Public register", f"{services.web_url}/"),
            ("Lånestöd", f"{services.web_url}/system/lanestod/"),
            ("My case (code above)", f"{services.web_url}/mitt-arende/"),
            ("Sign in", f"{services.web_url}/logga-in/"),
            ("Review queue", f"{services.web_url}/arbete/granska/"),
            *reviewing.where_to_look(journey),
            ("HTTP for systems", f"{services.api_url}/"),
            ("Check from outside", f"insyn verify {journey.home.public} --stops"),
            ("Check with keys", f"insyn check --home {journey.home.root}"),
        ]
    )
    terminal.line("Sign-ins of this demonstration (nobody here exists):")
    book = sign_ins(journey.home)
    rows = [("name", "office", "user", "password")]
    rows += [
        (person.name, ", ".join(label(role).sv for role, _ in person.roles), person.username, book.get(person.username) or "")
        for person in people.PEOPLE
    ]
    terminal.table(rows)


def stay(services: Services, terminal: Terminal) -> int:
    terminal.line("Stays up. Ctrl-C ends it all; `make run` continues, `make run FRESH=1` starts anew.")
    why = wait_for_end(services)
    terminal.line(f"Ending: {why}.", 0)
    return 0 if why == "asked to end" else 1


def end(services: Services, terminal: Terminal) -> None:
    """End every process that was started, whatever else is asked meanwhile."""
    _ignore_signals()
    with suppress(BrokenPipeError):  # nobody reads the terminal any more
        for name, how in services.stop().items():
            terminal.line(f"{name}: {how}", 0)


if __name__ == "__main__":
    sys.exit(main())
