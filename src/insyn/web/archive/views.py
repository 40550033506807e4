"""The pages of the archive: what there is and what may be disposed of; the disposal itself; legal holds."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.register.views.common import acting, may

from . import actions, queries
from .forms import DecideForm, HoldForm, LiftForm
from .models import DisposalDecision, LegalHold


@requires("archive.see")
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Counts by system, class and month: the dry run. And the form for whoever may decide."""
    form = DecideForm(request.POST if request.method == "POST" else None, initial={"decided_on": clock.today()})

    def act() -> object:
        return actions.decide_disposal(actor=acting(request, "disposal.decide"), **form.cleaned_data)

    if request.method == "POST" and attempt(request, form, act, done=_("The decision is recorded. Nothing is destroyed yet.")):
        return redirect("archive:overview")
    context = {
        "overview": queries.overview(),
        "decisions": DisposalDecision.objects.select_related("system", "act"),
        "form": form if may(request, "disposal.decide") else None,
        "may_run": may(request, "disposal.run"),
    }
    return render(request, "archive/overview.html", context, status=422 if form.is_bound else 200)


@requires("disposal.run")
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Destroy one decided month."""
    decision = get_object_or_404(DisposalDecision.objects.select_related("act", "system"), pk=_number(request.POST.get("decision", "")))
    month = request.POST.get("month", "")
    try:
        receipt = actions.dispose_month(actor=acting(request, "disposal.run"), decision=decision, month=month)
    except (ActRefused, NotAllowed) as error:
        messages.error(request, str(error))
    else:
        words = {"month": month, "system": decision.system.name, "index": receipt.index}
        messages.success(request, _("%(month)s of %(system)s is disposed of: entry %(index)d of the log.") % words)
    return redirect("archive:overview")


def _number(text: str) -> int:
    """0, which is nobody's number, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@requires("archive.see")
@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    """Legal holds: those that stand, those that are lifted, and the forms."""
    what = request.POST.get("what_form", "") if request.method == "POST" else ""
    put = HoldForm(request.POST if what == "put" else None)
    lift = LiftForm(request.POST if what == "lift" else None, auto_id="lift-%s")
    if (what == "put" and _put(request, put)) or (what == "lift" and _lift(request, lift)):
        return redirect("archive:holds")
    context = {
        "rows": queries.holds(),
        "put": put if may(request, "hold.put") else None,
        "may_lift": may(request, "hold.lift"),
        "lift": lift if what == "lift" else None,
        "sent": lift.cleaned_data.get("hold") if lift.is_bound else None,
    }
    return render(request, "archive/holds.html", context, status=422 if what else 200)


def _put(request: HttpRequest, form: HoldForm) -> bool:
    def act() -> object:
        return actions.put_hold(actor=acting(request, "hold.put"), **form.cleaned_data)

    return attempt(request, form, act, done=_("The hold stands. Nothing of it can be destroyed until it is lifted."))


def _lift(request: HttpRequest, form: LiftForm) -> bool:
    def act() -> object:
        hold = get_object_or_404(LegalHold.objects.select_related("system"), pk=form.cleaned_data["hold"])
        words = {name: form.cleaned_data[name] for name in ("why", "case_number")}
        return actions.lift_hold(actor=acting(request, "hold.lift"), hold=hold, **words)

    return attempt(request, form, act, done=_("The hold is lifted."))
