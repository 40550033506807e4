"""Systems that score, schedule or assess the municipality's own employees. Nothing that such a system says about a person reaches anybody but
that person before the negotiation with the unions and the assessment of the work environment are closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from insyn.core.terms import RecordKind
from insyn.law.model import Answer

from .gates import GateState

#: The question of what a system is used for, and the answer that makes employees the people whom it is about (AI Act, Annex III 4(b)).
USES, WORK_MANAGEMENT = "aia.uses", "work_management"
_CLOSING = frozenset({RecordKind.MBL_SECTION_11, RecordKind.ASSESSMENT_WORK_ENVIRONMENT})


def is_about_employees(answers: Mapping[str, Answer]) -> bool:
    uses = answers.get(USES, ())
    return not isinstance(uses, str) and WORK_MANAGEMENT in uses


def results_held(answers: Mapping[str, Answer], gates: Iterable[GateState]) -> bool:
    """Whether a gate that asks for the negotiation or the assessment is unmet, of a system that is about employees."""
    return is_about_employees(answers) and any(gate.demands in _CLOSING and not gate.met for gate in gates)
