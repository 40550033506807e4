"""Need, sourcing, evaluation, deviation, benefit: records of a system's life."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from insyn.core.errors import InvalidInput
from insyn.core.terms import RecordKind

from .days import not_to_come
from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

OUTCOMES = (
    ("continue", gettext_lazy("Goes on as it is")),
    ("change", gettext_lazy("Goes on after a change")),
    ("stop", gettext_lazy("Is stopped")),
)
#: Karlstad's AI guideline names three areas that the use of AI shall focus on.
FOCUS_AREAS = (
    ("efficient", gettext_lazy("More efficient services with legal certainty")),
    ("meetings", gettext_lazy("Meetings with citizens")),
    ("irregularities", gettext_lazy("Preventing errors and irregularities")),
    ("other", gettext_lazy("Outside the three areas")),
)
ALTERNATIVES = (
    ("ai", gettext_lazy("AI")),
    ("traditional", gettext_lazy("Traditional solution")),
    ("nothing", gettext_lazy("Go on as today")),
)
SOURCES = (
    ("build", gettext_lazy("Build it ourselves")),
    ("build_together", gettext_lazy("Build it with others")),
    ("buy", gettext_lazy("Use something ready-made")),
)
WEIGHED = (
    ContentField("kind", FieldKind.CHOICE, gettext_lazy("Kind of solution"), choices=ALTERNATIVES),
    ContentField("name", FieldKind.LINE, gettext_lazy("Solution")),
    ContentField("benefit", FieldKind.TEXT, gettext_lazy("Benefit")),
    ContentField("cost", FieldKind.TEXT, gettext_lazy("Cost")),
    ContentField("risk", FieldKind.TEXT, gettext_lazy("Risk")),
    ContentField("people", FieldKind.TEXT, gettext_lazy("Effect on people")),
    ContentField("work_environment", FieldKind.TEXT, gettext_lazy("Effect on the work environment")),
)
#: Where the answer is anything else there is nothing to record: the matter may not be delegated.
EXAMINED = (("yes", gettext_lazy("Yes, it has been examined")),)


def check_evaluation(content: Mapping[str, Any]) -> None:
    """A change says what and by when; only a system that stops has no next day."""
    if content["outcome"] == "change":
        for name in ("change_what", "change_by"):
            if name not in content:
                raise InvalidInput(_("Say what is to be changed, and by when."), place=name)
    if content["outcome"] != "stop" and "next_due" not in content:
        raise InvalidInput(_("Set the day of the next evaluation."), place="next_due")


def check_needs_analysis(content: Mapping[str, Any]) -> None:
    """AI is weighed against a traditional solution, never alone; what was chosen is one of those that were weighed."""
    rows = content.get("alternatives", ())
    if missing := {"ai", "traditional"} - {row["kind"] for row in rows}:
        lacking = ", ".join(str(dict(ALTERNATIVES)[kind]) for kind in sorted(missing))
        raise InvalidInput(_("Weigh at least one of each kind. Missing: %(kinds)s.") % {"kinds": lacking}, place="alternatives")
    if content.get("chosen") not in {row["name"] for row in rows}:
        raise InvalidInput(_("Name one of the solutions that were weighed."), place="chosen")


def check_benefit(content: Mapping[str, Any]) -> None:
    not_to_come(content, "measured_on")


def check_delegation(content: Mapping[str, Any]) -> None:
    not_to_come(content, "decided_on")


FIELDS: Fields = {
    RecordKind.NEEDS_ANALYSIS: (
        ContentField("need", FieldKind.LINE, gettext_lazy("Number of the need"), required=False),
        ContentField("focus_area", FieldKind.CHOICE, gettext_lazy("Focus area"), choices=FOCUS_AREAS),
        ContentField(
            "alternatives",
            FieldKind.ROWS,
            gettext_lazy("Solutions that were weighed"),
            columns=WEIGHED,
            at_least=2,
            help=gettext_lazy("AI is always considered, and always against a traditional solution: at least one of each."),
        ),
        ContentField("chosen", FieldKind.LINE, gettext_lazy("Chosen solution"), help=gettext_lazy("As it is called above.")),
        ContentField("reasons", FieldKind.TEXT, gettext_lazy("Why that one")),
        ContentField("measure", FieldKind.LINE, gettext_lazy("Expected benefit: what is measured")),
        ContentField(
            "expected", FieldKind.LINE, gettext_lazy("Expected benefit: figure"), help=gettext_lazy("For example: from 40 to 25 minutes.")
        ),
        ContentField("expected_by", FieldKind.DAY, gettext_lazy("Expected benefit: reached by")),
    ),
    RecordKind.SOURCING_CHOICE: (
        ContentField(
            "criteria",
            FieldKind.ROWS,
            gettext_lazy("Criteria and how each way meets them"),
            columns=(
                ContentField(
                    "criterion",
                    FieldKind.LINE,
                    gettext_lazy("Criterion"),
                    help=gettext_lazy(
                        "Such as: architecture, how unique the use is, access to the data and how sensitive they are, computing power, insight."
                    ),
                ),
                ContentField("build", FieldKind.LINE, gettext_lazy("Build it ourselves")),
                ContentField("build_together", FieldKind.LINE, gettext_lazy("Build it with others")),
                ContentField("buy", FieldKind.LINE, gettext_lazy("Use something ready-made")),
            ),
            at_least=1,
        ),
        ContentField("chosen", FieldKind.CHOICE, gettext_lazy("Chosen way"), choices=SOURCES),
        ContentField("reasons", FieldKind.TEXT, gettext_lazy("Why that one")),
        ContentField("shared_with", FieldKind.TEXT, gettext_lazy("Who else could share it or build it with us"), required=False),
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
        ContentField(
            "outcome",
            FieldKind.CHOICE,
            gettext_lazy("What it comes to"),
            choices=OUTCOMES,
            help=gettext_lazy("If it comes to a stop, the system is paused at once, and a decision is asked for."),
        ),
        ContentField("change_what", FieldKind.TEXT, gettext_lazy("What is to be changed"), required=False),
        ContentField("change_by", FieldKind.DAY, gettext_lazy("Changed by"), required=False),
        ContentField("benefit", FieldKind.TEXT, gettext_lazy("Benefit so far, against what was expected"), required=False),
        ContentField(
            "participation",
            FieldKind.TEXT,
            gettext_lazy("How those affected took part"),
            help=gettext_lazy("Who was asked, and how. If nobody was, say so and why."),
        ),
        ContentField(
            "next_due",
            FieldKind.DAY,
            gettext_lazy("Next evaluation due"),
            required=False,
            help=gettext_lazy("Needed unless the system stops. After this day every call is refused until the next evaluation is in."),
        ),
    ),
    RecordKind.DEVIATION: (
        ContentField(
            "principle",
            FieldKind.LINE,
            gettext_lazy("Principle"),
            required=False,
            help=gettext_lazy("A record by itself opens nothing. A deviation is proposed and accepted on its own page."),
        ),
        ContentField("measures", FieldKind.TEXT, gettext_lazy("Measures"), required=False),
        ContentField("accepted_risk", FieldKind.TEXT, gettext_lazy("The owner's acceptance of the higher risk"), required=False),
        ContentField("last_day", FieldKind.DAY, gettext_lazy("Last day"), required=False),
    ),
    RecordKind.BENEFIT_REALISED: (
        ContentField("measure", FieldKind.LINE, gettext_lazy("What was measured")),
        ContentField("expected", FieldKind.LINE, gettext_lazy("Expected")),
        ContentField("realised", FieldKind.LINE, gettext_lazy("Realised")),
        ContentField("measured_on", FieldKind.DAY, gettext_lazy("Measured on")),
        ContentField("why_different", FieldKind.TEXT, gettext_lazy("Why it differs from what was expected"), required=False),
    ),
    RecordKind.DELEGATION: (
        ContentField(
            "item",
            FieldKind.LINE,
            gettext_lazy("Item of the delegation list"),
            help=gettext_lazy("Its number. The item itself stands in the delegation list."),
        ),
        ContentField("matter_types", FieldKind.LINE, gettext_lazy("Types of matter")),
        ContentField("scope", FieldKind.TEXT, gettext_lazy("Which decisions, and which not")),
        ContentField("decided_on", FieldKind.DAY, gettext_lazy("Day of the board's decision")),
        ContentField(
            "procedure_act",
            FieldKind.CHOICE,
            gettext_lazy("The Administrative Procedure Act applies in full"),
            choices=EXAMINED,
        ),
        ContentField("no_hindrance", FieldKind.CHOICE, gettext_lazy("Nothing else hinders the delegation"), choices=EXAMINED),
        ContentField("examined_by", FieldKind.LINE, gettext_lazy("Which office examined it")),
        ContentField("responsible", FieldKind.LINE, gettext_lazy("Which office answers for the decisions")),
    ),
}
