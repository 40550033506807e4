"""What counts as an identity number, in free text and in the cell of a table. Nobody's: 8112289874 is the tax agency's example."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from insyn.core.identity import MASK, holds_identity_number, mask, written_as_identity_number


@pytest.mark.parametrize(
    ("text", "in_text", "in_cell"),
    [
        ("811228-9874", True, True),
        ("811228+9874", True, True),
        ("19811228-9874", True, True),
        ("198112289874", True, True),
        ("811288-9871", True, True),  # a coordination number: the day and sixty
        ("8112289874", True, False),  # ten digits in a row are in a table more often a telephone or a case
        ("811228-9875", False, True),  # typed wrong: the digit does not check
        ("198112289875", False, False),
        ("1981 12 28 9874", True, False),
        ("KS 2026/204", False, False),
        ("556036-0793", False, False),  # a company's number: its third digit makes no month
        ("", False, False),
    ],
)
def test_text_and_table_are_read_each_in_its_way(text: str, in_text: bool, in_cell: bool) -> None:
    told = f"se {text} här"
    assert holds_identity_number(told) is in_text
    assert written_as_identity_number(told) is in_cell
    assert (MASK in mask(told)) is in_text


@given(st.lists(st.sampled_from(["811228", "9874", "19", "-", " ", "+", "a", "0", "８１１２２８", "8112289874"])).map("".join))
def test_what_is_masked_holds_no_number_any_more_and_other_text_stays(text: str) -> None:
    assert not holds_identity_number(mask(text))
    if not holds_identity_number(text):
        assert mask(text) == text
