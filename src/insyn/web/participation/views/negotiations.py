"""Negotiations with the unions, for those who lead them and for the unions themselves."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.models import Office
from insyn.web.accounts.permissions import as_actor, requires
from insyn.web.register.models import System
from insyn.web.register.views.common import acting, may, system_called

from .. import negotiating, queries
from ..counting import has_agreement, parties
from ..forms import (
    ApproveForm,
    CentralEndForm,
    CloseForm,
    InviteForm,
    MeetingForm,
    PartyForm,
    StanceForm,
    SupplyForm,
    WhyForm,
)
from ..models import Negotiation, SafetyStatement
from ..supplying import supply_closed
from ..words import Section, State
from .steps import Step, sends, sent_form, take


@requires("influence.see")
@require_safe
def influence(request: HttpRequest) -> HttpResponse:
    """What waits for unions and safety representatives."""
    today = clock.today()
    own = queries.unions_of(request.user, today)
    context = {
        "unions": own,
        "rows": queries.open_for(own),
        "others": [row for row in queries.open_for(Office.objects.filter(kind=Office.Kind.UNION)) if row.union not in own],
        "is_safety": may(request, "safety.state"),
        "unsigned": queries.unsigned(today),
        "statements": SafetyStatement.objects.select_related("system").order_by("-pk")[:20],
        "may_party": may(request, "union.party"),
    }
    return render(request, "participation/influence.html", context)


@requires("influence.see")
@require_http_methods(["GET", "HEAD", "POST"])
def unions(request: HttpRequest) -> HttpResponse:
    """Which unions have a collective agreement."""
    step = Step(
        name="party",
        title=_("Record a change"),
        done=_("Recorded."),
        form=PartyForm,
        act=lambda form: negotiating.record_party(actor=acting(request, "union.party"), **form.party()),
        offered=may(request, "union.party"),
    )
    if take(request, [step]):
        return redirect("participation:unions")
    stated = has_agreement(clock.today())
    offices = Office.objects.filter(kind=Office.Kind.UNION).order_by("name_sv").prefetch_related("party_rows")
    rows = [(office, stated.get(office.pk, True), list(office.party_rows.all())) for office in offices]
    return render(request, "participation/unions.html", {"rows": rows, "steps": [step], "sent": sent_form([step])})


@requires("influence.see")
@require_http_methods(["GET", "HEAD", "POST"])
def negotiations(request: HttpRequest, slug: str) -> HttpResponse:
    """The negotiations about one system, section by section, and the form for an invitation."""
    system = system_called(slug)
    steps = _system_steps(request, system)
    if take(request, steps):
        return redirect("participation:negotiations", slug)
    today = clock.today()
    context = {
        "system": system,
        "sections": queries.sections_of(system, today),
        "steps": steps[:1],
        "supply": steps[1],
        "sent": sent_form(steps),
        "without": parties(Section.S13, today),
    }
    return render(request, "participation/negotiations.html", context)


def _system_steps(request: HttpRequest, system: System) -> list[Step]:
    leads, leader = may(request, "negotiation.lead", system), partial(acting, request, "negotiation.lead", system)
    today = clock.today()
    chosen = [office.slug for office in parties(Section.S11, today)]
    return [
        Step(
            name="invite",
            title=_("Invite to negotiation"),
            done=_("The unions are invited."),
            form=InviteForm,
            act=sends(negotiating.invite_unions, leader, system=system),
            offered=leads,
            initial={"section": Section.S11, "unions": chosen, "invited_on": today},
        ),
        Step(
            name="supply",
            title=_("Supply the record"),
            done=_("The record is supplied."),
            form=SupplyForm,
            act=sends(supply_closed, leader, system=system),
            offered=leads,
        ),
    ]


@requires("influence.see")
@require_http_methods(["GET", "HEAD", "POST"])
def negotiation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One negotiation with one union: where it stands, and what the reader can do."""
    system = system_called(slug)
    row = get_object_or_404(Negotiation.objects.select_related("union", "system__owner", "approved", "closing"), pk=pk, system=system)
    steps = _steps(request, row)
    if take(request, steps):
        return redirect("participation:negotiation", slug, pk)
    context = {"system": system, "row": row, "steps": [step for step in steps if step.offered], "sent": sent_form(steps)}
    return render(request, "participation/negotiation.html", context)


def _speaking(request: HttpRequest, row: Negotiation) -> Actor:
    """The reader as the union's representative. Raises :class:`NotAllowed` for everybody else."""
    mandate = queries.union_mandate(request.user, row.union, clock.today())
    if mandate is None:
        raise NotAllowed(_("Only a representative of %(union)s may speak for it.") % {"union": row.union})
    return as_actor(mandate)


def _steps(request: HttpRequest, row: Negotiation) -> list[Step]:
    return [*_employers(request, row), *_unions(request, row), _closing(request, row)]


def _employers(request: HttpRequest, row: Negotiation) -> list[Step]:
    leads, leader = may(request, "negotiation.lead", row.system), partial(acting, request, "negotiation.lead", row.system)
    revised = {"revision": row.revision}
    held = {name: getattr(row, name) for name in ("met_on", "minutes", "requests", "answer", "central_by", "central_ground")}
    return [
        Step(
            name="meeting",
            title=_("Write the minutes") if row.state == State.INVITED else _("Write the minutes again"),
            done=_("The minutes are written. The union now approves them and gives its word."),
            form=MeetingForm,
            act=sends(negotiating.record_meeting, leader, negotiation=row),
            offered=leads and row.state in (State.INVITED, State.MET),
            initial={**revised, **held},
            open=row.state == State.INVITED,
        ),
        Step(
            name="central_end",
            title=_("Record the end of the central negotiation"),
            done=_("The end is recorded."),
            form=CentralEndForm,
            act=sends(negotiating.record_central_end, leader, negotiation=row),
            offered=leads and row.state == State.CENTRAL_REQUESTED,
            initial=revised,
            open=True,
        ),
    ]


def _unions(request: HttpRequest, row: Negotiation) -> list[Step]:
    speaks = queries.union_mandate(request.user, row.union, clock.today()) is not None
    speaker, revised = partial(_speaking, request, row), {"revision": row.revision}
    given = row.state in (State.MET, State.AGREED, State.DISAGREED)
    return [
        Step(
            name="approve",
            title=_("Approve the minutes"),
            done=_("The minutes are approved."),
            form=ApproveForm,
            act=sends(negotiating.approve_minutes, speaker, negotiation=row),
            offered=speaks and given and row.approved is None,
            initial={"version": row.minutes_version},
            open=True,
        ),
        Step(
            name="state",
            title=_("Give the union's word"),
            done=_("The union's word is recorded."),
            form=StanceForm,
            act=sends(negotiating.state_for_union, speaker, negotiation=row),
            offered=speaks and (given or row.state == State.CENTRAL_ENDED),
            initial={**revised, "stance": row.stance, "statement": row.statement},
            open=not row.stance,
        ),
        Step(
            name="central",
            title=_("Ask for central negotiation"),
            done=_("Central negotiation is asked for."),
            form=WhyForm,
            act=sends(negotiating.request_central, speaker, negotiation=row),
            offered=speaks and row.state == State.DISAGREED,
            initial=revised,
        ),
    ]


def _closing(request: HttpRequest, row: Negotiation) -> Step:
    speaks = queries.union_mandate(request.user, row.union, clock.today()) is not None

    def actor() -> Actor:
        return _speaking(request, row) if speaks else acting(request, "negotiation.lead", row.system)

    by_union = speaks and bool(row.stance) and row.state not in (State.CLOSED, State.CENTRAL_REQUESTED)
    return Step(
        name="close",
        title=_("Close the negotiation"),
        done=_("The negotiation is closed."),
        form=CloseForm,
        act=sends(negotiating.close_negotiation, actor, negotiation=row),
        offered=by_union or (may(request, "negotiation.lead", row.system) and row.state not in (State.CLOSED, State.INVITED)),
        initial={"revision": row.revision},
    )
