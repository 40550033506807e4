"""A change of packs replayed over systems, before anybody applies it: which systems are affected, in what, and from which day.

For each system and each side:
1. Set aside the answers that this side does not ask for, and those that no longer are answers to their question: these are asked again.
2. Weigh every rule once. What a rule answers does not change with the day; from when to when it is in force is worked out beside it, for
   every day from the side's own on.
3. Compare: the class, then gates and duties rule by rule. A system on which both sides say the same is left out.

Equal answers are weighed once. Nothing here reads a clock or a register: the days are those of the sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from insyn.core.errors import InvalidInput
from insyn.core.terms import Tristate
from insyn.core.text import Text
from insyn.law.adoption import packs_in_force
from insyn.law.answers import check_answers, facts_of
from insyn.law.model import Answer, Evaluation, Fact, Kind, PackKind, Rule, RuleResult
from insyn.law.protective import holds
from insyn.law.weighing import Weighing

from .classify import Classified, classified
from .comparing import Side
from .spans import Spans, first_day, last_day, minus, spans_of, union

_GATES = frozenset({Kind.PROHIBITED, Kind.STOP_RULE, Kind.GATE})
_DUTIES = frozenset({Kind.DUTY, Kind.TRANSPARENCY, Kind.PRINCIPLE, Kind.CADENCE})
_FOLLOWS = _GATES | _DUTIES
#: Below this many systems a second process costs more than it saves.
_WORTH_A_PROCESS = 400
_CHUNK = 250

Progress = Callable[[int], None]


class RegisteredSystem(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a system as the rules look at. ``facts`` may hold answers that no pack asks for."""

    id: str
    owner: str = ""
    facts: Mapping[str, Any] = {}


class What(StrEnum):
    """What a change is about."""

    CLASS = "class"
    GATE = "gate"
    DUTY = "duty"


class How(StrEnum):
    """``new``: asked only by the new packs. ``gone``: only by the old ones. ``moved``: another first day. ``changed``: in something else."""

    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    CHANGED = "changed"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not the same on both sides, and the first day on which that shows.

    ``subject`` is a rule (pack/slug), or the part of the class that changes. ``before`` and ``after`` hold the first days for what is new,
    gone or moved (a day, or nothing), otherwise what changed, by name.
    """

    what: What
    how: How
    subject: str
    title: Text
    day: date
    before: Any = None
    after: Any = None


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """A system on which the sides do not say the same. ``ask_again`` are facts whose answers are none under the new packs."""

    system: str
    owner: str
    changes: tuple[Change, ...]
    ask_again: tuple[str, ...] = ()

    @property
    def first_day(self) -> date | None:
        """The first day on which something is not as before; ``None`` where only answers are asked for again."""
        return min((change.day for change in self.changes), default=None)


def replay(
    systems: Iterable[RegisteredSystem], before: Side, after: Side, *, workers: int = 1, progress: Progress | None = None
) -> tuple[Affected, ...]:
    """The systems affected, in the order given. Each side is looked at on its own day and on every later one.

    ``progress`` is told how many systems have been looked at. ``workers``: processes, where there are many systems. Raises
    :class:`~insyn.core.errors.PackError` for a side whose adopted policy is not among its packs.
    """
    systems = list(systems)
    if workers > 1 and len(systems) >= _WORTH_A_PROCESS:
        return tuple(_spread(systems, before, after, workers=workers, progress=progress))
    return tuple(_in_turn(systems, _Replay(before, after), progress))


def _in_turn(systems: Sequence[RegisteredSystem], replaying: _Replay, progress: Progress | None) -> Iterator[Affected]:
    for number, system in enumerate(systems, 1):
        found = replaying.system(system)
        if found is not None:
            yield found
        if progress is not None and (number % _CHUNK == 0 or number == len(systems)):
            progress(number)


def _spread(
    systems: Sequence[RegisteredSystem], before: Side, after: Side, *, workers: int, progress: Progress | None
) -> Iterator[Affected]:
    chunks = [systems[start : start + _CHUNK] for start in range(0, len(systems), _CHUNK)]
    done = 0
    with ProcessPoolExecutor(workers, initializer=_begin_process, initargs=(before, after)) as pool:
        for chunk, found in zip(chunks, pool.map(_chunk, chunks), strict=True):
            yield from found
            done += len(chunk)
            if progress is not None:
                progress(done)


_in_this_process: list[_Replay] = []


def _begin_process(before: Side, after: Side) -> None:
    _in_this_process[:] = [_Replay(before, after)]


def _chunk(systems: Sequence[RegisteredSystem]) -> list[Affected]:
    return list(_in_turn(systems, _in_this_process[0], None))


class _Row(msgspec.Struct, frozen=True):
    """A rule that asks something of a system: when it is in force, from the side's day on, and the law's or policy's own first day."""

    id: str
    rule: Rule
    applies: Tristate
    spans: Spans
    starts: date | None


class _View(msgspec.Struct, frozen=True):
    """What one side says of one set of answers."""

    of_class: Mapping[str, Any]
    rows: Mapping[str, _Row]
    ask_again: tuple[str, ...]


class _Looking:
    """One side, made ready to look at many systems."""

    def __init__(self, side: Side, beside: _Looking | None = None) -> None:
        self._on = side.on
        self._packs = packs_in_force(side.packs, side.adoptions, on=date.max)
        self.facts: Mapping[str, Fact] = facts_of(self._packs)
        self._by_id = {pack.id: pack for pack in self._packs}
        self._adopted = {
            pack.id: max(adoption.adopted_on for adoption in side.adoptions if adoption.pack == pack.id)
            for pack in self._packs
            if pack.kind is PackKind.POLICY
        }
        self._weighing: Weighing = Weighing(self._packs, beside=beside._weighing if beside else None)
        self._bringing = any(rule.brings_forward for pack in self._packs for rule in pack.rules.values())
        self._spans: dict[tuple[int, date | None], Spans] = {}
        self._rows_known: dict[int, _Row] = {}
        self._moved_known: dict[tuple[object, ...], _Row] = {}
        self._classes: dict[tuple[object, ...], dict[str, Any]] = {}
        if beside is not None and beside._weighing.decides_by() == self._weighing.decides_by():
            self._classes = beside._classes
        self._answers: dict[tuple[str, Any], Answer | None] = {}

    def view(self, facts: Mapping[str, Any]) -> _View:
        asked, kept, again = self.facts, {}, []
        for fact, answer in facts.items():
            if fact in asked and not asked[fact].derived:
                checked = self._checked(fact, answer)
                if checked is None:
                    again.append(fact)
                else:
                    kept[fact] = checked
        deciding, others = self._weighing.weigh(kept)
        return _View(self._class(deciding), self._rows(deciding, others), tuple(sorted(again)))

    def _checked(self, fact: str, answer: Any) -> Answer | None:
        """The answer as rules read it; ``None`` when it is no answer to the question any longer, which counts as unknown."""
        key = fact, _hashable(answer)
        if key not in self._answers:
            try:
                self._answers[key] = check_answers({fact: self.facts[fact]}, {fact: answer})[fact]
            except InvalidInput:
                self._answers[key] = None
        return self._answers[key]

    def _class(self, deciding: Sequence[RuleResult]) -> dict[str, Any]:
        key = tuple(result.result for result in deciding)
        if key not in self._classes:
            evaluation = Evaluation(on=self._on, packs="", answers={}, results=tuple(deciding))
            self._classes[key] = _of_class(classified(evaluation, self._packs))
        return self._classes[key]

    def _rows(self, deciding: Sequence[RuleResult], others: Sequence[RuleResult]) -> dict[str, _Row]:
        """The rules that ask for something on some day, but for those of packs that the system is shown to stand outside of."""
        asking = [result for result in deciding if result.rule.kind in _FOLLOWS and result.result is not Tristate.NO]
        asking += [result for result in others if result.rule.kind in _FOLLOWS]
        outside, brought = self._outside(deciding), self._brought(others)
        if outside or brought:
            rows = [self._moved_row(result, outside, brought) for result in asking]
        else:
            rows = [self._plain(result) for result in asking]
        return {row.id: row for row in rows if row.spans}

    def _moved_row(self, result: RuleResult, outside: Mapping[str, Spans], brought: Mapping[str, Sequence[Spans]]) -> _Row:
        """Shared between systems for which the same is taken away and brought forward."""
        rule = result.rule
        if rule.pack not in outside and rule.id not in brought:
            return self._plain(result)
        key = id(result), outside.get(rule.pack), tuple(brought.get(rule.id, ()))
        found = self._moved_known.get(key)
        if found is None:
            found = self._moved_known[key] = self._row(result, self._moved(result, outside, brought))
        return found

    def _moved(self, result: RuleResult, outside: Mapping[str, Spans], brought: Mapping[str, Sequence[Spans]]) -> Spans:
        """When the rule is in force, with what policies bring forward and without what scope takes away."""
        spans = self._in_force(result)
        if result.rule.id in brought:
            own = ((result.applies_from, None),) if result.applies_from else ()  # what ends by law is not brought back
            spans = union((spans, *(minus(days, own) for days in brought[result.rule.id])))
        return minus(spans, outside.get(result.rule.pack, ()))

    def _plain(self, result: RuleResult) -> _Row:
        """Results are shared between systems, and so are their rows."""
        found = self._rows_known.get(id(result))
        if found is None:
            found = self._rows_known[id(result)] = self._row(result, self._in_force(result))
        return found

    def _row(self, result: RuleResult, spans: Spans) -> _Row:
        return _Row(result.rule.id, result.rule, result.result, spans, result.applies_from)

    def _in_force(self, result: RuleResult) -> Spans:
        """From when to when, of the days from the side's own on. A policy's rule begins with its adoption."""
        rule, key = result.rule, (id(result.rule), result.applies_from)
        if key not in self._spans:
            starts = result.applies_from and max(result.applies_from, self._adopted.get(rule.pack, date.min))
            self._spans[key] = spans_of(rule, self._by_id[rule.pack], starts, since=self._on)
        return self._spans[key]

    def _outside(self, results: Sequence[RuleResult]) -> dict[str, Spans]:
        found: dict[str, Spans] = {}
        for result in results:
            if result.rule.kind is Kind.SCOPE_OUT and holds(Kind.SCOPE_OUT, result.result):
                found[result.rule.pack] = union((found.get(result.rule.pack, ()), self._in_force(result)))
        return found

    def _brought(self, results: Sequence[RuleResult]) -> dict[str, list[Spans]]:
        """What policies apply before the law's own day, and when."""
        found: dict[str, list[Spans]] = {}
        for result in results if self._bringing else ():
            if result.rule.brings_forward and holds(result.rule.kind, result.result):
                for name in result.rule.brings_forward:
                    found.setdefault(name, []).append(self._in_force(result))
        return found


class _Replay:
    """Both sides, and the answers looked at so far: many systems answer alike."""

    def __init__(self, before: Side, after: Side) -> None:
        self._before = _Looking(before)
        self._after = _Looking(after, beside=self._before)
        self._days = before.on, after.on
        self._asked = self._before.facts.keys() | self._after.facts.keys()
        self._compared: dict[tuple[int, int], tuple[_Row | None, _Row | None, Change | None]] = {}
        self._known: dict[frozenset[tuple[str, Any]], tuple[tuple[Change, ...], tuple[str, ...]]] = {}

    def system(self, system: RegisteredSystem) -> Affected | None:
        key = frozenset((fact, _hashable(answer)) for fact, answer in system.facts.items() if fact in self._asked)
        if key not in self._known:
            self._known[key] = self._changes(system.facts)
        changes, ask_again = self._known[key]
        if not changes and not ask_again:
            return None
        return Affected(system=system.id, owner=system.owner, changes=changes, ask_again=ask_again)

    def _changes(self, facts: Mapping[str, Any]) -> tuple[tuple[Change, ...], tuple[str, ...]]:
        old, new = self._before.view(facts), self._after.view(facts)
        changes = (*self._class(old, new), *self._rules(old.rows, new.rows))
        return changes, tuple(fact for fact in new.ask_again if fact not in old.ask_again)

    def _class(self, old: _View, new: _View) -> Iterator[Change]:
        for name, before in old.of_class.items():
            if before != new.of_class[name]:
                yield Change(
                    what=What.CLASS,
                    how=How.CHANGED,
                    subject=name,
                    title=_CLASS_WORDS[name],
                    day=self._days[1],
                    before=before,
                    after=new.of_class[name],
                )

    def _rules(self, old: Mapping[str, _Row], new: Mapping[str, _Row]) -> list[Change]:
        pairs: list[tuple[_Row | None, _Row | None]] = [(row, new.get(rule)) for rule, row in old.items()]
        pairs += [(None, row) for rule, row in new.items() if rule not in old]
        found = [change for before, after in pairs if (change := self._rule(before, after)) is not None]
        return sorted(found, key=lambda change: change.subject)

    def _rule(self, old: _Row | None, new: _Row | None) -> Change | None:
        """Rows are shared between systems, and so is what their comparison came to; the rows are kept with it, so that an id stays theirs."""
        key = id(old), id(new)
        if key not in self._compared:
            self._compared[key] = old, new, _compare(old, new, self._days)
        return self._compared[key][2]


def _hashable(answer: Any) -> Any:
    return tuple(answer) if isinstance(answer, list) else answer


def _of_class(found: Classified) -> dict[str, Any]:
    return {
        "class": found.system_class.value,
        "act_as": found.protective.value,
        "prohibitions": found.prohibitions,
        "annex_items": found.annex_items,
        "annex_open": found.annex_open,
        "derogation": found.derogation.value if found.annex_items or found.annex_open else Tristate.NO.value,
        "roles": found.roles,
        "transparency": found.transparency,
    }


_CLASS_WORDS = {
    "class": Text("Klass", "Class"),
    "act_as": Text("Klass att utgå från", "Class to act on"),
    "prohibitions": Text("Förbjudna metoder", "Prohibited practices"),
    "annex_items": Text("Punkter i bilagorna", "Annex items"),
    "annex_open": Text("Punkter i bilagorna, obesvarade", "Annex items, open"),
    "derogation": Text("Undantag enligt artikel 6.3", "Derogation, Article 6(3)"),
    "roles": Text("Kommunens roller", "The municipality’s roles"),
    "transparency": Text("Krav på insyn enligt artikel 50", "Transparency, Article 50"),
}


def _compare(old: _Row | None, new: _Row | None, days: tuple[date, date]) -> Change | None:
    """How one rule changes for a system; ``None`` when it asks the same on the same days."""
    if old is None or new is None:
        return _only_once(old, new, days)
    firsts = first_day(old.spans), first_day(new.spans)
    if _clipped(firsts[0], days[0]) != _clipped(firsts[1], days[1]):
        begun = _began(old) == _began(new)  # it begins between the two days
        return _change(new, How.NEW if begun else How.MOVED, min(filter(None, firsts)), days, None if begun else _began(old), _began(new))
    before, after = _asks(old), _asks(new)
    parts = [name for name in before if before[name] != after[name]]
    if not parts:
        return None
    lasts = [last for last in (last_day(old.spans), last_day(new.spans)) if last]
    day = min(lasts) if parts == ["last_day"] else first_day(new.spans)
    return _change(new, How.CHANGED, day, days, {name: before[name] for name in parts}, {name: after[name] for name in parts})


def _only_once(old: _Row | None, new: _Row | None, days: tuple[date, date]) -> Change | None:
    shown = new or old
    if shown is None:
        return None
    return _change(shown, How.NEW if new else How.GONE, first_day(shown.spans), days, _began(old), _began(new))


def _change(row: _Row, how: How, day: date | None, days: tuple[date, date], before: Any, after: Any) -> Change:
    """Nothing shows before the day on which the new packs are looked at."""
    what = What.GATE if row.rule.kind in _GATES else What.DUTY
    first = max(day or days[1], days[1])
    return Change(what=what, how=how, subject=row.rule.id, title=row.rule.title, day=first, before=before, after=after)


def _clipped(first: date | None, on: date) -> date | None:
    """A first day that has passed on the side's own day is the same as any other that has."""
    return None if first is not None and first <= on else first


def _began(row: _Row | None) -> str | None:
    """The first day as it is shown: the rule's own, also when it has passed."""
    if row is None:
        return None
    first = first_day(row.spans)
    own = row.starts if row.starts not in (None, date.min) else None
    return str(own if own is not None and first is not None and own <= first else first)


def _asks(row: _Row) -> dict[str, Any]:
    """What is compared of a rule that both sides have."""
    last = last_day(row.spans)
    return {**_demanded(row.rule), "applies": row.applies.value, "last_day": str(last) if last else None}


def _demanded(rule: Rule) -> dict[str, Any]:
    return {
        "kind": rule.kind.value,
        "demands": msgspec.to_builtins(rule.demands),
        "deadlines": [[deadline.id, deadline.within] for deadline in rule.deadlines],
    }


__all__ = ["Affected", "Change", "How", "RegisteredSystem", "Side", "What", "replay"]
