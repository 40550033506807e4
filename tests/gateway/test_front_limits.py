"""What the HTTP front does with those who ask too often, too much at once, or from elsewhere; and what it tells about itself."""

from __future__ import annotations

import hashlib
import json
import re
import socket
from collections.abc import Iterator

import httpx
import pytest
from gateway_kit import KEY, Town, a_town
from test_front import decision, front_of, problem_of

METRICS_KEY = "a-key-for-the-metrics-only"


def configure(town: Town, **changes: object) -> None:
    config = json.loads(town.home.sequencer_config.read_text())
    town.home.sequencer_config.write_text(json.dumps({**config, **changes}))


@pytest.fixture(scope="module")
def limited() -> Iterator[tuple[Town, httpx.Client]]:
    """One call from an address, and one with a key, in a hundred seconds: no machine is too slow for it."""
    with a_town() as town:
        configure(town, calls_per_key=0.01, calls_per_address=0.01, metrics_key_sha256=hashlib.sha256(METRICS_KEY.encode()).hexdigest())
        town.start()
        town.permit_in_force()
        for client in front_of(town):
            yield town, client


def from_address(number: int, key: str) -> dict[str, str]:
    return {"x-forwarded-for": f"203.0.113.7, 198.51.100.{number}", "authorization": f"Bearer {key}"}


def test_a_key_that_asks_too_often_is_told_to_wait_and_another_is_not(limited: tuple[Town, httpx.Client]) -> None:
    _, client = limited
    client.post("/v1/decisions", json=decision(), headers=from_address(1, KEY))
    late = client.post("/v1/decisions", json=decision(), headers=from_address(11, KEY))
    problem_of(late, 429, "rate_limited")
    assert int(late.headers["retry-after"]) >= 1
    assert client.post("/v1/decisions", json=decision(), headers=from_address(12, "another-key-altogether")).status_code == 401


def test_an_address_that_tries_many_keys_is_told_to_wait_and_its_neighbour_is_not(limited: tuple[Town, httpx.Client]) -> None:
    _, client = limited
    codes = [client.post("/v1/decisions", json={}, headers=from_address(2, f"a-key-to-be-tried-{n}")).status_code for n in range(5)]
    assert codes == [422, 429, 429, 429, 429]
    assert client.post("/v1/decisions", json={}, headers=from_address(3, "a-key-to-be-tried-9")).status_code == 422


def test_a_call_that_was_too_early_left_nothing_in_the_log(limited: tuple[Town, httpx.Client]) -> None:
    town, client = limited
    client.post("/v1/decisions", json={}, headers=from_address(4, "some-key-that-is-unknown"))
    before = town.guard().ping().size
    assert client.post("/v1/decisions", json=decision(), headers=from_address(4, KEY)).status_code == 429
    assert town.guard().ping().size == before


def test_the_metrics_are_read_with_their_key_and_name_no_system_client_or_person(limited: tuple[Town, httpx.Client]) -> None:
    _, client = limited
    problem_of(client.get("/metrics"), 401, "client_unknown")
    client.post("/v1/decisions", json=decision(), headers=from_address(9, "a-key-of-nobody-at-all"))
    page = client.get("/metrics", headers={"authorization": f"Bearer {METRICS_KEY}"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = page.text.splitlines()
    assert "insyn_ready 1" in lines
    assert any(re.fullmatch(r"insyn_recorded_total \d+", line) for line in lines)
    assert 'insyn_refused_total{code="client_unknown"}' in page.text
    assert all(re.fullmatch(r'# .*|insyn_[a-z_]+(\{code="[a-z_]+"\})? \d+', line) for line in lines)
    assert not any(word in page.text for word in ("lanestod", "model", KEY, "LN-"))


def test_without_a_key_the_metrics_are_for_this_machine_only(served: Town) -> None:
    for client in front_of(served):
        assert client.get("/metrics").status_code == 200
        refused = client.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")


def test_a_front_without_a_sequencer_lives_and_is_not_ready() -> None:
    with a_town() as town:
        for client in front_of(town):
            assert client.get("/health/live").json() == {"status": "live"}
            problem_of(client.get("/health/ready"), 503, "unreachable")
            assert "insyn_ready 0" in client.get("/metrics").text


def test_a_wrong_method_names_the_right_one(served: Town) -> None:
    for client in front_of(served):
        assert client.get("/v1/decisions").headers["allow"] == "POST"


def test_two_workers_tell_the_same_numbers(served: Town) -> None:
    for client in front_of(served, workers=2):
        assert client.post("/v1/decisions", json=decision()).status_code == 201
        pages = set()
        for _ in range(8):  # each on a connection of its own, so both workers are met
            with httpx.Client(base_url=client.base_url) as other:
                pages.add(re.findall(r"insyn_recorded_total (\d+)", other.get("/metrics").text)[0])
        assert len(pages) == 1


def test_a_body_that_never_comes_holds_nobody_else_up(served: Town) -> None:
    for client in front_of(served):
        port = client.base_url.port or 0
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        try:
            for line in slow:
                line.sendall(b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
            assert client.post("/v1/decisions", json=decision()).status_code == 201
        finally:
            for line in slow:
                line.close()


def test_a_body_that_is_not_read_ends_the_connection_and_the_caller_is_told(served: Town) -> None:
    for client in front_of(served):
        refused = client.post("/v1/decisions", content=b"x" * 300_000, headers={"content-type": "application/json"})
        assert (refused.status_code, refused.headers["connection"]) == (413, "close")
        assert client.post("/v1/decisions", json=decision()).status_code == 201
