"""A decision-support system in Lindvalla, its answers and a full set of records, under the shipped packs."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from demo.lindvalla.facts import lanestod_answers
from insyn.core.terms import RecordKind, Role
from insyn.law.answers import facts_of
from insyn.law.loader import load_packs
from insyn.law.model import Pack
from insyn.rules.gates import HeldRecord

DAY = date(2026, 11, 20)
REPOSITORY = Path(__file__).parents[2]

_OWNER, _COORDINATOR, _SECRETARY = Role.SYSTEM_OWNER, Role.AI_COORDINATOR, Role.COUNCIL_SECRETARY
SUPPLIED: tuple[tuple[RecordKind, Role], ...] = (
    (RecordKind.CLASSIFICATION, _COORDINATOR),
    (RecordKind.DATA_USE, _OWNER),
    (RecordKind.MBL_SECTION_11, Role.UNION_REPRESENTATIVE),
    (RecordKind.ASSESSMENT_DATA_PROTECTION, _OWNER),
    (RecordKind.ASSESSMENT_DATA_PROTECTION, Role.DATA_PROTECTION_OFFICER),
    (RecordKind.ASSESSMENT_DISCRIMINATION, _OWNER),
    (RecordKind.ASSESSMENT_LEGAL_CERTAINTY, _SECRETARY),
    (RecordKind.ASSESSMENT_WORK_ENVIRONMENT, _OWNER),
    (RecordKind.ASSESSMENT_WORK_ENVIRONMENT, Role.SAFETY_REPRESENTATIVE),
    (RecordKind.PARTICIPATION_ROUND, _COORDINATOR),
    (RecordKind.VALIDATION, _COORDINATOR),
    (RecordKind.HUMAN_OVERSIGHT, _OWNER),
    (RecordKind.INSTRUCTION, _OWNER),
    (RecordKind.TRAINING, _OWNER),
    (RecordKind.STOP_MANDATE, Role.ELECTED_MEMBER),
    (RecordKind.EVALUATION_PLAN, _OWNER),
    (RecordKind.NOTICE, _OWNER),
    (RecordKind.RETENTION_DECISION, _OWNER),
)


@cache
def all_packs() -> tuple[Pack, ...]:
    return load_packs(REPOSITORY / "packs", REPOSITORY / "demo" / "packs")


def record(kind: RecordKind, role: Role, **changes: Any) -> HeldRecord:
    given = {
        "record_id": f"{kind}-{role}",
        "recorded_on": date(2026, 10, 1),
        "person": f"p-{role}",
        "version": "1.0" if kind is RecordKind.VALIDATION else None,
    }
    return HeldRecord(kind=kind, supplied_by=role, **(given | changes))


def _loan_facts() -> dict[str, Any]:
    """A credit score for a municipal loan, read by a case officer: what the demonstration's owner answers, as far as law and Lindvalla ask."""
    binding = [pack for pack in all_packs() if not pack.id.startswith("kommun/") or pack.id == "kommun/lindvalla"]
    asked = facts_of(binding)
    return {fact: answer for fact, answer in lanestod_answers(DAY).items() if fact in asked}


LOAN_FACTS: dict[str, Any] = _loan_facts() | {"data.criteria": ["evaluation_or_scoring", "vulnerable_people"], "p.over_time": "no"}
