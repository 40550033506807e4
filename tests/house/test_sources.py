"""The table of demands refuses what is not true: each fault with file, line and what would mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.sources import Faulty, page, read_sources

PACK = """\
id: kommun/umea
title: {sv: En motion, en: A motion}
kind: policy
status: proposed
coverage: partial
jurisdiction: SE
version: 2026.11.20
note: It binds nobody.
"""
INSTRUMENTS = """\
instruments:
  - {id: motion, title: {sv: Motion, en: Motion}, number: Motion, url: "", status: proposed}
"""
PROVISIONS = """\
provisions:
  - {id: umea-list, instrument: motion, path: Listan, level: V, url: ""}
  - {id: umea-data, instrument: motion, path: Data, level: V, url: ""}
"""
RULE = """\
id: public-list
title: {sv: Listan, en: The list}
concludes: {kind: principle, value: public_list}
when: {always: true}
citations: [umea-list]
why: {sv: Alla får veta., en: Everybody may know.}
mend: {sv: Inget krävs., en: Nothing is demanded.}
"""
DEMANDS = """\
text: {sv: Motionen, en: The motion}
pack: kommun/umea
demands:
  - id: umea-list-is-public
    place: umea-list
    demand: {sv: Listan är öppen., en: The list is open.}
    rules: [kommun/umea/public-list]
    does: {sv: Den visas., en: It is shown.}
    tests: [tests/test_list.py::test_the_list_is_open]
  - id: umea-data-kept-short
    place: umea-data
    demand: {sv: Data sparas kort., en: Data are kept briefly.}
    rules: []
    does: {sv: Inget ännu., en: Nothing yet.}
    tests: []
"""
TEST = "def test_the_list_is_open() -> None: ...\n"
NAMES = ("umea",)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    files = {
        "docs/sources/umea.yaml": DEMANDS,
        "packs/kommun/umea/pack.yaml": PACK,
        "packs/kommun/umea/instruments.yaml": INSTRUMENTS,
        "packs/kommun/umea/provisions.yaml": PROVISIONS,
        "packs/kommun/umea/rules/public-list.yaml": RULE,
        "tests/test_list.py": TEST,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def change(house: Path, old: str, new: str, file: str = "docs/sources/umea.yaml") -> None:
    text = (house / file).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (house / file).write_text(text.replace(old, new), encoding="utf-8")


def test_a_demand_stands_with_its_place_rule_and_test_and_a_gap_is_called_one(house: Path) -> None:
    text = page(read_sources(house, NAMES))
    assert "| proposed | 2 | 1 | 1 | 1 | 1 | 0 |" in text
    assert "Listan är öppen." in text
    assert "[public-list](../../packs/kommun/umea/rules/public-list.yaml) (principle)" in text
    assert "[test_the_list_is_open](../../tests/test_list.py)" in text
    assert "- `umea-data-kept-short` (no rule, nothing done yet): Data are kept briefly." in text


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("place: umea-data", "place: umea-date", 11, "no provision 'umea-date'"),
        ("umea/public-list]", "umea/public-lists]", 7, "no rule 'kommun/umea/public-lists'"),
        ("kommun/umea/public-list]", "public-list]", 7, "no rule 'public-list'"),
        ("umea/public-list]", "umea/public-list, eu-gdpr/nowhere]", 7, "no rule 'eu-gdpr/nowhere'"),
        ("place: umea-list\n", "place: umea-data\n", 7, "does not cite 'umea-data'"),
        ("::test_the_list_is_open", "::test_the_list_is_shut", 9, "no test"),
        ("tests/test_list.py", "tests/test_lists.py", 9, "no test"),
        ("does: {sv: Den visas., en: It is shown.}", "does: {sv: Den visas.}", 8, "does has no English"),
        ("demand: {sv: Listan är öppen., en", "demand: {sv: '', en", 6, "demand has no Swedish"),
        ("text: {sv: Motionen, en: The motion}", "text: {en: The motion}", 1, "text has no Swedish"),
        ("demand: {sv: Listan är öppen., en", "demand: {sv: 7, en", 6, "demand has no Swedish"),
        ("demand: {sv: Listan är öppen., en", "demand: {fi: Lista., sv: Listan är öppen., en", 6, "'fi' is no language here"),
        ("text: {sv: Motionen, en: The motion}", "text: Motionen", 1, "text is missing or of the wrong form"),
        ("  - id: umea-list-is-public\n", "  - nothing\n  - id: umea-list-is-public\n", 4, "is not a mapping"),
        ("id: umea-data-kept-short", "id: umea-list-is-public", 10, "stands on line 4 already"),
        ("id: umea-data-kept-short", "id: umea-demand-2", 10, "is no slug of this text"),
        ("id: umea-data-kept-short", "id: data-kept-short", 10, "is no slug of this text"),
        ("    rules: []\n", "", 10, "rules is missing"),
        ("    rules: []\n", "    rules: []\n    rule: []\n", 14, "'rule' is not known here"),
        ("en: Nothing yet.", "en: It is erased.", 14, "only one language says"),
        ("    tests: []", "    tests: [tests/test_list.py::test_the_list_is_open]", 15, "nothing is done yet, and a test shows it"),
        ("pack: kommun/umea", "pack: kommun/ume", 2, "no pack 'kommun/ume'"),
        ("    rules: []\n", "    rules: []\n    rules: []\n", 14, "stands twice"),
    ],
)
def test_what_is_not_true_is_refused_with_file_line_and_mend(house: Path, old: str, new: str, line: int, message: str) -> None:
    change(house, old, new)
    with pytest.raises(Faulty) as caught:
        read_sources(house, NAMES)
    fault = caught.value.faults[0]
    assert (fault.file, fault.line) == ("docs/sources/umea.yaml", line), str(caught.value)
    assert message in fault.message
    assert fault.mend


def test_everything_that_is_wrong_is_named_at_once(house: Path) -> None:
    change(house, "place: umea-data", "place: umea-date")
    change(house, "::test_the_list_is_open", "::test_the_list_is_shut")
    with pytest.raises(Faulty) as caught:
        read_sources(house, NAMES)
    assert [fault.line for fault in caught.value.faults] == [9, 11]


def test_a_rule_that_no_demand_names_is_refused(house: Path) -> None:
    change(house, "rules: [kommun/umea/public-list]", "rules: []")
    with pytest.raises(Faulty, match=r"packs/kommun/umea/rules/public-list\.yaml:1: no demand of the text names this rule"):
        read_sources(house, NAMES)


def test_a_text_that_is_missing_and_a_file_of_no_text_are_named(house: Path) -> None:
    (house / "docs/sources/other.yaml").write_text("", encoding="utf-8")
    with pytest.raises(Faulty) as caught:
        read_sources(house)
    assert [fault.file for fault in caught.value.faults] == [
        f"docs/sources/{name}.yaml" for name in ("botkyrka", "karlstad", "lekeberg", "other")
    ]


def test_a_pack_that_is_half_written_is_named_with_its_own_line(house: Path) -> None:
    change(house, "path: Data, level: V", "path: Data", "packs/kommun/umea/provisions.yaml")
    with pytest.raises(Faulty) as caught:
        read_sources(house, NAMES)
    assert [(fault.file, fault.line) for fault in caught.value.faults] == [("packs/kommun/umea/provisions.yaml", 3)]
