"""What supervision learns of how people decide on a system's proposals: the publisher counts it, the register and the public page show it.

A share that is undefined (no cases) is ``None``, never 0. So is a number that the public may not see.
"""

from __future__ import annotations

import msgspec

#: The measures that are shown in steps.
OVERRIDDEN, WITH_PROPOSAL, WITH_FINAL, ANCHORED, RECONSIDERED = "overridden", "with_proposal", "with_final", "anchored", "reconsidered"


class Share(msgspec.Struct, frozen=True):
    """``k`` of ``n``, with its 95 % interval (Wilson)."""

    n: int
    k: int
    rate: float
    low: float
    high: float


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """One version in one month (2026-11). Each decision is counted once.

    ``accepted``, ``changed`` and ``rejected`` are of ``reviews``, by the month of the review. ``judged`` before the proposal was shown, by the
    month of that judgement: ``with_proposal`` of them said what the proposal said. ``decided`` of those judged have a final decision, by the
    month of that decision: ``with_final`` said what it says. ``differed`` of the decided had been judged otherwise than the proposal;
    ``anchored`` of these ended in what the proposal said. Where figures are shown, a row may be of several months or versions together.
    """

    version: str
    month: str
    reviews: int | None = 0
    accepted: int | None = 0
    changed: int | None = 0
    rejected: int | None = 0
    judged: int | None = 0
    with_proposal: int | None = 0
    decided: int | None = 0
    with_final: int | None = 0
    differed: int | None = 0
    anchored: int | None = 0

    @property
    def not_followed(self) -> int | None:
        """Changed and rejected, where these are not shown each by itself."""
        return None if self.reviews is None or self.accepted is None else self.reviews - self.accepted


class Ground(msgspec.Struct, frozen=True):
    """So many decisions were looked at again on this ground, and so many of them changed. One on two grounds is in both."""

    ground: str
    decisions: int | None
    changed: int | None


class Looked(msgspec.Struct, frozen=True):
    """The same by month: a decision stands under the month in which it was last looked at on the ground. No ground: on any of them."""

    month: str
    ground: str
    decisions: int
    changed: int


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Whole months that are shown together, of one measure. Once shown it never changes."""

    measure: str
    first: str
    last: str
    n: int
    k: int

    @property
    def months(self) -> str:
        return self.first if self.first == self.last else f"{self.first} – {self.last}"


class Drawn(msgspec.Struct, frozen=True):
    """The blind share under the permit in force: ``declared`` and ``share`` per unit, of so many cases. ``fits``: may it be chance?"""

    declared: float
    share: Share
    fits: bool


class Followup(msgspec.Struct, frozen=True, kw_only=True):
    """One system. The shares are over all its versions and months; ``day`` is ISO.

    ``looked`` is in what is counted; ``steps`` in what is shown. ``told``: what of this may be shown (:mod:`insyn.supervision.steps`).
    """

    system: str
    day: str
    reviews: int = 0
    judged: int = 0
    reconsidered: int = 0
    reconsidered_changed: int | None = 0
    accepted: Share | None = None
    overridden: Share | None = None
    with_proposal: Share | None = None
    with_final: Share | None = None
    anchored: Share | None = None
    drawn: Drawn | None = None
    periods: tuple[Period, ...] = ()
    grounds: tuple[Ground, ...] = ()
    looked: tuple[Looked, ...] = ()
    steps: tuple[Step, ...] = ()
    told: Followup | None = None
