"""Reads for letters and notices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from insyn.core.terms import Phase, Reach, RecordKind
from insyn.law.model import Kind
from insyn.law.protective import applying
from insyn.web.accounts.errors import ActRefused
from insyn.web.register import packs as rule_packs
from insyn.web.register.compiling import known_answers
from insyn.web.register.models import System
from insyn.web.register.rows import evaluated

from .models import MatterText, NoticeWay

#: Phases in which people meet the system.
USED = (Phase.PILOT, Phase.IN_USE)
#: The provider marks what is generated under 50(2); the others are told to people.
_MARKING = "50(2)"
_PRINCIPLE = "transparency"


def matter_text(system: System, matter_type: str) -> MatterText | None:
    """The newest text for the type of matter; otherwise the newest that is for all types."""
    rows = MatterText.objects.filter(system=system)
    return rows.filter(matter_type=matter_type).first() or rows.filter(matter_type="").first()


def newest_texts(system: System) -> list[MatterText]:
    """The text in force of each type of matter, the one for all types first."""
    found: dict[str, MatterText] = {}
    for row in MatterText.objects.filter(system=system).select_related("act"):
        found.setdefault(row.matter_type, row)
    return [found[name] for name in sorted(found)]


def ways_of(system: System, on: date) -> list[NoticeWay]:
    """How people are told today."""
    return list(NoticeWay.objects.in_force(on).filter(system=system).select_related("act"))


def notice_due(system: System, on: date) -> bool:
    """Must people be told, in a way that no call shows? By law, or by a policy that is adopted.

    Where Insyn reaches every call, an outcome without a notice is refused already. An unanswered question counts as yes, and so do rules
    that cannot be read.
    """
    if system.phase not in USED or system.reach == Reach.EVERY_CALL or system.exercise:
        return False
    try:
        packs = rule_packs.in_force(on)
    except ActRefused:
        return True
    evaluation = evaluated(packs, known_answers(system, packs), on)
    for result in applying(evaluation, Kind.GATE, Kind.TRANSPARENCY, Kind.PRINCIPLE):
        rule = result.rule
        if rule.kind is Kind.GATE and rule.demands is not None and rule.demands.record is RecordKind.NOTICE:
            return True
        if (rule.kind is Kind.TRANSPARENCY and rule.value != _MARKING) or (rule.kind is Kind.PRINCIPLE and rule.value == _PRINCIPLE):
            return True
    return False


def must_mark(system: System, on: date) -> bool:
    """Must what the system generates be marked so that a machine can tell (AI Act Art. 50(2))?"""
    try:
        packs = rule_packs.in_force(on)
    except ActRefused:
        return True
    evaluation = evaluated(packs, known_answers(system, packs), on)
    return any(result.rule.value == _MARKING for result in applying(evaluation, Kind.TRANSPARENCY))


def notice_missing(system: System, on: date, ways: Iterable[NoticeWay] | None = None) -> bool:
    """Due, and no way of telling people stands in the register."""
    told = list(ways) if ways is not None else ways_of(system, on)
    return not told and notice_due(system, on)


@dataclass(frozen=True)
class Told:
    """How people are told of a system, for its public page. ``missing``: they must be, and the register does not say how."""

    ways: list[NoticeWay]
    missing: bool


def told_of(system: System, on: date) -> Told:
    ways = ways_of(system, on)
    return Told(ways, notice_missing(system, on, ways))
