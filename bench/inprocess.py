"""The engine without its sockets, in this process, on a store of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from bench.figures import Load
from bench.installation import KEY, Installation, outcome
from bench.load import asked
from insyn.core import messages as m
from insyn.core.wire import CONTROL_CONTEXT, encode
from insyn.evidence.store import EvidenceStore
from insyn.gateway.clock import SystemClock
from insyn.gateway.config import load_config
from insyn.gateway.engine import Engine


class Decider:
    """Asks an engine and turns it until it has answered."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine, self._folder = engine, folder
        self._number = 0

    @classmethod
    @contextmanager
    def made(cls) -> Iterator[Self]:
        with Installation(started=False) as made:
            config, clock = load_config(made.home.sequencer_config), SystemClock()
            store = EvidenceStore.open(folder=Path(config.folder), root_key=config.root_key(), origin=config.origin, clock=clock.wall)
            try:
                engine = Engine(store=store, signer=made.signer, clock=clock, settings=config.settings())
                engine.start()
                act, answers = made.permit_act(), []
                engine.ask_control(made.register_key.sign(CONTROL_CONTEXT, encode(act)), act, answers.append)
                engine.turn()
                if not isinstance(answers[0], m.Done):
                    raise RuntimeError(f"the permit was not taken: {answers[0]}")
                yield cls(engine, Path(config.folder))
            finally:
                store.close()

    def bytes_each(self) -> float:
        """Bytes at rest in the store's files for each entry: what waits in the WAL is folded back, as happens by itself once a second."""
        self.engine.checkpoint()
        self.engine.books.store.flush_wal()
        files = [path for path in self._folder.iterdir() if path.suffix == ".sqlite"]
        return sum(path.stat().st_size for path in files) / self.engine.books.store.size

    def run(self, callers: int, count: int, make: Callable[[int], m.Outcome] = outcome) -> Load:
        """``callers`` ask at the same moment, and again when all of them were answered."""
        engine, answers, found = self.engine, [], []
        messages = [
            m.Decide(id=number, key=KEY, asked=asked(), outcome=make(number)) for number in range(self._number, self._number + count)
        ]
        self._number += count
        signed = began = time.perf_counter()
        for start in range(0, count, callers):
            now = time.perf_counter()
            for message in messages[start : start + callers]:
                engine.ask(message, answers.append)
            while engine.busy:
                engine.turn()
            found += [time.perf_counter() - now] * min(callers, count - start)
            if now - signed > 1.0:  # as the sequencer does once a second
                engine.checkpoint()
                signed = now
        took = time.perf_counter() - began
        if refused := [answer for answer in answers if not isinstance(answer, m.Recorded)]:
            raise RuntimeError(f"{len(refused)} of {count} were refused: {refused[0]}")
        return Load(found, count / took)
