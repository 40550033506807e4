"""What happens when the button is pressed: the order, and the page that follows it. Nothing here reads the register."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from insyn.core.scope import Target
from insyn.web import bridge, clock

from . import stopping
from .targets import from_form, name_of, to_query
from .tokens import StopToken


def press(request: HttpRequest, token: StopToken, *, exercise: bool = False) -> HttpResponse:
    """Give the order that the form says. A form that names nothing the token offers orders nothing, and says so."""
    of = from_form(token, request.POST.get("of", ""))
    if of is None:
        return no_token(request, token.system)
    ordered = stopping.give_order(
        actor=token.actor,
        of=of,
        reason=request.POST.get("reason", ""),
        now=clock.now(),
        folder=settings.HOME.spool,
        key=bridge.register_key(),
        client=bridge.control(),
        others=bridge.others(),
        exercise=exercise,
    )
    return after_order(request, token, of, ordered, state=state_address(token.system, of, ordered.order))


def after_order(request: HttpRequest, token: StopToken, of: Target, ordered: stopping.Ordered, *, state: str) -> HttpResponse:
    """To the page that follows the order, or what became of it instead."""
    context = {"stop": token, "name": name_of(token, of), "again": page_address(token.system)}
    if ordered.refusal is not None:
        return render(request, "oversight/stop_refused.html", {**context, "refusal": ordered.refusal}, status=409)
    if not ordered.delivered:
        return render(request, "oversight/stop_failed.html", context, status=503)
    return redirect(state)


def page_address(system: str) -> str:
    return reverse("oversight:stop", args=[system]) if system else reverse("oversight:wide_stop")


def state_address(system: str, of: Target, order: str) -> str:
    base = reverse("oversight:stop_state", args=[system, order]) if system else reverse("oversight:wide_state", args=[order])
    return base + to_query(of)


def no_token(request: HttpRequest, system: str) -> HttpResponse:
    return render(request, "oversight/stop_no_token.html", {"again": page_address(system)}, status=403)
