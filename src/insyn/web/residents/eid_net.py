"""Talk with the e-ID's provider: what it may do to us by answering. No redirect is followed, no answer is long, none takes long.

A redirect would send the client's secret, or our question, to wherever the answer says: into our own network too.
"""

from __future__ import annotations

import time
from typing import Any, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter

#: For the connection, for each silence, and for a whole answer.
SECONDS = 5
#: A description or a set of keys is some thousand signs.
MOST_BYTES = 256 * 1024
_PIECE = 16 * 1024
Session = TypeVar("Session", bound=requests.Session)


class Careful(HTTPAdapter):
    """Reads an answer to its end at once, within size and time. ``https``: nothing is asked in the open."""

    def __init__(self, *, https: bool) -> None:
        self.https = https
        super().__init__()

    def send(self, request: Any, stream: bool = False, timeout: Any = None, **words: Any) -> requests.Response:
        if self.https and not str(request.url).startswith("https://"):
            raise requests.exceptions.InvalidURL("The provider names an address without HTTPS.")
        ends = time.monotonic() + SECONDS
        answer = super().send(request, stream=True, timeout=timeout or SECONDS, **words)
        try:
            answer._content = _read(answer.raw, ends)
        except urllib3.exceptions.HTTPError as error:
            raise requests.ConnectionError("The provider broke off.") from error
        finally:
            answer.close()
        answer._content_consumed = True  # type: ignore[attr-defined]
        return answer


def _read(raw: Any, ends: float) -> bytes:
    """What comes, piece by piece as it comes: whoever sends a byte now and then is slow all the same."""
    kept = bytearray()
    while piece := raw.read1(_PIECE, decode_content=True):
        kept += piece
        if len(kept) > MOST_BYTES:
            raise requests.exceptions.ContentDecodingError("The provider's answer is too long.")
        if time.monotonic() > ends:
            raise requests.ReadTimeout("The provider's answer takes too long.")
    return bytes(kept)


def careful(session: Session, *, https: bool) -> Session:
    """The session, made to follow no redirect and to read no more than it should."""
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, Careful(https=https))
    return session
