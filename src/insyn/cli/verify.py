"""`insyn verify`: check a published log from outside, with nothing but its public keys; or a receipt, without any network."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from insyn.core.disposals import DisposalRule
from insyn.core.errors import InvalidInput
from insyn.core.stop_rule import StopRule, Violation, said
from insyn.tlog.cosignature import parse_vkeys
from insyn.tlog.errors import LogInvalid, TlogError
from insyn.tlog.policy import read_policy
from insyn.tlog.read import reader_of
from insyn.tlog.retention import read_retention
from insyn.tlog.verify import Report, Scope, Trust, verify_log

from .verify_proof import verify_receipt
from .verify_state import Rule, State, make_rules, read_state, write_state

_SHOWN = 20
_PROGRESS_SECONDS = 2.0


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("verify", help="check a published log from outside, with its public keys only; or a receipt")
    command.add_argument("log", nargs="?", help="folder or http(s) address of the published log")
    command.add_argument(
        "--vkey", help="the log's public keys: one, or a file with one a line, all of which must have signed (default: those in the folder)"
    )
    command.add_argument("--policy", type=Path, help="tlog-policy file: logs, witnesses, and how many of these must have cosigned")
    command.add_argument("--stops", action="store_true", help="check too that no decision of a stopped system stands after its stop")
    command.add_argument("--disposals", action="store_true", help="check too that every disposal names its basis and its days")
    command.add_argument("--state", type=Path, help="remember what was verified in this file, and next time read only what is new")
    command.add_argument("--retention", type=Path, help="accept a log pruned up to the index in this copy of its retention.json")
    command.add_argument("--processes", type=int, default=0, help="processes that hash (default: one for each processor)")
    command.add_argument("--proof", type=Path, help="check this receipt (.tlog-proof) instead of a whole log")
    command.add_argument("--entry", type=Path, help="with --proof: the entry that it is about (default: the one in the receipt)")
    command.set_defaults(run=verify)


def verify(arguments: argparse.Namespace) -> int:
    trust = _trust(arguments)
    if arguments.proof:
        return verify_receipt(arguments.proof, arguments.entry, trust)
    if not arguments.log:
        raise InvalidInput("no log given", place="log", mend="Give the folder or address of a log, or a receipt with --proof.")
    names = tuple(name for name in ("stops", "disposals") if getattr(arguments, name))
    state = _state(arguments, names)
    rules = make_rules(names, state)
    began = time.monotonic()
    try:
        report = _run(arguments, trust, state, rules)
    except LogInvalid as error:
        print(f"NOT VALID: {error}")
        return 1
    _say(report, state, time.monotonic() - began)
    broken = [_say_rule(rule) for rule in rules.values()]
    if arguments.state and not any(broken):
        write_state(arguments.state, report, rules)
    return int(any(broken))


def _run(arguments: argparse.Namespace, trust: Trust, state: State | None, rules: dict[str, Rule]) -> Report:
    def observe(index: int, entry: bytes) -> None:
        if index >= continued:  # the tile in which the state ends is read again
            for rule in observers:
                rule(index, entry)

    since = state.checkpoint() if state else None
    continued, observers = since.size if since else 0, [rule.observe for rule in rules.values()]
    scope = Scope(since=since, minimum=_minimum(arguments, trust), processes=arguments.processes or os.cpu_count() or 1)
    progress = _Progress()
    return verify_log(reader_of(arguments.log), trust, on_entry=observe if observers else None, scope=scope, on_progress=progress.say)


@dataclass
class _Progress:
    """Says how far a long run has come, on standard error."""

    due: float = field(default_factory=lambda: time.monotonic() + _PROGRESS_SECONDS)

    def say(self, done: int, total: int) -> None:
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + _PROGRESS_SECONDS
            print(f"{done} of {total} entries verified", file=sys.stderr, flush=True)


# ------------------------------------------------------------------------------------------------------------- what is trusted


def _trust(arguments: argparse.Namespace) -> Trust:
    """Raises :class:`InvalidInput` that names the option."""
    try:
        if arguments.policy:
            return Trust(policy=read_policy(arguments.policy))
        return Trust.in_keys(*(key.vkey for key in parse_vkeys(_vkeys(arguments))))
    except TlogError as error:
        option = "--policy" if arguments.policy else "--vkey"
        raise InvalidInput(str(error), place=option, mend="Give the public keys as they were published apart from the log.") from error
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", place=str(arguments.policy)) from error


def _vkeys(arguments: argparse.Namespace) -> str:
    """The key given, the content of the file given, or the keys in the folder (which then vouches for itself: said so)."""
    if arguments.vkey:
        path = Path(arguments.vkey)
        return path.read_text(encoding="utf-8") if path.is_file() else str(arguments.vkey)
    beside = [Path(arguments.log or "nowhere") / name for name in ("log.vkey", "log-ml-dsa.vkey")]
    if not beside[0].is_file():
        raise InvalidInput("no public key given", place="--vkey", mend="Give the log's public key or a file that holds it.")
    print("Note: the key was read from beside the log. To trust the log, compare it with a key that you got another way.")
    return "\n".join(path.read_text(encoding="utf-8") for path in beside if path.is_file())


def _minimum(arguments: argparse.Namespace, trust: Trust) -> int:
    if not arguments.retention:
        return 0
    try:
        retention = read_retention(arguments.retention)
    except TlogError as error:
        raise InvalidInput(str(error), place="--retention", mend="Give the log's retention.json as it was published.") from error
    origins = {key.name for key in (*trust.keys, *(trust.policy.logs if trust.policy else ()))}
    if retention is None or retention.origin not in origins:
        raise InvalidInput(
            "no retention policy of this log", place=str(arguments.retention), mend="Give a copy of the log's retention.json."
        )
    return retention.minimum_index


def _state(arguments: argparse.Namespace, names: tuple[str, ...]) -> State | None:
    """The state, if it has all that is asked for; otherwise the whole log is read, and said so."""
    state = read_state(arguments.state) if arguments.state else None
    if state is not None and not state.has(names):
        print("Note: the state was kept without these checks, so the whole log is read.", file=sys.stderr)
        return None
    return state


# ---------------------------------------------------------------------------------------------------------------- what is said


def _say(report: Report, state: State | None, seconds: float) -> None:
    checkpoint = report.checkpoint
    print(f"Valid: {report.size} entries of {checkpoint.origin}, {report.files} files, root {checkpoint.root.hex()} ({seconds:.2f} s)")
    if state is not None:
        size = state.checkpoint().size
        print(f"It continues the {size} entries that were verified before; {report.size - size} are new.")
    elif report.first:
        print(f"Entries before {report.first} are pruned: only their hashes were checked.")
    if report.witnesses:
        print(f"Cosigned by: {', '.join(report.witnesses)}")


def _say_rule(rule: Rule) -> bool:
    return _say_stops(rule) if isinstance(rule, StopRule) else _say_disposals(rule)


def _say_stops(rule: StopRule) -> bool:
    _say_violations("STOP BROKEN", rule.violations)
    now = ", ".join(f"{said(key)} (since entry {index})" for key, index in sorted(rule.stopped.items())) or "none"
    print(f"Stops: {rule.stops}, resumes: {rule.resumes}, broken: {len(rule.violations)}; stopped now: {now}")
    return bool(rule.violations)


def _say_disposals(rule: DisposalRule) -> bool:
    _say_violations("DISPOSAL WITHOUT GROUND", rule.violations)
    print(f"Disposals: {rule.records} records, {rule.months} months of a class, without basis or day: {len(rule.violations)}")
    return bool(rule.violations)


def _say_violations(word: str, violations: list[Violation]) -> None:
    for violation in violations[:_SHOWN]:
        print(f"{word}: entry {violation.index}: {violation.message}")
    if len(violations) > _SHOWN:
        print(f"and {len(violations) - _SHOWN} more")
