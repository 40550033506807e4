"""An asyncio client of the decide socket: many questions under way on one connection, made anew when it breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.messages import Answer, DecideMessage
from insyn.core.wire import FrameReader, decode_reply, encode, frame

_AWAY = "the connection to the sequencer ended"


class _Line(asyncio.Protocol):
    """One connection. Questions of one turn of the loop leave in one write."""

    def __init__(self) -> None:
        self._frames = FrameReader()
        self._asked: dict[int, asyncio.Future[Answer]] = {}
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
        self._asked[number] = future
        if not self._out:
            loop.call_soon(self._flush)
        self._out.append(data)
        return future

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
                future = self._asked.pop(reply.id, None)
                if future is not None and not future.done():
                    future.set_result(reply.answer)
        except (InvalidInput, msgspec.DecodeError):
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        for future in self._asked.values():
            if not future.done():
                future.set_exception(Unreachable(_AWAY))
        self._asked.clear()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


def _give_up(future: asyncio.Future[Answer]) -> None:
    if not future.done():
        future.set_exception(Unreachable("the sequencer did not answer in time"))


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
        timer = asyncio.get_running_loop().call_later(self._timeout, _give_up, future)  # a task per question would cost more than it
        try:
            return await future
        finally:
            timer.cancel()
            line.forget(number)

    async def _connected(self) -> _Line:
        if self._line is not None and self._line.open:
            return self._line
        if self._connecting is None:
            self._connecting = asyncio.Lock()
        async with self._connecting:
            if self._line is None or not self._line.open:
                try:
                    _, self._line = await asyncio.get_running_loop().create_unix_connection(_Line, str(self._path))
                except OSError as error:
                    raise Unreachable("nothing listens on the decide socket") from error
            return self._line

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
