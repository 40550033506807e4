"""The closed lists of this part: which decisions can be delegated, up to which class, and what an evaluation can come to."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Delegable(StrEnum):
    """Decisions that a board may hand to an official, or (the last one) to an automated function. The values are those of the permissions."""

    USE = "use.decide"
    PAUSE = "system.pause"
    CONTINUE = "system.continue"
    RETIRE = "system.retire"
    REFUSE = "system.refuse"
    DATA_USE = "data_use.decide"
    NEED = "need.decide"
    DISPOSAL = "disposal.decide"
    AUTOMATED = "automated_decision"


class HighestClass(StrEnum):
    """Up to which class of system an item reaches. A class that is not settled counts as high."""

    MINIMAL = "minimal"
    LIMITED = "limited"
    HIGH = "high"


class DeviationState(StrEnum):
    """``ended`` by an act; a deviation whose last day has passed has ended by time and is still ``accepted`` here."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    ENDED = "ended"


class Outcome(StrEnum):
    """What an evaluation comes to."""

    CONTINUE = "continue"
    CHANGE = "change"
    STOP = "stop"


#: From the lowest to the highest.
RANK = {word: place for place, word in enumerate(HighestClass)}
DECISIONS = {
    Delegable.USE: _("That a system may be used"),
    Delegable.PAUSE: _("To pause a system"),
    Delegable.CONTINUE: _("To let a paused system go on"),
    Delegable.RETIRE: _("To retire a system"),
    Delegable.REFUSE: _("Not to use a system"),
    Delegable.DATA_USE: _("A new use of data"),
    Delegable.NEED: _("What becomes of a need"),
    Delegable.DISPOSAL: _("To dispose of records"),
    Delegable.AUTOMATED: _("An automated function decides matters of these types"),
}
CLASSES = {
    HighestClass.MINIMAL: _("Minimal risk only"),
    HighestClass.LIMITED: _("Minimal risk, and systems with a duty to tell"),
    HighestClass.HIGH: _("Also high risk, and where the class is not settled"),
}
STATES = {
    DeviationState.PROPOSED: _("Proposed: has no effect yet"),
    DeviationState.ACCEPTED: _("Accepted"),
    DeviationState.ENDED: _("Ended"),
}
OUTCOMES = {
    Outcome.CONTINUE: _("Goes on as it is"),
    Outcome.CHANGE: _("Goes on after a change"),
    Outcome.STOP: _("Is stopped"),
}
