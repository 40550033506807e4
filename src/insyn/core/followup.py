"""What supervision learns of how people decide on a system's proposals: the publisher counts it, the register and the public page show it.

A share that is undefined (no cases) is ``None``, never 0. So is a number that the public may not see.
"""

from __future__ import annotations

import msgspec


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
    month of that judgement: ``with_proposal`` of them said what the proposal said. ``decided`` of those judged have a final decision:
    ``with_final`` said what it says. ``differed`` of the decided had been judged otherwise than the proposal; ``anchored`` of these ended in
    what the proposal said.
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


class Ground(msgspec.Struct, frozen=True):
    """So many decisions were looked at again on this ground, and so many of them changed. One on two grounds is in both."""

    ground: str
    decisions: int | None
    changed: int | None


class Drawn(msgspec.Struct, frozen=True):
    """The blind share under the permit in force: ``declared`` and ``share`` per unit, of so many proposals. ``fits``: may it be chance?"""

    declared: float
    share: Share
    fits: bool


class Followup(msgspec.Struct, frozen=True, kw_only=True):
    """One system. The shares are over all its versions and months; ``day`` is ISO."""

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
