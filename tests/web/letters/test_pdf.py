"""The letter as PDF: for reading aids and for keeping, with nothing read as a command."""

from __future__ import annotations

import re
import zlib
from datetime import date
from typing import Any

import pytest

from insyn.web.letters.drafting import draft_letter
from insyn.web.letters.pdf import letter_pdf
from tests.web.assessments.test_pdf import text_in

from .conftest import case_with

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)
HOSTILE = '#read("/etc/passwd") $x^2$ *b* _i_ `c` @ref <l> // gone \\ #panic() = Heading'


def letter(system: Any, reasons: str = "Du har höga skulder.", language: str = "sv") -> str:
    return draft_letter(system=system, case=case_with(), verdict="accepted", outcome="deny", reasons=reasons, language=language)


def made(system: Any, text: str, language: str = "sv") -> bytes:
    return letter_pdf(text, system=system, day=DAY, language=language)


def unpacked(document: bytes) -> bytes:
    """The document with its packed objects opened, in which the tags stand."""
    found = [document]
    for start in re.finditer(rb"stream\r?\n", document):
        try:
            found.append(zlib.decompressobj().decompress(document[start.end() :]))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_the_letter_is_tagged_with_language_title_headings_and_lists(loans: Any) -> None:
    document = made(loans, letter(loans))
    assert document.startswith(b"%PDF-1.7")
    inside = unpacked(document)
    for mark in (
        b"<pdfaid:part>2</pdfaid:part>",
        b"<pdfaid:conformance>A</pdfaid:conformance>",
        b"<pdfuaid:part>1</pdfuaid:part>",
        b"/Lang(sv-SE)",
        b"/StructTreeRoot",
        b"/Marked true",
        b"/DisplayDocTitle true",
    ):
        assert mark in inside, mark
    assert inside.count(b"/S/H1") == 1
    assert inside.count(b"/S/H2") == 7
    assert inside.count(b"/S/LI") >= 4 + 1
    assert "Beslut i ditt ärende".encode() in inside


def test_it_is_in_the_language_of_the_letter(loans: Any) -> None:
    assert b"/Lang(en-SE)" in unpacked(made(loans, letter(loans, language="en"), "en"))


def test_a_reader_of_english_pages_gets_a_swedish_letter_marked_as_swedish(loans: Any) -> None:
    assert b"/Lang(sv-SE)" in unpacked(made(loans, letter(loans, language="sv"), "en"))


def test_every_word_of_the_letter_stands_in_it_once(loans: Any) -> None:
    text = letter(loans)
    words = text_in(made(loans, text))
    for paragraph in text.split("\n\n")[1:]:
        wanted = re.sub(r"\s", "", re.sub(r"^(## |- )", "", paragraph, flags=re.MULTILINE))
        assert wanted in re.sub(r"[\s\u2022•‣–]", "", words).replace("\u00ad", "") or "–" in wanted, paragraph
    assert words.count("Provkommun") == 3, "in its head, and in the foot of two pages"


def test_a_text_that_looks_like_a_command_stands_there_as_it_was_written(loans: Any) -> None:
    words = text_in(made(loans, letter(loans, HOSTILE)))
    assert re.sub(r"\s", "", HOSTILE) in re.sub(r"\s", "", words)
    assert "root:" not in words


@pytest.mark.parametrize("text", ["x" * 15_000, "å" * 300, "\ud7ff\ufffd\uffff\x00\x07", "\n\n\n", "a\u202eb\u2066c", "ord " * 4_000])
def test_any_text_becomes_a_letter(loans: Any, text: str) -> None:
    assert made(loans, letter(loans, f"Skäl. {text}")).startswith(b"%PDF-")


def test_a_name_written_from_right_to_left_stays_as_it_is_beside_a_sign_that_no_font_has(loans: Any) -> None:
    words = text_in(made(loans, letter(loans, "Sökande: محمد, שרה, Ἑλένη, Олена 😀 漢")))
    assert "[U+1F600]" in words
    assert "[U+6F22]" in words
    for name in ("שרה", "Ἑλένη", "Олена"):
        assert name in words or name[::-1] in words, name
    assert "[U+06" not in words, "Arabic is written with its own letters"
    assert "محمد" in words or "محمد"[::-1] in words


def test_nothing_is_stored(loans: Any, settings: Any) -> None:
    before = {path for path in settings.HOME.root.rglob("*") if path.is_file()}
    made(loans, letter(loans))
    assert {path for path in settings.HOME.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "## ",
        "## \x07 \u200b",
        "##",
        "- ",
        "- \n- ",
        "## a\n## b\n- c\nd\n- e",
        "#let x = 1\n= H\n/ a: b",
        "\u2028\u2029",
        "\\u{1}",
        "a\r\n\r\nb",
        "## 😀",
    ],
)
def test_whatever_the_officer_leaves_in_the_letter_becomes_one(loans: Any, text: str) -> None:
    assert made(loans, text).startswith(b"%PDF-")


def test_points_and_words_of_one_paragraph_stand_in_their_order(loans: Any) -> None:
    words = text_in(made(loans, "## Rubrik\nförst\n- sedan\n\n- ett\n- två\nsist"))
    places = [words.index(word) for word in ("Rubrik", "först", "sedan", "ett", "två", "sist")]
    assert places == sorted(places)
