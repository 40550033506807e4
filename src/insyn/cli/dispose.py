"""`insyn dispose`: what is kept by system, class and month, and the disposal of what a decision covers."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from insyn.core.backups import last_backup_day
from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.core.terms import Role

from .packs_systems import open_register


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("dispose", help="dispose of months under a disposal decision; without one it only says what there is")
    home(command)
    command.add_argument("--dry-run", action="store_true", help="only say what there is and what would be disposed of")
    command.add_argument("--decision", default="", help="case number of the disposal decision in the register")
    command.add_argument("--as", dest="username", default="", help="user name of the council secretary who carries it out")
    command.set_defaults(run=dispose)


def dispose(arguments: argparse.Namespace) -> int:
    """Exit code 1 when a month of the decision could not be disposed of."""
    home: Home = arguments.home
    open_register(home)
    from insyn.web.archive.models import DisposalDecision
    from insyn.web.archive.queries import overview

    found = overview()
    if found.unread:
        raise InvalidInput("the evidence cannot be read", place=str(home.evidence), mend="Give the folder of an installation with --home.")
    for row in found.rows:
        held = row.held
        decided = row.decision.case_number if row.decision else ""
        print(
            f"{held.system:24} {held.retention:12} {held.month}  {held.records:8} records  {_standing(held.disposed, held.kept_why, held.held, decided)}"
        )
    print(f"{len(found.rows)} months. Keys destroyed today are in no backup after {last_backup_day_of(home)}.")
    if arguments.dry_run or not arguments.decision:
        print("Nothing was changed.")
        return 0
    decisions = list(DisposalDecision.objects.filter(case_number=arguments.decision).select_related("act", "system"))
    if not decisions:
        raise InvalidInput("the register has no such disposal decision", place="--decision", mend="Record the decision on the page first.")
    return max(_carry_out(arguments.username, decision) for decision in decisions)


def last_backup_day_of(home: Home) -> str:
    from insyn.web import clock

    return last_backup_day(clock.today(), home.sequencer_config).isoformat()


def _standing(disposed: int, kept_why: str, held: int, decided: str) -> str:
    if disposed >= 0:
        return f"disposed of, entry {disposed}"
    if kept_why == "hold":
        return f"a legal hold keeps {held}"
    if kept_why:
        return "kept for good"
    return f"decided: {decided}" if decided else "no decision"


def _carry_out(username: str, decision: object) -> int:
    from insyn.web import clock
    from insyn.web.accounts.errors import ActRefused, NotAllowed
    from insyn.web.accounts.models import User
    from insyn.web.accounts.permissions import actor_of
    from insyn.web.archive.actions import dispose_month
    from insyn.web.archive.models import DisposalDecision

    assert isinstance(decision, DisposalDecision)
    user = User.objects.filter(username=username).first()
    if user is None:
        raise InvalidInput("there is no such user", place="--as", mend="Name the council secretary who carries it out.")
    failed = 0
    for month in decision.months:
        try:
            receipt = dispose_month(actor=actor_of(user, Role.COUNCIL_SECRETARY, clock.today()), decision=decision, month=month)
        except (ActRefused, NotAllowed) as error:
            print(f"NOT DONE: {decision.system.slug} {month}: {error}")
            failed = 1
        else:
            print(f"{decision.system.slug} {month}: disposed of, entry {receipt.index}")
    return failed
