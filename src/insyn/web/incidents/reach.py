"""How far Insyn reaches a use of a system, and what that asks for where calls cannot be held. Reads; changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from insyn.core.permit import End
from insyn.core.refusals import Reason, RefusalCode, reason
from insyn.core.terms import Reach, Role
from insyn.core.text import Text
from insyn.web.register.models import System

from .models import StopRoute

#: What a permit calls the end of the arrangement; a refusal shows it.
WHAT = "stop_route"
NO_ROUTE = Text(
    "Insyn håller inte anropen till systemet, så ett stopp är en order till en namngiven människa. Ingen stoppväg gäller. Systemägaren eller AI-samordnaren anger den: vem som får ordern, hur den nås dygnet runt och hur snabbt den lovar att ha stoppat.",
    "Insyn does not hold the calls of this system, so a stop is an order to a named person. No way to stop is in force. The owner or the AI coordinator sets it: who is ordered, how they are reached at any hour, and how soon they promise to have stopped it.",
)
EVERY_CALL = Text(
    "Systemet är, eller kan vara, av hög risk: då ska varje anrop hållas, och loggar som förs in i efterhand räcker inte. Svara på de frågor som är öppna, eller välj en annan räckvidd.",
    "The system is, or may be, of high risk: then every call must be held, and logs imported afterwards are not enough. Answer the questions of fact that are open, or choose another reach.",
)


@dataclass(frozen=True)
class ReachLimits:
    """What the reach of a use adds to its permit."""

    ends: tuple[End, ...] = ()
    lacking: tuple[Reason, ...] = ()


def rests_on_people(system: System) -> bool:
    """Does stopping this system take a person who obeys an order?"""
    return Reach(system.reach) is not Reach.EVERY_CALL


def route_of(system: System, on: date) -> StopRoute | None:
    """The arrangement in force, if there is one."""
    return StopRoute.objects.in_force(on).filter(system=system).select_related("to_user", "act").first()


def route_lacking(system: System, on: date) -> tuple[Reason, ...]:
    """Why a use may not be decided or go on: it rests on people, and nobody is appointed to obey. Empty when nothing is in the way."""
    if not rests_on_people(system) or route_of(system, on) is not None:
        return ()
    return (reason(RefusalCode.MANDATE_ENDED, detail=NO_ROUTE),)


def reach_limits(system: System, on: date, may_be_high_risk: Callable[[], bool]) -> ReachLimits:
    """For a permit. Time closes by itself: with the technician's last mandate the arrangement ends, and with it what is allowed."""
    if not rests_on_people(system):
        return ReachLimits()
    lacking = route_lacking(system, on)
    if Reach(system.reach) is Reach.IMPORTED_LOGS and may_be_high_risk():
        lacking = (*lacking, reason(RefusalCode.NOT_APPROVED, detail=EVERY_CALL))
    last = _last_day(route_of(system, on), on)
    ends = () if last is None else (End(last_day=last.isoformat(), code=RefusalCode.MANDATE_ENDED, what=WHAT),)
    return ReachLimits(ends, lacking)


def _last_day(route: StopRoute | None, on: date) -> date | None:
    """The last day of the technician's longest mandate; ``None`` for no end."""
    if route is None or route.to_user is None:
        return None
    days = list(route.to_user.mandates.valid(on).filter(role=Role.TECHNICIAN).values_list("last_day", flat=True))
    return None if None in days else max(days)
