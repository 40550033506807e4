"""The queue of requests with their clocks, and the municipality's own days."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.register.views.common import acting, may

from . import queue
from .forms import DaysForm
from .handling import set_own_days
from .models import OwnDays
from .words import Channel, RequestKind

PAGE = 50


@requires("rights.see")
@never_cache
@require_safe
def queue_page(request: HttpRequest) -> HttpResponse:
    """What waits, the soonest due first; answered ones on demand."""
    chosen = queue.Chosen.read(request.GET)
    rows = queue.rows_for(request.user, clock.today())
    context = {
        "page": Paginator(queue.choose(rows, chosen, request.user, clock.today()), PAGE).get_page(request.GET.get("page")),
        "counts": queue.counts(rows, request.user, clock.today()),
        "chosen": chosen,
        "query": chosen.query(),
        "kinds": list(RequestKind),
        "channels": list(Channel),
        "systems": sorted({(row.system.slug, row.system.name) for row in rows if row.system}, key=lambda pair: pair[1]),
        "may_enter": may(request, "rights.enter"),
        "may_set_days": may(request, "rights.days"),
    }
    return render(request, "rights/queue.html", context)


@requires("rights.see")
@require_http_methods(["GET", "HEAD", "POST"])
def days(request: HttpRequest) -> HttpResponse:
    """In how many days each kind is answered: the law's, and the municipality's own."""
    form = DaysForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        kind, number = RequestKind(form.cleaned_data["kind"]), form.cleaned_data["days"]
        set_own_days(actor=acting(request, "rights.days"), kind=kind, days=number)

    if request.method == "POST" and attempt(request, form, act, done=_("The days are set. They count for requests from now on.")):
        return redirect("rights:days")
    own = {row.kind: row for row in OwnDays.objects.select_related("act")}
    context = {"own": [(kind.value, own.get(kind.value)) for kind in RequestKind], "form": form if may(request, "rights.days") else None}
    return render(request, "rights/days.html", context, status=422 if form.is_bound else 200)
