"""The acts of an inventory: open a round, name leads, answer, give more time, deal with what was reported, close; and competence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Reach, Role, SystemKind
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate, Office, User
from insyn.web.accounts.permissions import require, role_label
from insyn.web.portfolio.standing import ALIVE
from insyn.web.register.actions import register_system
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, System
from insyn.web.register.shapes import at_most, worded

from .competence import is_competent
from .models import Assignment, CompetenceRecord, Confirmed, ReportedSystem, Round

#: Offices of these kinds answer for themselves; a board answers through its administrations.
ASKED = (Office.Kind.ADMINISTRATION, Office.Kind.COMPANY)
#: A round comes back when so long has passed since the last one opened.
YEAR = timedelta(days=365)
#: An answer holds so many systems that the register did not know.
REPORTED = 200
_LONGEST_COMPETENCE = timedelta(days=5 * 366)


@transaction.atomic
def open_round(*, actor: Actor, due: date, title_sv: str = "", title_en: str = "") -> Act:
    """Ask every administration and company. Where one competent lead holds office there, it is theirs at once; elsewhere one is named.

    From the first round on, classifying and assessing take competence on record. Raises :class:`ActRefused` while another round is open.
    """
    require(actor, "inventory.open")
    today = clock.today()
    last = Round.objects.select_for_update().first()
    if last is not None and last.closed_on is None:
        raise ActRefused(_("%(title)s is open still. Close it first.") % {"title": last.title})
    if due <= today:
        raise InvalidInput(_("The day must lie ahead."), place="due")
    if due > today + YEAR:
        raise InvalidInput(_("At most a year ahead: the round comes back every year."), place="due")
    offices = list(Office.objects.filter(kind__in=ASKED).exclude(closed_on__lte=today).order_by("name_sv"))
    if not offices:
        raise ActRefused(_("There is no administration and no company to ask."))
    sv = at_most("title_sv", title_sv, 120) or f"Inventering {today.year}"
    en = at_most("title_en", title_en, 120) or f"Inventory {today.year}"
    text = {"title": sv, "due": due.isoformat(), "offices": [office.slug for office in offices], "repeat_of": last.pk if last else None}
    act = write_act(verb="open_inventory", actor=actor, text=text)
    opened = Round.objects.create(year=today.year, title_sv=sv, title_en=en, opens=today, due=due, repeat_of=last, act=act)
    Assignment.objects.bulk_create(Assignment(round=opened, office=office, lead=_only_lead(office, today), due=due) for office in offices)
    return act


def _only_lead(office: Office, on: date) -> User | None:
    leads = {mandate.user for mandate in _leads(office, on).select_related("user")}
    competent = [user for user in leads if is_competent(user.person, on)]
    return competent[0] if len(competent) == 1 else None


def _leads(office: Office, on: date) -> QuerySet[Mandate]:
    return Mandate.objects.valid(on).filter(office=office, role=Role.INVENTORY_LEAD)


@transaction.atomic
def assign_lead(*, actor: Actor, assignment: Assignment, lead: User) -> Act:
    """Name who answers for the office: somebody who leads inventories there, with competence on record."""
    require(actor, "inventory.assign")
    assignment, today = _held(assignment), clock.today()
    if assignment.state != Assignment.State.OPEN:
        raise ActRefused(_("The office has answered already."))
    if assignment.lead_id == lead.pk:
        raise ActRefused(_("%(person)s leads it already.") % {"person": lead})
    if not _leads(assignment.office, today).filter(user=lead).exists():
        words = {"person": lead, "role": role_label(Role.INVENTORY_LEAD), "office": assignment.office.name}
        raise InvalidInput(_("%(person)s holds no mandate as %(role)s at %(office)s.") % words, place="lead")
    if not is_competent(lead.person, today):
        raise InvalidInput(_("%(person)s has no competence on record that holds today. Record it first.") % {"person": lead}, place="lead")
    text = {"round": assignment.round_id, "office": assignment.office.slug, "person": lead.person}
    act = write_act(verb="assign_lead", actor=actor, text=text)
    Assignment.objects.filter(pk=assignment.pk).update(lead=lead)
    return act


@transaction.atomic
def answer_assignment(
    *,
    actor: Actor,
    assignment: Assignment,
    none: bool = False,
    statement: str = "",
    confirmed: Sequence[Mapping[str, Any]] = (),
    reported: Sequence[Mapping[str, Any]] = (),
) -> Act:
    """Answer for the office: the systems that it has, or none with a statement. After the day, or a closed round, it counts as late.

    ``confirmed`` [{system, still_right, note}] for what the register has; ``reported`` [{name, kind, purpose, supplier}] for the rest.
    Raises :class:`NotAllowed` for anybody but the office's own lead, :class:`ActRefused` for a second answer.
    """
    require(actor, "inventory.answer")
    assignment, today = _held(assignment), clock.today()
    _only_the_lead(actor, assignment, today)
    if assignment.state != Assignment.State.OPEN:
        raise ActRefused(_("The office has answered already. What has changed since is entered in the register."))
    statement = worded("statement", statement, 4000)
    checked, new = _confirmed(assignment, confirmed, none=none), _reported(reported)
    _whole(none=none, found=bool(new) or any(row["still_right"] for row in checked))
    late = today > assignment.due or assignment.round.closed_on is not None
    state = Assignment.State.LATE if late else Assignment.State.ANSWERED
    text = {
        "round": assignment.round_id,
        "office": assignment.office.slug,
        "none": none,
        "late": late,
        "statement": statement,
        "confirmed": [{**row, "system": row["system"].slug} for row in checked],
        "reported": new,
    }
    act = write_act(verb="answer_inventory", actor=actor, text=text)
    Confirmed.objects.bulk_create(Confirmed(assignment=assignment, **row) for row in checked)
    ReportedSystem.objects.bulk_create(ReportedSystem(assignment=assignment, **row) for row in new)
    Assignment.objects.filter(pk=assignment.pk).update(
        state=state, none=none, statement=statement, signed_name=actor.name, answered_on=today, answer=act
    )
    return act


def _only_the_lead(actor: Actor, assignment: Assignment, on: date) -> None:
    if assignment.lead is None:
        raise NotAllowed(
            _("Nobody is named to answer for %(office)s. The AI coordinator names somebody.") % {"office": assignment.office.name}
        )
    if assignment.lead.person != actor.person:
        words = {"person": assignment.lead, "office": assignment.office.name}
        raise NotAllowed(_("%(person)s answers for %(office)s, and nobody else.") % words)
    if not _leads(assignment.office, on).filter(user=assignment.lead).exists():
        words = {"person": assignment.lead, "role": role_label(Role.INVENTORY_LEAD), "office": assignment.office.name}
        raise NotAllowed(_("%(person)s holds no mandate as %(role)s at %(office)s.") % words)
    if not is_competent(actor.person, on):
        raise NotAllowed(_("%(person)s has no competence on record that holds today. Record it first.") % {"person": assignment.lead})


def _confirmed(assignment: Assignment, rows: Sequence[Mapping[str, Any]], *, none: bool) -> list[dict[str, Any]]:
    """Each system of the office that the register has, once: an answer that leaves one out is not whole."""
    mine = {system.pk: system for system in systems_asked_about(assignment.office)}
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        system = row["system"]
        if system.pk not in mine:
            raise InvalidInput(_("%(system)s is not a system of this office.") % {"system": system}, place="confirmed")
        note = at_most("confirmed", str(row.get("note", "")), 500)
        if not row["still_right"] and not note:
            raise InvalidInput(_("Say what is not right any more about %(system)s.") % {"system": system}, place="confirmed")
        found[system.pk] = {"system": system, "still_right": bool(row["still_right"]), "note": note}
    left = [system for key, system in mine.items() if key not in found]
    if left and none:
        raise InvalidInput(
            _("The register has systems of this office, such as %(system)s. Say of each whether it is still right.") % {"system": left[0]},
            place="none",
        )
    if left:
        raise InvalidInput(_("Say whether the register is still right about %(system)s.") % {"system": left[0]}, place="confirmed")
    return list(found.values())


def _reported(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    if len(rows) > REPORTED:
        raise InvalidInput(_("At most %(limit)d systems in one answer.") % {"limit": REPORTED}, place="reported")
    return [_one_reported(row, number) for number, row in enumerate(rows, 1)]


def _one_reported(row: Mapping[str, Any], number: int) -> dict[str, str]:
    place = f"reported[{number}]"
    found = {name: str(row.get(name, "")).strip() for name in ("name", "kind", "purpose", "supplier")}
    for name in ("name", "purpose"):
        if not found[name]:
            raise InvalidInput(_("Row %(number)d: a reported system needs a name and a purpose.") % {"number": number}, place=place)
    if found["kind"] not in set(SystemKind):
        raise InvalidInput(_("Row %(number)d: choose how the municipality came by the system.") % {"number": number}, place=place)
    for name, limit in (("name", 120), ("purpose", 400), ("supplier", 200)):
        at_most(place, found[name], limit)
    return found


def _whole(*, none: bool, found: bool) -> None:
    if none and found:
        raise InvalidInput(_("An answer names systems, or says that there are none; not both."), place="none")
    if not none and not found:
        raise InvalidInput(_("Name the systems, or say that there are none."), place="none")


def systems_asked_about(office: Office) -> QuerySet[System]:
    """The systems of the office that are, or may come, in use."""
    return System.objects.filter(office=office, phase__in=ALIVE).order_by("name_sv")


@transaction.atomic
def extend_assignment(*, actor: Actor, assignment: Assignment, due: date, why: str) -> Act:
    """Give an office more time, with the reason. A day can only move ahead."""
    require(actor, "inventory.assign")
    assignment = _held(assignment)
    if assignment.state != Assignment.State.OPEN:
        raise ActRefused(_("The office has answered already."))
    if assignment.round.closed_on is not None:
        raise ActRefused(_("The round is closed. An answer is still taken, as late."))
    if due <= max(assignment.due, clock.today() - timedelta(days=1)):
        raise InvalidInput(_("The new day must lie after the old one, and not in the past."), place="due")
    if due > clock.today() + YEAR:
        raise InvalidInput(_("At most a year ahead: the round comes back every year."), place="due")
    why = worded("why", why, 500)
    text = {"round": assignment.round_id, "office": assignment.office.slug, "due": due.isoformat(), "why": why}
    act = write_act(verb="extend_inventory", actor=actor, text=text)
    Assignment.objects.filter(pk=assignment.pk).update(due=due)
    return act


@transaction.atomic
def enter_reported(*, actor: Actor, reported: ReportedSystem, slug: str, owner: User, reach: Reach | str = Reach.CONTRACT_ONLY) -> Act:
    """Enter a reported system in the register, in the phase of assessment and with nothing approved. What the report lacks stays missing."""
    require(actor, "inventory.settle")
    reported = _unsettled(reported)
    if reach not in set(Reach):
        raise InvalidInput(_("Choose one of the alternatives."), place="reach")
    register_system(
        actor=actor,
        slug=slug,
        owner=owner,
        office=reported.assignment.office,
        name_sv=reported.name,
        name_en=reported.name,
        summary_sv=reported.purpose,
        summary_en=reported.purpose,
        kind=reported.kind,
        reach=str(reach),
        supplier=reported.supplier,
    )
    return _settle(actor, reported, system=System.objects.get(slug=slug))


@transaction.atomic
def settle_reported(*, actor: Actor, reported: ReportedSystem, system: System | None = None, why_not: str = "") -> Act:
    """Name the entry that a reported system belongs to, or say why it is none for the register."""
    require(actor, "inventory.settle")
    reported, why_not = _unsettled(reported), at_most("why_not", why_not, 500)
    if (system is None) == (not why_not):
        raise InvalidInput(_("Name the entry, or say why there is none; not both."), place="why_not")
    if system is not None and system.phase not in ALIVE:
        raise InvalidInput(
            _("%(system)s is refused or retired. What is used all the same is entered anew.") % {"system": system}, place="system"
        )
    return _settle(actor, reported, system=system, why_not=why_not)


def _unsettled(reported: ReportedSystem) -> ReportedSystem:
    found = ReportedSystem.objects.select_for_update().select_related("assignment__office").get(pk=reported.pk)
    if found.settled_id is not None:
        raise ActRefused(_("This is dealt with already."))
    return found


def _settle(actor: Actor, reported: ReportedSystem, *, system: System | None, why_not: str = "") -> Act:
    text = {"reported": reported.pk, "name": reported.name, "entry": system.slug if system else "", "why_not": why_not}
    act = write_act(verb="settle_reported", actor=actor, text=text, system=system)
    ReportedSystem.objects.filter(pk=reported.pk).update(system=system, why_not=why_not, settled=act)
    return act


@transaction.atomic
def close_round(*, actor: Actor, round_: Round, why: str = "") -> Act:
    """Close a round. With answers missing it takes a reason; they can still come, as late."""
    require(actor, "inventory.close")
    held = Round.objects.select_for_update().get(pk=round_.pk)
    if held.closed_on is not None:
        raise ActRefused(_("The round is closed already."))
    why = at_most("why", why, 500)
    left = list(held.assignments.filter(state=Assignment.State.OPEN).values_list("office__slug", flat=True))
    if left and not why:
        raise InvalidInput(_("%(number)d have not answered. Say why the round closes all the same.") % {"number": len(left)}, place="why")
    act = write_act(verb="close_inventory", actor=actor, text={"round": held.pk, "unanswered": left, "why": why})
    Round.objects.filter(pk=held.pk).update(closed_on=clock.today())
    return act


@transaction.atomic
def record_competence(*, actor: Actor, user: User, what: str, given_by: str, valid_through: date, first_day: date | None = None) -> Act:
    """Record what somebody has learnt, from whom and how long it counts. Nobody records their own."""
    require(actor, "competence.record")
    today = clock.today()
    first_day = first_day or today
    if user.person == actor.person:
        raise NotAllowed(_("Nobody records competence of their own. Another coordinator or the administrator does it."))
    what, given_by = worded("what", what, 300), worded("given_by", given_by, 200)
    if first_day > today:
        raise InvalidInput(_("The day lies ahead. Record it when it has been given."), place="first_day")
    if valid_through < max(first_day, today):
        raise InvalidInput(_("The day has passed."), place="valid_through")
    if valid_through > first_day + _LONGEST_COMPETENCE:
        raise InvalidInput(_("At most five years: what one has learnt ages."), place="valid_through")
    same = {"what": what, "given_by": given_by, "first_day": first_day, "valid_through": valid_through}
    if CompetenceRecord.objects.filter(user=user, withdrawn_on=None, **same).exists():
        raise ActRefused(_("This is recorded already."))
    told = {"person": user.person, "what": what, "given_by": given_by}
    act = write_act(
        verb="record_competence",
        actor=actor,
        text={**told, "first_day": first_day.isoformat(), "valid_through": valid_through.isoformat()},
    )
    CompetenceRecord.objects.create(user=user, act=act, **same)
    return act


@transaction.atomic
def withdraw_competence(*, actor: Actor, record: CompetenceRecord, why: str) -> Act:
    """Take a record of competence back; it counts no longer from today on."""
    require(actor, "competence.record")
    held = CompetenceRecord.objects.select_for_update().select_related("user").get(pk=record.pk)
    if held.withdrawn_on is not None:
        raise ActRefused(_("It is withdrawn already."))
    why = worded("why", why, 500)
    act = write_act(verb="withdraw_competence", actor=actor, text={"record": held.pk, "person": held.user.person, "why": why})
    CompetenceRecord.objects.filter(pk=held.pk).update(withdrawn_on=clock.today())
    return act


def _held(assignment: Assignment) -> Assignment:
    return Assignment.objects.select_for_update(of=("self",)).select_related("round", "office", "lead").get(pk=assignment.pk)
