"""What the words of a source are called here."""

from __future__ import annotations

import json

from django.utils.translation import gettext_lazy as _

from .columns import BY_NAME, ColumnKind

_LABELS = {
    "yes": _("Yes"),
    "no": _("No"),
    "bought": _("Bought"),
    "built": _("Built by the municipality"),
    "built_together": _("Built with others"),
    "embedded": _("Embedded in another product"),
    "generally_available": _("Generally available"),
    "rule_based": _("Rule-based automation"),
    "planned": _("Planned"),
    "development": _("In development"),
    "pilot": _("Pilot"),
    "in_use": _("In use"),
    "paused": _("Paused"),
    "ended": _("No longer used"),
    "high": _("High risk"),
    "limited": _("Limited risk"),
    "minimal": _("Minimal risk"),
    "presumed_not_high": _("Presumed high risk, called not"),
}


_READ_AS = {
    "csv": _("Read as CSV, %(encoding)s, separated by %(separator)s."),
    "json": _("Read as JSON: %(count)s records."),
    "spreadsheet": _("Read as a spreadsheet, the sheet “%(sheet)s”."),
}


def read_as(note: str) -> str:
    """How a file was read, in the reader's language. ``note``: as it is stored; one from before it was is told as it stands."""
    try:
        found = json.loads(note)
        return str(_READ_AS[found["kind"]]) % found
    except (ValueError, KeyError, TypeError):
        return note


_CHANGES = {"new": _("New"), "changed": _("Changed"), "same": _("As before"), "refused": _("Not taken")}


def change_label(change: str) -> str:
    """What a row would do."""
    return str(_CHANGES[change])


def word_label(word: str) -> str:
    return str(_LABELS.get(word, word))


def shown(name: str, value: str) -> str:
    """A value as a reader should see it."""
    return word_label(value) if BY_NAME[name].kind is ColumnKind.WORD else value
