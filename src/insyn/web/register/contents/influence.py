"""Negotiation with the unions, and participation. Both are written by acts of their own, from what the parties did."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from insyn.core.terms import RecordKind

from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

MBL_OUTCOMES = (("agreement", gettext_lazy("Agreement")), ("disagreement", gettext_lazy("Disagreement")))
MBL_SECTIONS = (("11", "MBL 11 §"), ("13", "MBL 13 §"), ("38", "MBL 38 §"))
MBL_ENDS = (("union", gettext_lazy("The unions' own word")), ("recorded_end", gettext_lazy("The recorded end of the negotiation")))

FIELDS: Fields = {
    RecordKind.MBL_SECTION_11: (
        ContentField("section", FieldKind.CHOICE, gettext_lazy("Section"), choices=MBL_SECTIONS),
        ContentField("union", FieldKind.LINE, gettext_lazy("Union")),
        ContentField("invited", FieldKind.DAY, gettext_lazy("Invited")),
        ContentField("minutes", FieldKind.TEXT, gettext_lazy("Minutes")),
        ContentField("outcome", FieldKind.CHOICE, gettext_lazy("Outcome"), choices=MBL_OUTCOMES),
        ContentField("end", FieldKind.CHOICE, gettext_lazy("Closed on"), choices=MBL_ENDS),
        ContentField("closed", FieldKind.DAY, gettext_lazy("Negotiation closed")),
    ),
    RecordKind.PARTICIPATION_ROUND: (
        ContentField("round", FieldKind.LINE, gettext_lazy("Participation round")),
        ContentField("groups", FieldKind.TEXT, gettext_lazy("Groups invited")),
        ContentField("opened", FieldKind.DAY, gettext_lazy("Opened")),
        ContentField("closed", FieldKind.DAY, gettext_lazy("Closed")),
        ContentField("received", FieldKind.NUMBER, gettext_lazy("Proposals received"), least=0),
        ContentField("shown", FieldKind.NUMBER, gettext_lazy("Proposals shown"), least=0),
        ContentField("taken", FieldKind.NUMBER, gettext_lazy("Carried out"), least=0),
        ContentField("partly", FieldKind.NUMBER, gettext_lazy("Carried out in part"), least=0),
        ContentField("not_taken", FieldKind.NUMBER, gettext_lazy("Not carried out"), least=0),
        ContentField("for_evaluation", FieldKind.YES_NO, gettext_lazy("Held for an evaluation")),
        ContentField("changed", FieldKind.TEXT, gettext_lazy("What changed")),
    ),
}
