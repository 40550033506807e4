"""Every text that residents meet is easy to read: LIX under 40. With ``-s`` the whole table is printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from insyn.core.readability import lix
from insyn.core.refusals import EXPLAINED, RefusalCode
from tools import readability

#: What a resident may be answered by the sequencer on their own page.
RESIDENTS_SEE = (RefusalCode.RECORD_ERASED, RefusalCode.RECORD_UNKNOWN, RefusalCode.NOT_READY)


@pytest.fixture(scope="module")
def measured() -> list[readability.Measured]:
    rows = readability.every()
    print("\n" + readability.table(rows))
    return rows


def test_every_page_and_every_longer_text_for_residents_is_easy_to_read(measured: list[readability.Measured]) -> None:
    assert len(measured) > 40, "the pages are found"
    assert [f"{row.found.value:.1f} {row.place}" for row in measured if row.hard] == []


def test_no_english_sentence_for_residents_is_longer_than_a_reader_holds(measured: list[readability.Measured]) -> None:
    assert sorted({sentence for row in measured for sentence in row.english}) == []


def test_what_residents_are_refused_with_is_easy_to_read() -> None:
    rows = [EXPLAINED[code] for code in RESIDENTS_SEE]
    found = lix(" ".join(f"{row.sentence.sv} {row.mend.sv}" for row in rows))
    assert found.words > readability.SHORT
    assert found.value < readability.LIMIT


def test_the_pages_for_residents_are_among_those_measured() -> None:
    names = {readability._name(path) for path in readability.templates()}
    for name in (
        "residents/mine_case.html",
        "rights/start.html",
        "residents/enter.html",
        "site/system.html",
        "site/system_easy.html",
        "404.html",
    ):
        assert name in names, name
    assert "residents/letter_ask.html" not in names


def test_a_hard_page_would_be_found(tmp_path: Path) -> None:
    hard = "<p>Kommunstyrelsens förvaltningschef ansvarar för tillgänglighetsredogörelsens kvalitetssäkring och uppföljningsarbete.</p>"
    page = f"<html><body><nav><p>Bort. Med. Det.</p></nav><main><h1>Rubrik</h1>{hard * 4}</main></body></html>"
    row = readability.Measured("a page", lix(readability.read_page(page)))
    assert "Rubrik" not in readability.read_page(page), "a heading is no sentence"
    assert "Bort" not in readability.read_page(page), "the menu is not the page"
    assert row.hard
    assert "HARD" in readability.table([row])
