"""Tiles and bundles: the paths and arithmetic of C2SP tlog-tiles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from insyn.tlog.errors import TlogError
from insyn.tlog.tiles import (
    MAX_ENTRY_BYTES,
    TileName,
    bundle_path,
    decode_bundle,
    encode_bundle,
    levels_of,
    split_tile,
    tile_names,
    tile_path,
    widths,
)

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent.parent / "vectors/tlog/tiles.json").read_text())
NAMES = st.builds(TileName, st.none() | st.integers(0, 63), st.integers(0, 10**13), st.integers(1, 256))


@pytest.mark.parametrize("case", VECTORS["paths"])
def test_a_tile_has_the_path_that_the_specification_gives(case: dict[str, Any]) -> None:
    name = TileName(case["level"], case["n"], case["width"])
    assert name.path == case["path"]
    assert TileName.parse(case["path"]) == name


@pytest.mark.parametrize("case", VECTORS["sizes"])
def test_a_log_has_the_tiles_that_the_specification_counts(case: dict[str, Any]) -> None:
    assert [list(widths(case["size"], level)) for level in levels_of(case["size"])] == case["levels"]
    bundles = sum(case["levels"][0][:1]) + bool(case["levels"][0][1]) if case["levels"] else 0
    tiles = sum(full + bool(rest) for full, rest in case["levels"])
    assert len(list(tile_names(case["size"]))) == bundles + tiles


def test_short_forms_name_the_same_files() -> None:
    assert tile_path(1, 5, 7) == "tile/1/005.p/7"
    assert bundle_path(5) == "tile/entries/005"


@given(NAMES)
def test_a_path_is_read_back_as_the_same_name(name: TileName) -> None:
    assert TileName.parse(name.path) == name


@given(st.text(max_size=30) | st.from_regex(r"tile/(entries|[0-9]{1,2})/(x?[0-9]{1,4}/?){1,3}(\.p/[0-9]{1,3})?", fullmatch=True))
def test_a_path_has_one_spelling(path: str) -> None:
    try:
        name = TileName.parse(path)
    except TlogError:
        return
    assert name.path == path


@pytest.mark.parametrize(
    "path",
    ["tile/00/000", "tile/64/000", "tile/0/0", "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000\n", "tile/0/٠٠٠"],
)
def test_a_second_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(TlogError):
        TileName.parse(path)


@pytest.mark.parametrize("name", [TileName(0, -1), TileName(0, 0, 0), TileName(0, 0, 257), TileName(64, 0), TileName(-1, 0)])
def test_a_tile_that_cannot_be_has_no_path(name: TileName) -> None:
    with pytest.raises(TlogError):
        assert name.path


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_gives_back_its_entries(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == entries


@given(st.binary(max_size=60), st.integers(0, 8))
def test_a_bundle_is_read_whole_or_refused(data: bytes, width: int) -> None:
    try:
        entries = decode_bundle(data, width)
    except TlogError:
        return
    assert encode_bundle(entries) == data


def test_an_entry_of_65535_bytes_fits_and_no_larger_one() -> None:
    largest = bytes(MAX_ENTRY_BYTES)
    assert decode_bundle(encode_bundle([largest]), 1) == [largest]
    with pytest.raises(TlogError, match="65536 bytes does not fit"):
        encode_bundle([bytes(MAX_ENTRY_BYTES + 1)])
    with pytest.raises(TlogError, match="not 257"):
        encode_bundle([b""] * 257)


@given(st.binary(max_size=100), st.integers(1, 3))
def test_a_tile_has_whole_hashes_only(data: bytes, width: int) -> None:
    if len(data) == 32 * width:
        assert b"".join(split_tile(data, width)) == data
    else:
        with pytest.raises(TlogError):
            split_tile(data, width)
