"""`insyn classify`: what the packs say of one use of a system on a day, from a file of answers."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from insyn.core.labels import label
from insyn.core.terms import Role, Tristate
from insyn.law.answers import facts_of
from insyn.law.facts_file import read_answers
from insyn.law.loader import load_packs
from insyn.law.model import Kind, PackKind
from insyn.rules.classify import SystemClass
from insyn.rules.collisions import Collision
from insyn.rules.full_result import Duty, Effect, FullResult, Gate, OpenFact, full_result

from .packs import add_adopted, folders_or_installed, print_json, read_adoptions, read_day

_CLASSES = {
    SystemClass.PROHIBITED: "prohibited",
    SystemClass.HIGH_RISK: "high-risk",
    SystemClass.TRANSPARENCY: "duty of transparency",
    SystemClass.DEROGATED: "listed in Annex III, freed by Article 6(3)",
    SystemClass.MINIMAL: "minimal",
    SystemClass.OUT_OF_SCOPE: "outside the AI Act",
    SystemClass.UNDETERMINED: "undetermined",
}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("classify", help="say what the packs say of a system, from a file of answers")
    command.add_argument("file", type=Path, help="the answers, JSON (.json) or YAML: one line for each fact; `insyn facts` lists them")
    command.add_argument("--on", required=True, metavar="DATE", help="the day whose law is asked for, such as 2026-11-20")
    command.add_argument(
        "--packs", nargs="+", type=Path, default=(), metavar="FOLDER", help="folders with packs (default: INSYN_PACKS, or those of Insyn)"
    )
    add_adopted(command)
    command.add_argument("--json", action="store_true", help="everything, with the trace and its citations, to be read by a program")
    command.set_defaults(run=classify)


def classify(arguments: argparse.Namespace) -> int:
    on = read_day(arguments.on, place="--on")
    packs = load_packs(*folders_or_installed(arguments.packs))
    adoptions = read_adoptions(arguments.adopted, packs)
    result = full_result(packs, adoptions, read_answers(arguments.file, facts_of(packs)), on=on)
    if arguments.json:
        print_json(result)
        return 0
    for line in summary(result):
        print(line)
    return 0


def summary(result: FullResult) -> Iterator[str]:
    """The result for a person: the class and why, what holds now, what comes later, what is still to be answered."""
    yield from _class(result)
    effects = {effect.rule: effect for effect in result.effects}
    both: tuple[Gate | Duty, ...] = (*result.gates, *result.duties)
    yield from _section("Gates in force", [_gate(gate, effects[gate.rule]) for gate in result.gates if gate.in_force])
    for title, principles in (("Duties in force", False), ("Principles", True)):
        duties = [duty for duty in result.duties if duty.in_force and (effects[duty.rule].kind is Kind.PRINCIPLE) is principles]
        yield from _section(title, [_line(duty, effects[duty.rule]) for duty in duties])
    yield from _section("Rules that collide", [_collision(collision) for collision in result.collisions])
    yield from _section("Not in force yet", sorted(_coming(item, effects[item.rule]) for item in both if not item.in_force))
    yield from _section("Not answered (the class waits for *)", [_open_fact(fact) for fact in result.unknown])
    if result.set_aside:
        yield f"\nSet aside, asked by packs that do not bind: {', '.join(result.set_aside)}"
    if result.beyond_calendar:
        yield f"\nNote: {result.on} is after every day that these packs know of. Law made since is not here."
    yield "\nPacks:"
    for pack in result.packs:
        adopted = f", adopted {pack.adopted_on}" if pack.kind is PackKind.POLICY else ""
        yield f"  {pack.id} {pack.version} {pack.digest[:16]}{adopted}"


def _class(result: FullResult) -> Iterator[str]:
    yield f"Class on {result.on}: {_CLASSES[result.system_class]}"
    if result.act_as is not result.system_class:
        yield f"  until it is settled, act as if: {_CLASSES[result.act_as]}"
    told = {
        "Prohibited": result.prohibitions,
        "Annex": result.annex_items,
        "Annex, may be": result.annex_open,
        "Transparency": result.transparency,
        "The municipality is": result.roles,
    }
    yield from (f"  {name}: {', '.join(values)}" for name, values in told.items() if values)
    if result.annex_items or result.annex_open:
        yield f"  Derogation, Article 6(3): {result.derogation}"
    yield from (f"  {weighed}" for weighed in _grounds(result))


def _grounds(result: FullResult) -> Iterator[str]:
    """The questions whose answers hit something that decides the class."""
    for effect in result.effects:
        if effect.value in (*result.prohibitions, *result.transparency) and effect.applies is Tristate.YES:
            yield f"{effect.value}: {effect.title.en} ({_cited(effect)}), from {effect.law_applies_from or 'no day yet'}"
    for weighed in result.trace:
        if weighed.kind == "annex_item" and weighed.result is Tristate.YES:
            yield f"{', '.join(citation.label for citation in weighed.citations)}: {', '.join(step.fact for step in weighed.steps)}"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"\n{title}:"
        yield from (f"  {line}" for line in lines)


def _cited(effect: Effect) -> str:
    return "; ".join(f"{citation.label} [{citation.level}]" for citation in effect.citations)


def _line(item: Duty | Gate, effect: Effect) -> str:
    doubt = " (may apply)" if item.applies is Tristate.UNKNOWN else ""
    clocks = "".join(f"; within {deadline.within} from {deadline.starts.en}" for deadline in getattr(item, "deadlines", ()))
    return f"{item.title.en}{doubt}: {item.rule}, {_cited(effect)}{clocks}"


def _collision(collision: Collision) -> str:
    cited = [", ".join(citation.label for citation in side) for side in (collision.prevails_citations, collision.yields_citations)]
    return f"{collision.prevails} ({cited[0]}) goes before {collision.yields} ({cited[1]}): {collision.why.en}"


def _gate(gate: Gate, effect: Effect) -> str:
    if gate.demands is None or gate.before is None:
        return f"{_line(gate, effect)}. No record opens this."
    second = f", and a second from {_people(gate.second_from)}" if gate.second_from else ""
    return (
        f"{_line(gate, effect)}. Before {label(gate.before).en.lower()}: {label(gate.demands).en} from {_people(gate.supplied_by)}{second}"
    )


def _people(roles: Iterable[Role]) -> str:
    return " or ".join(label(role).en for role in roles)


def _coming(item: Duty | Gate, effect: Effect) -> str:
    first: date | None = min(filter(None, (effect.law_applies_from, effect.policy_applies_from)), default=None)
    return f"{first or 'not until the system is changed'}  {_line(item, effect)}"


def _open_fact(fact: OpenFact) -> str:
    return f"{'*' if fact.decides_class else ' '} {fact.fact}: {fact.question.en}"
