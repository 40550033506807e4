"""Reads: the queue of those who answer, what the public reads of messages, and how fast they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import median_low

from django.db.models import F, Q, QuerySet

from insyn.core.terms import Role
from insyn.web.accounts.models import Mandate, User
from insyn.web.accounts.permissions import PERMISSIONS
from insyn.web.needs.models import Need
from insyn.web.participation.models import Round
from insyn.web.register.models import System

from .models import Message
from .words import State

#: So many published answers stand on a record; the newest.
SHOWN = 20


def handled_by(user: User, on: date) -> QuerySet[Message]:
    """The messages that the person may answer."""
    roles = set(Mandate.objects.valid(on).filter(user=user).values_list("role", flat=True))
    rows = Message.objects.select_related("system__owner", "need", "round", "assigned", "act")
    if roles & ({str(role) for role in PERMISSIONS["feedback.handle"]} - {Role.SYSTEM_OWNER.value}):
        return rows
    return rows.filter(system__owner=user) if Role.SYSTEM_OWNER in roles else rows.none()


def handlers_of(message: Message, on: date) -> QuerySet[User]:
    """The people who may answer the message."""
    wide = [str(role) for role in PERMISSIONS["feedback.handle"] - {Role.SYSTEM_OWNER}]
    held = Mandate.objects.valid(on)
    found = Q(pk__in=held.filter(role__in=wide).values("user"))
    if message.system is not None:
        found |= Q(pk=message.system.owner_id, pk__in=held.filter(role=Role.SYSTEM_OWNER).values("user"))
    return User.objects.filter(found).order_by("last_name", "first_name")


@dataclass(frozen=True)
class Pace:
    """How many messages have come, and how fast they are answered. ``until``: only what was there before this day is counted.

    ``due`` counts those that are answered or whose day has passed; ``days`` is how soon half of the answers came, empty while there is none.
    """

    until: date
    received: int
    answered: int
    days: int | None
    due: int
    in_time: int

    @property
    def share(self) -> int | None:
        """Per cent answered in time, of those that are answered or late."""
        return round(100 * self.in_time / self.due) if self.due else None


def pace(until: date, system: System | None = None) -> Pace:
    """Of one system, or of everything. What was closed as no message is not counted; today is not, so that no figure tells of a moment."""
    rows = Message.objects.exclude(state=State.SPAM).filter(received_on__lt=until, suspected=False)
    if system is not None:
        rows = rows.filter(system=system)
    answered = rows.filter(answered_on__lt=until)
    spans = [(end - start).days for start, end in answered.values_list("received_on", "answered_on")]
    in_time = answered.filter(answered_on__lte=F("due_on")).count()
    late = rows.filter(due_on__lt=until).exclude(answered_on__lt=until).count()
    return Pace(
        until=until,
        received=rows.count(),
        answered=len(spans),
        days=median_low(spans) if spans else None,
        due=len(spans) + late,
        in_time=in_time,
    )


@dataclass(frozen=True)
class PublicFeedback:
    """What a page shows: published questions with their answers, and the figures where it has any."""

    shown: list[Message]
    pace: Pace | None


def public_feedback(on: date, *, system: System | None = None, need: Need | None = None, asked: Round | None = None) -> PublicFeedback:
    """Of one record, or of the site as a whole: then those about none of them, and the figures of everything."""
    rows = Message.objects.exclude(published_on=None).filter(system=system, need=need, round=asked)
    rows = rows.select_related("changed__act", "published").order_by("-published_on", "-pk")
    counted = pace(on, system) if need is None and asked is None else None
    return PublicFeedback(list(rows[:SHOWN]), counted)
