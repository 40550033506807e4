"""From the bytes of a file to a table of text. Spreadsheets, CSV in any of its dialects, and JSON lists of records.

A file is hostile until it is read: sizes are bounded before anything is unpacked, nothing in it is computed, and no entity is resolved.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.identity import mask

from .columns import column_for, printable
from .merged import Marks, marks_of
from .problems import Code, Problem

MAX_BYTES = 12 * 1024 * 1024
MAX_UNPACKED = 300 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 50_000
#: Opening tags and closing ones in all parts of a spreadsheet together, and characters in all cells together: what memory has room for.
MAX_TAGS = 12_000_000
MAX_TEXT = 60_000_000
_DEPTH = 20
_HEADING_ROWS = 20


@dataclass(frozen=True)
class Row:
    """``number``: where it stands in the file, from 1, as the reader's program counts it. ``cells``: heading to text."""

    number: int
    cells: Mapping[str, str]
    told: tuple[tuple[str, Problem], ...] = ()  # heading and what is wrong there


@dataclass(frozen=True)
class Table:
    """``note``: what was settled while reading, for the reader to see (:func:`insyn.web.imports.words.read_as`)."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    note: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
    heading_row: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)


def read_table(data: bytes, *, name: str = "", sheet: str = "", heading_row: int = 0) -> Table:
    """The table in a file. ``heading_row``: where the headings stand, 0 for finding them. Raises :class:`InvalidInput` at ``file``."""
    if not data.strip():
        raise _refused(_("The file is empty."))
    if len(data) > MAX_BYTES:
        raise _refused(_("The file is larger than %(limit)d MB. Split it, or take away pictures.") % {"limit": MAX_BYTES // 1024 // 1024})
    table = _by_kind(data, sheet, heading_row)
    if sum(len(text) for row in table.rows for text in row.cells.values()) > MAX_TEXT:
        raise _refused(_("The cells hold more than %(limit)d million characters. Split the file.") % {"limit": MAX_TEXT // 1_000_000})
    return table


def _by_kind(data: bytes, sheet: str, heading_row: int) -> Table:
    if data[:4] == b"PK\x03\x04":
        return _read_workbook(data, sheet, heading_row)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _refused(_("This is an old or encrypted Excel file. Save it as .xlsx without a password."))
    text, encoding = _decoded(data)
    if text.lstrip()[:1] in ("[", "{"):
        return _read_json(text)
    return _read_csv(text, encoding, heading_row)


def _refused(words: str) -> InvalidInput:
    return InvalidInput(words, place="file")


# ------------------------------------------------------------------------------------------------------------------------- text


def _decoded(data: bytes) -> tuple[str, str]:
    """UTF-8 with or without its mark, UTF-16 with its mark; otherwise what Excel writes in Sweden."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise _refused(_("The file begins as UTF-16, but is none.")) from error
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    if b"\x00" in data[:4096]:
        raise _refused(_("This is neither a spreadsheet, nor CSV, nor JSON."))
    return data.decode("cp1252", errors="replace"), "Windows-1252"


def _read_csv(text: str, encoding: str, heading_row: int) -> Table:
    separator = _separator(text)
    try:
        lines = list(_csv_lines(text, separator))
    except csv.Error as error:
        raise _refused(_("The file cannot be read as CSV: %(why)s.") % {"why": error}) from error
    note = {"kind": "csv", "encoding": encoding, "separator": repr(separator)}
    return _table([(number, cells, {}) for number, cells in lines], heading_row, note=note)


def _csv_lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The lines with their numbers. A last line of our own tells whether a quotation mark has swallowed the end."""
    csv.field_size_limit(MAX_BYTES + 10)
    for number, cells in enumerate(csv.reader(io.StringIO(f"{text}\n{_END}\n", newline=""), delimiter=separator), 1):
        if cells == [_END]:
            return
        if _END in "".join(cells[-1:]):
            words = _("A quotation mark in row %(row)d is never closed, so the rows after it cannot be told apart. Mend it in the file.")
            raise _refused(words % {"row": number})
        if number > MAX_ROWS + _HEADING_ROWS:
            raise _too_many()
        yield number, cells


_END = "\x1fend of the file"


def _separator(text: str) -> str:
    """The separator that stands oftest in the first line with text, outside quotation marks."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(part for number, part in enumerate(line.split('"')) if number % 2 == 0)
    return max(";,\t|", key=outside.count)


def _too_many() -> InvalidInput:
    return _refused(_("More than %(limit)d rows. Split the file.") % {"limit": MAX_ROWS})


# ------------------------------------------------------------------------------------------------------------------------- JSON


def _read_json(text: str) -> Table:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refused(_("The file begins as JSON, but is none: %(why)s.") % {"why": error}) from error
    records = _records(found)
    if len(records) > MAX_ROWS:
        raise _too_many()
    keys = dict.fromkeys(key for record in records for key in record)
    if len(keys) > MAX_COLUMNS:
        raise _refused(_("More than %(limit)d columns.") % {"limit": MAX_COLUMNS})
    headings = dict(zip(keys, _named_once(keys), strict=True))
    rows = [_fitting(number, {headings[key]: _as_text(record[key]) for key in record}) for number, record in enumerate(records, 1)]
    return Table(tuple(headings.values()), tuple(rows), {"kind": "json", "count": str(len(rows))})


#: Lists of records by the name that they stand under: systems and AI applications of a system register, joined by ``system_id``.
_LISTS = ("ai_applications", "aiApplications", "systems", "records", "items", "data", "results", "algoritmes")


def _records(found: Any) -> list[Mapping[str, Any]]:
    if isinstance(found, Mapping):
        inner = next((found[name] for name in _LISTS if isinstance(found.get(name), list)), None)
        if inner is not None and isinstance(found.get("systems"), list) and inner is not found["systems"]:
            inner = _joined(inner, found["systems"])
        found = inner if inner is not None else [found]
    if not isinstance(found, list) or not all(isinstance(record, Mapping) for record in found):
        raise _refused(_("The JSON is no list of records."))
    if not found:
        raise _refused(_("The file has no records."))
    return found


def _joined(applications: list[Any], systems: list[Any]) -> list[Any]:
    """An application with what its system says and it does not say itself, under ``system_…``."""
    by_id = {str(one.get("system_id")): one for one in systems if isinstance(one, Mapping)}
    joined = []
    for one in applications:
        of = by_id.get(str(one.get("system_id"))) if isinstance(one, Mapping) else None
        added = {key if key.startswith("system_") else f"system_{key}": value for key, value in (of or {}).items()}
        joined.append({**added, **one} if isinstance(one, Mapping) else one)
    return joined


def _as_text(value: Any, depth: int = 0) -> str:
    if depth > _DEPTH:
        raise _refused(_("The JSON is no list of records."))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(part for part in (_as_text(one, depth + 1) for one in value) if part)
    if isinstance(value, Mapping):
        return " ".join(part for part in (_as_text(one, depth + 1) for one in value.values()) if part)
    return str(value)


# ------------------------------------------------------------------------------------------------------------------ spreadsheets


def _read_workbook(data: bytes, sheet: str, heading_row: int) -> Table:
    from openpyxl import load_workbook

    marks, names = _unpacked_safely(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        titles = [one.title for one in book.worksheets]
        if sheet and sheet not in titles:
            raise InvalidInput(_("The file has no sheet with this name."), place="sheet")
        chosen = book[sheet] if sheet else next((one for one in book.worksheets if one.sheet_state == "visible"), book.worksheets[0])
        lines = list(_sheet_lines(chosen, marks.get(names.get(chosen.title, ""), Marks())))
    except InvalidInput:
        raise
    except Exception as error:  # the library raises whatever its parser does
        raise _refused(_("The file cannot be read as a spreadsheet: %(why)s.") % {"why": type(error).__name__}) from error
    note = {"kind": "spreadsheet", "sheet": chosen.title}
    return _table(lines, heading_row, note=note, sheets=tuple(titles))


def _unpacked_safely(data: bytes) -> tuple[Mapping[str, Marks], Mapping[str, str]]:
    """Refuse what swells, then read where cells are merged and where formulas were never computed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if sum(part.file_size for part in parts) > MAX_UNPACKED or len(parts) > 2000:
                raise _refused(_("The file unpacks to more than %(limit)d MB. It is not opened.") % {"limit": MAX_UNPACKED // 1024 // 1024})
            if sum(_tags_in(packed, part) for part in parts) > MAX_TAGS:
                raise _refused(_("The spreadsheet holds far more cells than a list can have. Copy the list to a new file."))
            if "xl/workbook.xml" not in packed.namelist():
                raise _refused(_("This is a packed file, but no .xlsx spreadsheet. Save it as .xlsx or CSV."))
            if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
                raise _refused(_("The file holds macros. Save it as .xlsx without them."))
            return marks_of(packed)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:  # RuntimeError: locked, or oddly packed
        raise _refused(_("The file is damaged: it cannot be unpacked.")) from error


def _tags_in(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """A tag takes four bytes in the file and a hundred times as much in memory."""
    with packed.open(part) as file:
        return sum(piece.count(b"<") for piece in iter(lambda: file.read(1 << 20), b""))


Line = tuple[int, list[str], dict[int, Code]]


def _sheet_lines(sheet: Any, marks: Marks) -> Iterator[Line]:
    """The rows that hold something. How large the sheet says that it is counts for nothing: some programs write it wrong."""
    sheet.reset_dimensions()
    found = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True, max_row=marks.last, max_col=MAX_COLUMNS + 1), 1):
        if values.count(None) == len(values) and number not in marks.formulas:
            continue
        found += 1
        if found > MAX_ROWS + _HEADING_ROWS:
            raise _too_many()
        cells = ["" if value is None else _cell_text(value) for value in values]
        yield number, cells, marks.apply(number, cells)


def _cell_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


# ---------------------------------------------------------------------------------------------------------------- headings, rows


def _table(lines: Sequence[Line], heading_row: int, *, note: Mapping[str, str], sheets: tuple[str, ...] = ()) -> Table:
    at = _heading_at(lines, heading_row)
    number, cells, _codes = lines[at]
    width = max((index for index, cell in enumerate(cells) if cell.strip()), default=-1) + 1
    if width > MAX_COLUMNS:
        raise _refused(_("More than %(limit)d columns.") % {"limit": MAX_COLUMNS})
    headings = _named_once(cells[:width])
    rows = [_row(line, headings) for line in lines[at + 1 :] if any(cell.strip() for cell in line[1])]
    if not rows:
        raise _refused(_("There are headings, but no rows under them."))
    if len(rows) > MAX_ROWS:
        raise _too_many()
    return Table(tuple(headings), tuple(rows), note, sheets, number)


def _heading_at(lines: Sequence[Line], heading_row: int) -> int:
    """Where the headings stand: as told, or the first row among the twenty first that has the most headings we know, then the most text."""
    if heading_row:
        at = next((index for index, line in enumerate(lines) if line[0] == heading_row), None)
        if at is None or not any(cell.strip() for cell in lines[at][1]):
            raise InvalidInput(_("There are no headings in that row."), place="heading_row")
        return at
    first = lines[:_HEADING_ROWS]
    scores = [
        (sum(bool(column_for(cell)) for cell in cells), sum(bool(cell.strip()) for cell in cells)) for _number, cells, _codes in first
    ]
    if not scores or max(score[1] for score in scores) == 0:
        raise _refused(_("No headings were found in the first rows."))
    return scores.index(max(scores))


def _named_once(headings: Iterable[str]) -> list[str]:
    """The headings on one line each, without what no text holds, and each told apart from those before it.

    A file without headings begins with somebody's row: an identity number in it is masked, for headings are kept and shown.
    """
    found: list[str] = []
    for index, heading in enumerate(headings, 1):
        name = wanted = mask(" ".join(printable(heading).split()))[:120] or _("Column %(number)d") % {"number": index}
        number = index
        while name in found:
            name, number = f"{wanted[:110]} ({number})", number + 1
        found.append(name)
    return found


def _row(line: Line, headings: Sequence[str]) -> Row:
    number, cells, codes = line
    told = [(headings[index], Problem(code)) for index, code in codes.items() if index < len(headings)]
    if any(cell.strip() for cell in cells[len(headings) :]):
        told.append(("", Problem(Code.WIDE_ROW)))
    return _fitting(number, dict(zip(headings, cells, strict=False)), told)


def _fitting(number: int, cells: Mapping[str, str], told: Iterable[tuple[str, Problem]] = ()) -> Row:
    """A row without the cells that no column has room for; each is told."""
    long = {heading for heading, text in cells.items() if len(text) > MAX_CELL}
    too_long = ((heading, Problem(Code.TOO_LONG, value=str(MAX_CELL))) for heading in long)
    return Row(number, {heading: "" if heading in long else text for heading, text in cells.items()}, (*told, *too_long))
