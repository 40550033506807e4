"""The desk where stops come in, by socket and by spool. Flag first, then entry and commit: whatever fails, what it covers is closed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from insyn.core.errors import StoreFailed
from insyn.core.messages import StopOrder, StopReport
from insyn.core.refusals import Refusal
from insyn.core.scope import Target, target_of
from insyn.core.signing import Signed
from insyn.core.terms import StopStatus
from insyn.evidence.records import StopRow

from . import orders, wide
from .books import Books
from .clock import Reading
from .exercising import Exercises
from .spooled import Spool
from .state import Stop, report_of
from .step import Step

MAX_AGE = "max_age_ms"
log = logging.getLogger("insyn.sequencer")


class StopDesk:
    def __init__(self, books: Books) -> None:
        self._books = books
        self._spool = Spool(books.settings.spool)
        self._exercises = Exercises(books)
        # Answers given before a restart keep the age that they were given with: after P was lowered, a stop drains by the old one.
        kept = books.store.get_meta(MAX_AGE)
        self._drain_ms = max(books.settings.max_age_ms, int(kept) if kept else 0)
        self._old_answers_ns = 0  # boot time from which no answer of the old age is left; 0: there is none

    @property
    def unreadable(self) -> str:
        """The spool file for which nothing is answered, empty while all is well."""
        return self._spool.unreadable

    def load(self, now: Reading) -> None:
        """Take in the stops that stand in the store, and keep the greatest age that any answer still in use was given with."""
        if self._drain_ms > self._books.settings.max_age_ms:  # kept until the old answers are gone: the next start may come before that
            self._old_answers_ns = now.boottime_ns + self._drain_ms * 1_000_000
        else:
            self._keep_age(now)
        self._books.state.wide = wide.load(self._books.store, self._books.settings.register_public)
        for key, row in self._books.store.stops().items():
            if row.stands:
                self._exercises.add(row)
                self._books.state.stops[key] = orders.kept(row, now, max_age_ms=self._drain_ms)
                if row.systems:
                    self._books.state.held[key] = frozenset(row.systems)
            else:
                self._books.state.note_resume(orders.held_by(row), row.lifted_by)

    def forget_old_age(self, now: Reading) -> None:
        """Once every answer of the age before this start has grown too old, stops drain by the present one."""
        if self._old_answers_ns and now.boottime_ns >= self._old_answers_ns:
            self._keep_age(now)
            self._drain_ms, self._old_answers_ns = self._books.settings.max_age_ms, 0

    def measure(self, now: Reading) -> None:
        """Keep the times of the exercises that are drained."""
        self._exercises.measure(now)

    def _keep_age(self, now: Reading) -> None:
        current = str(self._books.settings.max_age_ms).encode()
        if self._books.store.get_meta(MAX_AGE) != current:
            self._books.transact(lambda step: step.tx.put_meta(MAX_AGE, current), now)

    def check(self, signed: Signed, now: Reading, *, waited: bool = False) -> StopOrder | Refusal:
        """Whether an order counts. Raises :class:`~insyn.core.errors.InvalidInput` for what is no order."""
        books = self._books
        today, public = books.today(now), books.settings.register_public
        return orders.check_order(signed, state=books.state, register_public=public, today=today, waited=waited)

    def read_spool(self, now: Reading, *, first: bool = False) -> None:
        """Take in every order that waits in the spool, ``first`` before anything is answered. A file is put away when its stop is committed."""
        waiting, refused = self._spool.scan(partial(self.check, now=now, waited=first))
        for path in refused:
            log.warning("a spooled stop order was refused, its giver holds no mandate: %s", path.name)
            self._spool.put_away(path, refused=True)
        if waiting and self.enter([order for _, order in waiting], now) is not None:
            for path, _ in waiting:
                self._spool.put_away(path)

    def enter(self, found: Sequence[StopOrder], now: Reading) -> list[StopReport] | None:
        """Flag, append, commit, report. ``None`` when that failed; what they cover stays closed until the process ends."""
        books = self._books
        rows: dict[str, StopRow] = {}
        try:
            books.transact(lambda step: self._append(step, found, rows), now)
        except Exception as error:
            for order in found:
                orders.close_first(books.state, target_of(order))
            if not (isinstance(error, StoreFailed) and books.store.failed):
                log.exception("a stop could not be entered; what it covers stays closed")
            return None
        after = books.time.read()
        made = {name: orders.committed(row, after, max_age_ms=self._drain_ms) for name, row in rows.items()}
        for name, row in rows.items():  # in the order of their index: the newest counts
            books.state.stops[row.key] = made[name]
            self._exercises.add(row)
            books.state.counters["stops"] += 1
        return [self._report(target_of(order), made.get(order.order), after) for order in found]

    def _append(self, step: Step, found: Sequence[StopOrder], rows: dict[str, StopRow]) -> None:
        for order in found:
            if not orders.has_entry(step.store, order):
                orders.close_first(step.state, target_of(order))
                rows[order.order] = orders.enter_stop(step, order)

    def state_of(self, of: Target, now: Reading) -> StopReport:
        """How far the newest stop of exactly this has come; ``none`` where no such stop is in force."""
        return self._report(of, None, now)

    def _report(self, of: Target, made: Stop | None, now: Reading) -> StopReport:
        state = self._books.state
        stop = made or state.stops.get(of.key)
        if stop is None:
            return report_of(of, StopStatus.NONE)
        return stop.report(of, now.boottime_ns, systems=state.held.get(of.key, ()))
