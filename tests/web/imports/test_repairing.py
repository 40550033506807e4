"""Honest repair: what is certain is rewritten and told, what is not is left out and told."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from insyn.web.imports.columns import BY_NAME, PLACEHOLDERS
from insyn.web.imports.problems import WORDS, Code
from insyn.web.imports.repairing import DayOrder, order_in, read_cell, read_day


@pytest.mark.parametrize(
    ("raw", "found", "code"),
    [
        ("2024-10-01", "2024-10-01", None),
        ("2024-10-01 00:00:00", "2024-10-01", Code.DATE_REWRITTEN),
        ("20241001", "2024-10-01", Code.DATE_REWRITTEN),
        ("01/2024", "2024-01", Code.DATE_LESS_EXACT),
        ("03-2022", "2022-03", Code.DATE_LESS_EXACT),
        ("2025", "2025", Code.DATE_LESS_EXACT),
        ("Jul-25", "2025-07", Code.DATE_LESS_EXACT),
        ("1 maj 2023", "2023-05-01", Code.DATE_REWRITTEN),
        ("12 okt. 2023", "2023-10-12", Code.DATE_REWRITTEN),
        ("31/12/2025", "2025-12-31", Code.DATE_REWRITTEN),
        ("12/31/2025", "2025-12-31", Code.DATE_REWRITTEN),
        ("09/24/2024 12:00:00 AM", "2024-09-24", Code.DATE_REWRITTEN),
        ("10/1/2023", "", Code.DATE_UNCLEAR),
        ("5/5/2023", "2023-05-05", Code.DATE_REWRITTEN),
        ("31/02/2024", "", Code.DATE_UNREADABLE),
        ("2024-13-01", "", Code.DATE_UNREADABLE),
        ("Wordt vervolgd", "", Code.DATE_UNREADABLE),
        ("13/2024", "", Code.DATE_UNREADABLE),
        ("24/7", "", Code.DATE_UNREADABLE),
    ],
)
def test_days_as_people_write_them(raw: str, found: str, code: Code | None) -> None:
    assert read_day(raw, DayOrder.UNKNOWN) == (found, code)


def test_a_column_that_proves_its_order_settles_its_unclear_days() -> None:
    assert order_in(["10/1/2023", "10/24/2023"]) is DayOrder.MONTH_FIRST
    assert order_in(["10/1/2023", "24/10/2023"]) is DayOrder.DAY_FIRST
    assert order_in(["10/24/2023", "24/10/2023", "1/2/2023"]) is DayOrder.UNKNOWN
    assert read_day("10/1/2023", DayOrder.MONTH_FIRST)[0] == "2023-10-01"


@given(st.text(max_size=60))
def test_no_text_becomes_a_day_that_it_does_not_name(raw: str) -> None:
    found, code = read_day(raw, DayOrder.UNKNOWN)
    assert bool(found) or code in (Code.DATE_UNREADABLE, Code.DATE_UNCLEAR)


@given(st.sampled_from(sorted(BY_NAME)), st.text(max_size=200))
def test_every_cell_is_read_or_told_and_never_raises(name: str, raw: str) -> None:
    value, told = read_cell(BY_NAME[name], raw, order=DayOrder.UNKNOWN, extra={})
    assert value or told or not raw.strip() or all(not letter.isprintable() or letter.isspace() for letter in raw)
    assert "\x00" not in value


def cell(name: str, raw: str) -> tuple[str, list[Code]]:
    value, told = read_cell(BY_NAME[name], raw, order=DayOrder.UNKNOWN, extra={})
    return value, [problem.code for problem in told]


def test_markup_is_taken_away_and_its_script_with_it() -> None:
    assert cell("risks", "<div><p>Ett</p><script>alert(1)</script><p>Två &amp; tre</p></div>") == ("Ett\nTvå & tre", [Code.MARKUP_REMOVED])
    assert cell("name", "Jämför < och > med 3 < 4") == ("Jämför < och > med 3 < 4", [])


def test_lists_are_written_out() -> None:
    assert cell("themes", "['Hälsa', 'Skola']") == ("Hälsa, Skola", [Code.LIST_WRITTEN_OUT])
    assert cell("themes", '{Werk,Huisvesting,"Ruimte en infrastructuur"}') == (
        "Werk, Huisvesting, Ruimte en infrastructuur",
        [Code.LIST_WRITTEN_OUT],
    )
    assert cell("themes", "[]") == ("", [])


def test_words_are_translated_or_asked_about_and_never_guessed() -> None:
    assert cell("status", "In gebruik") == ("in_use", [Code.WORD_TRANSLATED])
    assert cell("personal_data", "Kanske") == ("", [Code.WORD_UNKNOWN])
    assert cell("risk_class", "Presumed High-Impact, but Not") == ("presumed_not_high", [Code.WORD_TRANSLATED])


def test_a_cell_that_says_nothing_counts_as_missing() -> None:
    for word in ("-", "N/A", "n.v.t.", "Okänt", "None"):
        assert cell("supplier", word) == ("", [Code.PLACEHOLDER])
    assert "" in PLACEHOLDERS


def test_identity_numbers_are_left_out_of_the_register() -> None:
    for number in ("19121212-1212", "121212+1212", "850709-9805", "850769-9805"):
        value, codes = cell("description", f"Gäller {number} bland andra")
        assert (value, codes) == ("", [Code.IDENTITY_NUMBER])
    assert cell("case_number", "KS 2025-0312")[0] == "KS 2025-0312"


def test_every_problem_has_its_words() -> None:
    assert set(WORDS) == set(Code)
