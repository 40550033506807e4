"""An asyncio client of the decide socket: many questions under way on one connection, made anew when it breaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec

from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.messages import Answer, DecideMessage
from insyn.core.wire import FrameReader, decode_reply, encode, frame

_AWAY = "the connection to the sequencer ended"
_LATE = "the sequencer did not answer in time"
#: How often a look is taken for questions that nobody answers: a timer for each question would cost more than the question.
SWEEP_SECONDS = 0.25


class _Line(asyncio.Protocol):
    """One connection. Questions of one turn of the loop leave in one write."""

    def __init__(self, timeout: float) -> None:
        self._frames = FrameReader()
        self._timeout = timeout
        self._asked: dict[int, tuple[asyncio.Future[Answer], float]] = {}  # with when it was asked, oldest first
        self._sweep: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, number: int, data: bytes) -> asyncio.Future[Answer]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._asked[number] = future, time.monotonic()
        if self._sweep is None:
            self._sweep = loop.call_later(min(SWEEP_SECONDS, self._timeout), self._give_up)
        if not self._out:
            loop.call_soon(self._flush)
        self._out.append(data)
        return future

    @property
    def under_way(self) -> int:
        return len(self._asked)

    def forget(self, number: int) -> None:
        self._asked.pop(number, None)

    def _flush(self) -> None:
        if self._transport is not None:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._frames.feed(data):
                reply = decode_reply(body)
                asked = self._asked.pop(reply.id, None)
                if asked is not None and not asked[0].done():
                    asked[0].set_result(reply.answer)
        except (InvalidInput, msgspec.DecodeError):
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        for future, _ in self._asked.values():
            if not future.done():
                future.set_exception(Unreachable(_AWAY))
        self._asked.clear()

    def _give_up(self) -> None:
        """Tell whoever waited too long, and look again later while anybody waits."""
        self._sweep = None
        due = time.monotonic() - self._timeout
        for future, asked in self._asked.values():
            if asked > due:
                break
            if not future.done():
                future.set_exception(Unreachable(_LATE))
        if self._asked:
            self._sweep = asyncio.get_running_loop().call_later(min(SWEEP_SECONDS, self._timeout), self._give_up)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class AsyncClient:
    """Asks on one connection. What was asked and not answered is never asked again: it may stand in the log."""

    def __init__(self, path: Path, *, timeout: float = 10.0) -> None:
        self._path, self._timeout = path, timeout
        self._line: _Line | None = None
        self._connecting: asyncio.Lock | None = None
        self._last = 0

    async def ask(self, make: Callable[[int], DecideMessage]) -> Answer:
        """Send the message made with the next id. Raises :class:`Unreachable`, also when no answer comes in time."""
        line = await self._connected()
        self._last += 1
        number = self._last
        future = line.ask(number, frame(encode(make(number))))
        try:
            return await future
        finally:
            line.forget(number)

    @property
    def under_way(self) -> int:
        """Questions that were sent and are not answered."""
        return self._line.under_way if self._line else 0

    async def _connected(self) -> _Line:
        if self._line is not None and self._line.open:
            return self._line
        if self._connecting is None:
            self._connecting = asyncio.Lock()
        async with self._connecting:
            if self._line is None or not self._line.open:
                try:
                    _, self._line = await asyncio.get_running_loop().create_unix_connection(partial(_Line, self._timeout), str(self._path))
                except OSError as error:
                    raise Unreachable("nothing listens on the decide socket") from error
            return self._line

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
