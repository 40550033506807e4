"""YAML 1.2 as packs use it: mappings, lists, texts, whole numbers and true/false. Every value knows its line.

Refused, with the line: a key that stands twice, anchors and aliases (they can make a small file huge), tags, several documents, nesting
over :data:`MAX_DEPTH`, and characters that no reader sees (controls, line breaks other than the usual, marks that turn the direction of
writing): with them a file could say something else to the parser than to whoever reads it. ``no`` stays a word and a date stays a text, as in YAML 1.2; the values are built
here from the parser's events, so no resolver of an older YAML can turn them into something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser  # type: ignore[attr-defined]
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from insyn.core.errors import PackError

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 24
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,9})")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}

#: What a person who reads the file does not see as the parser does; half a surrogate pair besides can be written, escaped, and stored nowhere.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]|\r(?!\n)")

Place = tuple[str | int, ...]


class Document:
    """A file's value, and the line of each place in it."""

    def __init__(self, file: str, value: Any, lines: dict[Place, int]) -> None:
        self.file, self.value, self._lines = file, value, lines

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest one around it."""
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def refuse(self, message: str, *, place: Place = (), mend: str = "") -> NoReturn:
        path = ".".join(str(part) for part in place)
        where = f"line {self.line(place)}" + (f" ({path})" if path else "")
        raise PackError(message, file=self.file, place=where, mend=mend)


def parse_yaml(data: bytes, *, file: str) -> Document:
    """Parse a whole file's bytes. Raises :class:`PackError`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackError(f"is not UTF-8 at byte {error.start}", file=file, mend="Save the file as UTF-8.") from error
    text = text.removeprefix("\ufeff")
    if (unseen := _UNSEEN.search(text)) is not None:
        line = text.count("\n", 0, unseen.start()) + 1
        raise PackError(_unseen(unseen), file=file, place=f"line {line}", mend="Take it out: whoever reads the file cannot see it.")
    try:
        return _document(text, file)
    except YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        problem = getattr(error, "problem", None) or "is not YAML"
        raise PackError(str(problem), file=file, place=f"line {line}", mend="Correct the YAML at this line.") from error


def _unseen(found: re.Match[str]) -> str:
    return f"the character U+{ord(found.group()):04X} is not read"


def _document(text: str, file: str) -> Document:
    """The C parser is ten times as fast, and knows YAML 1.1 only: what it cannot read, the one for 1.2 decides."""
    try:
        return parse_events(text, file, pure=False)
    except YAMLError as error:
        try:
            return parse_events(text, file, pure=True)
        except (ValueError, AssertionError):  # its own slips, on an escape beyond Unicode and an unknown %YAML: the other's words are good
            raise error from None


def parse_events(text: str, file: str, *, pure: bool) -> Document:
    """The document that the events of one of ruamel.yaml's parsers make. Raises ``YAMLError`` and :class:`PackError`."""
    events = YAML(typ="safe", pure=True).parse(text) if pure else _quick_events(text)
    return _Builder(file, iter(events)).document()


def _quick_events(text: str) -> Iterator[Event]:
    """Straight from the C parser: ``YAML(...).parse`` looks for plug-ins on the disk and makes a class for every file."""
    parser = CParser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    finally:
        parser.dispose()


class _Builder:
    """Builds the value from events, one document only."""

    def __init__(self, file: str, events: Iterator[Event]) -> None:
        self._file, self._events, self._lines = file, events, dict[Place, int]()

    def document(self) -> Document:
        value: Any = None
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse("holds more than one document", event, "Keep one document per file.")
                value = self._value(next(self._events), ())
        return Document(self._file, value, self._lines)

    def _value(self, event: Event, place: Place) -> Any:
        self._plain(event, place)
        self._lines[place] = event.start_mark.line + 1
        if isinstance(event, ScalarEvent):
            if (unseen := _UNSEEN.search(str(event.value))) is not None:
                self._refuse(_unseen(unseen), event, "Take the escape out: whoever reads the text cannot see it.")
            return _scalar(event)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(place)
        if isinstance(event, MappingStartEvent):
            return self._mapping(place)
        return self._refuse("is not a value", event, "Correct the YAML at this line.")

    def _plain(self, event: Event, place: Place) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            self._refuse("anchors and aliases are not read", event, "Write the value out.")
        if getattr(event, "tag", None):
            self._refuse("tags are not read", event, "Write the value without a tag.")
        if len(place) > MAX_DEPTH:
            self._refuse(f"is nested deeper than {MAX_DEPTH} levels", event, "Flatten it.")

    def _sequence(self, place: Place) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            found.append(self._value(event, (*place, len(found))))
        return found

    def _mapping(self, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                self._refuse("a key must be a word", event, "Write a plain key.")
            self._plain(event, place)
            key = str(event.value)
            if key in found:
                self._refuse(f"the key {key!r} stands twice", event, "Keep one of them.")
            found[key] = self._value(next(self._events), (*place, key))
            if found[key] is None:  # an empty value is met only on the line after its key
                self._lines[(*place, key)] = event.start_mark.line + 1
        return found

    def _refuse(self, message: str, event: Event, mend: str) -> NoReturn:
        raise PackError(message, file=self._file, place=f"line {event.start_mark.line + 1}", mend=mend)


def _scalar(event: ScalarEvent) -> str | int | bool | None:
    text = str(event.value)
    if event.style:  # quoted or folded: always text
        return text
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _WHOLE.fullmatch(text) else text
