"""The empty echo of the same server: Granian over RSGI, which reads a body and sends it back. ``python -m bench.echo --port N``."""

from __future__ import annotations

import argparse
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server import Server


async def app(scope: Any, exchange: Any) -> None:
    body = await exchange()
    exchange.response_bytes(201, [("content-type", "application/json")], body)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.echo", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    Server(
        "bench.echo:app",
        address="127.0.0.1",
        port=given.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        workers=given.workers,
        websockets=False,
    ).serve()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
