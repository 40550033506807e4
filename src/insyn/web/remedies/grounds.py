"""What a reconsideration may do, by its ground. Pure; the text of the law is quoted only as far as it has been read, with its mark.

Förvaltningslagen (2017:900): 36 § corrects an obvious slip [K]; under 37 § a decision that is wrong may be changed, with limits where it is in
somebody's favour [S]; under 38 § one that is obviously wrong in an essential respect must be changed, where that is quick and simple and to
nobody's detriment [S]. The grounds in 37 § second paragraph, on which a decision in somebody's favour may be changed to their detriment, have
not been read: so Insyn lists none. The officer reads the paragraph and names the ground; without one the change is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from insyn.core.errors import InvalidInput
from insyn.core.own_words import MIN_OWN
from insyn.core.terms import ReconsiderationGround as Ground
from insyn.web.accounts.errors import ActRefused

from .words import Effect

#: Where the paragraph is read.
PARAGRAPH = "https://lagen.nu/2017:900#P37"


@dataclass(frozen=True)
class Words:
    """A ground as the officer chooses it. ``mark``: how far the provision has been read (docs/terms.md, VerificationLevel)."""

    ground: Ground
    provision: str
    mark: str
    says: Promise


GROUNDS = (
    Words(Ground.CORRECTION, "36 § FL", "K", gettext_lazy("An obvious slip is corrected. What it replaces stays to be read.")),
    Words(
        Ground.MAY_CHANGE, "37 § FL", "S", gettext_lazy("The decision is wrong and may be changed. In a person's favour there are limits.")
    ),
    Words(
        Ground.MUST_CHANGE,
        "38 § FL",
        "S",
        gettext_lazy(
            "The decision is obviously wrong in an essential respect, because of new circumstances or for another reason. It must be changed, if that is quick and simple and to nobody's detriment."
        ),
    ),
    Words(Ground.ASKED_FOR_HUMAN, "GDPR Art. 22(3)", "K", gettext_lazy("The person concerned asked that a human looks again.")),
    Words(
        Ground.ERROR_FOUND,
        "",
        "",
        gettext_lazy("Supervision found an error. The decision is examined, and changed only as the law lets it be."),
    ),
)


def effect_of(*, before: str, after: str, favourable: str) -> Effect:
    """What going from one outcome to another is to the person, when the register says which outcome is in their favour."""
    if before == after:
        return Effect.SAME
    if not favourable:
        return Effect.UNKNOWN
    if before == favourable:
        return Effect.WORSE
    return Effect.BETTER if after == favourable else Effect.UNKNOWN


def check_change(*, ground: Ground, effect: Effect, not_worse: bool, detriment_ground: str) -> None:
    """Whether this ground carries this change. Raises :class:`InvalidInput` or :class:`ActRefused` in words that say what would mend it."""
    if effect is Effect.UNKNOWN and not not_worse:
        effect = Effect.WORSE
    if effect is not Effect.WORSE:
        return
    if ground is not Ground.MAY_CHANGE:
        raise ActRefused(
            _(
                "This changes the decision to the person's detriment. Of the grounds here only 37 § FL may carry that, and only with its own limits: choose it and name the ground, or let the outcome stand."
            )
        )
    if len(detriment_ground.strip()) < MIN_OWN:
        raise InvalidInput(
            _(
                "This changes the decision to the person's detriment. Name the ground in 37 § second paragraph that it rests on, at least %(count)d characters. Without one it must stand."
            )
            % {"count": MIN_OWN},
            place="detriment_ground",
        )


def reasons_with_ground(reasons: str, detriment_ground: str) -> str:
    """The reasons as they are sealed: the ground for a change to somebody's detriment belongs to them."""
    named = detriment_ground.strip()
    heading = _("Ground under 37 § second paragraph FL:")
    return f"{reasons.strip()}\n\n{heading} {named}" if named else reasons.strip()
