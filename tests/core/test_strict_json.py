"""What JSON leaves open, the gateway refuses in words."""

from __future__ import annotations

import json
import time

import msgspec
import pytest
from hypothesis import given, strategies as st

from insyn.core import strict_json
from insyn.core.errors import InvalidInput

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_what_a_program_writes_is_read_as_it_was_meant(value: object) -> None:
    nested = strict_json.MAX_DEPTH
    try:
        assert strict_json.loads(json.dumps(value).encode()) == value
        assert strict_json.loads(msgspec.json.encode(value)) == value
    except InvalidInput as error:
        assert str(nested) in str(error)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"a":1,"a":2}', "twice"),
        (b'{"a":1,"a":1}', "twice"),
        (b'{"a":{"b":1,"b":1}}', "twice"),
        (b'{"a" : 1 , "\\u0061":2}', "twice"),
        (b"[NaN]", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"[-Infinity]", "Infinity"),
        (b"[1e999]", "too large"),
        (b"[-1e999]", "too large"),
        (b"1" + b"0" * 5000, "digits"),
        (b"\xff", "UTF-8"),
        (b'["\xc3"]', "UTF-8"),
        (b'["\\ud800"]', "surrogate"),
        (b'{"\\udfff":1}', "surrogate"),
        (b"[" * 17 + b"1" + b"]" * 17, "deeper"),
        (b"[" * 200_000, "deeper"),
        (b'{"a":' * 200_000, "deeper"),
        (b"", "Expecting"),
        (b"{", "Expecting"),
        (b"{} {}", "Extra"),
        (b"{'a':1}", "Expecting"),
    ],
)
def test_a_body_that_two_programs_could_read_differently_is_refused_in_words(body: bytes, word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        strict_json.loads(body)


def test_sixteen_levels_are_read() -> None:
    assert strict_json.loads(b"[" * 16 + b"]" * 16)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_never_break_the_reader(body: bytes) -> None:
    try:
        strict_json.loads(body)
    except InvalidInput as error:
        assert str(error)


def test_a_repeated_key_among_very_many_is_found_in_one_pass() -> None:
    """Comparing each with each, this body of 2 MB held the process for half an hour."""
    body = b"{" + b",".join(b'"%d":0' % number for number in range(200_000)) + b',"199999":1}'
    before = time.monotonic()
    with pytest.raises(InvalidInput, match="twice"):
        strict_json.loads(body)
    assert time.monotonic() - before < 5
