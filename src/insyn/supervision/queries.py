"""Every question that supervision asks of the evidence store: the only SQL of this package.

It reads the view ``fact`` (erased rows are gone from it), the heads of the entries, and the list of what waits. Plain SQL: counts by the text of the
groups, which :mod:`insyn.supervision.figures` rolls up, so that other engines can answer from the same text.
"""

from __future__ import annotations

import apsw
import msgspec

from .figures import Counts, OutcomeCount

PROPOSALS = """
SELECT outcome, groups, count(*) FROM fact WHERE system = ? AND stage IN ('proposal', 'decision') GROUP BY outcome, groups
"""
HISTORICAL = """
SELECT outcome, groups, count(*) FROM fact WHERE system = ? AND stage = 'historical' GROUP BY outcome, groups
"""
PAIRED = """
SELECT count(*), coalesce(sum(CASE WHEN before.outcome = proposal.outcome THEN 1 ELSE 0 END), 0)
FROM fact AS before JOIN fact AS proposal ON proposal.fact_id = before.about
WHERE before.system = ? AND before.stage = 'historical' AND proposal.stage = 'proposal'
"""
REVIEWS = "SELECT count(*) FROM fact WHERE system = ? AND stage = 'review'"
WAITING = "SELECT count(*) FROM waiting WHERE system = ?"
ENTRIES_OF_KIND = """
SELECT count(*) FROM entry WHERE json_extract(CAST(bytes AS TEXT), '$.kind') = ? AND json_extract(CAST(bytes AS TEXT), '$.system') = ?
"""
LOG_SIZE = "SELECT count(*) FROM entry"

_groups = msgspec.json.Decoder(dict[str, str])


def read_counts(connection: apsw.Connection, system: str) -> Counts:
    """Count one system's rows, all of them at the same instant. The connection may be read-only."""
    connection.execute("BEGIN")
    try:
        paired, same = connection.execute(PAIRED, (system,)).fetchone() or (0, 0)
        return Counts(
            proposals=_outcomes(connection, PROPOSALS, system),
            historical=_outcomes(connection, HISTORICAL, system),
            paired=paired,
            same=same,
            refused=_one(connection, ENTRIES_OF_KIND, ("refusal", system)),
            waiting=_one(connection, WAITING, (system,)),
            reviews=_one(connection, REVIEWS, (system,)),
            not_used=_one(connection, ENTRIES_OF_KIND, ("not_used", system)),
            log_size=_one(connection, LOG_SIZE, ()),
        )
    finally:
        connection.execute("ROLLBACK")


def _outcomes(connection: apsw.Connection, sql: str, system: str) -> tuple[OutcomeCount, ...]:
    return tuple(OutcomeCount(outcome, _groups.decode(groups), n) for outcome, groups, n in connection.execute(sql, (system,)))


def _one(connection: apsw.Connection, sql: str, values: tuple[str, ...]) -> int:
    row = connection.execute(sql, values).fetchone()
    return 0 if row is None else int(row[0])
