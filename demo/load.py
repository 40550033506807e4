"""One process of the load test: asks, uses the answers as fast as they come, and goes on asking after the stop.

Started as ``python -m demo.load``. Reads its client key from standard input, so that it stands in no process list. At SIGTERM it prints
what it did as one line of JSON and ends.
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType

import msgspec

from insyn.core.errors import InsynError
from insyn.core.messages import Factor, Outcome
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.terms import Mode
from insyn.sdk import BatchResult, Guard

_PAUSE_AFTER_STOP = 0.05


class Tally(msgspec.Struct):
    """``last_used_ns``: CLOCK_BOOTTIME of the last answer that this process used; ``refused``: refusals by code."""

    number: int
    used: int = 0
    first_used_ns: int = 0
    last_used_ns: int = 0
    dropped: int = 0
    refused: dict[str, int] = {}


class Ending:
    """Becomes true at SIGTERM, and when whoever started this process is gone."""

    def __init__(self) -> None:
        self._asked = False
        self._parent = os.getppid()
        signal.signal(signal.SIGTERM, self._ask)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the demonstration ends us in order

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    @property
    def asked(self) -> bool:
        return self._asked or os.getppid() != self._parent


def outcomes(number: int, ending: Ending) -> Iterator[Outcome]:
    for count in itertools.count():
        if ending.asked:
            return
        yield Outcome(
            outcome="ok",
            payload={"number": count},
            case=f"load-{number}-{count}",
            score=1.0,
            factors=(Factor("number", count, 1.0),),
            notice="Exercise: nobody is concerned.",
        )


def run(guard: Guard, tally: Tally, ending: Ending) -> None:
    """Stream at full speed until stopped, then ask slowly on: somebody who has not heard of the stop."""
    while not ending.asked:
        for result in guard.batch(outcomes(tally.number, ending)):
            if result.refusal is None:
                _use(guard, result, tally)
                continue
            tally.refused[result.refusal.code] = tally.refused.get(result.refusal.code, 0) + 1
            if result.refusal.code is not RefusalCode.ANSWER_TOO_OLD:
                break  # the rest of this chunk was refused alike: there is nothing in it to use
        time.sleep(_PAUSE_AFTER_STOP)


def _use(guard: Guard, result: BatchResult, tally: Tally) -> None:
    """Use an answer if it is fresh at this very moment; otherwise it is entered as not used."""
    try:
        answer = result.unwrap()
    except Refused:
        tally.dropped += 1
        if result.receipt is not None:
            guard.not_used(result.receipt.rid)
        return
    tally.used += 1
    tally.last_used_ns = answer.accepted_ns
    tally.first_used_ns = tally.first_used_ns or answer.accepted_ns


def main() -> int:
    parser = argparse.ArgumentParser(description="One process of the load test.")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--system", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--purpose", required=True)
    parser.add_argument("--matter-type", required=True)
    parser.add_argument("--mode", type=Mode, required=True)
    parser.add_argument("--number", type=int, required=True)
    arguments = parser.parse_args()
    ending, tally = Ending(), Tally(number=arguments.number)
    guard = Guard(
        socket=arguments.socket,
        key=sys.stdin.readline().strip(),
        system=arguments.system,
        version=arguments.version,
        purpose=arguments.purpose,
        matter_type=arguments.matter_type,
        mode=arguments.mode,
    )
    try:
        run(guard, tally, ending)
    except InsynError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        print(msgspec.json.encode(tally).decode(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
