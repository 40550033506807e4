"""What the assessments say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from insyn.core.terms import RecordKind

from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

_ASSESSMENT = (
    ContentField("risks", FieldKind.TEXT, gettext_lazy("Risks to people"), help=gettext_lazy("One to a line.")),
    ContentField("benefit", FieldKind.TEXT, gettext_lazy("Benefit")),
    ContentField("remaining_risk", FieldKind.TEXT, gettext_lazy("Risk that remains, and why it is acceptable")),
    ContentField("risk_owner", FieldKind.LINE, gettext_lazy("Who answers for the remaining risk")),
)

FIELDS: Fields = {kind: _ASSESSMENT for kind in RecordKind if kind.value.startswith("assessment_")}
