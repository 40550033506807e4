"""The work list's own rules, without a log: what is covered, in which order, how it is counted."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from insyn.web.reviews.lettering import blocks
from insyn.web.reviews.worklist import Found, Row, Wanted, chosen, counts, load, wanted, whose

TODAY = date(2026, 11, 21)
LOANS, CARE = SimpleNamespace(slug="loans", name="Lån"), SimpleNamespace(slug="care", name="Hemtjänst")
ANNA, BO = SimpleNamespace(person="p-anna", pk=1), SimpleNamespace(person="p-bo", pk=2)


def row(rid: str, *, system: Any = LOANS, age: int = 0, by: Any = None, **more: Any) -> Row:
    claim = SimpleNamespace(user=by, user_id=by.pk) if by else None
    return Row(system, rid, TODAY - timedelta(days=age), age, claim=claim, **more)


ROWS = [
    row("a", age=3),
    row("b", age=40, by=ANNA),
    row("c", system=CARE, age=8, by=BO, blind=True),
    row("d", system=CARE, age=8, asked=True),
]
FOUND = Found(ROWS, {"loans": 2, "care": 2})


@pytest.mark.parametrize(
    ("query", "rids"),
    [
        ({}, "bcda"),
        ({"order": "newest"}, "adcb"),
        ({"order": "system"}, "cdba"),
        ({"system": "care"}, "cd"),
        ({"age": "7"}, "bcd"),
        ({"whose": "mine"}, "b"),
        ({"whose": "others"}, "c"),
        ({"whose": "nobody"}, "da"),
        ({"kind": "blind"}, "c"),
        ({"kind": "asked"}, "d"),
        ({"age": "7", "whose": "nobody", "kind": "asked"}, "d"),
        ({"age": "9999"}, ""),
    ],
)
def test_each_choice_shows_what_it_says(query: dict[str, str], rids: str) -> None:
    assert "".join(one.rid for one in chosen(FOUND, wanted(query), ANNA.person)) == rids


@given(st.dictionaries(st.sampled_from(["system", "age", "whose", "kind", "order"]), st.text()))
def test_no_address_is_too_odd_to_read(query: dict[str, str]) -> None:
    want = wanted(query)
    assert {one.rid for one in chosen(FOUND, want, ANNA.person)} <= set("abcd")
    assert want.whose in ("", "mine", "nobody", "others")


def test_every_case_is_mine_a_colleagues_or_nobodys() -> None:
    assert counts(FOUND, ANNA.person) == {"mine": 1, "nobody": 2, "others": 1}
    assert [whose(one, BO.person) for one in ROWS] == ["nobody", "others", "mine", "nobody"]


def test_the_load_counts_what_is_taken_and_waits_and_nothing_else() -> None:
    assert load(FOUND, [ANNA, BO]) == [(ANNA, 1), (BO, 1)]
    assert load(Found(), [ANNA]) == [(ANNA, 0)]


def test_what_could_not_be_shown_is_counted() -> None:
    assert Found(ROWS, {"loans": 700, "care": 2}).left_out == 698
    assert Wanted() == wanted({"order": "sideways", "age": "-1"})


def test_a_letter_is_shown_as_headings_points_and_paragraphs() -> None:
    text = "Kommunen\n\n## Beslut\nDu får lånet.\nVi hörs.\n\n- ett\n- två\n\n<b>inte fet</b>"
    told = [(block.kind, block.lines) for block in blocks(text)]
    assert told == [
        ("text", ("Kommunen",)),
        ("heading", ("Beslut",)),
        ("text", ("Du får lånet.", "Vi hörs.")),
        ("list", ("ett", "två")),
        ("text", ("<b>inte fet</b>",)),
    ]
    assert blocks("") == []


@given(st.text())
def test_no_word_of_a_letter_is_lost(text: str) -> None:
    shown = "".join(line for block in blocks(text) for line in block.lines)
    assert set(shown) <= set(text)
    assert all(sign in shown for sign in text if sign.isalnum())
