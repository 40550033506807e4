"""What a field of a record is: how it is written and checked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from insyn.core.terms import Role

MAX_TEXT = 20_000
MAX_ROWS = 200


class FieldKind(StrEnum):
    """How a field of a record is written and checked.

    ``rows`` is a table of lines, each with the fields of ``columns``; stored as a list of {column: value}.
    """

    TEXT = "text"
    LINE = "line"
    DAY = "day"
    NUMBER = "number"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    PEOPLE = "people"
    STOP_KEY = "stop_key"
    ROWS = "rows"


@dataclass(frozen=True)
class ContentField:
    """``role``: the office that a named person must hold. ``choices``: (value, label) of a choice. ``columns``: of a table, never rows.

    ``least``, ``most``: the bounds of a number, both included; ``at_least``: how many rows there must be. ``citations``: the
    provisions that ask for it, as ``pack/provision``.
    """

    name: str
    kind: FieldKind
    label: str | Promise
    required: bool = True
    help: str | Promise = ""
    role: Role | None = None
    choices: tuple[tuple[str, str | Promise], ...] = ()
    columns: tuple[ContentField, ...] = ()
    least: float | None = None
    most: float | None = None
    at_least: int = 0
    citations: tuple[str, ...] = ()


SUMMARY = ContentField("summary", FieldKind.TEXT, gettext_lazy("Summary"), help=gettext_lazy("What was found or decided, in plain words."))
