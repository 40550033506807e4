"""Reads: a person's own requests, the queue, and the figures of how it went."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from insyn.web.register.models import System

from .counting import Outcomes, Settled, count
from .employees import systems_of_work
from .models import RightsRequest
from .words import RequestKind, RequestState

if TYPE_CHECKING:  # the residents' app reads requests too
    from insyn.web.residents.standing import Resident

_WITH = ("system", "act", "answer_act", "code")


def requests_of(resident: Resident) -> list[RightsRequest]:
    """What the person has asked for, the newest first: by token, and about the records that this letter's code opens."""
    return list(own_requests(resident).order_by("-id"))


def own_requests(resident: Resident) -> QuerySet[RightsRequest]:
    """The rows that the person may see. A new letter about the same case shows what was asked with the old one."""
    rows = RightsRequest.objects.select_related(*_WITH).prefetch_related("additions")
    if resident.code is not None:
        return rows.filter(Q(code=resident.code) | Q(system=resident.code.system_id, rid__in=resident.code.rids))
    return rows.filter(token__in=resident.tokens).exclude(token="")


def request_of(resident: Resident, receipt: str) -> RightsRequest | None:
    """One of them; nothing for another person's."""
    return own_requests(resident).filter(receipt=receipt).first()


def open_requests(systems: Iterable[System]) -> list[RightsRequest]:
    """What waits for whoever reviews the systems, the oldest first. Not of systems that concern employees: those leave the line."""
    systems = list(systems)
    asked = (RequestKind.HUMAN_REVIEW, RequestKind.RECONSIDERATION, RequestKind.CORRECTION, RequestKind.EXPLANATION)
    mine = {system.pk for system in systems} - systems_of_work(systems)
    return list(RightsRequest.objects.filter(system__in=mine, state=RequestState.OPEN, kind__in=asked).select_related("system", "act"))


def outcomes(system: System | None = None) -> Outcomes:
    """How requests about the system went (all systems without one), with small cells hidden: for the public, the board and supervision."""
    return count(settled_of(system))


def settled_of(system: System | None = None) -> list[Settled]:
    """Answered requests in the order in which they were settled. Extracts that the person made alone are no answer of the office."""
    rows = RightsRequest.objects.filter(state=RequestState.ANSWERED).exclude(kind=RequestKind.EXTRACT, answer="")
    if system is not None:
        rows = rows.filter(system=system)
    told = rows.order_by("answered_on", "id").values_list("kind", "asked_on", "answered_on", "due", "outcome", "changed")
    return [Settled(*one) for one in told]


def open_count(system: System) -> int:
    """How many requests about the system wait."""
    return RightsRequest.objects.filter(system=system, state=RequestState.OPEN).count()
