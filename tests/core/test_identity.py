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
        ("810060-1239", True, True),  # a coordination number without a known day, and one without a known month either
        ("19810060-1239", True, True),
        ("810000-1232", False, False),  # zeros are for coordination numbers alone
        ("811228\u20119874", True, True),  # a hyphen that does not break the line
        ("811228\uff0d9874", True, True),
        ("８１１２２８－９８７４", True, False),
        ("811228\u00a0\u2013\u00a09874", True, False),
        ("811228\n-\n9874", True, False),
        ("811228-\r\n9874", True, False),
        ("1981-12-28\n9874 kr", False, False),  # a sum under a date
        ("81\u200b12\u200b28-98\u200b74", True, False),  # signs that nobody sees
        ("811228\u00ad\u20609874", True, False),
        ("8\u03361\u03361\u03362\u03362\u03368\u0336-9874", True, False),  # struck out, and still read
        ("**811228**-**9874**", True, False),
        ("811228&nbsp;-&#8209;9874", True, False),
        ("8 1 1 2 2 8 - 9 8 7 4", True, False),
        ("1 9 8 1 1 2 2 8 9 8 7 4", True, False),
        ("2026-11-22 10:16", False, False),  # a day and an hour: the last four stand together in a number
        ("0470-12 34 56, 070-123 45 67", False, False),
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
    assert mask(told).startswith("se ")
    assert mask(told).endswith(" här"), "what stands around it is left as it was"


@given(
    st.lists(
        st.sampled_from(
            ["811228", "9874", "19", "-", " ", "+", "a", "0", "\u200b", "\n", "8 1 1 2 2 8", "&nbsp;", "８１１２２８", "8112289874"]
        )
    ).map("".join)
)
def test_what_is_masked_holds_no_number_any_more_and_other_text_stays(text: str) -> None:
    assert not holds_identity_number(mask(text))
    if not holds_identity_number(text):
        assert mask(text) == text


@pytest.mark.parametrize("before", ["2026-11-22 ", "Dnr 2026-", "1990-01-01 ", "kl 12.30 ", "12 34 56 ", "x20 26 19 "])
@pytest.mark.parametrize("number", ["19811228-9874", "811228-9874", "8112289874"])
def test_a_day_or_a_case_number_before_it_hides_no_number(before: str, number: str) -> None:
    masked = mask(f"{before}{number}.")
    assert masked.endswith(f"{MASK}.")
    assert "1228" not in masked
    assert holds_identity_number(f"{before}{number}")
    assert "9874" not in mask(f"{before}{number}, {before}{number}")
