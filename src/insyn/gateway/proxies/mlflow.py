"""MLflow's ``/invocations``: its four JSON forms read into a table, and the predictions read back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from insyn.core.refusals import RefusalCode

from .config import Route
from .refusing import close
from .tables import Table, for_model, table_of, wrong

_FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


class Split(msgspec.Struct, forbid_unknown_fields=True):
    columns: list[str]
    data: list[list[Any]]
    index: list[Any] = []


def read_table(body: Any, route: Route) -> tuple[str, Table]:
    """Which form was sent, and its table. ``params`` and other fields are not taken. Raises :class:`Closed`."""
    if not isinstance(body, dict) or len(body) != 1 or next(iter(body)) not in _FORMS:
        raise wrong(f"send exactly one of {', '.join(_FORMS)}", "body")
    form, value = next(iter(body.items()))
    if form == "dataframe_split":
        return form, _split(value)
    if isinstance(value, dict) and form == "inputs":
        if not all(isinstance(column, list) for column in value.values()):
            raise wrong("every input is a list with a value for each row", form)
        return form, table_of(value)
    if not isinstance(value, list) or not value:
        raise wrong("send a list of rows", form)
    return form, _records(value, form, route)


def _split(value: Any) -> Table:
    try:
        split = msgspec.convert(value, Split)
    except msgspec.ValidationError as error:
        raise wrong(str(error), "dataframe_split") from error
    if len(set(split.columns)) != len(split.columns):
        raise wrong("a column stands twice", "dataframe_split.columns")
    if any(len(row) != len(split.columns) for row in split.data):
        raise wrong("every row has a value for each column", "dataframe_split.data")
    return table_of({name: [row[number] for row in split.data] for number, name in enumerate(split.columns)})


def _records(rows: Sequence[Any], form: str, route: Route) -> Table:
    if all(isinstance(row, list) for row in rows):
        features = route.upstream.rows.features
        if not features or any(len(row) != len(features) for row in rows):
            raise wrong(f"{len(features)} features in the configuration, another number of values in a row", form)
        rows = [dict(zip(features, row, strict=True)) for row in rows]
    if not all(isinstance(row, dict) for row in rows):
        raise wrong("every row is an object with the same columns", form)
    names = list(rows[0])
    if any(row.keys() != rows[0].keys() for row in rows):
        raise wrong("every row is an object with the same columns", form)
    return table_of({name: [row[name] for row in rows] for name in names})


def to_model(form: str, table: Table, route: Route) -> bytes:
    """In the form that came, without the columns that only Insyn reads."""
    given = for_model(table, route.upstream.rows)
    if not given:
        raise wrong("nothing is left for the model", form)
    rows = [{name: column[number] for name, column in given.items()} for number in range(table.size)]
    if form == "dataframe_split":
        return msgspec.json.encode({form: {"columns": list(given), "data": [list(row.values()) for row in rows]}})
    if form == "inputs":
        return msgspec.json.encode({form: given})
    return msgspec.json.encode({form: rows})


def read_answer(body: Any, table: Table, route: Route) -> tuple[Any, list[dict[str, Any]]]:
    """The predictions as they leave, and row by row. Raises :class:`Closed`."""
    if not isinstance(body, dict) or "predictions" not in body:
        raise close(RefusalCode.MODEL_ANSWER_BROKEN)
    found = body["predictions"]
    if isinstance(found, dict):
        if not all(isinstance(column, list) and len(column) == table.size for column in found.values()):
            raise close(RefusalCode.MODEL_ANSWER_BROKEN)
        return found, [{name: column[number] for name, column in found.items()} for number in range(table.size)]
    if not isinstance(found, list) or len(found) != table.size:
        raise close(RefusalCode.MODEL_ANSWER_BROKEN)
    return found, [_prediction(one, route) for one in found]


def _prediction(one: Any, route: Route) -> dict[str, Any]:
    if isinstance(one, Mapping):
        return {str(name): value for name, value in one.items()}
    return {route.upstream.rows.outcome: one}
