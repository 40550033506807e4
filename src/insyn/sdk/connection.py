"""A blocking client of one of the sequencer's Unix sockets, for any number of threads."""

from __future__ import annotations

import contextlib
import itertools
import os
import select
import socket
import threading
from collections import deque
from pathlib import Path

import msgspec

from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.messages import Answer, Message
from insyn.core.wire import decode_reply, encode, frame, receive_frame

_MAX_IDLE = 8


class Connection:
    """Keeps idle connections and opens new ones as threads need them. Each request has a connection to itself.

    A request that was sent and not answered is never sent again: it may stand in the log. ``timeout`` is in seconds, for each wait on
    the socket.
    """

    def __init__(self, path: Path | str, *, timeout: float = 5.0) -> None:
        self._path = str(path)
        self._timeout = timeout
        self._idle: deque[socket.socket] = deque()
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._owner = os.getpid()

    def next_id(self) -> int:
        return next(self._ids)

    def ask(self, message: Message) -> Answer:
        """Send a message whose ``id`` came from :meth:`next_id`. Raises :class:`Unreachable`; :class:`InvalidInput` if it cannot be sent."""
        return self.ask_bytes(encode(message), message.id)

    def ask_bytes(self, data: bytes, number: int) -> Answer:
        framed = frame(data)
        connection = self._take()
        try:
            connection.sendall(framed)
            reply = decode_reply(receive_frame(connection))
            if reply.id != number:
                raise ConnectionError(f"asked {number}, the answer is to {reply.id}")
        except (OSError, InvalidInput, msgspec.DecodeError) as error:
            connection.close()
            raise Unreachable(f"no answer on {Path(self._path).name}: {error}") from error
        except BaseException:  # an interrupt between question and answer: the next user would read our answer
            connection.close()
            raise
        self._give_back(connection)
        return reply.answer

    def close(self) -> None:
        with self._lock:
            while self._idle:
                self._idle.pop().close()

    def _take(self) -> socket.socket:
        with self._lock:
            if self._owner != os.getpid():  # after a fork the parent's connections are not ours to speak on
                self._idle, self._owner = deque(), os.getpid()
            while self._idle:
                connection = self._idle.pop()
                if not _has_ended(connection):
                    return connection
                connection.close()
        return self._open()

    def _open(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(self._timeout)
        try:
            connection.connect(self._path)
        except OSError as error:
            connection.close()
            raise Unreachable(f"nothing listens on {Path(self._path).name}: {error}") from error
        return connection

    def _give_back(self, connection: socket.socket) -> None:
        with self._lock:
            if len(self._idle) < _MAX_IDLE:
                self._idle.append(connection)
                return
        connection.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()


def _has_ended(connection: socket.socket) -> bool:
    """An idle connection with something to read was closed by the other side, or holds an answer that nobody waits for."""
    poll = select.poll()  # select() cannot watch descriptors over 1023
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
