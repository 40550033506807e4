"""Stops of suppliers and of everything, orders that were given on paper, and who may give the wide ones.

The wide stop page works from a token, like that of a system, and needs no register once it has been opened.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.messages import Actor
from insyn.core.scope import WIDE, Target
from insyn.core.terms import StopScope
from insyn.web import bridge, clock
from insyn.web.accounts.permissions import holds, not_allowed, public, requires
from insyn.web.register.models import Municipality, System

from . import stopping
from .exercises import published_exercises
from .forms import EndWideForm, PaperForm, WideForm
from .lifting import StopForms, done, handle, to_lift
from .models import StopOrder, WideMandate
from .pressing import after_order, no_token, press
from .queries import wide_stops_in_force
from .reach import suppliers_in_use, wide_reach
from .states import state_page
from .targets import from_query, to_query
from .tokens import StopToken, keep_token, make_token, token_of
from .wide import end_wide_stop, grant_wide_stop


@public("the stop token says who may stop; the register may be locked")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wide_stop(request: HttpRequest) -> HttpResponse:
    """The page that stops a supplier or everything."""
    held = token_of(request, system="")
    if request.method == "POST":
        return no_token(request, "") if held is None else press(request, held[1])
    return _open_page(request) if held is None else _page(request, *held)


@requires("stop.order")
def _open_page(request: HttpRequest) -> HttpResponse:
    reach = wide_reach(request.actor.person, clock.today())
    if not reach.any:
        return not_allowed(request, "stop.order")
    token = _token(request.actor, reach.suppliers, everything=reach.everything)
    return _page(request, make_token(request, token), token)


def _token(actor: Actor, suppliers: tuple[tuple[str, str], ...], *, everything: bool) -> StopToken:
    return StopToken(
        system="",
        name_sv="",
        name_en="",
        municipality=Municipality.the().name,
        person=actor.person,
        person_name=actor.name,
        role=actor.role,
        office=actor.office,
        suppliers=suppliers,
        everything=everything,
    )


def _page(request: HttpRequest, text: str, token: StopToken) -> HttpResponse:
    report = stopping.ask_state(bridge.control(), Target(scope=StopScope.EVERYTHING))
    response = render(request, "oversight/wide_stop.html", {"token": text, "stop": token, "report": report})
    keep_token(response, text, path=reverse("oversight:wide_stop"))
    return response


@public("the stop token says who may look; the register may be locked")
@never_cache
@require_safe
def wide_state(request: HttpRequest, order: str) -> HttpResponse:
    """How far an order about a supplier or everything has come."""
    held = token_of(request, system="")
    return no_token(request, "") if held is None else state_page(request, held[1], from_query("", request.GET), order)


@requires("stop.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def wide_stops(request: HttpRequest) -> HttpResponse:
    """Every stop of a supplier or of everything, the decisions that lift them, and who may give them."""
    grant, end = WideForm(request.POST if _step(request, "grant") else None), EndWideForm(request.POST if _step(request, "end") else None)
    if _granted(request, grant) or _ended(request, end):
        return redirect("oversight:wide_stops")
    among = StopOrder.objects.filter(scope__in=WIDE)
    forms = handle(request, among, reverse("oversight:wide_stops"))
    if isinstance(forms, HttpResponse):
        return forms
    return render(request, "oversight/wide_stops.html", {**_wide_context(request, forms), "grant": grant, "end": end})


def _wide_context(request: HttpRequest, forms: StopForms) -> dict[str, object]:
    today, among = clock.today(), StopOrder.objects.filter(scope__in=WIDE)
    in_force = wide_stops_in_force()
    return {
        "in_force": in_force,
        "to_lift": [to_lift(stop, forms) for stop in in_force],
        "stops": among.prefetch_related("resumes__act__outbox", "covers__system"),
        "explain_form": forms.explain,
        "names": dict(suppliers_in_use()),
        "may_lift": holds(request.user, "stop.lift", today) is not None,
        "may_explain": holds(request.user, "stop.order", today) is not None,
        "may_stop": holds(request.user, "stop.order", today) is not None and wide_reach(request.user.person, today).any,
        "may_enter": holds(request.user, "stop.paper", today) is not None,
        "may_grant": holds(request.user, "stop.wide", today) is not None,
        "holders": WideMandate.objects.filter(ended_on=None, last_day__gte=today).select_related("user"),
        "measured": [one for one in published_exercises(settings.HOME.figures) if not one.system],
    }


def _step(request: HttpRequest, step: str) -> bool:
    return request.method == "POST" and request.POST.get("step") == step


def _granted(request: HttpRequest, form: WideForm) -> bool:
    if not form.is_bound or not form.is_valid():
        return False
    granted = done(request, "stop.wide", lambda actor: grant_wide_stop(actor=actor, **form.cleaned_data))
    if granted:
        messages.success(request, _("The mandate is recorded. It holds when the list stands in the log, in a moment."))
    return granted


def _ended(request: HttpRequest, form: EndWideForm) -> bool:
    if not form.is_bound or not form.is_valid():
        return False
    mandate = get_object_or_404(WideMandate, pk=form.cleaned_data["mandate"])
    ended = done(request, "stop.wide", lambda actor: end_wide_stop(actor=actor, mandate=mandate, why=form.cleaned_data["why"]))
    if ended:
        messages.success(request, _("The mandate has ended."))
    return ended


# ------------------------------------------------------------------------------------------------------------------------ paper


@requires("stop.paper")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest) -> HttpResponse:
    """Enter an order that was given by hand or voice. It takes effect at once, and bears the time at which it was given."""
    form = PaperForm(request.POST or None, initial={"system": request.GET.get("system", ""), "ordered_at": clock.now()})
    if request.method == "POST" and form.is_valid():
        return _enter(request, form)
    return render(request, "oversight/paper.html", {"form": form}, status=400 if form.is_bound else 200)


def _enter(request: HttpRequest, form: PaperForm) -> HttpResponse:
    of, giver = form.target(), form.given_by()
    ordered = stopping.give_order(
        actor=giver,
        of=of,
        reason=form.cleaned_data["reason"],
        now=form.cleaned_data["ordered_at"],
        folder=settings.HOME.spool,
        key=bridge.register_key(),
        client=bridge.control(),
        others=bridge.others(),
        entered_by=request.actor,
    )
    query = to_query(of) if of.wide else to_query(of, system=of.system)
    state = reverse("oversight:paper_state", args=[ordered.order]) + query
    return after_order(request, _shown(request.actor, of.system), of, ordered, state=state)


@requires("stop.paper")
@never_cache
@require_safe
def paper_state(request: HttpRequest, order: str) -> HttpResponse:
    """How far an order that was entered from paper has come."""
    system = request.GET.get("system", "")[:64]
    return state_page(request, _shown(request.actor, system), from_query(system, request.GET), order)


def _shown(actor: Actor, slug: str) -> StopToken:
    """What the state page shows of the system; it opens nothing."""
    from .views import token_for

    system = System.objects.filter(slug=slug).first()
    return token_for(system, actor) if system else _token(actor, tuple(suppliers_in_use()), everything=False)
