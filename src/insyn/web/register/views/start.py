"""The reader's own start page, the list of systems, and the acts."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from insyn.core.terms import Phase, Role
from insyn.web import clock
from insyn.web.accounts.permissions import requires

from .. import queries, waiting
from ..labels import label
from ..models import System
from .common import may, system_called

PAGE = 50


@requires("work.see")
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What waits for me."""
    mandates = list(request.user.mandates.valid(clock.today()).select_related("office"))
    roles = {mandate.role for mandate in mandates}
    context = {
        "mandates": mandates,
        "waiting": queries.waiting_for(roles, request.user),
        "for_decision": queries.for_decision() if Role.ELECTED_MEMBER in roles else [],
        "work": queries.open_work(request.user),
        "new_packs": _new_packs(request),
        "own": System.objects.filter(owner=request.user)[: queries.SHOWN],
        "interrupted": queries.interrupted(),
        "stuck": queries.stuck(),
        "may": {
            "register": may(request, "system.register"),
            "adopt": may(request, "pack.adopt"),
            "appoint": may(request, "mandate.appoint"),
            "stop": may(request, "stop.order"),
            "review": may(request, "review.see"),
        },
    }
    return render(request, "register/start.html", context)


def _new_packs(request: HttpRequest) -> list[waiting.Waiting]:
    """The versions of law that wait, for whoever may apply them."""
    return [one for one in waiting.waiting_packs() if one.digest] if may(request, "pack.apply") else []


@requires("system.see")
@require_safe
def systems(request: HttpRequest) -> HttpResponse:
    """Every system, searched by name."""
    words, phase = request.GET.get("q", "")[:200], request.GET.get("phase", "")
    page = Paginator(queries.systems_matching(words, phase), PAGE).get_page(request.GET.get("page"))
    permits = queries.permits_of(page.object_list)
    rows = [(system, permits.get(system.pk)) for system in page.object_list]
    phases = [(one.value, label("phase", one)) for one in Phase]
    context = {"rows": rows, "page": page, "q": words, "phase": phase, "phases": phases, "may_register": may(request, "system.register")}
    return render(request, "register/systems.html", context)


@requires("act.see")
@require_safe
def acts(request: HttpRequest, slug: str = "") -> HttpResponse:
    """What was done, by whom, and where it stands in the log."""
    system = system_called(slug) if slug else None
    page = Paginator(queries.acts_of(system), PAGE).get_page(request.GET.get("page"))
    return render(request, "register/acts.html", {"page": page, "system": system, "stuck": queries.stuck()})
