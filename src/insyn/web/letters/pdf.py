"""A letter as PDF: PDF/A-2a to keep, PDF/UA-1 for everybody's reading aids. Made while it is asked for, and stored nowhere.

What the letter says goes in as data and is set as text: nothing of it is read as markup or code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from insyn.core.text import Text
from insyn.web.assessments.document import as_pdf
from insyn.web.register.models import Municipality, System

from . import wording as w

_TEMPLATE = Path(__file__).parent / "typst" / "letter.typ"
#: Scripts that the fonts which come with typst can write. A name in another one is written as numbers, and the rest of the letter is not.
_SCRIPTS = frozenset({"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "DIGIT", "COMBINING", "MODIFIER"})
_PARAGRAPH = re.compile(r"\n\s*\n")


def letter_pdf(text: str, *, system: System, day: date, language: str) -> bytes:
    """The letter, from the text that :func:`.drafting.draft_letter` begins and the officer ends."""
    language = _language_of(text, language)
    municipality = Municipality.the().name
    name = Text(system.name_sv, system.name_en or system.name_sv).in_language(language)
    office = Text(system.office.name_sv, system.office.name_en or system.office.name_sv).in_language(language)
    data = {
        "language": language,
        "title": w.TITLE.in_language(language),
        "author": municipality,
        "head": [municipality, office, day.isoformat()],
        "footer": f"{name}, {municipality}",
        "blocks": list(_blocks(_writable(text), skip=municipality)),
    }
    return as_pdf(data, _TEMPLATE)


def _language_of(text: str, asked: str) -> str:
    """The language that the letter was drafted in, by its headings: a reading aid must not speak Swedish as English. Otherwise as asked."""
    lines = frozenset(text.splitlines())
    for language in ("sv", "en"):
        if f"## {w.WHAT.in_language(language)}" in lines:
            return language
    return "en" if asked.startswith("en") else "sv"


def _blocks(text: str, *, skip: str) -> Iterator[dict[str, Any]]:
    """Headings, lists and paragraphs. The municipality stands at the head already, so a first line that only says it is left out."""
    parts = [part for part in _PARAGRAPH.split(text.replace("\r\n", "\n")) if part.strip()]
    if parts and parts[0].strip() == skip:
        parts = parts[1:]
    for part in parts:
        yield from _of_paragraph(part.strip("\n").split("\n"))


def _of_paragraph(lines: list[str]) -> Iterator[dict[str, Any]]:
    points: list[str] = []
    words: list[str] = []
    for line in filter(_says_something, lines):
        if line.startswith("- ") and not words:
            points.append(line[2:].strip())
        elif line.startswith("## "):
            yield from _flushed(points, words)
            points, words = [], []
            yield {"kind": "heading", "lines": [line[3:].strip()]}
        else:
            words.append(line.strip())
    yield from _flushed(points, words)


def _says_something(line: str) -> bool:
    """A heading or a point without a sign that is seen is none: nobody could be told of it."""
    return any(not sign.isspace() and unicodedata.category(sign)[0] != "C" for sign in line.removeprefix("## ").removeprefix("- "))


def _flushed(points: list[str], words: list[str]) -> Iterator[dict[str, Any]]:
    if points:
        yield {"kind": "list", "lines": points}
    if words:
        yield {"kind": "text", "lines": words}


def _writable(text: str) -> str:
    """A sign that no font has is written as its number: what stood there is seen, and the rest is left as it was."""
    return "".join(sign if _has_a_font(sign) else f"[U+{ord(sign):04X}]" for sign in text)


def _has_a_font(sign: str) -> bool:
    if ord(sign) < 0x180 or 0x2000 <= ord(sign) <= 0x206F or sign in "€−":
        return True
    if unicodedata.category(sign)[0] == "C":
        return True  # taken away when it is set: nobody sees it
    return unicodedata.name(sign, "").split(" ")[0] in _SCRIPTS
