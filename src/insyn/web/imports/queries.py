"""What the pages of an import read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, QuerySet

from insyn.web import clock

from .columns import BY_NAME
from .models import Change, Entry, Import, StagedRow, State
from .problems import WORDS, Problem, Severity
from .words import shown

#: A worker that has taken nothing for so long has been killed.
SILENT = timedelta(seconds=30)


@dataclass(frozen=True)
class Progress:
    """``silent``: the worker has not been heard of, so somebody should start it again."""

    done: int
    total: int
    silent: bool


def progress_of(found: Import) -> Progress:
    taken = found.rows.filter(change__in=(Change.NEW, Change.CHANGED))
    silent = found.state == State.APPLYING and found.beat is not None and clock.now() - found.beat > SILENT
    return Progress(taken.filter(done=True).count(), taken.count(), silent)


def counts_of(found: Import) -> dict[str, int]:
    """Rows by what they would do."""
    counted = dict(found.rows.values_list("change").annotate(Count("pk")).order_by())
    return {change.value: counted.get(change.value, 0) for change in Change}


@dataclass(frozen=True)
class Told:
    """A kind of problem: where, how often, an example."""

    severity: Severity
    words: str
    column: str
    count: int
    code: str
    field: str


def problems_of(found: Import) -> list[Told]:
    """Every kind of problem in the file with its count, the gravest and commonest first."""
    counted: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], Problem] = {}
    for stored in found.rows.exclude(problems=[]).values_list("problems", flat=True).iterator(chunk_size=1000):
        for one in stored:
            key = one["code"], one["field"]
            counted[key] += 1
            if key not in first:
                first[key] = Problem.read(one)
    told = [_told(first[key], count) for key, count in counted.items()]
    return sorted(told, key=lambda one: (list(Severity).index(one.severity), -one.count))


def _told(problem: Problem, count: int) -> Told:
    return Told(WORDS[problem.code][0], problem.words(), column_label(problem.field), count, problem.code.value, problem.field)


def column_label(name: str) -> str:
    return str(BY_NAME[name].label) if name in BY_NAME else name


def rows_of(found: Import, *, change: str = "", code: str = "") -> QuerySet[StagedRow]:
    """The rows, filtered by what they would do or by a problem that they have."""
    rows = found.rows.order_by("number")
    if change in set(Change):
        rows = rows.filter(change=change)
    if code:
        rows = rows.filter(problems__icontains=f'"code": "{code}"') if code.replace("_", "").isalpha() else rows.none()
    return rows


Labelled = tuple[tuple[str, Problem], ...]


@dataclass(frozen=True)
class Shown:
    """A row on the page. ``repaired``: what was only written in another way, apart from the ``problems``."""

    row: StagedRow
    name: str
    problems: Labelled
    repaired: Labelled
    differs: tuple[tuple[str, str, str], ...]


def shown_rows(found: Import, rows: Iterable[StagedRow]) -> list[Shown]:
    """Rows with their problems in words and, where they change something, the old and the new text."""
    rows = list(rows)
    changed = [row.key for row in rows if row.differs]
    before = dict(Entry.objects.filter(source=found.source, key__in=changed).values_list("key", "values"))
    return [
        Shown(
            row,
            row.values.get("name", ""),
            *_parted(row),
            tuple(_difference(name, before.get(row.key, {}), row.values) for name in row.differs),
        )
        for row in rows
    ]


def _parted(row: StagedRow) -> tuple[Labelled, Labelled]:
    told = [(column_label(one["field"]), Problem.read(one)) for one in row.problems]
    repaired = tuple(one for one in told if one[1].severity is Severity.REPAIRED)
    return tuple(one for one in told if one not in repaired), repaired


def _difference(name: str, before: dict[str, str], now: dict[str, str]) -> tuple[str, str, str]:
    return column_label(name), shown(name, before.get(name, "")), shown(name, now.get(name, ""))


def gone_from(found: Import) -> QuerySet[Entry]:
    """Systems that the source named before and does not name in this file."""
    keys = found.rows.values("key")
    return Entry.objects.filter(source=found.source).exclude(key__in=keys).select_related("system").order_by("system__slug")
