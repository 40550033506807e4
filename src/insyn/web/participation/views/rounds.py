"""Participation rounds, for those who lead them and those who enter what came on paper or was said at a meeting."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import requires
from insyn.web.register.views.common import acting, may, system_called

from .. import proposals, rounds as acts
from ..forms import (
    ChangeRoundForm,
    CloseRoundForm,
    HideForm,
    MeetingNotesForm,
    PaperForm,
    PublishForm,
    ReplyForm,
    Revised,
    RoundForm,
    ShowForm,
)
from ..models import Contribution, Round
from ..words import Moderation, RoundState
from .steps import Step, sends, sent_form, take


@requires("influence.see")
@require_safe
def rounds(request: HttpRequest, slug: str) -> HttpResponse:
    """Every round about one system."""
    system = system_called(slug)
    rows = [(row, row.is_open(clock.today()), row.has_ended(clock.today())) for row in system.rounds.all()]
    return render(request, "participation/rounds.html", {"system": system, "rows": rows, "may_lead": may(request, "round.lead", system)})


@requires("round.lead")
@require_http_methods(["GET", "HEAD", "POST"])
def new_round(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the draft of a round."""
    system = system_called(slug)
    made: list[Round] = []
    step = Step(
        name="make",
        title=_("Save the draft"),
        done=_("The draft is saved. Nobody sees it in public before you open it."),
        form=RoundForm,
        act=lambda form: made.append(acts.make_round(actor=acting(request, "round.lead", system), system=system, **form.cleaned_data)),
    )
    if take(request, [step]):
        return redirect("participation:round", slug, made[0].pk)
    return render(request, "participation/new_round.html", {"system": system, "step": step, "form": step.shown})


@requires("influence.see")
@require_http_methods(["GET", "HEAD", "POST"])
def one_round(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One round: its proposals, and what can be done now."""
    system = system_called(slug)
    row = get_object_or_404(Round.objects.select_related("system__owner"), pk=pk, system=system)
    steps = [*_leading(request, row), *_entering(request, row)]
    if take(request, steps):
        return redirect("participation:round", slug, pk)
    today = clock.today()
    context = {
        "system": system,
        "row": row,
        "open": row.is_open(today),
        "ended": row.has_ended(today),
        "left": acts.what_is_left(row),
        "proposals": row.contributions.all(),
        "steps": [step for step in steps if step.offered],
        "sent": sent_form(steps),
    }
    return render(request, "participation/round.html", context)


def _leading(request: HttpRequest, row: Round) -> list[Step]:
    leads, today, revised = may(request, "round.lead", row.system), clock.today(), {"revision": row.revision}

    actor = partial(acting, request, "round.lead", row.system)

    held = {name: getattr(row, name) for name in RoundForm.base_fields}
    return [
        Step(
            name="open",
            title=_("Open the participation round"),
            done=_("The round is open to the public from its first day."),
            form=Revised,
            act=sends(acts.open_round, actor, asked=row),
            offered=leads and row.state == RoundState.DRAFT,
            initial=revised,
        ),
        Step(
            name="change",
            title=_("Change the draft"),
            done=_("The draft is changed."),
            form=ChangeRoundForm,
            act=sends(acts.change_round, actor, asked=row),
            offered=leads and row.state == RoundState.DRAFT,
            initial={**revised, **held},
        ),
        Step(
            name="publish",
            title=_("Publish proposals and answers"),
            done=_("The round is published, and the record supplied."),
            form=PublishForm,
            act=sends(acts.publish_round, actor, asked=row),
            offered=leads and row.has_ended(today) and row.state != RoundState.PUBLISHED,
            initial=revised,
        ),
        Step(
            name="close",
            title=_("Close the round before its last day"),
            done=_("The round is closed."),
            form=CloseRoundForm,
            act=sends(acts.close_round, actor, asked=row),
            offered=leads and row.is_open(today),
            initial=revised,
            danger=True,
        ),
    ]


def _entering(request: HttpRequest, row: Round) -> list[Step]:
    enters = may(request, "round.enter", row.system) and row.state in (RoundState.OPEN, RoundState.CLOSED)

    actor = partial(acting, request, "round.enter", row.system)

    return [
        Step(
            name="paper",
            title=_("Enter a proposal that came on paper"),
            done=_("The proposal is entered."),
            form=PaperForm,
            act=sends(proposals.enter_paper, actor, asked=row),
            offered=enters,
        ),
        Step(
            name="notes",
            title=_("Enter what was proposed at a meeting"),
            done=_("The proposals are entered."),
            form=MeetingNotesForm,
            act=lambda form: proposals.enter_meeting(
                actor=actor(),
                asked=row,
                held_on=form.cleaned_data["held_on"],
                place=form.cleaned_data["place"],
                participants=form.cleaned_data["participants"],
                proposals=form.proposals(),
            ),
            offered=enters,
        ),
    ]


@requires("influence.see")
@require_http_methods(["GET", "HEAD", "POST"])
def proposal(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """One proposal: as it came for those who lead the round, as it will be shown for others; and the forms to decide on it."""
    system = system_called(slug)
    asked = get_object_or_404(Round, pk=pk, system=system)
    found = get_object_or_404(Contribution.objects.select_related("round__system__owner"), round=asked, number=number)
    steps = _deciding(request, found)
    if take(request, steps):
        return redirect("participation:proposal", slug, pk, number)
    next_one = found.round.contributions.filter(moderation=Moderation.WAITING).exclude(pk=found.pk).order_by("number").first()
    next_one = next_one or found.round.contributions.filter(moderation=Moderation.APPROVED, reply="").exclude(pk=found.pk).first()
    context = {
        "system": system,
        "row": found.round,
        "one": found,
        "leads": may(request, "round.lead", system),
        "steps": [step for step in steps if step.offered],
        "sent": sent_form(steps),
        "next_one": next_one,
    }
    return render(request, "participation/proposal.html", context)


def _deciding(request: HttpRequest, found: Contribution) -> list[Step]:
    system = found.round.system
    leads = may(request, "round.lead", system) and found.round.state != RoundState.PUBLISHED

    actor = partial(acting, request, "round.lead", system)

    return [
        Step(
            name="show",
            title=_("Let it be shown"),
            done=_("The proposal will be shown when the round is published."),
            form=ShowForm,
            act=sends(proposals.approve_proposal, actor, proposal=found),
            offered=leads,
            initial={"shown": found.shown},
            open=found.moderation == Moderation.WAITING,
        ),
        Step(
            name="hide",
            title=_("Do not show it"),
            done=_("The proposal will not be shown. The page counts it with its reason."),
            form=HideForm,
            act=sends(proposals.hide_proposal, actor, proposal=found),
            offered=leads and found.moderation != Moderation.HIDDEN,
            danger=True,
        ),
        Step(
            name="reply",
            title=_("Answer the proposal"),
            done=_("The answer is saved."),
            form=ReplyForm,
            act=sends(proposals.answer_proposal, actor, proposal=found),
            offered=leads and found.moderation == Moderation.APPROVED,
            initial={"reply": found.reply, "why_sv": found.why_sv, "why_en": found.why_en},
            open=not found.reply,
        ),
    ]
