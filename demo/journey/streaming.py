"""Step 3: the applications that the model has not seen pass through the gateway, and the loan officers' own decisions come in beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set

import msgspec

from demo.loans import words
from demo.loans.applications import DECIDED, DENY, Application
from demo.loans.model import outcome_of
from insyn.core.errors import InsynError
from insyn.sdk import BatchResult, Guard

from .context import Journey
from .reviewing import drawn_to_be_judged

WAITING = 12


class Streamed(msgspec.Struct, frozen=True):
    """``waiting``: record id by application number of the proposals that wait for a person."""

    proposals: int
    denials: int
    historical: int
    seconds: float
    waiting: dict[str, str]
    first_index: int
    first_rid: str


class Held(msgspec.Struct, frozen=True):
    """Which proposals are left to wait, kept before the others are decided: a run that was cut off goes on with the same ones."""

    numbers: tuple[int, ...]


def run(journey: Journey) -> Streamed:
    if done := journey.journal.done("streaming", Streamed):
        journey.terminal.line(
            f"Done before: {done.proposals} proposals, {done.historical} decisions from before Insyn, {len(done.waiting)} waiting."
        )
        return done
    guard = journey.loan_guard()
    began = journey.terminal.seconds
    results = propose_all(journey, guard)
    seconds = journey.terminal.seconds - began
    proposed = {application.number: result for application, result in zip(journey.applications.live, results, strict=True)}
    held = hold(journey, results)
    historical = enter_history(journey, guard, proposed, held)
    first = results[0].receipt
    if first is None:
        raise InsynError("the first proposal has no receipt")
    result = Streamed(
        proposals=len(results),
        denials=sum(result.outcome.outcome == DENY for result in results),
        historical=historical,
        seconds=seconds,
        waiting={str(number): rid_of(proposed[number]) for number in held},
        first_index=first.index,
        first_rid=first.rid,
    )
    tell(journey, result)
    journey.journal.keep("streaming", result)
    return result


def propose_all(journey: Journey, guard: Guard) -> list[BatchResult]:
    """Send every live application; use each answer as it comes. A refusal here is an error: the system is decided and running."""
    live = journey.applications.live
    outcomes = [outcome_of(journey.model, application, notice=words.NOTICE) for application in live]
    results, refused = [], Counter[str]()
    for result in guard.batch(outcomes, idempotency=lambda index, _: live[index].key):
        if result.refusal is not None:
            refused[result.refusal.code] += 1
        results.append(result)
    if refused:
        raise InsynError(f"the gateway refused {sum(refused.values())} of {len(outcomes)} proposals: {dict(refused)}")
    return results


def rid_of(result: BatchResult) -> str:
    if result.receipt is None:
        raise InsynError(f"proposal {result.index} has no receipt")
    return result.receipt.rid


def hold(journey: Journey, results: list[BatchResult]) -> list[int]:
    """Which proposals are left for whoever tries the review queue."""
    if held := journey.journal.done("holding", Held):
        return list(held.numbers)
    numbers = waiting_numbers(journey.applications.live, results, drawn_to_be_judged())
    journey.journal.keep("holding", Held(tuple(numbers)))
    return numbers


def waiting_numbers(live: tuple[Application, ...], results: list[BatchResult], drawn: Set[str]) -> list[int]:
    """Half of them denials, and these first. One, at the end, is to be judged before it is shown, where the log has drawn any.

    Of those drawn the one that sorts last: the queue shows cases of one day by id, and whoever opens the first meets the usual page.
    """
    last = max(drawn, default="")
    plain = [(one.number, result) for one, result in zip(live, results, strict=True) if rid_of(result) not in drawn]
    denied = [number for number, result in plain if result.outcome.outcome == DENY]
    granted = [number for number, result in plain if result.outcome.outcome != DENY]
    to_judge = [one.number for one, result in zip(live, results, strict=True) if rid_of(result) == last]
    return denied[: WAITING // 2] + granted[: WAITING // 2 - len(to_judge)] + to_judge


def enter_history(journey: Journey, guard: Guard, proposed: dict[int, BatchResult], held: list[int]) -> int:
    """The loan officers' decisions of 1990, each about the proposal on the same application. Never counted as reviews."""
    count = 0
    for application in journey.applications.live:
        if application.number in held:
            continue
        guard.historical(
            case=application.case,
            outcome=application.decided,
            decided=DECIDED,
            groups=dict(application.groups),
            about=rid_of(proposed[application.number]),
            idempotency=f"history-{application.key}",
        )
        count += 1
    return count


def tell(journey: Journey, result: Streamed) -> None:
    terminal = journey.terminal
    terminal.line(
        f"{result.proposals} applications through the gateway in {result.seconds:.2f} s: each checked against the permit, with its exact factors, "
        f"stored before it was answered. {result.denials} proposals say no."
    )
    terminal.line(f"First receipt: log entry {result.first_index}, record {result.first_rid}.")
    terminal.line(
        f"{result.historical} decisions of the loan officers entered as historical_decision. {len(result.waiting)} proposals wait for a person to decide."
    )
