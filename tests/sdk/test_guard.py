"""The guard against a real sequencer: asks first, uses only what is fresh, and says what it dropped."""

from __future__ import annotations

import math
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pandas
import pytest
from gateway_kit import SYSTEM, Town, a_town, outcome

from insyn.core import messages as m
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.refusals import RefusalCode, Refused
from insyn.core.signing import SigningKey
from insyn.core.wire import FrameReader, decode_decide, encode, frame
from insyn.sdk import Guard
from insyn.sdk.control import ControlClient


def kinds(town: Town) -> list[str]:
    town.end()
    return [head.kind for head in town.heads()]


def test_a_decision_asks_for_clearance_and_then_records(running: Town) -> None:
    with running.guard().decision() as decision:
        assert decision.cleared is not None
        answer = decision.record(outcome())
    assert (answer.stage, answer.stop) == ("proposal", "drained")
    assert answer.require_fresh().accepted_ns >= answer.asked_ns
    assert kinds(running) == ["log_opened", "permit", "clearance", "decision"]


def test_a_guarded_function_does_not_run_without_clearance(served: Town) -> None:
    ran = []

    def model(case: str) -> m.Outcome:
        """Say something."""
        ran.append(case)
        return outcome(case=case)

    guarded = served.guard().guarded(model)
    told, answer = guarded("LN-1")
    assert (told.case, answer.stage, guarded.__doc__) == ("LN-1", "proposal", "Say something.")
    with pytest.raises(Refused) as refused:
        served.guard(version="2.0").guarded(model)("LN-2")
    assert refused.value.refusal.code is RefusalCode.VERSION_NOT_ALLOWED
    assert ran == ["LN-1"]


def test_an_outcome_that_is_refused_cannot_be_used(served: Town) -> None:
    with served.guard().decision() as decision, pytest.raises(Refused) as refused:
        decision.record(outcome(notice=""))
    assert refused.value.refusal.code is RefusalCode.NOTICE_MISSING


def test_nothing_is_recorded_outside_its_clearance(served: Town) -> None:
    decision = served.guard().decision()
    with pytest.raises(InvalidInput, match="no clearance"):
        decision.record(outcome())


def test_a_repeated_decision_says_that_it_is_one(served: Town) -> None:
    told = outcome()
    first = served.guard().decide(told, idempotency="the-same-key")
    again = served.guard().decide(told, idempotency="the-same-key")
    assert (first.replayed, again.replayed) == (False, True)
    assert again.receipt == first.receipt


def test_history_and_receipts_go_through_the_guard_too(running: Town) -> None:
    guard = running.guard()
    receipt = guard.decide(outcome()).receipt
    done = guard.historical(case="LN-1", outcome="deny", decided="1990", groups={"sex": "female"}, about=receipt.rid)
    assert done.receipt.index == receipt.index + 1
    deadline = time.monotonic() + 10
    while not (text := guard.receipt(receipt.index).text):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert text.startswith("c2sp.org/tlog-proof@v1")
    assert guard.ping().ready


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"score": math.nan}, "outcome.score"),
        ({"base": math.inf}, "outcome.base"),
        ({"payload": {"income": {"a": [1.0, math.nan]}}}, "outcome.payload.income.a[1]"),
        ({"factors": (m.Factor("income", 1, -math.inf),)}, "outcome.factors[0].contribution"),
        ({"payload": {"income": object()}}, "outcome"),
        ({"payload": {"income": "\ud800"}}, "outcome"),
    ],
)
def test_what_json_cannot_hold_is_found_before_it_is_sent(served: Town, changes: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidInput) as found:
        served.guard().decide(outcome(**changes))
    assert found.value.place == place


def test_a_batch_answers_each_row_in_order(served: Town) -> None:
    outcomes = [outcome(notice="" if number == 7 else "told") for number in range(300)]
    results = list(served.guard().batch(iter(outcomes)))
    assert [result.index for result in results] == list(range(300))
    assert [result.outcome.case for result in results] == [told.case for told in outcomes]
    assert [result.index for result in results if not result.accepted] == [7]
    assert results[7].refusal is not None
    assert results[7].refusal.code is RefusalCode.NOTICE_MISSING
    with pytest.raises(Refused):
        results[7].unwrap()
    assert len({result.receipt.index for result in results if result.receipt}) == 300


def test_a_batch_with_keys_can_be_sent_again(served: Town) -> None:
    outcomes = [outcome() for _ in range(20)]

    def key(index: int, told: m.Outcome) -> str:
        return f"key-of-{told.case}"

    first = [result.unwrap().receipt for result in served.guard().batch(outcomes, idempotency=key)]
    again = [result.unwrap() for result in served.guard().batch(outcomes, idempotency=key)]
    assert [answer.receipt for answer in again] == first
    assert all(answer.replayed for answer in again)


def test_rows_of_dicts_and_of_a_data_frame_become_outcomes(served: Town) -> None:
    def to_outcome(row: Any) -> m.Outcome:
        payload = dict(row)
        return outcome(payload=payload, factors=(m.Factor("income", payload["income"], 0.25),))

    table = [{"income": 1, "debt": 0.5}, {"income": 2, "debt": 0.25}]
    for data in (table, pandas.DataFrame(table)):
        results = list(served.guard().batch(data, to_outcome=to_outcome))
        assert [result.accepted for result in results] == [True, True]
        assert results[1].outcome.payload == {"income": 2, "debt": 0.25}


def test_rows_that_are_no_outcomes_are_named(served: Town) -> None:
    with pytest.raises(InvalidInput, match=r"rows\[1\]"):
        list(served.guard().batch([outcome(), {"income": 1}]))


def test_big_rows_go_in_smaller_chunks(served: Town) -> None:
    big = {"income": 4200, "debt": 0.3, "letter": "x" * 200_000}
    results = list(served.guard().batch([outcome(payload=big) for _ in range(30)]))
    assert all(result.accepted for result in results)


def test_one_row_that_is_too_big_is_refused_alone(served: Town) -> None:
    huge = {"income": 4200, "debt": 0.3, "letter": "x" * 300_000}
    results = list(served.guard().batch([outcome(), outcome(payload=huge), outcome()]))
    assert [result.accepted for result in results] == [True, False, True]


def test_an_answer_grows_too_old_to_be_used() -> None:
    with a_town(max_age_ms=60) as town:
        town.start()
        town.permit_in_force()
        answer = fresh_answer(town.guard())
        time.sleep(0.07)
        with pytest.raises(Refused) as refused:
            answer.require_fresh()
        assert refused.value.refusal.code is RefusalCode.ANSWER_TOO_OLD


def fresh_answer(guard: Guard) -> Any:
    """An answer within sixty milliseconds, on a host that may be busy."""
    for _ in range(50):
        try:
            return guard.decide(outcome())
        except Refused as refused:
            assert refused.refusal.code is RefusalCode.ANSWER_TOO_OLD
    raise AssertionError("no fresh answer in fifty tries")


def test_an_answer_dropped_by_age_is_entered_as_not_used(running: Town) -> None:
    with SlowLine(running.home.decide_socket, running.home.run / "slow.sock", delay=2.2) as slow, pytest.raises(Refused) as refused:
        running.guard(socket=slow.path).decide(outcome())
    assert refused.value.refusal.code is RefusalCode.ANSWER_TOO_OLD
    assert kinds(running) == ["log_opened", "permit", "decision", "not_used"]


class SlowLine:
    """A line to the sequencer on which the first answer takes its time."""

    def __init__(self, target: Path, path: Path, *, delay: float) -> None:
        self.path, self._target, self._delay = path, target, delay
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen(4)
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> SlowLine:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(30)
        self._listener.close()

    def _serve(self) -> None:
        near, _ = self._listener.accept()
        with near, socket.socket(socket.AF_UNIX) as far:
            far.connect(str(self._target))
            for delay in (self._delay, 0.0):
                far.sendall(near.recv(1 << 16))
                answer = far.recv(1 << 16)
                time.sleep(delay)
                near.sendall(answer)


def test_no_sequencer_is_a_refusal(served: Town, tmp_path: Path) -> None:
    guard = served.guard(socket=tmp_path / "nobody.sock")
    for attempt in (lambda: guard.decide(outcome()), lambda: guard.decision().__enter__()):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.refusal.code is RefusalCode.UNREACHABLE
    (result,) = guard.batch([outcome()])
    assert result.refusal is not None
    assert result.refusal.code is RefusalCode.UNREACHABLE
    with pytest.raises(Unreachable):
        ControlClient(tmp_path / "nobody.sock", SigningKey.generate("register")).ask(m.Ping(id=1))


def test_a_hung_sequencer_is_a_refusal_in_time(running: Town) -> None:
    guard = running.guard(timeout=0.2)
    guard.ping()
    assert running.process is not None
    running.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(Refused) as refused:
        guard.decide(outcome())
    assert refused.value.refusal.code is RefusalCode.UNREACHABLE
    assert time.monotonic() - began < 5
    running.process.send_signal(signal.SIGCONT)


def test_a_guard_finds_its_way_back_after_a_restart(running: Town) -> None:
    guard = running.guard()
    guard.decide(outcome())
    running.end(signal.SIGKILL)
    with pytest.raises(Refused):
        guard.decide(outcome())
    running.start()
    assert guard.decide(outcome()).stage == "proposal"


def test_one_guard_serves_many_threads(served: Town) -> None:
    guard = served.guard()
    with ThreadPoolExecutor(12) as pool:
        receipts = list(pool.map(lambda _: guard.decide(outcome()).receipt.index, range(240)))
    assert len(set(receipts)) == 240


def test_an_answer_to_another_question_is_no_answer(tmp_path: Path) -> None:
    with a_liar(tmp_path) as path:
        guard = Guard(socket=path, key="k" * 16, system=SYSTEM, version="1", purpose="p", matter_type="m")
        with pytest.raises(Refused) as refused:
            guard.ping()
        assert refused.value.refusal.code is RefusalCode.UNREACHABLE


class a_liar:  # noqa: N801 - reads as a phrase
    """A listener that answers every question with another one's id."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "l.sock"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen(1)
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Path:
        self._thread.start()
        return self.path

    def __exit__(self, *_: object) -> None:
        self._thread.join(10)
        self._listener.close()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            (body,) = FrameReader().feed(connection.recv(1 << 16))
            pong = m.Pong(log="x", size=0, ready=True, max_age_ms=1)
            connection.sendall(frame(encode(m.Reply(id=decode_decide(body).id + 1, answer=pong))))


def test_a_host_without_a_boot_clock_is_promised_less(monkeypatch: pytest.MonkeyPatch, served: Town) -> None:
    monkeypatch.setattr("insyn.sdk.clock._BOOTTIME", None)
    answer = served.guard().decide(outcome())
    assert answer.stop == "committed only"
    assert answer.age_ms < 10_000


def results_of(guard: Guard, count: int, pause: float) -> Iterator[bool]:
    for result in guard.batch([outcome() for _ in range(count)]):
        time.sleep(pause)
        yield result.accepted


def test_rows_that_grow_old_while_the_caller_works_are_dropped_and_said_to_be(running: Town) -> None:
    """Two seconds an answer; sixteen rows of 0.16 s each take longer."""
    accepted = list(results_of(running.guard(), 18, 0.16))
    assert accepted[0]
    dropped = accepted.count(False)
    assert 0 < dropped < 10
    assert kinds(running).count("not_used") == dropped


def test_messages_are_sent_as_the_protocol_says(served: Town) -> None:
    answer = served.control().ask_new(lambda number: m.StopState(id=number, system=SYSTEM))
    assert msgspec.to_builtins(answer)["status"] == "none"


def test_rows_that_were_logged_and_never_handed_out_are_said_to_be_unused(running: Town) -> None:
    """The caller leaves the loop after three rows of a chunk of sixteen."""
    results = running.guard().batch([outcome() for _ in range(16)])
    taken = [next(results) for _ in range(3)]
    results.close()  # type: ignore[attr-defined]
    assert all(result.accepted for result in taken)
    found = kinds(running)
    assert (found.count("decision"), found.count("not_used")) == (16, 13)
