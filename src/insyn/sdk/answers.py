"""An answer that knows how old it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from insyn.core.messages import Outcome, Receipt, Recorded
from insyn.core.refusals import Refusal, RefusalCode, Refused, refuse

from .clock import age_clock_ns, boottime_ns

DRAINED = "drained"
COMMITTED_ONLY = "committed only"


@dataclass(frozen=True)
class Answer:
    """A recorded outcome that may be used while it is fresh.

    ``asked_ns``: the age clock from before the question was sent. ``accepted_ns``: its reading when the age was last found good.
    """

    recorded: Recorded
    asked_ns: int
    accepted_ns: int = field(default=0, compare=False)

    @property
    def receipt(self) -> Receipt:
        return self.recorded.receipt

    @property
    def stage(self) -> str:
        """``proposal`` until a person has decided, or ``decision``."""
        return self.recorded.stage

    @property
    def replayed(self) -> bool:
        return self.recorded.replayed

    @property
    def dropped(self) -> tuple[str, ...]:
        """Fields of the payload that were not kept: no decided use of data names them. Stop sending them."""
        return self.recorded.dropped

    @property
    def stop(self) -> str:
        """How much a stop promises on this host: without ``CLOCK_BOOTTIME`` never more than *committed*."""
        return COMMITTED_ONLY if boottime_ns() is None else DRAINED

    @property
    def age_ms(self) -> float:
        return (age_clock_ns() - self.asked_ns) / 1e6

    def require_fresh(self) -> Answer:
        """Return this answer, accepted now. Raises :class:`Refused` when it is older than ``max_age_ms``.

        Call it again just before the answer takes effect, if anything slow lies between.
        """
        now = age_clock_ns()
        if too_old(self.asked_ns, now, self.recorded.max_age_ms):
            raise Refused(refuse(RefusalCode.ANSWER_TOO_OLD))
        return Answer(self.recorded, self.asked_ns, now)


def too_old(asked_ns: int, now_ns: int, max_age_ms: int) -> bool:
    """An answer of exactly the greatest age is too old: *drained* begins then."""
    return now_ns - asked_ns >= max_age_ms * 1_000_000


@dataclass(frozen=True)
class BatchResult:
    """One row of a batch: either an answer that was fresh when it came, or a refusal.

    ``receipt`` stands also where an answer was logged and dropped by age.
    """

    index: int
    outcome: Outcome
    answer: Answer | None = None
    refusal: Refusal | None = None
    receipt: Receipt | None = None

    @property
    def accepted(self) -> bool:
        return self.answer is not None

    def unwrap(self) -> Answer:
        """The answer, still fresh. Raises :class:`Refused`."""
        if self.answer is None:
            raise Refused(self.refusal or refuse(RefusalCode.UNREACHABLE))
        return self.answer.require_fresh()
