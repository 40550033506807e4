"""What most commands are tried on: a town whose answers age fast, and a stop holder's own key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway_kit import HOLDER, Town, a_town

from insyn.cli.main import main


@pytest.fixture
def town() -> Iterator[Town]:
    with a_town(max_age_ms=150) as made:
        yield made


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "stop.key"
    assert main(["keys", "stop", "--person", HOLDER.person, "--name", HOLDER.name, "--out", str(path)]) == 0
    return path
