"""Limits at run time of a system: what holds now, what the decision covers, which fields are named, and the form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insyn.core.terms import Phase
from insyn.web import clock
from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt

from .. import actions
from ..entry_forms import at_its_field
from ..limit_forms import LimitsForm
from ..limit_words import limit_lines
from ..limiting import decided_limits, fields_granted, holds_fields, limits_of_entry
from ..models import DataUse
from .common import acting, may, system_called
from .systems import newest

_COVERED = (Phase.PILOT, Phase.IN_USE, Phase.PAUSED)


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest, slug: str) -> HttpResponse:
    """The limits, and for the owner the form that sets them."""
    system = system_called(slug)
    form = LimitsForm(request.POST or None, system=system, initial={"revision": system.revision, **LimitsForm.held(system)})
    if form.wants_more:
        form = form.one_more()
    elif request.method == "POST" and attempt(
        request,
        form,
        at_its_field(
            form,
            lambda: actions.set_limits(
                actor=acting(request, "limits.set", system), system=system, revision=form.cleaned_data["revision"], **form.part()
            ),
        ),
        done=_("The limits are set. What became tighter holds now."),
    ):
        return redirect("register:limits", slug)
    holding = list(DataUse.objects.filter(system=system).holding(clock.today()))
    context = {
        "system": system,
        "form": newest(form, system),
        "lines": limit_lines(limits_of_entry(system)),
        "decided": limit_lines(decided_limits(system)) if system.phase in _COVERED else None,
        "held": holds_fields(system),
        "fields": [(purpose, fields_granted(holding, purpose)) for purpose in system.purposes],
        "may_set": may(request, "limits.set", system),
    }
    return render(request, "register/limits.html", context)
