from __future__ import annotations

from collections.abc import Iterator

import pytest
from gateway_kit import Town, a_town


@pytest.fixture
def running() -> Iterator[Town]:
    """A sequencer process whose system is approved."""
    with a_town() as made:
        made.start()
        made.permit_in_force()
        yield made


@pytest.fixture(scope="module")
def served() -> Iterator[Town]:
    """As ``running``, for tests that leave it as they found it."""
    with a_town() as made:
        made.start()
        made.permit_in_force()
        yield made
