"""The HTTP front's process: ``python -m insyn.gateway.front --config FILE --port PORT``. Listens on this machine only; TLS is a proxy's work."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from insyn.core.errors import InsynError

from .config import load_config
from .front_app import CONFIG_VARIABLE
from .serving import serve


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="insyn-front", description="HTTP in front of the sequencer: clearances, records, decisions, receipts."
    )
    parser.add_argument("--config", type=Path, required=True, help="the sequencer's JSON file")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--workers", type=int, help="processes (default: front_workers in the file)")
    chosen = parser.parse_args(arguments)
    try:
        config = load_config(chosen.config)
    except InsynError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    os.environ[CONFIG_VARIABLE] = str(chosen.config.resolve())
    serve("insyn.gateway.front_app:make_app", port=chosen.port, workers=chosen.workers or config.front_workers, respawn=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
