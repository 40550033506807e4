"""What the office does with a request: hands it to somebody, asks for more time, passes it on, and answers.

Who may: a rights officer; a case officer of a system that they review; the data protection officer and the council secretary. What employees
ask for is handled outside their own line. A request that was passed on is answered by the office that it was passed to.
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from insyn.core.errors import InvalidInput
from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate, User
from insyn.web.accounts.permissions import PERMISSIONS, require
from insyn.web.language import spoken
from insyn.web.oversight.queries import may_review
from insyn.web.register.acts import write_act
from insyn.web.register.shapes import worded

from .actions import plain_text
from .clocks import extended, may_extend
from .employees import concerns_employees, outside_the_line, told_of
from .grounds import ABOUT
from .models import AnswerDraft, OwnDays, RightsRequest
from .words import EscalatedTo, RefusalGround, RequestKind, RequestOutcome, RequestState, word

MAX_ANSWER = 10_000
#: Requests that may end in another decision: the answer says whether it did.
ABOUT_A_DECISION = frozenset({RequestKind.HUMAN_REVIEW, RequestKind.RECONSIDERATION, RequestKind.CORRECTION})
#: An own day beyond this is no day.
MOST_OWN_DAYS = 90


def why_not_for(mandate: Mandate, request: RightsRequest) -> str:
    """Why the holder of the mandate may not see and handle the request; empty when they may."""
    if not outside_the_line(request.system, mandate.user, mandate.office):
        return _("What employees ask for is handled outside their own line: by a rights officer of another office.")
    if mandate.role != Role.CASE_OFFICER:
        return ""
    system = request.system
    if system is None or concerns_employees(system) or not may_review(system, mandate.user.person, clock.today()):
        return _("A case officer handles what is asked about the systems that they review. Leave this to a rights officer.")
    return ""


def _may_handle(mandate: Mandate, request: RightsRequest) -> None:
    if why_not := why_not_for(mandate, request):
        raise NotAllowed(why_not)
    if not request.is_open:
        raise ActRefused(_("The request is answered or withdrawn already."))


def _may_settle(mandate: Mandate, request: RightsRequest) -> None:
    """As handling, and by the office that it was passed on to."""
    _may_handle(mandate, request)
    if request.escalated_to and mandate.role != request.escalated_to:
        raise NotAllowed(
            _("The request was passed on. Now it is answered by: %(who)s.") % {"who": spoken(word("escalated", request.escalated_to))}
        )


@transaction.atomic
def assign_request(*, actor: Actor, request: RightsRequest, to: User) -> RightsRequest:
    """Hand the request to somebody who may answer it: to oneself too."""
    mandate = require(actor, "rights.assign")
    _may_handle(mandate, request)
    held = to.mandates.valid(clock.today()).filter(role__in=[str(role) for role in PERMISSIONS["rights.answer"]])
    if all(why_not_for(one, request) for one in held.select_related("user", "office__parent")):
        raise ActRefused(_("%(person)s holds no mandate to answer this request.") % {"person": to})
    write_act(verb="assign_request", actor=actor, system=told_of(request.system), text={"receipt": request.receipt, "to": to.person})
    request.assigned_to = to
    request.save(update_fields=["assigned_to"])
    return request


@transaction.atomic
def save_draft(*, actor: Actor, request: RightsRequest, text: str, outcome: str = "") -> AnswerDraft:
    """Keep a begun answer. Each saving is a row of its own, with who wrote it; nothing rests on it, so it is no act."""
    mandate = require(actor, "rights.answer")
    _may_handle(mandate, request)
    text = worded("text", plain_text_of(text), MAX_ANSWER)
    last = request.drafts.filter(author=mandate.user).first()
    if last is not None and (last.text, last.outcome) == (text, outcome):
        return last
    return AnswerDraft.objects.create(request=request, author=mandate.user, text=text, outcome=outcome, saved_at=clock.now())


@transaction.atomic
def extend_request(*, actor: Actor, request: RightsRequest, why: str) -> RightsRequest:
    """Take more time, once, with reasons that the person is told before the first time is out."""
    mandate = require(actor, "rights.extend")
    _may_settle(mandate, request)
    kind, today = RequestKind(request.kind), clock.today()
    if not may_extend(request.law_due, request.extended_on, today):
        raise ActRefused(_("More time can be taken once, and only before the first day is out. Answer now, or pass the request on."))
    why = worded("why", plain_text_of(why), 2000)
    day = extended(kind, request.law_due)
    text = {"receipt": request.receipt, "through": day.isoformat()}
    request.extend_act = write_act(verb="extend_request", actor=actor, system=told_of(request.system), text=text)
    request.extended_on, request.extended_why, request.due = today, why, day
    request.save(update_fields=["extend_act", "extended_on", "extended_why", "due"])
    return request


@transaction.atomic
def escalate_request(*, actor: Actor, request: RightsRequest, to: EscalatedTo, why: str) -> RightsRequest:
    """Pass the request on, because it is late or because the officer is a party in it. From then on the other office answers."""
    mandate = require(actor, "rights.escalate")
    _may_handle(mandate, request)
    if request.escalated_to:
        raise ActRefused(_("The request has been passed on already."))
    why = worded("why", plain_text_of(why), 2000)
    text = {"receipt": request.receipt, "to": to.value}
    request.escalate_act = write_act(verb="escalate_request", actor=actor, system=told_of(request.system), text=text)
    request.escalated_to, request.escalated_why, request.assigned_to = to.value, why, None
    request.save(update_fields=["escalate_act", "escalated_to", "escalated_why", "assigned_to"])
    return request


@transaction.atomic
def answer_request(
    *,
    actor: Actor,
    request: RightsRequest,
    outcome: RequestOutcome,
    text: str,
    ground: RefusalGround | None = None,
    changed: bool | None = None,
) -> RightsRequest:
    """Answer. A no, also to a part, names its ground; where it was about a decision, the answer says whether the decision was changed."""
    mandate = require(actor, "rights.answer")
    _may_settle(mandate, request)
    text = worded("text", plain_text_of(text), MAX_ANSWER)
    if outcome is not RequestOutcome.GRANTED and ground is None:
        raise InvalidInput(_("Choose the ground for the no."), place="ground")
    if RequestKind(request.kind) in ABOUT_A_DECISION and changed is None:
        raise InvalidInput(_("Say whether the decision was changed."), place="changed")
    request.refresh_from_db(fields=["state"])
    if not request.is_open:
        raise ActRefused(_("The request is answered or withdrawn already."))
    told = {"receipt": request.receipt, "outcome": outcome.value, "ground": ground.value if ground else "", "changed": changed}
    request.answer_act = write_act(verb="answer_request", actor=actor, system=told_of(request.system), text=told)
    request.state, request.outcome, request.answer = RequestState.ANSWERED.value, outcome.value, text
    request.ground = ground.value if ground and outcome is not RequestOutcome.GRANTED else ""
    request.changed = changed if RequestKind(request.kind) in ABOUT_A_DECISION else None
    request.answered_on, request.answered_by = clock.today(), f"{actor.name}, {actor.office}" if actor.office else actor.name
    request.save()
    return request


@transaction.atomic
def set_own_days(*, actor: Actor, kind: RequestKind, days: int | None) -> None:
    """Set in how many days the municipality wants to answer a kind from now on; ``None`` takes its own day away."""
    require(actor, "rights.days")
    if days is not None and not 1 <= days <= MOST_OWN_DAYS:
        raise InvalidInput(_("Give a number of days between 1 and %(most)d.") % {"most": MOST_OWN_DAYS}, place="days")
    act = write_act(verb="set_answer_days", actor=actor, text={"kind": kind.value, "days": days})
    OwnDays.objects.filter(kind=kind).delete()
    if days is not None:
        OwnDays.objects.create(kind=kind.value, days=days, act=act)


def plain_text_of(text: str) -> str:
    """The office's own words, without signs that cannot be read."""
    return plain_text(text, most=MAX_ANSWER)


def complaint_to(request: RightsRequest) -> list[str]:
    """Where the person can turn with what the office has answered. In words, and only as far as our sources go."""
    about = ABOUT[RequestKind(request.kind)]
    told = [_("You can complain to the Swedish Authority for Privacy Protection (IMY). The ground is GDPR Article 77.")]
    if about.own:
        told = []
    if RequestKind(request.kind) in ABOUT_A_DECISION:
        told.append(_("You can appeal the decision itself. The decision says how, and by when."))
    told.append(_("You can also ask us again. Say the receipt number."))
    return told
