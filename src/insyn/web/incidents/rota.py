"""Who can stop now, and on which of the coming days nobody can. Being on the list is not enough: the mandate and its record must hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, RecordKind, Role
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.models import Mandate, User
from insyn.web.accounts.permissions import require
from insyn.web.oversight.models import WideMandate
from insyn.web.register.actions.common import only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, Record, System

from . import checks
from .models import StopDuty

#: How many days ahead somebody must be on duty.
AHEAD = 30
LOWEST_PLACE = 20
RUNNING = (Phase.PILOT, Phase.IN_USE, Phase.PAUSED)


@dataclass(frozen=True)
class OnDuty:
    """One line of the list: the duty, and why the person cannot stop today although listed (empty: they can)."""

    duty: StopDuty
    why_not: str


@dataclass(frozen=True)
class Gap:
    """Days in a row on which nobody can stop; ``out_of_hours``: somebody can, but not outside office hours."""

    first: date
    last: date
    out_of_hours: bool


@dataclass(frozen=True)
class Rota:
    """A system's list today, and the gaps ahead."""

    system: System
    lines: tuple[OnDuty, ...]
    gaps: tuple[Gap, ...]


@transaction.atomic
def set_duty(
    *,
    actor: Actor,
    user: User,
    place: int,
    first_day: date,
    system: System | None = None,
    last_day: date | None = None,
    out_of_hours: bool = False,
    phone: str = "",
) -> StopDuty:
    """Put a person on the list of those who stop: the holder at place 1, then the substitutes in the order they are called."""
    require(actor, "stop_duty.set")
    _may_set(actor, system)
    if not 1 <= place <= LOWEST_PLACE:
        raise InvalidInput(_("Give a place between 1 and %(last)d.") % {"last": LOWEST_PLACE}, place="place")
    if first_day < clock.today():
        raise InvalidInput(_("The day has passed. A duty begins today or later."), place="first_day")
    if last_day is not None and last_day < first_day:
        raise InvalidInput(_("The last day lies before the first."), place="last_day")
    if not Mandate.objects.valid(first_day).filter(user=user, role=Role.STOP_HOLDER).exists():
        raise InvalidInput(_("%(person)s holds no mandate as stop holder on that day.") % {"person": user}, place="user")
    phone = checks.optional("phone", phone, most=40)
    if StopDuty.objects.covering(first_day, last_day or date.max).filter(user=user, system=system).exists():
        raise checks.done_already(_("%(person)s is on the list on some of these days") % {"person": user})
    text = {"person": user.person, "place": place, "first_day": first_day.isoformat(), "out_of_hours": out_of_hours}
    act = write_act(verb="set_duty", actor=actor, system=system, text={**text, "last_day": last_day.isoformat() if last_day else ""})
    return StopDuty.objects.create(
        system=system, user=user, place=place, first_day=first_day, last_day=last_day, out_of_hours=out_of_hours, phone=phone, act=act
    )


@transaction.atomic
def end_duty(*, actor: Actor, duty: StopDuty, why: str) -> Act:
    """Take a person off the list from today on."""
    require(actor, "stop_duty.set")
    duty = StopDuty.objects.select_for_update().select_related("user").get(pk=duty.pk)
    _may_set(actor, duty.system)
    if duty.ended_on is not None or (duty.last_day is not None and duty.last_day < clock.today()):
        raise checks.done_already(_("the duty has ended"))
    act = write_act(
        verb="end_duty",
        actor=actor,
        system=duty.system,
        text={"person": duty.user.person, "set_by": duty.act_id, "why": checks.text("why", why)},
    )
    duty.ended_on = clock.today()
    duty.save(update_fields=["ended_on"])
    return act


def _may_set(actor: Actor, system: System | None) -> None:
    if system is not None:
        only_own(actor, system)
    elif actor.role != Role.AI_COORDINATOR:
        raise NotAllowed(_("A duty for every system is set by the AI coordinator. Choose a system of yours."))


def rotas(systems: Iterable[System], on: date) -> list[Rota]:
    """The list of each system: five queries, however many systems."""
    systems = list(systems)
    last = on + timedelta(days=AHEAD - 1)
    duties = list(StopDuty.objects.covering(on, last).filter(Q(system=None) | Q(system__in=[system.pk for system in systems])))
    able = _Able([duty.user.person for duty in duties], systems)
    return [_rota(system, [duty for duty in duties if duty.system_id in (None, system.pk)], able, on) for system in systems]


def running_systems(**of: object) -> list[System]:
    """The systems that somebody must be able to stop; those of one owner, say, where there are many."""
    return list(System.objects.filter(phase__in=RUNNING, **of).select_related("owner", "office").order_by("name_sv"))


def _rota(system: System, duties: list[StopDuty], able: _Able, on: date) -> Rota:
    today = tuple(OnDuty(duty, able.why_not(system, duty.user, on)) for duty in sorted(duties, key=_place) if duty.covers(on))
    return Rota(system, today, tuple(_gaps(system, duties, able, on)))


def _place(duty: StopDuty) -> tuple[int, bool, int]:
    """A system's own list goes before the common one."""
    return (duty.place, duty.system_id is None, duty.pk)


def _gaps(system: System, duties: list[StopDuty], able: _Able, on: date) -> Iterable[Gap]:
    found: list[Gap] = []
    for day in (on + timedelta(days=ahead) for ahead in range(AHEAD)):
        there = [duty for duty in duties if duty.covers(day) and not able.why_not(system, duty.user, day)]
        if any(duty.out_of_hours for duty in there):
            continue
        gap = Gap(day, day, out_of_hours=bool(there))
        joined = found and found[-1].out_of_hours == gap.out_of_hours and found[-1].last == day - timedelta(days=1)
        if joined:
            gap = Gap(found.pop().first, day, gap.out_of_hours)
        found.append(gap)
    return found


class _Able:
    """The mandates and stop-mandate records of some persons, read once."""

    def __init__(self, people: Iterable[str], systems: Iterable[System]) -> None:
        people = set(people)
        self._mandates: dict[str, list[tuple[date, date]]] = {}
        held = Mandate.objects.filter(user__person__in=people, user__is_active=True, role=Role.STOP_HOLDER)
        for person, first, last in held.values_list("user__person", "first_day", "last_day"):
            self._mandates.setdefault(person, []).append((first, last or date.max))
        self._wide: dict[str, list[tuple[date, date]]] = {}
        for person, first, last in WideMandate.objects.filter(user__person__in=people, ended_on=None).values_list(
            "user__person", "first_day", "last_day"
        ):
            self._wide.setdefault(person, []).append((first, last))
        self._records: Mapping[tuple[int, str], list[tuple[date, date]]] = _records(people, systems)

    def why_not(self, system: System, user: User, day: date) -> str:
        """Why the person cannot stop the system that day; empty when they can."""
        if not any(first <= day <= last for first, last in self._mandates.get(user.person, ())):
            return _("no mandate as stop holder")
        held = (*self._records.get((system.pk, user.person), ()), *self._wide.get(user.person, ()))
        if not any(first <= day <= last for first, last in held):
            return _("no stop mandate recorded for this system")
        return ""


def _records(people: set[str], systems: Iterable[System]) -> dict[tuple[int, str], list[tuple[date, date]]]:
    found: dict[tuple[int, str], list[tuple[date, date]]] = {}
    rows = Record.objects.filter(Q(withdrawn_on=None), kind=RecordKind.STOP_MANDATE, system__in=[system.pk for system in systems])
    for row in rows:
        person = row.content.get("person", "")
        if person in people:
            told = row.content.get("last_day")
            ends = [end for end in (date.fromisoformat(str(told)) if told else None, row.valid_through) if end]
            found.setdefault((row.system_id, person), []).append((row.recorded_on, min(ends, default=date.max)))
    return found
