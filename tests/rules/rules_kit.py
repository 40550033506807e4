"""A decision-support system in Lindvalla, its answers and a full set of records, under the shipped packs."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from insyn.core.terms import RecordKind, Role
from insyn.law.loader import load_packs
from insyn.law.model import Pack
from insyn.rules.gates import HeldRecord

DAY = date(2026, 11, 20)
REPOSITORY = Path(__file__).parents[2]

#: A credit score for a municipal loan: bought, read by a case officer, about applicants.
LOAN_FACTS: dict[str, object] = {
    "aia.is_ai": "yes",
    "aia.annex_i_third_party": "no",
    "aia.uses": ["credit_score"],
    "aia.only_fraud_detection": "no",
    "aia.profiling": "yes",
    "p.practices": [],
    "p.scores_persons": "yes",
    "p.over_time": "no",
    "data.personal": "yes",
    "data.criteria": ["evaluation_or_scoring", "vulnerable_people"],
    "data.systematic_evaluation": "yes",
    "decision.about_persons": "yes",
    "decision.automated": "no",
    "decision.explainable": "yes",
    "work.changes": "yes",
}

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
