"""A sequencer that is told something wrong says what, and does not start."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway_kit import Town

from insyn.core.errors import InvalidInput
from insyn.gateway.config import load_config
from insyn.gateway.sequencer import main


def change(town: Town, **changes: Any) -> None:
    told = {**json.loads(town.home.sequencer_config.read_text()), **changes}
    town.home.sequencer_config.write_text(json.dumps({name: value for name, value in told.items() if value is not None}))


def test_a_configuration_is_read_with_its_keys(town: Town) -> None:
    config = load_config(town.home.sequencer_config)
    assert config.decide_socket == town.home.decide_socket
    assert config.control_socket == town.home.control_socket
    assert config.root_key() == town.root_key
    assert config.settings().register_public == town.register_key.public
    assert config.settings().zone.key == "Europe/Stockholm"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"origin": None}, "missing required field `origin`"),
        ({"max_age_ms": 10}, "max_age_ms"),
        ({"max_age_ms": "10"}, "max_age_ms"),
        ({"checkpoint_seconds": 0}, "checkpoint_seconds"),
        ({"surprise": 1}, "unknown field"),
        ({"run": "/" + "x" * 120}, "shorter folder"),
    ],
)
def test_what_is_wrong_is_named(town: Town, changes: dict[str, Any], words: str) -> None:
    change(town, **changes)
    with pytest.raises(InvalidInput) as found:
        load_config(town.home.sequencer_config)
    assert words in str(found.value)
    assert "sequencer.json" in str(found.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"register_public": "zz"}, "register_public"),
        ({"timezone": "Europe/Nowhere"}, "timezone"),
        ({"log_key_file": "nowhere.key"}, "nowhere.key"),
        ({"origin": "another.example.org/log"}, "another.example.org"),
    ],
)
def test_a_sequencer_that_cannot_start_says_why_and_ends(
    town: Town, changes: dict[str, Any], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    town.open_store()
    town.close_store()
    change(town, **changes)
    assert main(["--config", str(town.home.sequencer_config)]) == 1
    assert words in caplog.text
    assert town.root_key.hex() not in caplog.text


def test_a_missing_file_is_named(town: Town) -> None:
    with pytest.raises(InvalidInput, match=r"nothing\.json"):
        load_config(town.home.root / "nothing.json")
