"""Stop, what becomes of it, and the decision to lift it.

The stop page is in two halves. The first visit asks the register who may stop (``_open_page``) and hands out a token; every later step works
from the token alone and never touches the register's database.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.messages import Actor
from insyn.core.scope import Target
from insyn.web import bridge, clock
from insyn.web.accounts.permissions import holds, not_allowed, public, requires
from insyn.web.incidents.reach import rests_on_people
from insyn.web.language import pick
from insyn.web.register.issuing import issued
from insyn.web.register.models import Municipality, System

from . import stopping
from .exercises import exercises_of
from .lifting import StopForms, handle, to_lift
from .models import StopOrder
from .pressing import no_token, press
from .queries import may_stop, stop_in_force, stops_over
from .states import state_page
from .targets import MAX_NAME, MAX_PARTS, from_query, name_of
from .tokens import StopToken, keep_token, make_token, token_of


@public("the stop token says who may stop; the register may be locked")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """The stop page and its button."""
    held = token_of(request, system=slug)
    if request.method == "POST":
        return no_token(request, slug) if held is None else press(request, held[1])
    return _open_page(request, slug) if held is None else _page(request, *held)


@requires("stop.order")
def _open_page(request: HttpRequest, slug: str) -> HttpResponse:
    system = get_object_or_404(System, slug=slug)
    if not may_stop(system, request.actor.person, clock.today()):
        return not_allowed(request, "stop.order")
    token = token_for(system, request.actor)
    return _page(request, make_token(request, token), token)


def token_for(system: System, actor: Actor) -> StopToken:
    """What the stop page of a system needs, read while the register can be read."""
    permit = issued(system)
    named = {one["purpose"]: one.get("name", {}) for one in system.purposes}
    purposes = [grant.purpose for grant in permit.purposes] if permit else []
    return StopToken(
        system=system.slug,
        name_sv=system.name_sv,
        name_en=system.name_en,
        municipality=Municipality.the().name,
        person=actor.person,
        person_name=actor.name,
        role=actor.role,
        office=actor.office,
        by_people=rests_on_people(system),
        versions=tuple(sorted(permit.versions, reverse=True)[:MAX_PARTS]) if permit else (),
        purposes=tuple(
            (short, named.get(short, {}).get("sv", short)[:MAX_NAME], named.get(short, {}).get("en", short)[:MAX_NAME])
            for short in purposes[:MAX_PARTS]
        ),
    )


def _page(request: HttpRequest, text: str, token: StopToken) -> HttpResponse:
    of = Target(system=token.system)
    context = {
        "token": text,
        "stop": token,
        "name": name_of(token, of),
        "report": stopping.ask_state(bridge.control(), of),
        "purposes": [(short, pick(sv, en)) for short, sv, en in token.purposes],
    }
    response = render(request, "oversight/stop.html", context)
    keep_token(response, text, path=reverse("oversight:stop", args=[token.system]))
    return response


@public("the stop token says who may look; the register may be locked")
@never_cache
@require_safe
def stop_state(request: HttpRequest, slug: str, order: str) -> HttpResponse:
    """How far the order has come. Refreshes itself until it is drained."""
    held = token_of(request, system=slug)
    if held is None:
        return no_token(request, slug)
    return state_page(request, held[1], from_query(slug, request.GET), order)


@requires("stop.order")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def exercise(request: HttpRequest, slug: str) -> HttpResponse:
    """Stop a system to measure how long it takes. It is a stop like any other: only a formal decision starts the system again."""
    system = get_object_or_404(System, slug=slug)
    if not may_stop(system, request.actor.person, clock.today()):
        return not_allowed(request, "stop.order")
    token = token_for(system, request.actor)
    sure = request.POST.get("sure") == "1" or system.exercise
    if request.method == "POST" and sure:
        response = press(request, token, exercise=True)
        keep_token(response, make_token(request, token), path=reverse("oversight:stop", args=[slug]))
        return response
    context = {
        "system": system,
        "stop": token,
        "name": name_of(token, Target(system=slug)),
        "in_force": stop_in_force(system),
        "not_sure": request.method == "POST",
        "measured": exercises_of(settings.HOME.figures, slug),
    }
    return render(request, "oversight/exercise.html", context)


@requires("stop.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stops(request: HttpRequest, slug: str) -> HttpResponse:
    """Every stop of the system: the decisions to lift those in force, and what the public is told."""
    system = get_object_or_404(System, slug=slug)
    own = StopOrder.objects.filter(system=system)
    forms = handle(request, own, reverse("oversight:stops", args=[slug]))
    return forms if isinstance(forms, HttpResponse) else render(request, "oversight/stops.html", _stops_context(request, system, forms))


def _stops_context(request: HttpRequest, system: System, forms: StopForms) -> dict[str, object]:
    today = clock.today()
    over = stops_over(system)
    stops_it = holds(request.user, "stop.order", today) is not None and may_stop(system, request.user.person, today)
    return {
        "system": system,
        "over": over,
        "in_force": stop_in_force(system),
        "to_lift": [to_lift(stop, forms) for stop in over if stop.system_id],
        "stops": StopOrder.objects.filter(system=system).select_related("system").prefetch_related("resumes__act__outbox"),
        "explain_form": forms.explain,
        "may_lift": holds(request.user, "stop.lift", today) is not None,
        "may_explain": stops_it,
        "may_stop": stops_it,
        "measured": exercises_of(settings.HOME.figures, system.slug),
    }
