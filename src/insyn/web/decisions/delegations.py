"""Whether an official may take a decision: an item of the board's delegation list must cover it on the day of the decision.

Elected members decide for the board itself and need no item; so does an owner who only closes what is their own.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from insyn.core.messages import Actor
from insyn.core.terms import Mode, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate, Office
from insyn.web.language import spoken
from insyn.web.register import packs as rule_packs
from insyn.web.register.compiling import known_answers
from insyn.web.register.models import Decision, System

from .models import DelegationItem, OnDelegation
from .standing import automation_of, boards_over, class_of, matters_of, never_automated, why_not
from .words import CLASSES, DECISIONS, RANK, Delegable, HighestClass

#: As long as the column of a decision.
_SHOWN = 200


def item_behind(actor: Actor, what: Delegable, *, system: System, number: str, on: date) -> DelegationItem | None:
    """The item that an official's decision on the system rests on; ``None`` for whoever needs none.

    Raises :class:`NotAllowed` with what the item lacks.
    """
    if actor.role != Role.DELEGATE:
        return None
    item = item_for(actor, what, office=system.office, number=number, on=on)
    _reaches(item, system, on)
    return item


def item_for(actor: Actor, what: Delegable, *, office: Office, number: str, on: date) -> DelegationItem:
    """The item of this number that hands this decision, for this office's matters, to the actor's office on the day.

    Raises :class:`NotAllowed`.
    """
    words = {"number": number.strip() or "–", "what": DECISIONS[what], "day": on.isoformat(), "office": office.name}
    if not number.strip():
        raise NotAllowed(_("An official decides only on delegation. Name the item of the delegation list that covers: %(what)s.") % words)
    items = DelegationItem.objects.filter(number=number.strip()).select_related("board", "office")
    if not items:
        raise NotAllowed(_("The delegation list has no item %(number)s.") % words)
    items = [item for item in items if item.board_id in boards_over(office)]
    if not items:
        raise NotAllowed(_("Item %(number)s is another board's. It does not reach the systems of %(office)s.") % words)
    items = [item for item in items if item.what == what]
    if not items:
        raise NotAllowed(_("Item %(number)s does not cover this decision: %(what)s.") % words)
    items = [item for item in items if item.office_id in _offices_of(actor, on)]
    if not items:
        raise NotAllowed(_("Item %(number)s names another office than yours.") % words)
    items = [item for item in items if item.first_day <= on and (item.ends_on is None or item.ends_on >= on)]
    items = [item for item in items if item.ended_on is None or item.ended_on > clock.today()]  # taken back: no older day helps
    if not items:
        raise NotAllowed(_("Item %(number)s did not hold on %(day)s.") % words)
    return items[0]


def _offices_of(actor: Actor, on: date) -> frozenset[int]:
    held = Mandate.objects.valid(clock.today()).filter(user__person=actor.person, role=actor.role, first_day__lte=on)
    return frozenset(held.values_list("office", flat=True))


def _reaches(item: DelegationItem, system: System, on: date) -> None:
    """No item reaches above the class that it names, nor matters that it does not. A class that is not settled counts as high."""
    needed = max((_class_on(system, day) for day in (on, clock.today())), key=RANK.__getitem__)
    if RANK[needed] > RANK[HighestClass(item.highest_class)]:
        words = {"number": item.number, "reach": CLASSES[HighestClass(item.highest_class)]}
        raise NotAllowed(
            _(
                "Item %(number)s does not reach this system's class. It covers: %(reach)s. High risk, and what is not settled, is decided by elected members."
            )
            % words
        )
    outside = sorted(set(matters_of(system)) - set(item.matter_types)) if item.matter_types else []
    if outside:
        raise NotAllowed(
            _("Item %(number)s does not cover these types of matter: %(names)s.") % {"number": item.number, "names": ", ".join(outside)}
        )


def _class_on(system: System, day: date) -> HighestClass:
    binding = rule_packs.in_force(day)
    return class_of(binding, known_answers(system, binding), on=day)


def as_stated(item: DelegationItem | None, otherwise: str) -> str:
    """What stands in the decision: the item with its text, or what an elected member wrote."""
    return f"{item.number} {item.text_sv}"[:_SHOWN] if item else otherwise.strip()


def note_item(decision: Decision, item: DelegationItem | None) -> None:
    """Keep which item a decision rests on, so that the board can be told."""
    if item is not None:
        OnDelegation.objects.create(decision=decision, item=item)


def refuse_undelegated_automation(system: System) -> None:
    """An automated mode is decided only for types of matter that items name, and never for those that are never to be automated.

    Raises :class:`ActRefused`.
    """
    if Mode.AUTOMATED not in system.modes:
        return
    today = clock.today()
    binding = rule_packs.in_force(today)
    found = automation_of(system, class_of(binding, known_answers(system, binding), on=today), on=today)
    if not found.holds:
        raise ActRefused(
            _("The system cannot be used in automated mode. %(why)s Leave the mode out, or let the board decide.")
            % {"why": spoken(why_not(found))}
        )


def refuse_never_automated(system: System) -> None:
    """Nobody describes an automated mode for matters that the municipality has decided never to automate. Raises :class:`ActRefused`."""
    forbidden = sorted(set(matters_of(system)) & never_automated()) if Mode.AUTOMATED in system.modes else []
    if forbidden:
        raise ActRefused(
            _("The municipality has decided that these types of matter are never automated: %(names)s.") % {"names": ", ".join(forbidden)}
        )
