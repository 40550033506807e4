"""Towards the model: one pooled HTTP client for a worker, bounded in time and size.

Nothing of a caller's headers goes there and nothing of the model's headers comes back. Redirects are not followed, compressed answers not
taken, cookies not kept, and the environment's proxy settings not read. A call is repeated only where the model has given nothing at all:
no connection, or a status that says *later*.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

import aiohttp

from insyn.core import strict_json
from insyn.core.errors import InvalidInput
from insyn.core.refusals import RefusalCode

from .config import Route
from .refusing import Closed, close
from .sse import EventReader

_JSON, _EVENTS = "application/json", "text/event-stream"
_LATER = frozenset({429, 502, 503, 504})
_BACK_OFF_SECONDS = 0.2
_MOST_CONNECTIONS = 256


class Models:
    """One per worker process; made inside its event loop."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._contexts: dict[str, ssl.SSLContext] = {}

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def answer(self, route: Route, path: str, body: bytes) -> Any:
        """The whole JSON answer. Raises :class:`Closed`."""
        async with self._opened(route, path, body, accept=_JSON) as response:
            data = bytearray()
            async for piece in _pieces(response):
                data += piece
                if len(data) > route.upstream.max_answer_bytes:
                    raise close(RefusalCode.MODEL_ANSWER_BROKEN, words=_TOO_LONG)
            try:
                return strict_json.loads(bytes(data))
            except InvalidInput as error:
                raise close(RefusalCode.MODEL_ANSWER_BROKEN) from error

    @asynccontextmanager
    async def events(self, route: Route, path: str, body: bytes) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The events of a streamed answer, up to its end mark. Raises :class:`Closed`, also when it ends without one of its own."""
        async with (
            self._opened(route, path, body, accept=_EVENTS) as response,
            aclosing(_events(response, route.upstream.max_answer_bytes)) as found,
        ):
            yield found

    @asynccontextmanager
    async def _opened(self, route: Route, path: str, body: bytes, *, accept: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer with status 200 and the kind of content that was asked for."""
        try:
            async with asyncio.timeout(route.upstream.total_seconds):
                response = await self._ask(route, path, body, accept)
                try:
                    _check(response, accept)
                    yield response
                finally:
                    response.close()  # not returned to the pool: what was left of it is nobody's
        except TimeoutError:
            raise close(RefusalCode.MODEL_UNAVAILABLE, status=504) from None
        except aiohttp.ClientError:
            raise close(RefusalCode.MODEL_ANSWER_BROKEN) from None

    async def _ask(self, route: Route, path: str, body: bytes, accept: str) -> aiohttp.ClientResponse:
        upstream = route.upstream
        for attempt in range(upstream.retries + 1):
            if attempt:
                await asyncio.sleep(_BACK_OFF_SECONDS * 2 ** (attempt - 1))
            last = attempt == upstream.retries
            try:
                response = await self._in_use().post(
                    f"{upstream.url.rstrip('/')}{path}",
                    data=body,
                    headers=_headers(route, accept),
                    allow_redirects=False,
                    ssl=self._context(upstream.ca_file),
                    timeout=aiohttp.ClientTimeout(sock_connect=upstream.connect_seconds, sock_read=upstream.silence_seconds),
                )
            except (aiohttp.ServerTimeoutError, TimeoutError):
                raise close(RefusalCode.MODEL_UNAVAILABLE, status=504) from None
            except (aiohttp.ClientConnectionError, OSError):
                if last:
                    raise close(RefusalCode.MODEL_UNAVAILABLE) from None
                continue
            if response.status not in _LATER or last:
                return response
            response.close()
        raise close(RefusalCode.MODEL_UNAVAILABLE)

    def _in_use(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                max_line_size=8190,
                max_field_size=8190,
            )
        return self._session

    def _context(self, ca_file: str) -> ssl.SSLContext:
        if ca_file not in self._contexts:
            self._contexts[ca_file] = ssl.create_default_context(cafile=ca_file or None)
        return self._contexts[ca_file]


_TOO_LONG = "Längre än den får vara. / Longer than it may be."


def _headers(route: Route, accept: str) -> Mapping[str, str]:
    """Built here and nowhere else: a caller's headers end at the proxy."""
    found = {"content-type": _JSON, "accept": accept, "accept-encoding": "identity", "user-agent": "insyn-proxy"}
    if route.credential:
        name = route.upstream.credential_header
        found[name] = f"Bearer {route.credential}" if name == "authorization" else route.credential
    return found


def _check(response: aiohttp.ClientResponse, accept: str) -> None:
    """What the model says of an error is not passed on: it may repeat its key, or the question."""
    if response.status in _LATER or response.status >= 500:
        raise close(RefusalCode.MODEL_UNAVAILABLE, words=_status(response.status))
    if response.status != 200:
        raise close(RefusalCode.MODEL_REFUSED, words=_status(response.status))
    if response.content_type != accept or response.headers.get("content-encoding", "identity").lower() != "identity":
        raise close(RefusalCode.MODEL_ANSWER_BROKEN)


def _status(status: int) -> str:
    return f"Status {status}."


async def _pieces(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        async for piece in response.content.iter_any():
            yield piece
    except (aiohttp.ServerTimeoutError, TimeoutError):
        raise close(RefusalCode.MODEL_UNAVAILABLE, status=504) from None
    except (aiohttp.ClientError, OSError):
        raise close(RefusalCode.MODEL_ANSWER_BROKEN) from None


async def _events(response: aiohttp.ClientResponse, most: int) -> AsyncGenerator[dict[str, Any], None]:
    reader, size = EventReader(), 0
    try:
        async for piece in _pieces(response):
            size += len(piece)
            if size > 64 * most:  # each sign of a streamed answer comes wrapped in its event
                raise close(RefusalCode.MODEL_ANSWER_BROKEN, words=_TOO_LONG)
            for event in reader.feed(piece):
                if event is None:
                    return
                yield event
    except InvalidInput as error:
        raise close(RefusalCode.MODEL_ANSWER_BROKEN) from error


__all__ = ["Closed", "Models"]
