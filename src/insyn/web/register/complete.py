"""What an entry must say before anybody can decide on it. An entry that came in by an import may lack it; no other can."""

from __future__ import annotations

from django.utils.translation import gettext as _, gettext_lazy

from insyn.web.accounts.errors import ActRefused

from .models import System

_NEEDED = {
    "kind": gettext_lazy("Kind"),
    "name_sv": gettext_lazy("Name in Swedish"),
    "name_en": gettext_lazy("Name in English"),
    "summary_sv": gettext_lazy("Summary in Swedish"),
    "summary_en": gettext_lazy("Summary in English"),
}


def refuse_incomplete(system: System) -> None:
    """Raises :class:`ActRefused` that names every field that is empty."""
    lacking = [str(label) for field, label in _NEEDED.items() if not getattr(system, field)]
    if lacking:
        words = {"fields": ", ".join(lacking)}
        raise ActRefused(_("The entry is not complete. Missing: %(fields)s. The system owner can supply it in the description.") % words)
