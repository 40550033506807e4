"""A public entry holds what may be public, and nothing else."""

from __future__ import annotations

import json

import pytest

from insyn.core.entries import MAX_ENTRY_BYTES, encode_entry, read_head
from insyn.core.errors import InvalidInput

GOOD = {
    "kind": "decision",
    "system": "lanestod",
    "version": "1.0",
    "day": "2026-11-21",
    "epoch": 3,
    "rid": "ab" * 16,
    "c": {"input": "00" * 32},
}


def test_an_entry_is_sorted_and_canonical() -> None:
    data = encode_entry(GOOD)
    assert data == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode()
    assert read_head(data).system == "lanestod"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"kind": "gossip"}, "unknown entry kind"),
        ({"person": "Anna"}, "not allowed"),
        ({"version": "ö"}, "ASCII"),
        ({"c": {"input": 1.5}}, "float"),
        ({"epoch": True}, "bool"),
        ({"verdict": "x" * MAX_ENTRY_BYTES}, "at most"),
    ],
)
def test_what_may_not_be_public_is_refused_by_name(change: dict[str, object], word: str) -> None:
    with pytest.raises(InvalidInput, match=word):
        encode_entry({**GOOD, **change})


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"kind":1}'])
def test_bytes_that_are_no_entry_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_head(data)
