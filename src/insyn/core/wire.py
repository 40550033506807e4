"""Frames on the Unix sockets: four bytes length (big-endian), then UTF-8 JSON.

The decide socket carries a message as it is; the control socket carries a ``Signed`` whose body is the message (context ``control``).
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import msgspec

from . import strict_json
from .errors import InvalidInput
from .messages import Batch, ControlMessage, Decide, DecideMessage, Record, Release, Reply
from .signing import Signed

MAX_FRAME = 4 * 1024 * 1024
CONTROL_CONTEXT = "control"
STOP_CONTEXT = "stop"
_HEADER = struct.Struct(">I")
_encode = msgspec.json.Encoder().encode
_reply = msgspec.json.Decoder(Reply)
_signed = msgspec.json.Decoder(Signed)
_decide = msgspec.json.Decoder(DecideMessage).decode


def frame(data: bytes) -> bytes:
    """Put the length before the data. Raises :class:`InvalidInput` over ``MAX_FRAME``."""
    if len(data) > MAX_FRAME:
        raise InvalidInput(f"message of {len(data)} bytes, at most {MAX_FRAME}", mend="Send smaller parts.")
    return _HEADER.pack(len(data)) + data


class FrameReader:
    """Collects bytes and yields whole frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._buffer += data
        start = 0
        try:
            while len(self._buffer) - start >= _HEADER.size:
                (length,) = _HEADER.unpack_from(self._buffer, start)
                if length > MAX_FRAME:
                    raise InvalidInput(f"frame of {length} bytes, at most {MAX_FRAME}")
                end = start + _HEADER.size + length
                if len(self._buffer) < end:
                    break
                yield bytes(self._buffer[start + _HEADER.size : end])
                start = end
        finally:
            del self._buffer[:start]


def encode(message: msgspec.Struct) -> bytes:
    return _encode(message)


def decode_decide(data: bytes) -> DecideMessage:
    """Strictly: equal keys twice, NaN, infinities, wrong types and unknown fields raise :class:`InvalidInput`."""
    message = _written_by_us(data)
    return strict_json.convert(strict_json.loads(data), DecideMessage) if message is None else message  # type: ignore[arg-type]


def _written_by_us(data: bytes) -> DecideMessage | None:
    """The message when ``data`` is byte for byte what :func:`encode` writes for it, otherwise ``None``.

    Equal bytes prove that no key stood twice; what the SDK sends is so read at a third of the cost. Whatever this stumbles over is read
    again by the careful reader, for its words.
    """
    try:
        message = _decide(data)
        plain = _encode(message) == data
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return message if plain and not any(strict_json.too_deep(body) for body in _bodies(message)) else None


def _bodies(message: DecideMessage) -> list[object]:
    """The parts without a type of their own, as deep as they stood in the message."""
    if isinstance(message, Decide | Record):
        return [] if strict_json.is_flat(message.outcome.payload) else [[[message.outcome.payload]]]
    if isinstance(message, Release):
        return [[message.request]]
    if isinstance(message, Batch):
        return [[[[[item.outcome.payload for item in message.items]]]]]
    return []


def decode_control(data: bytes) -> ControlMessage:
    return strict_json.convert(strict_json.loads(data), ControlMessage)  # type: ignore[arg-type]


def decode_signed(data: bytes) -> Signed:
    try:
        return _signed.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput(f"not a signed message: {error}") from error


def decode_reply(data: bytes) -> Reply:
    return _reply.decode(data)


def receive_frame(connection: socket.socket) -> bytes:
    """Read one whole frame from a blocking socket. Raises ``ConnectionError`` when the other side closed."""
    (length,) = _HEADER.unpack(_receive_exactly(connection, _HEADER.size))
    if length > MAX_FRAME:
        raise InvalidInput(f"frame of {length} bytes, at most {MAX_FRAME}")
    return _receive_exactly(connection, length)


def _receive_exactly(connection: socket.socket, count: int) -> bytes:
    chunks = bytearray()
    while len(chunks) < count:
        piece = connection.recv(count - len(chunks))
        if not piece:
            raise ConnectionError("the sequencer closed the connection")
        chunks += piece
    return bytes(chunks)
