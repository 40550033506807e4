"""Whoever reads the figures on any two days and subtracts learns of no few: neither how one officer decided, nor what one person got."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import combinations
from typing import NamedTuple

import msgspec
from hypothesis import given, settings, strategies as st

from insyn.core.followup import Followup, Ground, Looked, Period, Share
from insyn.rules.small_cells import SMALL_CELL, join
from insyn.supervision.followup import for_public
from insyn.supervision.steps import in_steps

START = date(2026, 1, 1)
VERDICTS = ("accepted", "changed", "rejected")
GROUNDS = ("must_change", "correction", "asked_for_human")


class Case(NamedTuple):
    """One decision as the facts rows have it: judged blind or not, and looked at again or not, all of it in one month."""

    month: str
    version: str
    verdict: str
    blind: str
    ground: str
    altered: bool


def counted(cases: list[Case]) -> Followup:
    """What the publisher counts, from the cases themselves."""
    periods = [_period(month, version, cases) for month, version in sorted({(case.month, case.version) for case in cases})]
    looked = Counter((case.month, ground) for case in cases if case.ground for ground in ("", case.ground))
    altered = Counter((case.month, ground) for case in cases if case.ground and case.altered for ground in ("", case.ground))
    return Followup(
        system="loans",
        day="",
        periods=tuple(periods),
        looked=tuple(Looked(month, ground, n, altered[month, ground]) for (month, ground), n in sorted(looked.items())),
    )


def _period(month: str, version: str, cases: list[Case]) -> Period:
    some = [case for case in cases if (case.month, case.version) == (month, version)]
    verdicts, judged = Counter(case.verdict for case in some), [case for case in some if case.blind]
    differed = [case for case in judged if case.blind != "same"]
    return Period(
        version=version,
        month=month,
        reviews=len(some),
        **{verdict: verdicts[verdict] for verdict in VERDICTS},
        judged=len(judged),
        with_proposal=len(judged) - len(differed),
        decided=len(judged),
        with_final=sum((case.blind == "same") == (case.verdict == "accepted") for case in judged),
        differed=len(differed),
        anchored=sum(case.verdict == "accepted" for case in differed),
    )


def cells(table: Followup) -> Counter[tuple[str, ...]]:
    """Every number of a table, and what is left of each whole when its part is taken away. What is not shown is not there."""
    found: Counter[tuple[str, ...]] = Counter()
    for name in ("accepted", "overridden", "with_proposal", "with_final", "anchored"):
        one = getattr(table, name)
        if isinstance(one, Share):
            found.update({(name, "n"): one.n, (name, "k"): one.k, (name, "rest"): one.n - one.k})
    found.update({("reviews",): table.reviews, ("judged",): table.judged, ("again",): table.reconsidered})
    if table.reconsidered_changed is not None:
        found.update({("again", "changed"): table.reconsidered_changed, ("again", "same"): table.reconsidered - table.reconsidered_changed})
    for row in table.periods:
        told = {name: getattr(row, name) for name in ("reviews", *VERDICTS, "judged", "differed", "anchored")}
        found.update({(row.month, row.version, name): n for name, n in told.items() if n is not None})
    for ground in table.grounds:
        n, changed = ground.decisions or 0, ground.changed or 0
        found.update(
            {
                ("ground", ground.ground, "n"): n,
                ("ground", ground.ground, "changed"): changed,
                ("ground", ground.ground, "same"): n - changed,
            }
        )
    if table.grounds:  # each case of the tests stands on one ground, so the whole gives back what is not in a row
        found["ground", "rest"] = table.reconsidered - sum(one.decisions or 0 for one in table.grounds)
        found["ground", "rest changed"] = (table.reconsidered_changed or 0) - sum(one.changed or 0 for one in table.grounds)
    for step in table.steps:
        found.update({(step.measure, step.first, "n"): step.n, (step.measure, step.first, "k"): step.k})
    return found


def differences(tables: list[Followup]) -> set[int]:
    """Every number that comes out when one table is taken from another, and of each table alone."""
    all_cells = [Counter[tuple[str, ...]](), *map(cells, tables)]
    return {later[key] - earlier[key] for earlier, later in combinations(all_cells, 2) for key in {*earlier, *later}}


CASES = st.builds(
    Case,
    st.just(""),
    st.sampled_from(["1", "1", "2"]),
    st.sampled_from([*["accepted"] * 6, "changed", "rejected"]),
    st.sampled_from(["", "same", "other"]),
    st.sampled_from(["", "", *GROUNDS]),
    st.booleans(),
)
#: A day: so many days after the one before, so many cases of each of a few kinds, and which of all cases are erased by then.
DAYS = st.lists(
    st.tuples(st.integers(0, 25), st.lists(st.tuples(CASES, st.integers(1, 14)), max_size=4), st.lists(st.integers(0, 400), max_size=3)),
    min_size=2,
    max_size=14,
)


def published(days: list[tuple[int, list[tuple[Case, int]], list[int]]]) -> list[Followup]:
    """The tables of each day, in order."""
    today, cases, tables = START, list[Case](), list[Followup]()
    for later, new, erased in days:
        today += timedelta(days=later)
        cases += [case._replace(month=today.isoformat()[:7]) for case, n in new for _ in range(n)]
        cases = [case for number, case in enumerate(cases) if number not in erased]
        tables.append(in_steps(tables[-1] if tables else None, counted(cases), on=today))
    return tables


@settings(max_examples=60, deadline=None)
@given(days=DAYS)
def test_no_difference_of_two_tables_of_any_two_days_is_of_few(days: list[tuple[int, list[tuple[Case, int]], list[int]]]) -> None:
    tables = published(days)
    for shown in (tables, [for_public(table) for table in tables]):
        told = differences(shown)
        assert not [n for n in told if 0 < abs(n) < SMALL_CELL], sorted(told)
        assert min(told) >= 0, "a step that is out stays out"


def months(*numbers: tuple[int, int]) -> list[Case]:
    """So many cases accepted and changed in each month of the year."""
    return [
        Case(f"2026-{month:02}", "1", verdict, "", "", False)
        for month, (accepted, changed) in enumerate(numbers, start=1)
        for verdict, n in (("accepted", accepted), ("changed", changed))
        for _ in range(n)
    ]


def shown(cases: list[Case], on: date, before: Followup | None = None) -> list[tuple[str, int | None, int | None]]:
    return [(row.month, row.accepted, row.changed) for row in in_steps(before, counted(cases), on=on).periods]


def test_a_month_with_one_who_departed_from_the_proposal_is_joined_to_the_months_after_it() -> None:
    cases = months((40, 12), (40, 1), (30, 4), (30, 6), (50, 9))
    assert shown(cases, date(2026, 4, 30)) == [("2026-01", 40, 12)]
    assert shown(cases, date(2026, 5, 1)) == [("2026-01", 40, 12), ("2026-02 – 2026-04", 100, 11)]


def test_a_month_is_shown_when_it_has_ended_and_nothing_that_comes_later_moves_it() -> None:
    cases = months((40, 12), (40, 0))
    assert shown(cases, date(2026, 1, 31)) == []
    first = in_steps(None, counted(cases), on=date(2026, 2, 1))
    assert (first.reviews, first.overridden and first.overridden.k) == (52, 12)
    late = [*cases[1:], *months((0, 1))]  # one is erased, and one is decided anew
    again = in_steps(first, counted(late), on=date(2026, 2, 28))
    assert msgspec.structs.replace(again, day=first.day) == first
    assert in_steps(first, counted(late), on=date(2026, 3, 1)).reviews == 92


def test_that_nobody_departed_from_any_proposal_is_told() -> None:
    table = in_steps(None, counted(months((40, 0))), on=date(2026, 2, 1))
    assert (table.overridden and (table.overridden.k, table.overridden.n)) == (0, 40)


def test_a_version_of_few_stands_with_another_and_few_rejected_stand_with_the_changed() -> None:
    large = [
        Case("2026-01", "1", verdict, "", "", False) for verdict, n in (("accepted", 60), ("changed", 9), ("rejected", 3)) for _ in range(n)
    ]
    third = [one._replace(version="3") for one in large]
    small = [Case("2026-01", "2", "rejected", "", "", False)] * 2
    rows = in_steps(None, counted([*large, *small, *third]), on=date(2026, 2, 1)).periods
    assert [(row.version, row.reviews, row.accepted, row.changed, row.rejected) for row in rows] == [
        ("3", 72, 60, None, None),
        ("1, 2", 74, 60, None, None),
    ]


def test_grounds_of_few_stand_together_and_do_not_come_out_of_the_whole() -> None:
    def again(ground: str, changed: int, same: int) -> list[Case]:
        return [Case("2026-01", "1", "accepted", "", ground, number < changed) for number in range(changed + same)]

    cases = [*again("must_change", 20, 20), *again("correction", 4, 0), *again("asked_for_human", 12, 11)]
    table = in_steps(None, counted(cases), on=date(2026, 2, 1))
    assert table.grounds == (Ground("", 27, 16), Ground("must_change", 40, 20))
    assert (table.reconsidered, table.reconsidered_changed) == (67, 36)


@given(rows=st.dictionaries(st.integers(0, 9), st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=7))
def test_rows_that_stand_together_are_not_few_together_unless_they_are_all(rows: dict[int, tuple[int, int]]) -> None:
    joined = join(rows)
    sums = [sum(rows[key][place] for key in joined) for place in (0, 1)]
    assert joined == set(rows) or not any(0 < n < SMALL_CELL for n in sums)
    assert not [n for key in set(rows) - joined for n in rows[key] if 0 < n < SMALL_CELL]
