"""What the desks share: the store, the state in memory, the settings and the clocks; and the one way to write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from insyn.evidence.store import EvidenceStore

from .clock import Reading
from .settings import Settings
from .state import State
from .step import Step
from .timekeeper import Timekeeper

T = TypeVar("T")


@dataclass
class Books:
    store: EvidenceStore
    settings: Settings
    time: Timekeeper
    state: State = field(default_factory=State)

    def transact(self, do: Callable[[Step], T], now: Reading) -> T:
        """Run ``do`` in one transaction. Memory follows after the commit; after an error nothing has changed.

        Raises :class:`~insyn.core.errors.StoreFailed`, and whatever ``do`` raises.
        """
        step: Step | None = None
        try:
            with self.store.transaction() as tx:
                step = Step(tx=tx, store=self.store, state=self.state, settings=self.settings, now=now)
                done = do(step)
                self.time.keep_mark(step)
        except BaseException:
            for undo in reversed(step.undo if step else []):
                undo()
            raise
        for effect in step.after:
            effect()
        return done

    def today(self, now: Reading) -> str:
        return now.day(self.settings.zone)
