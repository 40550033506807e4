"""The stop under load, and what a kill at any instant leaves: real processes, real sockets, real disk."""

from __future__ import annotations

import json
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway_kit import KEY, SYSTEM, Town, a_town, outcome, python

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.spool import order_path, write_order
from insyn.core.stop_rule import StopRule
from insyn.evidence.publisher import Publisher
from insyn.evidence.reader import EvidenceReader
from insyn.sdk.clock import boottime_ns

CALLER = str(Path(__file__).with_name("caller.py"))


class Callers:
    """Callers that stream, each in a process of its own, and what each accepted."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.processes: list[subprocess.Popen[bytes]] = []
        self._texts: dict[int, bytes] = {}

    def start(self, *hows: str) -> None:
        for how in hows:
            self.processes.append(python(CALLER, str(self._town.home.decide_socket), KEY, how))

    def read_until(self, lines: int, *, first: int = 0, seconds: float = 20.0) -> None:
        """Read what they print until each, from the ``first`` on, has printed so many lines."""
        deadline = time.monotonic() + seconds
        while any(self._texts.get(process.pid, b"").count(b"\n") < lines for process in self.processes[first:]):
            assert time.monotonic() < deadline, "the callers did not get going"
            self._read_some()

    def _read_some(self) -> None:
        pipes = {process.stdout.fileno(): process for process in self.processes if process.stdout}
        ready, _, _ = select.select(list(pipes), [], [], 0.1)
        for pipe in ready:
            process = pipes[pipe]
            assert process.stdout is not None
            self._texts[process.pid] = self._texts.get(process.pid, b"") + process.stdout.read1(1 << 20)  # type: ignore[union-attr]

    def accepted(self) -> list[dict[str, Any]]:
        """Wait for every caller's end; everything that they accepted. The last line of a killed one may be cut."""
        found = []
        for process in self.processes:
            rest, _ = process.communicate(timeout=30)
            text = self._texts.get(process.pid, b"") + rest
            found += [json.loads(line) for line in text.split(b"\n")[:-1]]
        return found

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


@pytest.fixture
def quick() -> Iterator[Town]:
    """Answers may be used for 300 ms."""
    with a_town(max_age_ms=300) as town:
        town.start()
        town.permit_in_force()
        yield town


@pytest.fixture
def callers(quick: Town) -> Iterator[Callers]:
    made = Callers(quick)
    yield made
    made.end()


def wait_drained(town: Town) -> m.StopReport:
    for _ in range(400):
        report = town.control().ask(m.StopState(id=1, system=SYSTEM))
        assert isinstance(report, m.StopReport)
        if report.status == "drained":
            return report
        time.sleep(0.01)
    raise AssertionError("not drained in four seconds")


def stop_holds(town: Town, index: int) -> None:
    """Anyone's check of the log: nothing of the system after the stop."""
    rule = StopRule()
    store = town.open_store()
    for position, data in store.entries(0, 1_000_000):
        rule.observe(position, data)
    town.close_store()
    assert rule.violations == []
    assert rule.stopped == {SYSTEM: index}


def test_no_decision_follows_a_stop_under_load_and_none_is_accepted_after_drained(quick: Town, callers: Callers) -> None:
    callers.start("stream", "stream", "batch")
    callers.read_until(20)
    report = quick.stop()
    drained = wait_drained(quick)
    accepted = callers.accepted()
    assert quick.end() == 0
    stop_holds(quick, report.index)
    assert len(accepted) >= 60
    assert max(line["index"] for line in accepted) < report.index
    assert max(line["accepted_ns"] for line in accepted) < drained.drained_boottime_ns
    assert drained.drained_boottime_ns - drained.committed_boottime_ns == 300_000_000


def test_a_caller_frozen_through_a_stop_accepts_nothing_when_it_wakes(quick: Town, callers: Callers) -> None:
    callers.start("stream", "batch", "stream")
    callers.read_until(20)
    for process in callers.processes:
        process.send_signal(signal.SIGSTOP)
    report = quick.stop()
    drained = wait_drained(quick)
    for process in callers.processes:
        process.send_signal(signal.SIGCONT)
    accepted = callers.accepted()
    quick.end()
    stop_holds(quick, report.index)
    assert [line for line in accepted if line["accepted_ns"] >= drained.drained_boottime_ns or line["index"] > report.index] == []


def test_a_frozen_sequencer_delays_the_stop_and_never_falsifies_it(quick: Town, callers: Callers) -> None:
    callers.start("stream")
    callers.read_until(5)
    assert quick.process is not None
    quick.process.send_signal(signal.SIGSTOP)
    time.sleep(0.5)
    quick.process.send_signal(signal.SIGCONT)
    report = quick.stop()
    drained = wait_drained(quick)
    accepted = callers.accepted()
    quick.end()
    stop_holds(quick, report.index)
    assert all(line["index"] < report.index and line["accepted_ns"] < drained.drained_boottime_ns for line in accepted)


def test_a_killed_sequencer_loses_nothing_that_was_acknowledged(quick: Town, callers: Callers) -> None:
    callers.start("stream", "batch")
    callers.read_until(20)
    quick.end(signal.SIGKILL)
    quick.start()
    callers.read_until(60)
    report = quick.stop()
    accepted = callers.accepted()
    quick.end()
    stop_holds(quick, report.index)
    heads = quick.heads()
    assert all(heads[line["index"]].rid == line["rid"] for line in accepted)
    assert len(accepted) >= 120


def test_a_stop_that_was_acknowledged_survives_a_kill_at_once(quick: Town, callers: Callers) -> None:
    callers.start("stream", "stream")
    callers.read_until(5)
    report = quick.stop()
    quick.end(signal.SIGKILL)
    quick.start()
    assert wait_drained(quick).index == report.index
    accepted = callers.accepted()
    assert all(line["index"] < report.index for line in accepted)
    quick.end()
    stop_holds(quick, report.index)


def test_a_killed_caller_troubles_nobody(quick: Town, callers: Callers) -> None:
    callers.start("batch", "stream")
    callers.read_until(10)
    callers.processes[0].kill()
    callers.read_until(60, first=1)
    quick.stop()
    assert len(callers.accepted()) >= 60


def test_a_stop_ordered_while_the_sequencer_is_down_is_in_force_before_the_first_answer(quick: Town, callers: Callers) -> None:
    callers.start("stream", "stream")
    callers.read_until(5)
    quick.end(signal.SIGKILL)
    before = boottime_ns()
    path = write_order(quick.home.spool, quick.order())
    time.sleep(0.35)  # what was answered before the kill has grown too old to be accepted
    quick.start()
    state = quick.control().ask(m.StopState(id=1, system=SYSTEM))
    assert isinstance(state, m.StopReport)
    assert state.index >= 0
    assert not path.exists()
    accepted = callers.accepted()
    assert before is not None
    assert [line for line in accepted if line["index"] > state.index or line["accepted_ns"] > before + 300_000_000] == []
    quick.end()
    stop_holds(quick, state.index)


def test_nothing_is_answered_while_a_spooled_order_cannot_be_read(quick: Town) -> None:
    path = order_path(quick.home.spool, "0" * 32)
    quick.end()
    path.write_bytes(b"half an ord")
    quick.start()
    with pytest.raises(Refused) as refused:
        quick.guard().decide(outcome())
    assert refused.value.refusal.code is RefusalCode.SPOOL_UNREADABLE
    path.unlink()
    time.sleep(0.3)
    assert quick.guard().decide(outcome()).stage == "proposal"


def test_two_stop_holders_at_once_leave_two_stops_and_one_resume_of_the_newest(quick: Town) -> None:
    first, second = quick.stop().index, quick.stop().index
    assert isinstance(quick.resume(first), m.Denied)
    assert isinstance(quick.resume(second), m.Done)
    assert quick.guard().decide(outcome()).stage == "proposal"


def test_an_answer_stands_on_the_disk_when_it_comes(quick: Town) -> None:
    answer = quick.guard().decide(outcome())
    quick.end(signal.SIGKILL)
    store = quick.open_store()
    assert store.leaf(answer.receipt.index).hex() == answer.receipt.leaf
    quick.close_store()


@pytest.mark.parametrize("content", [b'{"key":"\xff","body":"e30=","signature":""}', b'{"x":' + b"[" * 60_000])
def test_a_spool_file_of_broken_bytes_closes_everything_and_later_stops_are_still_read(quick: Town, content: bytes) -> None:
    """The look at the spool died of these bytes: everything went on being answered, and no spooled stop was ever read again."""
    path = order_path(quick.home.spool, "0" * 32)
    path.write_bytes(content)
    time.sleep(0.3)
    with pytest.raises(Refused) as refused:
        quick.guard().decide(outcome())
    assert refused.value.refusal.code is RefusalCode.SPOOL_UNREADABLE
    path.unlink()
    write_order(quick.home.spool, quick.order())
    time.sleep(0.3)
    with pytest.raises(Refused) as stopped:
        quick.guard().decide(outcome())
    assert stopped.value.refusal.code is RefusalCode.STOPPED


def test_an_old_backup_of_the_evidence_is_not_opened(quick: Town) -> None:
    """The stop after the backup stands in the published log; opened, the store would let decisions through and fork the log."""
    time.sleep(0.5)
    quick.end()
    backup = quick.home.root / "backup"
    shutil.copytree(quick.home.evidence, backup)
    quick.start()
    quick.stop()
    quick.end()
    with EvidenceReader.read_only(quick.home.evidence) as reader:
        Publisher(reader, quick.home.public).publish()
    quick.start()
    quick.end()
    shutil.rmtree(quick.home.evidence)
    shutil.copytree(backup, quick.home.evidence)
    with pytest.raises(AssertionError, match="rows are lost"):
        quick.start()
