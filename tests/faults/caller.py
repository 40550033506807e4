"""Callers with the SDK, a thread for each way of asking, in a process that may be frozen or killed at any instant.

``python caller.py SOCKET KEY SEED FILE FENCE HOW...`` with HOW among ``decide``, ``clear``, ``batch``, ``repeat``, ``release``. Each answer that
was accepted is one line of JSON, written in one call: a kill leaves whole lines, and at most the last one cut. Some answers have their effect
much later, behind a fence. They go on through every refusal until they are ended.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from insyn.core.messages import Factor, Outcome, Receipt, Release, Released
from insyn.core.refusals import Refused
from insyn.sdk import Guard
from insyn.sdk.answers import Answer, too_old
from insyn.sdk.clock import age_clock_ns
from insyn.sdk.fence import Fence, token_of

ORIGIN = "log.example.org/insyn"
#: Between two questions of a thread, and after a refusal: a stopped system is not asked thousands of times.
PAUSE, AFTER_REFUSAL = 0.004, 0.03


class Caller:
    def __init__(self, guard: Guard, how: str, file: int, fence: Fence, chance: random.Random) -> None:
        self._guard, self._how, self._file, self._fence, self._chance = guard, how, file, fence, chance
        self._numbers = itertools.count()

    def run(self) -> None:
        ways: dict[str, Callable[[], None]] = {
            "decide": self._decide,
            "clear": self._clear,
            "batch": self._batch,
            "repeat": self._repeat,
            "release": self._release,
        }
        while True:
            try:
                ways[self._how]()
                time.sleep(PAUSE)
            except Refused:
                time.sleep(AFTER_REFUSAL)

    def _decide(self) -> None:
        self._use(self._guard.decide(self._outcome()))

    def _clear(self) -> None:
        """Clearance first; the model takes its time before the outcome is recorded."""
        with self._guard.decision() as decision:
            assert decision.cleared is not None
            self._write("cleared", decision.cleared.receipt)
            time.sleep(self._chance.uniform(0, 0.05))
            self._use(decision.record(self._outcome()))

    def _release(self) -> None:
        """An answer that leaves part by part, as a proxy lets a stream go."""
        with self._guard.decision() as decision:
            assert decision.cleared is not None
            clearance = decision.cleared.clearance
            for part in range(1, 6):
                asked = age_clock_ns()
                gone = self._guard.expect(Released, lambda number, part=part: self._part(number, clearance, part))
                now = age_clock_ns()
                if gone.receipt is not None and not too_old(asked, now, gone.max_age_ms):
                    self._write("released", gone.receipt, asked_ns=asked, accepted_ns=now, replayed=False)
                time.sleep(PAUSE)
            self._use(decision.record(self._outcome()))

    def _part(self, number: int, clearance: str, part: int) -> Release:
        return Release(id=number, key=self._guard._key, system="lanestod", clearance=clearance, part=part, text="some words")

    def _batch(self) -> None:
        for result in self._guard.batch(self._outcome() for _ in range(400)):
            self._use(result.unwrap())

    def _repeat(self) -> None:
        """The same question twice under one key: one entry, two answers."""
        outcome, key = self._outcome(), f"{os.getpid()}-{next(self._numbers)}"
        for _ in range(2):
            self._use(self._guard.decide(outcome, idempotency=key))
            time.sleep(self._chance.uniform(0, 0.1))

    def _use(self, answer: Answer) -> None:
        """Accept now, and sometimes once more after something slow."""
        self._accepted(answer)
        if self._chance.random() < 0.05:
            time.sleep(self._chance.uniform(0, answer.recorded.max_age_ms / 800))
            self._accepted(answer.require_fresh())
        elif self._chance.random() < 0.1:  # an effect that may come too late, whatever the age: only the fence is left
            time.sleep(self._chance.uniform(0, answer.recorded.max_age_ms / 500))
            at = age_clock_ns()
            self._fence.admit(token_of(answer))
            self._write("effect", answer.receipt, effect_ns=at)

    def _accepted(self, answer: Answer) -> None:
        self._write("accepted", answer.receipt, asked_ns=answer.asked_ns, accepted_ns=answer.accepted_ns, replayed=answer.replayed)

    def _write(self, op: str, receipt: Receipt, **times: int) -> None:
        line = {"how": self._how, "op": op, "index": receipt.index, "rid": receipt.rid, "leaf": receipt.leaf, **times}
        os.write(self._file, json.dumps(line).encode() + b"\n")

    def _outcome(self) -> Outcome:
        number = next(self._numbers)
        return Outcome(
            outcome="approve",
            payload={"income": number},
            case=f"C-{number}",
            score=0.5,
            factors=(Factor("income", number, 0.5),),
            notice="told",
        )


def main(socket: str, key: str, seed: str, path: str, fence: str, *hows: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, how in enumerate(hows):
        guard = Guard(
            socket=socket,
            key=key,
            system="lanestod",
            version="1.0",
            purpose="assess_loan",
            categories=("economy",),
            matter_type="loan",
            timeout=20,
        )
        caller = Caller(guard, how, file, Fence(Path(fence), log=ORIGIN), random.Random(f"{seed}-{number}"))
        threading.Thread(target=caller.run, daemon=True).start()
    started_by = os.getppid()
    while os.getppid() == started_by:  # whoever started us is still there
        time.sleep(0.5)


def read(path: os.PathLike[str]) -> Iterator[dict[str, object]]:
    """The whole lines of a caller's file; one that was cut by a kill is not among them."""
    with open(path, "rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield json.loads(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
