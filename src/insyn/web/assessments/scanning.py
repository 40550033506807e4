"""A virus scanner on the same machine, where the installation has one: clamd on a Unix socket, named in ``INSYN_CLAMD``.

Without the setting there is none, and the page says so. With it, a file is kept only after the scanner has answered that it found nothing.
"""

from __future__ import annotations

import os
import socket
import struct

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput

VARIABLE = "INSYN_CLAMD"
_SECONDS = 30
_CHUNK = 64 * 1024


def scanner() -> str:
    """The scanner's socket; empty where there is none."""
    return os.environ.get(VARIABLE, "")


def scan(data: bytes) -> None:
    """Raises :class:`InvalidInput` for what the scanner finds, and when it does not answer."""
    path = scanner()
    if not path:
        return
    try:
        answer = _ask(path, data)
    except OSError as error:
        raise InvalidInput(
            _("The virus scanner does not answer, so no file is taken. Try again, or tell whoever runs Insyn."), place="file"
        ) from error
    if answer.endswith("FOUND"):
        raise InvalidInput(_("The virus scanner found something in the file. It is not kept."), place="file")
    if answer != "stream: OK":
        raise InvalidInput(_("The virus scanner could not look at the file. It is not kept."), place="file")


def _ask(path: str, data: bytes) -> str:
    """clamd's INSTREAM: chunks with their length before them, an empty one last."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_SECONDS)
        connection.connect(path)
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), _CHUNK):
            part = data[start : start + _CHUNK]
            connection.sendall(struct.pack("!I", len(part)) + part)
        connection.sendall(struct.pack("!I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := connection.recv(4096)):
            answer += more
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()
