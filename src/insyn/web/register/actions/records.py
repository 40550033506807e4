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

from .. import packs
from ..acts import write_act
from ..contents import PER_VERSION, check_content
from ..models import Act, Record, System, Version
from .common import followed, fresh, only_own

_OWN_RECORDS = frozenset({Role.SYSTEM_OWNER, Role.AI_COORDINATOR})


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
) -> Act:
    """Supply a record. Its person, role and day are the actor's, and today.

    ``version`` names the version that the record is about. Raises :class:`InvalidInput` that names the field, and :class:`NotAllowed`
    for an office that the gates do not name.
    """
    require(actor, "record.supply")
    system = fresh(system, revision)
    only_own(actor, system)
    kind, today = _kind(kind), clock.today()
    _may_supply(actor, kind, today)
    about = _version(system, kind, version)
    checked = check_content(kind, content, holds_role=_holds_role)
    if valid_through is not None and valid_through < today:
        raise InvalidInput(_("The day has passed."), place="valid_through")
    text = {
        "kind": kind.value,
        "version": about.name if about else "",
        "content": checked,
        "case_number": case_number,
        "valid_through": valid_through.isoformat() if valid_through else "",
    }
    act = write_act(verb="supply_record", actor=actor, system=system, text=text)
    Record.objects.create(
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
    _set_evaluation_due(system, kind, checked)
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
    if not why.strip():
        raise InvalidInput(_("This is required."), place="why")
    Record.objects.filter(pk=record.pk).update(withdrawn_on=clock.today())
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


def _set_evaluation_due(system: System, kind: RecordKind, content: Mapping[str, Any]) -> None:
    due = {RecordKind.EVALUATION_PLAN: content.get("due"), RecordKind.EVALUATION: content.get("next_due")}.get(kind)
    if due:
        system.evaluation_due = date.fromisoformat(due)
