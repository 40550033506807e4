"""The empty echo of the same server: Granian over RSGI, which reads a body and sends it back. ``python -m bench.echo --port N``."""

from __future__ import annotations

import argparse
from typing import Any

from insyn.gateway.serving import serve


async def app(scope: Any, exchange: Any) -> None:
    body = await exchange()
    exchange.response_bytes(201, [("content-type", "application/json")], body)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.echo", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    serve("bench.echo:app", port=given.port, workers=given.workers, factory=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
