"""Which groups of a table the public may not see, so that no figure tells about a person.

A reader knows some of the persons behind a table: a neighbour who applied, or themselves. The rules, per dimension (sex, age, ...):

1. **Few.** A group of fewer than :data:`SMALL_CELL` cases is hidden whole: number, share and interval.
2. **One outcome.** A group in which fewer than :data:`SMALL_SIDE` cases, or all but so few, had the favourable outcome is hidden too. "0 of
   40 were granted" tells the outcome of every one of the 40 to whoever knows that they applied; "1 of 40" tells it to the one, about the
   other 39. This is the price: the starkest differences stay inside the municipality, whose own supervision sees every cell.
3. **Subtraction.** The groups of a dimension add up to the whole, and another dimension may show the whole with its share. What is
   hidden can then be had as a sum. So the hidden groups *together* must pass rules 1 and 2, which a single one never does; until they do,
   the next smallest group is hidden as well.

What this does not cover: two tables of different days can be subtracted from each other (the publishing of figures in supervision waits
for enough new cases), and dimensions are published one by one, never crossed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

SMALL_CELL = 10
SMALL_SIDE = 3


class Tally(msgspec.Struct, frozen=True):
    """Cases of a group, and how many of them had the favourable outcome."""

    n: int = 0
    favourable: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.n + other.n, self.favourable + other.favourable)


class Hidden(StrEnum):
    """Why a group is not shown."""

    FEW = "few"
    ONE_OUTCOME = "one_outcome"
    SUBTRACTION = "subtraction"


def reveals(tally: Tally) -> Hidden | None:
    """What the tally by itself would tell about a person, if anything."""
    if tally.n < SMALL_CELL:
        return Hidden.FEW
    if min(tally.favourable, tally.n - tally.favourable) < SMALL_SIDE:
        return Hidden.ONE_OUTCOME
    return None


def total(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, start=Tally())


def hide(groups: Mapping[str, Tally]) -> dict[str, Hidden]:
    """Return the groups of one dimension to hide, each with its reason. The tallies must add up to all cases of the system."""
    hidden = {value: why for value, tally in groups.items() if (why := reveals(tally)) is not None}
    shown = sorted((value for value in groups if value not in hidden), key=lambda value: (groups[value].n, value))
    while hidden and shown and reveals(total(groups[value] for value in hidden)):
        hidden[shown.pop(0)] = Hidden.SUBTRACTION
    return hidden
