"""Factors of any model: exact for few features, drawn with a standard error for many, and the same each time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from insyn.core.errors import InvalidInput
from insyn.sdk.explain_permutation import permutation_factors

NAMES = [f"x{number}" for number in range(12)]
WEIGHTS = {name: 0.5 * number - 2 for number, name in enumerate(NAMES)}


def linear(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    return [math.fsum(WEIGHTS[name] * row[name] for name in row if name in WEIGHTS) for row in rows]


def crossed(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """A model in which features work only together."""
    return [row["a"] * row["b"] + (2.0 if row["c"] == "yes" else 0.0) * row["d"]["e"] for row in rows]


ROW: dict[str, Any] = {"a": 2.0, "b": 3.0, "c": "yes", "d": {"e": 1.0, "f": 9}}
OTHER: dict[str, Any] = {"a": 0.0, "b": 1.0, "c": "no", "d": {"e": 0.5, "f": 1}}


def test_few_features_are_counted_out_also_words_and_fields_of_fields() -> None:
    found = permutation_factors(crossed, ROW, [OTHER], ["a", "b", "c", "d.e"])
    told = {factor.feature: factor.contribution for factor in found.factors}
    # a and b: 6 = 2*3 in all, 0 without a, 2 with a alone; c and d.e: 2 in all, 1 with c alone, 0 without it.
    assert told == pytest.approx({"a": 4.0, "b": 2.0, "c": 1.5, "d.e": 0.5})
    assert (found.base, found.score) == (pytest.approx(0.0), pytest.approx(8.0))
    assert found.standard_errors == {}
    assert {factor.feature: factor.value for factor in found.factors}["c"] == "yes"


def test_many_features_are_drawn_and_add_up_with_nothing_left_over() -> None:
    row = {name: 1.0 + number for number, name in enumerate(NAMES)}
    background = [dict.fromkeys(NAMES, 0.0), dict.fromkeys(NAMES, 1.0)]
    found = permutation_factors(linear, row, background, NAMES, orders=3)
    told = {factor.feature: factor.contribution for factor in found.factors}
    assert told == pytest.approx({name: WEIGHTS[name] * (row[name] - 0.5) for name in NAMES})
    assert found.score == pytest.approx(linear([row])[0])
    assert max(found.standard_errors.values()) == pytest.approx(0.0, abs=1e-9)  # in a linear model every order says the same


def test_the_standard_error_says_how_far_off_a_drawn_value_is_and_the_seed_decides() -> None:
    def together(rows: Sequence[Mapping[str, Any]]) -> list[float]:
        return [float(row["x0"] * row["x1"] * row["x2"] + row["x3"]) for row in rows]

    row, background = dict.fromkeys(NAMES, 1.0), [dict.fromkeys(NAMES, 0.0)]
    found = permutation_factors(together, row, background, NAMES, orders=60, seed=5)
    told = {factor.feature: factor.contribution for factor in found.factors}
    assert 0 < found.standard_errors["x0"] < 0.1
    assert abs(told["x0"] - 1 / 3) < 4 * found.standard_errors["x0"]
    assert (told["x3"], told["x9"]) == (pytest.approx(1.0), 0.0)
    assert permutation_factors(together, row, background, NAMES, orders=60, seed=5) == found
    assert permutation_factors(together, row, background, NAMES, orders=60, seed=6) != found


@pytest.mark.parametrize(
    ("predict", "background", "features", "place"),
    [
        (crossed, [OTHER], ["a", "z"], "features.z"),
        (crossed, [OTHER], ["d"], "features.d"),
        (crossed, [OTHER], [], "features"),
        (crossed, [], ["a"], "background"),
        (crossed, [{"a": 1.0}], ["a", "b"], "background.b"),
        (lambda rows: [0.0], [OTHER], ["a"], "predict"),
        (lambda rows: [math.nan] * len(rows), [OTHER], ["a"], "predict"),
    ],
)
def test_what_cannot_be_counted_with_is_named(predict: Any, background: Any, features: list[str], place: str) -> None:
    with pytest.raises(InvalidInput) as found:
        permutation_factors(predict, ROW, background, features)
    assert found.value.place == place
