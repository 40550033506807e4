"""Negotiation with the unions, and participation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from insyn.core.terms import RecordKind

from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

MBL_OUTCOMES = (("agreement", gettext_lazy("Agreement")), ("disagreement", gettext_lazy("Disagreement")))

FIELDS: Fields = {
    RecordKind.MBL_SECTION_11: (
        ContentField("union", FieldKind.LINE, gettext_lazy("Union")),
        ContentField("invited", FieldKind.DAY, gettext_lazy("Invited")),
        ContentField("minutes", FieldKind.TEXT, gettext_lazy("Minutes")),
        ContentField("outcome", FieldKind.CHOICE, gettext_lazy("Outcome"), choices=MBL_OUTCOMES),
        ContentField("closed", FieldKind.DAY, gettext_lazy("Negotiation closed")),
    ),
}
