"""Asking a model again with some of what it knew taken away. Plain rows in, numbers out; what the model is does not matter."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from random import Random
from typing import Any

from insyn.core.errors import InvalidInput
from insyn.core.explained import NO_FIELD, field_of

Row = Mapping[str, Any]
#: From rows to a score for each, in the unit of the explanations.
Predict = Callable[[Sequence[Row]], Sequence[float]]
_ASKED_AT_ONCE = 4096


def seeded(seed: int | str) -> Random:
    """Chance that is the same for the same seed, so that whoever repeats a test gets its figures. Nothing here is a secret."""
    return Random(seed)  # noqa: S311


class Removal:
    """A model, and the rows whose values stand in for what is removed. A removed feature's score is the mean over those rows."""

    def __init__(self, predict: Predict, background: Sequence[Row]) -> None:
        if not background:
            raise InvalidInput("no background rows", place="background", mend="Give at least one row that stands for what is removed.")
        self._predict, self._background = predict, background

    def score(self, row: Row) -> float:
        """The score as the model gives it."""
        return self.scores([row])[0]

    def at_rest(self) -> float:
        """The mean score of the background rows: what is left when everything is removed."""
        return math.fsum(self.scores(self._background)) / len(self._background)

    def each(self, row: Row, removals: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], float]:
        """The score without each set of features, by the set as it was given."""
        asked = list(dict.fromkeys(removals))
        rows = [without(row, features, other) for features in asked for other in self._background]
        scores, width = self.scores(rows), len(self._background)
        return {features: math.fsum(scores[at * width : (at + 1) * width]) / width for at, features in enumerate(asked)}

    def scores(self, rows: Sequence[Row]) -> list[float]:
        """A finite number for each row. Raises :class:`InvalidInput` where the model gives something else."""
        found: list[float] = []
        for start in range(0, len(rows), _ASKED_AT_ONCE):
            asked = rows[start : start + _ASKED_AT_ONCE]
            given = [float(number) for number in self._predict(asked)]
            if len(given) != len(asked):
                raise InvalidInput(f"{len(given)} scores for {len(asked)} rows", place="predict", mend="Give one score for each row.")
            found += given
        if not all(map(math.isfinite, found)):
            raise InvalidInput("a score is not a finite number", place="predict")
        return found


def without(row: Row, features: Iterable[str], other: Row) -> dict[str, Any]:
    """The row with these features' values from another one. Raises :class:`InvalidInput` for a feature that the other does not have."""
    changed = dict(row)
    for feature in features:
        value = field_of(other, feature)
        if value is NO_FIELD:
            raise InvalidInput(
                "the background has no value for the field",
                place=f"background.{feature}",
                mend="Give a value for every field of the payload.",
            )
        if feature in row:
            changed[feature] = value
        else:
            parent, _, inner = feature.partition(".")
            changed[parent] = {**changed[parent], inner: value}
    return changed
