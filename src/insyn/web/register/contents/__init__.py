"""What a record of each kind says: one table, from which both the form and the check in the act are made.

Every record has a summary. Labels and help are for the person who fills it in.
"""

from __future__ import annotations

from collections.abc import Mapping

from insyn.core.terms import RecordKind

from . import assessments, continuity, data, influence, life, people, versions
from .checks import HoldsRole, check_fields
from .days import last_day_of
from .fields import MAX_TEXT, SUMMARY, ContentField, FieldKind
from .whole import CHECKS, tells_of_a_test, was_passed

__all__ = [
    "MAX_TEXT",
    "PER_VERSION",
    "ContentField",
    "FieldKind",
    "check_content",
    "fields_of",
    "last_day_of",
    "tells_of_a_test",
    "was_passed",
]

#: Kinds of which there is one for each version of a system.
PER_VERSION = frozenset({RecordKind.VALIDATION, RecordKind.ROBUSTNESS_TEST, RecordKind.FIDELITY_TEST})

_BY_KIND: Mapping[RecordKind, tuple[ContentField, ...]] = {
    kind: fields for table in (assessments, continuity, data, influence, life, people, versions) for kind, fields in table.FIELDS.items()
}


def fields_of(kind: RecordKind | str) -> tuple[ContentField, ...]:
    """The fields of a kind of record, summary first."""
    return (SUMMARY, *_BY_KIND.get(RecordKind(kind), ()))


def check_content(kind: RecordKind, content: Mapping[str, object], *, holds_role: HoldsRole) -> dict[str, object]:
    """The content as it may be stored. Raises :class:`InvalidInput` that names the field.

    ``holds_role`` answers whether a person holds a role today.
    """
    checked = check_fields(fields_of(kind), content, holds_role)
    if kind in CHECKS:
        CHECKS[kind](checked)
    return checked
