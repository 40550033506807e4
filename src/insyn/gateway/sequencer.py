"""The sequencer process: ``python -m insyn.gateway.sequencer --config FILE``. One owns the log; whoever else starts is refused.

Order at start: the store and its lock, the tree against the last checkpoint, permits and stops, the spool, then the sockets. Prints ``ready``.
Ends on SIGTERM or SIGINT after the chunk under way. Exit code 1 with one line on what was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import uvloop

from insyn.core.errors import InsynError
from insyn.evidence.errors import StoreRolledBack
from insyn.evidence.store import EvidenceStore
from insyn.evidence.witnessing import POLICY, Witnesses
from insyn.tlog.checkpoint import Checkpoint, open_checkpoint
from insyn.tlog.cosignature import Cosigner
from insyn.tlog.errors import TlogError
from insyn.tlog.notes import NoteSigner, NoteVerifier

from .clock import SystemClock
from .config import Config, load_config
from .engine import Engine
from .server import Server

#: How long a start waits for witnesses that do not answer.
WITNESS_SECONDS = 5.0
#: Objects made, beyond those freed, before the collector looks at the newest: a decision frees what it made by itself.
_COLLECT_EVERY = 20_000
log = logging.getLogger("insyn.sequencer")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="insyn-sequencer", description="Own the log and answer every question about it, in order.")
    parser.add_argument("--config", type=Path, required=True, help="JSON file, see insyn.gateway.config")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    _raise_file_limit()
    try:
        config = load_config(chosen.config)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(config))
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
    second = config.log_ml_dsa_key()
    witnesses = Witnesses(Path(config.witnesses), seconds=WITNESS_SECONDS) if config.witnesses else None
    known = _published(config, signer) + (witnesses.checkpoints([signer.verifier]) if witnesses else [])
    store = EvidenceStore.open(
        folder=Path(config.folder),
        root_key=config.root_key(),
        origin=config.origin,
        clock=clock.wall,
        known=known,
        archive_key=config.archive_key(),
    )
    try:
        store.published = Path(config.published) / "checkpoint" if config.published else None
        if witnesses is not None:
            _ask_witnesses(witnesses, config, store.size)
        beside = [Cosigner(config.origin, second)] if second else []
        engine = Engine(store=store, signer=signer, beside=beside, clock=clock, settings=config.settings())
        engine.start()
        _spare_collector()
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


def _ask_witnesses(witnesses: Witnesses, config: Config, size: int) -> None:
    """A backup of the whole disk brings back an old published folder too; the witnesses still know. Raises ``StoreRolledBack``.

    One that does not answer in time is said in the log and not waited for: a witness must not be able to keep the gateway closed.
    """
    path = Path(config.published) / "checkpoint"
    if not config.published or not path.exists():
        return
    seen, silent = witnesses.sizes_seen(path.read_text(encoding="utf-8"))
    for name, why in silent.items():
        log.warning("witness %s did not say what it has seen: %s", name, why)
    for name, entries in seen.items():
        if entries > size:
            raise StoreRolledBack(
                f"the store has {size} entries, the witness {name} has seen {entries}: an old backup was put back, or the witness is wrong"
                f" (then take its line out of {witnesses.folder / POLICY})"
            )


def _spare_collector() -> None:
    """What was read at the start stays: the collector need not walk through ten thousand permits while callers wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_EVERY, 20, 20)


def _raise_file_limit() -> None:
    """As many connections as the host allows: the usual limit of 1024 is less than a busy front and its callers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else 65_536
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, 65_536) if wanted > soft else soft, hard))


if __name__ == "__main__":
    sys.exit(main())
