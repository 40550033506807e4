"""Lånestöd's explanations under test: its own decisions, what stands for "nothing known", and the model to ask again.

``insyn fidelity FILE --predict demo.loans.explained:scores`` asks the same model that the demonstration runs: it is trained on the same half of
the applications with the same seed, so it is the same to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from insyn.core.messages import Outcome
from insyn.sdk.fidelity import decision_of

from .applications import applications, split
from .model import LoanModel, fit


@cache
def the_model() -> LoanModel:
    return fit(split(applications()).training)


def scores(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """The score of each row of facts, in log-odds."""
    return the_model().scores(rows)


def background(model: LoanModel) -> list[dict[str, float]]:
    """One row: the means of the training half, where every explanation starts."""
    return [dict(model.means)]


def write_lines(path: Path, rows: Iterable[object]) -> None:
    """One JSON object on each line."""
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))


def write_decisions(path: Path, outcomes: Iterable[Outcome]) -> None:
    """What the test needs of each decision: no case number, no person, no groups."""
    write_lines(path, map(decision_of, outcomes))
