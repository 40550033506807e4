"""A flush that fails is never tried again: the sequencer says no to everything from then on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import apsw
import pytest
from gateway_kit import SYSTEM, Bench, FakeClock, Town, a_permit, decide

from insyn.core import messages as m
from insyn.core.permit import sign_permit
from insyn.core.refusals import RefusalCode
from insyn.core.spool import write_order

_names = itertools.count()


class Disk:
    """An SQLite VFS whose flushes fail from the moment that ``broken`` is set."""

    def __init__(self) -> None:
        self.name = f"disk{next(_names)}"
        self.broken = False
        self.vfs = _Vfs(self)


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(disk.name, "")

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        return _File(self._disk, name, flags)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        super().__init__("", name, flags)

    def xSync(self, flags: int) -> None:
        if self._disk.broken:
            raise apsw.IOError("the disk is gone")
        super().xSync(flags)


@pytest.fixture
def disk() -> Iterator[Disk]:
    made = Disk()
    yield made
    made.vfs.unregister()


@pytest.fixture
def bench(town: Town, clock: FakeClock, disk: Disk) -> Bench:
    made = town.engine(clock, vfs=disk.name)
    made.permit()
    return made


def code_of(answer: Any) -> RefusalCode:
    assert isinstance(answer, m.Denied), answer
    return answer.refusal.code


def test_a_decision_that_could_not_be_flushed_is_refused_and_so_is_all_after_it(bench: Bench, disk: Disk) -> None:
    bench.tell(decide())  # keys are made ahead now, so that it is the commit that fails
    answers: list[m.Answer] = []
    for _ in range(3):
        bench.engine.ask(decide(), answers.append)
    disk.broken = True
    bench.engine.turn()
    assert {code_of(answer) for answer in answers} == {RefusalCode.READ_ONLY}
    disk.broken = False
    assert code_of(bench.tell(decide())) is RefusalCode.READ_ONLY
    assert code_of(bench.order(bench.town.act())) is RefusalCode.READ_ONLY
    pong = bench.tell(m.Ping(id=1))
    assert (pong.ready, pong.refusal.code) == (False, RefusalCode.READ_ONLY)
    bench.engine.tick()
    bench.engine.checkpoint()


def test_a_stop_that_could_not_be_flushed_still_closes_its_system(bench: Bench, disk: Disk) -> None:
    disk.broken = True
    assert code_of(bench.stop()) is RefusalCode.READ_ONLY
    assert bench.engine.books.state.stop_index(SYSTEM) == -1
    assert bench.order(m.StopState(id=1, system=SYSTEM)).status == "ordered"


def test_a_spooled_stop_that_could_not_be_flushed_waits_for_the_next_start(bench: Bench, disk: Disk, town: Town, clock: FakeClock) -> None:
    path = write_order(town.home.spool, town.order())
    disk.broken = True
    bench.engine.tick()
    bench.engine.tick()
    assert path.exists()
    disk.broken = False
    town.close_store()
    after = town.engine(clock)
    assert after.stop().status == "committed"
    assert not path.exists()
    assert code_of(after.tell(decide())) is RefusalCode.STOPPED


def test_nothing_that_was_refused_stands_after_a_restart(bench: Bench, disk: Disk, town: Town, clock: FakeClock) -> None:
    before = bench.tell(decide()).receipt
    disk.broken = True
    bench.tell(decide())
    disk.broken = False
    town.close_store()
    after = town.engine(clock)
    assert after.engine.books.store.leaf(before.index).hex() == before.leaf
    assert isinstance(after.tell(decide()), m.Recorded)


def test_a_permit_whose_entry_could_not_be_flushed_is_not_in_force(bench: Bench, disk: Disk) -> None:
    held = bench.engine.books.state.permits[SYSTEM]
    wider = a_permit(epoch=2, compiled_from=1, versions=frozenset({"1.0", "2.0"}))
    act = bench.town.act(permit=wider)
    disk.broken = True
    assert code_of(bench.order(act)) is RefusalCode.READ_ONLY
    assert bench.engine.books.state.permits[SYSTEM] is held


def test_a_narrowing_whose_entry_could_not_be_flushed_is_not_in_force(bench: Bench, disk: Disk) -> None:
    held = bench.engine.books.state.permits[SYSTEM]
    signed = sign_permit(a_permit(epoch=2, compiled_from=1, stop_holders=()), bench.town.register_key)
    disk.broken = True
    assert code_of(bench.order(m.Narrow(id=1, act="1" * 32, permit=signed))) is RefusalCode.READ_ONLY
    assert bench.engine.books.state.permits[SYSTEM] is held


def test_a_resume_whose_entry_could_not_be_flushed_lifts_nothing(bench: Bench, disk: Disk) -> None:
    stop = bench.stop().index
    act = bench.town.act(resume_of=stop)
    disk.broken = True
    assert code_of(bench.order(act)) is RefusalCode.READ_ONLY
    assert bench.engine.books.state.stop_index(SYSTEM) == stop


def test_an_answer_leaves_only_when_its_transaction_has_ended(bench: Bench) -> None:
    """Kills a build that answers inside the transaction, before the flush."""
    open_at_answer: list[bool] = []
    connection = bench.engine.books.store.connection
    for _ in range(3):
        bench.engine.ask(decide(), lambda answer: open_at_answer.append(connection.in_transaction))
    bench.engine.turn()
    assert open_at_answer == [False] * 3


def test_a_spool_file_lies_there_until_its_stop_is_committed(bench: Bench, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_order(town.home.spool, town.order())
    store, lay = bench.engine.books.store, []
    commit = store.commit
    monkeypatch.setattr(store, "commit", lambda mark: (lay.append(path.exists()), commit(mark)))
    bench.engine.tick()
    assert lay == [True]
    assert not path.exists()
