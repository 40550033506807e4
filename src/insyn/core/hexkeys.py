"""Keys of 32 bytes as they are written in files and settings: in hex."""

from __future__ import annotations

from .errors import InvalidInput

KEY_BYTES = 32


def key_of_hex(text: str, *, place: str) -> bytes:
    """The 32 bytes. Raises :class:`InvalidInput`, which never shows the text."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if len(data) != KEY_BYTES:
        raise InvalidInput("is not the hex of 32 bytes", place=place)
    return data
