"""What the reader makes of YAML, and that it never answers with anything but a value or a PackError."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml.error import YAMLError

from insyn.core.errors import PackError
from insyn.law.yaml_reader import parse_events, parse_yaml


def value(text: str) -> object:
    return parse_yaml(text.encode(), file="x.yaml").value


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "NO", "2026-01-01", "1.5", "0x10", "1_000", "012", "1e3", ".inf"])
def test_words_that_older_yaml_reads_as_something_else_stay_words(word: str) -> None:
    assert value(f"a: {word}") == {"a": word}


def test_whole_numbers_truth_and_nothing_are_read() -> None:
    assert value("[1, -2, true, false, null, ~]") == [1, -2, True, False, None, None]


def test_a_quoted_number_is_a_text() -> None:
    assert value("[\"1\", 'true']") == ["1", "true"]


plain = st.recursive(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\x85\u2028\u2029\ufeff\ufffe\uffff"), max_size=20
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcåäö ", min_size=1, max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_what_is_written_quoted_is_read_back(given_value: object) -> None:
    assert value(json.dumps(given_value, ensure_ascii=False)) == given_value


@given(st.text(max_size=60) | st.text("&*!{}[]:,-|>?#%@ \n\t'\"ab", max_size=60))
def test_any_text_is_a_value_or_a_pack_error(text: str) -> None:
    try:
        value(text.encode("utf-8", "replace").decode())
    except PackError as error:
        assert error.file == "x.yaml"


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_a_pack_error(data: bytes) -> None:
    try:
        parse_yaml(data, file="x.yaml")
    except PackError as error:
        assert error.file == "x.yaml"


def test_both_parsers_read_every_shipped_file_alike() -> None:
    root = Path(__file__).resolve().parents[2] / "packs"
    paths = sorted(root.rglob("*.yaml"))
    assert len(paths) > 500
    for path in paths[::7]:
        text = path.read_text(encoding="utf-8")
        quick, sure = (parse_events(text, path.name, pure=pure) for pure in (False, True))
        assert quick.value == sure.value, path


@given(st.text("&*!{}[]:,-|>?#%@ \n\t'\"abåé0", max_size=60))
def test_what_the_quick_parser_reads_the_sure_one_reads_alike(text: str) -> None:
    try:
        quick = parse_events(text, "x.yaml", pure=False).value
        sure = parse_events(text, "x.yaml", pure=True).value
    except (YAMLError, PackError):
        return
    assert quick == sure


def test_what_only_the_newer_yaml_allows_is_read() -> None:
    assert value("{sv: Skadar det?, en: Does it harm?}") == {"sv": "Skadar det?", "en": "Does it harm?"}
