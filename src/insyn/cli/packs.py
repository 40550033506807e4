"""`insyn packs`: load, check, read, compare and adopt packs of law and policy. Other commands take packs and adoptions the way this one does."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.home import Home
from insyn.law.adoption import Adoption
from insyn.law.answers import facts_of
from insyn.law.authorities import authorities_on
from insyn.law.cases import Severity, check_packs, run_cases
from insyn.law.facts_file import did_you_mean, read_answers
from insyn.law.folders import VARIABLE, folders_in, installed_folders
from insyn.law.loader import load_packs
from insyn.law.model import Pack, PackKind
from insyn.law.mutants import survivors
from insyn.rules.comparing import Comparison, Difference, RuleChange, Side, SystemChange, compare, compare_results
from insyn.rules.full_result import FullResult, check_day, full_result
from insyn.rules.replay import RegisteredSystem

from .explaining import explain_rule
from .packs_adopt import adopt
from .packs_systems import adoptions_of, affected_by, as_builtins, print_csv, read_systems, summary, systems_of

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("packs", help="check, read, compare and adopt packs of law and policy")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="load every pack and run its worked cases")
    check.add_argument("folders", nargs="*", type=Path, help="folders with packs (default: INSYN_PACKS, or those of Insyn)")
    check.add_argument("--mutants", action="store_true", help="change each condition, and list the changes that no worked case notices")
    check.set_defaults(run=check_all)
    explain = actions.add_parser("explain", help="print a rule with its citations")
    explain.add_argument("rule", help="pack/slug")
    explain.add_argument("folders", nargs="*", type=Path, help="folders with packs (default: INSYN_PACKS, or those of Insyn)")
    explain.set_defaults(run=explain_one)
    offices = actions.add_parser("authorities", help="say who supervises on a day, and who is only proposed")
    offices.add_argument("folders", nargs="*", type=Path, help="folders with packs (default: INSYN_PACKS, or those of Insyn)")
    offices.add_argument("--on", required=True, metavar="DATE", help="the day")
    offices.set_defaults(run=show_authorities)
    diff = actions.add_parser("diff", help="say what changes between two sets of packs, or between two days")
    diff.add_argument("before", metavar="A", help=f"folder with packs; several with {os.pathsep} between")
    diff.add_argument("after", metavar="B", help="the same, to compare with; A again to compare two days")
    diff.add_argument("--on", required=True, nargs="+", metavar="DATE", help="the day, or one for A and one for B")
    diff.add_argument("--facts", type=Path, metavar="FILE", help="a system's answers: say too how its class, gates and duties change")
    many = diff.add_mutually_exclusive_group()
    many.add_argument(
        "--systems",
        type=Path,
        metavar="FILE",
        help='many systems, a JSON object {"system", "owner", "facts"} on each line: say who is affected and from when',
    )
    many.add_argument(
        "--home", type=_folder, metavar="DIR", help="the same for the register of this installation, with what it has adopted"
    )
    add_adopted(diff)
    form = diff.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything, to be read by a program")
    form.add_argument("--csv", action="store_true", help="a row for each change of each system (with --systems or --home)")
    diff.set_defaults(run=diff_packs)
    _add_adopt(actions)


def _add_adopt(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = actions.add_parser("adopt", help="record that the council adopted a policy; without --yes only say what that would change")
    command.add_argument("pack", help="the policy, such as kommun/name; its text is the installed one (INSYN_PACKS, or those of Insyn)")
    command.add_argument("--home", required=True, type=_folder, metavar="DIR", help="folder of the installation")
    command.add_argument(
        "--as", required=True, dest="username", metavar="USER", help="sign-in name of the council's secretary; the password is asked for"
    )
    command.add_argument("--case", required=True, metavar="NUMBER", help="the case number of the council's decision")
    command.add_argument("--on", metavar="DATE", help="the day of the council's decision (default today)")
    command.add_argument("--yes", action="store_true", help="record the adoption")
    command.add_argument("--password-stdin", action="store_true", help="read the password from standard input instead of asking")
    command.set_defaults(run=adopt)


def _folder(text: str) -> Home:
    return Home(Path(text))


def add_adopted(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--adopted",
        action="append",
        default=[],
        metavar="PACK=DATE",
        help="ask as if the municipality had adopted this policy, in the text that is here, on that day; a policy binds nobody otherwise",
    )


def folders_or_installed(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The folders given, or those of the installation. Raises :class:`InvalidInput` when there are none."""
    found = tuple(folders) or installed_folders(os.environ)
    if not found:
        raise InvalidInput("names no folder", place=VARIABLE, mend="Name the folders with packs, or unset it.")
    return found


def read_day(text: str, *, place: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidInput(f"{text!r} is not a day", place=place, mend="Write it as 2026-01-31.")


def read_adoptions(texts: Sequence[str], packs: Sequence[Pack]) -> tuple[Adoption, ...]:
    """Adoptions of the texts that are here, each written as pack=day."""
    policies = {pack.id: pack for pack in packs if pack.kind is PackKind.POLICY}
    return tuple(_adoption(text, policies) for text in texts)


def _adoption(text: str, policies: dict[str, Pack]) -> Adoption:
    pack, equals, day = text.partition("=")
    if not equals:
        raise InvalidInput(f"{text!r} names no day", place="--adopted", mend="Write it as kommun/name=2026-01-31.")
    if pack not in policies:
        mend = did_you_mean(pack, policies) or f"The policies here: {', '.join(policies) or 'none'}. Law binds by itself."
        raise InvalidInput("is no policy here", place=f"--adopted {pack}", mend=mend)
    return Adoption(pack=pack, digest=policies[pack].digest, adopted_on=read_day(day, place=f"--adopted {pack}"))


def print_json(value: Any) -> None:
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def check_all(arguments: argparse.Namespace) -> int:
    folders = folders_or_installed(arguments.folders)
    findings = check_packs(*folders)
    for finding in findings:
        print(f"{finding.severity}: {finding.where}: {finding.message}")
    wrong = [finding for finding in findings if finding.severity is not Severity.GAP]
    if any(finding.severity is Severity.FAULT for finding in findings):
        return 1
    packs, cases = load_packs(*folders), run_cases(*folders)
    rules = sum(len(pack.rules) for pack in packs)
    print(f"{len(packs)} packs, {rules} rules, {len(cases)} worked cases, {len(wrong)} wrong, {len(findings) - len(wrong)} gaps")
    unnoticed = survivors(packs) if arguments.mutants else ()
    for mutant in unnoticed:
        print(f"unnoticed: {mutant.rule.id}: {mutant.change}")
    if arguments.mutants:
        print(f"{len(unnoticed)} mutants that no case notices")
    return int(bool(wrong or unnoticed))


def show_authorities(arguments: argparse.Namespace) -> int:
    packs = load_packs(*folders_or_installed(arguments.folders))
    for standing in authorities_on(packs, read_day(arguments.on, place="--on")):
        name = standing.authority.name
        ground = f"{standing.basis.label} [{standing.basis.level}]"
        print(f"{name.sv} / {name.en}: {standing.authority.role}, {standing.status} since {standing.since} ({ground})")
    return 0


def explain_one(arguments: argparse.Namespace) -> int:
    return explain_rule(arguments.rule, *folders_or_installed(arguments.folders))


def diff_packs(arguments: argparse.Namespace) -> int:
    systems, before, after = _asked(arguments)
    found = compare(before, after)
    if arguments.facts is not None:
        results = [_result(side, arguments.facts, before, after) for side in (before, after)]
        found = msgspec.structs.replace(found, system=compare_results(*results))
    affected = affected_by(systems, before, after) if systems is not None else None
    if arguments.csv:
        print_csv(affected or ())
    elif arguments.json:
        more = {} if affected is None else {"systems": len(systems or ()), "affected": as_builtins(affected)}
        print_json({**msgspec.to_builtins(found), **more})
    else:
        for line in (*_differences(found), *(summary(affected, len(systems or ())) if affected is not None else ())):
            print(line)
    return 0


def _asked(arguments: argparse.Namespace) -> tuple[list[RegisteredSystem] | None, Side, Side]:
    """The systems, where many are asked about, and both sides."""
    if arguments.csv and arguments.systems is None and arguments.home is None:
        raise InvalidInput("is a table of systems", place="--csv", mend="Give --systems or --home too.")
    if arguments.home is None:
        before, after = _sides(arguments)
        return (read_systems(arguments.systems, before, after) if arguments.systems else None), before, after
    systems = systems_of(arguments.home)
    before, after = _sides(arguments)
    return systems, _as_adopted(before), _as_adopted(after)


def _as_adopted(side: Side) -> Side:
    """With what the opened register has adopted, but for what ``--adopted`` says."""
    named = {adoption.pack for adoption in side.adoptions}
    found = tuple(adoption for adoption in adoptions_of(side.packs) if adoption.pack not in named)
    return msgspec.structs.replace(side, adoptions=(*side.adoptions, *found))


def _sides(arguments: argparse.Namespace) -> tuple[Side, Side]:
    """Both sides, with the packs read once when they are the same folders."""
    if len(arguments.on) > 2:
        raise InvalidInput("holds more than two days", place="--on", mend="Give one day, or one for A and one for B.")
    first, last = (read_day(text, place="--on") for text in (arguments.on[0], arguments.on[-1]))
    old = load_packs(*folders_in(arguments.before))
    new = old if arguments.after == arguments.before else load_packs(*folders_in(arguments.after))
    check_day(old, first)
    check_day(new, last)
    read_adoptions(arguments.adopted, (*old, *new))  # refuses a policy that neither side has
    return _side(old, first, arguments.adopted), _side(new, last, arguments.adopted)


def _side(packs: tuple[Pack, ...], on: date, adopted: Sequence[str]) -> Side:
    """An adoption counts on the side that has the policy."""
    here = [text for text in adopted if text.partition("=")[0] in {pack.id for pack in packs}]
    return Side(packs=packs, on=on, adoptions=read_adoptions(here, packs))


def _result(side: Side, file: Path, before: Side, after: Side) -> FullResult:
    """One side's result. A question that only the other side asks is no mistake: its answer lies still here."""
    answers = read_answers(file, facts_of((*before.packs, *after.packs)) | facts_of(side.packs))
    return full_result(side.packs, side.adoptions, answers, on=side.on)


def _differences(found: Comparison) -> Iterator[str]:
    yield f"From {found.on_before} to {found.on_after}"
    for pack in found.packs:
        yield f"pack {pack.pack}: {pack.version_before or 'not there'} -> {pack.version_after or 'not there'}"
    for rule in found.rules:
        yield f"{_what_happens(rule)}: {rule.rule} ({rule.title.en})"
    if not found.packs and not found.rules:
        yield "No rule changes."
    if found.system is not None:
        yield from _system(found.system)


def _what_happens(rule: RuleChange) -> str:
    text = f"{rule.change} ({', '.join(rule.parts)})" if rule.parts else rule.change
    turns = {(False, True): "begins", (True, False): "ends"}.get((rule.in_force_before, rule.in_force_after), "")
    return ", ".join(part for part in (text if rule.change != "same" else "", turns) if part)


def _system(system: SystemChange) -> Iterator[str]:
    for title, differences in (("The system", system.result), ("Its gates", system.gates), ("Its duties", system.duties)):
        yield f"\n{title}: {'nothing changes' if not differences else ''}".rstrip()
        yield from (line for difference in differences for line in _difference(difference))


def _difference(difference: Difference) -> Iterator[str]:
    old, new = difference.before, difference.after
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield f"  {difference.what}: {_said(old)} -> {_said(new)}"
        return
    for name in old:
        if old[name] != new[name]:
            yield f"  {difference.what}: {name}: {_said(old[name])} -> {_said(new[name])}"


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return f"asked, {'in force' if value['in_force'] else 'not in force yet'}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return {None: "nothing", True: "yes", False: "no"}.get(value, str(value))
