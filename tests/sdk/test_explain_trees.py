"""Factors of trees: against the definition with every subset counted, and against what the shap library gave for the same trees."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from insyn.core.errors import InvalidInput
from insyn.sdk.explain_trees import Tree, Trees, tree_factors, trees_of

COLUMNS = ("a", "b", "c_red", "c_blue", "d")
FEATURES = {"c_red": "c", "c_blue": "c"}
VECTOR: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "explain" / "shap_trees.json").read_bytes())


def brute_force(
    score: Callable[[Sequence[float]], float], values: Sequence[float], background: Sequence[Sequence[float]], owners: Sequence[str]
) -> dict[str, float]:
    """Shapley 1953: over every set of the other players, what the player adds."""
    players = sorted(set(owners))

    @cache
    def worth(coalition: frozenset[str]) -> float:
        rows = [
            [mine if owner in coalition else other for mine, other, owner in zip(values, row, owners, strict=True)] for row in background
        ]
        return math.fsum(map(score, rows)) / len(rows)

    def share(player: str) -> float:
        others = [other for other in players if other != player]
        sets = [frozenset(chosen) for size in range(len(players)) for chosen in itertools.combinations(others, size)]
        return math.fsum((worth(one | {player}) - worth(one)) / len(players) / math.comb(len(others), len(one)) for one in sets)

    return {player: share(player) for player in players}


@st.composite
def a_tree(draw: st.DrawFn, columns: int = len(COLUMNS), depth: int = 3) -> Tree:
    """A tree in which a column may be asked again further down. Thresholds and values are such that single precision holds them."""
    column: list[int] = []
    threshold: list[float] = []
    left: list[int] = []
    right: list[int] = []
    value: list[float] = []

    def grow(level: int) -> int:
        node = len(column)
        leaf = level == depth or (level > 0 and draw(st.booleans()))
        column.append(-2 if leaf else draw(st.integers(0, columns - 1)))
        threshold.append(draw(st.integers(-2, 2)) / 2)
        value.append(float(draw(st.integers(-8, 8))))
        left.append(-1)
        right.append(-1)
        if not leaf:
            left[node], right[node] = grow(level + 1), grow(level + 1)
        return node

    grow(0)
    return Tree(tuple(column), tuple(threshold), tuple(left), tuple(right), tuple(value))


ROW = st.lists(st.integers(-3, 3).map(lambda number: number / 2), min_size=len(COLUMNS), max_size=len(COLUMNS))


@settings(max_examples=80)
@given(st.lists(a_tree(), min_size=1, max_size=3), ROW, st.lists(ROW, min_size=1, max_size=3))
def test_leaf_by_leaf_gives_what_the_definition_gives(grown: list[Tree], values: list[float], background: list[list[float]]) -> None:
    trees = Trees(COLUMNS, tuple(grown), 0.5, 1.0)
    owners = [FEATURES.get(column, column) for column in COLUMNS]
    expected = brute_force(trees.score, values, background, owners)
    found = tree_factors(trees, _named(values), [_named(row) for row in background], features=FEATURES, shown={"c": "red"})
    assert {factor.feature: factor.contribution for factor in found.factors} == pytest.approx(expected, abs=1e-9)
    assert found.score == pytest.approx(trees.score(values), abs=1e-9)
    assert found.base == pytest.approx(math.fsum(map(trees.score, background)) / len(background), abs=1e-9)


def _named(values: Sequence[float]) -> Mapping[str, float]:
    return dict(zip(COLUMNS, values, strict=True))


@pytest.mark.parametrize("model", VECTOR["models"], ids=lambda model: str(model["name"]))
def test_the_shap_library_gave_the_same_for_the_same_trees(model: Mapping[str, Any]) -> None:
    names = [f"x{number}" for number in range(5)]
    trees = Trees(
        tuple(names),
        tuple(Tree(**{key: tuple(told) for key, told in tree.items()}) for tree in model["trees"]),
        model["weight"],
        model["offset"],
    )
    background = [dict(zip(names, row, strict=True)) for row in VECTOR["background"]]
    for case, values, score in zip(VECTOR["cases"], model["values"], model["scores"], strict=True):
        found = tree_factors(trees, dict(zip(names, case, strict=True)), background)
        told = {factor.feature: factor.contribution for factor in found.factors}
        assert [told[name] for name in names] == pytest.approx(values, abs=2e-6)  # the library counts in single precision here and there
        assert found.base == pytest.approx(model["base"], abs=2e-6)
        assert found.score == pytest.approx(score, abs=1e-9)


def test_scikit_learns_own_trees_are_read_and_explained() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble")
    import numpy as np
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    random = np.random.default_rng(3)
    rows = random.normal(size=(80, 4)).round(1)  # so that values lie on thresholds, where single precision decides
    yes = (rows[:, 0] + rows[:, 1] * rows[:, 2] > 0).astype(int)
    number = rows[:, 0] * 2 - np.abs(rows[:, 3])
    names, background = ["a", "b", "c", "d"], rows[:2]
    fitted = [
        (DecisionTreeRegressor(max_depth=4, random_state=0).fit(rows, number), "predict"),
        (DecisionTreeClassifier(max_depth=4, random_state=0).fit(rows, yes), "predict_proba"),
        (ensemble.RandomForestClassifier(4, max_depth=3, random_state=0).fit(rows, yes), "predict_proba"),
        (ensemble.ExtraTreesRegressor(4, max_depth=3, random_state=0).fit(rows, number), "predict"),
        (ensemble.GradientBoostingClassifier(n_estimators=5, max_depth=2, random_state=0).fit(rows, yes), "decision_function"),
        (ensemble.GradientBoostingRegressor(n_estimators=5, max_depth=2, random_state=0).fit(rows, number), "predict"),
    ]
    for model, method in fitted:

        def score(row: Sequence[float], model: Any = model, method: str = method) -> float:
            told = getattr(model, method)(np.asarray([row]))[0]
            return float(told[1]) if method == "predict_proba" else float(told)

        found = tree_factors(
            trees_of(model, names), dict(zip(names, rows[7], strict=True)), [dict(zip(names, row, strict=True)) for row in background]
        )
        expected = brute_force(score, rows[7], background, names)
        assert {factor.feature: factor.contribution for factor in found.factors} == pytest.approx(expected, abs=1e-6)
        assert found.score == pytest.approx(score(rows[7]), abs=1e-6)


def test_a_missing_value_goes_where_the_tree_learned_to_send_it() -> None:
    tree = Tree((0, -2, -2), (0.0, 0.0, 0.0), (1, -1, -1), (2, -1, -1), (0.0, 3.0, 7.0), (True, False, False))
    found = tree_factors(Trees(("a",), (tree,), 1.0, 0.0), {"a": math.nan}, [{"a": 1.0}], shown={"a": None})
    assert (found.base, found.score, found.factors[0].contribution, found.factors[0].value) == (7.0, 3.0, -4.0, None)


STUMP = Trees(("a",), (Tree((0, -2, -2), (0.0, 0.0, 0.0), (1, -1, -1), (2, -1, -1), (0.0, 1.0, 2.0)),), 1.0, 0.0)


@pytest.mark.parametrize(
    ("values", "background", "place"),
    [
        ({}, [{"a": 1.0}], "values.a"),
        ({"a": 1.0}, [{}], "background[0].a"),
        ({"a": 1.0}, [], "background"),
        ({"a": "x"}, [{"a": 1.0}], "values"),
    ],
)
def test_what_is_missing_is_named(values: Any, background: Any, place: str) -> None:
    with pytest.raises(InvalidInput) as found:
        tree_factors(STUMP, values, background)
    assert found.value.place == place


def test_a_model_that_is_no_tree_is_refused_with_the_way_that_is_left() -> None:
    with pytest.raises(InvalidInput, match="permutation_factors"):
        trees_of(object(), ["a"])
