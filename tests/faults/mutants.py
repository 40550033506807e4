"""Five programs that look like ours and are not: each breaks one rule that the stop or the evidence stands on.

A suite that lets one of them pass would let the same mistake of ours pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import apsw

from insyn.core import messages as m
from insyn.evidence import keys
from insyn.evidence.store import EvidenceStore
from insyn.gateway import acts, control, deciding
from insyn.gateway.engine import CHUNK, Engine
from insyn.gateway.server import Server
from insyn.gateway.state import State

#: Seconds that the cached flag is held: kinder than the policy bundles that common engines poll for.
CACHED_SECONDS = 0.25


def check_before_append() -> None:
    """Whether something is stopped is asked when the question arrives, and not in the step that gives the index."""
    ask, answer, stop_over = Engine.ask, deciding.answer, State.stop_over
    seen: dict[int, int | None] = {}
    held: list[int | None] = []

    def asked(self: Engine, message: Any, reply: Any) -> int:
        before = len(self._work)
        count = ask(self, message, reply)
        for work in list(self._work)[before:]:
            if isinstance(work.message, m.Decide | m.Clear):
                seen[id(work.message)] = stop_over(self.books.state, work.message.asked)
        return count

    def answered(step: Any, message: Any) -> Any:
        if id(message) not in seen:
            return answer(step, message)
        held.append(seen.pop(id(message)))
        try:
            return answer(step, message)
        finally:
            held.pop()

    Engine.ask = asked  # type: ignore[method-assign]
    deciding.answer = answered
    State.stop_over = lambda self, what: held[-1] if held else stop_over(self, what)  # type: ignore[method-assign]


def answer_before_flush() -> None:
    """Answers leave inside the transaction; the flush comes after them."""
    servers: list[Server] = []
    made = Server.__init__

    def remember(self: Server, *arguments: Any, **more: Any) -> None:
        made(self, *arguments, **more)
        servers.append(self)

    def take_chunk(self: Engine, now: Any) -> None:
        chunk = [self._work.popleft() for _ in range(min(CHUNK, len(self._work)))]
        if refusal := self.refusal():
            for work in chunk:
                work.reply(m.Denied(refusal))
            return

        def answer_all(step: Any) -> None:
            for work in chunk:
                work.reply(deciding.answer(step, work.message))
            servers[-1]._flush()

        self.books.transact(answer_all, now)

    Server.__init__ = remember  # type: ignore[method-assign]
    Engine._take_chunk = take_chunk  # type: ignore[method-assign]


def cached_flag() -> None:
    """Whether something is stopped is looked up at most four times a second."""
    stop_over = State.stop_over
    kept: dict[str, tuple[float, int | None]] = {}

    def cached(self: State, what: Any) -> int | None:
        at, found = kept.get(what.system, (0.0, None))
        if time.monotonic() - at < CACHED_SECONDS:
            return found
        kept[what.system] = (time.monotonic(), stop_over(self, what))
        return kept[what.system][1]

    State.stop_over = cached  # type: ignore[method-assign]


def two_file_commit() -> None:
    """The keys that seal a record are committed to their file after the record is committed to its own."""
    commit = EvidenceStore.commit

    @contextmanager
    def later(connection: apsw.Connection) -> Iterator[None]:
        if not connection.in_transaction:
            connection.execute("BEGIN IMMEDIATE")
        yield

    def both(self: EvidenceStore, mark: Any) -> None:
        commit(self, mark)
        if self.keys.connection.in_transaction:
            self.keys.connection.execute("COMMIT")

    keys.immediately = later  # type: ignore[assignment]
    EvidenceStore.commit = both  # type: ignore[method-assign]


def late_resume() -> None:
    """A resume that was decided before the newest stop lifts that stop too."""
    submit, stop_index = acts.submit, State.stop_index
    named: list[int] = []

    def submitted(step: Any, message: m.SubmitAct) -> Any:
        if message.resume_of is None or stop_index(step.state, message.system) is None:
            return submit(step, message)
        named.append(message.resume_of)
        try:
            return submit(step, message)
        finally:
            named.pop()

    control._DESKS[m.SubmitAct] = submitted  # type: ignore[index]
    State.stop_index = lambda self, system: named[-1] if named else stop_index(self, system)  # type: ignore[method-assign]


BUILT: dict[str, Callable[[], None]] = {
    "check_before_append": check_before_append,
    "answer_before_flush": answer_before_flush,
    "cached_flag": cached_flag,
    "two_file_commit": two_file_commit,
    "late_resume": late_resume,
}
