"""The OpenAPI document says what the front does: made-up calls, right and wrong, meet no server error and no answer that it does not describe."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from gateway_kit import KEY, Town, a_permit, a_town, asked
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from test_front import front_of, plain
from test_front_limits import configure

load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "missing_required_header",
    ]
)
CALLS = ("clear", "record", "decide", "receipt")


@pytest.fixture(scope="module")
def open_front() -> Iterator[tuple[Town, httpx.Client]]:
    """A front without limits, whose system takes an outcome without factors or notice, so that made-up ones are recorded too."""
    with a_town() as town:
        configure(town, calls_per_key=0, calls_per_address=0)
        town.start()
        town.permit_in_force(a_permit(explanation_due=False, notice_due=False))
        for client in front_of(town):
            yield town, client


def try_out(client: httpx.Client, name: str, mode: GenerationMode, times: int) -> Counter[int]:
    """Make calls by the document, check each answer against it, and count the statuses."""
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    operation = next(found.ok() for found in schema.get_all_operations() if found.ok().definition.raw["operationId"] == name)
    told: Counter[int] = Counter()

    @seed(20261121)
    @settings(max_examples=times, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def call(case: Case) -> None:
        if mode is GenerationMode.POSITIVE and sum(told.values()) % 2:
            approved(case)
        response = case.call(base_url=str(client.base_url), headers={"authorization": f"Bearer {KEY}"}, timeout=20)
        told[response.status_code] += 1
        case.validate_response(response, checks=CHECKED)

    call()
    return told


def approved(case: Case) -> None:
    """Turn a call into one of the approved system, and leave the rest as it was made up."""
    body: Any = case.body
    if isinstance(body, dict) and "asked" in body:
        body["asked"] = plain(asked())
        if "outcome" in body:
            body["outcome"].update(factors=[], groups={}, score=None)
            body["outcome"].pop("population", None)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
@pytest.mark.parametrize("name", CALLS)
def test_the_document_says_what_the_front_does(open_front: tuple[Town, httpx.Client], name: str, mode: GenerationMode) -> None:
    told = try_out(open_front[1], name, mode, 40)
    assert max(told) < 500
    if name in ("clear", "decide") and mode is GenerationMode.POSITIVE:
        assert told[201] > 5


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_ten_thousand_calls_meet_no_server_error_and_nothing_undescribed(open_front: tuple[Town, httpx.Client]) -> None:
    town, client = open_front
    told: Counter[int] = Counter()
    for name in CALLS:
        for mode in GenerationMode:
            told += try_out(client, name, mode, 1250)
    print(json.dumps(dict(sorted(told.items()))))
    assert sum(told.values()) >= 10_000
    assert max(told) < 500
    assert town.guard().ping().ready


def test_every_answer_of_the_open_pages_is_described(open_front: tuple[Town, httpx.Client]) -> None:
    client = open_front[1]
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.definition.raw.get("security") == []:
            case = operation.Case()
            case.validate_response(case.call(base_url=str(client.base_url), timeout=20), checks=CHECKED)
