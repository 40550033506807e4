"""The proxies' process: ``python -m insyn.gateway.proxy --config FILE --port PORT``. Listens on this machine only; TLS is a web server's work."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from insyn.core.errors import InsynError

from .config import load_config
from .proxies.app import CONFIG_VARIABLE, PROXIES_VARIABLE
from .proxies.config import load_routes
from .serving import serve

PROXIES_FILE = "proxies.json"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="insyn-proxy", description="Models behind Insyn: OpenAI's protocol, the Open Inference Protocol v2, MLflow's /invocations."
    )
    parser.add_argument("--config", type=Path, required=True, help="the sequencer's JSON file")
    parser.add_argument("--proxies", type=Path, help=f"the models' JSON file (default: {PROXIES_FILE} beside the sequencer's)")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args(arguments)
    proxies = chosen.proxies or chosen.config.parent / PROXIES_FILE
    try:
        load_config(chosen.config)
        load_routes(proxies)
    except InsynError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    os.environ.update({CONFIG_VARIABLE: str(chosen.config.resolve()), PROXIES_VARIABLE: str(proxies.resolve())})
    serve("insyn.gateway.proxies.app:make_app", port=chosen.port, workers=chosen.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
