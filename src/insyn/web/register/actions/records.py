"""Records: what gates demand, supplied by the office that the gate names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import RecordKind, Role
from insyn.law.model import Pack
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate
from insyn.web.accounts.permissions import require, role_label
from insyn.web.decisions.deviations import refuse_to_withdraw_alone
from insyn.web.decisions.evaluations import check_evaluation, settle_evaluation, settle_withdrawn
from insyn.web.inventory.competence import require_competence, takes_competence

from .. import packs
from ..acts import write_act
from ..contents import PER_VERSION, check_content, last_day_of
from ..models import Act, Record, System, Version
from .common import followed, fresh, only_own

_OWN_RECORDS = frozenset({Role.SYSTEM_OWNER, Role.AI_COORDINATOR})
#: Kinds that only the acts behind them supply (a closed negotiation, a published round): in a form one office could say it for all.
BY_OWN_ACTS = frozenset({RecordKind.MBL_SECTION_11, RecordKind.PARTICIPATION_ROUND})


def suppliers_of(kind: RecordKind, in_force: Iterable[Pack]) -> frozenset[Role]:
    """The offices that may supply a record of this kind: those that the gates name; owner and coordinator where no gate asks."""
    demands = [rule.demands for pack in in_force for rule in pack.rules.values() if rule.demands and rule.demands.record is kind]
    return frozenset(role for demand in demands for role in (*demand.supplied_by, *demand.second_from)) or _OWN_RECORDS


@transaction.atomic
def supply_record(
    *,
    actor: Actor,
    system: System,
    kind: RecordKind | str,
    content: Mapping[str, Any],
    case_number: str = "",
    valid_through: date | None = None,
    version: str = "",
    public: bool = True,
    revision: int | None = None,
    by_own_act: bool = False,
    verb: str = "supply_record",
    more: Mapping[str, Any] | None = None,
) -> Act:
    """Supply a record: whoever supplies it signs it. Its person, role and day are the actor's, and today.

    ``version`` names the version that the record is about. Raises :class:`InvalidInput` that names the field, and :class:`NotAllowed`
    for an office that the gates do not name. ``by_own_act``: the act that such a kind comes from has looked at who may.
    ``more`` is what else the act's text says, such as the files. An assessment takes competence (:mod:`insyn.web.inventory.competence`).
    """
    require(actor, "record.supply")
    system = fresh(system, revision)
    only_own(actor, system)
    kind, today = _kind(kind), clock.today()
    if not by_own_act:
        _may_supply(actor, kind, today)
        _has_no_own_acts(kind)
    if takes_competence(kind) and actor.role != Role.SAFETY_REPRESENTATIVE:  # who takes part in another's assessment, trained or not
        require_competence(actor, today)
    about = _version(system, kind, version)
    checked = check_content(kind, content, holds_role=_holds_role)
    valid_through = last_day_of(kind, checked, valid_through)
    check_evaluation(system, kind, checked)
    text = {
        "kind": kind.value,
        "version": about.name if about else "",
        "content": checked,
        "case_number": case_number,
        "valid_through": valid_through.isoformat() if valid_through else "",
    }
    act = write_act(verb=verb, actor=actor, system=system, text={**text, **(more or {})})
    record = Record.objects.create(
        system=system,
        version=about,
        kind=kind,
        content=checked,
        supplied_role=actor.role,
        person=actor.person,
        person_name=actor.name,
        recorded_on=today,
        valid_through=valid_through,
        case_number=case_number.strip(),
        public=public,
        act=act,
    )
    settle_evaluation(system, record)
    return followed(system, act, actor)


@transaction.atomic
def withdraw_record(*, actor: Actor, system: System, record: Record, why: str, revision: int | None = None) -> Act:
    """Take a record back, by whoever supplied it or the system's owner. What rests on it closes at once."""
    require(actor, "record.withdraw")
    system = fresh(system, revision)
    record = Record.objects.get(pk=record.pk, system=system)
    if actor.person not in {record.person, system.owner.person}:
        raise NotAllowed(_("A record is withdrawn by who supplied it (%(name)s) or by the system's owner.") % {"name": record.person_name})
    if record.withdrawn_on is not None:
        raise ActRefused(_("The record is withdrawn already."))
    refuse_to_withdraw_alone(record)
    if not why.strip():
        raise InvalidInput(_("This is required."), place="why")
    Record.objects.filter(pk=record.pk).update(withdrawn_on=clock.today())
    settle_withdrawn(system, record)
    act = write_act(verb="withdraw_record", actor=actor, system=system, text={"record": record.pk, "kind": record.kind, "why": why.strip()})
    return followed(system, act, actor)


def _kind(kind: RecordKind | str) -> RecordKind:
    try:
        return RecordKind(kind)
    except ValueError as error:
        raise InvalidInput(_("There is no such kind of record."), place="kind") from error


def _may_supply(actor: Actor, kind: RecordKind, today: date) -> None:
    allowed = suppliers_of(kind, packs.in_force(today))
    if actor.role not in allowed:
        words = {"role": role_label(actor.role), "allowed": ", ".join(sorted(role_label(role) for role in allowed))}
        raise NotAllowed(_("%(role)s may not supply this record. It takes: %(allowed)s.") % words)


def _has_no_own_acts(kind: RecordKind) -> None:
    if kind is RecordKind.MBL_SECTION_11:
        raise ActRefused(_("This record comes from the negotiations: it is supplied when the negotiation with every union is closed."))
    if kind in BY_OWN_ACTS:
        raise ActRefused(_("This record comes from a participation round: it is supplied when the round is published."))


def _version(system: System, kind: RecordKind, name: str) -> Version | None:
    if not name:
        if kind in PER_VERSION:
            raise InvalidInput(_("Name the version that the record is about."), place="version")
        return None
    found = system.versions.filter(name=name).first()
    if found is None:
        raise InvalidInput(_("The system has no version %(name)s.") % {"name": name}, place="version")
    return found


def _holds_role(person: str, role: Role) -> bool:
    return Mandate.objects.valid(clock.today()).filter(user__person=person, role=role).exists()
