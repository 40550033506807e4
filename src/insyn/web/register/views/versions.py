"""The versions of a system: where each comes from, what it has learned from, and how its configuration differs from another's."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import requires
from insyn.web.assessments.fidelity import explanation_test
from insyn.web.attempts import attempt

from .. import actions
from ..data_forms import VersionForm
from ..datalimits import learning_allowed, told_of
from ..learning import LEARNING, chain_of, diff
from ..models import DataUse, System, Version
from .common import acting, may, system_called
from .systems import newest


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def versions(request: HttpRequest, slug: str) -> HttpResponse:
    """The versions, and the form for one more."""
    system = system_called(slug)
    today = clock.today()
    holding = {row.pk: row for row in DataUse.objects.filter(system=system).holding(today)}
    uses = [row for row in holding.values() if row.purpose_kind in LEARNING]
    form = VersionForm(request.POST or None, system=system, uses=uses, initial={"revision": system.revision})
    if form.wants_more:
        form = form.as_typed()
    elif request.method == "POST" and attempt(
        request,
        form,
        form.at_its_cell(lambda: actions.add_version(actor=acting(request, "version.add", system), system=system, **form.sent())),
        done=_("The version is entered. It may be used when a decision covers it."),
    ):
        return redirect("register:versions", slug)
    found = list(system.versions.select_related("previous"))
    context = {
        "form": newest(form, system),
        "system": system,
        "versions": [(version, learning_allowed(told_of(version, found), holding)) for version in found],
        "may_add": may(request, "version.add", system),
    }
    return render(request, "register/versions.html", context)


@requires("system.see")
@require_safe
def version(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One version: its chain, what it learned from, and the difference to another one."""
    system = system_called(slug)
    found = system.versions.select_related("previous", "act").filter(pk=pk).first()
    if found is None:
        raise Http404
    against = _against(system, found, request.GET.get("mot", ""))
    learned = [(row, _use(system, row.get("data_use"))) for row in found.learned_from]
    context = {
        "system": system,
        "version": found,
        "chain": chain_of(found),
        "test": explanation_test(system, found.name, clock.today()),
        "may_write": may(request, "record.supply", system),
        "others": [one for one in system.versions.all() if one.pk != found.pk],
        "against": against,
        "diff": diff(against.configuration, found.configuration) if against else [],
        "learned": [(row, use, bool(use and use.holds(clock.today()))) for row, use in learned],
    }
    return render(request, "register/version.html", context)


def _against(system: System, version: Version, name: str) -> Version | None:
    """The version asked for, or else the one before."""
    return system.versions.filter(name=name).exclude(pk=version.pk).first() if name else version.previous


def _use(system: System, number: object) -> DataUse | None:
    return DataUse.objects.filter(system=system, pk=number).first() if isinstance(number, int) else None
