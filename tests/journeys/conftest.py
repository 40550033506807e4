from __future__ import annotations

from collections.abc import Iterator

import pytest
from journey_kit import Demonstration, a_browser
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def demonstration(request: pytest.FixtureRequest) -> Iterator[Demonstration]:
    running = Demonstration()
    request.config.end_the_demonstration = running.clean  # type: ignore[attr-defined]
    try:
        yield running.start()
    finally:
        running.clean()


@pytest.fixture(scope="module")
def empty_municipality() -> Iterator[Demonstration]:
    """People, offices and an adopted policy; nothing in the register. For journeys that fill it."""
    running = Demonstration()
    try:
        yield running.start("--empty")
    finally:
        running.clean()


@pytest.fixture(scope="module")  # while it is open, an event loop runs in this thread, which other modules' tests cannot share
def browser() -> Iterator[Browser]:
    with a_browser() as started:
        yield started
