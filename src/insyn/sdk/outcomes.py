"""What a caller hands over, made ready for the wire: rows of a table become outcomes, and what JSON cannot hold is found first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.messages import Counterfactual, Outcome

Row = Mapping[str, Any]


def outcomes_of(rows: Iterable[Any], to_outcome: Callable[[Row], Outcome] | None) -> Iterator[Outcome]:
    """Outcomes as they are, or rows (dicts, or a DataFrame) through ``to_outcome``. Raises :class:`InvalidInput` naming the row."""
    for number, row in enumerate(_records(rows)):
        if to_outcome is not None:
            yield to_outcome(row)
        elif isinstance(row, Outcome):
            yield row
        else:
            raise InvalidInput(
                f"a {type(row).__name__} is not an Outcome", place=f"rows[{number}]", mend="Give to_outcome, from row to Outcome."
            )


def _records(rows: Iterable[Any]) -> Iterable[Any]:
    # A DataFrame iterates over its column names; its to_dict gives rows with Python's own numbers. Any library with both will do.
    if hasattr(rows, "itertuples") and hasattr(rows, "to_dict"):
        records: Iterable[Any] = rows.to_dict("records")
        return records
    return rows


def check_outcome(outcome: Outcome, place: str = "outcome") -> int:
    """Return the size in bytes on the wire. Raises :class:`InvalidInput` for what JSON cannot hold.

    The encoder would write NaN and infinities as ``null``, so that a missing score looked intended.
    """
    _check(outcome.score, f"{place}.score")
    _check(outcome.base, f"{place}.base")
    _check(outcome.payload, f"{place}.payload")
    for number, factor in enumerate(outcome.factors):
        _check(factor.value, f"{place}.factors[{number}].value")
        _check(factor.contribution, f"{place}.factors[{number}].contribution")
    for number, change in enumerate(outcome.counterfactual.changes if isinstance(outcome.counterfactual, Counterfactual) else ()):
        _check(change.value, f"{place}.counterfactual.changes[{number}].value")
        _check(change.needed, f"{place}.counterfactual.changes[{number}].needed")
    try:
        return len(msgspec.json.encode(outcome))
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise InvalidInput(
            f"cannot be sent: {error}", place=place, mend="Use text, numbers, true, false, null, lists and objects."
        ) from error


def _check(value: Any, place: str) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidInput(f"{value} is not a number that JSON can hold", place=place, mend="Send a finite number, or leave it out.")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            _check(inner, f"{place}.{name}")
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            _check(inner, f"{place}[{number}]")
