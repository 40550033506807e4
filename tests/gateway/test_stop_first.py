"""A stop that arrives while a chunk is at work goes before the next chunk, however much waits."""

from __future__ import annotations

import asyncio
import socket

import pytest
from gateway_kit import Town, decide, framed, number, raw

from insyn.core import messages as m
from insyn.core.wire import FrameReader, decode_reply, encode
from insyn.gateway.clock import SystemClock
from insyn.gateway.config import load_config
from insyn.gateway.engine import CHUNK, Engine
from insyn.gateway.server import Server


class StopsDuringFirstChunk(Engine):
    """Sends a stop over a real connection while its first chunk of decisions is at work."""

    line: socket.socket
    stop: bytes

    def turn(self) -> None:
        if self.books.state.counters["recorded"] == 0 and self.busy:
            super().turn()
            self.line.sendall(self.stop)
        else:
            super().turn()


@pytest.mark.parametrize("waiting", [300, 900])
def test_a_stop_waits_for_one_chunk_at_most(town: Town, waiting: int) -> None:
    bench = town.engine(SystemClock())
    bench.permit()
    engine = StopsDuringFirstChunk(
        store=bench.engine.books.store,
        signer=town.signer,
        clock=SystemClock(),
        settings=load_config(town.home.sequencer_config).settings(),
    )
    engine.start()
    order = m.Stop(id=number(), order=town.order())
    engine.stop = framed(encode(town.register_key.sign("control", encode(order))))
    answers = asyncio.run(converse(town, engine, waiting))
    recorded = [answer.receipt.index for answer in answers if isinstance(answer, m.Recorded)]
    assert 0 < len(recorded) <= CHUNK
    assert max(recorded) < engine.books.state.stops["lanestod"].index


async def converse(town: Town, engine: StopsDuringFirstChunk, waiting: int) -> list[m.Answer]:
    server = Server(engine, decide=town.home.decide_socket, control=town.home.control_socket, checkpoint_seconds=60)
    ready = asyncio.Event()
    running = asyncio.create_task(server.run(ready.set))
    await ready.wait()
    engine.line = raw(town.home.control_socket)
    reader, writer = await asyncio.open_unix_connection(str(town.home.decide_socket))
    await asyncio.sleep(0.05)
    writer.write(b"".join(framed(encode(decide())) for _ in range(waiting)))
    frames, answers = FrameReader(), []
    while len(answers) < waiting:
        answers += [decode_reply(body).answer for body in frames.feed(await reader.read(1 << 16))]
    engine.line.close()
    writer.close()
    await writer.wait_closed()
    server.stop()
    await running
    return answers
