"""Many outcomes in chunks that are answered well before an answer grows old.

1. Take a chunk: at most the size learnt so far, at most a megabyte.
2. Ask. What the sequencer cut off unlogged (it would have been too old) is asked again, in a smaller chunk.
3. Learn: answered within a quarter of the greatest age, double the size; over a half, halve it.
4. Yield each result with its age checked at that moment: an answer that grew old while the caller worked is dropped and entered as not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from insyn.core.errors import Unreachable
from insyn.core.messages import MAX_BATCH, Batched, Denied, Item, Outcome, Recorded
from insyn.core.refusals import Refusal, RefusalCode, Refused, refuse

from .answers import BatchResult
from .clock import age_clock_ns
from .outcomes import check_outcome

if TYPE_CHECKING:
    from .guard import Guard

FIRST_SIZE = 16
MAX_BYTES = 1024 * 1024
MAX_TRIES = 4
Key = Callable[[int, Outcome], str]
_Row = tuple[int, Outcome, int]  # index, outcome, times asked


def run_batch(guard: Guard, outcomes: Iterator[Outcome], idempotency: Key | None) -> Iterator[BatchResult]:
    waiting: Iterator[_Row] = ((index, outcome, 0) for index, outcome in enumerate(outcomes))
    size = FIRST_SIZE
    while chunk := list(islice(waiting, size)):
        now, later = _fit(chunk)
        items = tuple(Item(outcome=outcome, idempotency=idempotency(index, outcome) if idempotency else None) for index, outcome, _ in now)
        asked_ns = age_clock_ns()
        answers = _ask(guard, items)
        done = _answered(now, answers)
        given = 0
        try:
            for (index, outcome, _), answer in zip(now[:done], answers, strict=False):
                result = _result(guard, index, outcome, answer, asked_ns)
                given += 1
                yield result
        finally:  # a caller who leaves the loop early never sees the rest: it stands in the log and is not used
            for answer in answers[given:done]:
                if isinstance(answer, Recorded):
                    guard.not_used(answer.receipt.rid)
        # The time that the caller took with the rows counts too: it ages the last of them.
        size = max(1, len(now) // 2) if done < len(now) else _learn(size, len(now), (age_clock_ns() - asked_ns) / 1e6, answers)
        again = [(index, outcome, tries + 1) for index, outcome, tries in now[done:]]
        waiting = chain(again, later, waiting)


def _answered(rows: list[_Row], answers: tuple[Recorded | Denied, ...]) -> int:
    """How many rows have their answer. The sequencer cuts the tail of a batch: nothing after the first cut row was logged either."""
    return next((n for n, answer in enumerate(answers) if _was_cut(answer) and rows[n][2] < MAX_TRIES), len(rows))


def _fit(chunk: list[_Row]) -> tuple[list[_Row], list[_Row]]:
    """As many rows as fit in a megabyte, at least one. Raises :class:`InvalidInput` naming the row that cannot be sent."""
    total = 0
    for count, (index, outcome, _) in enumerate(chunk):
        total += check_outcome(outcome, f"rows[{index}]")
        if total > MAX_BYTES and count:
            return chunk[:count], chunk[count:]
    return chunk, []


def _ask(guard: Guard, items: tuple[Item, ...]) -> tuple[Recorded | Denied, ...]:
    """An answer for each item. No answer at all, or one to the whole batch, is the same refusal for each."""
    try:
        answer = guard.ask(lambda number: guard.batch_message(number, items))
    except Unreachable:
        return (Denied(refuse(RefusalCode.UNREACHABLE)),) * len(items)
    if isinstance(answer, Batched) and len(answer.answers) == len(items):
        return answer.answers
    return (answer if isinstance(answer, Denied) else Denied(refuse(RefusalCode.UNREACHABLE)),) * len(items)


def _was_cut(answer: Recorded | Denied) -> bool:
    return isinstance(answer, Denied) and answer.refusal.code is RefusalCode.ANSWER_TOO_OLD and answer.receipt is None


def _learn(size: int, sent: int, elapsed_ms: float, answers: tuple[Recorded | Denied, ...]) -> int:
    max_age = next((answer.max_age_ms for answer in answers if isinstance(answer, Recorded)), None)
    if max_age is None:
        return size
    if elapsed_ms > max_age / 2:
        return max(1, sent // 2)
    return min(MAX_BATCH, size * 2) if elapsed_ms < max_age / 4 else size


def _result(guard: Guard, index: int, outcome: Outcome, answer: Recorded | Denied, asked_ns: int) -> BatchResult:
    if isinstance(answer, Denied):
        return BatchResult(index, outcome, refusal=answer.refusal, receipt=answer.receipt)
    try:
        return BatchResult(index, outcome, answer=guard.accept(answer, asked_ns), receipt=answer.receipt)
    except Refused as refused:
        refusal: Refusal = refused.refusal
        return BatchResult(index, outcome, refusal=refusal, receipt=answer.receipt)
