"""Factors of a linear model against the definition of Shapley values, all subsets enumerated."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings, strategies as st

from insyn.core.errors import InvalidInput
from insyn.sdk import linear_factors

NUMBERS = st.floats(-100, 100)
COLUMNS = ("a", "b", "c_red", "c_blue")
FEATURES = {"c_red": "c", "c_blue": "c"}


def brute_force(
    coefficients: Mapping[str, float], values: Mapping[str, float], background: Sequence[Mapping[str, float]], intercept: float
) -> dict[str, float]:
    """Shapley 1953 over features, with v(S) = the mean of f over background rows in which the columns of S are replaced."""
    players = sorted({FEATURES.get(column, column) for column in coefficients})

    def worth(coalition: frozenset[str]) -> float:
        rows = [{c: values[c] if FEATURES.get(c, c) in coalition else row[c] for c in coefficients} for row in background]
        return math.fsum(intercept + math.fsum(coefficients[c] * row[c] for c in coefficients) for row in rows) / len(rows)

    def share(player: str) -> float:
        others = [other for other in players if other != player]
        total = 0.0
        for size in range(len(others) + 1):
            weight = math.factorial(size) * math.factorial(len(players) - size - 1) / math.factorial(len(players))
            for chosen in itertools.combinations(others, size):
                total += weight * (worth(frozenset({*chosen, player})) - worth(frozenset(chosen)))
        return total

    return {player: share(player) for player in players}


def rows(values: Sequence[float]) -> dict[str, float]:
    return dict(zip(COLUMNS, values, strict=True))


@settings(max_examples=60)
@given(
    st.lists(NUMBERS, min_size=4, max_size=4),
    st.lists(NUMBERS, min_size=4, max_size=4),
    st.lists(st.lists(NUMBERS, min_size=4, max_size=4), min_size=1, max_size=4),
    NUMBERS,
)
def test_the_short_formula_gives_what_the_definition_gives(
    coefficients: list[float], values: list[float], background: list[list[float]], intercept: float
) -> None:
    sample = [rows(row) for row in background]
    means = {column: math.fsum(row[column] for row in sample) / len(sample) for column in COLUMNS}
    expected = brute_force(rows(coefficients), rows(values), sample, intercept)
    found = linear_factors(rows(coefficients), rows(values), means, intercept, features=FEATURES, shown={"c": "red"})
    assert {factor.feature for factor in found.factors} == {"a", "b", "c"}
    for factor in found.factors:
        assert factor.contribution == pytest.approx(expected[factor.feature], rel=1e-6, abs=1e-6)
    exact = intercept + math.fsum(rows(coefficients)[c] * rows(values)[c] for c in COLUMNS)
    assert found.score == pytest.approx(exact, rel=1e-9, abs=1e-6)


def test_the_greatest_contribution_comes_first_with_the_value_a_person_knows() -> None:
    found = linear_factors(
        {"income": 0.5, "c_red": 4.0, "c_blue": 1.0},
        {"income": 3, "c_red": 1.0, "c_blue": 0.0},
        {"income": 1.0, "c_red": 0.25, "c_blue": 0.5},
        -1.0,
        features=FEATURES,
        shown={"c": "red"},
    )
    assert [(factor.feature, factor.value) for factor in found.factors] == [("c", "red"), ("income", 3)]
    assert found.factors[0].contribution == pytest.approx(2.5)
    assert found.base == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("values", "means", "place"),
    [({}, {"a": 1.0}, "values.a"), ({"a": 1.0}, {}, "means.a"), ({"a": math.nan}, {"a": 1.0}, "a"), ({"a": 1.0}, {"a": math.inf}, "a")],
)
def test_a_column_without_a_finite_value_and_mean_is_named(values: dict[str, float], means: dict[str, float], place: str) -> None:
    with pytest.raises(InvalidInput) as found:
        linear_factors({"a": 1.0}, values, means, 0.0)
    assert found.value.place == place


def test_a_feature_of_several_columns_needs_a_value_to_show() -> None:
    with pytest.raises(InvalidInput, match=r"shown\.c"):
        linear_factors({"c_red": 1.0}, {"c_red": 1.0}, {"c_red": 0.5}, 0.0, features=FEATURES)
