"""Figures of requests: as counted by hand, and silent about a person."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, strategies as st

from insyn.core.messages import Actor
from insyn.rules.small_cells import SMALL_CELL, SMALL_SIDE
from insyn.web.rights.actions import file_request
from insyn.web.rights.counting import Settled, count, plain
from insyn.web.rights.handling import answer_request
from insyn.web.rights.queries import outcomes
from insyn.web.rights.words import RequestKind, RequestOutcome

ASKED = date(2026, 11, 1)


def settled(kind: str = "correction", outcome: str = "granted", days: int = 5, changed: bool | None = None) -> Settled:
    return Settled(kind, ASKED, ASKED + timedelta(days=days), ASKED + timedelta(days=30), outcome, changed)


def test_the_figures_are_those_counted_by_hand() -> None:
    rows = [settled(days=number, outcome="granted" if number % 2 else "refused", changed=number > 5) for number in range(1, 10)]
    rows.append(settled(days=40, outcome="partly", changed=False))
    only = count(rows).rows
    assert len(only) == 1
    row = only[0]
    assert (row.kind, row.answered, row.granted, row.refused, row.partly) == ("correction", 10, 5, 4, 1)
    assert (row.median_days, row.overdue, row.changed) == (5.5, 0.1, 0.4)


def test_fewer_than_ten_are_not_shown_and_neither_are_equal_answers() -> None:
    assert count([settled() for _ in range(9)]).rows == ()
    assert count([settled() for _ in range(9)]).any
    assert count([settled() for _ in range(30)]).rows == (), "thirty times yes tells the answer of each"
    assert not count([]).any


def test_figures_move_in_steps_of_ten() -> None:
    mixed = [settled(outcome="granted" if number % 2 else "refused") for number in range(39)]
    assert {count(mixed[:upto]).rows[0].answered for upto in range(20, 30)} == {20}
    assert count(mixed[:30]).rows[0].answered == 30


def test_kinds_and_the_whole_are_never_shown_together() -> None:
    many = [settled("correction", "granted" if number % 2 else "refused") for number in range(20)]
    shown = count([*many, *(settled("erasure", "refused") for _ in range(4))])
    assert "" not in [row.kind for row in shown.rows]
    few = [settled(f"kind-{number % 4}", "granted" if number % 3 else "refused") for number in range(20)]
    assert [row.kind for row in count(few).rows] == [""]


def test_ones_own_supervision_sees_all() -> None:
    only = plain([settled()])
    assert only is not None
    assert (only.answered, only.granted) == (1, 1)
    assert plain([]) is None


@given(
    st.lists(
        st.builds(
            settled,
            st.sampled_from(["erasure", "correction", "extract"]),
            st.sampled_from(["granted", "partly", "refused"]),
            st.integers(0, 90),
            st.none() | st.booleans(),
        ),
        max_size=80,
    )
)
def test_no_row_is_of_few_or_of_nearly_one_answer(rows: list[Settled]) -> None:
    for row in count(rows).rows:
        assert row.answered >= SMALL_CELL
        assert row.answered % SMALL_CELL == 0
        assert min(row.granted, row.answered - row.granted) >= SMALL_SIDE
        assert row.granted + row.partly + row.refused == row.answered


def test_ten_equal_answers_wait_for_others_so_that_two_days_cannot_be_subtracted() -> None:
    mixed = [settled(outcome="granted" if number % 2 else "refused") for number in range(10)]
    equal = [settled(outcome="refused") for _ in range(10)]
    assert count([*mixed, *equal]).rows[0].answered == 10
    assert count([*mixed, *equal, *mixed]).rows[0].answered == 30


@given(st.lists(st.sampled_from(["granted", "refused", "refused", "refused"]), max_size=90))
def test_what_came_between_two_days_tells_of_no_answer(outcomes: list[str]) -> None:
    rows = [settled(outcome=outcome) for outcome in outcomes]
    told = {row.answered: row.granted for upto in range(len(rows) + 1) for row in count(rows[:upto]).rows}
    for one, two in combinations(sorted({0: 0, **told}.items()), 2):
        n, granted = two[0] - one[0], two[1] - one[1]
        assert n >= SMALL_CELL
        assert SMALL_SIDE <= granted <= n - SMALL_SIDE


@pytest.mark.django_db
def test_the_public_page_shows_the_figures_and_hides_the_few(
    system: Any, by_code: Callable[..., Any], rights_officer: Actor, client: Any
) -> None:
    page = html.unescape(client.get("/system/lanestod/").content.decode())
    assert "Ingen har bett om något än" in page
    asked = file_request(
        resident=by_code(system, "a" * 32), kind=RequestKind.OBJECTION, system=system, rid="a" * 32, message="Hemligt skäl."
    )
    answer_request(actor=rights_officer, request=asked, outcome=RequestOutcome.GRANTED, text="Vi slutar.")
    page = html.unescape(client.get("/system/lanestod/").content.decode())
    assert "Färre än tio har fått svar" in page
    for secret in ("Hemligt", "Vi slutar", asked.receipt, "Invändning"):
        assert secret not in page
    assert (outcomes(system).rows, outcomes(system).any) == ((), True)
