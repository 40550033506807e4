"""From which rules a system may deviate: those of a policy that ask something of it, and never law, a stop rule or a prohibition."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.terms import RecordKind
from insyn.law.durations import after
from insyn.law.model import Kind, Pack, PackKind, Rule
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.register import packs as rule_packs
from insyn.web.register.models import Record, System

from .asking import rules_asking
from .words import DeviationState

#: What a policy asks that a system may for a time do without.
KINDS = (Kind.GATE, Kind.PRINCIPLE, Kind.DUTY, Kind.CADENCE, Kind.TRANSPARENCY)
LONGEST = "P1Y"


def rules_to_deviate_from(system: System, *, on: date) -> list[Rule]:
    """The rules of adopted policies that ask something of the system, those that close it first."""
    packs = rule_packs.in_force(on)
    policy = {pack.id for pack in packs if pack.kind is PackKind.POLICY}
    return sorted(
        (rule for rule in rules_asking(system, packs, on, *KINDS) if rule.pack in policy),
        key=lambda rule: (rule.kind is not Kind.GATE, rule.id),
    )


def rule_called(system: System, name: str, *, on: date) -> Rule:
    """The rule, if the system may deviate from it. Raises :class:`InvalidInput` in words that say why not."""
    packs = rule_packs.in_force(on)
    found = next(((pack, rule) for pack in packs for rule in pack.rules.values() if rule.id == name), None)
    if found is None:
        raise InvalidInput(_("No rule in force has this name."), place="rule")
    pack, rule = found
    _refuse_what_nobody_deviates_from(pack, rule)
    if rule.id not in {one.id for one in rules_to_deviate_from(system, on=on)}:
        raise InvalidInput(_("The rule asks nothing of this system."), place="rule")
    return rule


def _refuse_what_nobody_deviates_from(pack: Pack, rule: Rule) -> None:
    if pack.kind is PackKind.LAW:
        raise InvalidInput(_("This is law. Nobody can deviate from law, whatever risk they accept."), place="rule")
    if rule.kind in (Kind.STOP_RULE, Kind.PROHIBITED):
        raise InvalidInput(_("This is a stop rule. Nobody deviates from it; only the council can change the policy."), place="rule")
    if rule.kind not in KINDS:
        raise InvalidInput(_("This rule asks for nothing that could be deviated from."), place="rule")


def check_last_day(last_day: date) -> date:
    """Not passed, and at most a year away. Raises :class:`InvalidInput`."""
    today = clock.today()
    if last_day < today:
        raise InvalidInput(_("The day has passed."), place="last_day")
    latest = after(today, LONGEST)
    if last_day > latest:
        raise InvalidInput(_("A deviation lasts a year at most: to %(day)s.") % {"day": latest.isoformat()}, place="last_day")
    return last_day


def refuse_to_withdraw_alone(record: Record) -> None:
    """The record of a deviation in force goes with the deviation. Raises :class:`ActRefused`."""
    if record.kind != RecordKind.DEVIATION:
        return
    deviation = getattr(record, "deviation", None)
    if deviation is not None and deviation.state == DeviationState.ACCEPTED:
        raise ActRefused(_("This record belongs to a deviation. End the deviation, and the record goes with it."))
