"""What the register knows about stops. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef

from insyn.core.terms import Phase
from insyn.web.register.issuing import issued
from insyn.web.register.models import System

from .models import Resume, StopOrder


def newest_stop(system: System) -> StopOrder | None:
    """The stop with the highest index, lifted or not."""
    return StopOrder.objects.filter(system=system).order_by("-index").first()


def stop_in_force(system: System) -> StopOrder | None:
    """The newest stop unless a decision to lift it stands in the log. A resume lifts every earlier stop too."""
    return stops_in_force([system]).get(system.pk)


def stops_in_force(systems: Iterable[System]) -> dict[int, StopOrder]:
    """The stop in force of each system that has one, by the system's key: two queries, however many systems."""
    keys = [system.pk for system in systems]
    newest: dict[int, StopOrder] = {}
    for stop in StopOrder.objects.filter(system__in=keys).order_by("index"):
        newest[stop.system_id] = stop
    lifted = set(
        Resume.objects.filter(stop__in=newest.values(), act__log_index__isnull=False, act__outbox__resume_of__isnull=False).values_list(
            "stop_id", flat=True
        )
    )
    return {key: stop for key, stop in newest.items() if stop.pk not in lifted}


def systems_stopped() -> list[int]:
    """The keys of every system under a stop. As much work as there are stops, however many systems there are."""
    newer = StopOrder.objects.filter(system=OuterRef("system"), index__gt=OuterRef("index"))
    lifted = Resume.objects.filter(stop=OuterRef("pk"), act__log_index__isnull=False, act__outbox__resume_of__isnull=False)
    return list(StopOrder.objects.filter(~Exists(newer), ~Exists(lifted)).values_list("system", flat=True))


def waiting_resume(stop: StopOrder) -> Resume | None:
    """A decision to lift the stop that is on its way to the log. One that came too late has lost its ``resume_of`` and is not."""
    return stop.resumes.filter(act__log_index=None, act__outbox__resume_of__isnull=False).first()


def may_stop(system: System, person: str, on: date) -> bool:
    """Whether the newest permit names the person as stop holder. Before there is a permit, the mandate alone is enough."""
    permit = issued(system)
    return permit is None or any(held.person == person and held.last_day >= on.isoformat() for held in permit.stop_holders)


def may_review(system: System, person: str, on: date) -> bool:
    """Whether the newest permit names the person as reviewer: mandate, instruction and training all hold."""
    permit = issued(system)
    return permit is not None and any(held.person == person and held.last_day >= on.isoformat() for held in permit.reviewers)


def systems_to_review(person: str, on: date) -> list[System]:
    """The systems whose proposals the person may decide."""
    systems = System.objects.exclude(phase__in=(Phase.REFUSED, Phase.ARCHIVED)).order_by("name_sv")
    return [system for system in systems if may_review(system, person, on)]
