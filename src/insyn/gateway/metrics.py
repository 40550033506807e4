"""The sequencer's counts as Prometheus reads them (text format 0.0.4).

Every number comes from the sequencer, so it is the same whichever worker is asked. No label but a closed refusal code: no system, no client,
no person.
"""

from __future__ import annotations

from collections.abc import Iterator

from insyn.core.messages import Pong
from insyn.core.refusals import RefusalCode

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_REFUSED = "refused."
#: Counts of the sequencer's state, and what they count. What is not named here is not told.
_COUNTERS = {
    "recorded": "Decisions recorded.",
    "released": "Parts of answers released.",
    "judged_blind": "Proposals judged by a person before they were shown.",
    "reviewed": "Proposals decided by a person.",
    "reconsidered": "Decisions that a person looked at again.",
    "historical": "Decisions entered from before Insyn.",
    "not_used": "Answers that were logged and not used.",
    "stops": "Stops committed.",
    "erased": "Records erased.",
    "commits": "Transactions made durable for callers.",
    "dropped": "Connections ended because the caller did not read its answers.",
}


def exposition(pong: Pong) -> bytes:
    """The page at /metrics."""
    return "".join(_lines(pong)).encode()


def unready() -> bytes:
    """The page while the sequencer does not answer: that is what there is to know."""
    return "".join(_gauge("insyn_ready", "1 while callers are answered.", 0)).encode()


def _lines(pong: Pong) -> Iterator[str]:
    yield from _gauge("insyn_ready", "1 while callers are answered.", int(pong.ready))
    yield from _gauge("insyn_log_entries", "Entries in the log.", pong.size)
    for name, text in _COUNTERS.items():
        yield f"# HELP insyn_{name}_total {text}\n# TYPE insyn_{name}_total counter\ninsyn_{name}_total {pong.counters.get(name, 0)}\n"
    yield "# HELP insyn_refused_total Refusals by closed code.\n# TYPE insyn_refused_total counter\n"
    for code in RefusalCode:
        if count := pong.counters.get(f"{_REFUSED}{code}", 0):
            yield f'insyn_refused_total{{code="{code}"}} {count}\n'


def _gauge(name: str, text: str, value: int) -> Iterator[str]:
    yield f"# HELP {name} {text}\n# TYPE {name} gauge\n{name} {value}\n"
