from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "gateway"))

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
