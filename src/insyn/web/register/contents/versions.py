"""What is tested on each version."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from insyn.core.terms import RecordKind

from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

FIELDS: Fields = {
    RecordKind.VALIDATION: (
        ContentField(
            "limits", FieldKind.TEXT, gettext_lazy("Limits set before the test"), help=gettext_lazy("Least accuracy, also for each group.")
        ),
        ContentField("own_cases", FieldKind.TEXT, gettext_lazy("Test on own cases"), help=gettext_lazy("How many, from when, chosen how.")),
        ContentField("result", FieldKind.TEXT, gettext_lazy("Result in figures")),
        ContentField("gaps", FieldKind.TEXT, gettext_lazy("Gaps in the training data"), required=False),
    ),
}
