"""Who may stop, who reviews, what they were taught and told, and who is competent for what."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from insyn.core.labels import label
from insyn.core.terms import RecordKind, Role
from insyn.web.language import spoken

from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

_role_name = lazy(lambda role: spoken(label(role)), str)
ROLES = tuple((role.value, _role_name(role)) for role in Role)
_ROLE = ContentField("role", FieldKind.CHOICE, gettext_lazy("Role"), choices=ROLES)
_HOLDS_THROUGH = ContentField("holds_through", FieldKind.DAY, gettext_lazy("Holds through"))
_INSTRUCTED = (
    _ROLE,
    ContentField("instruction", FieldKind.TEXT, gettext_lazy("Instruction")),
    _HOLDS_THROUGH,
)
_TAUGHT = (
    _ROLE,
    ContentField("taught", FieldKind.TEXT, gettext_lazy("What was taught")),
    ContentField("given_by", FieldKind.LINE, gettext_lazy("Given by")),
    _HOLDS_THROUGH,
)

FIELDS: Fields = {
    RecordKind.INSTRUCTION: (
        ContentField("instructions", FieldKind.ROWS, gettext_lazy("Instruction for each role"), columns=_INSTRUCTED),
        ContentField(
            "not_shared",
            FieldKind.TEXT,
            gettext_lazy("What may never be written to the assistant"),
            required=False,
            help=gettext_lazy(
                "Only for an assistant that people ask in their work. With it every call belongs to a person who has confirmed this instruction."
            ),
        ),
    ),
    RecordKind.TRAINING: (ContentField("trainings", FieldKind.ROWS, gettext_lazy("Training for each role"), columns=_TAUGHT),),
    RecordKind.COMPETENCE: (
        ContentField("person", FieldKind.PERSON, gettext_lazy("Person")),
        ContentField("competence", FieldKind.TEXT, gettext_lazy("Competent for what, and how it was shown")),
        ContentField("given_by", FieldKind.LINE, gettext_lazy("Given by")),
        _HOLDS_THROUGH,
    ),
    RecordKind.STOP_MANDATE: (
        ContentField("person", FieldKind.PERSON, gettext_lazy("Stop holder"), role=Role.STOP_HOLDER),
        ContentField("last_day", FieldKind.DAY, gettext_lazy("Last day of the mandate")),
        ContentField(
            "stop_key",
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
