"""The real engine against a model of a page: permits, stops of every scope, resumes, clearances, decisions, batches, restarts, clocks.

The model holds what a reader of docs/reference/stop.md would expect, in dicts. Every answer is compared with it; at the end the log is read
by the stop rule and by hand.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from gateway_kit import ADMIN, KEY, SYSTEM, Bench, FakeClock, Town, a_permit, asked, number, outcome
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from insyn.core import messages as m
from insyn.core.permit import Permit
from insyn.core.refusals import RefusalCode
from insyn.core.scope import target_of
from insyn.core.signing import Signed
from insyn.core.spool import read_order, write_order
from insyn.core.stop_rule import StopRule
from insyn.gateway import acts, control, deciding
from insyn.gateway.judge import judge
from insyn.gateway.state import Clearances, State
from insyn.gateway.step import Step
from insyn.gateway.stopping import StopDesk

CHAT = "chat"
VERSIONS = ("1.0", "2.0")
STOPS: tuple[dict[str, str], ...] = (
    {"system": SYSTEM},
    {"system": CHAT},
    {"system": SYSTEM, "scope": "version", "version": "2.0"},
    {"system": CHAT, "scope": "purpose", "purpose": "assess_loan"},
    {"scope": "supplier", "supplier": "supplier-1"},
    {"scope": "everything"},
)
SUPPLIER, SUPPLIERS = 4, ((), ("supplier-1",), ("supplier-1", "supplier-2"))
CLEARANCE_NS = 15 * 60 * 10**9
a_stop, a_question = st.sampled_from(range(len(STOPS))), st.tuples(st.sampled_from((SYSTEM, CHAT)), st.sampled_from(VERSIONS))
Question = tuple[str, str]


class Gateway(RuleBasedStateMachine):
    """What the model knows: stops in force, permits, clearances, answers under a key, whether the clock is trusted."""

    def __init__(self) -> None:
        super().__init__()
        self.town, self.clock = Town(), FakeClock()
        self.bench: Bench = self.town.engine(self.clock)
        self.stops: dict[int, int] = {}
        self.past: dict[int, int] = {}
        self.held: set[str] = set()  # by the stop of the supplier
        self.permits: dict[str, Permit] = {}
        self.clearances: dict[str, tuple[Question, int, int]] = {}  # what for, epoch, expires
        self.used: list[str] = []
        self.kept: dict[str, tuple[Question, m.Outcome, m.Receipt]] = {}
        self.orders: list[Signed] = []
        self.receipts: list[m.Receipt] = []
        self.closed = False

    def teardown(self) -> None:
        try:
            self._read_the_log()
        finally:
            self.town.clean()

    @initialize()
    def both_systems_are_approved(self) -> None:
        self.approve(SYSTEM, True, SUPPLIERS[1])
        self.approve(CHAT, True, SUPPLIERS[0])

    # ---------------------------------------------------------------------------------------------------------------- what is asked

    def covers(self, stop: int, question: Question) -> bool:
        of = STOPS[stop]
        if stop == SUPPLIER:
            return question[0] in self.held
        return of.get("system", question[0]) == question[0] and of.get("version", question[1]) == question[1]

    def expected(self, question: Question) -> RefusalCode | None:
        if self.closed:
            return RefusalCode.CLOCK_JUMPED
        if any(self.covers(stop, question) for stop in self.stops):
            return RefusalCode.STOPPED
        return None if self.permits[question[0]].granted else RefusalCode.NOT_APPROVED

    def compare(self, answer: Any, wanted: RefusalCode | None) -> Any:
        """The answer is the one that the model gives. Its receipt is kept."""
        got = answer.refusal.code if isinstance(answer, m.Denied) else None
        assert got == wanted, (answer, wanted)
        if answer.receipt is not None:
            self.receipts.append(answer.receipt)
        return answer

    def about(self, question: Question) -> m.Asked:
        return asked(system=question[0], version=question[1])

    @rule(question=a_question)
    def decides(self, question: Question) -> None:
        message = m.Decide(id=number(), key=KEY, asked=self.about(question), outcome=outcome())
        self.compare(self.bench.tell(message), self.expected(question))

    @rule(question=a_question)
    def decides_under_a_key(self, question: Question) -> None:
        name, said = secrets.token_hex(8), outcome()
        message = m.Decide(id=number(), key=KEY, asked=self.about(question), outcome=said, idempotency=name)
        answer = self.compare(self.bench.tell(message), self.expected(question))
        if isinstance(answer, m.Recorded):
            self.kept[name] = (question, said, answer.receipt)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def repeats(self, data: st.DataObject) -> None:
        """The old receipt, its use judged now."""
        name = data.draw(st.sampled_from(list(self.kept)))
        question, said, receipt = self.kept[name]
        message = m.Decide(id=number(), key=KEY, asked=self.about(question), outcome=said, idempotency=name)
        answer = self.compare(self.bench.tell(message), self.expected(question))
        assert answer.receipt == (None if self.closed else receipt)

    @rule(question=a_question)
    def decides_many(self, question: Question) -> None:
        items = tuple(m.Item(outcome=outcome()) for _ in range(5))
        answers = self.bench.tell(m.Batch(id=number(), key=KEY, asked=self.about(question), items=items)).answers
        for answer in answers:
            self.compare(answer, self.expected(question))

    @rule(question=a_question)
    def clears(self, question: Question) -> None:
        answer = self.compare(self.bench.tell(m.Clear(id=number(), key=KEY, asked=self.about(question))), self.expected(question))
        if isinstance(answer, m.Cleared):
            self.clearances[answer.clearance] = (question, self.permits[question[0]].epoch, self.clock.boot + CLEARANCE_NS)

    @precondition(lambda self: self.clearances or self.used)
    @rule(data=st.data())
    def records(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([*self.clearances, *self.used[-3:]]))
        question, epoch, expires = self.clearances.get(name, (("", ""), 0, 0))
        wanted: RefusalCode | None = RefusalCode.CLEARANCE_UNKNOWN
        if self.closed:
            wanted = RefusalCode.CLOCK_JUMPED
        elif self.clock.boot < expires:
            superseded = RefusalCode.CLEARANCE_SUPERSEDED if epoch != self.permits[question[0]].epoch else None
            wanted = self.expected(question) or superseded
        answer = self.bench.tell(m.Record(id=number(), key=KEY, clearance=name, outcome=outcome()))
        self.compare(answer, wanted)
        if isinstance(answer, m.Recorded):
            del self.clearances[name]
            self.used.append(name)

    # --------------------------------------------------------------------------------------------------------------------- the register

    @rule(system=st.sampled_from((SYSTEM, CHAT)), granted=st.sampled_from((True, True, False)), suppliers=st.sampled_from(SUPPLIERS))
    def approve(self, system: str, granted: bool, suppliers: tuple[str, ...]) -> None:
        """A permit lifts no stop, and leaving a supplier leaves no stop of it behind; who takes one that is stopped is held too."""
        held = self.permits.get(system)
        epoch = held.epoch if held else 0
        permit = a_permit(
            system=system,
            epoch=epoch + 1,
            compiled_from=epoch,
            granted=granted,
            versions=frozenset(VERSIONS),
            suppliers=suppliers,
        )
        answer = self.bench.order(self.town.act(system=system, permit=permit))
        self.compare(answer, RefusalCode.CLOCK_JUMPED if self.closed else None)
        if not self.closed:
            self.permits[system] = permit
            if SUPPLIER in self.stops and suppliers:
                self.held.add(system)

    @rule(stop=a_stop)
    def stops_by_socket(self, stop: int) -> None:
        order = self.town.order(**STOPS[stop])
        report = self.bench.order(m.Stop(id=number(), order=order))
        if not self._is_known(stop):
            self.compare(report, RefusalCode.STOP_TARGET_UNKNOWN)
            return
        self._stopped(stop, order)
        assert report.index == self.stops[stop]
        assert set(report.systems) == (self.held if stop == SUPPLIER else set())

    @rule(stop=a_stop)
    def stops_by_spool(self, stop: int) -> None:
        """In force at the next look at the spool; put aside if it stops nothing."""
        order = self.town.order(**STOPS[stop])
        path = write_order(self.town.home.spool, order)
        self.bench.engine.tick()
        assert not path.exists()
        if self._is_known(stop):
            self._stopped(stop, order)

    def _is_known(self, stop: int) -> bool:
        """Nobody has the supplier, and no stop of it stands: the name may be misspelt."""
        return stop != SUPPLIER or stop in self.stops or any(permit.suppliers for permit in self.permits.values())

    def _stopped(self, stop: int, order: Signed) -> None:
        entry = self.bench.engine.books.store.index_of(read_order(order).order)
        assert entry is not None
        self.past[stop] = self.stops.get(stop, self.past.get(stop, -1))
        self.stops[stop] = entry
        self.orders.append(order)
        if stop == SUPPLIER:
            self.held |= {system for system, permit in self.permits.items() if permit.suppliers}

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def sends_an_order_again(self, data: st.DataObject) -> None:
        """Nothing happens twice, also when it was lifted since."""
        before = self.bench.engine.books.store.stops()
        order = data.draw(st.sampled_from(self.orders))
        self.bench.order(m.Stop(id=number(), order=order))  # a report, or a no where nobody has the supplier any more
        assert self.bench.engine.books.store.stops() == before

    @precondition(lambda self: self.stops)
    @rule(data=st.data())
    def resumes(self, data: st.DataObject) -> None:
        self.lift(data.draw(st.sampled_from(sorted(self.stops))))

    @rule(stop=a_stop)
    def stops_for_a_moment(self, stop: int) -> None:
        self.stops_by_socket(stop)
        if stop in self.stops:
            self.lift(stop)

    def lift(self, stop: int) -> None:
        self.compare(self._resume(stop, self.stops[stop]), RefusalCode.CLOCK_JUMPED if self.closed else None)
        if not self.closed:
            self.past[stop] = self.stops.pop(stop)
            dropped = [name for name, (question, _, _) in self.clearances.items() if self.covers(stop, question)]
            self.used += dropped
            for name in dropped:
                del self.clearances[name]
            if stop == SUPPLIER:
                self.held.clear()

    @rule()
    def all_is_put_right(self) -> None:
        """Otherwise most of a life is spent closed."""
        if self.closed:
            self.a_person_confirms_the_clock()
        for stop in sorted(self.stops):
            self.lift(stop)
        for system, permit in list(self.permits.items()):
            if not permit.granted:
                self.approve(system, True, permit.suppliers)

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def resumes_too_late(self, data: st.DataObject) -> None:
        """A resume of a stop that a newer one has followed, or that was lifted before."""
        stop = data.draw(st.sampled_from(sorted(self.past)))
        self.compare(self._resume(stop, max(0, self.past[stop])), RefusalCode.CLOCK_JUMPED if self.closed else RefusalCode.RESUME_LATE)

    def _resume(self, stop: int, index: int) -> Any:
        return self.bench.order(self.town.act(resume_of=index, **{"system": "", **STOPS[stop]}))

    # ------------------------------------------------------------------------------------------------------------- the machine

    @rule()
    def restarts(self) -> None:
        """Clearances are lost; nothing else is."""
        self.town.close_store()
        self.bench = self.town.engine(self.clock)
        self.used += self.clearances
        self.clearances.clear()

    @rule(seconds=st.sampled_from((0.05, 1.0, 70.0, 400.0)))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_time(seconds)
        self.bench.engine.tick()

    @precondition(lambda self: not self.closed)
    @rule(seconds=st.sampled_from((-90_000, -10, 10, 90_000)))
    def the_clock_jumps(self, seconds: float) -> None:
        self.clock.set_wall(seconds)
        self.bench.engine.tick()
        self.closed = True

    @rule()
    def a_person_confirms_the_clock(self) -> None:
        answer = self.bench.order(m.ConfirmClock(id=number(), actor=ADMIN))
        assert isinstance(answer, m.Done) is self.closed
        self.closed = False

    # ---------------------------------------------------------------------------------------------------------------- what must hold

    @invariant()
    def the_engine_knows_the_same_stops(self) -> None:
        state = self.bench.engine.books.state
        assert {stop: state.stop_index(_key(stop)) for stop in range(len(STOPS))} == {
            stop: self.stops.get(stop) for stop in range(len(STOPS))
        }

    @invariant()
    def the_engine_holds_the_same_systems(self) -> None:
        assert set(self.bench.engine.books.state.held.get(_key(SUPPLIER), ())) == self.held

    @invariant()
    def the_clock_is_trusted_as_the_model_says(self) -> None:
        assert self.bench.engine.books.time.closed is self.closed

    def _read_the_log(self) -> None:
        store, by_rule = self.bench.engine.books.store, StopRule()
        entries = [data for _, data in store.entries(0, 100_000)]
        for index, data in enumerate(entries):
            by_rule.observe(index, data)
        assert by_rule.violations == []
        assert by_rule.stopped == {_key(stop): index for stop, index in self.stops.items()}
        for receipt in self.receipts:
            assert store.leaf(receipt.index).hex() == receipt.leaf


class _Of(msgspec.Struct):
    scope: str = "system"
    system: str = ""
    version: str = ""
    purpose: str = ""
    supplier: str = ""


def _key(stop: int) -> str:
    return target_of(_Of(**STOPS[stop])).key


def _run(examples: int, *, fixed: bool) -> None:
    run_state_machine_as_test(
        Gateway,
        settings=settings(
            max_examples=examples,
            stateful_step_count=40,
            deadline=None,
            derandomize=fixed,
            database=None,
            phases=[Phase.generate] if fixed else tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(300)
def test_the_engine_answers_as_the_model_says() -> None:
    _run(8, fixed=True)


def _late_resume(patch: pytest.MonkeyPatch) -> None:
    lifted, index = acts.submit, State.stop_index

    def submit(step: Step, message: m.SubmitAct) -> m.Answer:
        with pytest.MonkeyPatch.context() as inner:
            if message.resume_of is not None:
                inner.setattr(State, "stop_index", lambda self, key: message.resume_of if key in self.stops else index(self, key))
            return lifted(step, message)

    patch.setitem(control._DESKS, m.SubmitAct, submit)  # type: ignore[arg-type]


def _clearances_outlive_a_stop(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Clearances, "drop_of", lambda self, covers: None)


def _a_restart_forgets_stops_of_everything(patch: pytest.MonkeyPatch) -> None:
    load = StopDesk.load
    patch.setattr(StopDesk, "load", lambda self, now: (load(self, now), self._books.state.stops.pop("*", None)))


def _a_repeat_is_not_judged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deciding, "judge", lambda permit, asked, *, stop, today: judge(permit, asked, stop=None, today=today))


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "break_it",
    [
        _late_resume,
        _a_repeat_is_not_judged,
        pytest.param(_clearances_outlive_a_stop, marks=pytest.mark.slow),
        pytest.param(_a_restart_forgets_stops_of_everything, marks=pytest.mark.slow),
    ],
)
def test_an_engine_that_is_broken_is_told_apart(break_it: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    break_it(monkeypatch)
    with pytest.raises(AssertionError):
        _run(400, fixed=True)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_engine_answers_as_the_model_says_in_five_hundred_lives() -> None:
    _run(500, fixed=False)
