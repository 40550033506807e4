"""The download of one case's evidence, for an auditor or for an officer who reviews the system. Each download is an opening, and is logged."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from insyn.core.errors import Unreachable
from insyn.core.messages import Actor
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.permissions import require, requires
from insyn.web.attempts import attempt
from insyn.web.language import spoken
from insyn.web.oversight.queries import may_review
from insyn.web.register.views.common import acting

from .bundling import files_of, gather, system_of, zipped
from .forms import BundleForm
from .report import reports_of


@requires("bundle.open")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bundle(request: HttpRequest) -> HttpResponse:
    """The form, or the file."""
    form = BundleForm(request.POST if request.method == "POST" else None, initial={"rid": request.GET.get("rid", "")})
    made: list[bytes] = []

    def act() -> object:
        made.append(bundle_of(actor=acting(request, "bundle.open"), **form.cleaned_data))
        return made

    try:
        done = request.method == "POST" and attempt(request, form, act, done=_("The evidence was fetched. That stands in the log."))
    except Refused as refused:
        form.add_error(None, spoken(refused.refusal.reasons[0].sentence))
        done = False
    if not done:
        return render(request, "archive/bundle.html", {"form": form}, status=422 if form.is_bound else 200)
    response = HttpResponse(made[0], content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="insyn-{form.cleaned_data["rid"][:8]}.zip"'
    return response


def bundle_of(*, actor: Actor, rid: str, purpose: str, language: str = "") -> bytes:
    """The evidence of one case as a ZIP file. Raises :class:`NotAllowed`, :class:`Refused`."""
    require(actor, "bundle.open")
    try:
        if actor.role != Role.AUDITOR and not may_review(system_of(rid), actor.person, clock.today()):
            raise NotAllowed(_("An officer fetches the evidence of systems that they review."))
        evidence = gather(rid, actor=actor, purpose=purpose)
    except Unreachable as error:
        raise Refused(refuse(RefusalCode.UNREACHABLE)) from error
    return zipped(files_of(evidence, reports_of(evidence, language=language)))
