"""What the assessments say: the answers to the questions of their kind, each risk by itself, and the benefit weighed against what remains."""

from __future__ import annotations

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from insyn.core.terms import RecordKind
from insyn.core.text import Text
from insyn.web.language import spoken

from .fields import ContentField, FieldKind
from .questions import Question, questions_of

Fields = dict[RecordKind, tuple[ContentField, ...]]

_spoken = lazy(spoken, str)

LIKELIHOOD = (
    ("1", gettext_lazy("1 unlikely")),
    ("2", gettext_lazy("2 possible")),
    ("3", gettext_lazy("3 likely")),
    ("4", gettext_lazy("4 very likely")),
)
CONSEQUENCE = (
    ("1", gettext_lazy("1 slight")),
    ("2", gettext_lazy("2 noticeable")),
    ("3", gettext_lazy("3 serious")),
    ("4", gettext_lazy("4 very serious")),
)
REMAINING = (
    ("1", gettext_lazy("1 low")),
    ("2", gettext_lazy("2 moderate")),
    ("3", gettext_lazy("3 considerable")),
    ("4", gettext_lazy("4 high")),
)
RISK = (
    ContentField("cause", FieldKind.TEXT, gettext_lazy("What may happen, and why")),
    ContentField("group", FieldKind.LINE, gettext_lazy("Affected group")),
    ContentField("likelihood", FieldKind.CHOICE, gettext_lazy("Likelihood"), choices=LIKELIHOOD),
    ContentField("consequence", FieldKind.CHOICE, gettext_lazy("Consequence"), choices=CONSEQUENCE),
    ContentField("measure", FieldKind.TEXT, gettext_lazy("Measure")),
    ContentField("remaining", FieldKind.CHOICE, gettext_lazy("Risk that remains"), choices=REMAINING),
    ContentField("owner", FieldKind.LINE, gettext_lazy("Who does it")),
    ContentField("day", FieldKind.DAY, gettext_lazy("Done by")),
)
_WEIGHED = (
    ContentField(
        "risks",
        FieldKind.ROWS,
        gettext_lazy("Risks to people"),
        columns=RISK,
        at_least=1,
        help=gettext_lazy("One line for each risk. A system without any risk has not been looked at."),
    ),
    ContentField("benefit", FieldKind.TEXT, gettext_lazy("Benefit"), help=gettext_lazy("For whom, and how it will be seen.")),
    ContentField("remaining_risk", FieldKind.TEXT, gettext_lazy("Risk that remains, and why it is acceptable")),
    ContentField("weighing", FieldKind.TEXT, gettext_lazy("The benefit weighed against what remains")),
    ContentField("risk_owner", FieldKind.LINE, gettext_lazy("Who answers for the remaining risk")),
)


def _asked(question: Question) -> ContentField:
    return ContentField(
        question.id,
        FieldKind.TEXT,
        _spoken(question.text),
        required=question.required,
        help=_spoken(question.help or Text("", "")),
        citations=question.citations,
    )


def _fields(kind: RecordKind) -> tuple[ContentField, ...]:
    return (*(_asked(question) for question in questions_of(kind)), *_WEIGHED)


FIELDS: Fields = {kind: _fields(kind) for kind in RecordKind if kind.value.startswith("assessment_")}
