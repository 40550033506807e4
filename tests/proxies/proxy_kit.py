"""A model's server that does as it is told, a proxy in a process of its own, and a person with a pass."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import msgspec
import openai
from aiohttp import web
from gateway_kit import KEY, SYSTEM, Town, a_permit

from insyn.cli.up import free_port
from insyn.core.passes import Pass, token_of
from insyn.core.permit import Permit, PurposeGrant
from insyn.core.terms import Mode

INSTRUCTION = "a" * 64
MODEL, MODEL_KEY = "assistent", "sk-upstream-secret-0123456789"
ANSWER = "Ansökan kommer in på blanketten. "

Act = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


class Model:
    """A real HTTP server in a thread. ``act`` is what it does with the next calls; ``seen`` what came."""

    def __init__(self) -> None:
        self.port = free_port()
        self.seen: list[tuple[web.Request, dict[str, Any]]] = []
        self.act: Act = says(ANSWER)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._thread.start()
        assert self._ready.wait(20)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read() or b"{}")
        self.seen.append((request, body))
        return await self.act(request, body)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)


def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {
        "id": "up",
        "object": "chat.completion.chunk",
        "model": "m",
        "created": 1,
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }


def completion(text: str | None, **message: Any) -> dict[str, Any]:
    reason = "tool_calls" if "tool_calls" in message else "stop"
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": reason}
    return {
        "id": "up",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5},
    }


def response(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [part]}
    return {
        "id": "up",
        "object": "response",
        "status": "completed",
        "output": [message],
        "usage": {"input_tokens": 3, "output_tokens": 5},
    }


def says(*texts: str, pause: float = 0.0, **message: Any) -> Act:
    """An assistant that says this: streamed piece by piece where asked to, with a pause before each piece."""

    async def act(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if request.path.endswith("/responses"):
            whole = response("".join(texts))
            return await stream(request, responses_events(whole, texts), pause) if body.get("stream") else web.json_response(whole)
        if body.get("stream"):
            pieces = [chunk({"content": text}) for text in texts]
            pieces += [chunk({"tool_calls": [{"index": n, **call}]}) for n, call in enumerate(message.get("tool_calls", ()))]
            return await stream(request, [*pieces, chunk({}, "tool_calls" if "tool_calls" in message else "stop")], pause)
        return web.json_response(completion("".join(texts) or None, **message))

    return act


def responses_events(whole: dict[str, Any], texts: tuple[str, ...]) -> list[dict[str, Any]]:
    deltas = [{"type": "response.output_text.delta", "delta": text} for text in texts]
    return [{"type": "response.created", "response": {}}, *deltas, {"type": "response.completed", "response": whole}]


async def stream(request: web.Request, events: list[dict[str, Any]], pause: float = 0.0) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await answer.prepare(request)
    with contextlib.suppress(ConnectionError):
        for event in events:
            if pause:
                await asyncio.sleep(pause)
            await answer.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        await answer.write(b"data: [DONE]\n\n")
    return answer


async def forever(events: Callable[[], dict[str, Any]], pause: float) -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(pause)
        yield b"data: " + json.dumps(events()).encode() + b"\n\n"


def never_ends(pause: float = 0.02, text: str = "ord ") -> Act:
    async def act(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await answer.prepare(request)
        with contextlib.suppress(ConnectionError):
            async for data in forever(lambda: chunk({"content": text}), pause):
                await answer.write(data)
        return answer

    return act


def answers(body: bytes, *, status: int = 200, kind: str = "application/json", headers: dict[str, str] | None = None) -> Act:
    async def act(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers={"content-type": kind, **(headers or {})})

    return act


def an_assistant(**changes: Any) -> Permit:
    """The permit of an assistant: advice to a person who has confirmed the instruction."""
    whole = a_permit(
        modes=frozenset({Mode.ADVICE}),
        purposes=(PurposeGrant("ask_assistant", frozenset({"text"}), frozenset({"question"})),),
        explanation_due=False,
        notice_due=False,
        instruction=INSTRUCTION,
    )
    return msgspec.structs.replace(whole, **changes)


def a_pass(town: Town, **changes: Any) -> str:
    whole = Pass(id=secrets.token_hex(8), person="p-anna", system=SYSTEM, instruction=INSTRUCTION, last_day="2099-12-31")
    return token_of(msgspec.structs.replace(whole, **changes), town.register_key)


def an_upstream(model: Model, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "openai",
        "url": f"http://127.0.0.1:{model.port}/v1",
        "system": SYSTEM,
        "version": "1.0",
        "purpose": "ask_assistant",
        "matter_type": "question",
        "categories": ["text"],
        "callers": "persons",
        "client_key_file": "client.key",
        "credential_file": "model.key",
        "chunk_chars": 40,
        "chunk_ms": 100,
        **changes,
    }


def judging(kind: str) -> dict[str, Any]:
    """Changes that make an upstream one that judges rows."""
    return {"kind": kind, "rows": {"features": ["income"], "case": "case", "outcome": "predict"}}


def a_judge(port: int, kind: str, rows: dict[str, Any]) -> dict[str, Any]:
    """An upstream that programs let judge loans, row by row."""
    return {
        "kind": kind,
        "url": f"http://127.0.0.1:{port}",
        "system": SYSTEM,
        "version": "1.0",
        "purpose": "assess_loan",
        "matter_type": "loan",
        "categories": ["economy"],
        "mode": "support",
        "callers": "programs",
        "notice": "in the form",
        "rows": rows,
    }


class Proxied:
    """A running proxy in front of the model, on the town's sequencer."""

    def __init__(self, town: Town, upstreams: dict[str, dict[str, Any]]) -> None:
        self.town = town
        root = town.home.root
        (root / "client.key").write_text(KEY + "\n")
        (root / "model.key").write_text(MODEL_KEY + "\n")
        (root / "proxies.json").write_text(json.dumps({"upstreams": upstreams}))
        self.port = free_port()
        self.log = root / "proxy.log"
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "insyn.gateway.proxy", "--config", str(town.home.sequencer_config), "--port", str(self.port)]
            self.process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        self._clients: list[Any] = []
        self._wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _wait(self) -> None:
        for _ in range(400):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/v2/health/live", timeout=5)
                return
            time.sleep(0.05)
        raise AssertionError(f"the proxy did not start:\n{self.log.read_text()}")

    def client(self, token: str | None = None, **options: Any) -> openai.OpenAI:
        """The official client, as anybody would make it."""
        made = openai.OpenAI(base_url=f"{self.url}/v1", api_key=token or a_pass(self.town), **{"max_retries": 0, "timeout": 30, **options})
        self._clients.append(made)
        return made

    def http(self, token: str | None = None, **headers: str) -> httpx.Client:
        made = httpx.Client(base_url=self.url, headers={"authorization": f"Bearer {token or a_pass(self.town)}", **headers}, timeout=30)
        self._clients.append(made)
        return made

    def kinds(self) -> list[str]:
        """What stands in the log about the system, in order."""
        return [head.kind for head in self.heads()]

    def heads(self) -> list[Any]:
        from insyn.core.entries import read_head
        from insyn.evidence.reader import EvidenceReader

        with EvidenceReader.read_only(self.town.home.evidence) as reader:
            return [read_head(data) for _, data in reader.entries(0, 1_000_000)]

    def close(self) -> None:
        for client in self._clients:
            client.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)


@contextlib.contextmanager
def proxied(town: Town, upstreams: dict[str, dict[str, Any]]) -> Iterator[Proxied]:
    made = Proxied(town, upstreams)
    try:
        yield made
    finally:
        made.close()
