"""Why an act was not done. Nothing was changed, and the message is for the person who tried."""

from __future__ import annotations

from insyn.core.errors import InsynError
from insyn.core.refusals import Reason
from insyn.web.language import spoken


class NotAllowed(InsynError):
    """The actor may not do this: no mandate, an ended one, or another office's matter."""


class ActRefused(InsynError):
    """The act cannot be done as things stand.

    ``reasons`` holds a sentence for each thing in the way; ``details`` the gates' own reasons, where gates are in the way.
    """

    def __init__(self, *reasons: str | Reason) -> None:
        self.details = tuple(reason for reason in reasons if isinstance(reason, Reason))
        self.reasons = tuple(_sentence(reason) for reason in reasons)
        super().__init__(" ".join(self.reasons))


class ChangedMeanwhile(ActRefused):
    """Somebody else changed the system after the form was opened."""


def _sentence(reason: str | Reason) -> str:
    return reason if isinstance(reason, str) else f"{spoken(reason.sentence)} {spoken(reason.mend)}"
