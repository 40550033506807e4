"""What would have had to be different: the fewest and smallest changes, never of what nobody can change, the same each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from insyn.core.errors import InvalidInput
from insyn.core.messages import Change, Counterfactual
from insyn.sdk.counterfactual import Choosable, Direction, Movable, find_counterfactual

ROW = {"debt": 50, "rent": 40, "proved": False, "sex": "female"}
CHANGEABLE = {
    "debt": Movable(0, 100, 5, Direction.DOWN),
    "rent": Movable(0, 100, 5, Direction.DOWN),
    "proved": Choosable((True, False)),
}


def outcomes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return ["grant" if row["debt"] + row["rent"] - 20 * row["proved"] <= 60 else "deny" for row in rows]


def test_one_change_is_better_than_two_and_the_smallest_of_them_is_told() -> None:
    found = find_counterfactual(outcomes, ROW, CHANGEABLE)
    assert found.found == Counterfactual("grant", (Change("debt", 50, 20),))
    assert found.complete


def test_two_changes_are_told_when_one_is_not_enough_and_the_shorter_step_of_the_two_is_taken() -> None:
    narrow = {**CHANGEABLE, "debt": Movable(40, 100, 5), "rent": Movable(30, 100, 5)}
    found = find_counterfactual(outcomes, ROW, narrow).found
    assert found == Counterfactual("grant", (Change("proved", False, True), Change("rent", 40, 30)))  # 10 of 70 is less than 10 of 60
    assert found == find_counterfactual(outcomes, ROW, dict(reversed(narrow.items()))).found


def test_a_number_moves_only_in_its_direction_and_within_its_range() -> None:
    up = find_counterfactual(outcomes, ROW, {"debt": Movable(0, 100, 5, Direction.UP)})
    short = find_counterfactual(outcomes, ROW, {"debt": Movable(30, 100, 5)})
    assert (up.found, up.complete, short.found, short.complete) == (None, True, None, True)


def test_that_none_exists_is_told_apart_from_a_search_that_ended() -> None:
    ended = find_counterfactual(outcomes, ROW, CHANGEABLE, wanted="maybe", most_tries=10)
    whole = find_counterfactual(outcomes, ROW, CHANGEABLE, wanted="maybe", most_changes=2)
    assert (ended.found, ended.complete, ended.tried) == (None, False, 10)
    assert (whole.found, whole.complete) == (None, True)


@pytest.mark.parametrize("feature", ["sex", "Ålder", "applicant.ethnicity", "date-of-birth"])
def test_a_protected_feature_is_refused_whatever_is_declared(feature: str) -> None:
    with pytest.raises(InvalidInput, match="protected"):
        find_counterfactual(outcomes, {**ROW, feature: "x", "applicant": {"ethnicity": "x"}}, {feature: Choosable(("y",))})


@pytest.mark.parametrize(
    ("changeable", "place"),
    [
        ({"income": Choosable((1,))}, "changeable.income"),
        ({"debt": Movable(5, 5, 1)}, "changeable.debt"),
        ({"debt": Movable(0, 10, 0)}, "changeable.debt"),
        ({"debt": Movable(0, 10_000, 1)}, "changeable.debt"),
    ],
)
def test_a_declaration_that_says_nothing_is_named(changeable: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as found:
        find_counterfactual(outcomes, ROW, changeable)
    assert found.value.place == place


@settings(max_examples=40)
@given(st.integers(0, 10), st.integers(0, 10), st.integers(-5, 25))
def test_nothing_smaller_would_have_done(one: int, two: int, limit: int) -> None:
    """Every other way is tried, and none with fewer changes or less distance has another outcome."""

    def say(rows: Sequence[Mapping[str, Any]]) -> list[str]:
        return ["yes" if row["a"] + row["b"] <= limit else "no" for row in rows]

    row = {"a": one, "b": two}
    found = find_counterfactual(say, row, {"a": Movable(0, 10, 1), "b": Movable(0, 10, 1)}).found
    others = [(a, b) for a in range(11) for b in range(11) if say([{"a": a, "b": b}]) != say([row])]
    best = min(((a != one) + (b != two), abs(a - one) + abs(b - two)) for a, b in others) if others else None
    told = {change.feature: change.needed for change in found.changes} if found else {}
    assert (best is None) == (found is None)
    if best is not None:
        assert (len(told), sum(abs(float(str(needed)) - row[name]) for name, needed in told.items())) == best
