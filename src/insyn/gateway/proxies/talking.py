"""One question to a model that writes, and its answer let out: whole, or in parts that were each let go.

1. the sequencer clears the call, with the categories that were found in it;
2. the model is asked;
3. every part of a streamed answer is examined, then let go by the sequencer, then written, in that order; between parts, at least every
   ``chunk_ms``, the clearance is asked for again, so that a stop cuts off a client also while the model is silent;
4. the whole answer is recorded before its last part leaves.
What goes wrong after 1 is told to the log as the reason why (the rest of) the answer was withheld.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import msgspec

from insyn.core import messages as m
from insyn.core.identity import holds_identity_number, mask
from insyn.core.refusals import RefusalCode

from .. import records
from . import chat, responses
from .answers import Answer, Piece, Said, ToolCall
from .examining import IDENTITY_NUMBER, settled
from .gate import Clearance, Gate
from .questions import Question
from .refusing import Closed, close, openai_error
from .upstream import Models

T = TypeVar("T")
#: Seconds before it is looked whether the caller still listens: to look costs more than a quick answer does.
_LISTENS_AFTER = 0.1
_encode = msgspec.json.Encoder().encode
#: Room for what a record holds beside question and answer.
_MOST_SEALED = records.MAX_SEALED_BYTES - 8192


class _Reader(Protocol):
    def take(self, event: dict[str, Any]) -> Iterator[Piece]: ...

    def end(self) -> None: ...


class _Writer(Protocol):
    def write(self, pieces: list[Piece]) -> Iterator[dict[str, Any]]: ...

    def close(self, answer: Answer) -> Iterator[dict[str, Any]]: ...


class Listener(Protocol):
    """The caller's end of a streamed answer."""

    async def begin(self) -> None: ...

    async def send(self, data: bytes) -> None: ...

    async def gone(self) -> None: ...


@dataclass(frozen=True)
class Words:
    """A protocol: where the model takes it, how it is read and written."""

    path: str
    named_events: bool
    read_whole: Callable[[Any, frozenset[str]], Iterator[Piece]]
    reader: Callable[[frozenset[str]], _Reader]
    writer: Callable[..., _Writer]
    whole: Callable[[str, str, Answer], dict[str, Any]]


CHAT = Words(chat.PATH, False, chat.read_whole, chat.StreamReader, chat.Writer, chat.whole)
RESPONSES = Words(responses.PATH, True, responses.read_whole, responses.StreamReader, responses.Writer, responses.whole)


class Talk:
    """One call. ``clearance`` is the one in use: an answer that holds more than the question may need a wider one."""

    def __init__(self, gate: Gate, models: Models, question: Question, words: Words) -> None:
        self._gate, self._models, self.question, self.words = gate, models, question, words
        self._upstream = gate.route.upstream
        self.clearance: Clearance
        self.case = question.case
        self.answer = Answer()
        self._room = _MOST_SEALED - len(_encode(question.sealed))

    async def clear(self) -> None:
        """Raises :class:`Closed`, also for what could never be recorded: better now than when the model has answered."""
        if self._room < 0:
            raise close(RefusalCode.TOO_LARGE, place="body")
        self.clearance = await self._gate.clear(*self.question.categories)
        self.case = self.case or self.clearance.cleared.clearance
        try:
            check_duties(self.clearance.cleared, notice=self._upstream.notice, explained=False, population=self._upstream.population)
        except Closed as closed:
            raise await self.clearance.withhold(closed) from None

    async def whole(self, listener: Listener) -> tuple[dict[str, Any], m.Recorded]:
        """Ask, examine, record; the answer that may leave. Raises :class:`Closed`."""
        await self.clear()
        try:
            asked = self._models.answer(self._gate.route, self.words.path, self.question.encoded())
            body = await unless_gone(asked, listener)
            for piece in self.words.read_whole(body, self.question.offered):
                self._take(await self._examined(piece))
            recorded = await self._record()
        except Closed as closed:
            raise await self.clearance.withhold(closed) from None
        return self.words.whole(self._gate.route.name, self.clearance.cleared.clearance, self.answer), recorded

    async def _record(self) -> m.Recorded:
        payload = {"request": self.question.sealed, "answer": self.answer.sealed(), "parts": self.clearance.parts}
        return await self.clearance.record(
            m.Outcome(
                outcome=self.answer.outcome,
                payload=payload,
                case=self.case,
                notice=self._upstream.notice,
                population=dict(self._upstream.population) or msgspec.UNSET,
            )
        )

    def _take(self, piece: Piece) -> None:
        if isinstance(piece, Said | ToolCall):
            self._room -= len(_encode(_logged(piece)))
            if self._room < 0:
                raise close(RefusalCode.TOO_LARGE, place="answer")
        self.answer.take(piece)

    async def _examined(self, piece: Piece) -> Piece:
        """The piece without what may not leave. Raises :class:`Closed` where the permit does not let it."""
        text = piece.text if isinstance(piece, Said) else piece.arguments if isinstance(piece, ToolCall) else ""
        if not text or IDENTITY_NUMBER in self.clearance.asked.categories or not holds_identity_number(text):
            return piece
        if self._upstream.identity_numbers == "refuse":
            await self._widen()
            return piece
        if isinstance(piece, Said):
            return Said(mask(piece.text), piece.refusal)
        return ToolCall(piece.id, piece.name, mask(text)) if isinstance(piece, ToolCall) else piece

    async def _widen(self) -> None:
        """The answer holds an identity number: does the permit let this use touch them? Raises :class:`Closed`."""
        try:
            wider = await self._gate.clear(IDENTITY_NUMBER)
        except Closed as closed:
            raise Closed(closed.refusal, receipt=closed.receipt, status=closed.status) from None  # the clearance in use has its own entry
        self.clearance = wider

    # -------------------------------------------------------------------------------------------------------------- streamed

    async def stream(self, listener: Listener) -> None:
        """Raises :class:`Closed` only before anything was written; after that the listener is told in an event."""
        await self.clear()
        run = _Run(self, listener)
        try:
            await run.through()
        except Closed as closed:
            closed = await self.clearance.withhold(closed)
            if not run.begun:
                raise closed from None
            await run.tell(closed)


class _Run:
    """A streamed answer on its way."""

    def __init__(self, talk: Talk, listener: Listener) -> None:
        self._talk, self._listener = talk, listener
        self._upstream = talk._gate.route.upstream
        self._held: list[Piece] = []
        self._writer: _Writer | None = None
        self.begun = False

    async def through(self) -> None:
        talk = self._talk
        async with talk._models.events(talk._gate.route, talk.words.path, talk.question.encoded()) as events:
            reader = talk.words.reader(talk.question.offered)
            async with contextlib.aclosing(self._watched(events)) as watched:
                async for event in watched:
                    for piece in reader.take(event):
                        self._hold(piece)
                    while self._size() >= self._upstream.chunk_chars and await self._let_out():
                        pass
            reader.end()
        self._held = [await talk._examined(piece) for piece in self._held]
        while self._size() > self._upstream.chunk_chars:
            await self._let_go(self._slice(self._upstream.chunk_chars))
        last, self._held = self._held, []
        for piece in last:
            talk._take(piece)
        await talk._record()
        await self._write(last)
        await self._end()

    async def _watched(self, events: AsyncIterator[dict[str, Any]]) -> AsyncGenerator[dict[str, Any], None]:
        """The model's events; in between, whatever the model does, the log is looked at every ``chunk_ms``. Raises :class:`Closed`."""
        pace = self._upstream.chunk_ms / 1000
        due = time.monotonic() + pace
        gone = asyncio.ensure_future(self._listener.gone())
        coming: asyncio.Task[dict[str, Any] | None] | None = None
        try:
            while True:
                coming = coming or asyncio.ensure_future(_next(events))
                await asyncio.wait({coming, gone}, timeout=max(0.0, due - time.monotonic()), return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    raise close(RefusalCode.CALLER_GONE)
                if time.monotonic() >= due:
                    if not await self._let_out():
                        await self._talk.clearance.stand()
                    due = time.monotonic() + pace
                if coming.done():
                    event, coming = coming.result(), None
                    if event is None:
                        return
                    yield event
        finally:
            await _dropped(gone)
            if coming is not None:
                await _dropped(coming)

    def _hold(self, piece: Piece) -> None:
        """Text that goes on is held as one, so that it is examined as one."""
        last = self._held[-1] if self._held else None
        if isinstance(piece, Said) and isinstance(last, Said) and last.refusal == piece.refusal:
            self._held[-1] = Said(last.text + piece.text, piece.refusal)
        else:
            self._held.append(piece)
        if self._size() > self._talk._room:
            raise close(RefusalCode.TOO_LARGE, place="answer")

    def _size(self) -> int:
        return sum(len(_logged(piece)) for piece in self._held)

    async def _let_out(self) -> bool:
        """One part, if something may leave: what is held, up to a number that may be half."""
        whole = self._held
        open_end = whole[-1] if whole and isinstance(whole[-1], Said) else None
        rest: list[Piece] = []
        if open_end is not None:
            cut = settled(open_end.text)
            rest = [Said(open_end.text[cut:], open_end.refusal)] if cut < len(open_end.text) else []
            whole = [*whole[:-1], *([Said(open_end.text[:cut], open_end.refusal)] if cut else [])]
        if not any(isinstance(piece, Said | ToolCall) for piece in whole):
            return False
        self._held = [await self._talk._examined(piece) for piece in whole]
        part = self._slice(self._upstream.chunk_chars)
        self._held = _joined([*self._held, *rest])
        await self._let_go(part)
        return True

    def _slice(self, most: int) -> list[Piece]:
        """Take pieces of at most so many signs from the front. A tool's call is never divided."""
        part: list[Piece] = []
        while self._held:
            piece, size = self._held[0], len(_logged(self._held[0]))
            if size <= most:
                part.append(self._held.pop(0))
                most -= size
            elif isinstance(piece, Said) and most:
                part.append(Said(piece.text[:most], piece.refusal))
                self._held[0] = Said(piece.text[most:], piece.refusal)
                return part
            else:
                if not part:
                    part.append(self._held.pop(0))
                return part
        return part

    async def _let_go(self, part: list[Piece]) -> None:
        """Durable in the log, then written."""
        talk = self._talk
        text = "".join(map(_logged, part))
        if text:
            # under the name that it has in the record of the whole: where fields are held to, both are judged alike
            await talk.clearance.release(text, request={"request": talk.question.sealed}, case=talk.case)
        for piece in part:
            talk._take(piece)
        await self._write(part)

    async def _write(self, part: list[Piece]) -> None:
        if self._writer is None:
            talk = self._talk
            self._writer = talk.words.writer(talk._gate.route.name, talk.clearance.cleared.clearance, usage=talk.question.usage)
        await self._send(self._writer.write(part))

    async def _end(self) -> None:
        if self._writer is not None:
            await self._send(self._writer.close(self._talk.answer))
        if not self._talk.words.named_events:
            await self._listener.send(b"data: [DONE]\n\n")

    async def _send(self, events: Iterator[dict[str, Any]]) -> None:
        data = b"".join(self._framed(event) for event in events)
        if not data:
            return
        if not self.begun:
            self.begun = True
            await self._listener.begin()
        await self._listener.send(data)

    def _framed(self, event: Mapping[str, Any]) -> bytes:
        name = b"event: " + str(event["type"]).encode() + b"\n" if self._talk.words.named_events else b""
        return name + b"data: " + _encode(event) + b"\n\n"

    async def tell(self, closed: Closed) -> None:
        """The last event: OpenAI's clients raise an ``APIError`` on it."""
        found = openai_error(closed)
        error = found["error"]
        told = {"type": "error", "sequence_number": 0, **{name: error[name] for name in ("code", "message", "param")}, **found}
        await self._listener.send(self._framed(told if self._talk.words.named_events else found))


def check_duties(cleared: m.Cleared, *, notice: str, explained: bool, population: Iterable[str]) -> None:
    """Refuse before the model is asked what would be refused at the record. Raises :class:`Closed`."""
    if cleared.explanation_due and not explained:
        raise close(RefusalCode.EXPLANATION_MISSING)
    if cleared.notice_due and not notice.strip():
        raise close(RefusalCode.NOTICE_MISSING)
    if missing := [group for group in cleared.population_due if group not in set(population)]:
        raise close(RefusalCode.POPULATION_UNKNOWN, place=f"population.{missing[0]}")


async def unless_gone(work: Coroutine[Any, Any, T], listener: Listener) -> T:
    """The work's result. When the caller hangs up first the work is ended. Raises :class:`Closed`."""
    doing: asyncio.Task[T] = asyncio.ensure_future(work)
    gone: asyncio.Task[None] | None = None
    try:
        await asyncio.wait({doing}, timeout=_LISTENS_AFTER)
        if not doing.done():
            gone = asyncio.ensure_future(listener.gone())
            await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        raise close(RefusalCode.CALLER_GONE)
    finally:
        if gone is not None:
            await _dropped(gone)
        await _dropped(doing)


async def _next(events: AsyncIterator[dict[str, Any]]) -> dict[str, Any] | None:
    return await anext(events, None)


async def _dropped(task: asyncio.Future[Any]) -> None:
    """End a task that nobody waits for any longer."""
    if task.done():
        return
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, Exception):
        await task


def _logged(piece: Piece) -> str:
    """What stands in the log for a piece: every sign of it that leaves."""
    if isinstance(piece, Said):
        return piece.text
    return _encode({"tool": piece.name, "arguments": piece.arguments}).decode() if isinstance(piece, ToolCall) else ""


def _joined(pieces: list[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, Said) and isinstance(last, Said) and last.refusal == piece.refusal:
            found[-1] = Said(last.text + piece.text, piece.refusal)
        else:
            found.append(piece)
    return found
