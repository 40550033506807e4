"""The proxies as an RSGI application: three protocols, one way in for each, one way to the sequencer for all."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec
from granian._granian import RSGIProtocolClosed

from insyn.core import messages as m
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.refusals import RefusalCode, refuse

from ..client import AsyncClient
from ..config import Config, load_config
from ..rates import Rates
from . import inference, mlflow
from .config import Route, load_routes
from .gate import Gate
from .judging import embed, judge_rows
from .questions import (
    ChatQuestion,
    EmbeddingsQuestion,
    Question,
    ResponsesQuestion,
    chat_question,
    embeddings_question,
    read,
    responses_question,
)
from .refusing import Closed, close, inference_error, mlflow_error, openai_error, unreadable
from .tables import Table, wrong
from .talking import CHAT, RESPONSES, Talk, Words
from .upstream import Models

CONFIG_VARIABLE, PROXIES_VARIABLE = "INSYN_PROXY_CONFIG", "INSYN_PROXY_UPSTREAMS"
#: Seconds in which a body must have come, and calls that one worker has under way.
BODY_SECONDS, MOST_UNDER_WAY = 10.0, 1024
_JSON = "application/json"
_SAFE = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))
_HEALTH = frozenset({"/health", "/ping", "/v2/health/live", "/v2/health/ready"})
log = logging.getLogger("insyn.proxy")


class Headers(Protocol):
    def get(self, key: str, default: Any = None) -> Any: ...

    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    method: str
    path: str
    client: str

    @property
    def headers(self) -> Headers: ...


class Stream(Protocol):
    async def send_bytes(self, data: bytes) -> None: ...


class Exchange(Protocol):
    """RSGI's HTTP protocol object, as far as it is used here."""

    def __aiter__(self) -> Any: ...

    async def client_disconnect(self) -> None: ...

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Stream: ...


class Caller:
    """The other end of one call; what :class:`~insyn.gateway.proxies.talking.Listener` asks for."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._stream: Stream | None = None

    async def begin(self) -> None:
        headers = [("content-type", "text/event-stream; charset=utf-8"), ("x-accel-buffering", "no"), *_SAFE]
        self._stream = self._exchange.response_stream(200, headers)

    async def send(self, data: bytes) -> None:
        if self._stream is None:
            return
        try:
            await self._stream.send_bytes(data)
        except (RSGIProtocolClosed, OSError):
            raise close(RefusalCode.CALLER_GONE) from None

    async def gone(self) -> None:
        await self._exchange.client_disconnect()


@dataclass(frozen=True)
class Reply:
    """``None`` in place of one: everything has been written already."""

    status: int
    body: Mapping[str, Any]
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Call:
    """One request, read: who asks, what, and how to answer."""

    caller: Caller
    bearer: str
    body: bytes
    idempotency: str | None


class Proxy:
    """One per worker process."""

    def __init__(self, client: AsyncClient, routes: Mapping[str, Route], config: Config) -> None:
        self._client, self._routes, self._models = client, routes, Models()
        self._by_key, self._by_address = Rates(config.calls_per_key), Rates(config.calls_per_address)
        self._under_way = 0
        self._most = max(route.upstream.max_request_bytes for route in routes.values())
        self._posts: Mapping[str, Callable[[Call], Awaitable[Reply | None]]] = {
            "/v1/chat/completions": partial(self._talk, kind=ChatQuestion, make=chat_question, words=CHAT),
            "/v1/responses": partial(self._talk, kind=ResponsesQuestion, make=responses_question, words=RESPONSES),
            "/v1/embeddings": self._embed,
        }

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_until_complete(self._models.close())

    async def __rsgi__(self, scope: Scope, exchange: Exchange) -> None:
        try:
            reply = await self._respond(scope, exchange)
        except Closed as closed:
            reply = _failed(scope.path, closed)
        except Exception as error:  # never with its text: that may be what somebody wrote
            log.error("a call failed: %s", type(error).__name__)
            reply = _failed(scope.path, close(RefusalCode.INVALID_REQUEST, status=500))
        if reply is not None:
            headers = [("content-type", _JSON), *_SAFE, *reply.headers]
            exchange.response_bytes(reply.status, headers, msgspec.json.encode(reply.body))

    async def _respond(self, scope: Scope, exchange: Exchange) -> Reply | None:
        path = scope.path
        if path in _HEALTH or path == "/v1/models" or path.startswith("/v1/models/") or path.endswith(("/ready", "/ping")):
            _only("GET", scope)
            return await self._look(path)
        act = self._posts.get(path) or self._judging(path)
        if act is None:
            raise Closed(refuse(RefusalCode.INVALID_REQUEST, place="path"), status=404)
        _only("POST", scope)
        bearer, repeat = _bearer(scope), _idempotency(scope)
        self._admit(scope, bearer)
        self._under_way += 1
        try:
            return await act(Call(Caller(exchange), bearer, await _body(scope, exchange, self._most), repeat))
        finally:
            self._under_way -= 1

    def _admit(self, scope: Scope, bearer: str) -> None:
        """Not too many at once, and not too often from one address nor with one credential, which is kept as its hash."""
        if self._under_way >= MOST_UNDER_WAY:
            raise close(RefusalCode.BUSY)
        now = time.monotonic()
        wait = self._by_address.wait(_address(scope), now) or self._by_key.wait(hashlib.sha256(bearer.encode()).hexdigest(), now)
        if wait:
            raise close(RefusalCode.RATE_LIMITED)

    # -------------------------------------------------------------------------------------------------------------- looking

    async def _look(self, path: str) -> Reply:
        if path == "/v2/health/live":
            return Reply(200, {"live": True})
        if path.startswith("/v1/models"):
            return self._list(path)
        if path not in _HEALTH:
            self._named(path)
        try:
            pong = await self._client.ask(lambda n: m.Ping(id=n))
        except Unreachable:
            raise close(RefusalCode.UNREACHABLE) from None
        if not isinstance(pong, m.Pong) or pong.refusal:
            raise Closed(pong.refusal if isinstance(pong, m.Pong) and pong.refusal else refuse(RefusalCode.UNREACHABLE))
        return Reply(200, {"ready": True, "log": pong.log})

    def _list(self, path: str) -> Reply:
        named = [
            {"id": name, "object": "model", "created": 0, "owned_by": route.upstream.system}
            for name, route in self._routes.items()
            if route.upstream.kind == "openai"
        ]
        if path == "/v1/models":
            return Reply(200, {"object": "list", "data": named})
        found = next((one for one in named if one["id"] == path.removeprefix("/v1/models/")), None)
        if found is None:
            raise _unknown("model")
        return Reply(200, found)

    def _named(self, path: str) -> Route:
        """The upstream that a path names, in OIP's or MLflow's manner."""
        parts = path.strip("/").split("/")
        if parts[:2] == ["v2", "models"] and len(parts) == 4:
            return self._route(parts[2], "inference")
        if len(parts) == 2 and parts[0] != "v2":
            return self._route(parts[0], "mlflow")
        raise _unknown("path")

    def _route(self, name: str, kind: str) -> Route:
        route = self._routes.get(name)
        if route is None or route.upstream.kind != kind:
            raise _unknown("model")
        return route

    # --------------------------------------------------------------------------------------------------------------- asking

    def _gate(self, route: Route, call: Call) -> Gate:
        if len(call.body) > route.upstream.max_request_bytes:
            raise close(RefusalCode.TOO_LARGE, place="body")
        if route.upstream.callers == "persons":
            return Gate(self._client, route, key=route.client_key, person=call.bearer)
        if len(call.bearer) > 200:
            raise close(RefusalCode.CLIENT_UNKNOWN, place="Authorization")
        return Gate(self._client, route, key=call.bearer, person="")

    async def _talk(self, call: Call, *, kind: type[Any], make: Callable[[Any, Route], Question], words: Words) -> Reply | None:
        asked = read(call.body, kind)
        route = self._route(asked.model, "openai")
        gate, question = self._gate(route, call), make(asked, route)
        talk = Talk(gate, self._models, question, words)
        if question.stream:
            await talk.stream(call.caller)
            return None
        body, recorded = await talk.whole(call.caller)
        return Reply(200, body, _receipt(recorded))

    async def _embed(self, call: Call) -> Reply:
        asked = read(call.body, EmbeddingsQuestion)
        route = self._route(asked.model, "openai")
        body, recorded = await embed(self._gate(route, call), self._models, embeddings_question(asked, route), listener=call.caller)
        return Reply(200, body, _receipt(recorded))

    def _judging(self, path: str) -> Callable[[Call], Awaitable[Reply]] | None:
        if path.startswith("/v2/models/") and path.endswith("/infer"):
            return partial(self._infer, route=self._named(path))
        if path == "/invocations":
            served = [route for route in self._routes.values() if route.upstream.kind == "mlflow"]
            if len(served) != 1:
                raise _unknown("path")
            return partial(self._invoke, route=served[0])
        if path.endswith("/invocations"):
            return partial(self._invoke, route=self._named(path))
        return None

    async def _infer(self, call: Call, *, route: Route) -> Reply:
        gate, request = self._gate(route, call), read(call.body, inference.InferRequest)
        inference.refuse_binary(request)
        tensors, recorded = await judge_rows(
            gate,
            self._models,
            inference.read_table(request, route),
            path=f"/v2/models/{route.upstream.model or route.name}/infer",
            to_model=lambda table: inference.to_model(request, table, route),
            read=inference.read_answer,
            listener=call.caller,
            idempotency=call.idempotency,
        )
        return Reply(200, inference.answer_of(route, request, tensors), _receipt(recorded[0]))

    async def _invoke(self, call: Call, *, route: Route) -> Reply:
        gate = self._gate(route, call)
        form, table = mlflow.read_table(read(call.body, dict), route)
        predictions, recorded = await judge_rows(
            gate,
            self._models,
            table,
            path="/invocations",
            to_model=lambda table: mlflow.to_model(form, table, route),
            read=partial(_read_predictions, route=route),
            listener=call.caller,
            idempotency=call.idempotency,
        )
        return Reply(200, {"predictions": predictions}, _receipt(recorded[0]))


def _read_predictions(body: Any, table: Table, route: Route) -> tuple[Any, list[dict[str, Any]]]:
    return mlflow.read_answer(body, table, route)


def _failed(path: str, closed: Closed) -> Reply:
    """In the words of the protocol that was spoken. Only what may succeed a moment later is worth another try."""
    write = openai_error if path.startswith("/v1") else inference_error if path.startswith("/v2") else mlflow_error
    headers = [("x-should-retry", "true" if closed.status in (429, 503) else "false")]
    if closed.status == 401:
        headers.append(("www-authenticate", "Bearer"))
    elif closed.status in (429, 503):
        headers.append(("retry-after", "1"))
    return Reply(closed.status, write(closed), tuple(headers))


def _receipt(recorded: m.Recorded) -> tuple[tuple[str, str], ...]:
    return (("x-insyn-log", recorded.receipt.log), ("x-insyn-index", str(recorded.receipt.index)), ("x-insyn-stage", recorded.stage))


def _unknown(place: str) -> Closed:
    return close(RefusalCode.UNKNOWN_SYSTEM, place=place, status=404)


def _only(method: str, scope: Scope) -> None:
    if scope.method != method:
        raise Closed(wrong(f"only {method} is served here", "method").refusal, status=405)


def _bearer(scope: Scope) -> str:
    """The one credential of the call. Two of them would leave open whose call it is."""
    given = [value for name, value in scope.headers.items() if name.lower() == "authorization"]
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not 16 <= len(token) <= 1000:
        persons = scope.path.startswith("/v1")
        raise close(RefusalCode.PERSON_UNKNOWN if persons else RefusalCode.CLIENT_UNKNOWN, place="Authorization")
    return token


def _idempotency(scope: Scope) -> str | None:
    given = scope.headers.get("idempotency-key")
    if given is None and "idempotency-key" not in scope.headers:  # type: ignore[operator]
        return None
    text = (given or "").strip().strip('"')
    if not 8 <= len(text) <= 120 or not all("!" <= sign <= "~" for sign in text):
        raise unreadable(InvalidInput("is not 8 to 120 visible ASCII characters", place="Idempotency-Key"))
    return text


async def _body(scope: Scope, exchange: Exchange, most: int) -> bytes:
    kind = (scope.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if "inference-header-content-length" in scope.headers:  # type: ignore[operator]
        raise close(RefusalCode.CONTENT_NOT_EXAMINED, place="Inference-Header-Content-Length", status=415)
    if kind != _JSON or (scope.headers.get("content-encoding") or "identity").lower() != "identity":
        raise Closed(wrong("only application/json is read here, uncompressed", "content-type").refusal, status=415)
    parts = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in exchange:
                parts += part
                if len(parts) > most:
                    raise close(RefusalCode.TOO_LARGE, place="body")
    except TimeoutError:
        raise Closed(wrong("the body did not come in time", "body").refusal, status=408) from None
    return bytes(parts)


def _address(scope: Scope) -> str:
    """Who calls: what the web server in front wrote last, or the other end of the connection."""
    forwarded = scope.headers.get("x-forwarded-for")
    return str(forwarded).rpartition(",")[2].strip()[:64] if forwarded else scope.client.rpartition(":")[0]


def make_app() -> Proxy:
    """The application of a worker process, on the files that the parent named."""
    config = load_config(Path(os.environ[CONFIG_VARIABLE]))
    return Proxy(AsyncClient(config.decide_socket), load_routes(Path(os.environ[PROXIES_VARIABLE])), config)
