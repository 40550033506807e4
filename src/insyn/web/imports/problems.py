"""What was wrong, or mended, in a row: a code with its words, so that a file of ten thousand rows can be counted and filtered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Severity(StrEnum):
    """``error``: the row is not taken. ``left_out``: the value is not. ``repaired``: it was written in another way and means the same."""

    ERROR = "error"
    LEFT_OUT = "left_out"
    REPAIRED = "repaired"


class Code(StrEnum):
    """Everything that can be said of a cell or a row. A closed list."""

    NO_NAME = "no_name"
    SAME_ID = "same_id"
    SAME_ROW = "same_row"
    NO_ID = "no_id"
    TOO_LONG = "too_long"
    CUT = "cut"
    DATE_UNCLEAR = "date_unclear"
    DATE_UNREADABLE = "date_unreadable"
    DATE_REWRITTEN = "date_rewritten"
    DATE_LESS_EXACT = "date_less_exact"
    END_BEFORE_BEGIN = "end_before_begin"
    WORD_UNKNOWN = "word_unknown"
    WORD_TRANSLATED = "word_translated"
    MARKUP_REMOVED = "markup_removed"
    LIST_WRITTEN_OUT = "list_written_out"
    PLACEHOLDER = "placeholder"
    SEVERAL_OFFICES = "several_offices"
    OFFICE_UNKNOWN = "office_unknown"
    OWNER_UNKNOWN = "owner_unknown"
    MERGED = "merged"
    FORMULA = "formula"
    BAD_CHARACTERS = "bad_characters"
    WIDE_ROW = "wide_row"
    IDENTITY_NUMBER = "identity_number"
    NOT_KEPT = "not_kept"
    ENDED_HERE = "ended_here"


WORDS: dict[Code, tuple[Severity, str | Promise]] = {
    Code.NO_NAME: (Severity.ERROR, _("The row has no name, so nobody could find it again. Write one in the file.")),
    Code.SAME_ID: (Severity.ERROR, _("The same id stands in row %(other)s with other contents. Give one of them another id.")),
    Code.SAME_ROW: (Severity.ERROR, _("The same as row %(other)s. It is taken once.")),
    Code.NO_ID: (Severity.REPAIRED, _("The row has no id. Name and office stand in for it when the file is imported again.")),
    Code.TOO_LONG: (Severity.LEFT_OUT, _("Longer than %(limit)s characters: left out. Shorten it in the file.")),
    Code.CUT: (
        Severity.REPAIRED,
        _("The summary is longer than %(limit)s characters. Its beginning is shown, the whole stands in the description."),
    ),
    Code.DATE_UNCLEAR: (
        Severity.LEFT_OUT,
        _("“%(raw)s” can be read as two days: left out. Say above whether the day or the month comes first."),
    ),
    Code.DATE_UNREADABLE: (Severity.LEFT_OUT, _("“%(raw)s” is no day: left out.")),
    Code.DATE_REWRITTEN: (Severity.REPAIRED, _("“%(raw)s” is written as %(value)s.")),
    Code.DATE_LESS_EXACT: (Severity.REPAIRED, _("“%(raw)s” names no day. It is kept as %(value)s, no day is made up.")),
    Code.END_BEFORE_BEGIN: (Severity.LEFT_OUT, _("The end (%(raw)s) lies before the beginning: left out.")),
    Code.WORD_UNKNOWN: (
        Severity.LEFT_OUT,
        _("“%(raw)s” is none of our words here: left out. Say above what it means, and it is remembered."),
    ),
    Code.WORD_TRANSLATED: (Severity.REPAIRED, _("“%(raw)s” is read as %(value)s.")),
    Code.MARKUP_REMOVED: (Severity.REPAIRED, _("Markup was removed; the text is kept.")),
    Code.LIST_WRITTEN_OUT: (Severity.REPAIRED, _("A list was written out.")),
    Code.PLACEHOLDER: (Severity.LEFT_OUT, _("“%(raw)s” says nothing: it counts as missing.")),
    Code.SEVERAL_OFFICES: (Severity.LEFT_OUT, _("“%(raw)s” fits several offices: the one chosen above is used.")),
    Code.OFFICE_UNKNOWN: (Severity.LEFT_OUT, _("There is no office “%(raw)s”: the one chosen above is used.")),
    Code.OWNER_UNKNOWN: (Severity.LEFT_OUT, _("Nobody called “%(raw)s” holds a mandate as system owner: the one chosen above is used.")),
    Code.MERGED: (Severity.REPAIRED, _("The cell is merged with the one above or beside it and takes its value.")),
    Code.FORMULA: (
        Severity.LEFT_OUT,
        _("The cell holds a formula that was never computed: left out. Save the file in the spreadsheet program and try again."),
    ),
    Code.BAD_CHARACTERS: (Severity.REPAIRED, _("Characters that no text can hold were removed.")),
    Code.WIDE_ROW: (Severity.ERROR, _("The row has more cells than there are headings. Look for a stray separator or quotation mark.")),
    Code.IDENTITY_NUMBER: (
        Severity.LEFT_OUT,
        _("Looks like a personal identity number: left out. Such a number has no place in a register."),
    ),
    Code.ENDED_HERE: (
        Severity.ERROR,
        _("The system is refused or retired here, so nothing in it is changed. If it is used all the same, register it anew."),
    ),
    Code.NOT_KEPT: (Severity.LEFT_OUT, _("Not kept: the column has no place here, and is long or one of too many. Say above what it is.")),
}


@dataclass(frozen=True)
class Problem:
    """``field``: ours; empty when it is about the row. ``raw``, ``value``: what stood there and what it became."""

    code: Code
    field: str = ""
    raw: str = ""
    value: str = ""

    @property
    def severity(self) -> Severity:
        return WORDS[self.code][0]

    def stored(self) -> dict[str, str]:
        return {"code": self.code.value, "field": self.field, "raw": self.raw[:120], "value": self.value[:120]}

    @classmethod
    def read(cls, stored: dict[str, str]) -> Problem:
        return cls(Code(stored["code"]), stored["field"], stored["raw"], stored["value"])

    def words(self) -> str:
        """The sentence, in the reader's language."""
        return str(WORDS[self.code][1]) % {"raw": self.raw, "value": self.value, "other": self.raw, "limit": self.value}
