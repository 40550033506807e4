"""How often somebody may call, by a clock that the test moves."""

from __future__ import annotations

import pytest

from insyn.gateway import rates
from insyn.gateway.rates import Rates


def calls(rates: Rates, caller: str, now: float, times: int) -> int:
    """How many of these calls may be made."""
    return sum(rates.wait(caller, now) == 0.0 for _ in range(times))


def test_a_quiet_caller_has_a_second_s_worth_at_once_and_then_waits() -> None:
    made = Rates(10)
    assert calls(made, "a", 100.0, 30) == 10
    assert 0 < made.wait("a", 100.0) <= 0.2
    assert calls(made, "a", 100.5, 30) == 5


def test_one_caller_s_calls_do_not_count_for_another() -> None:
    made = Rates(5)
    assert calls(made, "a", 1.0, 9) == 5
    assert calls(made, "b", 1.0, 9) == 5


def test_a_refused_call_does_not_lengthen_the_wait() -> None:
    made = Rates(2)
    calls(made, "a", 0.0, 2)
    first = made.wait("a", 0.0)
    assert [made.wait("a", 0.0) for _ in range(50)] == [first] * 50


def test_less_than_one_call_a_second_is_one_call_and_then_a_wait() -> None:
    made = Rates(0.01)
    assert calls(made, "a", 50.0, 5) == 1
    assert made.wait("a", 50.0) == pytest.approx(100.0)
    assert calls(made, "a", 150.0, 5) == 1


def test_no_limit_is_no_limit() -> None:
    assert calls(Rates(0), "a", 0.0, 10_000) == 10_000


def test_no_more_callers_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MOST_CALLERS", 100)
    made = Rates(1)
    for number in range(1000):
        made.wait(str(number), 0.0)
    assert len(made) == 100
