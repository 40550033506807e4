"""The sequencer's sockets: asyncio, one thread. Frames become queued messages; answers become frames.

The two listeners differ in who may open them (file modes) and in how a frame is read. What cannot be read is refused in words; the
connection lives on while the framing is intact, and ends after a frame that is too long.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.messages import Answer, Denied, Reply
from insyn.core.refusals import RefusalCode, refuse
from insyn.core.wire import FrameReader, decode_control, decode_decide, decode_signed, encode, frame

from .engine import Engine
from .unreadable import denied

DECIDE_MODE, CONTROL_MODE = 0o660, 0o600
#: Items that one connection may have waiting; beyond that it is not read, and its caller waits.
MOST_WAITING = 1024
BACKLOG = 1024
#: Looks at the sockets, each some ten microseconds, that a flush of a hundred or more may wait for those who could share it.
GATHER_ROUNDS = 2
#: A caller that has not read its answers for so long, or lets so many bytes wait, is dropped: its answers must not fill memory.
SLOW_SECONDS, SLOW_BYTES = 10.0, 16 * 1024 * 1024
_id = msgspec.json.Decoder(msgspec.defstruct("_Id", [("id", int, 0)], frozen=True))
log = logging.getLogger("insyn.sequencer")


class Connection(asyncio.Protocol):
    """One caller. Answers of one turn leave in one write."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._frames = FrameReader()
        self._transport: asyncio.Transport | None = None
        self._waiting = 0
        self._out: list[bytes] = []
        self._full = False
        self._full_since = 0.0
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]
        self._server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        try:
            for body in self._frames.feed(data):
                self._take(body)
        except InvalidInput:  # the length is nonsense: nothing after it can be found
            self._send(0, Denied(refuse(RefusalCode.TOO_LARGE, place="frame")))
            self.flush()
            if self._transport:
                self._transport.close()
        self._server.wake()
        self._balance()

    def _take(self, body: bytes) -> None:
        try:
            taken = self._read(body)  # first: an answer at once changes what waits
            self._waiting += taken
        except InvalidInput as error:
            self._send(_id_of(body), denied(error))
        except Exception as error:  # nothing that a caller sends ends the connection without a word
            log.error("a frame could not be read: %s", type(error).__name__, exc_info=error)
            self._send(_id_of(body), Denied(refuse(RefusalCode.INVALID_REQUEST)))

    def _read(self, body: bytes) -> int:
        """Queue what the frame holds; returns how many items."""
        message = decode_decide(body)
        return self._server.engine.ask(message, partial(self._answer, message.id, _size(message)))

    def _answer(self, number: int, size: int, answer: Answer) -> None:
        self._waiting -= size
        self._send(number, answer)

    def _send(self, number: int, answer: Answer) -> None:
        if self._transport is None:
            return
        try:
            self._out.append(frame(encode(Reply(id=number, answer=answer))))
        except InvalidInput:  # an answer over the frame's greatest length
            self._out.append(frame(encode(Reply(id=number, answer=Denied(refuse(RefusalCode.TOO_LARGE, place="answer"))))))
        self._server.to_flush.add(self)

    def flush(self) -> None:
        if self._out and self._transport:
            self._transport.write(b"".join(self._out))
        self._out.clear()
        self._balance()

    def pause_writing(self) -> None:
        self._full = True
        self._full_since = self._server.loop.time()
        self._balance()

    def drop_if_slow(self, now: float) -> None:
        """End the connection of a caller who asks and does not read."""
        transport = self._transport
        if transport is None or not self._full:
            return
        if now - self._full_since > SLOW_SECONDS or transport.get_write_buffer_size() > SLOW_BYTES:
            self._server.engine.books.state.counters["dropped"] += 1
            transport.abort()

    def resume_writing(self) -> None:
        self._full = False
        self._balance()

    def _balance(self) -> None:
        """Stop reading from a caller who asks faster than it is answered, or does not read its answers."""
        if self._transport is None or self._transport.is_closing():
            return
        pause = self._full or self._waiting > MOST_WAITING
        if pause and not self._paused:
            self._transport.pause_reading()
        elif self._paused and not pause:
            self._transport.resume_reading()
        self._paused = pause

    def close(self) -> None:
        if self._transport:
            self._transport.close()


class ControlConnection(Connection):
    """Every frame is a signed body."""

    def _read(self, body: bytes) -> int:
        signed = decode_signed(body)
        try:
            message = decode_control(signed.body)
        except InvalidInput as error:
            self._send(_id_of(signed.body), denied(error))
            return 0
        self._server.engine.ask_control(signed, message, partial(self._answer, message.id, 1))
        return 1


def _size(message: Any) -> int:
    """Items that the engine queues for a message: as :meth:`Engine.ask` counts."""
    return len(getattr(message, "items", ())) or (0 if type(message).__name__ == "Ping" else 1)


def _id_of(body: bytes) -> int:
    """The id in a body that could not be read whole, so that its caller knows which question failed; 0 if there is none."""
    try:
        found = _id.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    return int(getattr(found, "id", 0))


class Server:
    """Drives an engine from two listeners until :meth:`stop`."""

    def __init__(self, engine: Engine, *, decide: Path, control: Path, checkpoint_seconds: float) -> None:
        self.engine = engine
        self.connections: set[Connection] = set()
        self.to_flush: set[Connection] = set()
        self._paths = {decide: (Connection, DECIDE_MODE), control: (ControlConnection, CONTROL_MODE)}
        self._checkpoint_seconds = checkpoint_seconds
        self.loop = asyncio.get_running_loop()
        self._listeners: list[asyncio.Server] = []
        self._awake = False
        self._ended = asyncio.Event()

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Listen and answer until :meth:`stop`. The caller holds the store's lock, so sockets found here are nobody's."""
        for path, (kind, mode) in self._paths.items():
            listener = _listen(path, mode)
            self._listeners.append(await self.loop.create_unix_server(partial(kind, self), sock=listener, backlog=BACKLOG))
        upkeep = [
            asyncio.create_task(self._every(0.05, self._tick)),
            asyncio.create_task(self._every(self._checkpoint_seconds, self.engine.checkpoint)),
        ]
        ready()
        try:
            await self._ended.wait()
        finally:
            for task in upkeep:
                task.cancel()
            self._close()

    def stop(self) -> None:
        self._ended.set()

    def wake(self) -> None:
        """Have a turn soon, after everything that is readable now has been read."""
        if not self._awake and self.engine.busy:
            self._awake = True
            self.loop.call_soon(self._gather, GATHER_ROUNDS)
        elif self.to_flush and not self._awake:
            self._flush()

    def _gather(self, rounds: int) -> None:
        """Group commit: where several callers are under way, look at the sockets a few times more before the flush. A lone caller, and a stop,
        waits for nobody."""
        if rounds and self.engine.gathering:
            self.loop.call_soon(self._gather, rounds - 1)
        else:
            self._turn()

    def _turn(self) -> None:
        try:
            self.engine.turn()
        except Exception:  # one message must not end all turns: a stop may wait behind it
            log.exception("a turn failed")
        self._flush()
        self._awake = self.engine.busy and not self._ended.is_set()
        if self._awake:  # by way of a second step: sockets are read between the two, so a stop that came meanwhile goes first
            self.loop.call_soon(self.loop.call_soon, self._turn)

    def _flush(self) -> None:
        while self.to_flush:
            self.to_flush.pop().flush()

    def _tick(self) -> None:
        self.engine.tick()
        now = self.loop.time()
        for connection in list(self.connections):
            connection.drop_if_slow(now)
        self.wake()

    async def _every(self, seconds: float, do: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                do()
            except Exception:  # the next look at spool and clock must come, whatever this one met
                log.exception("upkeep failed")

    def _close(self) -> None:
        for listener in self._listeners:
            listener.close()
        for connection in list(self.connections):
            connection.close()
        for path in self._paths:
            path.unlink(missing_ok=True)


def _listen(path: Path, mode: int) -> socket.socket:
    """A listening socket that no other user could open for an instant."""
    path.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~mode)
    try:
        made.bind(str(path))
    finally:
        os.umask(before)
    path.chmod(mode)
    made.setblocking(False)
    return made
