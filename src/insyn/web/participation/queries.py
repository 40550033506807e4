"""Reads for the pages of influence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from insyn.core.terms import RecordKind, Role
from insyn.web import clock
from insyn.web.accounts.models import Mandate, Office, User
from insyn.web.register import packs
from insyn.web.register.compiling import gates_of
from insyn.web.register.models import Record, System

from .counting import not_closed, small_cells
from .models import Contribution, Negotiation, Round, SafetyStatement
from .supplying import is_unsupplied
from .words import GATES, HiddenBecause, Moderation, Reply, RoundState, SafetyStance, Section, State

_ASSESSMENT = RecordKind.ASSESSMENT_WORK_ENVIRONMENT


@dataclass(frozen=True)
class SectionLine:
    """A section on a system's page: its negotiations, and the unions that are waited for."""

    section: Section
    rows: list[Negotiation]
    waits: list[Office]
    unsupplied: bool
    demanded: bool

    @property
    def label(self) -> str:
        return str(self.section.label)


def sections_of(system: System, on: date) -> list[SectionLine]:
    """Each section that a gate asks for or that somebody has begun."""
    rows = list(Negotiation.objects.filter(system=system).select_related("union").order_by("section", "pk"))
    asked = _asked(system, on)
    found = []
    for section in Section:
        own = [row for row in rows if row.section == section]
        if own or section in asked:
            found.append(SectionLine(section, own, not_closed(system, section, on), is_unsupplied(system, section), section in asked))
    return found


def _asked(system: System, on: date) -> frozenset[Section]:
    """The sections that a gate of this system asks for, met or not."""
    binding = packs.in_force(on)
    values = {rule.id: rule.value for pack in binding for rule in pack.rules.values()}
    wanted = {values.get(gate.rule) for gate in gates_of(system, binding, versions=(), on=on) if gate.demands is RecordKind.MBL_SECTION_11}
    return frozenset(section for section, value in GATES.items() if value in wanted)


def unions_of(user: User, on: date) -> list[Office]:
    """The unions that the user may speak for."""
    held = Mandate.objects.valid(on).filter(user=user, role=Role.UNION_REPRESENTATIVE).values("office")
    return list(Office.objects.filter(pk__in=held, kind=Office.Kind.UNION).order_by("name_sv"))


def union_mandate(user: User, union: Office, on: date) -> Mandate | None:
    held = Mandate.objects.valid(on).filter(user=user, role=Role.UNION_REPRESENTATIVE, office=union)
    return held.select_related("user", "office").order_by("first_day", "pk").first()


def open_for(unions: Iterable[Office]) -> list[Negotiation]:
    """Negotiations of these unions that are not closed, the oldest first."""
    rows = Negotiation.objects.filter(union__in=list(unions)).exclude(state=State.CLOSED)
    return list(rows.select_related("system", "union").order_by("invited_on", "pk"))


def assessment_to_sign(system: System) -> Record | None:
    """The newest work-environment assessment that is not itself a safety representative's."""
    found = system.records.valid(clock.today()).filter(kind=_ASSESSMENT).exclude(supplied_role=Role.SAFETY_REPRESENTATIVE)
    return found.order_by("-recorded_on", "-pk").first()


def unsigned(on: date) -> list[tuple[System, Record]]:
    """Systems whose newest assessment no safety representative has signed, with that assessment."""
    held = Record.objects.valid(on).filter(kind=_ASSESSMENT)
    signed = set(SafetyStatement.objects.exclude(record=None).values_list("assessment_id", flat=True))
    newest: dict[int, Record] = {}
    for record in held.exclude(supplied_role=Role.SAFETY_REPRESENTATIVE).select_related("system").order_by("recorded_on", "pk"):
        newest[record.system_id] = record
    by_form = {record.system_id: record.pk for record in held.filter(supplied_role=Role.SAFETY_REPRESENTATIVE)}
    waiting = [record for record in newest.values() if record.pk not in signed and by_form.get(record.system_id, 0) < record.pk]
    return [(record.system, record) for record in sorted(waiting, key=lambda record: (record.recorded_on, record.pk))]


def public_rounds(system: System | None = None) -> list[Round]:
    """Rounds that the public may see, with how many proposals each has, the newest first."""
    found = Round.objects.exclude(state=RoundState.DRAFT).select_related("system").annotate(received=Count("contributions"))
    return list(found if system is None else found.filter(system=system))


@dataclass(frozen=True)
class Outcome:
    """A published round in figures: replies by kind, what is not shown, by reason, and who answered, where that is many enough to be said.

    ``groups``: each declared group with how many said that they belong to it, ``None`` where that is hidden; empty where nobody was asked.
    """

    replies: list[tuple[str, int]]
    hidden: list[tuple[str, int]]
    shown: list[Contribution]
    groups: list[tuple[str, int | None]]


def outcome_of(row: Round) -> Outcome:
    contributions = list(row.contributions.all())
    shown = [one for one in contributions if one.moderation == Moderation.APPROVED]
    replies = Counter(one.reply for one in shown)
    hidden = Counter(one.hidden_because for one in contributions if one.moderation == Moderation.HIDDEN)
    return Outcome(
        replies=[(str(reply.label), replies.get(reply, 0)) for reply in Reply],
        hidden=[(str(because.label), hidden[because]) for because in HiddenBecause if hidden.get(because)],
        shown=shown,
        groups=_groups_of(row, contributions),
    )


def _groups_of(row: Round, contributions: list[Contribution]) -> list[tuple[str, int | None]]:
    declared = list(row.declared.all())
    if not declared:
        return []
    counts = Counter(one.group_id for one in contributions)
    cells = small_cells([*(counts.get(one.pk, 0) for one in declared), counts.get(None, 0)])
    return list(zip([*(one.name for one in declared), _("Did not say")], cells, strict=True))


@dataclass(frozen=True)
class Influence:
    """What the public reads about influence on a system. Offices, never names of people."""

    negotiations: list[Negotiation]
    waits: list[Office]
    rounds: list[Round]
    safety: list[SafetyStatement]


def public_influence(system: System, on: date) -> Influence:
    """For the system's public page."""
    negotiations = list(Negotiation.objects.filter(system=system).select_related("union").order_by("section", "invited_on", "pk"))
    sections = {row.section for row in negotiations}
    waits = {union.pk: union for section in sections for union in not_closed(system, section, on)}
    return Influence(
        negotiations=negotiations,
        waits=sorted(waits.values(), key=lambda union: union.name_sv),
        rounds=public_rounds(system),
        safety=list(SafetyStatement.objects.filter(system=system)),
    )


def evaluation_round_since(system: System, day: date | None) -> Round | None:
    """A round held for an evaluation and published after the day, if there is one."""
    found = system.rounds.filter(state=RoundState.PUBLISHED, for_evaluation=True)
    return found.filter(Q() if day is None else Q(published_on__gt=day)).order_by("-published_on").first()


def objections(system: System) -> list[SafetyStatement]:
    return list(SafetyStatement.objects.filter(system=system, stance=SafetyStance.OBJECTS, answered_on=None))
