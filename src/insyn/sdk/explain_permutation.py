"""Factors of any model that can be asked again: Shapley values by counting, or by drawing where counting would take too long.

The worth of a set of features is the model's mean over the background rows in which the set is replaced by the case's own, as in
:mod:`.explain_trees`. With :data:`EXACT` features or fewer every set is asked for, and the values are exact. With more, orders are drawn
(Castro, Gómez & Tejada 2009), each together with its reverse, as many for each background row: features come in one by one, and each is given what the
score then moves. What comes out adds up exactly, and says how uncertain each contribution is (its standard error). The seed decides the
orders, so the same question has the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from random import Random
from typing import Any

from insyn.core.errors import InvalidInput
from insyn.core.explained import NO_FIELD, PLAIN, field_of
from insyn.core.messages import Factor

from .explain import Explanation, Shown, in_order
from .predicting import Predict, Removal, Row, seeded, without

EXACT = 10
ORDERS, SEED = 40, 2026


def permutation_factors(
    predict: Predict, row: Row, background: Sequence[Row], features: Sequence[str], *, orders: int = ORDERS, seed: int = SEED
) -> Explanation:
    """Explain the model's score for one row, over these fields of it.

    ``orders``: how many pairs of an order and its reverse are drawn for each background row, where there are more than :data:`EXACT` features.
    Raises :class:`InvalidInput` for a feature that is no plain field, a background row that lacks one, or a model that does not answer with
    a finite number for each row.
    """
    shown = {feature: _plain(row, feature) for feature in dict.fromkeys(features)}
    if not shown or orders < 1:
        raise InvalidInput("nothing to count with", place="orders" if shown else "features")
    names = list(shown)
    contributions, errors = weights(predict, row, background, names, orders=orders, seed=seed)
    base = Removal(predict, background).each(row, [tuple(names)])[tuple(names)]
    factors = tuple(Factor(feature, shown[feature], contribution) for feature, contribution in in_order(contributions))
    return Explanation(base=base, score=math.fsum([base, *contributions.values()]), factors=factors, standard_errors=errors)


def weights(
    predict: Predict, row: Row, background: Sequence[Row], names: Sequence[str], *, orders: int = ORDERS, seed: int = SEED
) -> tuple[dict[str, float], dict[str, float]]:
    """What each field contributes, plain or not, and the standard errors, by field."""
    asking = Removal(predict, background)
    return _exact(asking, row, names) if len(names) <= EXACT else _drawn(asking, row, background, names, orders, seeded(seed))


def _plain(row: Row, feature: str) -> Shown:
    value = field_of(row, feature)
    if value is NO_FIELD or not isinstance(value, PLAIN):
        raise InvalidInput("no plain field of the row", place=f"features.{feature}")
    shown: Shown = value
    return shown


def _exact(asking: Removal, row: Row, names: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Every set of features that can be away, and from them the definition."""
    n = len(names)
    away = [chosen for size in range(n + 1) for chosen in combinations(names, size)]
    worth = {frozenset(chosen): score for chosen, score in asking.each(row, away).items()}
    found = {}
    for name in names:
        others = [other for other in names if other != name]
        parts = [
            (worth[frozenset(chosen)] - worth[frozenset({*chosen, name})]) / (n * math.comb(n - 1, size))
            for size in range(n)
            for chosen in combinations(others, size)
        ]
        found[name] = math.fsum(parts)
    return found, {}


def _drawn(
    asking: Removal, row: Row, background: Sequence[Row], names: Sequence[str], orders: int, random: Random
) -> tuple[dict[str, float], dict[str, float]]:
    """The mean over pairs of orders, and its standard error within the background rows (a row itself is no chance)."""
    given: dict[str, list[list[float]]] = {name: [] for name in names}
    for other in background:
        pairs = [_pair(asking, row, other, random.sample(names, len(names))) for _ in range(orders)]
        for name in names:
            given[name].append([pair[name] for pair in pairs])
    count = len(background)
    means = {name: math.fsum(math.fsum(pairs) / orders for pairs in given[name]) / count for name in names}
    errors = {name: math.sqrt(math.fsum(_variance(pairs) / orders for pairs in given[name])) / count for name in names}
    return means, errors if orders > 1 else {}


def _pair(asking: Removal, row: Row, other: Row, order: Sequence[str]) -> dict[str, float]:
    """What each feature is given when they come in this order, and in the reverse, on the average."""
    one, two = (_walk(asking, row, other, way) for way in (order, order[::-1]))
    return {name: (one[name] + two[name]) / 2 for name in order}


def _walk(asking: Removal, row: Row, other: Row, order: Sequence[str]) -> dict[str, float]:
    scores = asking.scores([_mixed(row, other, order[at:]) for at in range(len(order) + 1)])
    return {name: scores[at + 1] - scores[at] for at, name in enumerate(order)}


def _mixed(row: Row, other: Row, away: Sequence[str]) -> Mapping[str, Any]:
    return without(row, away, other)


def _variance(numbers: Sequence[float]) -> float:
    if len(numbers) < 2:
        return 0.0
    mean = math.fsum(numbers) / len(numbers)
    return math.fsum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1)
