"""`insyn prune`: stop publishing the oldest entries of the log, under a published policy. Without --decision it only says what would happen."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from insyn.core.errors import InvalidInput
from insyn.core.home import Home


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser], home: Callable[[argparse.ArgumentParser], None]) -> None:
    command = commands.add_parser("prune", help="stop publishing the oldest entries of the log, under a published policy")
    home(command)
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument("--before", type=_day, help="entries of days before this day (YYYY-MM-DD)")
    which.add_argument("--below", type=int, help="entries below this index")
    command.add_argument("--decision", default="", help="the disposal decision that allows it; without it nothing is changed")
    command.set_defaults(run=prune)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a day: {text}") from error


def prune(arguments: argparse.Namespace) -> int:
    from insyn.evidence.pruning import Wish, plan_pruning, prune as do_prune
    from insyn.evidence.reader import EvidenceReader
    from insyn.tlog.retention import Retention

    home: Home = arguments.home
    if arguments.below is not None and arguments.below < 1:
        raise InvalidInput("not above 0", place="--below", mend="Give the first index that shall stay.")
    with EvidenceReader.read_only(home.evidence) as reader:
        plan = plan_pruning(reader, home.public, Wish(below=arguments.below or 0, before=arguments.before or ""))
        origin = reader.origin
    print(f"Entries below {plan.minimum} would no longer be published (now: {plan.now}); {len(plan.files)} files, {plan.bytes} bytes.")
    if plan.held:
        print(f"Asked for was {plan.asked}, but {plan.held}, so it and what follows it stay.")
    elif plan.minimum != plan.asked:
        print(f"Asked for was {plan.asked}; only whole tiles of 256 entries are taken away.")
    if not arguments.decision:
        print("Nothing is changed. To do it, name the disposal decision with --decision.")
        return 0
    if plan.minimum == 0:
        raise InvalidInput("there is nothing to prune", place="--before, --below")
    today = datetime.now(ZoneInfo("Europe/Stockholm")).date().isoformat()
    do_prune(home.public, plan, Retention(origin, plan.minimum, arguments.decision, today))
    print(f"Done. The policy is published as {home.public / 'retention.json'}; whoever verifies needs a copy of it.")
    return 0
