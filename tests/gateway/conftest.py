from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateway_kit import Bench, FakeClock, Town, a_town


@pytest.fixture
def town() -> Iterator[Town]:
    with a_town() as made:
        yield made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def bench(town: Town, clock: FakeClock) -> Bench:
    """An engine whose system is approved."""
    made = town.engine(clock)
    made.permit()
    return made


@pytest.fixture
def running(town: Town) -> Town:
    """A sequencer process whose system is approved."""
    town.start()
    town.permit_in_force()
    return town


@pytest.fixture(scope="module")
def served() -> Iterator[Town]:
    """As ``running``, for tests that leave it as they found it: nothing stopped, nobody ended."""
    with a_town() as made:
        made.start()
        made.permit_in_force()
        yield made
