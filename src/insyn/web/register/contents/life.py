"""Need, sourcing, evaluation, deviation, benefit: records of a system's life."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from insyn.core.terms import RecordKind

from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

FIELDS: Fields = {
    RecordKind.EVALUATION_PLAN: (
        ContentField(
            "due",
            FieldKind.DAY,
            gettext_lazy("Evaluation due"),
            help=gettext_lazy("After this day every call is refused until an evaluation is in."),
        ),
    ),
    RecordKind.EVALUATION: (
        ContentField("result", FieldKind.TEXT, gettext_lazy("Result")),
        ContentField("next_due", FieldKind.DAY, gettext_lazy("Next evaluation due")),
    ),
}
