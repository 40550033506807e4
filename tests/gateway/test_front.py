"""The HTTP front in a process of its own, in front of a real sequencer."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from gateway_kit import KEY, Town, a_town, asked, outcome

from insyn.core.refusals import RefusalCode
from insyn.gateway.problems import STATUS

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def http(served: Town) -> Iterator[httpx.Client]:
    yield from front_of(served)


@pytest.fixture
def own(running: Town) -> Iterator[httpx.Client]:
    """A front of the test's own sequencer, for tests that stop or end it."""
    yield from front_of(running)


def front_of(town: Town, *, workers: int = 1) -> Iterator[httpx.Client]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = town.home.root / "front.log"
    with log.open("ab") as output:
        command = [sys.executable, "-m", "insyn.gateway.front", "--config", str(town.home.sequencer_config), "--port", str(port)]
        command += ["--workers", str(workers)]
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {KEY}"}, timeout=20) as client:
            wait_for(client)
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def wait_for(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            client.get("/api-info")
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the front did not start")


def plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def decision(**changes: Any) -> dict[str, Any]:
    return {"asked": plain(asked()), "outcome": plain(outcome(**changes))}


def problem_of(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["refusal"]["reasons"][0]["sentence"]["sv"]
    assert body["title"]
    return body


def test_a_decision_is_made_and_its_receipt_fetched(http: httpx.Client) -> None:
    made = http.post("/v1/decisions", json=decision())
    assert made.status_code == 201
    assert made.json()["stage"] == "proposal"
    assert made.json()["stop"] == "committed only"
    for _ in range(100):
        receipt = http.get(made.headers["location"])
        if receipt.json()["text"]:
            break
        time.sleep(0.05)
    assert receipt.json()["text"].startswith("c2sp.org/tlog-proof@v1")


def test_a_clearance_and_then_its_record(http: httpx.Client) -> None:
    cleared = http.post("/v1/clearances", json={"asked": plain(asked())})
    assert cleared.status_code == 201
    assert cleared.json()["notice_due"] is True
    made = http.post("/v1/records", json={"clearance": cleared.json()["clearance"], "outcome": plain(outcome())})
    assert made.status_code == 201


def test_a_repeated_key_gets_the_old_receipt_and_another_body_a_conflict(http: httpx.Client) -> None:
    body, headers = decision(), {"idempotency-key": '"the-same-http-key"'}
    first = http.post("/v1/decisions", json=body, headers=headers)
    again = http.post("/v1/decisions", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["receipt"] == first.json()["receipt"]
    problem_of(http.post("/v1/decisions", json=decision(), headers=headers), 409, "idempotency_conflict")
    problem_of(http.post("/v1/decisions", json=body, headers={"idempotency-key": "short"}), 422, "invalid_request")


def test_a_refusal_says_why_in_both_languages_and_carries_its_receipt(http: httpx.Client) -> None:
    body = decision()
    body["asked"]["purpose"] = "train"
    told = problem_of(http.post("/v1/decisions", json=body), 403, "outside_purpose")
    assert told["refusal"]["manual_way"]["sv"] == "Ring kontaktcenter."
    assert told["receipt"]["index"] > 0
    assert told["type"] == "urn:insyn:refusal:outside-purpose"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Expecting value"),
        (b"[]", "Expected `object`"),
        (b'{"asked": NaN}', "NaN"),
        (b'{"asked": 1e999}', "too large"),
        (b'{"asked": {}, "asked": {}}', "stands twice"),
        (b'{"asked": "\xff"}', "not UTF-8"),
        (b'{"asked": ' + b"[" * 500 + b"]" * 500 + b"}", "nested deeper"),
        (json.dumps({**decision(), "extra": 1}).encode(), "unknown field"),
        (json.dumps({**decision(), "asked": 1}).encode(), "Expected `object`"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_words(http: httpx.Client, content: bytes, words: str) -> None:
    told = problem_of(http.post("/v1/decisions", content=content, headers=JSON), 422, "invalid_request")
    assert words in told["detail"]


def test_a_body_that_is_too_large_is_refused_with_and_without_its_length(http: httpx.Client) -> None:
    problem_of(http.post("/v1/decisions", content=b"x" * 300_000, headers=JSON), 413, "too_large")
    pieces = (b"x" * 1000 for _ in range(300))
    problem_of(http.post("/v1/decisions", content=pieces, headers=JSON), 413, "too_large")


@pytest.mark.parametrize("key", ["", "Basic abc", "Bearer short", f"Bearer {'x' * 201}"])
def test_a_call_without_a_key_is_unauthorised(http: httpx.Client, key: str) -> None:
    response = http.post("/v1/decisions", json=decision(), headers={"authorization": key})
    problem_of(response, 401, "client_unknown")
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_key_of_nobody_is_unauthorised(http: httpx.Client) -> None:
    problem_of(http.post("/v1/decisions", json=decision(), headers={"authorization": "Bearer not-a-key-of-anybody"}), 401, "client_unknown")


@pytest.mark.parametrize(
    "path", ["/v1/receipts/x?system=lanestod", "/v1/receipts/1", "/v1/receipts/1?system=a&system=b", "/v1/receipts/1?system=%C3%85"]
)
def test_a_receipt_is_asked_for_by_number_and_system(http: httpx.Client, path: str) -> None:
    problem_of(http.get(path), 422, "invalid_request")


def test_a_receipt_of_nothing_is_not_found(http: httpx.Client) -> None:
    problem_of(http.get("/v1/receipts/999999?system=lanestod"), 404, "record_unknown")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/v1/decisions", {}, 405),
        ("POST", "/health", JSON, 405),
        ("GET", "/", {}, 404),
        ("POST", "/v1/decisions", {"content-type": "text/plain"}, 415),
    ],
)
def test_a_wrong_path_method_or_type_is_a_problem_document_too(
    http: httpx.Client, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    response = http.request(method, path, headers=headers, content=b"{}" if method == "POST" else None)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status


def test_health_and_description_are_open_to_all(http: httpx.Client) -> None:
    assert http.get("/health", headers={"authorization": ""}).json()["status"] == "ready"
    assert http.get("/api-info").json()["apiName"] == "Insyn"
    document = http.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert "klartecken" in document["info"]["description"]
    references = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert references <= set(document["components"]["schemas"])
    assert {code for operation in document["paths"].values() for method in operation.values() for code in method["responses"]} >= {
        "201",
        "503",
    }


def test_every_refusal_has_a_status_of_its_own_kind() -> None:
    assert set(STATUS) == set(RefusalCode)
    assert {STATUS[code] for code in (RefusalCode.STOPPED, RefusalCode.NOT_APPROVED, RefusalCode.UNKNOWN_SYSTEM)} == {403}
    assert set(STATUS.values()) == {401, 403, 404, 409, 413, 422, 429, 502, 503}


def test_a_stop_is_heard_over_http(own: httpx.Client, running: Town) -> None:
    assert own.post("/v1/decisions", json=decision()).status_code == 201
    running.stop()
    problem_of(own.post("/v1/decisions", json=decision()), 403, "stopped")


def test_a_sequencer_that_is_away_is_a_refusal_and_is_found_again(own: httpx.Client, running: Town) -> None:
    assert own.post("/v1/decisions", json=decision()).status_code == 201
    running.end(signal.SIGKILL)
    response = own.post("/v1/decisions", json=decision())
    problem_of(response, 503, "unreachable")
    assert response.headers["retry-after"] == "1"
    problem_of(own.get("/health"), 503, "unreachable")
    running.start()
    assert own.post("/v1/decisions", json=decision()).status_code == 201


def test_a_front_without_a_readable_configuration_says_so() -> None:
    with a_town() as town:
        town.home.sequencer_config.write_text("{}")
        command = [sys.executable, "-m", "insyn.gateway.front", "--config", str(town.home.sequencer_config)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert "sequencer.json" in ended.stderr


def test_an_idempotency_key_that_is_not_text_is_refused_and_not_overlooked(http: httpx.Client) -> None:
    """Overlooked, the decision was recorded without a key, and its retry once more."""
    body = msgspec.json.encode({"asked": asked(), "outcome": outcome()})
    made = http.post("/v1/decisions", content=body, headers={**JSON, b"idempotency-key": b"\xff\xfeabcdefgh"})  # type: ignore[dict-item]
    assert (made.status_code, made.json()["code"]) == (422, "invalid_request")
