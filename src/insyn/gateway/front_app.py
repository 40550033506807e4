"""The HTTP front as an RSGI application: reads strictly, asks the sequencer, tells what it answered. Holds no state and decides nothing."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs

import msgspec

from insyn import __version__
from insyn.core import messages as m
from insyn.core import strict_json
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.refusals import RefusalCode, refuse
from insyn.core.wire import encode

from .client import AsyncClient
from .config import load_config
from .front_openapi import ClearanceRequest, DecisionRequest, RecordRequest, openapi
from .problems import Problem, plain_problem, problem, unreachable
from .unreadable import denied

MAX_BODY = 256 * 1024
CONFIG_VARIABLE = "INSYN_FRONT_CONFIG"
#: Whoever reads an answer over HTTP has no clock in common with the sequencer, so a stop is never more than committed to them.
STOP_PROMISE = "committed only"
_JSON, _PROBLEM = "application/json", "application/problem+json"
T = TypeVar("T")


class Scope(Protocol):
    method: str
    path: str
    query_string: str

    @property
    def headers(self) -> Mapping[str, str]: ...


class Exchange(Protocol):
    """RSGI's HTTP protocol object, as far as it is used here."""

    def __aiter__(self) -> Any: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    kind: str = _JSON
    headers: tuple[tuple[str, str], ...] = ()


class Failed(Exception):
    """A problem to answer with, raised while a request is read."""

    def __init__(self, found: Problem) -> None:
        self.problem = found
        super().__init__(found.title)


class Front:
    """One per worker process."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._posts: Mapping[str, Callable[[Scope, bytes], Awaitable[Response]]] = {
            "/v1/clearances": self._clear,
            "/v1/records": self._record,
            "/v1/decisions": self._decide,
        }
        self._gets: Mapping[str, Callable[[], Awaitable[Response]]] = {
            "/health": self._health,
            "/api-info": self._api_info,
            "/openapi.json": self._openapi,
        }

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        try:
            response = await self._respond(scope, exchange)
        except Failed as failed:
            response = _failure(failed.problem)
        except InvalidInput as error:
            response = _failure(problem(denied(error).refusal))
        except Unreachable:
            response = _failure(unreachable())
        headers = [("content-type", response.kind), ("cache-control", "no-store"), ("x-content-type-options", "nosniff"), *response.headers]
        exchange.response_bytes(response.status, headers, response.body)

    async def _respond(self, scope: Scope, exchange: Exchange) -> Response:
        if post := self._posts.get(scope.path):
            _only("POST", scope)
            return await post(scope, await _body(scope, exchange))
        if scope.path.startswith("/v1/receipts/"):
            _only("GET", scope)
            return await self._receipt(scope)
        if get := self._gets.get(scope.path):
            _only("GET", scope)
            return await get()
        raise Failed(plain_problem(404, "There is nothing at this path.", "See /openapi.json."))

    # ------------------------------------------------------------------------------------------------------------- requests

    async def _clear(self, scope: Scope, body: bytes) -> Response:
        wanted, key = _read(body, ClearanceRequest), _bearer(scope)
        return _told(await self._client.ask(lambda n: m.Clear(id=n, key=key, asked=wanted.asked)), wanted.asked.system)

    async def _record(self, scope: Scope, body: bytes) -> Response:
        wanted, key, repeat = _read(body, RecordRequest), _bearer(scope), _idempotency_key(scope)
        return _told(
            await self._client.ask(
                lambda n: m.Record(id=n, key=key, clearance=wanted.clearance, outcome=wanted.outcome, idempotency=repeat)
            )
        )

    async def _decide(self, scope: Scope, body: bytes) -> Response:
        wanted, key, repeat = _read(body, DecisionRequest), _bearer(scope), _idempotency_key(scope)
        answer = await self._client.ask(lambda n: m.Decide(id=n, key=key, asked=wanted.asked, outcome=wanted.outcome, idempotency=repeat))
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

    async def _health(self) -> Response:
        pong = await self._client.ask(lambda n: m.Ping(id=n))
        if not isinstance(pong, m.Pong):
            raise Unreachable("an answer to something else")
        if pong.refusal:
            return _failure(problem(pong.refusal))
        return Response(200, encode(_Health(status="ready", log=pong.log, size=pong.size, max_age_ms=pong.max_age_ms)))

    async def _api_info(self) -> Response:
        return Response(
            200, encode(_ApiInfo(apiName="Insyn", apiVersion=__version__, apiStatus="active", apiDocumentation="/openapi.json"))
        )

    async def _openapi(self) -> Response:
        return Response(200, openapi(__version__))


class _Query(msgspec.Struct):
    system: m.Slug


class _Repeat(msgspec.Struct):
    key: m.IdempotencyKey


class _Health(msgspec.Struct):
    status: str
    log: str
    size: int
    max_age_ms: int


class _ApiInfo(msgspec.Struct):
    """As the Swedish REST API profile names the fields."""

    apiName: str  # noqa: N815
    apiVersion: str  # noqa: N815
    apiStatus: str  # noqa: N815
    apiDocumentation: str  # noqa: N815


def _only(method: str, scope: Scope) -> None:
    if scope.method != method:
        raise Failed(plain_problem(405, f"Only {method} is served here."))


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
    parts = bytearray()
    async for part in exchange:
        parts += part
        if len(parts) > MAX_BODY:
            raise Failed(_too_large())
    return bytes(parts)


def _too_large() -> Problem:
    return problem(refuse(RefusalCode.TOO_LARGE, place="body"))


def _read(body: bytes, kind: type[T]) -> T:
    return strict_json.convert(strict_json.loads(body), kind)


def _told(answer: m.Answer, system: str = "") -> Response:
    """The sequencer's answer in HTTP: 201 for what was made, 200 for what was read or repeated, or a problem."""
    if isinstance(answer, m.Denied):
        return _failure(problem(answer.refusal, receipt=answer.receipt))
    plain = msgspec.to_builtins(answer)
    plain.pop("type", None)
    made = isinstance(answer, m.Cleared | m.Recorded) and not getattr(answer, "replayed", False)
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(answer, m.Cleared | m.Recorded) and system:
        headers = (("location", f"/v1/receipts/{answer.receipt.index}?system={system}"),)
    return Response(201 if made else 200, msgspec.json.encode({**plain, "stop": STOP_PROMISE}), headers=headers)


def _failure(found: Problem) -> Response:
    headers: tuple[tuple[str, str], ...] = ()
    if found.status == 401:
        headers = (("www-authenticate", "Bearer"),)
    elif found.status == 503:
        headers = (("retry-after", "1"),)
    return Response(found.status, encode(found), kind=_PROBLEM, headers=headers)


def make_app() -> Front:
    """The application of a worker process, on the configuration that the parent named."""
    return Front(AsyncClient(load_config(Path(os.environ[CONFIG_VARIABLE])).decide_socket))
