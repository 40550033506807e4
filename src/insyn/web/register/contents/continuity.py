"""How an essential service goes on without its help, and whether that was tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from insyn.core.errors import InvalidInput
from insyn.core.terms import RecordKind

from .days import not_to_come
from .fields import ContentField, FieldKind

Fields = dict[RecordKind, tuple[ContentField, ...]]

LEVELS = (
    ("without_ai", gettext_lazy("Without the AI")),
    ("without_supplier", gettext_lazy("Without the supplier")),
    ("without_network", gettext_lazy("Without the network")),
    ("without_insyn", gettext_lazy("Without Insyn itself")),
)
_HOW = gettext_lazy("Who does what, with which papers or means, and how many cases a day that gives.")
_TRY = (
    ContentField("level", FieldKind.CHOICE, gettext_lazy("Level"), choices=LEVELS),
    ContentField("day", FieldKind.DAY, gettext_lazy("Day")),
    ContentField("held", FieldKind.YES_NO, gettext_lazy("The service went on")),
    ContentField("result", FieldKind.TEXT, gettext_lazy("Result, and what has to be mended")),
)

FIELDS: Fields = {
    RecordKind.CONTINUITY_PLAN: (
        *(ContentField(level, FieldKind.TEXT, words, help=_HOW) for level, words in LEVELS),
        ContentField(
            "entered_afterwards",
            FieldKind.TEXT,
            gettext_lazy("How what was decided meanwhile is entered afterwards"),
            help=gettext_lazy("Each decision with the time when it was really taken, not the time when it is entered."),
        ),
    ),
    RecordKind.CONTINUITY_EXERCISE: (
        ContentField("tries", FieldKind.ROWS, gettext_lazy("Tried, level by level"), columns=_TRY),
        ContentField("entered_afterwards", FieldKind.TEXT, gettext_lazy("What was entered afterwards, and whether its true time stood")),
    ),
}


def check_exercise(content: Mapping[str, Any]) -> None:
    """Raises :class:`InvalidInput` unless all four levels are tried, on days that have been."""
    tried = {row["level"] for row in content["tries"]}
    missing = [str(words) for level, words in LEVELS if level not in tried]
    if missing:
        raise InvalidInput(_("Missing: %(what)s.") % {"what": ", ".join(missing)}, place="tries")
    for number, row in enumerate(content["tries"]):
        not_to_come(row, "day", f"tries[{number}].day")


def exercise_passed(content: Mapping[str, Any]) -> bool:
    return all(row["held"] == "yes" for row in content.get("tries", ()))
