"""``make bench ARGS=proxying``: what the proxy adds to a call of a model, beside the same model called directly, and beside LiteLLM's proxy.

The model is the smallest there is: a chat completion that is ready at once, from the same kind of server. So what is measured is the proxy:
clearance, call, record, release, with two durable entries for each call. Callers, proxy, model and sequencer share the same processors.
LiteLLM is measured where ``make bench-peers`` has installed it; it keeps nothing of a call here.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from bench.figures import Load, Table
from bench.installation import KEY, SYSTEM, Installation, _wait_for_port, served
from bench.peers import PEERS
from insyn.cli.up import free_port
from insyn.core import messages as m
from insyn.core.entries import encode_entry
from insyn.core.permit import open_permit, permit_digest, sign_permit

_CALLERS = (1, 8, 32)
_MASTER = f"sk-{KEY}-0123456789"  # LiteLLM does not start without one
_TEXT = "Ansökan kommer in på blanketten. " * 8
_COMPLETION = msgspec.json.encode(
    {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": _TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 60, "total_tokens": 70},
    }
)
_QUESTION = msgspec.json.encode({"model": "m", "messages": [{"role": "user", "content": "Hur ansöker man om bygglov? " * 8}]})


async def app(scope: Any, exchange: Any) -> None:
    """The model."""
    await exchange()
    exchange.response_bytes(200, [("content-type", "application/json")], _COMPLETION)


@contextlib.contextmanager
def proxied(made: Installation, model: int, workers: int) -> Iterator[int]:
    """Our proxy before the model; yields its port."""
    upstream = {
        "kind": "openai",
        "url": f"http://127.0.0.1:{model}/v1",
        "system": SYSTEM,
        "version": "1",
        "purpose": "measure",
        "matter_type": "loan",
        "categories": ["economy"],
        "mode": "support",
        "callers": "programs",
    }
    (made.home.root / "proxies.json").write_text(json.dumps({"upstreams": {"m": upstream}}))
    with served("-m", "insyn.gateway.proxy", "--config", str(made.home.sequencer_config), "--workers", str(workers)) as port:
        yield port


def without_explanations(made: Installation) -> None:
    """A text has no factors, so the bench's permit is compiled anew without that duty."""
    act = made.permit_act()
    assert act.permit is not None
    permit = open_permit(act.permit, public=made.register_key.public)
    permit = msgspec.structs.replace(permit, epoch=2, compiled_from=1, explanation_due=False, notice_due=False)
    signed = sign_permit(permit, made.register_key)
    fields = {"kind": "permit", "system": SYSTEM, "day": "2026-01-01", "rid": act.act, "act": "bench", "epoch": 2}
    entry = encode_entry({**fields, "permit": permit_digest(signed.body)})
    answer = made.control.ask(msgspec.structs.replace(act, entry=entry, permit=signed))
    if not isinstance(answer, m.Done):
        raise RuntimeError(f"the permit was not taken: {answer}")


@contextlib.contextmanager
def litellm(model: int) -> Iterator[int]:
    """LiteLLM's proxy before the same model, with nothing switched on; yields its port."""
    config = {
        "model_list": [
            {"model_name": "m", "litellm_params": {"model": "openai/m", "api_base": f"http://127.0.0.1:{model}/v1", "api_key": "x" * 16}}
        ]
    }
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="in") as folder:
        path = Path(folder) / "litellm.yaml"
        path.write_text(json.dumps(config))
        words = [str(PEERS / "bin" / "litellm"), "--config", str(path), "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
        environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "LITELLM_MASTER_KEY": _MASTER}
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        try:
            _wait_long(port)
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _wait_long(port: int) -> None:
    """It reads for half a minute before it listens."""
    for attempt in range(6):
        try:
            _wait_for_port(port)
            return
        except RuntimeError:
            if attempt == 5:
                raise


async def _ask(port: int, callers: int, count: int, key: str) -> Load:
    found: list[float] = []
    left = iter(range(count))
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=callers), headers=headers) as session:

        async def caller() -> None:
            for _ in left:
                began = time.perf_counter()
                async with session.post(f"http://127.0.0.1:{port}/v1/chat/completions", data=_QUESTION) as answer:
                    body = await answer.read()
                    if answer.status != 200:
                        raise RuntimeError(body[:500])
                found.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(callers)))
        return Load(found, count / (time.perf_counter() - began))


def load(port: int, callers: int, count: int, key: str = KEY) -> Load:
    return asyncio.run(_ask(port, callers, count, key))


def say_proxying(scale: float, callers: Sequence[int] = _CALLERS) -> Table:
    table = Table("Proxies")
    counts = {count: max(50, int((1000 if count == 1 else 4000) * scale)) for count in callers}
    with served("-m", "bench.proxying", "--model") as model:
        _measure(table, "the model itself", model, counts)
        for workers in (1, 2):
            with Installation() as made:
                without_explanations(made)
                with proxied(made, model, workers) as port:
                    _measure(table, f"our proxy, {workers} worker{'s' if workers > 1 else ''}", port, counts)
        if (PEERS / "bin" / "litellm").exists():
            with litellm(model) as port:
                _measure(table, "LiteLLM's proxy", port, {count: number // 5 for count, number in counts.items()}, _MASTER)
    return table


def against_litellm(table: Table) -> list[str]:
    """Our best rate and what we add to the model's p50, beside LiteLLM's; the targets are ten times the rate and a tenth of the added time."""
    rows = {row.what: row for row in table.rows}
    said = []
    for callers in _CALLERS:
        names = ("the model itself", "our proxy, 1 worker", "our proxy, 2 workers", "LiteLLM's proxy")
        found = [rows.get(f"{name}, {callers} callers") for name in names]
        direct, theirs, ours = found[0], found[3], [row for row in found[1:3] if row]
        if direct and theirs and ours:
            rate = max(row.rate for row in ours) / theirs.rate
            added = (min(row.p50 for row in ours) - direct.p50) / (theirs.p50 - direct.p50)
            said.append(
                f"- Proxy, {callers} callers: {rate:.1f} times LiteLLM's rate (target ≥ 10), {added:.2f} of its added time (target ≤ 0.1)."
            )
    return said or ["LiteLLM's proxy was not measured: `make bench-peers` has not been run here."]


def _measure(table: Table, what: str, port: int, counts: dict[int, int], key: str = KEY) -> None:
    load(port, 4, 50, key)
    for callers, count in counts.items():
        table.beside_flush(f"{what}, {callers} callers", lambda c=callers, n=count: load(port, c, n, key))  # type: ignore[misc]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench proxying", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--model", action="store_true", help="be the model (what the bench starts by itself)")
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args(arguments)
    if not given.model:
        print("\n".join(against_litellm(say_proxying(0.1 if given.quick else 1.0))))
        return 0
    Server(
        "bench.proxying:app", address="127.0.0.1", port=given.port, interface=Interfaces.RSGI, http=HTTPModes.http1, websockets=False
    ).serve()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
