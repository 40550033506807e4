"""From a table and its settings to rows that say what they would do. Pure: the day, the offices and the earlier entries are given.

Steps for each row: read every cell; settle its key; look for the same key higher up; compare with what the source said last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from insyn.core.identity import written_as_identity_number

from .columns import BY_NAME, WORDS, ColumnKind, column_for, nearness, plain, printable
from .models import Change
from .problems import Code, Problem, Severity
from .reading import Row, Table
from .repairing import DayOrder, order_in, read_cell

MAX_KEY = 200
MAX_OTHERS = 40
_OTHER = 2000


@dataclass(frozen=True)
class Settings:
    """How a table is read: heading to column; the words that were explained; the order in days where the column does not prove one."""

    columns: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    day_order: DayOrder = DayOrder.UNKNOWN


@dataclass(frozen=True)
class Read:
    """A row that was read. ``number`` as in the file."""

    number: int
    key: str
    values: Mapping[str, str]
    others: Mapping[str, str]
    problems: tuple[Problem, ...]
    change: Change
    differs: tuple[str, ...] = ()

    @property
    def worst(self) -> str:
        found = {problem.severity for problem in self.problems}
        return next((one.value for one in Severity if one in found), "")


def suggested_columns(table: Table) -> dict[str, str]:
    """The column of each heading that we know. Of two headings for the same column, the one that is filled in oftest."""
    best: dict[str, tuple[tuple[int, int], str]] = {}
    for heading in table.headings:
        name = column_for(heading)
        filled = sum(bool(row.cells.get(heading, "").strip()) for row in table.rows) if name else 0
        rank = (filled, nearness(heading))
        if name and rank > best.get(name, ((-1, 0), ""))[0]:
            best[name] = (rank, heading)
    return {heading: name for name, (_rank, heading) in best.items()}


def unknown_words(table: Table, settings: Settings, *, limit: int = 40) -> list[tuple[str, str, int]]:
    """(column, word as it stands, how often) for the words that are none of ours, the commonest first."""
    counts: dict[tuple[str, str], int] = {}
    for heading, name in settings.columns.items():
        if BY_NAME[name].kind is not ColumnKind.WORD:
            continue
        for row in table.rows:
            value, told = read_cell(BY_NAME[name], row.cells.get(heading, ""), order=DayOrder.UNKNOWN, extra=settings.words.get(name, {}))
            if not value and (word := next((one.raw for one in told if one.code is Code.WORD_UNKNOWN), "")) and len(word) <= 80:
                counts[name, word] = counts.get((name, word), 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(name, word, count) for (name, word), count in ordered[:limit]]


def words_of(name: str) -> list[str]:
    """Our words of a column, each once."""
    return list(dict.fromkeys(WORDS[BY_NAME[name].words].values()))


def read_rows(table: Table, settings: Settings, earlier: Mapping[str, Mapping[str, str]]) -> list[Read]:
    """Every row, in the order of the file. ``earlier``: key to what the source said last."""
    orders = {
        heading: _order(table, heading, settings.day_order)
        for heading, name in settings.columns.items()
        if BY_NAME[name].kind is ColumnKind.DAY
    }
    seen: dict[str, Read] = {}
    found = []
    for row in table.rows:
        read = _read(row, settings, orders)
        found.append(_compared(read, seen, earlier, silent=BY_NAME.keys() - set(settings.columns.values())))
        if found[-1].change is not Change.REFUSED:
            seen[read.key] = read
    return found


def _order(table: Table, heading: str, told: DayOrder) -> DayOrder:
    return told if told is not DayOrder.UNKNOWN else order_in(row.cells.get(heading, "") for row in table.rows)


def _read(row: Row, settings: Settings, orders: Mapping[str, DayOrder]) -> Read:
    values: dict[str, str] = {}
    problems = [Problem(problem.code, settings.columns.get(heading, heading), problem.raw, problem.value) for heading, problem in row.told]
    for heading, name in settings.columns.items():
        raw = row.cells.get(heading, "")
        order = orders.get(heading, DayOrder.UNKNOWN)
        value, told = read_cell(BY_NAME[name], raw, order=order, extra=settings.words.get(name, {}))
        problems += told
        if value:
            values[name] = value
    if _ends_too_early(values):
        problems.append(Problem(Code.END_BEFORE_BEGIN, "end", values.pop("end")))
    others = {heading: text for heading, text in row.cells.items() if heading not in settings.columns and text.strip()}
    if not values.get("name"):
        problems.append(Problem(Code.NO_NAME, "name"))
    return Read(
        number=row.number,
        key=_key(values, problems),
        values=values,
        others=_kept(others, problems),
        problems=tuple(problems),
        change=Change.NEW,
    )


def _kept(others: Mapping[str, str], problems: list[Problem]) -> dict[str, str]:
    """What the source says besides: on one line each, and nobody's identity number. What there is no room for is told."""
    found = {}
    for heading, text in others.items():
        if written_as_identity_number(text):
            problems.append(Problem(Code.IDENTITY_NUMBER, heading))
        elif len(found) == MAX_OTHERS or len(text) > _OTHER:
            problems.append(Problem(Code.NOT_KEPT, heading))
        else:
            found[heading] = " ".join(printable(text).split())
    return found


def _ends_too_early(values: Mapping[str, str]) -> bool:
    """As far as both are known: a year and a day in it do not contradict each other."""
    begin, end = values.get("begin", ""), values.get("end", "")
    length = min(len(begin), len(end))
    return end[:length] < begin[:length]


def _key(values: Mapping[str, str], problems: list[Problem]) -> str:
    """The source's id; without one, what name and office come to. Such a row cannot be followed through a change of name."""
    if values.get("key"):
        key = f"id:{values['key']}"
        return key if len(key) <= MAX_KEY else f"id:{hashlib.sha256(key.encode()).hexdigest()}"
    problems.append(Problem(Code.NO_ID, "key"))
    text = f"{plain(values.get('name', ''))}\n{plain(values.get('office', ''))}"
    return f"name:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _compared(read: Read, seen: Mapping[str, Read], earlier: Mapping[str, Mapping[str, str]], *, silent: Iterable[str]) -> Read:
    """``silent``: columns that this file is not read for. What the source said in them before stands, as where a value was left out."""
    problems = read.problems
    before = seen.get(read.key)
    if before is not None:
        same = before.values == read.values and before.others == read.others
        problems = (*problems, Problem(Code.SAME_ROW if same else Code.SAME_ID, "key", str(before.number)))
    if any(problem.severity is Severity.ERROR for problem in problems):
        return _with(read, problems, Change.REFUSED, ())
    last = earlier.get(read.key)
    if last is None:
        return _with(read, problems, Change.NEW, ())
    unread = {one.field for one in problems if one.severity is Severity.LEFT_OUT and one.code is not Code.PLACEHOLDER}
    values = {**{name: last[name] for name in {*silent, *unread} if name in last}, **read.values}
    differs = tuple(name for name in BY_NAME if last.get(name, "") != values.get(name, ""))
    return replace(_with(read, problems, Change.CHANGED if differs else Change.SAME, differs), values=values)


def _with(read: Read, problems: Sequence[Problem], change: Change, differs: Iterable[str]) -> Read:
    return replace(read, problems=tuple(problems), change=change, differs=tuple(differs))
