"""The guard: asks before a model is used, records what it said, and uses the answer only while it is fresh."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from insyn.core import messages as m
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import Mode

from .answers import Answer, BatchResult, too_old
from .batch import run_batch
from .clock import age_clock_ns
from .connection import Connection
from .outcomes import Row, check_outcome, outcomes_of

P = ParamSpec("P")
T = TypeVar("T")


class Guard:
    """One system's way to the sequencer, with what it is used for.

    ``key`` is the client key that the register issued; ``person`` the pass of whoever asks, where the system is an assistant. Every method raises :class:`Refused`: no answer at all is a refusal too
    (``unreachable``), and so is an answer older than the sequencer's ``max_age_ms``, which is then entered as ``not_used``.
    """

    def __init__(
        self,
        *,
        socket: Path | str,
        key: str,
        system: str,
        version: str,
        purpose: str,
        matter_type: str,
        categories: Iterable[str] = (),
        mode: Mode = Mode.SUPPORT,
        person: str = "",
        timeout: float = 5.0,
    ) -> None:
        self._connection = Connection(socket, timeout=timeout)
        self._key, self._person = key, person
        self.asked = m.Asked(
            system=system, version=version, purpose=purpose, categories=tuple(categories), matter_type=matter_type, mode=mode
        )

    def decision(self) -> Decision:
        """``with guard.decision() as decision:`` asks for clearance first; the body runs only when it is given."""
        return Decision(self)

    def decide(self, outcome: m.Outcome, *, idempotency: str | None = None) -> Answer:
        """Clearance and record in one call, for models that have already answered."""
        check_outcome(outcome)
        return self._record(
            lambda n: m.Decide(id=n, key=self._key, asked=self.asked, outcome=outcome, idempotency=idempotency, person=self._person)
        )

    def guarded(self, function: Callable[P, m.Outcome]) -> Callable[P, tuple[m.Outcome, Answer]]:
        """Decorator: the function runs only with clearance; what it returns is recorded."""

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> tuple[m.Outcome, Answer]:
            with self.decision() as decision:
                outcome = function(*args, **kwargs)
                return outcome, decision.record(outcome)

        return run

    def batch(
        self,
        rows: Iterable[Any],
        *,
        to_outcome: Callable[[Row], m.Outcome] | None = None,
        idempotency: Callable[[int, m.Outcome], str] | None = None,
    ) -> Iterator[BatchResult]:
        """Record many outcomes; yields a result for each, in order.

        ``rows``: outcomes, or with ``to_outcome`` dicts or a DataFrame. Use each result as it comes: it grows old while you look away.
        """
        return run_batch(self, outcomes_of(rows, to_outcome), idempotency)

    def historical(
        self,
        *,
        case: str,
        outcome: str,
        decided: str,
        groups: dict[str, str] | None = None,
        about: str | None = None,
        idempotency: str | None = None,
    ) -> m.Done:
        """Enter a decision that a person made before Insyn (``decided``: a year, month or day). Never counts as a review."""
        return self.expect(
            m.Done,
            lambda n: m.Historical(
                id=n,
                key=self._key,
                system=self.asked.system,
                case=case,
                outcome=outcome,
                decided=decided,
                groups=groups or {},
                about=about,
                idempotency=idempotency,
            ),
        )

    def receipt(self, index: int) -> m.Proof:
        """The offline receipt of an entry of this system; its ``text`` is empty until a checkpoint covers it."""
        return self.expect(m.Proof, lambda n: m.AskReceipt(id=n, key=self._key, system=self.asked.system, index=index))

    def ping(self) -> m.Pong:
        return self.expect(m.Pong, lambda n: m.Ping(id=n))

    def not_used(self, rid: str) -> None:
        """Tell the log that an answer was dropped. Silent when the sequencer is away: the answer is dropped all the same."""
        with contextlib.suppress(Unreachable):
            self.ask(lambda n: m.NotUsed(id=n, key=self._key, system=self.asked.system, rid=rid))

    def close(self) -> None:
        self._connection.close()

    def ask(self, make: Callable[[int], m.Message]) -> m.Answer:
        """Send one message. Raises :class:`Unreachable`."""
        return self._connection.ask(make(self._connection.next_id()))

    def expect(self, kind: type[T], make: Callable[[int], m.Message]) -> T:
        """Send one message and return an answer of that kind. Raises :class:`Refused`."""
        try:
            answer = self.ask(make)
        except Unreachable as error:
            raise Refused(refuse(RefusalCode.UNREACHABLE)) from error
        if isinstance(answer, m.Denied):
            raise Refused(answer.refusal)
        if not isinstance(answer, kind):
            raise Refused(refuse(RefusalCode.UNREACHABLE))  # an answer to something else is no answer
        return answer

    def batch_message(self, number: int, items: tuple[m.Item, ...]) -> m.Batch:
        return m.Batch(id=number, key=self._key, asked=self.asked, items=items, person=self._person)

    def _record(self, make: Callable[[int], m.Message]) -> Answer:
        asked_ns = age_clock_ns()
        return self.accept(self.expect(m.Recorded, make), asked_ns)

    def accept(self, recorded: m.Recorded, asked_ns: int) -> Answer:
        """The answer, if it is fresh now. Otherwise it is entered as not used, and refused."""
        now = age_clock_ns()
        if too_old(asked_ns, now, recorded.max_age_ms):
            self.not_used(recorded.receipt.rid)
            raise Refused(refuse(RefusalCode.ANSWER_TOO_OLD))
        return Answer(recorded, asked_ns, now)

    def _clear(self) -> m.Cleared:
        return self.expect(m.Cleared, lambda n: m.Clear(id=n, key=self._key, asked=self.asked, person=self._person))

    def _record_under(self, clearance: str, outcome: m.Outcome, idempotency: str | None) -> Answer:
        check_outcome(outcome)
        return self._record(lambda n: m.Record(id=n, key=self._key, clearance=clearance, outcome=outcome, idempotency=idempotency))


class Decision:
    """One guarded decision: clearance on entry, :meth:`record` before the outcome is used."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.cleared: m.Cleared | None = None

    def __enter__(self) -> Self:
        self.cleared = self._guard._clear()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cleared = None

    def record(self, outcome: m.Outcome, *, idempotency: str | None = None) -> Answer:
        """Record what the model said. Raises :class:`Refused`; an outcome that was refused must not be used."""
        if self.cleared is None:
            raise InvalidInput("no clearance", mend="Record inside `with guard.decision() as decision:`.")
        return self._guard._record_under(self.cleared.clearance, outcome, idempotency)
