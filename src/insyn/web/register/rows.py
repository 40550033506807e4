"""What a permit rests on, read once for an act: the rows, whatever the day that is asked about; and gates that were just evaluated.

The same questions are asked many times of the same rows: today, and each coming day on which the law changes; by the permit, and by what
is written down of it afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Generic, TypeVar

from insyn.core.terms import Phase
from insyn.law.digests import digest_of
from insyn.law.evaluate import evaluate
from insyn.law.model import Answer, Evaluation, Pack
from insyn.rules.gates import Deviation, GateState, HeldRecord, evaluate_gates
from insyn.web.decisions.standing import accepted_deviations

from . import packs as rule_packs
from .models import Decision, Record, System, Version

#: So many are kept. Entries of an import have answered nothing yet, and pages ask about the same system again and again.
_KEPT = 64

T = TypeVar("T")


class Rows:
    """The rows of one system as they are now."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._binding: dict[date, tuple[Pack, ...]] = {}

    @cached_property
    def records(self) -> list[Record]:
        """Every record with its act, withdrawn ones too, oldest first."""
        return list(self._system.records.select_related("version", "act").defer("act__text").order_by("pk"))

    def known(self, on: date) -> list[Record]:
        """Those recorded by the day."""
        return [row for row in self.records if row.recorded_on <= on]

    def held(self, on: date) -> list[Record]:
        """Those recorded by the day and not withdrawn by it; expired ones too."""
        return [row for row in self.known(on) if row.withdrawn_on is None or row.withdrawn_on > on]

    def valid(self, on: date) -> list[Record]:
        return [row for row in self.held(on) if row.valid_through is None or row.valid_through >= on]

    @cached_property
    def versions(self) -> list[Version]:
        return list(self._system.versions.all())

    @property
    def versions_asked(self) -> list[str]:
        """The names of the versions that are decided; of all while none is."""
        decided = [version for version in self.versions if version.decided]
        return sorted(version.name for version in decided or self.versions)

    @cached_property
    def decisions(self) -> list[Decision]:
        """Every decision with its act, newest first."""
        return list(self._system.decisions.select_related("act").defer("act__text").order_by("-pk"))

    def binding(self, on: date) -> tuple[Pack, ...]:
        """The packs in force on the day. Raises :class:`~insyn.web.accounts.errors.ActRefused`, as :func:`.packs.in_force` does."""
        if on not in self._binding:
            self._binding[on] = rule_packs.in_force(on)
        return self._binding[on]

    @cached_property
    def _deviations(self) -> list[tuple[date, Deviation]]:
        return accepted_deviations(self._system)

    def deviations(self, on: date) -> tuple[Deviation, ...]:
        return tuple(deviation for accepted_on, deviation in self._deviations if accepted_on <= on)


class _Newest(Generic[T]):
    """The values asked for last, by what they were worked out from. The web server asks in several threads."""

    def __init__(self) -> None:
        self._found: dict[object, T] = {}
        self._lock = Lock()

    def get(self, key: object) -> T | None:
        with self._lock:
            found = self._found.pop(key, None)
            if found is not None:
                self._found[key] = found  # the newest last
            return found

    def keep(self, key: object, value: T) -> T:
        with self._lock:
            self._found[key] = value
            while len(self._found) > _KEPT:
                del self._found[next(iter(self._found))]
        return value


_evaluations: _Newest[Evaluation] = _Newest()
_gates: _Newest[tuple[GateState, ...]] = _Newest()


def evaluated(packs: Sequence[Pack], facts: Mapping[str, Answer], on: date) -> Evaluation:
    """The rules on these answers and this day. Worked out from nothing else, so that what was found a moment ago holds."""
    key = (digest_of(packs), on, frozenset(facts.items()))
    return _evaluations.get(key) or _evaluations.keep(key, evaluate(packs, facts, on=on))


def gates(
    packs: Sequence[Pack],
    facts: Mapping[str, Answer],
    records: tuple[HeldRecord, ...],
    deviations: tuple[Deviation, ...],
    *,
    version: str,
    before: Phase,
    on: date,
) -> tuple[GateState, ...]:
    """:func:`insyn.rules.gates.evaluate_gates`, which looks at nothing but what it is given."""
    key = (digest_of(packs), on, frozenset(facts.items()), records, deviations, version, before)
    found = _gates.get(key)
    if found is None:
        found = evaluate_gates(
            packs=packs,
            facts=facts,
            records=records,
            version=version,
            before=before,
            on=on,
            deviations=deviations,
            evaluation=evaluated(packs, facts, on),
        )
        _gates.keep(key, found)
    return found
