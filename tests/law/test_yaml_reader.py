"""What the reader makes of YAML, and that it never answers with anything but a value or a PackError."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
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


UNSEEN = "\x85\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff"
plain = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters=UNSEEN), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcåäö ", min_size=1, max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_what_is_written_quoted_is_read_back(given_value: object) -> None:
    assert value(json.dumps(given_value, ensure_ascii=False)) == given_value


def refused(text: str) -> PackError:
    with pytest.raises(PackError) as caught:
        parse_yaml(text.encode("utf-8", "surrogatepass"), file="x.yaml")
    return caught.value


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x7f", "\r", *UNSEEN])
def test_what_a_person_cannot_see_is_refused_with_its_line(character: str) -> None:
    error = refused(f"a: b\n# a remark{character}c: d\n")
    assert error.place == "line 2"
    assert f"U+{ord(character):04X}" in str(error)
    assert error.mend


@pytest.mark.parametrize("escape", ["\\u2028", "\\ud800", "\\0", "\\N", "\\u202e"])
def test_nor_is_it_read_when_it_is_escaped(escape: str) -> None:
    assert refused(f'a: b\nc: "x{escape}y"\n').place == "line 2"


@pytest.mark.parametrize("text", ["# x\n%YAML 1.3\n---\na: b\n", 'a: b\nc: "\\U00110000"\n'])
def test_what_the_parser_stumbles_over_is_a_pack_error(text: str) -> None:
    error = refused(text)
    assert error.place == "line 2"
    assert error.mend


def test_a_byte_order_mark_first_and_windows_line_ends_are_read() -> None:
    assert value("\ufeffa: b\r\nc: d\r\n") == {"a": "b", "c": "d"}


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
