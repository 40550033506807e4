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
    return tuple(_outcome(packs, pack, case) for pack in packs for case in pack.cases)


def _outcome(packs: Sequence[Pack], pack: Pack, case: Case) -> CaseOutcome:
    rule = pack.rules[case.rule]
    result = next(found for found in evaluate(packs, case.facts, on=case.on).results if found.rule.id == rule.id)
    return CaseOutcome(case=case, rule=rule.id, got=Expect(result.result.value) if result.in_force else Expect.NOT_IN_FORCE)


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
    """What cases should show: a rule that always holds cannot answer no."""
    return (Expect.YES,) if isinstance(rule.when, Always) and not rule.exceptions else (Expect.YES, Expect.NO)
