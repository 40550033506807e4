"""The proxy's way to the sequencer: clearance before the model, and leave for everything that leaves.

What the sequencer lets go is good for ``max_age_ms`` from before it was asked, by the clock that runs on while a process sleeps. Older than
that it is not let out, and the log is told so.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from insyn.core import messages as m
from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.refusals import RefusalCode, refuse
from insyn.sdk.answers import too_old
from insyn.sdk.clock import age_clock_ns

from ..client import AsyncClient
from .config import Route
from .refusing import Closed, close

T = TypeVar("T")


class Gate:
    """One caller's questions about one upstream."""

    def __init__(self, client: AsyncClient, route: Route, *, key: str, person: str) -> None:
        self._client, self._key, self._person = client, key, person
        self.route = route

    async def clear(self, *more: str) -> Clearance:
        """Ask before the model is asked. Raises :class:`Closed`."""
        asked = self.route.asked(*more)
        cleared = await self.ask(m.Cleared, lambda n: m.Clear(id=n, key=self._key, asked=asked, person=self._person))
        return Clearance(self, cleared, asked)

    async def batch(self, asked: m.Asked, items: Sequence[m.Item]) -> list[m.Recorded]:
        """Record many outcomes; all of them, or none is let out. Raises :class:`Closed` with the first refusal."""
        asked_ns = age_clock_ns()
        recorded: list[m.Recorded] = []
        refused: m.Denied | None = None
        for start in range(0, len(items), m.MAX_BATCH):
            some = tuple(items[start : start + m.MAX_BATCH])
            try:
                answer = await self.ask(m.Batched, self._batch(asked, some))
            except Closed as closed:
                await self._drop(recorded)
                raise closed
            recorded += [found for found in answer.answers if isinstance(found, m.Recorded)]
            refused = next((found for found in answer.answers if isinstance(found, m.Denied)), None)
            if refused:
                break
        if refused:
            await self._drop(recorded)
            raise Closed(refused.refusal, receipt=refused.receipt, logged=True)
        if recorded and too_old(asked_ns, age_clock_ns(), recorded[0].max_age_ms):
            await self._drop(recorded)
            raise close(RefusalCode.ANSWER_TOO_OLD)
        return recorded

    def _batch(self, asked: m.Asked, items: tuple[m.Item, ...]) -> Callable[[int], m.Batch]:
        return lambda n: m.Batch(id=n, key=self._key, asked=asked, items=items, person=self._person)

    async def _drop(self, recorded: Sequence[m.Recorded]) -> None:
        """What was logged and not let out is entered as not used. A repeated one may have been used long ago, and is left."""
        await asyncio.gather(*(self.not_used(found.receipt.rid) for found in recorded if not found.replayed))

    async def not_used(self, rid: str) -> None:
        with contextlib.suppress(Unreachable):
            await self._client.ask(lambda n: m.NotUsed(id=n, key=self._key, system=self.route.upstream.system, rid=rid))

    async def ask(self, kind: type[T], make: Callable[[int], m.DecideMessage]) -> T:
        """Raises :class:`Closed` for every answer of another kind, and for none."""
        try:
            answer = await self._client.ask(make)
        except Unreachable:
            raise Closed(refuse(RefusalCode.UNREACHABLE)) from None
        except InvalidInput:  # more than a frame holds
            raise close(RefusalCode.TOO_LARGE, place="body") from None
        if isinstance(answer, m.Denied):
            raise Closed(answer.refusal, receipt=answer.receipt, logged=True)
        if not isinstance(answer, kind):
            raise Closed(refuse(RefusalCode.UNREACHABLE))
        return answer

    async def fresh(self, kind: type[T], make: Callable[[int], m.DecideMessage], dropped: Callable[[T], Awaitable[None]]) -> T:
        """As :meth:`ask`, for what is used at once: too old, it is dropped and refused."""
        asked_ns = age_clock_ns()
        answer: Any = await self.ask(kind, make)
        if too_old(asked_ns, age_clock_ns(), answer.max_age_ms):
            await dropped(answer)
            raise close(RefusalCode.ANSWER_TOO_OLD)
        return answer  # type: ignore[no-any-return]


class Clearance:
    """A yes of the sequencer, until the answer is recorded or withheld. ``parts`` of it have left."""

    def __init__(self, gate: Gate, cleared: m.Cleared, asked: m.Asked) -> None:
        self._gate, self.cleared, self.asked = gate, cleared, asked
        self.parts = 0
        self._ended = False

    async def release(self, text: str, *, request: dict[str, Any], case: str, subject: str = "") -> None:
        """Raises :class:`Closed` unless this part may leave now. ``request`` is sent with the first part alone."""
        part = self.parts + 1
        gate, system = self._gate, self.asked.system

        def make(n: int) -> m.Release:
            return m.Release(
                id=n,
                key=gate._key,
                system=system,
                clearance=self.cleared.clearance,
                part=part,
                text=text,
                request=request if part == 1 else {},
                case=case,
                subject=subject,
                population=dict(gate.route.upstream.population),
            )

        await gate.fresh(m.Released, make, self._nothing)
        self.parts = part

    async def stand(self) -> None:
        """Does it still hold? Raises :class:`Closed`. Leaves no entry while it does."""
        gate, system = self._gate, self.asked.system
        await gate.ask(m.Released, lambda n: m.Release(id=n, key=gate._key, system=system, clearance=self.cleared.clearance, part=0))

    async def record(self, outcome: m.Outcome, *, idempotency: str | None = None) -> m.Recorded:
        """The whole answer, before (the rest of) it leaves. Raises :class:`Closed`."""
        gate = self._gate
        recorded = await gate.fresh(
            m.Recorded,
            lambda n: m.Record(id=n, key=gate._key, clearance=self.cleared.clearance, outcome=outcome, idempotency=idempotency),
            lambda found: gate.not_used(found.receipt.rid),
        )
        self._ended = True
        return recorded

    async def withhold(self, closed: Closed) -> Closed:
        """Tell the log why nothing more of this answer leaves, unless it knows. Returns the refusal with the receipt of that."""
        if self._ended or closed.logged:
            return closed
        self._ended = True
        gate, system, code = self._gate, self.asked.system, closed.refusal.code
        with contextlib.suppress(Unreachable):
            answer = await gate._client.ask(
                lambda n: m.Withhold(id=n, key=gate._key, system=system, clearance=self.cleared.clearance, code=code)
            )
            if isinstance(answer, m.Denied) and answer.receipt:
                return Closed(closed.refusal, receipt=answer.receipt, status=closed.status, logged=True)
        return closed

    def used(self) -> None:
        """What was asked for under it is recorded otherwise (a batch)."""
        self._ended = True

    async def _nothing(self, released: m.Released) -> None:
        """A part that grew too old: the refusal of the whole says so."""
