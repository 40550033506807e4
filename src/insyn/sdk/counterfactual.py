"""What would have had to be different: the fewest changes, and of those the smallest, with which the model would have said something else.

The owner declares what may change, feature by feature: which values or how far and in which direction. What is declared must be within a person's
power; protected features are refused here and by the gateway. The search tries one change, then two, and so on, and of the same number the
smallest distance first: the sum over the changes of the step taken as a part of the range. Equal distances are tried in the order of the features'
names, so the same question has the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from itertools import combinations
from typing import Any

from insyn.core.errors import InvalidInput
from insyn.core.explained import NO_FIELD, PLAIN, field_of
from insyn.core.messages import Change, Counterfactual
from insyn.core.protected import is_protected

from .explain import Shown
from .predicting import Row, without

MOST_CHANGES, MOST_TRIES = 3, 20_000
_MOST_STEPS = 200
_AT_ONCE = 256
#: From rows to the outcome of each.
Outcomes = Callable[[Sequence[Row]], Sequence[str]]


class Direction(StrEnum):
    """Which way a number may move."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"


@dataclass(frozen=True)
class Movable:
    """A number that a person may change: from ``low`` to ``high`` in whole ``step``, in one direction or both."""

    low: float
    high: float
    step: float
    direction: Direction = Direction.BOTH


@dataclass(frozen=True)
class Choosable:
    """A value that a person may change to one of these."""

    values: tuple[str | int | float | bool, ...]


@dataclass(frozen=True)
class Searched:
    """``found`` is None where none was found. Then none exists, with that many changes of what is declared, when the search is ``complete``;
    else it ended at its limit of tries."""

    found: Counterfactual | None
    complete: bool
    tried: int


def find_counterfactual(
    outcomes: Outcomes,
    row: Row,
    changeable: Mapping[str, Movable | Choosable],
    *,
    wanted: str = "",
    most_changes: int = MOST_CHANGES,
    most_tries: int = MOST_TRIES,
) -> Searched:
    """Search for ``wanted``, or any outcome other than the present one.

    Raises :class:`InvalidInput` for a feature that is protected, is no plain field of the row, or whose range is none.
    """
    steps = {feature: _steps(row, feature, changeable[feature]) for feature in sorted(changeable)}
    present = str(outcomes([row])[0])
    tried = 0
    for size in range(1, min(most_changes, len(steps)) + 1):
        for batch in _batches(_by_distance(steps, size), _AT_ONCE):
            batch = batch[: most_tries - tried]
            if not batch:
                return Searched(None, complete=False, tried=tried)
            said = outcomes([_changed(row, changes) for changes in batch])
            tried += len(batch)
            for changes, outcome in zip(batch, said, strict=True):
                if outcome != present and wanted in ("", outcome):
                    return Searched(_told(row, changes, str(outcome)), complete=True, tried=tried)
    return Searched(None, complete=True, tried=tried)


_Steps = list[tuple[float, Shown]]
_Changes = tuple[tuple[str, Shown], ...]


def _steps(row: Row, feature: str, declared: Movable | Choosable) -> _Steps:
    """The values that the feature may take instead, with their distance, the nearest first."""
    present = field_of(row, feature)
    if is_protected(feature):
        raise InvalidInput("a protected feature is never one to change", place=f"changeable.{feature}")
    if present is NO_FIELD or not isinstance(present, PLAIN):
        raise InvalidInput("no plain field of the row", place=f"changeable.{feature}")
    if isinstance(declared, Choosable):
        return [(1.0, value) for value in declared.values if value != present]
    return _moves(feature, present, declared)


def _moves(feature: str, present: Any, declared: Movable) -> _Steps:
    span = declared.high - declared.low
    if not (math.isfinite(span) and span > 0 and declared.step > 0):
        raise InvalidInput("no range: from low to a higher high, in steps above 0", place=f"changeable.{feature}")
    if present is None or isinstance(present, str):
        return []  # what is not known, or is no number, cannot be moved by steps
    count = math.floor(span / declared.step + 1e-9)
    if count > _MOST_STEPS:
        raise InvalidInput(f"more than {_MOST_STEPS} steps", place=f"changeable.{feature}", mend="Take longer steps.")
    allowed = {Direction.UP: (1,), Direction.DOWN: (-1,), Direction.BOTH: (-1, 1)}[declared.direction]
    values = [round(float(declared.low + number * declared.step), 10) for number in range(count + 1)]
    moves = [(abs(value - present) / span, value) for value in values if value != present and math.copysign(1, value - present) in allowed]
    return [(distance, _as(present, value)) for distance, value in sorted(moves)]


def _as(present: Any, value: float) -> Shown:
    """Whole numbers stay whole."""
    return int(value) if isinstance(present, int) and not isinstance(present, bool) and value.is_integer() else value


def _by_distance(steps: Mapping[str, _Steps], size: int) -> Iterator[_Changes]:
    """Every way to change exactly so many features, the smallest distance first. A heap holds one front for each set of features."""
    heap: list[tuple[float, tuple[str, ...], tuple[int, ...]]] = []
    for chosen in combinations(steps, size):
        if all(steps[feature] for feature in chosen):
            heappush(heap, (_distance(steps, chosen, (0,) * size), chosen, (0,) * size))
    seen = {(chosen, at) for _, chosen, at in heap}
    while heap:
        _, chosen, at = heappop(heap)
        yield tuple((feature, steps[feature][number][1]) for feature, number in zip(chosen, at, strict=True))
        for place in range(size):
            following = (*at[:place], at[place] + 1, *at[place + 1 :])
            if following[place] < len(steps[chosen[place]]) and (chosen, following) not in seen:
                seen.add((chosen, following))
                heappush(heap, (_distance(steps, chosen, following), chosen, following))


def _distance(steps: Mapping[str, _Steps], chosen: tuple[str, ...], at: tuple[int, ...]) -> float:
    return round(math.fsum(steps[feature][number][0] for feature, number in zip(chosen, at, strict=True)), 12)


def _batches(changes: Iterator[_Changes], size: int) -> Iterator[list[_Changes]]:
    batch: list[_Changes] = []
    for one in changes:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _changed(row: Row, changes: _Changes) -> Row:
    """The row with the changes in it."""
    told: Row = row
    for feature, value in changes:
        told = without(told, [feature], {feature: value})
    return told


def _told(row: Row, changes: _Changes, outcome: str) -> Counterfactual:
    return Counterfactual(
        outcome=outcome, changes=tuple(Change(feature=feature, value=field_of(row, feature), needed=needed) for feature, needed in changes)
    )
