"""The acts of the delegation list and of deviations. Each: permission, one transaction, one act; permits follow at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor, Slug
from insyn.core.terms import Mode, RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile
from insyn.web.accounts.models import Office, User
from insyn.web.accounts.permissions import require
from insyn.web.register.actions.common import fresh, only_own
from insyn.web.register.actions.systems import strict_place
from insyn.web.register.acts import write_act
from insyn.web.register.issuing import act_on, renew
from insyn.web.register.models import Act, Record, System, new_id
from insyn.web.register.shapes import decision_day, iso_days, required, worded

from .deviations import check_last_day, rule_called
from .models import DelegationItem, Deviation, NeverAutomated
from .standing import offices_under
from .words import Delegable, DeviationState, HighestClass

MAX_WORDS = 5000
MAX_MATTERS = 50


@transaction.atomic
def adopt_delegation(
    *,
    actor: Actor,
    number: str,
    board: Office,
    what: str,
    text_sv: str,
    text_en: str,
    decided_on: date,
    first_day: date,
    case_number: str,
    office: Office | None = None,
    highest_class: str = HighestClass.MINIMAL,
    matter_types: Iterable[str] = (),
    last_day: date | None = None,
) -> Act:
    """Record an item of a board's delegation list, as the board decided it. An automated function names the matters that it may decide."""
    require(actor, "delegation.adopt")
    number, case_number = worded("number", number, 20), worded("case_number", case_number, 40)
    text_sv, text_en = worded("text_sv", text_sv, 400), worded("text_en", text_en, 400)
    _known(what, Delegable, "what")
    _known(highest_class, HighestClass, "highest_class")
    matters = _matters(matter_types)
    _fits(what, board, office, matters)
    _days(decided_on, first_day, last_day)
    if DelegationItem.objects.in_force(max(first_day, clock.today())).filter(board=board, number=number).exists():
        raise ActRefused(_("The board has an item %(number)s that holds. End it first.") % {"number": number})
    days = {"decided_on": decided_on, "first_day": first_day, "last_day": last_day}
    said = {"number": number, "what": str(what), "text_sv": text_sv, "text_en": text_en, "highest_class": str(highest_class)}
    text = {
        **said,
        "board": board.slug,
        "office": office.slug if office else "",
        "matter_types": matters,
        "case_number": case_number,
        **iso_days(days),
    }
    act = write_act(verb="adopt_delegation", actor=actor, text=text)
    DelegationItem.objects.create(board=board, office=office, matter_types=matters, case_number=case_number, act=act, **said, **days)
    _follow_automated(act, actor, board)
    return act


@transaction.atomic
def end_delegation(*, actor: Actor, item: DelegationItem, why: str, case_number: str, ended_on: date | None = None) -> Act:
    """Take an item back, from ``ended_on`` (today). Decisions taken on it stand; an automated mode that rests on it closes at once."""
    require(actor, "delegation.end")
    item = DelegationItem.objects.select_for_update().select_related("board").get(pk=item.pk)
    ended_on = ended_on or clock.today()
    if item.ended_on is not None:
        raise ActRefused(_("The item is ended already, from %(day)s.") % {"day": item.ended_on.isoformat()})
    if item.last_day is not None and item.last_day < clock.today():
        raise ActRefused(_("The item ended on %(day)s.") % {"day": item.last_day.isoformat()})
    if ended_on < clock.today():
        raise InvalidInput(_("The day has passed: decisions may have been taken on the item since."), place="ended_on")
    why, case_number = _words("why", why), worded("case_number", case_number, 40)
    text = {"item": item.pk, "number": item.number, "why": why, "case_number": case_number, "ended_on": ended_on.isoformat()}
    act_id = new_id()
    DelegationItem.objects.filter(pk=item.pk).update(ended_on=ended_on, ended_why=why, ending_id=act_id)
    return _narrow_first(act_id, "end_delegation", actor, text, item.board)


@transaction.atomic
def state_never_automated(*, actor: Actor, matter_type: str, why_sv: str, why_en: str, case_number: str, decided_on: date) -> Act:
    """Record that the municipality never leaves a type of matter to an automated function. Systems that do so narrow at once."""
    require(actor, "automation.forbid")
    [matter] = _matters([matter_type]) or [required("matter_type", "")]
    why_sv, why_en, case_number = _words("why_sv", why_sv), _words("why_en", why_en), worded("case_number", case_number, 40)
    decision_day(decided_on)
    if NeverAutomated.objects.filter(matter_type=matter, lifted_on=None).exists():
        raise ActRefused(_("This is decided already: %(name)s is never automated.") % {"name": matter})
    text = {"matter_type": matter, "why_sv": why_sv, "why_en": why_en, "case_number": case_number, "decided_on": decided_on.isoformat()}
    act_id = new_id()
    NeverAutomated.objects.create(
        matter_type=matter, why_sv=why_sv, why_en=why_en, case_number=case_number, decided_on=decided_on, act_id=act_id
    )
    return _narrow_first(act_id, "state_never_automated", actor, text)


@transaction.atomic
def lift_never_automated(*, actor: Actor, row: NeverAutomated, why: str, case_number: str) -> Act:
    """Record a new decision that the type of matter is no longer on the list. It delegates nothing by itself."""
    require(actor, "automation.forbid")
    row = NeverAutomated.objects.select_for_update().get(pk=row.pk)
    if row.lifted_on is not None:
        raise ActRefused(_("It is lifted already, on %(day)s.") % {"day": row.lifted_on.isoformat()})
    why, case_number = _words("why", why), worded("case_number", case_number, 40)
    text = {"matter_type": row.matter_type, "why": why, "case_number": case_number}
    act = write_act(verb="lift_never_automated", actor=actor, text=text)
    NeverAutomated.objects.filter(pk=row.pk).update(lifted_on=clock.today(), lifting=act)
    _follow_automated(act, actor)
    return act


@transaction.atomic
def propose_deviation(
    *, actor: Actor, system: System, rule: str, reason: str, risk: str, measures: str, last_day: date, revision: int | None = None
) -> Act:
    """Propose that the system deviates from one rule of a policy for a time. It has no effect before the owner accepts the risk."""
    require(actor, "deviation.propose")
    system = fresh(system, revision)
    only_own(actor, system)
    found = rule_called(system, rule, on=clock.today())
    reason, risk, measures = _words("reason", reason), _words("risk", risk), _words("measures", measures)
    check_last_day(last_day)
    if Deviation.objects.filter(system=system, rule=rule, state=DeviationState.PROPOSED).exists():
        raise ActRefused(_("A deviation from this rule is proposed already. The owner accepts it, or somebody ends it."))
    text = {"rule": rule, "reason": reason, "risk": risk, "measures": measures, "last_day": last_day.isoformat()}
    act_id = new_id()
    Deviation.objects.create(
        system=system,
        rule=rule,
        title_sv=found.title.sv[:300],
        title_en=found.title.en[:300],
        reason=reason,
        risk=risk,
        measures=measures,
        last_day=last_day,
        proposing_id=act_id,
    )
    return act_on(system, verb="propose_deviation", actor=actor, text=text, act_id=act_id)


@transaction.atomic
def accept_deviation(*, actor: Actor, deviation: Deviation, acceptance: str, revision: int | None = None) -> Act:
    """The system's owner takes the higher risk on themselves, in their own words. Nobody else can; from now on it has effect."""
    require(actor, "deviation.accept")
    deviation, system = _fresh_deviation(deviation, revision)
    only_own(actor, system)
    if deviation.state != DeviationState.PROPOSED:
        raise ActRefused(_("This is done already: the deviation is no longer only proposed."))
    acceptance = _words("acceptance", acceptance)
    check_last_day(deviation.last_day)
    rule_called(system, deviation.rule, on=clock.today())
    act_id, today = new_id(), clock.today()
    content = {
        "summary": deviation.reason,
        "principle": f"{deviation.title_sv} ({deviation.rule})",
        "measures": deviation.measures,
        "accepted_risk": acceptance,
        "last_day": deviation.last_day.isoformat(),
    }
    deviation.record = Record.objects.create(
        system=system,
        kind=RecordKind.DEVIATION,
        content=content,
        supplied_role=actor.role,
        person=actor.person,
        person_name=actor.name,
        recorded_on=today,
        valid_through=deviation.last_day,
        act_id=act_id,
    )
    deviation.state, deviation.accepted_on, deviation.acceptance = DeviationState.ACCEPTED, today, acceptance
    deviation.accepted_by, deviation.accepting_id = User.objects.get(person=actor.person), act_id
    deviation.save()
    text = {"deviation": deviation.pk, "rule": deviation.rule, "acceptance": acceptance, "last_day": deviation.last_day.isoformat()}
    return act_on(system, verb="accept_deviation", actor=actor, text=text, act_id=act_id)


@transaction.atomic
def end_deviation(*, actor: Actor, deviation: Deviation, why: str, revision: int | None = None) -> Act:
    """End a deviation, or withdraw one that is only proposed. What rests on it closes at once."""
    require(actor, "deviation.end")
    deviation, system = _fresh_deviation(deviation, revision)
    only_own(actor, system)
    if deviation.state == DeviationState.ENDED:
        raise ActRefused(_("The deviation is ended already."))
    why, act_id, today = _words("why", why), new_id(), clock.today()
    deviation.state, deviation.ended_on, deviation.ended_why, deviation.ending_id = DeviationState.ENDED, today, why, act_id
    deviation.save()
    if deviation.record_id:
        Record.objects.filter(pk=deviation.record_id, withdrawn_on=None).update(withdrawn_on=today)
    text = {"deviation": deviation.pk, "rule": deviation.rule, "why": why}
    return act_on(system, verb="end_deviation", actor=actor, text=text, act_id=act_id)


def _fresh_deviation(deviation: Deviation, revision: int | None) -> tuple[Deviation, System]:
    system = fresh(deviation.system, revision)
    try:
        return Deviation.objects.select_for_update().get(pk=deviation.pk, system=system), system
    except Deviation.DoesNotExist as error:
        raise ChangedMeanwhile(_("The deviation is no longer there.")) from error


def _narrow_first(act_id: str, verb: str, actor: Actor, text: dict[str, object], board: Office | None = None) -> Act:
    """Systems that stand open close first: a log that does not answer leaves no entry of an act that never was."""
    systems = _automated(board)
    for system in systems:
        renew(system, actor=actor, because=Act(id=act_id))
    return write_act(verb=verb, actor=actor, text={**text, "affected": [system.slug for system in systems]}, act_id=act_id)


def _follow_automated(act: Act, actor: Actor, board: Office | None = None) -> None:
    for system in _automated(board):
        renew(system, actor=actor, because=act)


def _automated(board: Office | None) -> list[System]:
    """Systems with an automated mode: of the offices that the board's list reaches, or all."""
    found = System.objects.select_related("owner", "office").order_by("slug")
    if board is not None:
        found = found.filter(office__in=offices_under(board))
    return [system for system in found if Mode.AUTOMATED in system.modes]


def _fits(what: str, board: Office, office: Office | None, matters: list[str]) -> None:
    if what == Delegable.AUTOMATED:
        if not matters:
            raise InvalidInput(_("Name the types of matter that the automated function may decide."), place="matter_types")
        if office is not None:
            raise InvalidInput(_("An automated function sits in no office. Leave this empty."), place="office")
        forbidden = sorted(set(matters) & set(NeverAutomated.objects.filter(lifted_on=None).values_list("matter_type", flat=True)))
        if forbidden:
            words = {"names": ", ".join(forbidden)}
            raise InvalidInput(_("The municipality has decided never to automate: %(names)s.") % words, place="matter_types")
    elif office is None:
        raise InvalidInput(_("Name the office whose officials may decide."), place="office")
    if board.kind not in (Office.Kind.BOARD, Office.Kind.COUNCIL, Office.Kind.COMPANY):
        raise InvalidInput(_("A board, the council or a company delegates; an administration does not."), place="board")


def _days(decided_on: date, first_day: date, last_day: date | None) -> None:
    decision_day(decided_on)
    if first_day < decided_on:
        raise InvalidInput(_("The item cannot hold before the board decided it."), place="first_day")
    if last_day is not None and last_day < first_day:
        raise InvalidInput(_("The last day lies before the first."), place="last_day")


def _matters(names: Iterable[str]) -> list[str]:
    found = sorted({str(name).strip() for name in names if str(name).strip()})
    if len(found) > MAX_MATTERS:
        raise InvalidInput(_("At most %(limit)d types of matter.") % {"limit": MAX_MATTERS}, place="matter_types")
    for name in found:
        strict_place("matter_types", name, Slug)
    return found


def _known(word: str, words: Iterable[str], place: str) -> None:
    if word not in set(words):
        raise InvalidInput(_("Choose one of the alternatives."), place=place)


def _words(place: str, text: str) -> str:
    return worded(place, text, MAX_WORDS)
