"""Days in stretches: when a rule is in force, as ``(first, last)`` pairs in order, both ends included; a last day of ``None`` has no end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from insyn.law.history import steps_of
from insyn.law.model import Pack, Rule, RuleStatus

Span = tuple[date, date | None]
Spans = tuple[Span, ...]
_DAY = timedelta(days=1)


def spans_of(rule: Rule, pack: Pack, starts: date | None, *, since: date) -> Spans:
    """When the rule is in force, of the days from ``since`` on: from its first day for the system, by the steps of its history."""
    if starts is None:
        return ()
    steps = steps_of(rule.history, pack.calendar)
    if not steps:
        return _clip(((starts, None),), since)
    ends = [day for day, _ in steps[1:]] + [None]
    applicable = [(day, end and end - _DAY) for (day, status), end in zip(steps, ends, strict=True) if status is RuleStatus.APPLICABLE]
    return _clip(union((span,) for span in applicable), max(starts, since))


def _clip(spans: Spans, since: date) -> Spans:
    return tuple((max(first, since), last) for first, last in spans if last is None or last >= since)


def union(many: Iterable[Spans]) -> Spans:
    """The days of any of them."""
    found: list[Span] = []
    for first, last in sorted((span for spans in many for span in spans), key=lambda span: span[0]):
        if found and (found[-1][1] is None or first <= found[-1][1] + _DAY):
            known = found[-1][1]
            found[-1] = (found[-1][0], None if known is None or last is None else max(known, last))
        else:
            found.append((first, last))
    return tuple(found)


def minus(spans: Spans, taken: Sequence[Span]) -> Spans:
    """The days of ``spans`` that are not in ``taken``."""
    for away_first, away_last in taken:
        left: list[Span] = []
        for first, last in spans:
            if first < away_first:
                left.append((first, away_first - _DAY if last is None else min(last, away_first - _DAY)))
            if away_last is not None and (last is None or last > away_last):
                left.append((max(first, away_last + _DAY), last))
        spans = tuple(left)
    return tuple(spans)


def first_day(spans: Spans) -> date | None:
    return spans[0][0] if spans else None


def last_day(spans: Spans) -> date | None:
    """The last day of all; ``None`` when there is no end."""
    return spans[-1][1] if spans else None


def covers(spans: Spans, day: date) -> bool:
    return any(first <= day and (last is None or day <= last) for first, last in spans)
