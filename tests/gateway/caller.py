"""A caller in a process of its own. Prints one JSON line per outcome that it accepted: index, rid and the boot clock at acceptance.

``python caller.py SOCKET KEY HOW`` with HOW ``stream`` (one after the other until refused by a stop) or ``batch``.
"""

from __future__ import annotations

import itertools
import json
import sys

from insyn.core.messages import Factor, Outcome
from insyn.core.refusals import RefusalCode, Refused
from insyn.sdk import Guard
from insyn.sdk.answers import Answer

GOES_ON = {RefusalCode.ANSWER_TOO_OLD, RefusalCode.UNREACHABLE, RefusalCode.NOT_READY}


def outcomes(count: int | None = None) -> itertools.chain[Outcome]:
    numbers = itertools.count() if count is None else range(count)
    return itertools.chain.from_iterable(
        [Outcome(outcome="approve", payload={"income": n}, case=f"C-{n}", score=0.5, factors=(Factor("income", n, 0.5),), notice="told")]
        for n in numbers
    )


def tell(answer: Answer) -> None:
    fresh = answer.require_fresh()
    line = json.dumps({"index": fresh.receipt.index, "rid": fresh.receipt.rid, "accepted_ns": fresh.accepted_ns})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(socket: str, key: str, how: str) -> None:
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
    if how == "batch":
        stream(guard)
        return
    for outcome in outcomes():
        try:
            tell(guard.decide(outcome))
        except Refused as refused:
            if refused.refusal.code not in GOES_ON:
                return


def stream(guard: Guard) -> None:
    for result in guard.batch(outcomes()):
        if result.answer is not None:
            try:
                tell(result.answer)
            except Refused:
                continue
        elif result.refusal is None or result.refusal.code not in GOES_ON:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
