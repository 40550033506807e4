"""Factors of a tree, a forest or boosted trees: exact Shapley values against a background, in plain Python.

The worth of a set of features is the model's mean over the background rows in which the set's columns are replaced by the case's own
(interventional, as in :mod:`.explain`). For one case and one background row, every leaf that can be reached by choosing, feature by feature,
between the two asks for some features from the case (u of them) and some from the background (v of them). Its value is then shared:
each of the u gets value / (u + v) / C(u + v - 1, v), each of the v loses value / (u + v) / C(u + v - 1, u); that is the definition, counted leaf by
leaf (Lundberg et al. 2020 count the same in this way). The cost is trees x background rows x leaves that the two can reach.

Columns that stand for one feature form one player, as in :func:`.explain.linear_factors`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from insyn.core.errors import InvalidInput
from insyn.core.messages import Factor

from .explain import Explanation, Shown, in_order, shown_value

_NO_CHILD = -1


@dataclass(frozen=True)
class Tree:
    """A tree by node: the column asked and its threshold (left when the value is at most that), the children, and the value of a leaf.

    ``left`` is -1 for a leaf. ``missing_left``: where a missing value goes; empty where the tree has not learned it.
    """

    column: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    missing_left: tuple[bool, ...] = ()


@dataclass(frozen=True)
class Trees:
    """score = offset + sum of weight x tree, over columns with these names."""

    columns: tuple[str, ...]
    trees: tuple[Tree, ...]
    weight: float
    offset: float

    def score(self, values: Sequence[float]) -> float:
        return math.fsum([self.offset, *(self.weight * tree.value[_leaf(tree, values)] for tree in self.trees)])


def trees_of(model: Any, columns: Sequence[str], *, outcome: int = 1, like: Sequence[float] | None = None) -> Trees:
    """Read a fitted model of scikit-learn: a decision tree, a forest (also extra trees) or gradient boosting.

    The score is what the model's own method gives: the number of a regressor, the probability of class ``outcome`` of a tree or forest, the
    log-odds (``decision_function``) of a boosted classifier with two classes. ``like``: any row, by which the start of boosted trees is found
    (default: zeros). Raises :class:`InvalidInput` for a model that is none of these.
    """
    names = tuple(columns)
    if hasattr(model, "n_features_in_") and int(model.n_features_in_) != len(names):
        raise InvalidInput(f"the model has {model.n_features_in_} columns, not {len(names)}", place="columns")
    if hasattr(model, "tree_"):
        return Trees(names, (_read(model.tree_, _class_of(model, outcome)),), 1.0, 0.0)
    held = getattr(model, "estimators_", None)
    if held is None:
        raise InvalidInput(
            f"a {type(model).__name__} is no tree, forest or boosted trees that is fitted",
            place="model",
            mend="Use permutation_factors for it.",
        )
    if hasattr(model, "init_"):
        return _boosted(model, names, like)
    trees = tuple(_read(one.tree_, _class_of(model, outcome)) for one in held)
    return Trees(names, trees, 1.0 / len(trees), 0.0)


def _boosted(model: Any, names: tuple[str, ...], like: Sequence[float] | None) -> Trees:
    """The start is whatever the model gives beyond its trees; a start that is not the same for two rows cannot be explained here."""
    stages = [list(stage) for stage in model.estimators_]
    if any(len(stage) != 1 for stage in stages):
        raise InvalidInput("boosted trees of more than two classes have several scores", place="model", mend="Explain one class at a time.")
    bare = Trees(names, tuple(_read(stage[0].tree_, 0) for stage in stages), float(model.learning_rate), 0.0)
    rows = [list(like) if like is not None else [0.0] * len(names)]
    rows.append([value + 1.0 for value in rows[0]])
    told = model.decision_function(rows) if hasattr(model, "decision_function") else model.predict(rows)
    starts = [float(given) - bare.score(row) for given, row in zip(told, rows, strict=True)]
    if not math.isclose(starts[0], starts[1], rel_tol=1e-6, abs_tol=1e-6):
        raise InvalidInput("the model starts from another model (init)", place="model", mend="Use permutation_factors for it.")
    return Trees(names, bare.trees, bare.weight, starts[0])


def _class_of(model: Any, outcome: int) -> int:
    classes = getattr(model, "classes_", None)
    if classes is None:
        return 0
    if not 0 <= outcome < len(classes):
        raise InvalidInput(f"the model has {len(classes)} classes", place="outcome")
    return outcome


def _read(tree: Any, outcome: int) -> Tree:
    """A tree of scikit-learn. A classifier's leaf holds shares, or counts in old versions: both become shares."""
    values = []
    for node in tree.value:
        numbers = [float(number) for number in node[0]]
        values.append(numbers[0] if len(numbers) == 1 else numbers[outcome] / math.fsum(numbers))
    missing = getattr(tree, "missing_go_to_left", ())
    return Tree(
        column=tuple(int(number) for number in tree.feature),
        threshold=tuple(float(number) for number in tree.threshold),
        left=tuple(int(number) for number in tree.children_left),
        right=tuple(int(number) for number in tree.children_right),
        value=tuple(values),
        missing_left=tuple(bool(one) for one in missing),
    )


def tree_factors(
    trees: Trees,
    values: Mapping[str, float],
    background: Sequence[Mapping[str, float]],
    *,
    features: Mapping[str, str] | None = None,
    shown: Mapping[str, Shown] | None = None,
) -> Explanation:
    """Explain one outcome against the background rows. ``features`` and ``shown`` as in :func:`.explain.linear_factors`.

    Raises :class:`InvalidInput` when a column lacks its value, or there is no background.
    """
    if not background:
        raise InvalidInput("no background rows", place="background", mend="Give rows that the model was trained on; some hundred will do.")
    owner, told = features or {}, shown or {}
    owners = [owner.get(column, column) for column in trees.columns]
    here = _row(trees.columns, values, "values")
    rows = [_row(trees.columns, row, f"background[{number}]") for number, row in enumerate(background)]
    shares: dict[str, list[float]] = {feature: [] for feature in owners}
    for tree in trees.trees:
        for row in rows:
            _share(tree, here, row, owners, trees.weight / len(rows), shares)
    contributions = {feature: math.fsum(parts) for feature, parts in shares.items()}
    base = math.fsum(trees.score(row) for row in rows) / len(rows)
    factors = tuple(Factor(feature, shown_value(feature, told, values), contribution) for feature, contribution in in_order(contributions))
    return Explanation(base=base, score=math.fsum([base, *contributions.values()]), factors=factors)


def _row(columns: Iterable[str], values: Mapping[str, float], place: str) -> list[float]:
    """The columns in the model's order, each as the single-precision number that the trees compare."""
    try:
        return [struct.unpack("f", struct.pack("f", float(values[column])))[0] for column in columns]
    except KeyError as error:
        raise InvalidInput(
            "the model's column is missing", place=f"{place}.{error.args[0]}", mend="Give every column that the model uses."
        ) from None
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(f"not a number that the model can compare: {error}", place=place) from error


def _goes_left(tree: Tree, node: int, value: float) -> bool:
    if math.isnan(value):
        return bool(tree.missing_left) and tree.missing_left[node]
    return value <= tree.threshold[node]


def _leaf(tree: Tree, values: Sequence[float]) -> int:
    node = 0
    while tree.left[node] != _NO_CHILD:
        node = tree.left[node] if _goes_left(tree, node, values[tree.column[node]]) else tree.right[node]
    return node


def _share(
    tree: Tree, here: Sequence[float], there: Sequence[float], owners: Sequence[str], weight: float, shares: dict[str, list[float]]
) -> None:
    """Walk to every leaf that the case and the background row can reach together, and share its value."""
    stack: list[tuple[int, frozenset[str], frozenset[str]]] = [(0, frozenset(), frozenset())]
    while stack:
        node, ours, theirs = stack.pop()
        if tree.left[node] == _NO_CHILD:
            _give(tree.value[node] * weight, ours, theirs, shares)
            continue
        column = tree.column[node]
        owner = owners[column]
        mine = tree.left[node] if _goes_left(tree, node, here[column]) else tree.right[node]
        other = tree.left[node] if _goes_left(tree, node, there[column]) else tree.right[node]
        if mine == other:
            stack.append((mine, ours, theirs))
            continue
        if owner not in theirs:
            stack.append((mine, ours | {owner}, theirs))
        if owner not in ours:
            stack.append((other, ours, theirs | {owner}))


def _give(value: float, ours: frozenset[str], theirs: frozenset[str], shares: dict[str, list[float]]) -> None:
    u, v = len(ours), len(theirs)
    for feature in ours:
        shares[feature].append(value / (u + v) / math.comb(u + v - 1, v))
    for feature in theirs:
        shares[feature].append(-value / (u + v) / math.comb(u + v - 1, u))
