"""The sequencer without its sockets: three queues, one store, one turn at a time.

A turn, in this order:
1. read the clocks; a jump closes everything;
2. stops: flag first, then entry and commit;
3. control messages, each in a transaction of its own;
4. one chunk of what callers ask: judged and appended item by item in one transaction, answered after its commit.
Whoever drives the engine lets what has arrived meanwhile be read between two turns, so that a stop waits for one chunk at most.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from insyn.core import messages as m
from insyn.core.entries import EntryKind
from insyn.core.errors import InvalidInput, StoreFailed
from insyn.core.permit import open_permit
from insyn.core.refusals import Refusal, RefusalCode, refuse
from insyn.core.scope import target_of
from insyn.core.signing import Signed
from insyn.core.text import Text
from insyn.evidence.records import NAMED, VOLUME
from insyn.evidence.store import EvidenceStore
from insyn.tlog.notes import Signer

from . import deciding, disposing
from .books import Books
from .clock import Clock, Reading
from .control import answer_control, check_sender
from .settings import Settings
from .step import Reply, Step
from .stopping import StopDesk
from .timekeeper import Timekeeper
from .unreadable import denied

CHUNK = 128
#: Items that wait in all; whoever asks beyond that is told so at once, and memory does not grow.
MOST_WORK = 16_384
_CONTROL_AT_ONCE = 8
_LOOK_EVERY = 8
#: What is answered while clock or spool keep everything else closed: what stops, tightens, shows, or mends the clock.
_ALWAYS = (m.StopState, m.Narrow, m.EntriesOf, m.OpenOrder, m.ConfirmClock)
log = logging.getLogger("insyn.sequencer")


@dataclass
class Gather:
    """Answers of a batch, in its order, sent together. Once one item was cut, the rest are: the caller counts on that."""

    answers: list[m.Recorded | m.Denied]
    left: int
    reply: Reply
    cut: bool = False

    def put(self, number: int, answer: m.Answer) -> None:
        if isinstance(answer, m.Recorded | m.Denied):
            self.answers[number] = answer
        self.left -= 1
        if self.left == 0:
            self.reply(m.Batched(answers=tuple(self.answers)))


@dataclass(slots=True)
class Work:
    """Something asked on the decide socket. ``arrived_ns`` by the boot clock."""

    message: deciding.Single
    reply: Reply
    arrived_ns: int
    batch: Gather | None = None


@dataclass(frozen=True)
class Ordered:
    """Something asked on the control socket, with the signature that it came under."""

    signed: Signed
    message: m.ControlMessage
    reply: Reply


class Engine:
    """See the module. Until ``start`` has returned, everything is refused."""

    def __init__(self, *, store: EvidenceStore, signer: Signer, beside: Sequence[Signer] = (), clock: Clock, settings: Settings) -> None:
        self._clock, self._signers = clock, (signer, *beside)
        self.books = Books(store=store, settings=settings, time=Timekeeper(clock, store))
        self._desk = StopDesk(self.books)
        self._started = False
        self._stops: deque[Ordered] = deque()
        self._control: deque[Ordered] = deque()
        self._work: deque[Work] = deque()
        self._last_chunk = 0

    def start(self) -> None:
        """Take in permits, stops and the spool. Raises :class:`StoreFailed`, ``SignatureInvalid`` for a permit that does not hold."""
        books = self.books
        now = books.time.read()
        for system, signed in books.store.permits().items():
            books.state.permits[system] = open_permit(signed, public=books.settings.register_public)
        self._desk.load(now)
        books.state.named.load(books.store.meta_under(NAMED))
        books.state.volumes.load(books.store.meta_under(VOLUME))
        for start in range(0, books.store.size, 10_000):
            books.state.listed.read(books.store.entries(start, 10_000))
        if books.store.size == 0:
            books.transact(lambda step: step.append(EntryKind.LOG_OPENED, {"origin": books.store.origin}), now)
        self._enter_closing(now)
        self._desk.read_spool(now, first=True)
        self._started = True

    # ---------------------------------------------------------------------------------------------------------------- asking

    def ask(self, message: m.DecideMessage, reply: Reply) -> int:
        """Queue what a caller asks; returns how many items that is. A ping is answered at once."""
        if isinstance(message, m.Ping):
            reply(self.pong())
            return 0
        if len(self._work) >= MOST_WORK:
            self.books.state.counters[f"refused.{RefusalCode.BUSY}"] += 1
            reply(m.Denied(refuse(RefusalCode.BUSY)))
            return len(message.items) if isinstance(message, m.Batch) else 1
        now = self._clock.boottime_ns()
        if not isinstance(message, m.Batch):
            self._work.append(Work(message, reply, now))
            return 1
        count = len(message.items)
        gather = Gather([m.Denied(refuse(RefusalCode.NOT_READY))] * count, count, reply)
        for number, item in enumerate(message.items):
            single = m.Decide(
                id=message.id,
                key=message.key,
                asked=message.asked,
                outcome=item.outcome,
                idempotency=item.idempotency,
                person=message.person,
            )
            self._work.append(Work(single, partial(gather.put, number), now, gather))
        return count

    def ask_control(self, signed: Signed, message: m.ControlMessage, reply: Reply) -> None:
        (self._stops if isinstance(message, m.Stop) else self._control).append(Ordered(signed, message, reply))

    @property
    def gathering(self) -> bool:
        """Whether fewer ask than were answered together last time, so that the others may be about to: they can share the flush."""
        return not self._stops and not self._control and len(self._work) < self._last_chunk

    @property
    def busy(self) -> bool:
        return bool(self._stops or self._control or self._work)

    # --------------------------------------------------------------------------------------------------------------- turning

    def turn(self) -> None:
        """One turn. What fails is refused; nothing is raised."""
        now = self.books.time.read()
        self._enter_closing(now)
        if self._stops:
            self._take_stops(now)
        for _ in range(min(_CONTROL_AT_ONCE, len(self._control))):
            self._take_control(self._control.popleft(), now)
        if self._work:
            self._take_chunk(now)

    def tick(self) -> None:
        """Every fifty milliseconds: clock, spool, clearances, and the time mark of an idle log."""
        now = self.books.time.read()
        self._enter_closing(now)
        self._desk.read_spool(now)
        self._try(lambda: self._desk.forget_old_age(now))
        self._try(lambda: self._desk.measure(now))
        self._try(lambda: disposing.go_on(self.books))
        self.books.state.clearances.drop_expired(now.boottime_ns)
        if self.books.time.mark_is_stale():
            self._try(lambda: self.books.transact(self.books.time.keep_mark, now))

    def checkpoint(self) -> None:
        """Sign the log as it stands, if it grew. Called about once a second."""
        self._try(lambda: self.books.store.sign_checkpoint(*self._signers))

    def refusal(self) -> Refusal | None:
        """Why everything is refused, if it is."""
        if not self._started:
            return refuse(RefusalCode.NOT_READY)
        if self.books.store.failed:
            return refuse(RefusalCode.READ_ONLY)
        if self._desk.unreadable:
            return refuse(RefusalCode.SPOOL_UNREADABLE, place=self._desk.unreadable)
        return refuse(RefusalCode.CLOCK_JUMPED) if self.books.time.closed else None

    def pong(self) -> m.Pong:
        refusal = self.refusal()
        ready = Text("Allt är i ordning.", "All is well.")
        return m.Pong(
            log=self.books.store.origin,
            size=self.books.store.size,
            ready=refusal is None,
            max_age_ms=self.books.settings.max_age_ms,
            refusal=refusal,
            counters=dict(self.books.state.counters),
            note=ready if refusal is None else refusal.sentence,
        )

    def _enter_closing(self, now: Reading) -> None:
        if self.books.time.entry_due:
            self._try(lambda: self.books.transact(self.books.time.enter_closing, now))

    def _try(self, do: Callable[[], object]) -> None:
        """Upkeep that nobody waits for. A failed store says so in every answer."""
        if self.books.store.failed:
            return
        try:
            do()
        except Exception:
            log.exception("upkeep failed")

    # ----------------------------------------------------------------------------------------------------- stops and control

    def _take_stops(self, now: Reading) -> None:
        found: list[tuple[m.StopOrder, Reply]] = []
        while self._stops:
            asked = self._stops.popleft()
            order = self._order_in(asked, now)
            if isinstance(order, m.StopOrder):
                found.append((order, asked.reply))
            else:
                asked.reply(order)
        if found:
            reports = self._desk.enter([order for order, _ in found], now) if self._started else None
            for number, (_, reply) in enumerate(found):
                reply(reports[number] if reports else m.Denied(self.refusal() or refuse(RefusalCode.READ_ONLY)))

    def _order_in(self, asked: Ordered, now: Reading) -> m.StopOrder | m.Denied:
        try:
            refusal = check_sender(self.books, asked.signed, asked.message, now)
            found = refusal or self._desk.check(asked.message.order, now)  # type: ignore[union-attr]
        except Exception as error:
            return self._failed(error)
        return m.Denied(found) if isinstance(found, Refusal) else found

    def _take_control(self, asked: Ordered, now: Reading) -> None:
        refusal = check_sender(self.books, asked.signed, asked.message, now)
        if refusal is None and not isinstance(asked.message, m.Ping | m.StopState):
            closed = self.refusal()
            may_pass = self._started and not self.books.store.failed and isinstance(asked.message, _ALWAYS)
            refusal = None if may_pass else closed
        asked.reply(m.Denied(refusal) if refusal else self._answer_control(asked.message, now))

    def _answer_control(self, message: m.ControlMessage, now: Reading) -> m.Answer:
        if isinstance(message, m.Ping):
            return self.pong()
        if isinstance(message, m.StopState):
            return self._stop_state(message, now)
        try:
            return answer_control(self.books, message, now)
        except Exception as error:
            return self._failed(error)

    def _stop_state(self, message: m.StopState, now: Reading) -> m.Answer:
        try:
            return self._desk.state_of(target_of(message), now)
        except InvalidInput as error:
            return denied(error)

    def _failed(self, error: Exception) -> m.Denied:
        """The refusal for what could not be done. Nothing of it was kept."""
        if isinstance(error, StoreFailed):
            return m.Denied(refuse(RefusalCode.READ_ONLY))
        if isinstance(error, InvalidInput):
            return denied(error)
        log.error("a message could not be answered: %s", type(error).__name__, exc_info=error)
        return m.Denied(refuse(RefusalCode.INVALID_REQUEST))

    # -------------------------------------------------------------------------------------------------------------- deciding

    def _take_chunk(self, now: Reading) -> None:
        """Take from the queue what one transaction holds, answer after its commit."""
        refusal = self.refusal()
        chunk = [self._work.popleft() for _ in range(min(CHUNK, len(self._work)))]
        if refusal:
            for work in chunk:
                work.reply(m.Denied(refusal))
            return
        answers: list[m.Answer] = []
        try:
            self.books.transact(lambda step: self._answer_chunk(step, chunk, answers), now)
            self.books.state.counters["commits"] += 1
        except StoreFailed as error:
            answers = [self._failed(error)] * len(chunk)
        except Exception:  # one of them cannot be entered: each by itself, so that it alone is refused
            answers = [self._answer_alone(work, now) for work in chunk]
        for work in reversed(chunk[len(answers) :]):
            self._work.appendleft(work)
        self._last_chunk = len(answers)
        for work, answer in zip(chunk, answers, strict=False):
            work.reply(answer)

    def _answer_chunk(self, step: Step, chunk: list[Work], answers: list[m.Answer]) -> None:
        """Ends early when the time is up: an answer must leave in less than half its greatest age."""
        budget_ns = self.books.settings.max_age_ms * 1_000_000 // 8
        for number, work in enumerate(chunk):
            if number % _LOOK_EVERY == 0 and number and self._clock.boottime_ns() - step.now.boottime_ns > budget_ns:
                return
            answers.append(self._answer(step, work))

    def _answer_alone(self, work: Work, now: Reading) -> m.Answer:
        try:
            return self.books.transact(lambda step: self._answer(step, work), now)
        except Exception as error:
            return self._failed(error)

    def _answer(self, step: Step, work: Work) -> m.Answer:
        if self._too_late(work):
            if work.batch:
                work.batch.cut = True
            return step.only_counted(RefusalCode.ANSWER_TOO_OLD)
        return deciding.answer(step, work.message)

    def _too_late(self, work: Work) -> bool:
        """An outcome that would be too old when it is answered is not logged. A batch is cut, so that what it holds is answered in time."""
        if not isinstance(work.message, m.Decide | m.Record | m.Release):
            return False
        if work.batch and work.batch.cut:
            return True
        age_ms = (self._clock.boottime_ns() - work.arrived_ns) / 1e6
        return age_ms > self.books.settings.max_age_ms / (4 if work.batch else 3)
