"""Data: what is used and why, what is kept, what is secret, what the supplier shows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from insyn.core.terms import RecordKind

from ..purposes import PurposeKind
from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

_TEXT, _LINE, _DAY, _YES_NO = FieldKind.TEXT, FieldKind.LINE, FieldKind.DAY, FieldKind.YES_NO

FIELDS_OF_DATA = (
    ContentField("name", _LINE, gettext_lazy("Field of data")),
    ContentField("why", _LINE, gettext_lazy("Why it is needed")),
    ContentField("collected_how", _LINE, gettext_lazy("How it was collected")),
)

FIELDS: Fields = {
    RecordKind.DATA_USE: (
        ContentField("purpose", _LINE, gettext_lazy("Purpose"), required=False),
        ContentField("purpose_kind", FieldKind.CHOICE, gettext_lazy("Kind of purpose"), required=False, choices=tuple(PurposeKind.choices)),
        ContentField("categories", _LINE, gettext_lazy("Categories of data"), required=False),
        ContentField("source", _TEXT, gettext_lazy("Source"), required=False),
        ContentField("manner", _TEXT, gettext_lazy("Manner of collection"), required=False),
        ContentField("fields", FieldKind.ROWS, gettext_lazy("Fields of data"), required=False, columns=FIELDS_OF_DATA),
        ContentField("legal_basis", _TEXT, gettext_lazy("Legal basis"), required=False),
        ContentField("retention", _TEXT, gettext_lazy("How long the data are kept"), required=False),
        ContentField(
            "decision", _LINE, gettext_lazy("Decision"), required=False, help=gettext_lazy("Who decided, which day, and the case number.")
        ),
    ),
    RecordKind.RETENTION_DECISION: (
        ContentField("what", _TEXT, gettext_lazy("What may be destroyed, and what is kept"), required=False),
        ContentField("after", _LINE, gettext_lazy("After how long"), required=False),
        ContentField("decided_by", _LINE, gettext_lazy("Who decided"), required=False),
        ContentField("decided_on", _DAY, gettext_lazy("Day of the decision"), required=False),
        ContentField("decision", _LINE, gettext_lazy("Reference to the decision on disposal"), required=False),
    ),
    RecordKind.SECRECY_ASSESSMENT: (
        ContentField(
            "information",
            FieldKind.ROWS,
            gettext_lazy("Each kind of information"),
            required=False,
            columns=(
                ContentField("kind", _LINE, gettext_lazy("Kind of information")),
                ContentField("secrecy", _LINE, gettext_lazy("Secrecy, with its provision")),
                ContentField("receiver", _LINE, gettext_lazy("Who receives it")),
                ContentField("place", _LINE, gettext_lazy("Where it is stored and handled")),
                ContentField("why", _LINE, gettext_lazy("Why it is not inappropriate")),
            ),
        ),
        ContentField("outside_eu", _YES_NO, gettext_lazy("Do any data leave the EU and the EEA?"), required=False),
    ),
    RecordKind.PROVIDER_DOCUMENTATION: (
        ContentField(
            "documents",
            FieldKind.ROWS,
            gettext_lazy("Documents from the provider"),
            required=False,
            columns=(
                ContentField("title", _LINE, gettext_lazy("Document")),
                ContentField("version", _LINE, gettext_lazy("Version"), required=False),
                ContentField("day", _DAY, gettext_lazy("Day"), required=False),
                ContentField("reference", _LINE, gettext_lazy("Where it is kept"), required=False),
            ),
        ),
        ContentField("training_data", _TEXT, gettext_lazy("What the provider says of the training data"), required=False),
        ContentField(
            "not_shown",
            _TEXT,
            gettext_lazy("What the provider will not show"),
            required=False,
            help=gettext_lazy("It is shown in public: a gap that is known is no secret."),
        ),
    ),
    RecordKind.PROCUREMENT_REQUIREMENTS: (
        ContentField(
            "requirements",
            FieldKind.ROWS,
            gettext_lazy("Requirements"),
            required=False,
            columns=(
                ContentField("requirement", _LINE, gettext_lazy("Requirement")),
                ContentField("verified_how", _LINE, gettext_lazy("How it is verified"), required=False),
            ),
        ),
        ContentField("supplier_learns", _YES_NO, gettext_lazy("May the supplier use our data for its own improvement?"), required=False),
        ContentField("logs", _YES_NO, gettext_lazy("Does the municipality get the logs?"), required=False),
        ContentField("exit", _TEXT, gettext_lazy("How the municipality leaves the contract"), required=False),
        ContentField("procurement", _LINE, gettext_lazy("Number of the procurement"), required=False),
    ),
}
