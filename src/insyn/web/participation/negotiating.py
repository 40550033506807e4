"""Acts of negotiation with the unions.

1. The employer invites, for each union by itself; no union with a collective agreement may be left out.
2. The employer writes the minutes; the union approves them, signed in as itself. New minutes need a new approval.
3. The union says whether it agrees. Nobody else can.
4. Without agreement the union may ask for central negotiation; the employer records its end.
5. The negotiation is closed by the union, or by the employer where the union agrees or the negotiation has come to its recorded end.
6. When that holds for every union, the record that the gates ask for is supplied, and the permit follows.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Phase, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, ChangedMeanwhile, NotAllowed
from insyn.web.accounts.models import Mandate, Office
from insyn.web.accounts.permissions import require
from insyn.web.register.actions.common import fresh, only_own
from insyn.web.register.acts import write_act
from insyn.web.register.models import Act, System

from .counting import parties, started
from .models import Negotiation, UnionParty
from .supplying import supply_when_all_are_closed
from .texts import plain_text
from .words import End, Section, Stance, State

#: Insyn's own least time for a union to ask for central negotiation. No law pack sets one; agreements often give more.
LEAST_DAYS_TO_ASK = 7
_GONE = frozenset({Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED})
_OPEN_FOR_WORD = frozenset({State.MET, State.AGREED, State.DISAGREED})


@transaction.atomic
def record_party(*, actor: Actor, union: Office, has_agreement: bool, why: str, from_day: date | None = None) -> Act:
    """Record whether a union has a collective agreement. Until somebody does, every union counts as one that has."""
    require(actor, "union.party")
    from_day = _not_to_come("from_day", from_day or clock.today())
    if union.kind != Office.Kind.UNION:
        raise InvalidInput(_("The office is not a union."), place="union")
    newest = union.party_rows.order_by("-from_day", "-pk").first()
    if (newest.has_agreement if newest else True) == has_agreement:
        raise ActRefused(_("That is what stands already."))
    if newest is not None and from_day < newest.from_day:
        raise InvalidInput(_("A newer statement stands from %(day)s.") % {"day": newest.from_day}, place="from_day")
    text = {"union": union.slug, "has_agreement": has_agreement, "from_day": from_day.isoformat(), "why": plain_text("why", why)}
    act = write_act(verb="record_party", actor=actor, text=text)
    UnionParty.objects.create(office=union, has_agreement=has_agreement, from_day=from_day, why=text["why"], act=act)
    return act


@transaction.atomic
def invite_unions(
    *,
    actor: Actor,
    system: System,
    section: str,
    unions: Iterable[Office],
    subject: str,
    invited_on: date | None = None,
    case_number: str = "",
) -> Act:
    """Begin a negotiation with each of the unions. Raises :class:`InvalidInput` where one with a collective agreement is left out."""
    require(actor, "negotiation.lead")
    system = fresh(system, None)
    only_own(actor, system)
    if system.phase in _GONE:
        raise ActRefused(_("The system is out of use. There is nothing to negotiate about."))
    if section not in Section.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="section")
    invited_on = _not_to_come("invited_on", invited_on or clock.today())
    unions = list(unions)
    _check_unions(system, section, unions)
    text = {
        "section": str(section),
        "unions": [union.slug for union in unions],
        "subject": plain_text("subject", subject),
        "invited_on": invited_on.isoformat(),
        "case_number": case_number.strip()[:40],
    }
    act = write_act(verb="invite_unions", actor=actor, system=system, text=text)
    for union in unions:
        Negotiation.objects.create(
            system=system,
            section=section,
            union=union,
            subject=text["subject"],
            case_number=text["case_number"],
            invited_on=invited_on,
            invited_by=actor.name,
            begun=act,
        )
    return act


def _check_unions(system: System, section: str, unions: list[Office]) -> None:
    today = clock.today()
    may = parties(section, today)
    if not unions:
        raise InvalidInput(_("Choose one union or more."), place="unions")
    for union in unions:
        if union not in may:
            raise InvalidInput(_("%(union)s is no party under this section.") % {"union": union}, place="unions")
    running = Negotiation.objects.filter(system=system, section=section, union__in=unions).exclude(state=State.CLOSED)
    if names := [str(row.union) for row in running.select_related("union")]:
        raise ActRefused(_("Already invited: %(unions)s.") % {"unions": ", ".join(names)})
    if section == Section.S13:  # whom the matter specially concerns is for the employer to say
        return
    left_out = [str(union) for union in may if union not in unions and union.pk not in started(system, section)]
    if left_out:
        words = {"unions": ", ".join(left_out)}
        raise InvalidInput(
            _("These unions have a collective agreement too: %(unions)s. Each is invited, or the administrator records that it has none.")
            % words,
            place="unions",
        )


@transaction.atomic
def record_meeting(
    *,
    actor: Actor,
    negotiation: Negotiation,
    met_on: date,
    minutes: str,
    requests: str = "",
    answer: str = "",
    central_by: date | None = None,
    central_ground: str = "",
    revision: int | None = None,
) -> Act:
    """Write the minutes, or write them again: the union then approves the new ones."""
    require(actor, "negotiation.lead")
    row = _locked(negotiation, revision)
    only_own(actor, row.system)
    if row.state not in (State.INVITED, State.MET):
        raise ActRefused(_("The union has given its word on the minutes. They cannot be written again."))
    row.met_on = _not_to_come("met_on", met_on)
    if row.met_on < row.invited_on:
        raise InvalidInput(_("The meeting is dated before the invitation of %(day)s.") % {"day": row.invited_on}, place="met_on")
    row.minutes = plain_text("minutes", minutes)
    row.requests = plain_text("requests", requests, required=False)
    row.answer = plain_text("answer", answer, required=False)
    if row.requests and not row.answer:
        raise InvalidInput(_("Answer what the union asks for."), place="answer")
    row.central_by, row.central_ground = _time_to_ask(central_by, central_ground)
    row.state, row.approved, row.minutes_version = State.MET, None, row.minutes_version + 1
    text = {
        "met_on": row.met_on.isoformat(),
        "minutes": row.minutes,
        "requests": row.requests,
        "answer": row.answer,
        "central_by": row.central_by.isoformat() if row.central_by else "",
        "central_ground": row.central_ground,
        "version": row.minutes_version,
    }
    return _done(row, "record_meeting", actor, text)


def _time_to_ask(last_day: date | None, ground: str) -> tuple[date | None, str]:
    if last_day is None:
        return None, ""
    if last_day < clock.today() + timedelta(days=LEAST_DAYS_TO_ASK):
        raise InvalidInput(_("Give the union at least %(days)d days from today.") % {"days": LEAST_DAYS_TO_ASK}, place="central_by")
    return last_day, plain_text("central_ground", ground, limit=200)


@transaction.atomic
def approve_minutes(*, actor: Actor, negotiation: Negotiation, version: int, revision: int | None = None) -> Act:
    """The union approves the minutes in the version that it has read."""
    _mandate_of(actor, negotiation)
    row = _locked(negotiation, None)
    if row.state == State.INVITED:
        raise ActRefused(_("There are no minutes yet. The employer writes them after the meeting."))
    if row.approved is not None and row.minutes_version == version:
        raise ActRefused(_("The minutes are approved already."))
    if row.state not in _OPEN_FOR_WORD:
        raise ActRefused(_("The negotiation has gone on. The minutes stand as they are."))
    if version != row.minutes_version:
        raise ChangedMeanwhile(_("The minutes were written again after you opened the page. Read the new ones."))
    act = write_act(verb="approve_minutes", actor=actor, system=row.system, text=_named(row) | {"version": version})
    row.approved = act
    _save(row)
    return act


@transaction.atomic
def state_for_union(*, actor: Actor, negotiation: Negotiation, stance: str, statement: str, revision: int | None = None) -> Act:
    """The union says whether it agrees, by its own representative. It may change its word until the negotiation is closed."""
    _mandate_of(actor, negotiation)
    row = _locked(negotiation, None)
    if stance not in Stance.values:
        raise InvalidInput(_("Choose one of the alternatives."), place="stance")
    if row.stance == stance:
        raise ActRefused(_("The union has said so already."))
    _same_revision(row, revision)
    if row.state == State.INVITED:
        raise ActRefused(_("The parties have not met yet. The union gives its word when there are minutes."))
    if row.state not in (*_OPEN_FOR_WORD, State.CENTRAL_REQUESTED, State.CENTRAL_ENDED):
        raise ActRefused(_("The negotiation is closed."))
    if stance == Stance.AGREEMENT and row.approved is None:
        raise ActRefused(_("Approve the minutes first: they say what is agreed."))
    row.stance, row.statement, row.stated_on = stance, plain_text("statement", statement), clock.today()
    if stance == Stance.AGREEMENT:
        row.state = State.AGREED
    elif row.state in _OPEN_FOR_WORD:
        row.state = State.DISAGREED
    return _done(row, "state_for_union", actor, {"stance": str(stance), "statement": row.statement})


@transaction.atomic
def request_central(*, actor: Actor, negotiation: Negotiation, why: str, revision: int | None = None) -> Act:
    """The union asks for central negotiation, in its time."""
    _mandate_of(actor, negotiation)
    row = _locked(negotiation, None)
    if row.state == State.CENTRAL_REQUESTED:
        raise ActRefused(_("Central negotiation is asked for already."))
    _same_revision(row, revision)
    if row.state != State.DISAGREED:
        raise ActRefused(_("Central negotiation follows on disagreement. State that first."))
    if row.central_by is not None and clock.today() > row.central_by:
        raise ActRefused(_("The last day to ask was %(day)s (%(ground)s).") % {"day": row.central_by, "ground": row.central_ground})
    row.state, row.central_requested_on, row.central_why = State.CENTRAL_REQUESTED, clock.today(), plain_text("why", why)
    return _done(row, "request_central", actor, {"why": row.central_why})


@transaction.atomic
def record_central_end(*, actor: Actor, negotiation: Negotiation, ended_on: date, outcome: str, revision: int | None = None) -> Act:
    """Record that the central negotiation has ended, and what came of it."""
    require(actor, "negotiation.lead")
    row = _locked(negotiation, None)
    only_own(actor, row.system)
    if row.state == State.CENTRAL_ENDED:
        raise ActRefused(_("The end of the central negotiation is recorded already."))
    _same_revision(row, revision)
    if row.state != State.CENTRAL_REQUESTED:
        raise ActRefused(_("No central negotiation has been asked for."))
    row.central_ended_on = _not_to_come("ended_on", ended_on)
    if row.central_ended_on < row.central_requested_on:
        raise InvalidInput(_("It was asked for on %(day)s.") % {"day": row.central_requested_on}, place="ended_on")
    row.state, row.central_outcome = State.CENTRAL_ENDED, plain_text("outcome", outcome)
    return _done(row, "record_central_end", actor, {"ended_on": row.central_ended_on.isoformat(), "outcome": row.central_outcome})


@transaction.atomic
def close_negotiation(*, actor: Actor, negotiation: Negotiation, why: str = "", revision: int | None = None) -> Act:
    """Close the negotiation with one union; with the last of them, supply the record that the gates ask for.

    Raises :class:`ActRefused`, in words that say what it waits for.
    """
    require(actor, "negotiation.close")
    by_union = actor.role == Role.UNION_REPRESENTATIVE
    if by_union:
        _mandate_of(actor, negotiation)
    row = _locked(negotiation, None)
    only_own(actor, row.system)
    if row.state == State.CLOSED:
        raise ActRefused(_("The negotiation is closed already."))
    _same_revision(row, revision)
    row.end = _ground_of_union(row) if by_union else _ground_of_employer(row)
    row.state, row.closed_on = State.CLOSED, clock.today()
    text = _named(row) | {"end": str(row.end), "stance": row.stance, "why": plain_text("why", why, required=False)}
    row.closing = write_act(verb="close_negotiation", actor=actor, system=row.system, text=text)
    _save(row)
    supply_when_all_are_closed(actor, row.system, row.section)
    return row.closing


def _ground_of_union(row: Negotiation) -> End:
    if not row.stance:
        raise ActRefused(_("Say first whether the union agrees."))
    if row.state == State.CENTRAL_REQUESTED:
        raise ActRefused(_("Central negotiation is under way. The employer records its end."))
    return End.UNION


def _ground_of_employer(row: Negotiation) -> End:
    """What the employer may close on. The union's silence is no agreement, and counts only when its time is over."""
    match row.state:
        case State.INVITED:
            raise ActRefused(_("The parties have not met. Write the minutes of the meeting first."))
        case State.AGREED:
            return End.UNION
        case State.CENTRAL_ENDED:
            return End.RECORDED_END
        case State.CENTRAL_REQUESTED:
            raise ActRefused(_("Central negotiation is asked for and has not ended."))
    if row.section == Section.S19:  # information is given; nobody has to agree to it
        return End.RECORDED_END
    if row.central_by is None:
        raise ActRefused(_("Only the union can close this: the minutes name no last day to ask for central negotiation."))
    if clock.today() <= row.central_by:
        raise ActRefused(_("The union may ask for central negotiation through %(day)s.") % {"day": row.central_by})
    return End.RECORDED_END


def _mandate_of(actor: Actor, negotiation: Negotiation) -> Mandate:
    """The actor's mandate for the union of this negotiation. Raises :class:`NotAllowed` for everybody else, another union's too."""
    require(actor, "negotiation.state")
    held = Mandate.objects.valid(clock.today()).filter(user__person=actor.person, role=Role.UNION_REPRESENTATIVE)
    mandate = held.filter(office=negotiation.union_id).first()
    if mandate is None:
        raise NotAllowed(_("Only a representative of %(union)s may speak for it.") % {"union": negotiation.union})
    return mandate


def _locked(negotiation: Negotiation, revision: int | None) -> Negotiation:
    row = Negotiation.objects.select_for_update().select_related("system__owner", "union").get(pk=negotiation.pk)
    _same_revision(row, revision)
    return row


def _same_revision(row: Negotiation, revision: int | None) -> None:
    if revision is not None and revision != row.revision:
        raise ChangedMeanwhile(_("Somebody else has gone on with the negotiation since you opened the page. Look at it and send again."))


def _done(row: Negotiation, verb: str, actor: Actor, text: dict[str, object]) -> Act:
    _save(row)
    return write_act(verb=verb, actor=actor, system=row.system, text=_named(row) | text)


def _named(row: Negotiation) -> dict[str, object]:
    return {"negotiation": row.pk, "section": row.section, "union": row.union.slug}


def _save(row: Negotiation) -> None:
    row.revision += 1
    row.save()


def _not_to_come(place: str, day: date) -> date:
    if day > clock.today():
        raise InvalidInput(_("The day has not come yet."), place=place)
    return day
