"""How the owners answer the packs' questions. A question that is not answered here stays unknown, and the protective side wins."""

from __future__ import annotations

from datetime import date
from typing import Any

#: What shows the answers that settle Lånestöd's class.
EVIDENCE = {
    "aia.is_ai": "Modellkortet för version 1.0: modellen är tränad på tidigare beslut.",
    "aia.uses": "Nämndens ändamålsbeslut och beskrivningen i registret: kreditprövning av enskilda.",
    "aia.profiling": "Uppgiftslistan i konsekvensbedömningen: ekonomi och kredithistorik bedöms automatiskt.",
    "p.data_kind": "Uppgiftslistan: inkomst, skulder och betalningar. Inga uppgifter om beteende i övrigt eller personlighet.",
    "p.treatment": "Handläggarens instruktion: förslaget används bara i låneärendet.",
    "decision.automated": "Delegationsordningen: handläggaren beslutar alltid.",
}


def _alike(today: date) -> dict[str, Any]:
    """What both owners answer alike, most of it no."""
    return {
        "aia.outside": [],
        "aia.also_other_use": "yes",
        "aia.used_at_work": "yes",
        "p.data_kind": [],
        "p.technique": [],
        "p.exploits_vulnerability": [],
        "p.distortion": "no",
        "p.impairs_choice": "no",
        "p.other_decision": "no",
        "p.significant_harm": "no",
        "p.lawful_setting": [],
        "p.crime_risk_person": "no",
        "p.solely_profiling": "no",
        "p.objective_facts_human": "no",
        "p.face_database": "no",
        "p.untargeted": "no",
        "p.emotion_from_biometrics": "no",
        "p.setting": [],
        "p.reason": "other",
        "p.biometric_categories": [],
        "p.categorisation_setting": [],
        "p.rbi": [],
        "p.public_space": "no",
        "p.for_law_enforcement": "no",
        "p.rbi_purpose": [],
        "p.rbi_conditions": [],
        "p.intimate_imagery": [],
        "p.child_abuse_material": [],
        "p.safeguards_adequate": "yes",  # neither makes an image
        "p.with_right": "no",
        "aia.product_kinds": [],
        "aia.part_in_product": "neither",
        "aia.only_radio_spectrum": "no",
        "aia.annex_i_third_party": "no",
        "aia.by_or_for": [],
        "aia.only_verification": "no",
        "aia.only_cybersecurity": "no",
        "aia.only_fraud_detection": "no",
        "aia.only_travel_documents": "no",
        "aia.only_ancillary": "no",
        "aia.voters_do_not_meet": "no",
        "aia.limb": [],
        "aia.transparency": [],
        "aia.obvious_ai": "no",
        "aia.change_of_input": "no_substantial_change",
        "aia.crime_work": [],
        "aia.public_text_review": [],
        "aia.built_by": "us",
        "aia.own_name": "yes",
        "aia.purpose_changed": "no",
        "aia.substantial_change": "no",
        "aia.first_placed": today.isoformat(),
        "aia.design_changed": today.isoformat(),
        "aia.intended_for_public_authorities": "yes",
        "decision.automated": "no",
        "decision.not_delegable": "no",
        "decision.explainable": "yes",
        "service.essential": "no",
        "aia.bias_special_categories": "no",
        "aia.supplier_forbids_high_risk": "no",
        "aia.components": "no",
        "data.special_categories": "no",
        "data.special_ground": "yes",
        "data.consent": "no",
        "data.sensitive_search": "no",
        "data.sensitive_search_basis": "yes",
        "decision.automated_ground": "no",
        "decision.safeguards": "yes",
        "records.open_data": "no",
        "security.supplier_chain": "no",
        "camera.surveillance": "no",
        "secrecy.supplier": "no",
        "secrecy.technical_only": "yes",
        "secrecy.inappropriate": "no",
        "social.services": "no",
        "social.adverse": "no",
        "appeal.on_merits": "yes",
        "accessibility.web_or_app": "no",  # it has no page of its own
        "procurement.bought": "no",
        "work.other_union_member": "no",
        "work.contracted_out": "no",
        "language.minority_area": "no",
    }


def lanestod_answers(today: date) -> dict[str, Any]:
    """Lånestöd: a trained model that proposes in decisions about people's credit."""
    return _alike(today) | {
        "aia.is_ai": "yes",
        "aia.real_world_testing": "yes",
        "p.scores_persons": "yes",
        "p.over_time": "yes",  # how earlier credit was paid
        "p.treatment": ["related_proportionate"],
        "aia.uses": ["credit_score"],
        "aia.profiling": "yes",
        "aia.no_significant_risk": "no",
        "data.personal": "yes",
        "data.criteria": ["evaluation_or_scoring", "hinders_right_or_service"],
        "data.systematic_evaluation": "yes",
        "decision.about_persons": "yes",
        "discrimination.grounds_tested": ["sex", "ethnicity", "age"],
        "work.changes": "yes",
        "umea.data_for_other_purpose": "yes",  # earlier applications train the model
        "records.erased": "yes",
        "secrecy.areas": ["other"],
    }


def exercise_answers(today: date) -> dict[str, Any]:
    """The load test: invented answers about nobody."""
    return _alike(today) | {
        "aia.is_ai": "no",
        "aia.real_world_testing": "no",
        "p.scores_persons": "no",
        "p.over_time": "no",
        "p.treatment": [],
        "aia.uses": [],
        "aia.profiling": "no",
        "aia.no_significant_risk": "yes",
        "data.personal": "no",
        "data.criteria": [],
        "data.systematic_evaluation": "no",
        "decision.about_persons": "no",
        "discrimination.grounds_tested": [],
        "work.changes": "no",
        "umea.data_for_other_purpose": "no",
        "records.erased": "no",
        "secrecy.areas": [],
    }
