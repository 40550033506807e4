"""Which proposals the demonstration leaves to wait for whoever tries the review queue."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from demo.journey.streaming import WAITING, waiting_numbers
from demo.loans.applications import DENY, GRANT

LIVE: Any = tuple(SimpleNamespace(number=number) for number in range(40))
RESULTS: Any = [
    SimpleNamespace(receipt=SimpleNamespace(rid=f"{number:032x}"), outcome=SimpleNamespace(outcome=DENY if number % 2 else GRANT))
    for number in range(40)
]


def test_half_are_denials_and_the_first_is_one() -> None:
    held = waiting_numbers(LIVE, RESULTS, frozenset())
    assert len(held) == len(set(held)) == WAITING
    assert [number % 2 for number in held] == [1] * (WAITING // 2) + [0] * (WAITING // 2)


def test_one_of_those_drawn_waits_and_it_comes_last_in_the_queue() -> None:
    drawn = frozenset(f"{number:032x}" for number in (1, 3, 20, 38))
    held = waiting_numbers(LIVE, RESULTS, drawn)
    assert len(held) == len(set(held)) == WAITING
    assert [number for number in held if f"{number:032x}" in drawn] == [38]
    assert held[0] not in (1, 3), "the letter is about a case whose proposal is shown"
