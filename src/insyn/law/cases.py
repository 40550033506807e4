"""Worked cases run, and the findings that a keeper of packs wants: faults, cases that fail, rules that no case tries."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from insyn.core.errors import PackError

from .evaluate import evaluate
from .loader import load_packs
from .model import Always, Case, Expect, Pack, Rule


class Severity(StrEnum):
    """``fault``: cannot be loaded. ``failed``: a case got another answer. ``gap``: nothing tries the rule on that side."""

    FAULT = "fault"
    FAILED = "failed"
    GAP = "gap"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    severity: Severity
    where: str
    message: str


class CaseOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """``got`` is what the rule answered; the case holds when it is what was expected."""

    case: Case
    rule: str
    got: Expect

    @property
    def holds(self) -> bool:
        return self.got is self.case.expect


def run_cases(*folders: Path) -> tuple[CaseOutcome, ...]:
    """Run every worked case of the packs in the folders. Raises :class:`PackError` when they cannot be loaded."""
    return _outcomes(load_packs(*folders))


def _outcomes(packs: Sequence[Pack]) -> tuple[CaseOutcome, ...]:
    """A case is about its own pack and those that it uses: what else is installed changes nothing in it."""
    return tuple(_outcome(beside, pack, case) for pack in packs for beside in [with_used(pack, packs)] for case in pack.cases)


def with_used(pack: Pack, packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """The pack and those that it uses, directly or through others."""
    by_id = {other.id: other for other in packs}
    found: dict[str, Pack] = {}
    waiting = [pack.id]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = by_id[name]
            waiting += by_id[name].uses
    return tuple(found.values())


def _outcome(packs: Sequence[Pack], pack: Pack, case: Case) -> CaseOutcome:
    rule = pack.rules[case.rule]
    if not adopted(case):
        return CaseOutcome(case=case, rule=rule.id, got=Expect.NOT_IN_FORCE)
    result = next(found for found in evaluate(packs, case.facts, on=case.on).results if found.rule.id == rule.id)
    return CaseOutcome(case=case, rule=rule.id, got=Expect(result.result.value) if result.in_force else Expect.NOT_IN_FORCE)


def adopted(case: Case) -> bool:
    """Is the policy adopted by the case's day? A case that says nothing of it is about an adopted policy."""
    return case.adopted_on is None or case.adopted_on <= case.on


def check_packs(*folders: Path) -> tuple[Finding, ...]:
    """Everything wrong or missing in the packs of the folders, faults first. Never raises :class:`PackError`."""
    try:
        packs = load_packs(*folders)
    except PackError as error:
        where = ":".join(part for part in (error.file, error.place) if part)
        return (Finding(severity=Severity.FAULT, where=where, message=f"{error.message}. {error.mend}".strip()),)
    failed = [
        Finding(severity=Severity.FAILED, where=outcome.rule, message=f"{outcome.case.name}: {outcome.got}, expected {outcome.case.expect}")
        for outcome in _outcomes(packs)
        if not outcome.holds
    ]
    return (*failed, *_gaps(packs))


def _gaps(packs: Sequence[Pack]) -> list[Finding]:
    found = []
    for pack in packs:
        for slug, rule in pack.rules.items():
            tried = {case.expect for case in pack.cases if case.rule == slug}
            found += [
                Finding(severity=Severity.GAP, where=rule.id, message=f"no case in which the rule answers {side}")
                for side in _sides(rule)
                if side not in tried
            ]
    return found


def _sides(rule: Rule) -> tuple[Expect, ...]:
    """What cases should show: that it fires, and that it does not. A rule that always holds is silent only while it is not in force."""
    return (Expect.YES, Expect.NOT_IN_FORCE if isinstance(rule.when, Always) and not rule.exceptions else Expect.NO)
