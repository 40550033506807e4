"""`insyn digest`: letters to those who asked for them: offices, about what waits; the public, about the register and with their answers.

Meant to be run once a day. Run more often, it sends what failed before and what is new, and nothing twice. It also deletes addresses whose
time is over.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from insyn.core.home import Home

from .packs_systems import open_register


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("digest", help="send the day's letters: what waits, news of the register, answers")
    home(command)
    command.add_argument("--dry-run", action="store_true", help="say who would get a letter, and send none")
    command.set_defaults(run=digest)


def digest(arguments: argparse.Namespace) -> int:
    """Exit code 1 when a letter could not be sent; the next run tries that one again."""
    home: Home = arguments.home
    open_register(home)
    from insyn.web import clock
    from insyn.web.feedback.letters import send_letters
    from insyn.web.portfolio.digests import send_digests

    outcome, to_public = send_digests(on=clock.today(), dry_run=arguments.dry_run), send_letters(dry_run=arguments.dry_run)
    done = "would be sent" if arguments.dry_run else "sent"
    print(f"{len(outcome.sent)} {done}, {len(outcome.nothing)} with nothing waiting, {len(outcome.failed)} failed")
    for person, why in outcome.failed.items():
        print(f"  {person}: {why}")
    print(f"To the public: {to_public.planned} planned, {to_public.sent} {done}, {len(to_public.failed)} failed")
    for number, why in to_public.failed.items():
        print(f"  letter {number}: {why}")
    if (outcome.sent or to_public.sent) and not arguments.dry_run and not os.environ.get("INSYN_SMTP_HOST"):
        print(f"INSYN_SMTP_HOST is not set: the letters lie as files in {home.root / 'mail-out'}.")
    return 1 if outcome.failed or to_public.failed else 0
