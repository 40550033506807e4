"""In which month each group and feature of a system was last used in a decision.

Groups stand in the facts rows; of the features the sequencer keeps the last month for each name (:mod:`insyn.gateway.named`).

It says nothing of any case: a month for each name. The register holds it against the fields that its data uses declare.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import apsw
import msgspec

from insyn.evidence.records import LEFT_OUT, NAMED

_LAST_NAMED = """
SELECT named.key, max(fact.month) FROM fact, json_each({column}) AS named
WHERE fact.system = ? AND fact.stage IN ('proposal', 'decision') AND fact.month <= ? GROUP BY named.key
"""
_GROUPS, _FEATURES = (_LAST_NAMED.format(column=f"fact.{column}") for column in ("groups", "features"))
_ROWS = "SELECT count(*) FROM fact WHERE system = ? AND stage IN ('proposal', 'decision') AND month >= ?"
_YEAR = timedelta(days=365)


class FieldsNamed(msgspec.Struct, frozen=True):
    """``last``: month (2026-11) by name. ``rows`` of the past year; ``features``: did any of them name a feature, and was each name kept?"""

    system: str
    day: str
    rows: int
    features: bool
    last: dict[str, str]


def fields_named(connection: apsw.Connection, *, system: str, on: date) -> FieldsNamed:
    """Look through the system's facts rows. The connection may be read-only."""
    since = (on - _YEAR).isoformat()[:7]
    connection.execute("BEGIN")
    try:
        groups = _months(connection, _GROUPS, system, on)
        features = _later(_months(connection, _FEATURES, system, on), _used(connection, system))
        rows = int(connection.execute(_ROWS, (system, since)).get or 0)
        whole = features.pop(LEFT_OUT, "") < since
    finally:
        connection.execute("ROLLBACK")
    return FieldsNamed(system, on.isoformat(), rows, whole and any(month >= since for month in features.values()), {**groups, **features})


def _used(connection: apsw.Connection, system: str) -> dict[str, str]:
    """What the sequencer wrote down of the features that contributed to a decision."""
    first = f"{NAMED}{system}/"
    rows = connection.execute("SELECT key, value FROM meta WHERE key >= ? AND key < ?", (first, first[:-1] + "0"))
    return {str(key).removeprefix(first): bytes(value).decode() for key, value in rows}


def _later(one: dict[str, str], two: dict[str, str]) -> dict[str, str]:
    return {name: max(one.get(name, ""), two.get(name, "")) for name in one | two}


def _months(connection: apsw.Connection, sql: str, system: str, on: date) -> dict[str, str]:
    return {str(name): str(month) for name, month in connection.execute(sql, (system, on.isoformat()[:7]))}


def write_fields(folder: Path, named: FieldsNamed) -> None:
    """Replace ``<system>.json`` in one step. The folder is for the register, not for the public."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{named.system}.json"
    fresh = target.with_suffix(".new")
    with fresh.open("wb") as file:
        file.write(msgspec.json.encode(named))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(target)
