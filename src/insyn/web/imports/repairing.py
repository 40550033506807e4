"""Reading one cell honestly: what is certain is rewritten and told, what is not is left out and told. Nothing is filled in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from html import unescape

from insyn.core.identity import written_as_identity_number

from .columns import MAX_LENGTH, PLACEHOLDERS, WORDS, Column, ColumnKind, plain, printable
from .problems import Code, Problem


class DayOrder(StrEnum):
    """What comes first in a day such as 03/04/2025."""

    UNKNOWN = "unknown"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januari",
            "feb february februari",
            "mar march mars maart",
            "apr april",
            "may maj mei",
            "jun june juni",
            "jul july juli",
            "aug august augusti augustus",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?)?")
_MONTH_OF = re.compile(r"(\d{1,2})[/.\-](\d{4})|(\d{4})[/.\-](\d{1,2})")
_NAMED = re.compile(r"(?:(\d{1,2})[. \-]*)?([A-Za-zåäö]{3,9})\.?[, \-]+'?(\d{4}|\d{2})")
_YEAR = re.compile(r"(?:19|20)\d{2}")


def order_in(values: Iterable[str]) -> DayOrder:
    """The order that the column itself proves: a number over twelve stands in the place of the day, and in only one of the places."""
    found = {_proves(match) for value in values if (match := _SLASHED.fullmatch(value.strip()))} - {DayOrder.UNKNOWN}
    return found.pop() if len(found) == 1 else DayOrder.UNKNOWN


def _proves(match: re.Match[str]) -> DayOrder:
    first, second = int(match[1]), int(match[2])
    if first > 12 >= second:
        return DayOrder.DAY_FIRST
    return DayOrder.MONTH_FIRST if second > 12 >= first else DayOrder.UNKNOWN


def read_day(raw: str, order: DayOrder) -> tuple[str, Code | None]:
    """A day as ``2026-01-31``, a month as ``2026-01``, a year as ``2026``; empty with the reason when it cannot be read."""
    text = raw.strip()
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]), raw)
    if match := _SLASHED.fullmatch(text):
        return _slashed(match, order, raw)
    if match := _MONTH_OF.fullmatch(text):
        year, month = (match[2], match[1]) if match[2] else (match[3], match[4])
        return _month(int(year), int(month))
    if match := _NAMED.fullmatch(text):
        return _named(match, raw)
    return (text, Code.DATE_LESS_EXACT) if _YEAR.fullmatch(text) else ("", Code.DATE_UNREADABLE)


def _day(year: int, month: int, day: int, raw: str) -> tuple[str, Code | None]:
    try:
        found = date(year, month, day).isoformat()
    except ValueError:
        return "", Code.DATE_UNREADABLE
    return (found, None) if found == raw.strip() else (found, Code.DATE_REWRITTEN)


def _month(year: int, month: int) -> tuple[str, Code | None]:
    return (f"{year}-{month:02}", Code.DATE_LESS_EXACT) if 1 <= month <= 12 and 1900 <= year <= 2100 else ("", Code.DATE_UNREADABLE)


def _slashed(match: re.Match[str], order: DayOrder, raw: str) -> tuple[str, Code | None]:
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    order = _proves(match) if _proves(match) is not DayOrder.UNKNOWN else order
    if first == second:
        order = DayOrder.DAY_FIRST
    if order is DayOrder.UNKNOWN:
        return "", Code.DATE_UNCLEAR
    day, month = (first, second) if order is DayOrder.DAY_FIRST else (second, first)
    return _day(year, month, day, raw)


def _named(match: re.Match[str], raw: str) -> tuple[str, Code | None]:
    """“Jul-25” is a month: a spreadsheet writes July 2025 so."""
    month = _MONTHS.get(match[2].casefold())
    if month is None:
        return "", Code.DATE_UNREADABLE
    year = int(match[3]) if len(match[3]) == 4 else 2000 + int(match[3])
    return _day(year, month, int(match[1]), raw) if match[1] else _month(year, month)


_BREAKS = frozenset({"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "ul", "ol", "table"})
_SILENT = frozenset({"script", "style", "template"})
_MARKUP = re.compile(r"<[/!]?[a-zA-Z][^<>]*>|<!--|&(?:[a-zA-Z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,6});")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<![a-zA-Z][^<>]*>")


def without_markup(text: str) -> str:
    """The text that a reader of the page would have seen; what is written in script and style is none.

    In time that grows with the text and no faster, whatever it holds: a parser that looks for the end of each tag anew does not.
    """
    first, *after_comments = text.split("<!--")
    text = first + "".join(part.partition("-->")[2] for part in after_comments)
    parts, silent, end = [], "", 0
    for match in _TAG.finditer(text):
        closing, tag = match[1], (match[2] or "").lower()
        if not silent:
            parts += [unescape(text[end : match.start()]), "\n" if tag in _BREAKS else ""]
        if silent and closing and tag == silent:
            silent = ""
        elif not silent and not closing and tag in _SILENT:
            silent = tag
        end = match.end()
    if not silent:
        parts.append(unescape(text[end:]))
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def read_cell(column: Column, raw: str, *, order: DayOrder, extra: Mapping[str, str]) -> tuple[str, list[Problem]]:
    """The value of a cell and what was done to it. ``extra``: words of this municipality, plain spelling to ours."""
    text, told = _cleaned(column, raw)
    if plain(text) in PLACEHOLDERS:
        return "", [*told, Problem(Code.PLACEHOLDER, column.name, text.strip())] if text.strip() else told
    if written_as_identity_number(text):
        return "", [*told, Problem(Code.IDENTITY_NUMBER, column.name)]
    if column.kind is ColumnKind.DAY:
        return _read_day(column, text, order, told)
    if column.kind is ColumnKind.WORD:
        return _read_word(column, text, extra, told)
    limit = MAX_LENGTH[column.kind]
    if len(text) > limit:
        return "", [*told, Problem(Code.TOO_LONG, column.name, value=str(limit))]
    return text, told


def _cleaned(column: Column, raw: str) -> tuple[str, list[Problem]]:
    """Text without what no text holds, without markup, and with a list written out."""
    told = []
    text = printable(raw)
    if text != raw:
        told.append(Problem(Code.BAD_CHARACTERS, column.name))
    if _MARKUP.search(text):
        text = without_markup(text)
        told.append(Problem(Code.MARKUP_REMOVED, column.name))
    if (written := _list_written_out(text)) is not None:
        told += [Problem(Code.LIST_WRITTEN_OUT, column.name)] if written else []
        text = printable(written)  # a list may have spelled out what was not there before
    text = re.sub(r"\s+", " ", text) if column.kind is not ColumnKind.TEXT else text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(), told


def _list_written_out(text: str) -> str | None:
    """``['a', 'b']`` and ``{a,"b c"}`` as ``a, b``; ``None`` for what is no list."""
    text = text.strip()
    if text.startswith("[") and text.endswith("]") and len(text) < 20_000:
        try:
            found = ast.literal_eval(text)
            return ", ".join(str(part).strip() for part in found) if isinstance(found, list) else None
        except (ValueError, SyntaxError, MemoryError, RecursionError):  # also a number too long to be written out
            return None
    if text.startswith("{") and text.endswith("}") and ":" not in text:
        return ", ".join(part.strip().strip('"') for part in text[1:-1].split(",") if part.strip())
    return None


def _read_day(column: Column, text: str, order: DayOrder, told: list[Problem]) -> tuple[str, list[Problem]]:
    found, code = read_day(text, order)
    return found, [*told, Problem(code, column.name, text, found)] if code else told


def _read_word(column: Column, text: str, extra: Mapping[str, str], told: list[Problem]) -> tuple[str, list[Problem]]:
    found = extra.get(plain(text)) or WORDS[column.words].get(plain(text), "")
    if not found:
        return "", [*told, Problem(Code.WORD_UNKNOWN, column.name, text)]
    return found, told if found == text else [*told, Problem(Code.WORD_TRANSLATED, column.name, text, found)]
