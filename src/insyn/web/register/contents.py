"""What a record of each kind says: one table, from which both the form and the check in the act are made.

Every record has a summary. Labels and help are for the person who fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from insyn.core.errors import InvalidInput
from insyn.core.terms import RecordKind, Role

MAX_TEXT = 20_000


class FieldKind(StrEnum):
    """How a field of a record is written and checked."""

    TEXT = "text"
    LINE = "line"
    DAY = "day"
    PERSON = "person"
    PEOPLE = "people"
    STOP_KEY = "stop_key"
    OUTCOME = "outcome"


@dataclass(frozen=True)
class ContentField:
    """``role``: the office that a named person must hold."""

    name: str
    kind: FieldKind
    label: str | Promise
    required: bool = True
    help: str | Promise = ""
    role: Role | None = None


SUMMARY = ContentField("summary", FieldKind.TEXT, gettext_lazy("Summary"), help=gettext_lazy("What was found or decided, in plain words."))
MBL_OUTCOMES = ("agreement", "disagreement")
#: Kinds of which there is one for each version of a system.
PER_VERSION = frozenset({RecordKind.VALIDATION, RecordKind.ROBUSTNESS_TEST})

_ASSESSMENT = (
    ContentField("risks", FieldKind.TEXT, gettext_lazy("Risks to people"), help=gettext_lazy("One to a line.")),
    ContentField("benefit", FieldKind.TEXT, gettext_lazy("Benefit")),
    ContentField("remaining_risk", FieldKind.TEXT, gettext_lazy("Risk that remains, and why it is acceptable")),
    ContentField("risk_owner", FieldKind.LINE, gettext_lazy("Who answers for the remaining risk")),
)
_BY_KIND: Mapping[RecordKind, tuple[ContentField, ...]] = {
    **{kind: _ASSESSMENT for kind in RecordKind if kind.value.startswith("assessment_")},
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
    RecordKind.VALIDATION: (
        ContentField(
            "limits", FieldKind.TEXT, gettext_lazy("Limits set before the test"), help=gettext_lazy("Least accuracy, also for each group.")
        ),
        ContentField("own_cases", FieldKind.TEXT, gettext_lazy("Test on own cases"), help=gettext_lazy("How many, from when, chosen how.")),
        ContentField("result", FieldKind.TEXT, gettext_lazy("Result in figures")),
        ContentField("gaps", FieldKind.TEXT, gettext_lazy("Gaps in the training data"), required=False),
    ),
    RecordKind.MBL_SECTION_11: (
        ContentField("union", FieldKind.LINE, gettext_lazy("Union")),
        ContentField("invited", FieldKind.DAY, gettext_lazy("Invited")),
        ContentField("minutes", FieldKind.TEXT, gettext_lazy("Minutes")),
        ContentField("outcome", FieldKind.OUTCOME, gettext_lazy("Outcome")),
        ContentField("closed", FieldKind.DAY, gettext_lazy("Negotiation closed")),
    ),
}


def fields_of(kind: RecordKind | str) -> tuple[ContentField, ...]:
    """The fields of a kind of record, summary first."""
    return (SUMMARY, *_BY_KIND.get(RecordKind(kind), ()))


def check_content(kind: RecordKind, content: Mapping[str, object], *, holds_role: Callable[[str, Role], bool]) -> dict[str, object]:
    """The content as it may be stored. Raises :class:`InvalidInput` that names the field.

    ``holds_role`` answers whether a person holds a role today.
    """
    fields = {field.name: field for field in fields_of(kind)}
    for name in content:
        if name not in fields:
            raise InvalidInput(_("A record of this kind has no such field."), place=name)
    found = {}
    for name, field in fields.items():
        value = content.get(name)
        if value not in (None, "", [], ()):
            found[name] = _CHECKS[field.kind](field, value, holds_role)
        elif field.required:
            raise InvalidInput(_("This is required."), place=name)
    return found


HoldsRole = Callable[[str, Role], bool]


def _text(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise InvalidInput(_("Write text of at most %(limit)d characters.") % {"limit": MAX_TEXT}, place=field.name)
    return value.strip()


def _day(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
    except ValueError as error:
        raise InvalidInput(_("Write the day as 2026-01-31."), place=field.name) from error


def _person(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    if field.role is not None and not holds_role(str(value), field.role):
        from .labels import label

        words = {"person": value, "role": label("role", field.role)}
        raise InvalidInput(_("%(person)s holds no mandate as %(role)s.") % words, place=field.name)
    return str(value)


def _people(field: ContentField, value: object, holds_role: HoldsRole) -> list[str]:
    if not isinstance(value, list | tuple):
        raise InvalidInput(_("Name one person or more."), place=field.name)
    return sorted({_person(field, person, holds_role) for person in value})


def _stop_key(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    text = str(value).strip().lower()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise InvalidInput(_("A public stop key is 64 hexadecimal digits."), place=field.name)
    return text


def _outcome(field: ContentField, value: object, holds_role: HoldsRole) -> str:
    if value not in MBL_OUTCOMES:
        raise InvalidInput(_("Choose one of the alternatives."), place=field.name)
    return str(value)


_CHECKS: Mapping[FieldKind, Callable[[ContentField, object, HoldsRole], object]] = {
    FieldKind.TEXT: _text,
    FieldKind.LINE: _text,
    FieldKind.DAY: _day,
    FieldKind.PERSON: _person,
    FieldKind.PEOPLE: _people,
    FieldKind.STOP_KEY: _stop_key,
    FieldKind.OUTCOME: _outcome,
}
