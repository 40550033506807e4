"""JSON from outside: refuses what JSON leaves open.

``json`` and ``msgspec`` both keep the last of two equal keys and ``json`` reads ``NaN`` and turns ``1e999`` into infinity. Here each of
these, and text nested deeper than ``MAX_DEPTH``, is an :class:`InvalidInput` that says what and where.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import msgspec

from .errors import InvalidInput

MAX_DEPTH = 16
_DEEP = f"nested deeper than {MAX_DEPTH} levels"
T = TypeVar("T")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidInput("the key stands twice", place=_first_repeated(pairs), mend="Keep one of them.")
    return found


def _first_repeated(pairs: list[tuple[str, Any]]) -> str:
    """In one pass: half a million keys from a stranger must not hold the sequencer, and with it a stop, for hours."""
    seen: set[str] = set()
    return next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _constant(name: str) -> NoReturn:
    raise InvalidInput(f"{name} is not a JSON number", mend="Send a finite number or leave the field out.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise InvalidInput(f"{text[:40]} is too large for a number", mend="Send a finite number.")
    return value


def _int(text: str) -> int:
    if len(text.lstrip("-")) > 19:  # beyond 64 bits: no column, no peer and no browser keeps it whole
        raise InvalidInput(f"{text[:40]} has too many digits", mend="Send numbers of this size as text.")
    return int(text)


_decoder = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float, parse_int=_int)
_fast_decode = msgspec.json.Decoder().decode
_fast_encode = msgspec.json.Encoder().encode
_HOLDERS = frozenset((dict, list))


def is_flat(value: dict[str, Any]) -> bool:
    """Whether an object holds no list and no object, as most payloads."""
    return _HOLDERS.isdisjoint(map(type, value.values()))


def too_deep(value: Any) -> bool:
    """Whether lists and objects stand inside each other in more than ``MAX_DEPTH`` levels."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if type(outer) in (dict, list)
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in (dict, list)
        ]
        if not level:
            return False
    return True


def _written_plainly(data: bytes) -> Any:
    """The value when ``data`` is what our own encoder would write for it, otherwise ``None``.

    Equal bytes prove that no key stood twice, so what the SDK sends need not pay for a Python callback per object. msgspec refuses bad
    UTF-8, NaN and numbers out of range by itself; whatever it stumbles over is read again by the careful parser, for its words.
    """
    try:
        value = _fast_decode(data)
        return value if _fast_encode(value) == data else None
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def loads(data: bytes) -> Any:
    """Parse UTF-8 JSON strictly. Raises :class:`InvalidInput`."""
    value = _written_plainly(data)
    if value is None:
        value = _read_carefully(data)
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and too_deep(value):
        raise InvalidInput(_DEEP, mend="Flatten the body.")
    return value


def _read_carefully(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"not UTF-8 at byte {error.start}", mend="Encode the body as UTF-8.") from error
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(error.msg, place=f"line {error.lineno} column {error.colno}") from error
    except RecursionError:  # thousands of levels: the parser gave up before the depth could be counted
        raise InvalidInput(_DEEP, mend="Flatten the body.") from None
    if "\\u" in text:
        _no_lone_surrogates(value, "")
    return value


def _no_lone_surrogates(value: Any, place: str) -> None:
    """An escaped lone surrogate is text that no UTF-8 writer can store."""
    if isinstance(value, str):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise InvalidInput("half a surrogate pair", place=place, mend="Send whole characters.") from error
    elif isinstance(value, dict):
        for name, inner in value.items():
            _no_lone_surrogates(name, place)
            _no_lone_surrogates(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _no_lone_surrogates(inner, f"{place}[{number}]")


def convert(value: Any, kind: type[T]) -> T:
    """Turn parsed JSON into a typed record, strictly: no text for numbers, no unknown fields. Raises :class:`InvalidInput`."""
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at ")
        place = place.removeprefix("`key` in ")  # a name that is wrong is found in the object that holds it
        raise InvalidInput(message, place=place.strip("`").removeprefix("$.")) from error


def read_file(path: Path, kind: type[T]) -> T:
    """A file of this type. Raises :class:`InvalidInput` that names the file and the field."""
    try:
        return convert(loads(path.read_bytes()), kind)
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", place=path.name) from error
    except InvalidInput as error:
        raise InvalidInput(error.message, place=f"{path.name}: {error.place}", mend=error.mend) from error
