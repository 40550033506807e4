"""Which groups of a table the public may not see, so that no figure tells about a person.

A reader knows some of the persons behind a table: a neighbour who applied, or themselves. The rules, per dimension (sex, age, ...):

1. **Few.** A group of fewer than :data:`SMALL_CELL` cases is hidden whole: number, share and interval.
2. **One outcome.** A group in which fewer than :data:`SMALL_SIDE` cases, or all but so few, had the favourable outcome is hidden too. "0 of
   40 were granted" tells the outcome of every one of the 40 to whoever knows that they applied; "1 of 40" tells it to the one, about the
   other 39. This is the price: the starkest differences stay inside the municipality, whose own supervision sees every cell.
3. **Subtraction.** The groups of a dimension add up to the whole, and another dimension may show the whole with its share. What is
   hidden can then be had as a sum. So the hidden groups *together* must pass rules 1 and 2, which a single one never does; until they do,
   the next smallest group is hidden as well.

What this does not cover: dimensions are published one by one, never crossed. Two tables of different days can be subtracted from each
other. Where that would tell how somebody decided, a table grows in steps that never change once they are out, and no cell of a step is few
but above nothing (:func:`is_few`, :func:`join`): then no difference of two tables is, either. Shares by group wait for enough new cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import msgspec

SMALL_CELL = 10
SMALL_SIDE = 3
Key = TypeVar("Key", bound=object)


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


def is_few(n: int) -> bool:
    """Is there somebody in the cell, and fewer than :data:`SMALL_CELL`?"""
    return 0 < n < SMALL_CELL


def tells_of_few(tally: Tally) -> bool:
    """Has one of the two outcomes few cases, or has the tally none at all?"""
    return not tally.n or is_few(tally.favourable) or is_few(tally.n - tally.favourable)


def join(rows: Mapping[Key, Sequence[int]]) -> set[Key]:
    """The rows of a table to show only together: those with a cell of few, and the next smallest until no cell of their sum is few.

    When it is all of them, their sum is the whole, which may have such a cell itself.
    """
    joined = {key for key, cells in rows.items() if any(is_few(n) for n in cells)}
    alone = sorted((key for key in rows if key not in joined), key=lambda key: (sum(rows[key]), str(key)))
    while joined and alone and any(is_few(sum(cells)) for cells in zip(*(rows[key] for key in joined), strict=True)):
        joined.add(alone.pop(0))
    return joined


def few(cells: Mapping[Key, int]) -> set[Key]:
    """Cells of fewer than :data:`SMALL_CELL`; and the next smallest too, until those hidden are so many together that the sum tells nothing."""
    hidden = {key for key, n in cells.items() if n < SMALL_CELL}
    shown = sorted((key for key in cells if key not in hidden), key=lambda key: cells[key])
    while hidden and shown and sum(cells[key] for key in hidden) < SMALL_CELL:
        hidden.add(shown.pop(0))
    return hidden
