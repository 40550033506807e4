"""For the owner: how review is set up in one system. The blind share, the made-up cases, and how many each officer has taken."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from insyn.web import clock
from insyn.web.accounts.permissions import not_allowed, requires
from insyn.web.attempts import attempt
from insyn.web.oversight.opening import outcome_label
from insyn.web.register.models import System
from insyn.web.register.views.common import acting, system_called

from . import actions, calibration, worklist
from .forms import BlindShareForm, MadeCaseForm
from .models import MadeCase
from .queries import calibration_results, colleagues
from .standing import blind_share_of


@requires("review.lead")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lead(request: HttpRequest, slug: str) -> HttpResponse:
    """The owner's page of review. Only of one's own system: who answers made-up cases works under somebody."""
    system = system_called(slug)
    if system.owner_id != request.user.pk:
        return not_allowed(request, "review.lead")
    what = request.POST.get("what_form", "") if request.method == "POST" else ""
    share = BlindShareForm(request.POST if what == "share" else None, initial={"per_mille": blind_share_of(system)}, auto_id="share-%s")
    made = MadeCaseForm(request.POST if what == "make" else None, system=system)
    ending = Form(request.POST if what == "end" else None)
    if _done(request, system, what, share, made, ending):
        return redirect("reviews:lead", slug)
    today = clock.today()
    people = colleagues([system], today)
    found = worklist.gather([system], "", today)
    context = {
        "system": system,
        "share": share,
        "share_now": blind_share_of(system) / 10,
        "made": made,
        "problem": next((form for form in (share, made, ending) if form.errors), None),
        "cases": [(row, outcome_label(system, row.proposed), outcome_label(system, row.right)) for row in system.made_cases.all()],
        "may_run": calibration.may_run(system, today),
        "lacking": calibration.lacking(system, today),
        "results": calibration_results(system, today),
        "found": found,
        "load": worklist.load(found, people),
    }
    return render(request, "reviews/lead.html", context)


def _done(request: HttpRequest, system: System, what: str, share: BlindShareForm, made: MadeCaseForm, ending: Form) -> bool:
    """Whether an act was done."""
    if what == "share":
        return attempt(
            request,
            share,
            lambda: actions.set_blind_share(actor=acting(request, "review.lead", system), system=system, **share.cleaned_data),
            done=_("The share is set. It holds for proposals that come from now on."),
        )
    if what == "make":
        return attempt(
            request,
            made,
            lambda: actions.make_case(actor=acting(request, "review.lead", system), system=system, made=made.made),
            done=_("The case is made. It comes to each officer on a day of their own."),
        )
    if what == "end":
        row = get_object_or_404(MadeCase, pk=request.POST.get("made", "0"), system=system)
        return attempt(
            request,
            ending,
            lambda: actions.end_case(actor=acting(request, "review.lead", system), made=row),
            done=_("The case comes to nobody more."),
        )
    return False
