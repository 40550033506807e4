"""What is tested on each version, and whether it was passed.

A test that was not passed may be recorded, and is shown; it opens nothing. Shares are written in percent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from insyn.core.errors import InvalidInput
from insyn.core.terms import RecordKind
from insyn.sdk.fidelity import LEAST, PASSED, grade_of

from .days import in_order, not_to_come
from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

_GROUP = (
    ContentField("group", FieldKind.LINE, gettext_lazy("Group")),
    ContentField("n", FieldKind.NUMBER, gettext_lazy("Cases"), least=1),
    ContentField("accuracy", FieldKind.NUMBER, gettext_lazy("Right, in percent"), least=0, most=100),
    ContentField("limit", FieldKind.NUMBER, gettext_lazy("Least, in percent"), least=0, most=100),
)

ATTACKS = (
    ("altered_inputs", gettext_lazy("Altered input")),
    ("hidden_instructions", gettext_lazy("Instructions hidden in documents")),
    ("poisoned_data", gettext_lazy("Poisoned data")),
    ("data_extraction", gettext_lazy("Data drawn out through the answers")),
)
OUTCOMES = (
    ("passed", gettext_lazy("Passed")),
    ("failed", gettext_lazy("Not passed")),
    ("not_applicable", gettext_lazy("Cannot be done to this system")),
)
_ATTACK = (
    ContentField("attack", FieldKind.CHOICE, gettext_lazy("What was tried"), choices=ATTACKS),
    ContentField("tried", FieldKind.TEXT, gettext_lazy("How, and how often")),
    ContentField("outcome", FieldKind.CHOICE, gettext_lazy("Outcome"), choices=OUTCOMES),
    ContentField("found", FieldKind.TEXT, gettext_lazy("What was found"), required=False),
)

#: The two figures of the test with their intervals, in percent.
_FIGURES = {
    "gain": {
        "": gettext_lazy("Gain, in percent"),
        "_low": gettext_lazy("Gain, lower end of the interval"),
        "_high": gettext_lazy("Gain, upper end of the interval"),
    },
    "agreement": {
        "": gettext_lazy("Agreement, in percent"),
        "_low": gettext_lazy("Agreement, lower end of the interval"),
        "_high": gettext_lazy("Agreement, upper end of the interval"),
    },
}
GRADES = (
    ("A", gettext_lazy("A: the explanations tell what the model does")),
    ("B", gettext_lazy("B: they tell it well")),
    ("C", gettext_lazy("C: they tell it in the main")),
    ("D", gettext_lazy("D: they tell it badly, not passed")),
    ("E", gettext_lazy("E: they cannot be relied on, not passed")),
)

FIELDS: Fields = {
    RecordKind.VALIDATION: (
        ContentField("supplier_shows", FieldKind.YES_NO, gettext_lazy("The supplier, or who built it, shows the training data")),
        ContentField("training_data", FieldKind.TEXT, gettext_lazy("Where the training data came from"), required=False),
        ContentField("left_out", FieldKind.TEXT, gettext_lazy("Whom the training data leave out"), required=False),
        ContentField("labelled_by", FieldKind.TEXT, gettext_lazy("Who labelled the training data"), required=False),
        ContentField(
            "gaps",
            FieldKind.TEXT,
            gettext_lazy("Gaps in the training data"),
            required=False,
            help=gettext_lazy("Shown in public. Where the supplier does not show its data, say what nobody outside can know."),
        ),
        ContentField("fitness", FieldKind.TEXT, gettext_lazy("Fit for this purpose, and why")),
        ContentField(
            "limits", FieldKind.TEXT, gettext_lazy("Limits set before the test"), help=gettext_lazy("Least accuracy, also for each group.")
        ),
        ContentField("limits_set", FieldKind.DAY, gettext_lazy("Day when the limits were set")),
        ContentField("tested_on", FieldKind.DAY, gettext_lazy("Day of the test")),
        ContentField(
            "own_cases",
            FieldKind.TEXT,
            gettext_lazy("Test on own cases"),
            required=False,
            help=gettext_lazy("How many, from when, chosen how. Without it the validation can be recorded, but opens nothing."),
        ),
        ContentField("accuracy", FieldKind.NUMBER, gettext_lazy("Right in all own cases, in percent"), required=False, least=0, most=100),
        ContentField("least_accuracy", FieldKind.NUMBER, gettext_lazy("Least share right, in percent"), required=False, least=0, most=100),
        ContentField("groups", FieldKind.ROWS, gettext_lazy("Own cases by group"), required=False, columns=_GROUP),
        ContentField("result", FieldKind.TEXT, gettext_lazy("Result in figures")),
    ),
    RecordKind.FIDELITY_TEST: (
        ContentField("tested_on", FieldKind.DAY, gettext_lazy("Day of the test")),
        ContentField(
            "grade",
            FieldKind.CHOICE,
            gettext_lazy("Grade"),
            choices=GRADES,
            help=gettext_lazy("As the command insyn fidelity printed it. It must follow from the figures below."),
        ),
        ContentField("sample", FieldKind.NUMBER, gettext_lazy("Decisions tested"), least=LEAST),
        *(
            ContentField(f"{name}{end}", FieldKind.NUMBER, words, least=-100, most=100)
            for name, told in _FIGURES.items()
            for end, words in told.items()
        ),
        ContentField("withheld", FieldKind.NUMBER, gettext_lazy("Explanations that left out a top factor"), least=0),
        ContentField(
            "other_findings",
            FieldKind.YES_NO,
            gettext_lazy("Did the test find anything else that gives grade E?"),
            help=gettext_lazy(
                "Another model's scores, sums that do not add up, a base that varies or is wrong, or weights that are understated or turned."
            ),
        ),
        ContentField("found", FieldKind.TEXT, gettext_lazy("What was found, and what is done about it"), required=False),
    ),
    RecordKind.ROBUSTNESS_TEST: (
        ContentField("tested_on", FieldKind.DAY, gettext_lazy("Day of the test")),
        ContentField(
            "attacks",
            FieldKind.ROWS,
            gettext_lazy("What was tried against the version"),
            columns=_ATTACK,
            help=gettext_lazy("All four kinds. What cannot be done to this system is said with its reason."),
        ),
        ContentField(
            "holds_through",
            FieldKind.DAY,
            gettext_lazy("The test holds through"),
            help=gettext_lazy("At most a year after the test: new attacks are found all the time."),
        ),
    ),
}

#: What must be told of training data that are shown.
_SHOWN = ("training_data", "left_out", "labelled_by")


def check_validation(content: Mapping[str, Any]) -> None:
    """Raises :class:`InvalidInput` where the limits are younger than the test, or what is not shown is not said."""
    in_order(content, "limits_set", "tested_on", _("The limits are dated after the test. Limits are set before anybody has seen a result."))
    not_to_come(content, "tested_on")
    needed = _SHOWN if content["supplier_shows"] == "yes" else ("gaps",)
    for name in needed:
        if not content.get(name):
            raise InvalidInput(_("This is required."), place=name)
    if ("accuracy" in content) != ("least_accuracy" in content):
        missing = "least_accuracy" if "accuracy" in content else "accuracy"
        raise InvalidInput(_("The figure and its limit are given together."), place=missing)


def validation_passed(content: Mapping[str, Any]) -> bool:
    """Own cases are tested, over all and by group, and no limit is broken. What a supplier tells takes the place of none of it."""
    groups: Sequence[Mapping[str, Any]] = content.get("groups", ())
    if not content.get("own_cases") or not groups or "accuracy" not in content:
        return False
    return content["accuracy"] >= content["least_accuracy"] and all(row["accuracy"] >= row["limit"] for row in groups)


def check_fidelity(content: Mapping[str, Any]) -> None:
    """Raises :class:`InvalidInput` for a grade that does not follow from the figures, or a failure of which nothing is said."""
    not_to_come(content, "tested_on")
    for name in _FIGURES:
        if not content[f"{name}_low"] <= content[name] <= content[f"{name}_high"]:
            raise InvalidInput(_("The figure lies outside its interval."), place=name)
    if content["withheld"] > content["sample"]:
        raise InvalidInput(_("More than were tested."), place="withheld")
    any_finding = content["withheld"] > 0 or content["other_findings"] == "yes"
    grade = grade_of(content["gain_low"] / 100, content["agreement_low"] / 100, any_finding=any_finding)
    if content["grade"] != grade:
        raise InvalidInput(_("These figures give the grade %(grade)s.") % {"grade": grade}, place="grade")
    if grade not in PASSED and not content.get("found"):
        raise InvalidInput(_("Say what was found, and what is done about it."), place="found")


def fidelity_passed(content: Mapping[str, Any]) -> bool:
    return content.get("grade") in PASSED


def check_robustness(content: Mapping[str, Any]) -> None:
    """Raises :class:`InvalidInput` unless each kind of attack is told of, and what cannot be done has its reason."""
    not_to_come(content, "tested_on")
    tried = {row["attack"] for row in content["attacks"]}
    missing = [str(words) for attack, words in ATTACKS if attack not in tried]
    if missing:
        raise InvalidInput(_("Missing: %(what)s.") % {"what": ", ".join(missing)}, place="attacks")
    for number, row in enumerate(content["attacks"]):
        if row["outcome"] != "passed" and not row.get("found"):
            raise InvalidInput(_("Say what was found, or why it cannot be done."), place=f"attacks[{number}].found")


def robustness_passed(content: Mapping[str, Any]) -> bool:
    return all(row["outcome"] != "failed" for row in content.get("attacks", ()))
