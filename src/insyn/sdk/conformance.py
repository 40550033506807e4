"""Does a connection to Insyn hold? A supplier's checks, over the socket or over HTTP, with what is missing and what would mend it.

In this order: it answers; clearance; an outcome under it; both in one call; a repeated call; refusals; explanation; notice; an old answer;
the receipt; the stop. Each check asks the real gateway and leaves real entries (cases ``CONFORMANCE-…``), so run it on a system under test.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from insyn.core import messages as m
from insyn.core.errors import Unreachable
from insyn.core.refusals import Refusal, RefusalCode, Refused
from insyn.tlog.hashing import leaf_hash

from .answers import COMMITTED_ONLY, Answer
from .clock import age_clock_ns
from .ways import Way

PASSED, MISSING, SKIPPED = "passed", "missing", "skipped"
RECEIPT_SECONDS = 10.0


class Check(msgspec.Struct, frozen=True):
    """``verdict``: passed, missing or skipped. ``mend`` says what to do about the last two."""

    name: str
    verdict: str
    said: str
    mend: str = ""


@dataclass
class Trial:
    """What is asked, of whom, and what was learnt on the way."""

    way: Way
    asked: m.Asked
    sample: m.Outcome
    stop_seconds: float = 0.0
    cleared: m.Cleared | None = None
    recorded: m.Recorded | None = None

    def outcome(self, **changes: object) -> m.Outcome:
        return msgspec.structs.replace(self.sample, **{"case": f"CONFORMANCE-{secrets.token_hex(4)}", **changes})


def run(trial: Trial) -> Iterator[Check]:
    """The checks as they are done. After the first that shows that nothing can be asked, no more are."""
    for number, check in enumerate(_CHECKS):
        name = check.__name__.removeprefix("_").replace("_", " ")
        try:
            found = check(trial)
        except Unreachable as error:
            yield Check(
                name, MISSING, str(error), "See that the address is right, that Insyn runs, and that nothing between cuts the call."
            )
            return
        yield Check(name, found.verdict, found.said, found.mend)
        if found.verdict == MISSING and number < _NEEDED:
            return


#: An outcome for systems whose permit takes any field; others need the supplier's own.
SAMPLE = m.Outcome(
    outcome="conformance",
    payload={"conformance": 1.0},
    case="CONFORMANCE",
    score=1.0,
    base=0.0,
    factors=(m.Factor("conformance", 1.0, 1.0),),
    notice="conformance",
)


def _answers(trial: Trial) -> Check:
    refusal = trial.way.refusal()
    return _refused(refusal) if refusal else _passed("Insyn answers and is ready.")


def _clearance(trial: Trial) -> Check:
    answer = trial.way.clear(trial.asked)
    if isinstance(answer, m.Denied):
        return _refused(answer.refusal)
    trial.cleared = answer
    due = [name for name, wanted in (("explanation", answer.explanation_due), ("notice", answer.notice_due)) if wanted]
    return _passed(f"Cleared under epoch {answer.epoch}. Due with each outcome: {', '.join(due) or 'nothing more'}.")


def _outcome_under_a_clearance(trial: Trial) -> Check:
    clearance = trial.cleared.clearance if trial.cleared else ""
    answer = trial.way.record(clearance, trial.outcome())
    if isinstance(answer, m.Denied):
        return _refused(answer.refusal, "Give an outcome of your own with --sample.")
    trial.recorded = answer
    again = trial.way.record(clearance, trial.outcome())
    if not _is(again, RefusalCode.CLEARANCE_UNKNOWN):
        return _missing("A clearance could be used twice.", "Report it: this is a fault of the gateway.")
    return _passed(f"Recorded as {answer.stage}, entry {answer.receipt.index}; a clearance serves once.")


def _both_in_one_call(trial: Trial) -> Check:
    answer = trial.way.decide(trial.asked, trial.outcome())
    return _refused(answer.refusal) if isinstance(answer, m.Denied) else _passed(f"Recorded as {answer.stage}.")


def _repeated_call(trial: Trial) -> Check:
    key, outcome = f"conformance-{secrets.token_hex(8)}", trial.outcome()
    first, again = (trial.way.decide(trial.asked, outcome, key) for _ in range(2))
    if isinstance(first, m.Denied):
        return _refused(first.refusal)
    if isinstance(again, m.Denied) or again.receipt != first.receipt or not again.replayed:
        return _missing("A repeated call did not get the old receipt.", "Report it: this is a fault of the gateway.")
    if not _is(trial.way.decide(trial.asked, trial.outcome(), key), RefusalCode.IDEMPOTENCY_CONFLICT):
        return _missing("A used key was taken for another outcome.", "Report it: this is a fault of the gateway.")
    return _passed("The old receipt comes back; another outcome under the same key is refused.")


def _refusal_in_words(trial: Trial) -> Check:
    answer = trial.way.clear(msgspec.structs.replace(trial.asked, purpose="conformance-no-such-purpose"))
    if not isinstance(answer, m.Denied):
        return _missing("A purpose that nobody approved was cleared.", "Report it: this is a fault of the gateway.")
    reason = answer.refusal.reasons[0]
    if not all((reason.sentence.sv, reason.sentence.en, reason.mend.sv, reason.mend.en)):
        return _missing("The refusal does not say in both languages what would mend it.", "Report it: this is a fault of the gateway.")
    return _passed(f"Refused with {answer.refusal.code}. Show your user its sentence, and the manual way if there is one.")


def _explanation(trial: Trial) -> Check:
    wrong = trial.outcome(score=(trial.sample.score or 0.0) + 1.0)
    if trial.sample.factors and not _is(trial.way.decide(trial.asked, wrong), RefusalCode.EXPLANATION_INCONSISTENT):
        return _missing("Contributions that do not add up to the score were taken.", "Report it: this is a fault of the gateway.")
    if trial.cleared and not trial.cleared.explanation_due:
        return _passed("None is due for this system; contributions that are sent must add up.")
    if not _is(trial.way.decide(trial.asked, trial.outcome(factors=())), RefusalCode.EXPLANATION_MISSING):
        return _missing("An outcome without factors was taken.", "Report it: this is a fault of the gateway.")
    if not trial.sample.factors:
        return _missing("The sample has no factors.", "Send each feature's value and contribution: base plus contributions is the score.")
    return _passed("Factors are sent, add up, and an outcome without them is refused.")


def _notice(trial: Trial) -> Check:
    if trial.cleared and not trial.cleared.notice_due:
        return _passed("None is due for this system.")
    if not _is(trial.way.decide(trial.asked, trial.outcome(notice="")), RefusalCode.NOTICE_MISSING):
        return _missing("An outcome without notice was taken.", "Report it: this is a fault of the gateway.")
    if not trial.sample.notice.strip():
        return _missing("The sample does not say how the person was told.", "Say in `notice` how the person was told that AI is used.")
    return _passed("Notice is sent, and an outcome without it is refused.")


def _old_answer(trial: Trial) -> Check:
    asked_ns = age_clock_ns()
    answer = trial.way.decide(trial.asked, trial.outcome())
    if isinstance(answer, m.Denied):
        return _refused(answer.refusal)
    if trial.way.stop == COMMITTED_ONLY:
        mend = f"Use an answer at once, never after {answer.max_age_ms} ms from before you asked; the Python SDK does it for you."
        return Check("", SKIPPED, "Over HTTP nobody can hold you to it: a stop is committed only.", mend)
    time.sleep(answer.max_age_ms / 1000)
    try:
        Answer(answer, asked_ns).require_fresh()
    except Refused:
        return _passed(f"An answer is refused after {answer.max_age_ms} ms.")
    return _missing("An old answer could be used.", "See that this host has CLOCK_BOOTTIME.")


def _receipt(trial: Trial) -> Check:
    """The entry is the one that the receipt names, and its proof comes with the next checkpoint."""
    recorded = trial.recorded
    if recorded is None:
        return Check("", SKIPPED, "Nothing was recorded.", "")
    deadline = time.monotonic() + RECEIPT_SECONDS
    while True:
        proof = trial.way.receipt(trial.asked.system, recorded.receipt.index)
        if isinstance(proof, m.Denied):
            return _refused(proof.refusal)
        if leaf_hash(proof.entry).hex() != recorded.receipt.leaf:
            return _missing("The entry is not the one that the receipt named.", "Report it: this is a fault of the gateway.")
        if proof.text:
            return _passed("The entry is the receipt's, and its offline proof is there. Keep it with the case: `insyn verify --proof`.")
        if time.monotonic() > deadline:
            return Check("", SKIPPED, "No checkpoint covers the entry yet.", "Ask for the receipt again later.")
        time.sleep(0.2)


def _stop(trial: Trial) -> Check:
    """Ask until a stop comes; after the first refusal for it, nothing may be answered with yes."""
    if not trial.stop_seconds:
        return Check(
            "", SKIPPED, "Nobody was to stop the system now.", "Run with --wait-for-stop while the municipality exercises its stop."
        )
    deadline, stopped = time.monotonic() + trial.stop_seconds, 0
    while time.monotonic() < deadline and stopped < _AFTER_STOP:
        answer = trial.way.decide(trial.asked, trial.outcome())
        if _is(answer, RefusalCode.STOPPED):
            stopped += 1
        elif stopped and isinstance(answer, m.Recorded):
            return _missing("Something was answered after the stop.", "Report it: this is a fault of the gateway, or somebody resumed.")
        time.sleep(0.02)
    if not stopped:
        return Check("", SKIPPED, f"No stop came in {trial.stop_seconds:.0f} s.", "Agree on a moment with the municipality and run again.")
    return _passed(f"After the stop every call was refused with {RefusalCode.STOPPED}.")


_AFTER_STOP = 25
_CHECKS: tuple[Callable[[Trial], Check], ...] = (
    _answers,
    _clearance,
    _outcome_under_a_clearance,
    _both_in_one_call,
    _repeated_call,
    _refusal_in_words,
    _explanation,
    _notice,
    _old_answer,
    _receipt,
    _stop,
)
#: The first checks, without which the rest can say nothing.
_NEEDED = 3


def _passed(said: str) -> Check:
    return Check("", PASSED, said)


def _missing(said: str, mend: str) -> Check:
    return Check("", MISSING, said, mend)


def _refused(refusal: Refusal, more: str = "") -> Check:
    said = " ".join(f"{found.sentence.en}{f' ({found.place})' if found.place else ''}" for found in refusal.reasons)
    mend = " ".join([*(found.mend.en for found in refusal.reasons), more]).strip()
    return Check("", MISSING, f"{refusal.code}: {said}", mend)


def _is(answer: m.Cleared | m.Recorded | m.Denied, code: RefusalCode) -> bool:
    return isinstance(answer, m.Denied) and answer.refusal.code is code
