"""Server-sent events from a server that may be broken or hostile: bounded, and read as JSON objects only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from insyn.core import strict_json
from insyn.core.errors import InvalidInput

MAX_EVENT = 1024 * 1024
DONE = b"[DONE]"


class EventReader:
    """Feed bytes, get the data of whole events: an object, or ``None`` for the end mark. Raises :class:`InvalidInput`.

    Lines may end in LF or CRLF. Comments, ids and retry times are nothing to us; the event's name stands in its data too.
    """

    def __init__(self, most: int = MAX_EVENT) -> None:
        self._buffer, self._data, self._most = bytearray(), bytearray(), most

    def feed(self, chunk: bytes) -> Iterator[dict[str, Any] | None]:
        self._buffer += chunk
        start = 0
        try:
            while (end := self._buffer.find(b"\n", start)) >= 0:
                line = bytes(self._buffer[start:end]).removesuffix(b"\r")
                start = end + 1
                if line:
                    self._take(line)
                elif self._data:
                    yield self._whole()
        finally:
            del self._buffer[:start]
        if len(self._buffer) + len(self._data) > self._most:
            raise InvalidInput(f"an event of more than {self._most} bytes")

    def _take(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name not in (b"data", b"event", b"id", b"retry", b""):
            raise InvalidInput("not a line of server-sent events")
        if name != b"data":
            return
        if self._data:
            self._data += b"\n"
        self._data += value.removeprefix(b" ")
        if len(self._data) > self._most:
            raise InvalidInput(f"an event of more than {self._most} bytes")

    def _whole(self) -> dict[str, Any] | None:
        data = bytes(self._data)
        self._data.clear()
        if data == DONE:
            return None
        value = strict_json.loads(data)
        if not isinstance(value, dict):
            raise InvalidInput("an event that is no object")
        return value
