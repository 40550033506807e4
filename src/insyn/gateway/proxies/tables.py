"""Rows that a model judges: from a table and its predictions to outcomes. Pure.

Columns that only Insyn reads (case, person, groups) never reach the model unless they are features too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from insyn.core import messages as m
from insyn.core.errors import InvalidInput
from insyn.core.refusals import RefusalCode

from .config import MAX_ROWS, Rows, Upstream
from .examining import cell_holds_number, masked
from .refusing import Closed, close, unreadable

_SCALARS = (str, int, float, bool, type(None))


@dataclass(frozen=True)
class Table:
    """Columns by name, all of one length, in the order that the caller sent them."""

    columns: Mapping[str, Sequence[Any]]

    @property
    def size(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def row(self, number: int) -> dict[str, Any]:
        return {name: column[number] for name, column in self.columns.items()}


def table_of(columns: Mapping[str, Sequence[Any]]) -> Table:
    """Raises :class:`Closed` for columns of different lengths, no rows, or too many."""
    sizes = {len(column) for column in columns.values()}
    if len(sizes) != 1 or sizes == {0}:
        raise wrong("the columns must all have the same number of rows, at least one", "inputs")
    if sizes.pop() > MAX_ROWS:
        raise close(RefusalCode.TOO_LARGE, place="rows", words=f"Högst {MAX_ROWS} rader i ett anrop. / At most {MAX_ROWS} rows in a call.")
    return Table({str(name): list(column) for name, column in columns.items()})


def require_columns(table: Table, rows: Rows) -> None:
    """Before anything is asked: every column that Insyn reads is there. Raises :class:`Closed`."""
    for column in (rows.case, rows.subject, *rows.groups.values(), *rows.population.values()):
        if column and column not in table.columns:
            raise wrong("a column is missing", column)


def for_model(table: Table, rows: Rows) -> dict[str, Sequence[Any]]:
    """The columns that the model gets. Raises :class:`Closed` when a feature is missing."""
    if rows.features:
        missing = [name for name in rows.features if name not in table.columns]
        if missing:
            raise wrong("a feature is missing", missing[0])
        return {name: table.columns[name] for name in rows.features}
    own = {rows.case, rows.subject, *rows.groups.values(), *rows.population.values()}
    return {name: column for name, column in table.columns.items() if name not in own}


def without_numbers(table: Table, rows: Rows, *, masks: bool) -> tuple[Table, bool]:
    """The table with identity numbers masked, or whether it holds any. The column that names the person is for Insyn, which hashes it."""
    looked_at = {name: column for name, column in table.columns.items() if name not in (rows.subject, rows.case)}
    found = [name for name, column in looked_at.items() if any(map(cell_holds_number, column))]
    if not found or not masks:
        return table, bool(found)
    clean = {name: masked(column) if name in found else column for name, column in table.columns.items()}
    return Table(clean), False


def outcomes_of(table: Table, predictions: Sequence[Mapping[str, Any]], upstream: Upstream, *, fallback: str) -> list[m.Outcome]:
    """An outcome for each row. ``fallback``: the case of a row that names none. Raises :class:`Closed`."""
    if len(predictions) != table.size:
        raise close(RefusalCode.MODEL_ANSWER_BROKEN)
    inputs = for_model(table, upstream.rows)
    return [
        _outcome(number, table, {name: column[number] for name, column in inputs.items()}, predicted, upstream, fallback)
        for number, predicted in enumerate(predictions)
    ]


def _outcome(
    number: int, table: Table, features: dict[str, Any], predicted: Mapping[str, Any], upstream: Upstream, fallback: str
) -> m.Outcome:
    rows = upstream.rows
    payload = {**features, **({"answer": answer} if (answer := _rest(predicted, rows)) else {})}
    score = _number(predicted.get(rows.score)) if rows.score else None
    plain = {
        "outcome": _label(predicted, rows),
        "payload": payload,
        "case": str(_cell(table, rows.case, number) or f"{fallback}/{number + 1}"),
        "score": score,
        "base": (_number(predicted.get(rows.base)) if rows.base else None) or 0.0,
        "factors": _factors(features, predicted, rows),
        "groups": {group: str(_cell(table, column, number)) for group, column in rows.groups.items()},
        "subject": str(_cell(table, rows.subject, number) or ""),
        "notice": upstream.notice,
        **_population(number, table, upstream),
    }
    try:
        return msgspec.convert(plain, m.Outcome)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at ")
        raise wrong(message, f"row {number + 1} {place.strip('`').removeprefix('$.')}") from error


def _population(number: int, table: Table, upstream: Upstream) -> dict[str, Any]:
    """What the row says of the person, before what the configuration says of all."""
    told = {str(group): str(_cell(table, column, number)).lower() for group, column in upstream.rows.population.items()}
    found = {**{str(group): str(said) for group, said in upstream.population.items()}, **told}
    return {"population": found} if found else {}


def _cell(table: Table, column: str, number: int) -> Any:
    return table.columns[column][number] if column else None


def _label(predicted: Mapping[str, Any], rows: Rows) -> str:
    """The outcome's word: as the configuration calls it, or as the model wrote it."""
    if rows.outcome not in predicted:
        raise close(RefusalCode.MODEL_ANSWER_BROKEN)
    value = predicted[rows.outcome]
    if not isinstance(value, _SCALARS):
        raise close(RefusalCode.MODEL_ANSWER_BROKEN)
    text = str(int(value)) if isinstance(value, float) and math.isfinite(value) and value == int(value) else str(value)
    return rows.labels.get(text, text[:64] or "-")


def _factors(features: dict[str, Any], predicted: Mapping[str, Any], rows: Rows) -> list[dict[str, Any]]:
    """Contributions in the order of the features, or by name."""
    given = predicted.get(rows.contributions) if rows.contributions else None
    if given is None:
        return []
    named = given if isinstance(given, Mapping) else dict(zip(features, given, strict=False)) if isinstance(given, list) else {}
    if isinstance(given, list) and len(given) != len(features):
        raise close(RefusalCode.MODEL_ANSWER_BROKEN)
    return [{"feature": name, "value": _plain(features.get(name)), "contribution": _number(share)} for name, share in named.items()]


def _plain(value: Any) -> Any:
    return value if isinstance(value, _SCALARS) else str(value)


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise close(RefusalCode.MODEL_ANSWER_BROKEN)
    return float(value)


def _rest(predicted: Mapping[str, Any], rows: Rows) -> dict[str, Any]:
    """What the model answered beside outcome, score and factors; it leaves, so it is sealed."""
    known = {rows.outcome, rows.score, rows.base, rows.contributions}
    return {name: value for name, value in predicted.items() if name not in known}


def wrong(message: str, place: str) -> Closed:
    return unreadable(InvalidInput(message, place=place))
