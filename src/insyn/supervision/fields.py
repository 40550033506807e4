"""In which month each group and feature of a system was last used in a decision.

Groups stand in the facts rows; of the features the sequencer keeps the last month for each name (:mod:`insyn.gateway.named`).

It says nothing of any case: a month for each name. The register holds it against the fields that its data uses declare.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import apsw
import msgspec

from insyn.core.fieldsnamed import FieldsNamed
from insyn.core.files import write_flushed
from insyn.evidence.reader import meta_under
from insyn.evidence.records import LEFT_OUT, NAMED

_LAST_NAMED = """
SELECT fact.system, named.key, max(fact.month) FROM fact, json_each({column}) AS named
WHERE fact.stage IN ('proposal', 'decision') AND fact.month <= ? GROUP BY fact.system, named.key
"""
_GROUPS, _FEATURES = (_LAST_NAMED.format(column=f"fact.{column}") for column in ("groups", "features"))
_ROWS = "SELECT system, count(*) FROM fact WHERE stage IN ('proposal', 'decision') AND month >= ? GROUP BY system"
_YEAR = timedelta(days=365)
_Months = dict[str, dict[str, str]]


def fields_named(connection: apsw.Connection, *, on: date) -> dict[str, FieldsNamed]:
    """Look once through the facts rows of all systems; those of which nothing is told are left out. The connection may be read-only."""
    since = (on - _YEAR).isoformat()[:7]
    connection.execute("BEGIN")
    try:
        groups, features, used = _months(connection, _GROUPS, on), _months(connection, _FEATURES, on), _used(connection)
        rows = {str(system): int(str(count)) for system, count in connection.execute(_ROWS, (since,))}
    finally:
        connection.execute("ROLLBACK")
    found = {}
    for system in sorted({*groups, *features, *used, *rows}):
        names = _later(features[system], used[system])
        whole = names.pop(LEFT_OUT, "") < since
        seen = whole and any(month >= since for month in names.values())
        found[system] = FieldsNamed(system, on.isoformat(), rows.get(system, 0), seen, {**groups[system], **names})
    return found


def _used(connection: apsw.Connection) -> _Months:
    """What the sequencer wrote down of the features that contributed to a decision."""
    found: _Months = defaultdict(dict)
    for key, month in meta_under(connection, NAMED).items():
        system, _, name = key.removeprefix(NAMED).partition("/")
        found[system][name] = month.decode()
    return found


def _later(one: dict[str, str], two: dict[str, str]) -> dict[str, str]:
    return {name: max(one.get(name, ""), two.get(name, "")) for name in one | two}


def _months(connection: apsw.Connection, sql: str, on: date) -> _Months:
    found: _Months = defaultdict(dict)
    for system, name, month in connection.execute(sql, (on.isoformat()[:7],)):
        found[str(system)][str(name)] = str(month)
    return found


def tell_register(connection: apsw.Connection, folder: Path, *, systems: Iterable[str], on: date) -> int:
    """Write down what was named of each system; return how many files changed. One of which nothing was ever told has none."""
    found = fields_named(connection, on=on)
    told = {path.stem for path in folder.glob("*.json")}
    nothing = FieldsNamed("", on.isoformat(), 0, False, {})
    named = (found.get(slug) or msgspec.structs.replace(nothing, system=slug) for slug in systems if slug in found or slug in told)
    return sum(write_fields(folder, one) for one in named)


def write_fields(folder: Path, named: FieldsNamed) -> bool:
    """Replace ``<system>.json`` in one step, unless it says the same already. The folder is for the register, not for the public."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{named.system}.json"
    told = msgspec.json.encode(named, order="deterministic")
    if target.exists() and target.read_bytes() == told:
        return False
    write_flushed(target, told)
    return True
