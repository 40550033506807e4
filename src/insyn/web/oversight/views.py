"""Stop, what becomes of it, and the decision to lift it.

The stop page is in two halves. The first visit asks the register who may stop (``_open_page``) and hands out a token; every later step works
from the token alone and never touches the register's database.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.errors import InsynError
from insyn.core.messages import Actor
from insyn.web import bridge, clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import as_actor, holds, not_allowed, public, requires
from insyn.web.incidents.reach import rests_on_people
from insyn.web.language import pick
from insyn.web.register.models import Municipality, System

from . import stopping
from .actions import explain_stop, resume_system
from .forms import ExplainForm, ResumeForm
from .models import StopOrder
from .queries import may_stop, stop_in_force, waiting_resume
from .tokens import StopToken, keep_token, make_token, token_of

#: Seconds between two looks at a stop on its way; slower when it takes long, so that a forgotten page asks little.
QUICK, SLOW, QUICK_LOOKS = 1, 10, 60


@public("the stop token says who may stop; the register may be locked")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """The stop page and its button."""
    held = token_of(request, system=slug)
    if request.method == "POST":
        if held is None:
            return _no_token(request, slug)
        return _press(request, slug, held[1])
    return _open_page(request, slug) if held is None else _page(request, *held)


@requires("stop.order")
def _open_page(request: HttpRequest, slug: str) -> HttpResponse:
    system = get_object_or_404(System, slug=slug)
    if not may_stop(system, request.actor.person, clock.today()):
        return not_allowed(request, "stop.order")
    token = StopToken(
        system=slug,
        name_sv=system.name_sv,
        name_en=system.name_en,
        municipality=Municipality.the().name,
        person=request.actor.person,
        person_name=request.actor.name,
        role=request.actor.role,
        office=request.actor.office,
        by_people=rests_on_people(system),
    )
    return _page(request, make_token(request, token), token)


def _page(request: HttpRequest, text: str, token: StopToken) -> HttpResponse:
    report = stopping.ask_state(bridge.control(), token.system)
    response = render(request, "oversight/stop.html", {"token": text, "stop": token, "name": _name(token), "report": report})
    keep_token(response, text, path=reverse("oversight:stop", args=[token.system]))
    return response


def _press(request: HttpRequest, slug: str, token: StopToken) -> HttpResponse:
    ordered = stopping.give_order(
        actor=token.actor,
        system=slug,
        reason=request.POST.get("reason", ""),
        now=clock.now(),
        folder=settings.HOME.spool,
        key=bridge.register_key(),
        client=bridge.control(),
    )
    if ordered.refusal is not None:
        return render(request, "oversight/stop_refused.html", {"stop": token, "name": _name(token), "refusal": ordered.refusal}, status=409)
    if not ordered.delivered:
        return render(request, "oversight/stop_failed.html", {"stop": token, "name": _name(token)}, status=503)
    return redirect("oversight:stop_state", slug=slug, order=ordered.order)


@public("the stop token says who may look; the register may be locked")
@never_cache
@require_safe
def stop_state(request: HttpRequest, slug: str, order: str) -> HttpResponse:
    """How far the order has come. Refreshes itself until it is drained."""
    held = token_of(request, system=slug)
    if held is None:
        return _no_token(request, slug)
    report = stopping.ask_state(bridge.control(), slug)
    stage = stopping.stage_of(stopping.where(settings.HOME.spool, order), report)
    told = request.GET.get("n", "0")
    looks = int(told) if told.isdecimal() and len(told) < 8 else 0
    context = {
        "stop": held[1],
        "name": _name(held[1]),
        "stage": stage.value,
        "report": report,
        "order": order,
        "seconds": _seconds_to_next_look(stage, looks),
        "next_look": f"?n={looks + 1}",
    }
    return render(request, "oversight/stop_state.html", context)


def _seconds_to_next_look(stage: stopping.Stage, looks: int) -> int:
    """0: nothing more to wait for."""
    if stage in (stopping.Stage.DRAINED, stopping.Stage.LIFTED, stopping.Stage.REFUSED):
        return 0
    return QUICK if looks < QUICK_LOOKS else SLOW


def _no_token(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "oversight/stop_no_token.html", {"slug": slug}, status=403)


def _name(token: StopToken) -> str:
    return pick(token.name_sv, token.name_en)


@requires("stop.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stops(request: HttpRequest, slug: str) -> HttpResponse:
    """Every stop of the system: the decision to lift the one in force, and what the public is told."""
    system = get_object_or_404(System, slug=slug)
    resume_form, explain_form = ResumeForm(), ExplainForm()
    if request.method == "POST" and "resume" in request.POST:
        resume_form = ResumeForm(request.POST)
        if resume_form.is_valid() and _done(
            request, "stop.lift", lambda actor: resume_system(actor=actor, system=system, **resume_form.cleaned_data)
        ):
            messages.success(request, _("The decision is taken. The stop is lifted when the decision stands in the log."))
            return redirect("oversight:stops", slug=slug)
    elif request.method == "POST":
        explain_form = ExplainForm(request.POST)
        order = get_object_or_404(StopOrder, system=system, rid=request.POST.get("stop", ""))
        if explain_form.is_valid() and _done(
            request, "stop.order", lambda actor: explain_stop(actor=actor, stop=order, **explain_form.cleaned_data)
        ):
            messages.success(request, _("The explanation is published."))
            return redirect("oversight:stops", slug=slug)
    return render(request, "oversight/stops.html", _stops_context(request, system, resume_form, explain_form))


def _done(request: HttpRequest, permission: str, act: Callable[[Actor], object]) -> bool:
    """Do the act as the user; what stood in the way is shown as a message."""
    mandate = holds(request.user, permission, clock.today())
    try:
        if mandate is None:
            raise NotAllowed(_("You hold no mandate for this."))
        act(as_actor(mandate))
    except (ActRefused, NotAllowed, InsynError) as error:
        messages.error(request, str(error))
        return False
    return True


def _stops_context(request: HttpRequest, system: System, resume_form: ResumeForm, explain_form: ExplainForm) -> dict[str, object]:
    in_force = stop_in_force(system)
    today = clock.today()
    stops_it = holds(request.user, "stop.order", today) is not None and may_stop(system, request.user.person, today)
    if in_force is not None and not resume_form.is_bound:
        resume_form = ResumeForm(initial={"stop_index": in_force.index})
    return {
        "system": system,
        "in_force": in_force,
        "waiting": waiting_resume(in_force) if in_force else None,
        "stops": StopOrder.objects.filter(system=system).prefetch_related("resumes__act__outbox"),
        "resume_form": resume_form,
        "explain_form": explain_form,
        "may_lift": holds(request.user, "stop.lift", today) is not None,
        "may_explain": stops_it,
        "may_stop": stops_it,
    }
