"""Acts about stops. Each is one transaction with one act; a stop's act is made from its entry, never before it."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.entries import EntryHead, EntryKind
from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, StopOrder as Order
from insyn.core.scope import target_of
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import require
from insyn.web.register.acts import write_act, write_act_from_log
from insyn.web.register.models import System

from .models import Resume, StopCover, StopOrder
from .queries import in_force, may_stop_target, newest_like, newest_stop, stop_in_force, waiting_resume


@transaction.atomic
def record_stop_from_log(head: EntryHead, index: int, order: Order) -> StopOrder:
    """Make the act and the row of a stop that stands in the log. Doing it again changes nothing.

    ``head`` is the stop's public entry at ``index``, ``order`` its sealed text. Raises :class:`InvalidInput` when they do not belong
    together, and ``System.DoesNotExist`` for a system that the register does not know.
    """
    of = target_of(order)
    if head.kind != EntryKind.STOP or target_of(head) != of or not head.rid:
        raise InvalidInput(f"entry {index} is not the stop of {of.key!r}", place="entry")
    system = System.objects.get(slug=of.system) if of.system else None
    text = {"reason": order.reason, "via": order.via, "ordered_at": order.ordered_at, "order": order.order, "index": index}
    text |= {"scope": of.scope.value, "version": of.version, "purpose": of.purpose, "supplier": of.supplier}
    if order.entered_by is not None:
        text["entered_by"] = {"person": order.entered_by.person, "name": order.entered_by.name}
    act = write_act_from_log(
        act_id=head.rid, verb="order_stop", actor=order.actor, text=text, system=system, log_index=index, at=_moment(order.ordered_at)
    )
    stop, _made = StopOrder.objects.get_or_create(
        rid=head.rid,
        defaults={
            "scope": of.scope,
            "system": system,
            "version": of.version,
            "purpose": of.purpose,
            "supplier": of.supplier,
            "exercise": order.exercise,
            "entered_by": order.entered_by.name if order.entered_by else "",
            "index": index,
            "day": date.fromisoformat(head.day),
            "ordered_at": order.ordered_at,
            "via": order.via,
            "person": order.actor.person,
            "person_name": order.actor.name,
            "role": order.actor.role,
            "office": order.actor.office,
            "reason": order.reason,
            "act": act,
        },
    )
    return stop


@transaction.atomic
def explain_stop(*, actor: Actor, stop: StopOrder, why_sv: str, why_en: str) -> StopOrder:
    """Write what the public reads about why the system was stopped."""
    require(actor, "stop.order")
    if not may_stop_target(stop.target, actor.person, clock.today()):
        raise NotAllowed(_("You hold no mandate for this."))
    if not why_sv.strip():
        raise ActRefused(_("Write the explanation in Swedish; English is welcome too."))
    stop.public_why_sv, stop.public_why_en = why_sv.strip(), why_en.strip()
    stop.save(update_fields=["public_why_sv", "public_why_en"])
    write_act(
        verb="explain_stop", actor=actor, system=stop.system, text={"stop": stop.index, "sv": stop.public_why_sv, "en": stop.public_why_en}
    )
    return stop


@transaction.atomic
def record_cover_from_log(head: EntryHead, index: int) -> StopCover | None:
    """Note that a supplier's stop holds a system. ``None`` when the register knows neither the stop nor the system."""
    stop, system = StopOrder.objects.filter(rid=head.about).first(), System.objects.filter(slug=head.system).first()
    if stop is None or system is None:
        return None
    return StopCover.objects.get_or_create(index=index, defaults={"stop": stop, "system": system})[0]


def resume_system(*, actor: Actor, system: System, stop_index: int, why: str, case_number: str, decided_on: date | None = None) -> Resume:
    """Decide to lift the stop of the whole system at ``stop_index``; see :func:`lift_stop`."""
    stop = newest_stop(system)
    if stop is None or stop_in_force(system) is None:
        raise ActRefused(_("The system is not stopped, so there is nothing to lift."))
    return lift_stop(actor=actor, newest=stop, stop_index=stop_index, why=why, case_number=case_number, decided_on=decided_on)


@transaction.atomic
def lift_stop(*, actor: Actor, newest: StopOrder, stop_index: int, why: str, case_number: str, decided_on: date | None = None) -> Resume:
    """Decide to lift the stop at ``stop_index``, which must be the newest of its kind. In effect when the decision stands in the log.

    It lifts what that stop is of and nothing else. The sequencer refuses it if a newer stop came in between. Raises :class:`ActRefused`.
    """
    mandate = require(actor, "stop.lift")
    stop = newest_like(newest)
    if stop.index != stop_index:
        raise ActRefused(_("A newer stop has come: number %(index)d in the log. The decision must name that one.") % {"index": stop.index})
    if not in_force([stop]):
        raise ActRefused(_("The stop has been lifted already, so there is nothing to lift."))
    if waiting_resume(stop) is not None:
        raise ActRefused(_("A decision to lift this stop is already on its way to the log."))
    if not why.strip() or not case_number.strip():
        raise ActRefused(_("A decision needs its reasons and a case number."))
    decided_on = decided_on or clock.today()
    text = {"stop": stop_index, "why": why.strip(), "case_number": case_number.strip(), "decided_on": decided_on.isoformat()}
    act = write_act(verb="resume_system", actor=actor, system=stop.system, text=text, resume_of=stop_index, lifts=stop.target)
    return Resume.objects.create(
        stop=stop,
        decided_on=decided_on,
        case_number=case_number.strip(),
        why=why.strip(),
        decider_name=actor.name,
        decider_office=mandate.office.name_sv,
        act=act,
    )


def _moment(text: str) -> datetime | None:
    """The time of the order as it was written down; None when it is no time with a zone, and then the act bears the time of recording."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
