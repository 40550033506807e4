"""A small law in two texts, for replays: what is not said here is as in the test law of the web site's tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from insyn.law.adoption import Adoption
from insyn.law.loader import load_files
from insyn.law.read_pack import files_of
from insyn.rules.comparing import Side

PACKS = Path(__file__).parents[1] / "web" / "packs"
LAW, POLICY = files_of(PACKS / "test-law"), files_of(PACKS / "kommun-test")
TODAY = date(2026, 11, 20)

_RULE = """\
id: {slug}
title: {{sv: Regeln {slug}, en: The rule {slug}}}
concludes: {{kind: {kind}, value: {value}}}
when: {{fact: decision.about_persons, is: yes}}
{demands}citations: [tl-1]
history:
{history}
actor: deployer
why: {{sv: Därför., en: Because.}}
mend: {{sv: Gör det., en: Do it.}}
"""
_DEMANDS = "demands: {record: robustness_test, before: pilot, supplied_by: [system_owner]}\n"


def rule(slug: str, *, kind: str = "gate", value: str = "robustness_test", history: str = "applicable tl-in-force") -> dict[str, bytes]:
    """A rule's file. ``history``: status and calendar day, steps with a comma between."""
    steps = [step.split() for step in history.split(",")]
    written = "\n".join(f"  - {{status: {status}, at: {day}}}" for status, day in steps)
    text = _RULE.format(slug=slug, kind=kind, value=value, demands=_DEMANDS if kind == "gate" else "", history=written)
    return {f"rules/{slug}.yaml": text.encode()}


def day(name: str, on: str) -> dict[str, bytes]:
    """The calendar with one more day."""
    return {"calendar.yaml": LAW["calendar.yaml"] + f"  - id: {name}\n    day: {on}\n    basis: tl-1\n".encode()}


def edit(path: str, old: str, new: str) -> dict[str, bytes]:
    """A file of the test law with some of its words exchanged."""
    text = LAW[path].decode()
    assert old in text
    return {path: text.replace(old, new).encode()}


def law(*changes: Mapping[str, bytes], without: tuple[str, ...] = ()) -> dict[str, bytes]:
    """The files of the test law with changes; ``without`` names rules that are left out with their cases."""
    files = {**LAW}
    for change in changes:
        files |= change
    return {path: data for path, data in files.items() if path.partition("/")[2].removesuffix(".yaml") not in without}


def side(*texts: Mapping[str, bytes], on: date = TODAY, adopted: date | None = None) -> Side:
    """A side of the law (or other texts), with the test policy adopted on a day."""
    packs = load_files([*(texts or (LAW,)), *([POLICY] if adopted else [])])
    policy = next((pack for pack in packs if pack.id == "kommun-test"), None)
    adoptions = (Adoption(pack=policy.id, digest=policy.digest, adopted_on=adopted),) if policy and adopted else ()
    return Side(packs=packs, on=on, adoptions=adoptions)
