"""The front's client of the decide socket: many questions on one connection, and none that waits for ever."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import pytest
from gateway_kit import Town, decide

from insyn.core import messages as m
from insyn.core.errors import Unreachable
from insyn.gateway.client import AsyncClient


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads until the other side goes, and says nothing."""
    while await reader.read(65536):
        pass
    writer.close()


def test_a_question_that_nobody_answers_ends_and_so_do_those_beside_it() -> None:
    async def ask() -> list[object]:
        with tempfile.TemporaryDirectory(prefix="in") as folder:
            path = Path(folder) / "s"
            listener = await asyncio.start_unix_server(silent, str(path))
            client = AsyncClient(path, timeout=0.2)
            async with listener:
                found = await asyncio.gather(*(client.ask(lambda n: m.Ping(id=n)) for _ in range(5)), return_exceptions=True)
                assert client.under_way == 0
                client.close()
                await asyncio.sleep(0.1)  # the silent one hears of it
            return list(found)

    began = time.monotonic()
    found = asyncio.run(ask())
    assert [type(error) for error in found] == [Unreachable] * 5
    assert time.monotonic() - began >= 0.2


def test_many_questions_on_one_connection_each_get_their_own_answer(served: Town) -> None:
    async def ask() -> list[m.Answer]:
        client = AsyncClient(served.home.decide_socket)
        try:
            return await asyncio.gather(*(client.ask(lambda n: decide(id=n)) for _ in range(200)))
        finally:
            client.close()

    answers = asyncio.run(ask())
    assert len({answer.receipt.index for answer in answers if isinstance(answer, m.Recorded)}) == 200


def test_after_a_connection_ended_the_next_question_makes_a_new_one(served: Town) -> None:
    async def ask() -> m.Answer:
        client = AsyncClient(served.home.decide_socket)
        await client.ask(lambda n: m.Ping(id=n))
        client.close()
        await asyncio.sleep(0.05)
        answer = await client.ask(lambda n: m.Ping(id=n))
        client.close()
        return answer

    assert isinstance(asyncio.run(ask()), m.Pong)


def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        asyncio.run(AsyncClient(tmp_path / "nobody").ask(lambda n: m.Ping(id=n)))
