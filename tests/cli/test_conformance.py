"""A supplier's check of a connection, against a real gateway, over both ways."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from gateway_kit import KEY, SYSTEM, Town, a_permit, a_town, outcome
from test_front import front_of

from insyn.cli.main import main
from insyn.core.permit import PurposeGrant


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with a_town(max_age_ms=400) as made:
        made.start()
        made.permit_in_force()
        yield made


@pytest.fixture(scope="module")
def http(town: Town) -> Iterator[httpx.Client]:
    yield from front_of(town)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSYN_KEY", KEY)


def words(*where: str, system: str = SYSTEM) -> list[str]:
    asked = ["--system", system, "--version", "1.0", "--purpose", "assess_loan", "--matter-type", "loan", "--category", "economy"]
    return ["conformance", *where, *asked]


def checks_of(said: str) -> dict[str, dict[str, Any]]:
    return {check["name"]: check for check in json.loads(said)["checks"]}


def test_a_connection_over_the_socket_holds(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words("--socket", str(town.home.decide_socket)), "--json"]) == 0
    checks = checks_of(capsys.readouterr().out)
    assert {name for name, check in checks.items() if check["verdict"] != "passed"} == {"stop"}
    assert len(checks) == 11


def test_a_connection_over_http_holds_and_is_told_what_no_http_caller_is_held_to(
    http: httpx.Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words("--url", str(http.base_url)), "--json"]) == 0
    checks = checks_of(capsys.readouterr().out)
    assert {name for name, check in checks.items() if check["verdict"] == "skipped"} == {"old answer", "stop"}
    assert "400 ms" in checks["old answer"]["mend"]


def test_a_supplier_s_own_sample_is_tried_and_what_it_lacks_is_said(
    http: httpx.Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "sample.json"
    sample.write_bytes(msgspec.json.encode(msgspec.to_builtins(outcome(notice="")) | {"case": "X"}))
    assert main([*words("--url", str(http.base_url)), "--sample", str(sample)]) == 1
    said = capsys.readouterr().out
    assert "MISSING" in said
    assert "notice_missing" in said


def test_a_sample_that_cannot_be_read_is_named(town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = tmp_path / "sample.json"
    sample.write_text('{"outcome": 1}')
    assert main([*words("--socket", str(town.home.decide_socket)), "--sample", str(sample)]) == 1
    assert "sample.json: outcome" in capsys.readouterr().err


@pytest.mark.parametrize(("system", "code"), [("nobody", "unknown_system")])
def test_what_is_not_approved_ends_the_checks_with_what_would_mend_it(
    http: httpx.Client, capsys: pytest.CaptureFixture[str], system: str, code: str
) -> None:
    assert main(words("--url", str(http.base_url), system=system)) == 1
    said = capsys.readouterr().out
    assert code in said
    assert "repeated call" not in said


def test_nobody_there_is_missing_and_not_a_crash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words("--socket", str(tmp_path / "no.sock"))) == 1
    assert main(words("--url", "http://127.0.0.1:9")) == 1
    assert capsys.readouterr().out.count("MISSING") == 2


def test_a_call_without_a_key_says_where_keys_come_from(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("INSYN_KEY")
    assert main(words("--socket", str(town.home.decide_socket))) == 1
    assert "The register issues keys" in capsys.readouterr().err


def test_the_stop_is_waited_for_and_seen_to_hold(capsys: pytest.CaptureFixture[str]) -> None:
    with a_town(max_age_ms=100) as own:
        own.start()
        own.permit_in_force(a_permit(purposes=(PurposeGrant("assess_loan", frozenset({"economy"}), frozenset({"loan"})),)))
        stopping = threading.Thread(target=lambda: (time.sleep(3), own.stop()))
        stopping.start()
        try:
            assert main([*words("--socket", str(own.home.decide_socket)), "--wait-for-stop", "20", "--json"]) == 0
        finally:
            stopping.join()
    assert checks_of(capsys.readouterr().out)["stop"]["verdict"] == "passed"
