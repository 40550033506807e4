"""What the register knows about stops. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from insyn.core.scope import WIDE, Target
from insyn.core.terms import Phase, RecordKind, StopScope
from insyn.web.register.issuing import issued, newest_permits
from insyn.web.register.models import Record, System

from .models import Resume, StopCover, StopOrder, WideMandate

#: Scopes that leave the rest of a system running.
PARTS = (StopScope.VERSION, StopScope.PURPOSE)
_WIDEST_FIRST = (StopScope.EVERYTHING, StopScope.SUPPLIER, StopScope.SYSTEM, StopScope.PURPOSE, StopScope.VERSION)


def newest_stop(system: System) -> StopOrder | None:
    """The stop of the whole system with the highest index, lifted or not."""
    return StopOrder.objects.filter(system=system, scope=StopScope.SYSTEM).order_by("-index").first()


def newest_like(stop: StopOrder) -> StopOrder:
    """The newest stop of exactly the same thing."""
    names = {"scope": stop.scope, "system": stop.system_id, "version": stop.version, "purpose": stop.purpose, "supplier": stop.supplier}
    return StopOrder.objects.filter(**names).order_by("-index").first() or stop


def in_force(stops: Iterable[StopOrder]) -> list[StopOrder]:
    """Those of them that are the newest of their kind and not lifted: two queries. A resume lifts every earlier stop of that kind too."""
    newest: dict[tuple[object, ...], StopOrder] = {}
    for stop in sorted(stops, key=lambda stop: stop.index):
        newest[(stop.scope, stop.system_id, stop.version, stop.purpose, stop.supplier)] = stop
    lifted = set(_lifting().filter(stop__in=newest.values()).values_list("stop_id", flat=True))
    return [stop for stop in newest.values() if stop.pk not in lifted]


def _lifting() -> QuerySet[Resume]:
    return Resume.objects.filter(act__log_index__isnull=False, act__outbox__resume_of__isnull=False)


def wide_stops_in_force() -> list[StopOrder]:
    """Stops of suppliers and of everything that stand."""
    return in_force(StopOrder.objects.filter(scope__in=WIDE))


def stops_over(system: System) -> list[StopOrder]:
    """Every stop in force that holds the system or a part of it, the widest first."""
    own = in_force(StopOrder.objects.filter(system=system).select_related("system"))
    wide = [stop for stop in wide_stops_in_force() if stop.scope == StopScope.EVERYTHING or stop.covers.filter(system=system).exists()]
    return sorted((*wide, *own), key=lambda stop: (_WIDEST_FIRST.index(stop.scope), -stop.index))


def stops_that_held(system: System) -> QuerySet[StopOrder]:
    """Every stop that ever held the system or a part of it, the newest first."""
    found = Q(system=system) | Q(covers__system=system) | Q(scope=StopScope.EVERYTHING)
    return StopOrder.objects.filter(found).select_related("system").distinct()


def stop_in_force(system: System) -> StopOrder | None:
    """A stop in force that holds the whole system: its own, its supplier's, or that of everything."""
    return stops_in_force([system]).get(system.pk)


def stops_in_force(systems: Iterable[System]) -> dict[int, StopOrder]:
    """The stop that holds each whole system that is held, by the system's key: a few queries, however many systems."""
    keys = [system.pk for system in systems]
    wide = wide_stops_in_force()
    everything = next((stop for stop in wide if stop.scope == StopScope.EVERYTHING), None)
    found = dict.fromkeys(keys, everything) if everything else {}
    by_key = {stop.pk: stop for stop in wide}
    if by_key:
        covers = StopCover.objects.filter(stop__supplier__in=[stop.supplier for stop in wide if stop.supplier], system__in=keys)
        standing = {stop.supplier: stop for stop in wide if stop.supplier}
        found |= {
            cover.system_id: standing[cover.stop.supplier] for cover in covers.select_related("stop") if _still_holds(cover, standing)
        }
    own = in_force(StopOrder.objects.filter(system__in=keys, scope=StopScope.SYSTEM))
    return {key: stop for key, stop in (found | {stop.system_id: stop for stop in own}).items() if stop is not None}


def _still_holds(cover: StopCover, standing: dict[str, StopOrder]) -> bool:
    """A cover is of one stop; a newer stop of the same supplier covers anew whom the older one held."""
    return cover.stop_id == standing[cover.stop.supplier].pk


def systems_stopped() -> list[int]:
    """The keys of every system under a stop. As much work as there are stops, however many systems there are; all, where everything stands still."""
    wide = wide_stops_in_force()
    if any(stop.scope == StopScope.EVERYTHING for stop in wide):
        return list(System.objects.values_list("pk", flat=True))
    newer = StopOrder.objects.filter(system=OuterRef("system"), scope=StopScope.SYSTEM, index__gt=OuterRef("index"))
    lifted = _lifting().filter(stop=OuterRef("pk"))
    own = StopOrder.objects.filter(~Exists(newer), ~Exists(lifted), scope=StopScope.SYSTEM).values_list("system", flat=True)
    held = StopCover.objects.filter(stop__in=wide).values_list("system", flat=True) if wide else ()
    return list({*own, *held})


def waiting_resume(stop: StopOrder) -> Resume | None:
    """A decision to lift the stop that is on its way to the log. One that came too late has lost its ``resume_of`` and is not."""
    return stop.resumes.filter(act__log_index=None, act__outbox__resume_of__isnull=False).first()


def may_stop(system: System, person: str, on: date) -> bool:
    """Whether the newest permit names the person as stop holder, or a wide mandate does. Before there is a permit, the role alone is enough."""
    permit = issued(system)
    return (
        permit is None
        or any(held.person == person and held.last_day >= on.isoformat() for held in permit.stop_holders)
        or is_wide(person, on)
    )


def is_wide(person: str, on: date) -> bool:
    """Whether the person holds a wide mandate that day."""
    return WideMandate.objects.filter(user__person=person, ended_on=None, first_day__lte=on, last_day__gte=on).exists()


def may_stop_target(of: Target, person: str, on: date) -> bool:
    """Whether the person may order, and speak of, a stop of this: as the sequencer judges it."""
    if not of.wide:
        return may_stop(System.objects.get(slug=of.system), person, on)
    if is_wide(person, on):
        return True
    over = [permit for permit in newest_permits() if of.scope is StopScope.EVERYTHING or of.supplier in permit.suppliers]
    return all(any(held.person == person and held.last_day >= on.isoformat() for held in permit.stop_holders) for permit in over)


def may_review(system: System, person: str, on: date) -> bool:
    """Whether the newest permit names the person as reviewer: mandate, instruction and training all hold."""
    permit = issued(system)
    return permit is not None and any(held.person == person and held.last_day >= on.isoformat() for held in permit.reviewers)


def systems_to_review(person: str, on: date) -> list[System]:
    """The systems whose proposals the person may decide."""
    return [system for system in named_in(person) if may_review(system, person, on)]


def named_in(person: str) -> list[System]:
    """The systems in which a record of human oversight names the person, or ever did: nobody reviews in another. By name."""
    told = Record.objects.filter(kind=RecordKind.HUMAN_OVERSIGHT).annotate(told=Cast("content", TextField()))
    named = told.filter(told__contains=f'"{person}"').values("system")
    return list(System.objects.filter(pk__in=named).exclude(phase__in=(Phase.REFUSED, Phase.ARCHIVED)).order_by("name_sv", "pk"))
