"""What the words of a source are called here."""

from __future__ import annotations

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


def word_label(word: str) -> str:
    return str(_LABELS.get(word, word))


def shown(name: str, value: str) -> str:
    """A value as a reader should see it."""
    return word_label(value) if BY_NAME[name].kind is ColumnKind.WORD else value
