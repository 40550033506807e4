"""Uses of data: the owner proposes, somebody with the power to decide decides, and either may end them.

A decided data use also leaves the record that the gates look at, in the name of whoever decided it where a gate takes it from that office.
Where the gates ask for the owner's or the data protection officer's, they cite the decision (:func:`cite_data_use`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, Slug
from insyn.core.terms import RecordKind, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require
from insyn.web.decisions.delegations import as_stated, item_behind, note_item
from insyn.web.decisions.words import Delegable

from .. import packs
from ..acts import write_act
from ..models import Act, DataOutcome, DataUse, Decision, PurposeKind, Record, System
from ..shapes import at_most, decision_day, required, worded
from .common import followed, fresh, only_own
from .records import suppliers_of, supply_record
from .systems import strict_place

MAX_FIELDS = 200
MAX_CATEGORIES = 40
_TEXTS = {
    "what_sv": 400,
    "what_en": 400,
    "source_sv": 400,
    "source_en": 400,
    "manner_sv": 400,
    "manner_en": 400,
    "legal_basis_sv": 400,
    "legal_basis_en": 400,
    "retention": 400,
}
_FIELD_TEXTS = {"name": 64, "why": 400, "collected_how": 400}


@transaction.atomic
def propose_data_use(
    *,
    actor: Actor,
    system: System,
    purpose: str,
    categories: Iterable[str],
    fields: Iterable[Mapping[str, str]],
    purpose_kind: str = PurposeKind.ORDINARY,
    secrecy: str = "",
    disposal_decision: str = "",
    revision: int | None = None,
    **texts: str,
) -> Act:
    """Propose that data are used for a purpose. Nothing is allowed by it.

    ``texts``: what for, source, manner of collection and legal basis in both languages, and retention. Raises :class:`InvalidInput` that
    names the field; each field of data must say why it is needed and how it was collected.
    """
    require(actor, "data_use.propose")
    system = fresh(system, revision)
    only_own(actor, system)
    row = DataUse(system=system, proposed_on=clock.today(), purpose_kind=_kind(purpose_kind), purpose=_slug("purpose", purpose))
    row.categories, row.fields = _categories(categories), _fields(fields)
    for name in texts:
        if name not in _TEXTS:
            raise InvalidInput(_("There is no such field."), place=name)
    for name, limit in _TEXTS.items():
        setattr(row, name, worded(name, texts.get(name, ""), limit))
    row.secrecy, row.disposal_decision = at_most("secrecy", secrecy, 400), at_most("disposal_decision", disposal_decision, 200)
    act = write_act(verb="propose_data_use", actor=actor, system=system, text=_told(row))
    row.act = act
    row.save()
    return followed(system, act, actor)


@transaction.atomic
def decide_data_use(
    *,
    actor: Actor,
    system: System,
    data_use: DataUse,
    case_number: str,
    allowed: bool = True,
    delegation: str = "",
    decided_on: date | None = None,
    valid_through: date | None = None,
    revision: int | None = None,
) -> Act:
    """Decide a proposed data use, yes or no. Whoever proposed it, or owns the system, decides nothing about it.

    ``delegation``: for an official the number of the item that covers the decision on its day.
    """
    mandate = require(actor, "data_use.decide")
    system = fresh(system, revision)
    row = _row(system, data_use)
    if not row.waits:
        raise ActRefused(_("This use of data is decided or withdrawn already."))
    if actor.person in {row.act.person, system.owner.person}:
        raise NotAllowed(_("Nobody decides alone what they proposed or own. Another elected member or delegate must take this decision."))
    row.case_number = worded("case_number", case_number, 40)
    row.decided_on, row.valid_through = _decision_day(row, decided_on), _last_day(valid_through)
    item = item_behind(actor, Delegable.DATA_USE, system=system, number=delegation, on=row.decided_on)
    row.delegation = at_most("delegation", as_stated(item, delegation), 200)
    row.outcome = DataOutcome.ALLOWED if allowed else DataOutcome.REFUSED
    row.decider_name, row.decider_office = actor.name, mandate.office.name_sv
    text = {"data_use": row.pk, "outcome": row.outcome, "case_number": row.case_number, "delegation": row.delegation}
    days = {"decided_on": row.decided_on.isoformat(), "valid_through": row.valid_through.isoformat() if row.valid_through else ""}
    act = write_act(verb="decide_data_use", actor=actor, system=system, text={**text, **days})
    row.deciding = act
    row.save()
    note_item(_decision(system, row, actor), item)
    followed(system, act, actor)
    if allowed and Role(actor.role) in suppliers_of(RecordKind.DATA_USE, packs.in_force(clock.today())):
        _supply(actor, row)
    return act


@transaction.atomic
def cite_data_use(*, actor: Actor, system: System, data_use: DataUse, revision: int | None = None) -> Act:
    """Supply the record of a decided data use, for the gates that take it from the owner or the data protection officer."""
    require(actor, "record.supply")
    system = fresh(system, revision)
    only_own(actor, system)
    row = _row(system, data_use)
    if not row.holds(clock.today()):
        raise ActRefused(_("Only a decided use of data that holds can be cited. An elected member or a delegate decides it."))
    if row.records.filter(supplied_role=actor.role, withdrawn_on=None).exists():
        raise ActRefused(_("The record is supplied already."))
    return _supply(actor, row)


def _supply(actor: Actor, row: DataUse) -> Act:
    act = supply_record(
        actor=actor,
        system=row.system,
        kind=RecordKind.DATA_USE,
        content=_as_record(row),
        case_number=row.case_number,
        valid_through=row.valid_through,
    )
    Record.objects.filter(act=act).update(data_use=row)
    return act


def _as_record(row: DataUse) -> dict[str, Any]:
    return {
        "summary": row.what_sv,
        "purpose": row.purpose,
        "purpose_kind": str(row.purpose_kind),
        "categories": ", ".join(row.categories),
        "source": row.source_sv,
        "manner": row.manner_sv,
        "fields": [{name: field[name] for name in _FIELD_TEXTS} for field in row.fields_in_use()],
        "legal_basis": row.legal_basis_sv,
        "retention": row.retention,
        "decision": f"{row.decider_office}, {row.decided_on}, {row.case_number}",
    }


@transaction.atomic
def withdraw_data_use(*, actor: Actor, system: System, data_use: DataUse, why: str, revision: int | None = None) -> Act:
    """Take a data use back. The records that cite it fall with it, and what rests on them closes at once."""
    require(actor, "data_use.withdraw")
    system = fresh(system, revision)
    only_own(actor, system)
    row = _row(system, data_use)
    if row.withdrawn_on is not None:
        raise ActRefused(_("This use of data is withdrawn already."))
    if row.outcome == DataOutcome.REFUSED:
        raise ActRefused(_("This use of data was refused, so there is nothing to withdraw."))
    why, today = required("why", why), clock.today()
    citing = list(row.records.filter(withdrawn_on=None).values_list("pk", flat=True))
    act = write_act(
        verb="withdraw_data_use",
        actor=actor,
        system=system,
        text={"data_use": row.pk, "why": why, "records": citing, "purpose": row.purpose},
    )
    row.withdrawn_on, row.ending = today, act
    row.save()
    Record.objects.filter(pk__in=citing).update(withdrawn_on=today)
    return followed(system, act, actor)


@transaction.atomic
def retire_data_field(*, actor: Actor, system: System, data_use: DataUse, field: str, why: str, revision: int | None = None) -> Act:
    """Stop using a field of data. It stays in the row, with its last day."""
    require(actor, "data_field.retire")
    system = fresh(system, revision)
    only_own(actor, system)
    row = _row(system, data_use)
    if row.withdrawn_on is not None or row.outcome == DataOutcome.REFUSED:
        raise ActRefused(_("This use of data is not in use."))
    left = [one["name"] for one in row.fields_in_use()]
    if field not in left:
        raise ActRefused(_("There is no such field of data, or it is retired already."))
    if left == [field]:
        raise ActRefused(_("It is the only field left. Withdraw the use of data instead."))
    why, today = required("why", why), clock.today().isoformat()
    row.fields = [{**one, "retired_on": today} if one["name"] == field else one for one in row.fields]
    row.save()
    act = write_act(verb="retire_data_field", actor=actor, system=system, text={"data_use": row.pk, "field": field, "why": why})
    return followed(system, act, actor)


def _row(system: System, data_use: DataUse) -> DataUse:
    return DataUse.objects.select_for_update().select_related("act").get(pk=data_use.pk, system=system)


def _told(row: DataUse) -> dict[str, Any]:
    plain = ("purpose", "purpose_kind", "categories", "fields", "secrecy", "disposal_decision", *_TEXTS)
    return {name: getattr(row, name) for name in plain}


def _kind(kind: str) -> PurposeKind:
    try:
        return PurposeKind(kind)
    except ValueError as error:
        raise InvalidInput(_("Choose one of the alternatives."), place="purpose_kind") from error


def _slug(place: str, text: str) -> str:
    text = required(place, text)
    strict_place(place, text, Slug)
    return text


def _categories(told: Iterable[str]) -> list[str]:
    found = sorted({str(category).strip() for category in told if str(category).strip()})
    if not found:
        raise InvalidInput(_("This is required."), place="categories")
    if len(found) > MAX_CATEGORIES:
        raise InvalidInput(_("At most %(limit)d.") % {"limit": MAX_CATEGORIES}, place="categories")
    return [_slug("categories", category) for category in found]


def _fields(told: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    rows = list(told)
    if not rows:
        raise InvalidInput(_("Name each field of data that is used, why it is needed and how it was collected."), place="fields")
    if len(rows) > MAX_FIELDS:
        raise InvalidInput(_("At most %(limit)d lines.") % {"limit": MAX_FIELDS}, place="fields")
    found = [_field(number, row) for number, row in enumerate(rows)]
    names = [field["name"] for field in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidInput(_("%(name)s stands twice.") % {"name": twice}, place="fields")
    return found


def _field(number: int, row: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, limit in _FIELD_TEXTS.items():
        place = f"fields[{number}].{name}"
        found[name] = worded(place, str(row.get(name, "")), limit)
    return found


def _decision(system: System, row: DataUse, actor: Actor) -> Decision:
    """The formal decision, among the others on the system. How long it holds stands in the use of data: it ends no use of the system."""
    return Decision.objects.create(
        system=system,
        what="data_use",
        decided_on=row.decided_on,
        delegation=row.delegation,
        case_number=row.case_number,
        decider_person=actor.person,
        decider_name=actor.name,
        decider_office=row.decider_office,
        act=row.deciding,
    )


def _decision_day(row: DataUse, day: date | None) -> date:
    day = decision_day(day)
    if day < row.proposed_on:
        raise InvalidInput(
            _("The decision cannot be older than the proposal, of %(day)s.") % {"day": row.proposed_on.isoformat()}, place="decided_on"
        )
    return day


def _last_day(day: date | None) -> date | None:
    if day is not None and day < clock.today():
        raise InvalidInput(_("The day has passed."), place="valid_through")
    return day
