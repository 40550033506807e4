"""What to tell a reader about how a system stands today: the system's row, its stop, what its permit holds and the day in; words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from insyn.core.permit import End
from insyn.core.terms import Phase, Reach, StopScope
from insyn.web.oversight.models import StopOrder
from insyn.web.register import ends
from insyn.web.register.labels import label
from insyn.web.register.models import System

OPEN = (Phase.IN_USE, Phase.PILOT)


@dataclass(frozen=True)
class Status:
    """``key`` is for filters; ``tone`` colours the banner; ``word`` and ``lines`` say it in full without colour."""

    key: str
    tone: str
    word: str
    lines: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        return self.key == "in_use"

    @property
    def held(self) -> bool:
        """In use by decision, while every call is refused."""
        return self.key in ("overdue", "closed")


def status_of(system: System, stop: StopOrder | None, hold: ends.Hold | None, on: date) -> Status:
    """``stop`` is the stop in force, if there is one: it goes before everything but a system that is gone for good.

    ``hold``: of the newest permit. A system in use is said to run only while the gateway lets its calls through.
    """
    phase = Phase(system.phase)
    if phase in (Phase.RETIRED, Phase.ARCHIVED):
        return Status(
            "retired", "quiet", _("Retired"), (_("The system is no longer used. The page stays, so that what it did can be checked."),)
        )
    if phase is Phase.REFUSED:
        return Status("refused", "quiet", _("The municipality said no"), _why_refused(system))
    if stop is not None or phase is Phase.STOPPED:
        return _stopped(stop)
    if phase is Phase.PAUSED:
        return Status("paused", "warn", _("Paused"), (_("The system gets no answers until there is a decision to go on."),))
    if phase in OPEN:
        return _used(system, hold or ends.NONE, on)
    return Status(
        "not_approved", "warn", _("Not approved for use"), (_("The system may not touch any case. It still lacks what is listed below."),)
    )


def day_text(day: date) -> str:
    """A day in words, such as 11 mars 2026."""
    return formats.date_format(day, "j F Y")


def overdue(system: System, on: date) -> bool:
    """Whether the day of the next evaluation has passed, for a system that is in use."""
    return system.evaluation_due is not None and system.evaluation_due < on and Phase(system.phase) in OPEN


def _why_refused(system: System) -> tuple[str, ...]:
    return (system.refused_why,) if system.refused_why else (_("The reason is missing in the register."),)


def _stopped(stop: StopOrder | None) -> Status:
    if stop is None:
        return Status("stopped", "bad", _("Stopped"), (_("No answers are given."),))
    word = _("Stopped since %(day)s") % {"day": day_text(stop.day)}
    by = _("By: %(role)s.") % {"role": label("role", stop.role).lower()}
    why = stop.public_why or _("The reason has not been published yet.")
    held = {
        StopScope.SUPPLIER: (_("A stop of every system of the supplier holds it."),),
        StopScope.EVERYTHING: (_("A stop of every AI system of the municipality holds it."),),
    }.get(StopScope(stop.scope), ())
    return Status(
        "stopped", "bad", word, (*held, by, why, _("Cases are handled without the system. Only a formal decision can start it again."))
    )


def _used(system: System, hold: ends.Hold, on: date) -> Status:
    if Reach(system.reach) is Reach.CONTRACT_ONLY:
        return Status(
            "in_use_outside",
            "warn",
            _("In use, but not held by Insyn"),
            (
                _(
                    "Insyn cannot see or hold what is sent to this system. It is governed by contract, and a stop rests on people following a dated order."
                ),
            ),
        )
    if overdue(system, on):
        line = _("The evaluation was due on %(day)s. Until it is done the system gets no answers.") % {
            "day": day_text(system.evaluation_due)
        }
        others = [end for end in hold.ended(on) if end.what != "evaluation"]
        return Status("overdue", "warn", _("Held: the evaluation is overdue"), (line, *_also_ended(others, on)))
    if not hold.is_open(on):
        return _closed(hold, on)
    word = _("In use as a pilot") if system.phase == Phase.PILOT else _("In use")
    return Status("in_use", "good", word, (_("Every call is checked against this register and written in the log."),))


def _closed(hold: ends.Hold, on: date) -> Status:
    """In use by decision, and yet no call gets through: time has closed it, or something was taken away."""
    ended = hold.ended(on)
    if not ended:
        word = _("Held: something that use demands is missing")
        return Status(
            "closed", "warn", word, (_refused(), *(_("Missing: %(what)s.") % {"what": what} for what in ends.lacking(hold.missing)))
        )
    words = {"day": day_text(ends.since(ended)), "what": ends.told(ended, on)[0]}
    return Status("closed", "warn", _("Closed by itself since %(day)s: %(what)s") % words, (_refused(), *_also_ended(ended[1:], on)))


def _also_ended(ended: Sequence[End], on: date) -> tuple[str, ...]:
    return tuple(_("Also ended: %(what)s.") % {"what": what} for what in ends.told(ended, on))


def _refused() -> str:
    return _("Every call is refused until somebody has acted. Cases are handled without the system.")
