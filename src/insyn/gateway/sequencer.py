"""The sequencer process: ``python -m insyn.gateway.sequencer --config FILE``. One owns the log; whoever else starts is refused.

Order at start: the store and its lock, the tree against the last checkpoint, permits and stops, the spool, then the sockets. Prints ``ready``.
Ends on SIGTERM or SIGINT after the chunk under way. Exit code 1 with one line on what was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from insyn.core.errors import InsynError
from insyn.evidence.store import EvidenceStore
from insyn.tlog.checkpoint import Checkpoint, open_checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.notes import NoteSigner, NoteVerifier

from .clock import SystemClock
from .config import Config, load_config
from .engine import Engine
from .server import Server

log = logging.getLogger("insyn.sequencer")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="insyn-sequencer", description="Own the log and answer every question about it, in order.")
    parser.add_argument("--config", type=Path, required=True, help="JSON file, see insyn.gateway.config")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    _raise_file_limit()
    try:
        asyncio.run(serve(load_config(chosen.config)))
    except (InsynError, TlogError) as error:
        log.error("%s", error)
        return 1
    return 0


async def serve(config: Config) -> None:
    """Run until a signal ends it."""
    clock = SystemClock()
    for folder in (config.run, config.spool):
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    signer = NoteSigner(config.origin, config.log_key())
    known = _published(config, signer)
    store = EvidenceStore.open(folder=Path(config.folder), root_key=config.root_key(), origin=config.origin, clock=clock.wall, known=known)
    try:
        engine = Engine(store=store, signer=signer, clock=clock, settings=config.settings())
        engine.start()
        server = Server(engine, decide=config.decide_socket, control=config.control_socket, checkpoint_seconds=config.checkpoint_seconds)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stop)
        await server.run(ready=lambda: log.info("ready: %s at %d entries", store.origin, store.size))
        engine.checkpoint()
    finally:
        store.close()


def _published(config: Config, signer: NoteSigner) -> list[Checkpoint]:
    """What the public has seen. An old backup put back would lose stops and answers after it, and fork the log. Raises ``TlogError``."""
    path = Path(config.published) / "checkpoint"
    if not config.published or not path.exists():
        return []
    return [open_checkpoint(path.read_text(encoding="utf-8"), [NoteVerifier.parse(signer.vkey)])]


def _raise_file_limit() -> None:
    """As many connections as the host allows: the usual limit of 1024 is less than a busy front and its callers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 65_536
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, 65_536) if wanted > soft else soft, hard))


if __name__ == "__main__":
    sys.exit(main())
