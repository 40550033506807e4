"""The closed lists of this app, and what each word is called."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Source(StrEnum):
    """Who saw that the decision should be looked at again."""

    ERROR = "error"
    REQUEST = "request"
    INCIDENT = "incident"
    OFFICER = "officer"


class CaseState(StrEnum):
    """What has become of one decision that is to be looked at again."""

    OPEN = "open"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"


#: A person has looked at the decision again.
SETTLED = (CaseState.CHANGED, CaseState.UNCHANGED)


class ErrorState(StrEnum):
    """Whether the list of an error is being made, stands, or was taken back. That all of it is done is seen from its cases."""

    LISTING = "listing"
    LISTED = "listed"
    WITHDRAWN = "withdrawn"


class Effect(StrEnum):
    """What a change of outcome is to the person, as far as the register tells."""

    SAME = "same"
    BETTER = "better"
    WORSE = "worse"
    UNKNOWN = "unknown"


class Measure(StrEnum):
    """What an alarm limit is about. Few overrides may mean that nobody looks; many, that the system is wrong."""

    OVERRIDE_HIGH = "override_high"
    OVERRIDE_LOW = "override_low"
    ANCHORING = "anchoring"


class Reply(StrEnum):
    """What the owner does about an alarm."""

    EVALUATION = "evaluation"
    STOP = "stop"
    ERROR = "error"
    WAIT = "wait"


LABELS: dict[type[StrEnum], dict[str, Promise]] = {
    Source: {
        Source.ERROR: _("An error was found"),
        Source.REQUEST: _("The person concerned asked"),
        Source.INCIDENT: _("An incident"),
        Source.OFFICER: _("An officer saw it"),
    },
    CaseState: {
        CaseState.OPEN: _("To do"),
        CaseState.CHANGED: _("Changed"),
        CaseState.UNCHANGED: _("Not changed, with reasons"),
        CaseState.UNREACHABLE: _("Cannot be reached: erased"),
        CaseState.WITHDRAWN: _("Taken back"),
    },
    ErrorState: {
        ErrorState.LISTING: _("The list is being made"),
        ErrorState.LISTED: _("Listed"),
        ErrorState.WITHDRAWN: _("Taken back"),
    },
    Measure: {
        Measure.OVERRIDE_HIGH: _("Many proposals are not followed"),
        Measure.OVERRIDE_LOW: _("Nearly every proposal is followed"),
        Measure.ANCHORING: _("The proposal draws people from their own judgement"),
    },
    Reply: {
        Reply.EVALUATION: _("Evaluate the system"),
        Reply.STOP: _("Stop the system"),
        Reply.ERROR: _("Look for affected decisions"),
        Reply.WAIT: _("Wait and look again"),
    },
}
_LISTS: dict[str, type[StrEnum]] = {"source": Source, "case": CaseState, "error": ErrorState, "measure": Measure, "reply": Reply}


def word(of: str, value: object) -> str:
    """What a stored word is called; the word itself when it is none of ours."""
    words = _LISTS[of]
    return str(LABELS[words][words(str(value))]) if value in set(words) else str(value)


def choices(words: type[StrEnum]) -> list[tuple[str, Promise]]:
    return [(str(one), text) for one, text in LABELS[words].items()]
