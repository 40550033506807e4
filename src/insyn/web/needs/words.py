"""The closed lists of words of the needs, each with its label."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from insyn.web.register.contents.life import ALTERNATIVES, FOCUS_AREAS


class NeedPhase(StrEnum):
    """Raised, weighed, decided. A need that is reopened is open again."""

    OPEN = "open"
    ANALYSED = "analysed"
    ENDED = "ended"


class NeedOutcome(StrEnum):
    """What a need ended in. All three are results."""

    AI = "ai"
    TRADITIONAL = "traditional"
    NO = "no"


class Alternative(StrEnum):
    """What kind of solution was weighed."""

    AI = "ai"
    TRADITIONAL = "traditional"
    NOTHING = "nothing"


class FocusArea(StrEnum):
    """Where the municipality focuses its use of AI (Karlstad's guideline), or outside."""

    EFFICIENT = "efficient"
    MEETINGS = "meetings"
    IRREGULARITIES = "irregularities"
    OTHER = "other"


PHASES = {NeedPhase.OPEN: _("Waits for analysis"), NeedPhase.ANALYSED: _("Waits for a decision"), NeedPhase.ENDED: _("Decided")}
OUTCOMES = {
    NeedOutcome.AI: _("A solution with AI"),
    NeedOutcome.TRADITIONAL: _("A traditional solution"),
    NeedOutcome.NO: _("No"),
}
#: What a decision may come to, given the kind of solution that the analysis chose; a decider may say no to any of them.
FITTING = {
    Alternative.AI: (NeedOutcome.AI, NeedOutcome.NO),
    Alternative.TRADITIONAL: (NeedOutcome.TRADITIONAL, NeedOutcome.NO),
    Alternative.NOTHING: (NeedOutcome.NO,),
}
_LABELS = {"phase": PHASES, "outcome": OUTCOMES, "kind": dict(ALTERNATIVES), "area": dict(FOCUS_AREAS)}


def word(words: str, value: object) -> str:
    """The label of a stored word in the reader's language; the word itself when it is not in the list."""
    return str(_LABELS[words].get(value, value))
