"""Groups that a system treats differently, by its public figures. Pure: figures in, words and numbers out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from insyn.web.site.figures import Figures, GroupRow, group_rows


@dataclass(frozen=True)
class Difference:
    """Two values of a group whose intervals lie apart: per cent with the favourable outcome proposed."""

    group: str
    most: str
    most_rate: float
    least: str
    least_rate: float


def differences(figures: Figures | None, groups: Mapping[str, object]) -> list[Difference]:
    """For each group the two values that lie the furthest apart, where chance does not explain it. Hidden cells are in no pair."""
    if figures is None:
        return []
    rows = [row for row in group_rows(figures, groups) if row.proposed.bar is not None]
    found = [_apart(list(of_group)) for _name, of_group in groupby(sorted(rows, key=lambda row: row.group), key=lambda row: row.group)]
    return [one for one in found if one is not None]


def _apart(rows: list[GroupRow]) -> Difference | None:
    most = max(rows, key=lambda row: row.proposed.bar.rate)
    least = min(rows, key=lambda row: row.proposed.bar.rate)
    if most.proposed.bar.low <= least.proposed.bar.high:
        return None
    return Difference(most.group, most.value, most.proposed.bar.rate, least.value, least.proposed.bar.rate)
