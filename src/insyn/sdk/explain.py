"""Factors of a linear model: exact Shapley values, in plain Python.

For f(x) = intercept + sum of coefficient * x, with features that are taken as independent (interventional), feature i contributes
coefficient_i * (x_i - mean_i), and the base is f(means): Lundberg & Lee 2017, corollary 1. The unit is that of f: log-odds for a logistic
regression. Columns that stand for one feature (the dummies of a category) form one player; for a linear f its value is their sum.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.messages import Factor

Shown = str | int | float | bool | None


class Explanation(msgspec.Struct, frozen=True):
    """``base`` + the sum of the factors' contributions = ``score``. Factors: the greatest contribution first.

    ``standard_errors`` by feature where the contributions were drawn by chance; empty where they are exact.
    """

    base: float
    score: float
    factors: tuple[Factor, ...]
    standard_errors: dict[str, float] = {}


def linear_factors(
    coefficients: Mapping[str, float],
    values: Mapping[str, float],
    means: Mapping[str, float],
    intercept: float,
    *,
    features: Mapping[str, str] | None = None,
    shown: Mapping[str, Shown] | None = None,
) -> Explanation:
    """Explain one outcome.

    ``values`` and ``means`` are by column, as the model saw them. ``features`` names the feature that a column belongs to, where it is
    not the column itself; ``shown`` gives each feature's value as a person knows it (default: the column's own value).
    Raises :class:`InvalidInput` when a column lacks its value or mean, or a number is not finite.
    """
    owner, told = features or {}, shown or {}
    parts: dict[str, list[float]] = {}
    for column, coefficient in coefficients.items():
        share = coefficient * (_of(values, column, "values") - _of(means, column, "means"))
        parts.setdefault(owner.get(column, column), []).append(_finite(share, column))
    contributions = {feature: math.fsum(shares) for feature, shares in parts.items()}
    base = _finite(math.fsum([intercept, *(coefficient * means[column] for column, coefficient in coefficients.items())]), "intercept")
    factors = tuple(
        Factor(feature=feature, value=shown_value(feature, told, values), contribution=contribution)
        for feature, contribution in in_order(contributions)
    )
    return Explanation(base=base, score=math.fsum([base, *contributions.values()]), factors=factors)


def _of(table: Mapping[str, float], column: str, name: str) -> float:
    try:
        return table[column]
    except KeyError:
        raise InvalidInput(
            "the model's column is missing", place=f"{name}.{column}", mend="Give every column that the model uses."
        ) from None


def in_order(contributions: Mapping[str, float]) -> list[tuple[str, float]]:
    """The greatest contribution first; equal ones by name."""
    return sorted(contributions.items(), key=lambda item: (-abs(item[1]), item[0]))


def shown_value(feature: str, shown: Mapping[str, Shown], values: Mapping[str, float]) -> Shown:
    """A feature's value as a person knows it, or else its own column's."""
    if feature in shown:
        return shown[feature]
    if feature in values:
        value = values[feature]
        return value if type(value) in (int, bool) else float(value)  # NumPy's own numbers are not JSON
    raise InvalidInput("no value to show for the feature", place=f"shown.{feature}", mend="Give the value that stands for its columns.")


def _finite(number: float, column: str) -> float:
    if not math.isfinite(number):
        raise InvalidInput("the contribution is not a finite number", place=column)
    return number
