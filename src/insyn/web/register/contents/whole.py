"""What the fields of a record must say together, and whether a test that it tells of was passed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from insyn.core.terms import RecordKind

from . import continuity, life, versions

#: Each raises :class:`~insyn.core.errors.InvalidInput` that names the field.
CHECKS: Mapping[RecordKind, Callable[[Mapping[str, Any]], None]] = {
    RecordKind.VALIDATION: versions.check_validation,
    RecordKind.ROBUSTNESS_TEST: versions.check_robustness,
    RecordKind.FIDELITY_TEST: versions.check_fidelity,
    RecordKind.CONTINUITY_EXERCISE: continuity.check_exercise,
    RecordKind.NEEDS_ANALYSIS: life.check_needs_analysis,
    RecordKind.EVALUATION: life.check_evaluation,
    RecordKind.BENEFIT_REALISED: life.check_benefit,
    RecordKind.DELEGATION: life.check_delegation,
}
_PASSED: Mapping[RecordKind, Callable[[Mapping[str, Any]], bool]] = {
    RecordKind.VALIDATION: versions.validation_passed,
    RecordKind.ROBUSTNESS_TEST: versions.robustness_passed,
    RecordKind.FIDELITY_TEST: versions.fidelity_passed,
    RecordKind.CONTINUITY_EXERCISE: continuity.exercise_passed,
}


def was_passed(kind: RecordKind | str, content: Mapping[str, Any]) -> bool:
    """Records that tell of no test are always passed."""
    passed = _PASSED.get(RecordKind(kind))
    return passed is None or passed(content)


def tells_of_a_test(kind: RecordKind | str) -> bool:
    return RecordKind(kind) in _PASSED
