"""Where a sheet has merged cells, and formulas without a computed value: read from its XML, because the quick reader passes both over."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring, iterparse

from .problems import Code

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")
#: A sheet whose cells are merged over more rows than this is no list, and each of them would be written out.
_MAX_MERGED_ROWS = 20_000
_MAX_RANGES = 50_000
#: A spreadsheet program's own limit.
_MAX_ROW = 1_048_576


@dataclass
class Marks:
    """``ranges`` (first row, first column, last row, last column), ``formulas`` {row: columns}; rows from 1, columns from 0.

    ``last``: the last row in which a cell holds something. A format often reaches to the end of the sheet.
    """

    ranges: list[tuple[int, int, int, int]] = field(default_factory=list)
    formulas: dict[int, list[int]] = field(default_factory=dict)
    last: int = _MAX_ROW
    _open: dict[int, tuple[int, str]] = field(default_factory=dict)  # column to last row and value: as many as a row is wide, no more
    _next: int = 0

    def apply(self, number: int, cells: list[str]) -> dict[int, Code]:
        """Fill the cells of this row that are merged with one above or beside; say which, and which hold a formula. Rows come in order."""
        found = {column: Code.FORMULA for column in self.formulas.get(number, ()) if column < len(cells) and not cells[column]}
        while self._next < len(self.ranges) and self.ranges[self._next][0] <= number:
            first, left, last, right = self.ranges[self._next]
            value = cells[left] if left < len(cells) and first == number else ""
            self._open.update((column, (last, value)) for column in range(left, min(right + 1, len(cells))))
            self._next += 1
        for column, (last, value) in list(self._open.items()):
            if last < number:
                del self._open[column]
            elif value and not cells[column]:
                cells[column], found[column] = value, Code.MERGED
        return found


def marks_of(packed: zipfile.ZipFile) -> tuple[Mapping[str, Marks], Mapping[str, str]]:
    """The marks of each sheet's part, and the part of each sheet's name. Raises :class:`zipfile.BadZipFile` for XML that is none or not safe."""
    try:
        return _marks_of(packed)
    except (ParseError, DefusedXmlException) as error:
        raise zipfile.BadZipFile(str(error)) from error


def _marks_of(packed: zipfile.ZipFile) -> tuple[Mapping[str, Marks], Mapping[str, str]]:
    relations = _targets(packed)
    book = fromstring(packed.read("xl/workbook.xml"))
    names = {one.get("name", ""): relations.get(one.get(f"{_RELATION}id", ""), "") for one in book.iter(f"{_MAIN}sheet")}
    return {part: _marks(packed, part) for part in set(names.values()) if part in packed.namelist()}, names


def _targets(packed: zipfile.ZipFile) -> dict[str, str]:
    try:
        found = fromstring(packed.read("xl/_rels/workbook.xml.rels"))
    except KeyError:
        return {}
    targets = {one.get("Id", ""): one.get("Target", "") for one in found}
    return {key: posixpath.normpath(posixpath.join("xl", target)).lstrip("/") for key, target in targets.items()}


def _marks(packed: zipfile.ZipFile, part: str) -> Marks:
    marks, row, filled, last = Marks(), 0, False, 0
    with packed.open(part) as file:
        for _event, element in iterparse(file):
            filled = filled or element.tag in _HOLDS_SOMETHING
            if element.tag == f"{_MAIN}row":
                row = int(text) if (text := element.get("r", "")).isdecimal() else row + 1
                last, filled = row if filled else last, False
                if row > _MAX_ROW:
                    raise zipfile.BadZipFile("a row beyond the end of any sheet")
            _look_at(element, marks)
    marks.ranges.sort()
    marks.last = last
    return marks


_HOLDS_SOMETHING = frozenset({f"{_MAIN}v", f"{_MAIN}is", f"{_MAIN}f"})


def _look_at(element: Element, marks: Marks) -> None:
    if element.tag == f"{_MAIN}c":
        formula, value = element.find(f"{_MAIN}f"), element.find(f"{_MAIN}v")
        if formula is not None and (value is None or not value.text) and (match := _REFERENCE.fullmatch(element.get("r", ""))):
            marks.formulas.setdefault(int(match[2]), []).append(_column(match[1]))
    elif element.tag == f"{_MAIN}row":
        element.clear()
    elif element.tag == f"{_MAIN}mergeCell" and (match := _REFERENCE.fullmatch(element.get("ref", ""))) and match[3]:
        first, last = int(match[2]), int(match[4])
        if last - first <= _MAX_MERGED_ROWS and len(marks.ranges) < _MAX_RANGES:
            marks.ranges.append((first, _column(match[1]), last, _column(match[3])))


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
