"""The requirements of a system: what is met, what is missing, who can supply it, and the form for those who may."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insyn.core.terms import RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.permissions import actor_of, requires
from insyn.web.attempts import attempt

from .. import actions, life, queries
from ..forms import RecordForm, WhyForm
from ..models import Record, System
from .common import acting, may, system_called
from .systems import newest


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def gates(request: HttpRequest, slug: str) -> HttpResponse:
    """Every requirement, with its provision; those not met first."""
    system = system_called(slug)
    sent = _sent_form(request, system)
    if sent is not None and attempt(request, sent, lambda: _supply(request, system, sent), done=_("The record is supplied.")):
        return redirect("register:gates", slug)
    if sent is not None:
        newest(sent, system)
    lines = queries.gate_lines(system, queries.roles_on(request.user, system, clock.today()), on=clock.today())
    shown = [(line, _form_of(line, sent)) for line in lines]
    groups = life.grouped(system, shown, before=lambda pair: pair[0].gate.before, met=lambda pair: pair[0].gate.met)
    context = {
        "system": system,
        "groups": groups,
        "steps": life.next_steps(system),
        "way": life.way_of(system),
        "sent": sent,
        "met": sum(line.gate.met for line in lines),
        "all": len(lines),
        "may_advance": may(request, "system.advance", system),
    }
    return render(request, "register/gates.html", context)


def _sent_form(request: HttpRequest, system: System) -> RecordForm | None:
    if request.method != "POST":
        return None
    try:
        kind = RecordKind(request.POST.get("kind", ""))
    except ValueError as error:
        raise Http404 from error
    return RecordForm(request.POST, kind=kind, system=system, auto_id=f"{kind}-%s")


def _supply(request: HttpRequest, system: System, form: RecordForm) -> object:
    kind = RecordKind(form.cleaned_data["kind"])
    role = queries.supplying_role(request.user, system, kind, clock.today())
    if not role:
        raise NotAllowed(_("None of your roles may supply this record."))
    return actions.supply_record(actor=actor_of(request.user, role, clock.today()), system=system, **form.record())


def _form_of(line: queries.GateLine, sent: RecordForm | None) -> RecordForm | None:
    """What was just sent, under its gate. A record is begun on a page of its own."""
    kind = line.gate.demands
    return sent if sent is not None and kind is not None and line.may_supply and sent.data.get("kind") == kind else None


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One record, and the form to withdraw it."""
    system = system_called(slug)
    found = Record.objects.filter(pk=pk, system=system).select_related("act", "version").first()
    if found is None:
        raise Http404
    form = WhyForm(request.POST or None, initial={"revision": system.revision})
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.withdraw_record(actor=acting(request, "record.withdraw", system), system=system, record=found, **form.cleaned_data),
        done=_("The record is withdrawn."),
    ):
        return redirect("register:gates", slug)
    mine = request.user.person in {found.person, system.owner.person} and may(request, "record.withdraw", system)
    context = {"system": system, "record": found, "form": newest(form, system), "may_withdraw": mine and found.withdrawn_on is None}
    return render(request, "register/record.html", context)
