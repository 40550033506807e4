"""`insyn packs`: load, check and read packs of law and policy."""

from __future__ import annotations

import argparse
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.core.labels import label
from insyn.core.terms import VerificationLevel
from insyn.law.cases import Severity, check_packs, run_cases
from insyn.law.loader import load_packs
from insyn.law.model import Rule


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("packs", help="check and read packs of law and policy")
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="load every pack and run its worked cases")
    check.add_argument("folders", nargs="+", type=Path, help="folders with packs")
    check.set_defaults(run=check_all)
    explain = actions.add_parser("explain", help="print a rule with its citations")
    explain.add_argument("rule", help="pack/slug")
    explain.add_argument("folders", nargs="+", type=Path, help="folders with packs")
    explain.set_defaults(run=explain_rule)


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
