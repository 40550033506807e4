"""`insyn packs diff` over many systems: from a file, or those of an installation's register. Who is affected, in what, and from when."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.law.adoption import Adoption
from insyn.law.answers import check_answers, facts_of
from insyn.law.facts_file import did_you_mean
from insyn.law.model import Fact, Pack
from insyn.rules.comparing import Side
from insyn.rules.replay import Affected, Change, How, RegisteredSystem, replay

#: A line of a file of systems holds at most so much.
_MAX_LINE = 1024 * 1024
_WORKERS = 2
_FIELDS = {"system", "owner", "facts"}


def read_systems(path: Path, *sides: Side) -> list[RegisteredSystem]:
    """The systems of a file with one JSON object a line, held against the questions of the sides.

    Raises :class:`InvalidInput` that names the line: also for a fact that no side asks for, and an answer that is none on any side.
    """
    questions = [facts_of(side.packs) for side in sides]
    systems: dict[str, RegisteredSystem] = {}
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    system = _system(line, f"{path} line {number}", questions)
                    if system.id in systems:
                        raise InvalidInput(f"{system.id!r} stands twice", place=f"{path} line {number}", mend="Keep one of them.")
                    systems[system.id] = system
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", place=str(path), mend="Check the file's name and rights.") from error
    return list(systems.values())


_LINE = 'Write a line such as {"system": "loans", "owner": "Jonas", "facts": {"aia.is_ai": "yes"}}.'


def _system(line: bytes, place: str, questions: Sequence[Mapping[str, Fact]]) -> RegisteredSystem:
    if len(line) > _MAX_LINE:
        raise InvalidInput(f"is longer than {_MAX_LINE} bytes", place=place, mend="Keep one system on a line.")
    try:
        value = strict_json.loads(line)
    except InvalidInput as error:
        raise InvalidInput(error.message, place=f"{place} {error.place}".strip(), mend=_LINE) from error
    if not isinstance(value, dict) or not isinstance(value.get("system"), str) or not value["system"]:
        raise InvalidInput("names no system", place=place, mend=_LINE)
    if unknown := sorted(value.keys() - _FIELDS):
        raise InvalidInput(f"{unknown[0]!r} is no field", place=place, mend=_LINE)
    facts, owner = value.get("facts", {}), value.get("owner", "")
    if not isinstance(facts, dict) or not isinstance(owner, str):
        raise InvalidInput("its facts are no mapping, or its owner is no text", place=place, mend=_LINE)
    for fact, answer in facts.items():
        _check(fact, answer, f"{place} ({fact})", questions)
    return RegisteredSystem(id=value["system"], owner=owner, facts=facts)


def _check(fact: str, answer: Any, place: str, questions: Sequence[Mapping[str, Fact]]) -> None:
    """An answer to a question of one side is enough: the other may have put it otherwise."""
    asked = [side for side in questions if fact in side]
    if not asked:
        known = [name for side in questions for name in side]
        raise InvalidInput("no pack asks for this fact", place=place, mend=did_you_mean(fact, known) or "`insyn facts` lists them.")
    refusals = []
    for side in asked:
        try:
            check_answers(side, {fact: answer})
        except InvalidInput as error:
            refusals.append(error)
    if len(refusals) == len(asked):
        raise InvalidInput(refusals[-1].message, place=place, mend=refusals[-1].mend)


def open_register(home: Home) -> None:
    """Let this process read the register of an installation. Raises :class:`InvalidInput` when there is none, or one of another version."""
    if not home.register.exists():
        raise InvalidInput("there is no register here", place=str(home.root), mend="Give the folder that `insyn init` made.")
    os.environ["INSYN_HOME"] = str(home.root.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "insyn.web.settings")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()
    from django.db import DEFAULT_DB_ALIAS, connections
    from django.db.migrations.executor import MigrationExecutor
    from django.utils import translation

    translation.activate("en")
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise InvalidInput(
            "the register is of an older version", place=str(home.register), mend="Start `insyn up` once; it brings it up to date."
        )


def systems_of(home: Home) -> list[RegisteredSystem]:
    """The systems of an installation that are, or may come, in use; owners by name."""
    open_register(home)
    from insyn.web.register.replaying import systems_looked_at

    rows = systems_looked_at().select_related("owner")
    return [RegisteredSystem(id=row.slug, owner=str(row.owner), facts=row.facts) for row in rows.iterator()]


def adoptions_of(packs: Iterable[Pack]) -> tuple[Adoption, ...]:
    """What the register of the opened installation has adopted, taken in the texts that are on this side."""
    from insyn.web.register.packs import known

    here = {pack.id: pack for pack in packs}
    days = {adoption.pack: adoption.adopted_on for adoption in sorted(known().adoptions, key=lambda adoption: adoption.adopted_on)}
    return tuple(Adoption(pack=pack, digest=here[pack].digest, adopted_on=on) for pack, on in days.items() if pack in here)


def affected_by(systems: Iterable[RegisteredSystem], before: Side, after: Side) -> tuple[Affected, ...]:
    """Told on a terminal how far it has come."""
    systems = list(systems)

    def tell(done: int) -> None:
        print(f"\r{done} of {len(systems)} systems", end="" if done < len(systems) else "\n", file=sys.stderr, flush=True)

    return replay(systems, before, after, workers=_WORKERS, progress=tell if sys.stderr.isatty() else None)


def summary(affected: Iterable[Affected], total: int) -> Iterator[str]:
    """For a person: each affected system with its owner, and what changes from when."""
    affected = tuple(affected)
    yield f"\n{len(affected)} of {total} systems affected" if affected else f"\nNothing changes for any of the {total} systems."
    for one in affected:
        yield f"{one.system} ({one.owner})" if one.owner else one.system
        yield from (f"  {change.day}  {_said(change)}" for change in sorted(one.changes, key=lambda change: change.day))
        if one.ask_again:
            yield f"  to be answered anew: {', '.join(one.ask_again)}"


_HOW = {How.NEW: "new", How.GONE: "no longer asked", How.MOVED: "first day moves", How.CHANGED: "changes"}


def _said(change: Change) -> str:
    told = f"{change.what} {_HOW[change.how]}: {change.title.en}"
    if change.what == "class":
        return f"{change.title.en}: {_value(change.before)} -> {_value(change.after)}"
    if change.how is How.MOVED:
        told += f", from {change.before} to {change.after}"
    if change.how is How.CHANGED:
        told += f" in {', '.join(change.after)}"
    return f"{told} ({change.subject})"


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, (list, tuple)) else str(value)


def print_csv(affected: Iterable[Affected]) -> None:
    """A row for each change. A cell that a spreadsheet would take for a formula gets an apostrophe before it."""
    write = csv.writer(sys.stdout).writerow
    write(["system", "owner", "what", "how", "subject", "title", "from", "before", "after"])
    for one in affected:
        for change in one.changes:
            cells = (change.what, change.how, change.subject, change.title.en, change.day, change.before, change.after)
            write([_cell(value) for value in (one.system, one.owner, *cells)])
        for fact in one.ask_again:
            write([_cell(value) for value in (one.system, one.owner, "answer", "again", fact, "", "", "", "")])


def _cell(value: object) -> str:
    text = value if isinstance(value, str) else "" if value is None else msgspec.json.encode(value).decode().strip('"')
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def as_builtins(affected: Iterable[Affected]) -> list[Mapping[str, Any]]:
    return [{**msgspec.to_builtins(one), "first_day": one.first_day} for one in affected]
