"""Files as municipalities have them: in every dialect, with merged headings, formulas, and things that are not what they say."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from insyn.core.errors import InvalidInput
from insyn.web.imports.problems import Code
from insyn.web.imports.reading import MAX_BYTES, Table, read_table
from insyn.web.imports.staging import suggested_columns


def book(*rows: list[object], merge: str = "", titles: tuple[str, ...] = ("Blad1",)) -> bytes:
    made = Workbook()
    sheet = made.active
    sheet.title = titles[0]
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    for title in titles[1:]:
        made.create_sheet(title)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def texts(table: Table) -> list[list[str]]:
    return [[row.cells.get(heading, "") for heading in table.headings] for row in table.rows]


@pytest.mark.parametrize(
    "data",
    [
        "Namn;Förvaltning\nLånestöd;Bygg\n".encode("cp1252"),
        "Namn;Förvaltning\nLånestöd;Bygg\n".encode("utf-8-sig"),
        "Namn\tFörvaltning\r\nLånestöd\tBygg\r\n".encode("utf-16"),
        b'"Namn","F\xc3\xb6rvaltning"\n"L\xc3\xa5nest\xc3\xb6d","Bygg"\n',
    ],
)
def test_a_list_reads_the_same_from_every_spreadsheet_program(data: bytes) -> None:
    table = read_table(data)
    assert table.headings == ("Namn", "Förvaltning")
    assert texts(table) == [["Lånestöd", "Bygg"]]
    assert suggested_columns(table) == {"Namn": "name", "Förvaltning": "office"}


def test_headings_are_found_under_a_title_and_an_empty_row() -> None:
    table = read_table(
        book([None, None], ["Vår inventering 2026"], ["Namn", "Leverantör\n(bolag)", "Start\ndatum"], ["Ruttplan", "Alfa", None])
    )
    assert table.heading_row == 3
    assert table.headings == ("Namn", "Leverantör (bolag)", "Start datum")
    assert table.rows[0].number == 4


def test_who_knows_better_says_where_the_headings_stand() -> None:
    data = b"Namn;Leverantor\nSystem;Firma\nA;B\n"
    assert read_table(data, heading_row=2).headings == ("System", "Firma")
    with pytest.raises(InvalidInput, match=r"rubriker|headings"):
        read_table(data, heading_row=9)


def test_a_cell_merged_over_rows_is_read_in_each_of_them_and_told() -> None:
    table = read_table(book(["Förvaltning", "Namn"], ["Skola", "A"], [None, "B"], [None, "C"], merge="A2:A4"))
    assert [row.cells["Förvaltning"] for row in table.rows] == ["Skola"] * 3
    assert [code.code for row in table.rows[1:] for _heading, code in row.told] == [Code.MERGED] * 2


def test_a_formula_that_was_never_computed_is_told_and_not_run() -> None:
    table = read_table(book(["Namn", "Leverantör"], ["A", '=HYPERLINK("http://example.org","x")']))
    assert table.rows[0].cells["Leverantör"] == ""
    assert [(heading, problem.code) for heading, problem in table.rows[0].told] == [("Leverantör", Code.FORMULA)]


def test_the_reader_chooses_among_sheets() -> None:
    data = book(["Namn"], ["A"], titles=("Lista", "Andra"))
    assert read_table(data).sheets == ("Lista", "Andra")
    with pytest.raises(InvalidInput):
        read_table(data, sheet="Tredje")


def test_json_lists_are_found_where_they_lie_and_a_system_register_is_joined() -> None:
    register = {
        "systems": [{"system_id": 7, "name": "Ekonomi", "supplier": "Alfa AB"}],
        "ai_applications": [
            {"ai_application_id": "a1", "name": "Fakturatolk", "system_id": 7, "risk_category": "MINIMAL", "fria_required": False}
        ],
    }
    table = read_table(json.dumps(register).encode())
    assert table.rows[0].cells["system_name"] == "Ekonomi"
    assert table.rows[0].cells["fria_required"] == "no"
    assert suggested_columns(table)["risk_category"] == "risk_class"
    assert suggested_columns(table)["ai_application_id"] == "key"


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<a/>")
        for number in range(31):
            packed.writestr(f"xl/{number}.xml", b"0" * 10_000_000)
    return file.getvalue()


def with_entities() -> bytes:
    file = io.BytesIO()
    lol = '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><workbook>&b;</workbook>'
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("xl/workbook.xml", lol)
    return file.getvalue()


def other_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<a/>")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        b"\x00\x01\x02\x03" * 100,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100,
        b"PK\x03\x04 not a zip",
        bomb(),
        with_entities(),
        other_zip(),
        b"[1, 2, 3]",
        b"{broken",
        b"[" * 100_000,
        b"[]",
        b"Namn\n",
        b";;;\n;;;\n",
        b"x" * (MAX_BYTES + 1),
        b"Namn\n" + b"a\n" * 20_001,
        b"\xff\xfeabc",
        ("namn;" * 300 + "\n" + "x;" * 300).encode(),
    ],
    ids=range(18),
)
def test_what_is_no_list_is_refused_with_words_and_its_place(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_table(data)
    assert refused.value.place == "file"
    assert refused.value.message


def test_a_row_with_more_cells_than_headings_is_an_error_of_that_row() -> None:
    table = read_table(b"Namn;Dnr\nA;1\nB;2;3\n")
    assert [problem.code for _heading, problem in table.rows[1].told] == [Code.WIDE_ROW]


def test_a_sheet_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    rows = [[f"System {number}", "Beskrivning " * 20, f"{number * 7919}"] for number in range(18_000)]
    table = read_table(book(["Namn", "Beskrivning", "Dnr"], *rows, merge="C2:C400"))
    assert len(table.rows) == 18_000
    assert table.rows[100].cells["Dnr"] == "0"
