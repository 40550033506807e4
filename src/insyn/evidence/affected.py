"""Which decisions something touched: found by what is public of their entries and by their facts rows. Nothing sealed is opened.

An erased decision has no facts row. Of it only the system, the version and the day are left, so it is counted and never listed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date

import apsw
import msgspec

from insyn.core.entries import EntryHead, EntryKind, read_head

from .unjudged import held_back

_FOUND = """
SELECT entry.idx, entry.bytes, fact_row.stage = 'decision', person.about IS NOT NULL,
  EXISTS(SELECT 1 FROM waiting WHERE waiting.system = fact_row.system AND waiting.idx = fact_row.idx)
FROM fact_row JOIN entry ON entry.idx = fact_row.idx
LEFT JOIN (SELECT DISTINCT about FROM fact_row WHERE system = ? AND stage IN ('review', 'reconsideration') AND erased = 0) AS person
  ON person.about = fact_row.fact_id
WHERE fact_row.idx >= ? AND fact_row.idx < ? AND fact_row.erased = 0 AND fact_row.system = ? AND fact_row.month BETWEEN ? AND ?
  AND fact_row.stage IN ('proposal', 'decision') AND ? IN ('', fact_row.stage)
  AND (? IN ('', fact_row.outcome) OR fact_row.idx IN (SELECT value FROM json_each(?)))
  AND (? = '' OR EXISTS(SELECT 1 FROM json_each(fact_row.groups) AS one WHERE one.key = ? AND ? IN ('', one.value)))
  AND (? = '' OR EXISTS(SELECT 1 FROM json_each(fact_row.features) AS one WHERE one.key = ? AND ? IN ('', one.value)))
ORDER BY entry.idx
"""
_ERASED = "SELECT entry.bytes FROM erased JOIN entry ON entry.idx = erased.idx"
_NAMED = """
SELECT DISTINCT one.key, one.value FROM fact_row, json_each(fact_row.{column}) AS one
WHERE fact_row.erased = 0 AND fact_row.system = ? AND fact_row.stage IN ('proposal', 'decision') ORDER BY 1, 2 LIMIT ?
"""
_ABOUT = "SELECT bytes FROM tag JOIN entry USING(idx) WHERE tag = ?"
#: Larger than any index of a log.
NO_END = 2**62


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What the decisions have in common. Empty is any: ``outcome`` is what the system said, ``stage`` whether a person was to decide.

    What the system said of a case that a person is still to judge blind is told to nobody: it is among those of every outcome.
    """

    system: str
    first: date
    last: date
    version: str = ""
    outcome: str = ""
    stage: str = ""
    group: str = ""
    value: str = ""
    feature: str = ""
    feature_value: str = ""


class Affected(msgspec.Struct, frozen=True):
    """One of them. ``decided`` by a person here, or by the system alone; otherwise ``waiting`` for a person, or neither: advice, and what was
    decided outside Insyn or never used."""

    index: int
    rid: str
    day: date
    decided: bool
    waiting: bool


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are: ``months`` of those that are decided (2026-11); ``outside``: advice, and what was decided outside Insyn or never used;
    ``erased``: of the same days and version, whatever they said."""

    months: dict[str, int]
    waiting: int
    outside: int
    erased: int

    @property
    def decided(self) -> int:
        return sum(self.months.values())


def find_affected(connection: apsw.Connection, sought: Sought, *, start: int = 0, end: int = NO_END) -> Iterator[Affected]:
    """Those whose entries stand from ``start`` to before ``end``, oldest first."""
    held = held_back(connection, sought.system) if sought.outcome else ()
    values = (
        sought.system,
        start,
        end,
        sought.system,
        sought.first.isoformat()[:7],
        sought.last.isoformat()[:7],
        sought.stage,
        sought.outcome,
        json.dumps(sorted(held)),
        *(sought.group, sought.group, sought.value),
        *(sought.feature, sought.feature, sought.feature_value),
    )
    for index, data, alone, by_person, waiting in connection.execute(_FOUND, values):
        head = read_head(bytes(data))
        if _is_sought(head, sought):
            decided = bool(by_person) or (bool(alone) and not _was_dropped(connection, head.rid))
            yield Affected(int(index), head.rid, date.fromisoformat(head.day), decided, bool(waiting))


def _was_dropped(connection: apsw.Connection, rid: str) -> bool:
    """Whether the answer was never used: then it decided nothing."""
    about = connection.execute(_ABOUT, (bytes.fromhex(rid),))
    return any(isinstance(data, bytes) and read_head(data).kind == EntryKind.NOT_USED for (data,) in about)


def count_affected(connection: apsw.Connection, sought: Sought) -> Counted:
    """Count them by month, without listing them."""
    months: Counter[str] = Counter()
    waiting = outside = 0
    for one in find_affected(connection, sought):
        if one.decided:
            months[one.day.isoformat()[:7]] += 1
        elif one.waiting:
            waiting += 1
        else:
            outside += 1
    erased = sum(_is_sought(read_head(bytes(data)), sought) for (data,) in connection.execute(_ERASED))
    return Counted(months=dict(sorted(months.items())), waiting=waiting, outside=outside, erased=erased)


def named_in_facts(connection: apsw.Connection, system: str, column: str, *, limit: int = 500) -> dict[str, list[str]]:
    """Which groups, or features, the facts rows of a system name, with their values. ``column``: ``groups`` or ``features``."""
    found: dict[str, list[str]] = {}
    for name, value in connection.execute(_NAMED.format(column={"groups": "groups", "features": "features"}[column]), (system, limit)):
        found.setdefault(str(name), []).append(str(value))
    return found


def _is_sought(head: EntryHead, sought: Sought) -> bool:
    of_days = sought.first.isoformat() <= head.day <= sought.last.isoformat()
    return head.kind == EntryKind.DECISION and head.system == sought.system and of_days and sought.version in ("", head.version)
