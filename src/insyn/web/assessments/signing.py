"""The second signature: the same words, signed by another person in another office, where a gate asks for two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.law.model import Demand
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require, role_label
from insyn.web.register import packs
from insyn.web.register.actions import supply_record
from insyn.web.register.actions.common import fresh
from insyn.web.register.models import Act, Record

from .models import Countersignature


@dataclass(frozen=True)
class Seconds:
    """``wanted``: offices from which a second signature is needed, none when no gate asks. ``given``: the records that give it today."""

    wanted: tuple[Role, ...]
    given: tuple[Record, ...]

    @property
    def waits(self) -> bool:
        return bool(self.wanted) and not self.given


@transaction.atomic
def countersign_record(*, actor: Actor, record: Record, revision: int | None = None) -> Act:
    """Sign what another office has supplied: a second record of the same kind and words, in the actor's own name.

    Raises :class:`NotAllowed` for the same person, or an office that no gate names as the second; :class:`ActRefused` for what is signed
    twice or no longer holds.
    """
    require(actor, "record.countersign")
    system = fresh(record.system, revision)
    first = Record.objects.select_for_update().select_related("version").get(pk=record.pk, system=system)
    _may_second(actor, first)
    act = supply_record(
        actor=actor,
        system=system,
        kind=first.kind,
        content=first.content,
        case_number=first.case_number,
        valid_through=first.valid_through,
        version=first.version.name if first.version else "",
        public=first.public,
        verb="countersign_record",
        more={"countersigns": first.act_id},
    )
    Countersignature.objects.create(record=Record.objects.get(act=act), first=first)
    return act


def _may_second(actor: Actor, first: Record) -> None:
    today = clock.today()
    if not Record.objects.valid(today).filter(pk=first.pk).exists():
        raise ActRefused(_("The record is withdrawn or no longer holds. Nothing can be signed."))
    if first.person == actor.person:
        raise NotAllowed(_("A second signature is another person's. You have signed this record yourself."))
    found = seconds_of(first, on=today)
    if not found.wanted:
        raise ActRefused(_("No requirement asks for a second signature on this record."))
    if actor.role not in found.wanted:
        words = {"role": role_label(actor.role), "allowed": ", ".join(sorted(role_label(role) for role in found.wanted))}
        raise NotAllowed(_("%(role)s may not give the second signature here. It takes: %(allowed)s.") % words)
    if any(one.supplied_role == actor.role for one in found.given):
        raise ActRefused(_("The record is signed already by this office."))


def seconds_of(record: Record, *, on: date) -> Seconds:
    """What of a second signature is wanted and given. Any record of the kind from another person in such an office counts, as for the gate."""
    return seconds_of_each([record], on=on)[record.pk]


def seconds_of_each(records: Sequence[Record], *, on: date) -> dict[int, Seconds]:
    """:func:`seconds_of` of several records, by key, in as many queries as for one. Raises :class:`ActRefused` without packs."""
    found = {record.pk: Seconds((), ()) for record in records}
    about = [record for record in records if not hasattr(record, "countersigns")]
    if not about:
        return found
    rules = [rule.demands for pack in packs.in_force(clock.today()) for rule in pack.rules.values()]
    demands = [demand for demand in rules if demand and demand.second_from]
    kinds, systems = {record.kind for record in about}, {record.system_id for record in about}
    others: dict[tuple[int, str, int | None], list[Record]] = {}
    for other in Record.objects.valid(on).filter(system__in=systems, kind__in=kinds).select_related("act"):
        others.setdefault((other.system_id, other.kind, other.version_id), []).append(other)
    for record in about:
        asked = [demand for demand in demands if demand.record == record.kind]
        wanted = tuple(sorted({role for demand in asked for role in _others(demand, record)}))
        same = others.get((record.system_id, record.kind, record.version_id), ())
        given = tuple(other for other in same if other.supplied_role in wanted and other.person != record.person)
        found[record.pk] = Seconds(wanted, given)
    return found


def _others(demand: Demand, record: Record) -> Iterable[Role]:
    """Whoever comes first, the other side is what is missing."""
    if record.supplied_role in demand.supplied_by:
        return demand.second_from
    return demand.supplied_by if record.supplied_role in demand.second_from else ()
