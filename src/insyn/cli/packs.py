"""`insyn packs`: load, check, read and compare packs of law and policy. Other commands take packs and adoptions the way this one does."""

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
from insyn.core.labels import label
from insyn.core.terms import VerificationLevel
from insyn.law.adoption import Adoption
from insyn.law.answers import facts_of
from insyn.law.cases import Severity, check_packs, run_cases
from insyn.law.facts_file import did_you_mean, read_answers
from insyn.law.folders import VARIABLE, folders_in, installed_folders
from insyn.law.loader import load_packs
from insyn.law.model import Pack, PackKind, Rule
from insyn.rules.comparing import Comparison, Difference, RuleChange, Side, SystemChange, compare, compare_results
from insyn.rules.full_result import FullResult, check_day, full_result

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("packs", help="check, read and compare packs of law and policy")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="load every pack and run its worked cases")
    check.add_argument("folders", nargs="+", type=Path, help="folders with packs")
    check.set_defaults(run=check_all)
    explain = actions.add_parser("explain", help="print a rule with its citations")
    explain.add_argument("rule", help="pack/slug")
    explain.add_argument("folders", nargs="+", type=Path, help="folders with packs")
    explain.set_defaults(run=explain_rule)
    diff = actions.add_parser("diff", help="say what changes between two sets of packs, or between two days")
    diff.add_argument("before", metavar="A", help=f"folder with packs; several with {os.pathsep} between")
    diff.add_argument("after", metavar="B", help="the same, to compare with; A again to compare two days")
    diff.add_argument("--on", required=True, nargs="+", metavar="DATE", help="the day, or one for A and one for B")
    diff.add_argument("--facts", type=Path, metavar="FILE", help="a system's answers: say too how its class, gates and duties change")
    add_adopted(diff)
    diff.add_argument("--json", action="store_true", help="everything, to be read by a program")
    diff.set_defaults(run=diff_packs)


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
    findings = check_packs(*arguments.folders)
    for finding in findings:
        print(f"{finding.severity}: {finding.where}: {finding.message}")
    wrong = [finding for finding in findings if finding.severity is not Severity.GAP]
    if any(finding.severity is Severity.FAULT for finding in findings):
        return 1
    packs, cases = load_packs(*arguments.folders), run_cases(*arguments.folders)
    rules = sum(len(pack.rules) for pack in packs)
    print(f"{len(packs)} packs, {rules} rules, {len(cases)} worked cases, {len(wrong)} wrong, {len(findings) - len(wrong)} gaps")
    return int(bool(wrong))


def explain_rule(arguments: argparse.Namespace) -> int:
    packs = {pack.id: pack for pack in load_packs(*arguments.folders)}
    pack_id, _, slug = arguments.rule.rpartition("/")
    if pack_id not in packs or slug not in packs[pack_id].rules:
        raise InvalidInput("no such rule", place=arguments.rule, mend="Name it as pack/slug, as `insyn packs check` prints them.")
    pack = packs[pack_id]
    for line in _lines(pack.rules[slug]):
        print(line)
    for citation in pack.rules[slug].citations:
        provision = pack.provisions[citation]
        print(f"  {provision.id} [{provision.level}] {label(VerificationLevel(provision.level)).en}  {provision.url}")
    return 0


def _lines(rule: Rule) -> list[str]:
    lines = [
        f"{rule.id}: {rule.title.en} / {rule.title.sv}",
        f"  concludes: {rule.kind} {rule.value}",
        f"  why: {rule.why.en}",
        f"  mend: {rule.mend.en}",
    ]
    if rule.demands is not None:
        who = ", ".join(label(role).en for role in rule.demands.supplied_by)
        lines.append(f"  demands: {label(rule.demands.record).en}, supplied by {who}")
    return lines


def diff_packs(arguments: argparse.Namespace) -> int:
    before, after = _sides(arguments)
    found = compare(before, after)
    if arguments.facts is not None:
        results = [_result(side, arguments.facts, before, after) for side in (before, after)]
        found = msgspec.structs.replace(found, system=compare_results(*results))
    if arguments.json:
        print_json(found)
        return 0
    for line in _differences(found):
        print(line)
    return 0


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
