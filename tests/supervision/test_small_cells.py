"""What the public may not see, seen from the reader who tries."""

from __future__ import annotations

from hypothesis import given, strategies as st

from insyn.rules.small_cells import SMALL_CELL, SMALL_SIDE, Hidden, Tally, hide, reveals, total

tallies = st.integers(1, 60).flatmap(lambda n: st.integers(0, n).map(lambda favourable: Tally(n, favourable)))
tables = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), tallies, max_size=8)


def test_a_group_of_nine_is_hidden_and_a_group_of_ten_is_not() -> None:
    assert reveals(Tally(9, 4)) is Hidden.FEW
    assert reveals(Tally(10, 5)) is None


def test_a_group_that_all_had_the_same_outcome_is_hidden() -> None:
    assert reveals(Tally(40, 0)) is Hidden.ONE_OUTCOME
    assert reveals(Tally(40, 40)) is Hidden.ONE_OUTCOME
    assert reveals(Tally(40, 2)) is Hidden.ONE_OUTCOME
    assert reveals(Tally(40, 3)) is None
    assert reveals(Tally(40, 37)) is None


def test_hiding_one_group_hides_the_next_smallest_too() -> None:
    groups = {"female": Tally(171, 160), "male": Tally(818, 748), "missing": Tally(5, 5)}
    assert hide(groups) == {"missing": Hidden.FEW, "female": Hidden.SUBTRACTION}


def test_two_hidden_groups_that_together_are_few_take_a_third() -> None:
    groups = {"a": Tally(3, 1), "b": Tally(4, 2), "c": Tally(50, 20), "d": Tally(90, 40)}
    assert hide(groups) == {"a": Hidden.FEW, "b": Hidden.FEW, "c": Hidden.SUBTRACTION}


def test_two_hidden_groups_that_together_tell_nothing_are_enough() -> None:
    groups = {"a": Tally(9, 4), "b": Tally(8, 5), "c": Tally(50, 20)}
    assert hide(groups) == {"a": Hidden.FEW, "b": Hidden.FEW}


def test_two_groups_whose_sum_has_one_outcome_take_a_third() -> None:
    groups = {"a": Tally(20, 20), "b": Tally(20, 20), "c": Tally(50, 20)}
    assert set(hide(groups)) == {"a", "b", "c"}


def test_a_table_of_large_mixed_groups_is_shown_whole() -> None:
    assert hide({"a": Tally(50, 20), "b": Tally(60, 30)}) == {}


def test_a_table_without_groups_hides_nothing() -> None:
    assert hide({}) == {}


@given(tables)
def test_no_shown_group_tells_about_a_person(groups: dict[str, Tally]) -> None:
    hidden = hide(groups)
    for value, tally in groups.items():
        if value not in hidden:
            assert tally.n >= SMALL_CELL
            assert SMALL_SIDE <= tally.favourable <= tally.n - SMALL_SIDE


@given(tables)
def test_what_subtraction_gives_tells_nothing_unless_nothing_is_shown(groups: dict[str, Tally]) -> None:
    hidden = hide(groups)
    if hidden and len(hidden) < len(groups):
        assert len(hidden) >= 2
        assert reveals(total(groups[value] for value in hidden)) is None


@given(tables)
def test_every_group_that_tells_by_itself_is_hidden_for_that_reason(groups: dict[str, Tally]) -> None:
    hidden = hide(groups)
    for value, tally in groups.items():
        if reveals(tally):
            assert hidden[value] is reveals(tally)


@given(tables)
def test_the_order_of_the_groups_does_not_matter(groups: dict[str, Tally]) -> None:
    assert hide(groups) == hide(dict(reversed(groups.items())))
