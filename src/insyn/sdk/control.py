"""The register's and the stop holders' way to the sequencer: every message signed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from insyn.core.messages import Answer, ControlMessage
from insyn.core.signing import SigningKey
from insyn.core.wire import CONTROL_CONTEXT, encode

from .connection import Connection


class ControlClient:
    """``key`` is the register's key, or a stop holder's personal stop key, which opens only stop, stop state and ping."""

    def __init__(self, path: Path | str, key: SigningKey, *, timeout: float = 5.0) -> None:
        self._connection = Connection(path, timeout=timeout)
        self._key = key

    def ask(self, message: ControlMessage) -> Answer:
        """Send the message as it is (its ``id`` comes back in the reply). A refusal is an answer.

        Raises :class:`~insyn.core.errors.Unreachable`.
        """
        signed = self._key.sign(CONTROL_CONTEXT, encode(message))
        return self._connection.ask_bytes(encode(signed), message.id)

    def ask_new(self, make: Callable[[int], ControlMessage]) -> Answer:
        """As :meth:`ask`, for a message that is made with the next id of this connection."""
        return self.ask(make(self._connection.next_id()))

    def close(self) -> None:
        self._connection.close()
