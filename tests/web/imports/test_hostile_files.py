"""Files that somebody made to do harm, or that a program made badly: each is read whole, or refused with words, in time."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from insyn.core.errors import InvalidInput
from insyn.web.imports import reading
from insyn.web.imports.columns import BY_NAME
from insyn.web.imports.problems import Code
from insyn.web.imports.reading import Table, read_table
from insyn.web.imports.repairing import DayOrder, read_cell
from insyn.web.imports.staging import Read, Settings, read_rows


def book(*rows: list[object], cells: dict[str, object] | None = None) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(row)
    for place, value in (cells or {}).items():
        made.active[place] = value
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def rewritten(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with the XML of its sheet changed by hand."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for part in packed.namelist():
            text = packed.read(part)
            out.writestr(part, change(text) if part == "xl/worksheets/sheet1.xml" else text)
    return file.getvalue()


def names(table: Table) -> list[str]:
    return [row.cells["Namn"] for row in table.rows]


def cell(name: str, raw: str) -> tuple[str, list[Code]]:
    value, told = read_cell(BY_NAME[name], raw, order=DayOrder.UNKNOWN, extra={})
    return value, [problem.code for problem in told]


def rows_of(data: bytes, **columns: str) -> list[Read]:
    return read_rows(read_table(data), Settings(columns), {})


@pytest.mark.parametrize("size", ["A1", "A1:XFD1048576", "B7:B7"])
def test_a_sheet_is_read_whole_whatever_it_says_of_its_size(size: str) -> None:
    data = rewritten(
        book(["Namn", "Dnr"], ["A", "1"], ["B", "2"]),
        lambda text: re.sub(rb'dimension ref="[^"]*"', b'dimension ref="%s"' % size.encode(), text),
    )
    assert names(read_table(data)) == ["A", "B"]


@pytest.mark.timeout(30)
def test_a_row_far_below_the_others_is_read_with_its_own_number() -> None:
    table = read_table(book(["Namn", "Dnr"], ["A", "1"], cells={"A1048576": "Sist"}))
    assert [(row.number, row.cells["Namn"]) for row in table.rows] == [(2, "A"), (1048576, "Sist")]


@pytest.mark.timeout(30)
def test_a_format_that_reaches_to_the_end_of_the_sheet_hides_nothing() -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (number, number) for number in range(3, 60_000))
    data = rewritten(book(["Namn"], ["A"]), lambda text: text.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert names(read_table(data)) == ["A"]


@pytest.mark.parametrize("number", [b"99999999999", b"9" * 5_000])
def test_a_row_beyond_the_end_of_any_sheet_is_no_sheet(number: bytes) -> None:
    data = rewritten(book(["Namn"], ["A"], ["B"]), lambda text: text.replace(b'<row r="3"', b'<row r="%s"' % number))
    with pytest.raises(InvalidInput):
        read_table(data)


@pytest.mark.parametrize("bit", [0, 40])
def test_a_file_that_is_locked_or_spoilt_is_refused_with_words(bit: int) -> None:
    data = bytearray(book(["Namn"], *([f"S{number}"] for number in range(200))))
    if bit == 0:  # every part says that it is encrypted
        for sign, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = -1
            while (at := data.find(sign, at + 1)) >= 0:
                data[at + place] |= 1
    else:
        at = data.find(b"xl/workbook.xml") + bit
        data[at : at + 60] = b"\xff" * 60
    with pytest.raises(InvalidInput) as refused:
        read_table(bytes(data))
    assert refused.value.place == "file"


def test_columns_that_do_not_fit_are_refused_and_not_cut_off() -> None:
    with pytest.raises(InvalidInput, match="200"):
        read_table(book(["Namn", *(f"H{number}" for number in range(200))], ["A"]))


@pytest.mark.timeout(30)
def test_merged_ranges_that_lie_over_each_other_cost_no_more_than_the_sheet() -> None:
    ranges = b"".join(b'<mergeCell ref="A%d:C9000"/>' % (number % 50 + 2) for number in range(20_000))
    data = book(["Namn", "Dnr", "Plats"], *([f"S{number}", None, None] for number in range(9_000)))
    data = rewritten(data, lambda text: text.replace(b"</sheetData>", b"</sheetData><mergeCells>" + ranges + b"</mergeCells>"))
    assert len(read_table(data).rows) == 9_000


def test_a_spreadsheet_of_nothing_but_tags_is_refused_before_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_TAGS", 10_000)
    data = rewritten(book(["Namn"], ["A"]), lambda text: text.replace(b"</sheetData>", b"<row/>" * 10_000 + b"</sheetData>"))
    with pytest.raises(InvalidInput) as refused:
        read_table(data)
    assert refused.value.place == "file"


def test_more_text_than_memory_has_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_TEXT", 1_000_000)
    with pytest.raises(InvalidInput):
        read_table(json.dumps({"systems": [{"system_id": 1, "text": "x" * 10_000}], "ai_applications": [{"system_id": 1}] * 200}).encode())


def test_a_cell_that_no_column_has_room_for_is_told_in_every_format() -> None:
    long = "x" * 60_000
    for data in (f"Namn;Dnr\nA;{long}\n".encode(), json.dumps([{"Namn": "A", "Dnr": long}]).encode()):
        row = read_table(data).rows[0]
        assert row.cells == {"Namn": "A", "Dnr": ""}
        assert [(heading, problem.code) for heading, problem in row.told] == [("Dnr", Code.TOO_LONG)]
    assert read_table(book(["Namn"], ["x" * 32_767])).rows[0].cells["Namn"] == "x" * 32_767


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows() -> None:
    with pytest.raises(InvalidInput, match="2"):
        read_table(b'Id;Namn\n1;"Foo\n2;Bar\n3;Baz\n')
    assert names(read_table(b'Id;Namn\n1;19" screen\n2;"Two\nlines"\n3;Baz')) == ['19" screen', "Two\nlines", "Baz"]


def test_json_nested_without_end_is_no_list() -> None:
    for depth in (100, 400, 900):
        with pytest.raises(InvalidInput) as refused:
            read_table(('[{"namn":' + "[" * depth + "1" + "]" * depth + "}]").encode())
        assert refused.value.place == "file"


@pytest.mark.timeout(10)
def test_headings_that_imitate_our_own_numbering_are_told_apart() -> None:
    headings = ["A" * 110 + " (3)", "A" * 120, "A" * 120, "A" * 110 + " (4)"]
    assert len(set(read_table((";".join(headings) + "\na;b;c;d\n").encode()).headings)) == 4


def test_headings_hold_only_what_a_text_can_hold() -> None:
    data = b'[{"Namn": "A", "Pla\\ud800ts\\u0000": "Rum\\ud800 4", "": "x", "' + b"y" * 500 + b'": 1}]'
    found = read_table(data).headings
    assert found[:2] == ("Namn", "Plats")
    assert all(0 < len(heading) <= 120 for heading in found)
    assert rows_of(data, Namn="name")[0].others["Plats"] == "Rum 4"


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["<a ", "<a b='", '<a b="', "<!--", "</", "<![", "<?", "<script>", " ", "\n ", "&#", "<b"])
def test_no_markup_holds_the_reader_up(piece: str) -> None:
    for raw in ("<b>a" + piece * (49_000 // len(piece)) + "x", f"{piece * 5_000}</b>"):
        for _time in range(20):
            cell("summary", raw)


def test_markup_leaves_the_text_that_a_reader_would_have_seen() -> None:
    assert cell("summary", "Ett<!-- dolt --> två<br/>tre <style>b{}</style><SCRIPT>if (a<b) x()</SCRIPT>fyra")[0] == "Ett två\ntre fyra"
    assert cell("summary", "a &lt;b&gt; c <b")[0] == "a <b> c <b"


def test_a_list_in_a_cell_smuggles_nothing_in_and_stops_nothing() -> None:
    assert cell("name", "['a\\x00\\ud800b']")[0] == "ab"
    assert cell("summary", "[0x" + "f" * 5_000 + "]")[0].startswith("[0xfff")


@pytest.mark.parametrize("name", ["微信", "Яндекс", "Ἀθηνᾶ", "C++"])
def test_a_name_in_any_alphabet_is_a_name(name: str) -> None:
    assert cell("name", name) == (name, [])


def test_names_in_another_alphabet_are_not_all_the_same_row() -> None:
    rows = rows_of("Namn\nЯндекс\n微信\n".encode(), Namn="name")
    assert [str(row.change) for row in rows] == ["new", "new"]


def test_long_ids_that_begin_alike_are_two_systems() -> None:
    rows = rows_of(f"Id;Namn\n{'x' * 300}1;A\n{'x' * 300}2;B\n".encode(), Id="key", Namn="name")
    assert len({row.key for row in rows}) == 2
    assert all(len(row.key) <= 200 for row in rows)


def test_an_identity_number_is_left_out_in_every_column_and_every_spelling() -> None:
    for number in ("850709-9805", "198507099805"):
        row = rows_of(f"Namn;Handläggare\nA;Anna {number}\n".encode(), Namn="name")[0]
        assert row.others == {}
        assert ("identity_number", "Handläggare") in {(one.code, one.field) for one in row.problems}
    assert cell("case_number", "202401011234") == ("202401011234", [])


def test_what_is_not_kept_is_told() -> None:
    headings = ";".join(f"Egen {number}" for number in range(45))
    row = rows_of(f"Namn;{headings};Lång\nA;{'x;' * 45}{'y' * 3_000}\n".encode(), Namn="name")[0]
    assert len(row.others) == 40
    assert [one.field for one in row.problems if one.code is Code.NOT_KEPT] == [*(f"Egen {number}" for number in range(40, 45)), "Lång"]
