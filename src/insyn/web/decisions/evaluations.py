"""Evaluations: how far ahead the next one may lie, what an outcome does at once, and which came late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.terms import Phase, RecordKind
from insyn.law.durations import after
from insyn.law.model import Kind, Pack, Rule
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.language import spoken
from insyn.web.register import packs as rule_packs
from insyn.web.register.models import Record, System, WorkItem
from insyn.web.register.rows import Rows

from .asking import rules_asking
from .standing import deviations_of
from .words import OUTCOMES, Outcome

_USED = frozenset({Phase.PILOT, Phase.IN_USE, Phase.PAUSED})
_DAYS: Mapping[RecordKind, str] = {RecordKind.EVALUATION_PLAN: "due", RecordKind.EVALUATION: "next_due"}


@dataclass(frozen=True)
class Limit:
    """The latest day that a rule allows for the next evaluation."""

    day: date
    rule: Rule


@dataclass(frozen=True)
class Shown:
    """An evaluation as pages show it. ``late``: so many days after its day; ``outcome`` in words."""

    record: Record
    outcome: str
    words: str
    late: int

    @property
    def content(self) -> dict[str, Any]:
        return dict(self.record.content)


def latest_due(system: System, *, on: date, packs: Sequence[Pack] | None = None) -> Limit | None:
    """The earliest of the days that the rules in force allow for the next evaluation; ``None`` where no rule sets an interval."""
    limits = [
        Limit(after(on, rule.demands.expires_after), rule)
        for rule in rules_asking(system, rule_packs.in_force(on) if packs is None else packs, on, Kind.GATE, Kind.CADENCE)
        if rule.demands and rule.demands.record in _DAYS and rule.demands.expires_after
    ]
    return min(limits, key=lambda limit: limit.day, default=None)


def check_evaluation(system: System, kind: RecordKind, content: Mapping[str, Any]) -> None:
    """What the days and the outcome of an evaluation, or of its plan, must keep to. Raises :class:`InvalidInput`, :class:`ActRefused`."""
    if kind not in _DAYS:
        return
    place, today = _DAYS[kind], clock.today()
    if content.get(place):
        _check_day(system, kind, date.fromisoformat(content[place]), place, today)
    if kind is RecordKind.EVALUATION:
        _check_change(content, today)
        _refuse_without_participation(system, today)


def _check_day(system: System, kind: RecordKind, day: date, place: str, today: date) -> None:
    if day <= today and kind is RecordKind.EVALUATION:
        raise InvalidInput(_("The next evaluation lies ahead of today."), place=place)
    limit = latest_due(system, on=today)
    if limit is not None and day > limit.day:
        words = {"day": limit.day.isoformat(), "rule": spoken(limit.rule.title), "pack": limit.rule.pack}
        raise InvalidInput(_("At the latest %(day)s: so often an evaluation is asked for by “%(rule)s” (%(pack)s).") % words, place=place)
    due = system.evaluation_due
    if kind is RecordKind.EVALUATION_PLAN and system.phase in _USED and due is not None and day > due:
        raise InvalidInput(
            _("The system is in use, and its evaluation is due on %(day)s. Only an evaluation moves the day forward.")
            % {"day": due.isoformat()},
            place=place,
        )


def _check_change(content: Mapping[str, Any], today: date) -> None:
    by = content.get("change_by")
    if by and date.fromisoformat(by) < today:
        raise InvalidInput(_("The day has passed."), place="change_by")
    if by and content.get("next_due") and by > content["next_due"]:
        raise InvalidInput(_("The change is to be made before the next evaluation."), place="change_by")


def _refuse_without_participation(system: System, today: date) -> None:
    """Where a rule asks that those affected take part each time, their round comes before the evaluation."""
    kind = RecordKind.PARTICIPATION_ROUND
    asked = [
        rule
        for rule in rules_asking(system, rule_packs.in_force(today), today, Kind.CADENCE)
        if rule.demands and rule.demands.record is kind
    ]
    deviated = {one.rule for one in deviations_of(system, on=today) if one.last_day >= today}
    asked = [rule for rule in asked if rule.id not in deviated]
    last = evaluations_of(system).last()
    rounds = system.records.valid(today).filter(kind=kind)
    if asked and last is not None:
        rounds = rounds.filter(pk__gt=last.pk)
    if asked and not rounds.exists():
        raise ActRefused(
            _("Those who are affected take part in each evaluation (“%(rule)s”). Hold a participation round first, and record it.")
            % {"rule": spoken(asked[0].title)}
        )


def evaluations_of(system: System) -> Any:
    """The evaluations that count, the oldest first."""
    return system.records.filter(kind=RecordKind.EVALUATION, withdrawn_on=None).order_by("pk")


def due_day(system: System) -> date | None:
    """The day that the newest plan or evaluation says; an evaluation that says none (the system stops) leaves it as it was."""
    for record in system.records.filter(kind__in=list(_DAYS), withdrawn_on=None).order_by("-pk"):
        day = record.content.get(_DAYS[RecordKind(record.kind)])
        if day:
            return date.fromisoformat(day)
    return None


def settle_evaluation(system: System, record: Record) -> None:
    """What an evaluation does at once: it moves the day, stops the system, or asks for work. Saved with the act that follows."""
    if record.kind not in _DAYS:
        return
    system.evaluation_due = due_day(system)
    outcome = record.content.get("outcome") if record.kind == RecordKind.EVALUATION else None
    if outcome == Outcome.STOP:
        if system.phase in (Phase.PILOT, Phase.IN_USE):
            system.paused_from, system.phase = system.phase, Phase.PAUSED
        _ask_for(
            system,
            record,
            WorkItem.Kind.EVALUATION_STOP,
            "Utvärderingen säger att systemet ska stoppas. Det är pausat. Begär beslut: avveckla det, eller besluta om fortsatt användning.",
            "The evaluation says that the system stops. It is paused. Ask for a decision: retire it, or decide that it goes on.",
        )
    elif outcome == Outcome.CHANGE:
        what, by = record.content["change_what"], record.content["change_by"]
        sv, en = f"Utvärderingen kräver en ändring senast {by}: {what}", f"The evaluation asks for a change by {by}: {what}"
        _ask_for(system, record, WorkItem.Kind.EVALUATION_CHANGE, sv, en)


def settle_withdrawn(system: System, record: Record) -> None:
    """Without the plan or evaluation that said the day, the one before it counts again. Call it when the record is withdrawn.

    In use the day only comes nearer by that: what moves it away is an evaluation.
    """
    if record.kind not in _DAYS:
        return
    before, system.evaluation_due = system.evaluation_due, due_day(system)
    if system.phase in _USED and before is not None and system.evaluation_due is not None:
        system.evaluation_due = min(before, system.evaluation_due)


def _ask_for(system: System, record: Record, kind: WorkItem.Kind, sv: str, en: str) -> None:
    WorkItem.objects.create(system=system, kind=kind, text_sv=sv, text_en=en, opened=record.act.at, act=record.act)


def shown_evaluations(system: System, *, public: bool, rows: Rows | None = None) -> list[Shown]:
    """Every evaluation, the newest first, each with how late it came."""
    due: date | None = None
    found = []
    for row in (rows or Rows(system)).records:
        if row.kind not in _DAYS or row.withdrawn_on is not None:
            continue
        if row.kind == RecordKind.EVALUATION and (row.public or not public):
            outcome = row.content.get("outcome", "")
            words = str(OUTCOMES[Outcome(outcome)]) if outcome in set(Outcome) else ""
            found.append(Shown(row, outcome, words, max(0, (row.recorded_on - due).days) if due else 0))
        day = row.content.get(_DAYS[RecordKind(row.kind)])
        due = date.fromisoformat(day) if day else due
    return found[::-1]
