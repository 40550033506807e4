"""More is asked than can be answered, or answered than is read: memory does not grow, and others are served."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from gateway_kit import Bench, Town, asked, decide, framed, number, outcome, raw

from insyn.core import messages as m
from insyn.core.refusals import RefusalCode
from insyn.core.wire import decode_reply, encode, receive_frame
from insyn.gateway import engine as engine_module, server as server_module
from insyn.gateway.clock import SystemClock
from insyn.gateway.server import Server


def test_beyond_what_the_queue_holds_the_answer_is_busy_at_once_and_the_queue_is_answered(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "MOST_WORK", 10)
    answers: list[m.Answer] = []
    for _ in range(15):
        bench.engine.ask(decide(), answers.append)
    assert [answer.refusal.code for answer in answers if isinstance(answer, m.Denied)] == [RefusalCode.BUSY] * 5
    while bench.engine.busy:
        bench.engine.turn()
    assert sum(isinstance(answer, m.Recorded) for answer in answers) == 10
    assert bench.engine.pong().counters["refused.busy"] == 5


def test_a_stop_is_taken_while_the_queue_is_full(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MOST_WORK", 5)
    answers: list[m.Answer] = []
    for _ in range(9):
        bench.engine.ask(decide(), answers.append)
    report = bench.stop()
    assert isinstance(report, m.StopReport)
    while bench.engine.busy:
        bench.engine.turn()
    assert {answer.refusal.code for answer in answers if isinstance(answer, m.Denied)} == {RefusalCode.BUSY, RefusalCode.STOPPED}


def test_a_batch_that_finds_the_queue_full_is_refused_whole(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MOST_WORK", 0)
    answers: list[m.Answer] = []
    batch = m.Batch(
        id=number(), key="a-client-key-of-lanestod", asked=asked(), items=(m.Item(outcome=outcome()), m.Item(outcome=outcome()))
    )
    assert bench.engine.ask(batch, answers.append) == 2
    assert isinstance(answers[0], m.Denied)


async def serve(town: Town, talk: Callable[[Town], None]) -> Server:
    bench = town.engine(SystemClock())
    bench.permit()
    server = Server(bench.engine, decide=town.home.decide_socket, control=town.home.control_socket, checkpoint_seconds=60)
    ready = asyncio.Event()
    running = asyncio.create_task(server.run(ready.set))
    await ready.wait()
    try:
        await asyncio.to_thread(talk, town)
    finally:
        server.stop()
        await running
    return server


def asks_and_never_reads(town: Town) -> None:
    """Answers pile up until the server stops reading; then the caller is let go."""
    ping = framed(encode(m.Ping(id=1)))
    with raw(town.home.decide_socket) as line:
        line.settimeout(0.5)
        with contextlib.suppress(ConnectionError, TimeoutError):
            while True:
                line.sendall(ping * 500)
        with raw(town.home.decide_socket) as other:
            other.sendall(framed(encode(decide())))
            assert isinstance(decode_reply(receive_frame(other)).answer, m.Recorded)
        line.settimeout(20)
        with contextlib.suppress(ConnectionError):
            while line.recv(1 << 20):  # what was on its way, then the end
                pass


def test_a_caller_who_asks_and_never_reads_is_dropped_and_others_are_served(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "SLOW_SECONDS", 0.3)
    server = asyncio.run(serve(town, asks_and_never_reads))
    assert server.engine.books.state.counters["dropped"] == 1
