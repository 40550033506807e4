"""How the owners answer the packs' questions. A question that is not answered here stays unknown, and the protective side wins."""

from __future__ import annotations

from datetime import date
from typing import Any


def lanestod_answers(today: date) -> dict[str, Any]:
    """Lånestöd: a trained model that proposes in decisions about people's credit."""
    return {
        "aia.is_ai": "yes",
        "p.scores_persons": "yes",
        "p.over_time": "yes",  # how earlier credit was paid
        "p.data_kind": [],
        "p.treatment": ["related_proportionate"],
        "p.practices": [],
        "aia.annex_i_third_party": "no",
        "aia.uses": ["credit_score"],
        "aia.only_fraud_detection": "no",
        "aia.profiling": "yes",
        "aia.no_significant_risk": "no",
        "aia.limb": [],
        "aia.transparency": [],
        "aia.built_by": "us",
        "aia.own_name": "yes",
        "aia.purpose_changed": "no",
        "aia.substantial_change": "no",
        "aia.first_placed": today.isoformat(),
        "aia.design_changed": today.isoformat(),
        "aia.intended_for_public_authorities": "yes",
        "data.personal": "yes",
        "data.criteria": ["evaluation_or_scoring", "hinders_right_or_service"],
        "data.systematic_evaluation": "yes",
        "decision.about_persons": "yes",
        "decision.automated": "no",
        "decision.not_delegable": "no",
        "decision.explainable": "yes",
        "discrimination.grounds_tested": ["sex", "ethnicity", "age"],
        "service.essential": "no",
        "work.changes": "yes",
    }


def exercise_answers(today: date) -> dict[str, Any]:
    """The load test: invented answers about nobody."""
    return {
        "aia.is_ai": "no",
        "p.scores_persons": "no",
        "p.over_time": "no",
        "p.data_kind": [],
        "p.treatment": [],
        "p.practices": [],
        "aia.annex_i_third_party": "no",
        "aia.uses": [],
        "aia.only_fraud_detection": "no",
        "aia.profiling": "no",
        "aia.no_significant_risk": "yes",
        "aia.limb": [],
        "aia.transparency": [],
        "aia.built_by": "us",
        "aia.own_name": "yes",
        "aia.purpose_changed": "no",
        "aia.substantial_change": "no",
        "aia.first_placed": today.isoformat(),
        "aia.design_changed": today.isoformat(),
        "aia.intended_for_public_authorities": "yes",
        "data.personal": "no",
        "data.criteria": [],
        "data.systematic_evaluation": "no",
        "decision.about_persons": "no",
        "decision.automated": "no",
        "decision.not_delegable": "no",
        "decision.explainable": "yes",
        "discrimination.grounds_tested": [],
        "service.essential": "no",
        "work.changes": "no",
    }
