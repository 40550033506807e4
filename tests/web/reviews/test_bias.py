"""Which groups are said to be treated differently, beside a case."""

from __future__ import annotations

from insyn.web.reviews.bias import Difference, differences
from insyn.web.site.figures import Figures, GroupRate

GROUPS = {
    "sex": {"label": {"sv": "Kön", "en": "Sex"}, "values": {"f": {"sv": "Kvinnor", "en": "Women"}, "m": {"sv": "Män", "en": "Men"}}},
    "age": {"label": {"sv": "Ålder", "en": "Age"}, "values": {}},
}


def rate(group: str, value: str, middle: float, half: float, **more: object) -> GroupRate:
    return GroupRate(group, value, n=400, rate=middle, low=middle - half, high=middle + half, **more)


def figures(*rates: GroupRate) -> Figures:
    return Figures("loans", "2026-11-21", 9, 800, 0, 0, 0, 0, groups=rates)


def test_the_two_that_lie_the_furthest_apart_are_told_in_the_registers_words() -> None:
    told = differences(figures(rate("sex", "f", 0.4, 0.03), rate("sex", "x", 0.5, 0.03), rate("sex", "m", 0.6, 0.03)), GROUPS)
    assert told == [Difference("Kön", "Män", 60.0, "Kvinnor", 40.0)]


def test_what_chance_may_explain_is_not_called_a_difference() -> None:
    assert differences(figures(rate("sex", "f", 0.4, 0.1), rate("sex", "m", 0.55, 0.1)), GROUPS) == []


def test_a_hidden_group_is_in_no_pair_and_groups_are_not_mixed() -> None:
    hidden = rate("sex", "f", 0.1, 0.01, suppressed=True, why="few")
    assert differences(figures(hidden, rate("sex", "m", 0.6, 0.03), rate("age", "old", 0.2, 0.03)), GROUPS) == []


def test_without_figures_nothing_is_said() -> None:
    assert differences(None, GROUPS) == []
