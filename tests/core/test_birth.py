"""The day of birth in an identity number, and who is under eighteen."""

from __future__ import annotations

from datetime import date

import pytest

from insyn.core.birth import Birth, birth_in

DAY = date(2026, 11, 20)


def number_of(born: str, sign: str = "") -> str:
    """A made-up number with the right last digit."""
    digits = f"{born}239"[-9:]
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(digits))
    return f"{born}{sign}239{-sum(number // 10 + number % 10 for number in doubled) % 10}"


@pytest.mark.parametrize(
    ("number", "born"),
    [
        (number_of("20081120"), date(2008, 11, 20)),
        (number_of("20081120", "-"), date(2008, 11, 20)),
        (f" {number_of('081120', '-')} ", date(2008, 11, 20)),
        (number_of("081120"), date(2008, 11, 20)),
        (number_of("081120", "+"), date(1908, 11, 20)),
        (number_of("261224", "+"), date(1926, 12, 24)),  # turns a hundred later this year
        (number_of("271120", "+"), date(1827, 11, 20)),
        ("\u202d" + number_of("20081120", "-") + "\u202c", date(2008, 11, 20)),
        (number_of("271120", "-"), date(1927, 11, 20)),
        (number_of("261121", "-"), date(1926, 11, 21)),  # not born yet in this century
        (number_of("20081180"), date(2008, 11, 20)),  # a coordination number
        (number_of("081180", "-"), date(2008, 11, 20)),
        (number_of("20080229"), date(2008, 2, 29)),
        ("2008-11-20 " + number_of("20081120")[8:], date(2008, 11, 20)),
        ("081120–" + number_of("20081120")[8:], date(2008, 11, 20)),
        ("2008 11 20 - " + number_of("20081120")[8:], date(2008, 11, 20)),
        ("".join(chr(0xFF10 + int(digit)) for digit in number_of("20081120")), date(2008, 11, 20)),
    ],
)
def test_the_day_of_birth_stands_in_the_number(number: str, born: date) -> None:
    found = birth_in(number, on=DAY)
    assert found is not None
    assert found.day == born


@pytest.mark.parametrize(
    "number",
    [
        "",
        "s-1",
        "LN-2026-17",
        number_of("20081120")[:-1],
        number_of("20081120") + "1",
        number_of("20081120")[:-1] + str((int(number_of("20081120")[-1]) + 1) % 10),  # a wrong last digit
        number_of("20270101"),  # not born yet
        number_of("20080060"),  # a coordination number without a whole date
        number_of("20070229"),
        "2008-11-20",
        "tel. 08-112 02 39",
    ],
)
def test_what_is_no_such_number_says_nothing(number: str) -> None:
    assert birth_in(number, on=DAY) is None


def test_ten_digits_in_a_row_are_not_a_sure_number() -> None:
    told = {number: birth_in(number, on=DAY) for number in (number_of("081120"), number_of("081120", "-"), number_of("20081120"))}
    assert [birth.sure for birth in told.values() if birth] == [False, True, True]


@pytest.mark.parametrize(
    ("born", "on", "minor"),
    [
        (date(2008, 11, 20), DAY, False),
        (date(2008, 11, 21), DAY, True),
        (date(2008, 2, 29), date(2026, 2, 28), True),
        (date(2008, 2, 29), date(2026, 3, 1), False),
        (date(1908, 11, 20), DAY, False),
    ],
)
def test_somebody_is_a_minor_until_the_day_they_turn_eighteen(born: date, on: date, minor: bool) -> None:
    assert Birth(born, sure=True).is_minor(on=on) is minor
