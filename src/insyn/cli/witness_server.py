"""The witness as a web server: ``POST /add-checkpoint``, and ``GET /`` for whoever wants to know what it has seen.

Plain HTTP on one address; a reverse proxy in front gives it TLS and a name.
"""

from __future__ import annotations

import http.server
import sqlite3
import sys
import threading
from collections.abc import Sequence

from insyn.tlog.cosignature import Cosigner
from insyn.tlog.errors import TlogError
from insyn.tlog.witness import MAX_REQUEST_BYTES, PATH, SIZE_TYPE, AddCheckpoint
from insyn.tlog.witness_book import BadRequest, Conflict, NotSigned, ProofFails, UnknownLog, WitnessBook

_TEXT = "text/plain; charset=utf-8"
_STATUS: tuple[tuple[type[TlogError], int], ...] = ((UnknownLog, 404), (NotSigned, 403), (BadRequest, 400), (ProofFails, 422))
#: A request that trickles is dropped; and no more are read at once than this.
READ_SECONDS = 10.0
AT_ONCE = 32


class WitnessServer(http.server.ThreadingHTTPServer):
    """``signers`` are the witness's keys."""

    daemon_threads = True
    request_queue_size = 128  # logs publish on the hour: many may knock at the same moment

    def __init__(self, address: tuple[str, int], book: WitnessBook, signers: Sequence[Cosigner]) -> None:
        self.book, self.signers = book, signers
        self.places = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(address, _Handler)

    def overview(self) -> str:
        """The witness's own keys, and each log with what was seen of it."""
        lines = [signer.vkey for signer in self.signers]
        for watched in self.book.watched():
            seen = watched.seen
            lines += ["", f"{watched.origin} {seen.size} {seen.root.hex()}" if seen else f"{watched.origin} nothing yet"]
        return "\n".join(lines) + "\n"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version = "insyn-witness"
    sys_version = ""
    timeout = READ_SECONDS

    def do_GET(self) -> None:
        if self.path.rstrip("/"):
            self._answer(404, "not found\n")
        else:
            self._answer(200, self.server.overview())

    def do_POST(self) -> None:
        if not self.path.endswith(f"/{PATH}"):
            self._refuse_unread(404, "not found\n")
            return
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self._refuse_unread(411, "Content-Length is needed\n")
        elif int(length) > MAX_REQUEST_BYTES:
            self._refuse_unread(413, f"more than {MAX_REQUEST_BYTES} bytes\n")
        elif not self.server.places.acquire(blocking=False):
            self._refuse_unread(503, "too many at once, try again\n")
        else:
            try:
                self._cosign(self.rfile.read(int(length)), int(length))
            finally:
                self.server.places.release()

    def _cosign(self, data: bytes, length: int) -> None:
        if len(data) != length:
            self.close_connection = True
            return
        try:
            self._answer(200, self.server.book.cosign(AddCheckpoint.parse(data), self.server.signers))
        except Conflict as error:
            self._answer(409, f"{error.size}\n", SIZE_TYPE)
        except TlogError as error:
            self._answer(next((status for kind, status in _STATUS if isinstance(error, kind)), 400), f"{error}\n")
        except sqlite3.Error as error:
            # Nothing was kept, so nothing is signed.
            self.log_error("not kept: %s", error)
            self._answer(500, "the checkpoint could not be kept\n")

    def _refuse_unread(self, status: int, text: str) -> None:
        """The body is still in the line: the connection cannot go on."""
        self.close_connection = True
        self._answer(status, text)

    def _answer(self, status: int, text: str, kind: str = _TEXT) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it
        said = (format % arguments).encode("ascii", "backslashreplace").decode()
        said = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in said)  # what a stranger wrote steers no terminal
        print(f"{self.log_date_time_string()} {said}", file=sys.stderr, flush=True)
