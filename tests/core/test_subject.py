"""A person is found again however the number was written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies as st

from insyn.core.identity import check_digit_holds
from insyn.core.subject import is_persons_number, plain_subject, tells_no_birthday, writings

ON = date(2026, 11, 21)
PERSON = "199001012385"
COORDINATION = "199001612382"


def checked(digits: str) -> str:
    """Nine digits with the check digit that belongs to them."""
    return next(f"{digits}{last}" for last in range(10) if check_digit_holds(f"{digits}{last}"))


@pytest.mark.parametrize(
    "written",
    [
        "199001012385",
        "19900101-2385",
        "9001012385",
        "900101-2385",
        " 900101 2385 ",
        "1990-01-01-2385",
        "19 90 01 01 23 85",
        "900101\N{EN DASH}2385",
        "900101\N{MINUS SIGN}2385",
        "900101\N{SOFT HYPHEN}2385",
        "\N{LEFT-TO-RIGHT OVERRIDE}19900101-2385\N{POP DIRECTIONAL FORMATTING}",
        "19900101\N{ZERO WIDTH SPACE}2385",
        "900101\N{NO-BREAK SPACE}2385",
        "\N{FULLWIDTH DIGIT NINE}00101-2385",
        "".join(chr(0x660 + int(digit)) for digit in "9001012385"),
    ],
)
def test_every_usual_writing_of_a_number_is_the_same_person(written: str) -> None:
    assert plain_subject(written, on=ON) == PERSON


def test_a_coordination_number_is_read_as_one_also_without_a_known_day() -> None:
    assert plain_subject("900161-2382", on=ON) == COORDINATION
    unknown = checked("900060238")
    assert plain_subject(f"{unknown[:6]}-{unknown[6:]}", on=ON) == f"19{unknown}"
    told = (f"{unknown[:6]}-{unknown[6:]}", checked("900000238"), "900161-2382", checked("900100238"), "SN 2026-7", "1990-02-60")
    assert [tells_no_birthday(one, on=ON) for one in told] == [True, False, False, False, False, False]
    assert [is_persons_number(one, on=ON) for one in told] == [True, False, True, False, False, False]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("121212-1212", "201212121212"),
        ("121212+1212", "191212121212"),
        ("19121212-1212", "191212121212"),
        ("19121212+1212", "191212121212"),
        ("121212\N{FULLWIDTH PLUS SIGN}1212", "191212121212"),
        (f"{checked('261224123')[:6]}+{checked('261224123')[6:]}", f"19{checked('261224123')}"),  # turns a hundred later this year
        (f"{checked('261224123')[:6]}-{checked('261224123')[6:]}", f"19{checked('261224123')}"),
        (f"{checked('261284123')[:6]}+{checked('261284123')[6:]}", f"19{checked('261284123')}"),
        (f"{checked('270101123')[:6]}+{checked('270101123')[6:]}", f"18{checked('270101123')}"),
        (f"{checked('261122123')[:6]}-{checked('261122123')[6:]}", f"19{checked('261122123')}"),
        (f"{checked('261121123')[:6]}-{checked('261121123')[6:]}", f"20{checked('261121123')}"),
    ],
)
def test_the_century_is_the_latest_in_which_the_person_can_have_been_born(written: str, plain: str) -> None:
    assert plain_subject(written, on=ON) == plain


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Elev-17B ", "elev-17b"),
        ("900101-2384", "900101-2384"),
        ("900230-1237", "900230-1237"),
        ("LN 199001012385", "ln 199001012385"),
        ("A\N{COMBINING RING ABOVE}SA", "\N{LATIN SMALL LETTER A WITH RING ABOVE}sa"),
        ("", ""),
        (" \t", ""),
    ],
)
def test_what_is_no_number_is_kept_but_for_blanks_and_capitals(written: str, kept: str) -> None:
    assert plain_subject(written, on=ON) == kept


@given(st.dates(date(1890, 1, 1), ON), st.integers(0, 999), st.booleans(), st.sampled_from(["", "-", " "]), st.booleans())
def test_each_writing_of_a_person_gives_the_same_form(born: date, serial: int, coordination: bool, between: str, short: bool) -> None:
    day = born.day + (60 if coordination else 0)
    digits = checked(f"{born:%y%m}{day:02d}{serial:03d}")
    whole = f"{born:%Y}"[:2] + digits
    over_hundred = (ON.year - 100, ON.month, ON.day) >= (born.year, born.month, born.day)
    ten = f"{digits[:6]}{'+' if over_hundred else between}{digits[6:]}"
    written = ten if short else f"{whole[:8]}{between}{whole[8:]}"
    assert plain_subject(written, on=ON) == whole
    assert plain_subject(whole, on=ON) == whole, "the form of the form is itself"
    assert {whole, ten.replace(" ", "")} <= set(writings(written, on=ON))


@given(st.text(max_size=30))
def test_the_form_is_stable_and_comes_first_among_the_writings(written: str) -> None:
    plain = plain_subject(written, on=ON)
    assert plain_subject(plain, on=ON) == plain
    assert writings(written, on=ON)[0] == plain


def test_older_writings_that_would_be_another_person_are_not_looked_for() -> None:
    found = writings("191212121212", on=ON)
    assert "121212+1212" in found
    assert not {"121212-1212", "1212121212"} & set(found)
