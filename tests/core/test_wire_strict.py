"""What our own encoder wrote is read on a short way; it must accept and refuse exactly what the careful reader does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from insyn.core import messages as m, strict_json
from insyn.core.errors import InvalidInput
from insyn.core.wire import decode_decide, encode

ASKED = m.Asked(system="lanestod", version="1.0", purpose="loan_assessment", matter_type="home_loan")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


def messages_with(payload: dict[str, Any]) -> list[m.DecideMessage]:
    outcome = m.Outcome(outcome="grant", payload=payload, case="LN-1", score=0.5)
    return [
        m.Decide(id=1, key="k" * 20, asked=ASKED, outcome=outcome),
        m.Record(id=1, key="k" * 20, clearance="0" * 32, outcome=outcome),
        m.Batch(id=1, key="k" * 20, asked=ASKED, items=(m.Item(outcome=outcome), m.Item(outcome=outcome))),
    ]


def read(data: bytes) -> tuple[str, Any]:
    try:
        return "read", decode_decide(data)
    except InvalidInput as error:
        return "refused", str(error)


def read_carefully(data: bytes) -> tuple[str, Any]:
    try:
        return "read", strict_json.convert(strict_json.loads(data), m.DecideMessage)  # type: ignore[arg-type]
    except InvalidInput as error:
        return "refused", str(error)


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=3))
def test_both_ways_read_the_same(payload: dict[str, Any]) -> None:
    for message in messages_with(payload):
        assert read(encode(message)) == read_carefully(encode(message)) == ("read", message)


@pytest.mark.parametrize("levels", range(8, 20))
def test_both_ways_count_levels_alike(levels: int) -> None:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    for message in messages_with({"a": value}):
        assert read(encode(message)) == read_carefully(encode(message))


def test_a_payload_is_refused_from_the_same_level_on_in_every_message() -> None:
    deepest: Any = 1
    for _ in range(40):
        deepest = [deepest]
    assert {read(encode(message))[0] for message in messages_with({"a": deepest})} == {"refused"}


def test_a_key_that_stands_twice_is_found_although_the_rest_is_as_we_write_it() -> None:
    data = encode(messages_with({"a": 1})[0]).replace(b'"a":1', b'"a":1,"a":1')
    assert read(data)[0] == "refused"
    assert msgspec.json.decode(data)["outcome"]["payload"] == {"a": 1}
