"""Who may stop, who reviews, what they were taught."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from insyn.core.terms import RecordKind, Role

from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

FIELDS: Fields = {
    RecordKind.STOP_MANDATE: (
        ContentField("person", FieldKind.PERSON, gettext_lazy("Stop holder"), role=Role.STOP_HOLDER),
        ContentField("last_day", FieldKind.DAY, gettext_lazy("Last day of the mandate")),
        ContentField(
            "public",
            FieldKind.STOP_KEY,
            gettext_lazy("Public half of a personal stop key"),
            required=False,
            help=gettext_lazy("64 hexadecimal digits from `insyn keys stop`. With it the holder can stop also when sign-in is down."),
        ),
    ),
    RecordKind.HUMAN_OVERSIGHT: (
        ContentField("reviewers", FieldKind.PEOPLE, gettext_lazy("Who reviews"), role=Role.CASE_OFFICER),
        ContentField(
            "instruction",
            FieldKind.TEXT,
            gettext_lazy("Instruction"),
            help=gettext_lazy("What a reviewer shall look at, and when to go against the proposal."),
        ),
        ContentField("instruction_through", FieldKind.DAY, gettext_lazy("The instruction holds through")),
        ContentField("training_through", FieldKind.DAY, gettext_lazy("The training holds through")),
    ),
}
