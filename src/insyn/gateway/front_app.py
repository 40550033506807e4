"""The HTTP front as an RSGI application: reads strictly, asks the sequencer, tells what it answered. Decides nothing about any system.

A call, in this order: not too many at once; the path and method; not too often from one address, nor with one key; the body, of bounded size
and in bounded time; the question to the sequencer. What is refused here is refused before anything was logged.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import parse_qs

import msgspec

from insyn import __version__
from insyn.core import messages as m, strict_json
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.refusals import RefusalCode, refuse
from insyn.core.wire import encode

from .client import AsyncClient
from .config import Config, load_config
from .front_openapi import ApiInfo, ClearanceRequest, DecisionRequest, Health, Live, RecordRequest, openapi
from .metrics import CONTENT_TYPE, exposition, unready
from .problems import Problem, plain_problem, problem, unreachable
from .rates import Rates
from .unreadable import denied

MAX_BODY = 256 * 1024
#: Seconds in which a body must have come, so that nobody holds a place by sending slowly.
BODY_SECONDS = 10.0
#: Calls that one worker has under way; the next is told at once that it is too many, and memory does not grow.
MOST_UNDER_WAY = 1024
CONFIG_VARIABLE = "INSYN_FRONT_CONFIG"
#: Whoever reads an answer over HTTP has no clock in common with the sequencer, so a stop is never more than committed to them.
STOP_PROMISE = "committed only"
_PROMISE = b',"stop":' + msgspec.json.encode(STOP_PROMISE) + b"}"
_JSON, _PROBLEM = "application/json", "application/problem+json"
_ALWAYS = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))
T = TypeVar("T")


class Scope(Protocol):
    method: str
    path: str
    query_string: str
    client: str

    @property
    def headers(self) -> Mapping[str, str]: ...


class Exchange(Protocol):
    """RSGI's HTTP protocol object, as far as it is used here."""

    def __aiter__(self) -> Any: ...

    async def __call__(self) -> bytes: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    kind: str = _JSON
    headers: tuple[tuple[str, str], ...] = ()


class Failed(Exception):
    """A problem to answer with, raised while a request is read. ``read``: the whole body was."""

    def __init__(self, found: Problem, *headers: tuple[str, str]) -> None:
        self.problem, self.headers, self.read = found, headers, False
        super().__init__(found.title)


class Front:
    """One per worker process."""

    def __init__(self, client: AsyncClient, config: Config) -> None:
        self._client = client
        self._by_key, self._by_address = Rates(config.calls_per_key), Rates(config.calls_per_address)
        self._metrics_key = config.metrics_key_sha256
        self._posts: Mapping[str, Callable[[Scope, bytes], Awaitable[Response]]] = {
            "/v1/clearances": self._clear,
            "/v1/records": self._record,
            "/v1/decisions": self._decide,
        }
        self._gets: Mapping[str, Callable[[Scope], Awaitable[Response]]] = {
            "/health": self._health,
            "/health/ready": self._health,
            "/health/live": self._live,
            "/metrics": self._metrics,
            "/api-info": self._api_info,
            "/openapi.json": self._openapi,
        }

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        try:
            response = await self._respond(scope, exchange)
        except Failed as failed:
            response = _failure(failed.problem, *failed.headers)
            if scope.method == "POST" and not failed.read:  # the server ends the connection, and the caller must not ask on it again
                response = replace(response, headers=(*response.headers, ("connection", "close")))
        except InvalidInput as error:
            response = _failure(problem(denied(error).refusal))
        except Unreachable:
            response = _failure(unreachable())
        except TimeoutError:
            response = _failure(plain_problem(408, "The body did not come in time.", "Send it at once."), ("connection", "close"))
        headers = [("content-type", response.kind), *_ALWAYS, *response.headers]
        exchange.response_bytes(response.status, headers, response.body)

    async def _respond(self, scope: Scope, exchange: Exchange) -> Response:
        path = scope.path
        if post := self._posts.get(path):
            _only("POST", scope)
            self._admit(scope)
            body = await _body(scope, exchange)
            try:
                return await post(scope, body)
            except Failed as failed:
                failed.read = True
                raise
        if path.startswith("/v1/receipts/"):
            _only("GET", scope)
            self._admit(scope)
            return await self._receipt(scope)
        if get := self._gets.get(path):
            _only("GET", scope)
            return await get(scope)
        raise Failed(plain_problem(404, "There is nothing at this path.", "See /openapi.json."))

    def _admit(self, scope: Scope) -> None:
        """Not too many at once, and not too often. An address and a key are kept in memory only, the key as its hash."""
        if self._client.under_way >= MOST_UNDER_WAY:
            raise Failed(problem(refuse(RefusalCode.BUSY)))
        now = time.monotonic()
        wait = self._by_address.wait(_address(scope), now)
        if not wait and (key := scope.headers.get("authorization")):
            wait = self._by_key.wait(hashlib.sha256(key.encode()).hexdigest(), now)
        if wait:
            raise Failed(problem(refuse(RefusalCode.RATE_LIMITED)), ("retry-after", str(math.ceil(wait))))

    # ------------------------------------------------------------------------------------------------------------- requests

    async def _clear(self, scope: Scope, body: bytes) -> Response:
        wanted, key = _read(body, ClearanceRequest), _bearer(scope)
        return _told(
            await self._client.ask(lambda n: m.Clear(id=n, key=key, asked=wanted.asked, person=wanted.person)), wanted.asked.system
        )

    async def _record(self, scope: Scope, body: bytes) -> Response:
        wanted, key, repeat = _read(body, RecordRequest), _bearer(scope), _idempotency_key(scope)
        return _told(
            await self._client.ask(
                lambda n: m.Record(id=n, key=key, clearance=wanted.clearance, outcome=wanted.outcome, idempotency=repeat)
            )
        )

    async def _decide(self, scope: Scope, body: bytes) -> Response:
        wanted, key, repeat = _read(body, DecisionRequest), _bearer(scope), _idempotency_key(scope)
        answer = await self._client.ask(
            lambda n: m.Decide(id=n, key=key, asked=wanted.asked, outcome=wanted.outcome, idempotency=repeat, person=wanted.person)
        )
        return _told(answer, wanted.asked.system)

    async def _receipt(self, scope: Scope) -> Response:
        number, systems = scope.path.removeprefix("/v1/receipts/"), parse_qs(scope.query_string).get("system", [])
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise InvalidInput("not an index", place="index", mend="Send the number from the receipt.")
        if len(systems) != 1:
            raise InvalidInput("one system is needed", place="system", mend="Add ?system=NAME.")
        system = strict_json.convert({"system": systems[0]}, _Query).system
        key = _bearer(scope)
        return _told(await self._client.ask(lambda n: m.AskReceipt(id=n, key=key, system=system, index=int(number))))

    async def _pong(self) -> m.Pong:
        pong = await self._client.ask(lambda n: m.Ping(id=n))
        if not isinstance(pong, m.Pong):
            raise Unreachable("an answer to something else")
        return pong

    async def _live(self, scope: Scope) -> Response:
        """This process answers. Whether anything is allowed now is /health/ready."""
        return Response(200, encode(Live(status="live")))

    async def _metrics(self, scope: Scope) -> Response:
        self._may_read_metrics(scope)
        try:
            page = exposition(await self._pong())
        except Unreachable:
            page = unready()
        return Response(200, page, kind=CONTENT_TYPE)

    def _may_read_metrics(self, scope: Scope) -> None:
        """Whoever has the key, if there is one; otherwise this machine, and nobody whom a proxy let in."""
        if self._metrics_key:
            given = hashlib.sha256(_bearer(scope).encode()).hexdigest()
            if not hmac.compare_digest(given, self._metrics_key):
                raise Failed(problem(refuse(RefusalCode.CLIENT_UNKNOWN, place="Authorization")))
        elif "x-forwarded-for" in scope.headers or "forwarded" in scope.headers or not _is_here(scope.client):
            raise Failed(plain_problem(403, "Only this machine reads the metrics.", "Set metrics_key_sha256 to read them from elsewhere."))

    async def _health(self, scope: Scope) -> Response:
        pong = await self._pong()
        if pong.refusal:
            return _failure(problem(pong.refusal))
        return Response(200, encode(Health(status="ready", log=pong.log, size=pong.size, max_age_ms=pong.max_age_ms)))

    async def _api_info(self, scope: Scope) -> Response:
        return Response(200, encode(ApiInfo(apiName="Insyn", apiVersion=__version__, apiStatus="active", apiDocumentation="/openapi.json")))

    async def _openapi(self, scope: Scope) -> Response:
        return Response(200, openapi(__version__))


class _Query(msgspec.Struct):
    system: m.Slug


class _Repeat(msgspec.Struct):
    key: m.IdempotencyKey


def _only(method: str, scope: Scope) -> None:
    if scope.method != method:
        raise Failed(plain_problem(405, f"Only {method} is served here."), ("allow", method))


def _address(scope: Scope) -> str:
    """Who calls: what the proxy in front wrote last, or the other end of the connection."""
    forwarded = scope.headers.get("x-forwarded-for")
    return forwarded.rpartition(",")[2].strip()[:64] if forwarded else scope.client.rpartition(":")[0]


def _is_here(client: str) -> bool:
    return client.rpartition(":")[0] in ("127.0.0.1", "::1", "[::1]")


def _bearer(scope: Scope) -> str:
    scheme, _, key = (scope.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "bearer" or not 16 <= len(key.strip()) <= 200:
        raise Failed(problem(refuse(RefusalCode.CLIENT_UNKNOWN, place="Authorization")))
    return key.strip()


def _idempotency_key(scope: Scope) -> str | None:
    given = scope.headers.get("idempotency-key")
    if given is None and "idempotency-key" not in scope.headers:
        return None
    try:
        if given is None:  # a header that is not text reads as none at all; a retry would be recorded twice
            raise InvalidInput("not visible ASCII", mend="Send 8 to 128 visible ASCII characters.")
        return strict_json.convert({"key": given.strip().strip('"')}, _Repeat).key
    except InvalidInput as error:
        raise InvalidInput(error.message, place="Idempotency-Key") from error


async def _body(scope: Scope, exchange: Exchange) -> bytes:
    kind = (scope.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind != _JSON:
        raise Failed(plain_problem(415, "Only application/json is read here."))
    length = scope.headers.get("content-length") or "0"
    if length.isascii() and length.isdigit() and (len(length) > 9 or int(length) > MAX_BODY):
        raise Failed(_too_large())
    async with asyncio.timeout(BODY_SECONDS):
        if "content-length" in scope.headers:  # the server reads no more than it says
            return await exchange()
        parts = bytearray()
        async for part in exchange:
            parts += part
            if len(parts) > MAX_BODY:
                raise Failed(_too_large())
        return bytes(parts)


def _too_large() -> Problem:
    return problem(refuse(RefusalCode.TOO_LARGE, place="body"))


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def _read(body: bytes, kind: type[T]) -> T:
    """Strictly. Equal bytes when it is written again prove that no key stood twice, at a third of the cost of looking for one."""
    decoder = _decoders.get(kind) or _decoders.setdefault(kind, msgspec.json.Decoder(kind))
    try:
        found = decoder.decode(body)
        if encode(found) == body and strict_json.is_flat(found.outcome.payload if hasattr(found, "outcome") else {}):
            return cast("T", found)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass  # the careful reader says what is wrong, and where
    return strict_json.convert(strict_json.loads(body), kind)


def _told(answer: m.Answer, system: str = "") -> Response:
    """The sequencer's answer in HTTP: 201 for what was made, 200 for what was read or repeated, or a problem."""
    if isinstance(answer, m.Denied):
        return _failure(problem(answer.refusal, receipt=answer.receipt))
    made = isinstance(answer, m.Cleared | m.Recorded) and not getattr(answer, "replayed", False)
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(answer, m.Cleared | m.Recorded) and system:
        headers = (("location", f"/v1/receipts/{answer.receipt.index}?system={system}"),)
    _, _, rest = encode(answer).partition(b",")  # without the tag of the type, which always stands first
    return Response(201 if made else 200, b"".join((b"{", rest[:-1], _PROMISE)), headers=headers)


def _failure(found: Problem, *headers: tuple[str, str]) -> Response:
    if found.status == 401:
        headers = (("www-authenticate", "Bearer"),)
    elif found.status == 503:
        headers = (("retry-after", "1"),)
    return Response(found.status, encode(found), kind=_PROBLEM, headers=headers)


def make_app() -> Front:
    """The application of a worker process, on the configuration that the parent named."""
    config = load_config(Path(os.environ[CONFIG_VARIABLE]))
    return Front(AsyncClient(config.decide_socket), config)
