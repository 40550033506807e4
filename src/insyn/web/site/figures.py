"""The public figures of a system, as the publisher wrote them. Read here, never counted here and never typed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from django.utils.translation import gettext as _

from insyn.core.followup import Followup
from insyn.web.language import spoken

#: The value of a group that a record says nothing about.
NOT_DECLARED = "not_declared"


class Agreement(msgspec.Struct, frozen=True):
    """How often the decision made before Insyn was what the system proposed on the same case; shares between 0 and 1, Wilson 95 %."""

    n: int
    same: int
    rate: float
    low: float
    high: float


class GroupRate(msgspec.Struct, frozen=True):
    """Share with the favourable outcome in one group: proposed by the system, and decided by people before Insyn.

    ``why`` and ``historical_why``: ``few``, ``one_outcome`` or ``subtraction`` where a part is hidden.
    """

    group: str
    value: str
    n: int | None = None
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    suppressed: bool = False
    why: str = ""
    historical_n: int | None = None
    historical_rate: float | None = None
    historical_low: float | None = None
    historical_high: float | None = None
    historical_suppressed: bool = False
    historical_why: str = ""


class Figures(msgspec.Struct, frozen=True):
    """Counts are of log entries up to ``log_size``; ``groups_day`` is the day that the shares were last renewed."""

    system: str
    generated_day: str
    log_size: int
    proposals: int
    refused: int
    waiting: int
    reviews: int
    historical: int
    not_used: int = 0
    favourable: str = ""
    small_cell: int = 10
    agreement: Agreement | None = None
    groups: tuple[GroupRate, ...] = ()
    groups_day: str = ""
    followed: Followup | None = None


@dataclass(frozen=True)
class Bar:
    """A rate with its interval, in per cent of the bar's width; ``text`` says the same in figures."""

    rate: float
    low: float
    high: float

    @property
    def span(self) -> float:
        return round(self.high - self.low, 1)


@dataclass(frozen=True)
class Cell:
    """One share of one group: a number of cases and a bar, or the reason why it is hidden, or neither where there are no cases."""

    n: int | None
    bar: Bar | None
    hidden: str


@dataclass(frozen=True)
class GroupRow:
    """A table row: the group in the register's words, what the system proposed and what people decided before Insyn."""

    group: str
    value: str
    proposed: Cell
    decided: Cell


_decoder = msgspec.json.Decoder(Figures)


def read_figures(folder: Path, slug: str) -> Figures | None:
    """The figures of the system, or None when they are not out or cannot be read: an unreadable figure is never guessed."""
    try:
        return _decoder.decode((folder / f"{slug}.json").read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def bar(rate: float | None, low: float | None, high: float | None) -> Bar | None:
    """Per cent with one decimal, or None where a number is missing."""
    if rate is None or low is None or high is None:
        return None
    return Bar(*(round(100 * min(max(number, 0.0), 1.0), 1) for number in (rate, low, high)))


def group_rows(figures: Figures, groups: Mapping[str, object]) -> list[GroupRow]:
    """The table by group, in the order of the file."""
    return [_group_row(row, groups) for row in figures.groups]


def _group_row(row: GroupRate, groups: Mapping[str, object]) -> GroupRow:
    declared = groups.get(row.group)
    entry = declared if isinstance(declared, Mapping) else {}
    values = entry.get("values")
    value = values.get(row.value) if isinstance(values, Mapping) else None
    return GroupRow(
        group=spoken(entry.get("label")) or row.group,
        value=spoken(value) or (_("Not stated") if row.value == NOT_DECLARED else row.value),
        proposed=_cell(row.suppressed, row.why, row.n, bar(row.rate, row.low, row.high)),
        decided=_cell(
            row.historical_suppressed,
            row.historical_why,
            row.historical_n,
            bar(row.historical_rate, row.historical_low, row.historical_high),
        ),
    )


def _cell(hidden: bool, why: str, n: int | None, shown: Bar | None) -> Cell:
    """A hidden cell carries no number, whatever the file said."""
    if hidden:
        return Cell(None, None, why or "few")
    return Cell(n, shown, "")
