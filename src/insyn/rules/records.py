"""Which of the register's records meets a demand, and if none does, what the nearest one lacks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from enum import Enum

import msgspec

from insyn.core.terms import RecordKind, Role
from insyn.core.text import Text
from insyn.law.durations import after
from insyn.law.model import Demand

#: Kinds that say what was found about the system: the newest replaces those before it.
_FINDINGS = frozenset(
    {
        RecordKind.CLASSIFICATION,
        RecordKind.ASSESSMENT_FUNDAMENTAL_RIGHTS,
        RecordKind.ASSESSMENT_DATA_PROTECTION,
        RecordKind.ASSESSMENT_DISCRIMINATION,
        RecordKind.ASSESSMENT_LEGAL_CERTAINTY,
        RecordKind.ASSESSMENT_WORK_ENVIRONMENT,
        RecordKind.ASSESSMENT_INFORMATION_SECURITY,
        RecordKind.ASSESSMENT_ETHICS,
        RecordKind.VALIDATION,
        RecordKind.ROBUSTNESS_TEST,
        RecordKind.FIDELITY_TEST,
        RecordKind.EVALUATION,
        RecordKind.ACCESSIBILITY_TEST,
        RecordKind.SECRECY_ASSESSMENT,
        RecordKind.CAMERA_ASSESSMENT,
        RecordKind.NOT_HIGH_RISK_DOCUMENTATION,
    }
)


class HeldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record in the register, as far as gates look at it. Withdrawn records are not passed.

    ``valid_through`` is the record's own last day (inclusive); the gate's demand may end it earlier. ``passed`` is false for a test that was
    not passed: it is kept and shown, and opens nothing. ``about`` is the one gate, by what its rule concludes, among several that ask for this kind.
    ``stands_for``: the office whose part the record closes though another recorded it (the end of a negotiation).
    """

    kind: RecordKind
    record_id: str
    recorded_on: date
    supplied_by: Role
    person: str
    version: str | None = None
    valid_through: date | None = None
    passed: bool = True
    about: str = ""
    stands_for: Role | None = None

    def may_come_from(self, roles: Sequence[Role]) -> bool:
        """Is it from one of the offices, or does it close the part of one of them?"""
        return self.supplied_by in roles or self.stands_for in roles


class Lack(Enum):
    """Why no record meets the demand, from the farthest to the nearest."""

    NO_RECORD = Text("Handlingen saknas.", "The record is missing.")
    OTHER_VERSION = Text("Handlingen gäller en annan version.", "The record is about another version.")
    WRONG_ROLE = Text(
        "Handlingen är lämnad, men inte av någon som får lämna den.", "The record is there, but not from anybody who may supply it."
    )
    SAME_PERSON = Text(
        "Handlingen är lämnad av samma person som det den ska pröva.", "The record is from the same person as what it is to examine."
    )
    FAILED = Text(
        "Provet är redovisat men inte godkänt.",
        "The test is recorded, but it was not passed.",
    )
    NO_SECOND = Text(
        "En handling finns. En till krävs, av en annan person i en annan roll.",
        "One record is there. Another is needed, from another person in another role.",
    )
    EXPIRED = Text("Handlingen har slutat gälla.", "The record no longer holds.")


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The record that meets a demand with its last day, or what is lacking. ``last_day`` of ``date.max`` is no end."""

    record_id: str = ""
    last_day: date | None = None
    lack: Lack | None = None


def find_record(demand: Demand, records: Sequence[HeldRecord], *, version: str, on: date) -> Found:
    """The record that meets the demand longest. Steps: kind and day, version, role, person, passed, not replaced, second record, last day."""
    held = [record for record in records if record.kind is demand.record and record.recorded_on <= on]
    if not held:
        return Found(lack=Lack.NO_RECORD)
    held = [record for record in held if not demand.per_version or (record.version == version and version != "")]
    if not held:
        return Found(lack=Lack.OTHER_VERSION)
    firsts = [record for record in held if record.may_come_from(demand.supplied_by)]
    if not firsts:
        return Found(lack=Lack.WRONG_ROLE)
    firsts = [record for record in firsts if record.person not in _examined(demand, records)]
    if not firsts:
        return Found(lack=Lack.SAME_PERSON)
    firsts = _not_replaced([record for record in firsts if record.passed])
    if not firsts:
        return Found(lack=Lack.FAILED)
    pairs = [(first, second) for first in firsts for second in _seconds(demand, held, first)]
    if not pairs:
        return Found(lack=Lack.NO_SECOND)
    last_day, first = max(((_pair_end(demand, pair), pair[0]) for pair in pairs), key=_longest)
    return Found(record_id=first.record_id, last_day=last_day, lack=None if on <= last_day else Lack.EXPIRED)


def _longest(candidate: tuple[date, HeldRecord]) -> tuple[date, date, int, str]:
    return candidate[0], *_in_order(candidate[1])


def _examined(demand: Demand, records: Sequence[HeldRecord]) -> frozenset[str]:
    return frozenset(record.person for record in records if record.kind in demand.differs_from)


def _seconds(demand: Demand, held: Sequence[HeldRecord], first: HeldRecord) -> list[HeldRecord]:
    """The records that can stand beside ``first``; itself where no second is demanded."""
    if not demand.second_from:
        return [first]
    seconds = [record for record in held if record.passed and record.supplied_by in demand.second_from and record.person != first.person]
    return _not_replaced(seconds)


def _not_replaced(records: Sequence[HeldRecord]) -> list[HeldRecord]:
    """Of what was assessed or tested anew only the newest for each version and office: what it found, and until when, holds now.

    So also when the newest has ended; a mistake is withdrawn. Mandates, negotiations and the like stand side by side, and the longest counts.
    """
    newest: dict[tuple[str, str | None, Role], HeldRecord] = {}
    for record in sorted(records, key=_in_order):
        if record.kind in _FINDINGS:
            newest[record.kind, record.version, record.supplied_by] = record
    return [record for record in records if newest.get((record.kind, record.version, record.supplied_by), record) is record]


def _in_order(record: HeldRecord) -> tuple[date, int, str]:
    """By the day, and then as they were entered: their ids are numbers that grow."""
    return record.recorded_on, len(record.record_id), record.record_id


def _pair_end(demand: Demand, pair: tuple[HeldRecord, HeldRecord]) -> date:
    return min(_end(demand, record) for record in pair)


def _end(demand: Demand, record: HeldRecord) -> date:
    own = record.valid_through or date.max
    if not demand.expires_after:
        return own
    return min(own, after(record.recorded_on, demand.expires_after) - timedelta(days=1))
