"""Pages of the delegation list, of deviations and of evaluations; and the public lists."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.terms import RecordKind
from insyn.web import clock
from insyn.web.accounts.errors import NotAllowed
from insyn.web.accounts.permissions import actor_of, public, requires
from insyn.web.attempts import attempt
from insyn.web.register.actions import supply_record
from insyn.web.register.forms import RecordForm
from insyn.web.register.models import System
from insyn.web.register.queries import supplying_role
from insyn.web.register.views.common import acting, may, system_called
from insyn.web.register.views.systems import newest

from . import actions, queries
from .evaluations import shown_evaluations
from .forms import AcceptForm, EndForm, EndItemForm, ItemForm, LiftForm, NeverForm, ProposeForm
from .models import DelegationItem, Deviation, NeverAutomated
from .words import DeviationState

#: The records that are written on the page of evaluations.
_WRITTEN = (RecordKind.EVALUATION, RecordKind.EVALUATION_PLAN, RecordKind.BENEFIT_REALISED)


@requires("delegation.see")
@require_http_methods(["GET", "HEAD", "POST"])
def delegation(request: HttpRequest) -> HttpResponse:
    """The delegation list, what is never automated, and the forms for whoever records the boards' decisions."""
    what = request.POST.get("what_form", "") if request.method == "POST" else ""
    today = clock.today()
    item = ItemForm(request.POST if what == "item" else None, initial={"decided_on": today, "first_day": today})
    forbid = NeverForm(request.POST if what == "never" else None, initial={"decided_on": today}, auto_id="never-%s")
    lift = LiftForm(request.POST if what == "lift" else None, auto_id="lift-%s")
    if (
        (what == "item" and _adopt(request, item))
        or (what == "never" and _forbid(request, forbid))
        or (what == "lift" and _lift(request, lift))
    ):
        return redirect("decisions:delegation")
    context = {
        "rows": queries.delegation_rows(today),
        "never": queries.never(),
        "item": item if may(request, "delegation.adopt") else None,
        "forbid": forbid if may(request, "automation.forbid") else None,
        "lift": lift if what == "lift" else None,
    }
    return render(request, "decisions/delegation.html", context)


def _adopt(request: HttpRequest, form: ItemForm) -> bool:
    def act() -> object:
        return actions.adopt_delegation(actor=acting(request, "delegation.adopt"), **form.cleaned_data)

    return attempt(request, form, act, done=_("The item stands in the delegation list."))


def _forbid(request: HttpRequest, form: NeverForm) -> bool:
    def act() -> object:
        return actions.state_never_automated(actor=acting(request, "automation.forbid"), **form.cleaned_data)

    return attempt(request, form, act, done=_("The type of matter is never automated from now on."))


def _lift(request: HttpRequest, form: LiftForm) -> bool:
    def act() -> object:
        found = NeverAutomated.objects.filter(pk=form.cleaned_data["row"]).first()
        if found is None:
            raise Http404
        words = {name: form.cleaned_data[name] for name in ("why", "case_number")}
        return actions.lift_never_automated(actor=acting(request, "automation.forbid"), row=found, **words)

    return attempt(request, form, act, done=_("The type of matter is no longer on the list."))


@requires("delegation.see")
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item: what it covers, the decisions taken on it, and its end."""
    found = get_object_or_404(DelegationItem.objects.select_related("board", "office", "act", "ending"), pk=pk)
    form = EndItemForm(request.POST or None, initial={"ended_on": clock.today()})
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.end_delegation(actor=acting(request, "delegation.end"), item=found, **form.cleaned_data),
        done=_("The item is ended."),
    ):
        return redirect("decisions:item", pk)
    found.refresh_from_db()
    context = {
        "item": found,
        "state": queries.state_of(found, clock.today()),
        "decisions": found.decisions.select_related("decision__system", "decision__act").order_by("-decision__decided_on", "-pk"),
        "form": form,
        "may_end": may(request, "delegation.end") and found.ended_on is None,
    }
    return render(request, "decisions/item.html", context)


@requires("deviation.see")
@require_http_methods(["GET", "HEAD", "POST"])
def deviations(request: HttpRequest, slug: str) -> HttpResponse:
    """The system's deviations, and the form to propose one."""
    system = system_called(slug)
    rules = queries.rules_of(system, clock.today())
    form = ProposeForm(request.POST or None, rules=rules, initial={"revision": system.revision, "rule": request.GET.get("regel", "")})
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.propose_deviation(actor=acting(request, "deviation.propose", system), system=system, **form.cleaned_data),
        done=_("The deviation is proposed. It has no effect before the owner accepts the risk."),
    ):
        return redirect("decisions:deviations", slug)
    context = {
        "system": system,
        "rows": queries.deviations_on(clock.today(), system=system),
        "form": newest(form, system),
        "may_propose": may(request, "deviation.propose", system),
        "rules": rules,
    }
    return render(request, "decisions/deviations.html", context)


@requires("deviation.see")
@require_http_methods(["GET", "HEAD", "POST"])
def deviation(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One deviation: the owner accepts it here, and it is ended here."""
    system = system_called(slug)
    found = get_object_or_404(Deviation.objects.select_related("proposing", "accepting", "ending"), pk=pk, system=system)
    accepting = request.method == "POST" and request.POST.get("what") == "accept"
    ending = request.method == "POST" and not accepting
    initial = {"revision": system.revision}
    accept = AcceptForm(request.POST if accepting else None, initial=initial, auto_id="accept-%s")
    end = EndForm(request.POST if ending else None, initial=initial, auto_id="end-%s")
    if (accepting and _accept(request, system, found, accept)) or (ending and _end(request, system, found, end)):
        return redirect("decisions:deviation", slug, pk)
    today = clock.today()
    context = {
        "system": system,
        "deviation": found,
        "holds": found.in_force(today),
        "over": found.state == DeviationState.ACCEPTED and found.last_day < today,
        "accept": newest(accept, system),
        "end": newest(end, system),
        "may_accept": found.state == DeviationState.PROPOSED and may(request, "deviation.accept", system),
        "may_end": found.state != DeviationState.ENDED and may(request, "deviation.end", system),
    }
    return render(request, "decisions/deviation.html", context)


def _accept(request: HttpRequest, system: System, found: Deviation, form: AcceptForm) -> bool:
    def act() -> object:
        actor = acting(request, "deviation.accept", system)
        return actions.accept_deviation(actor=actor, deviation=found, **form.cleaned_data)

    return attempt(request, form, act, done=_("You have accepted the risk. The deviation holds, and is shown in public."))


def _end(request: HttpRequest, system: System, found: Deviation, form: EndForm) -> bool:
    def act() -> object:
        return actions.end_deviation(actor=acting(request, "deviation.end", system), deviation=found, **form.cleaned_data)

    return attempt(request, form, act, done=_("The deviation is ended."))


@requires("evaluation.see")
@require_http_methods(["GET", "HEAD", "POST"])
def evaluations(request: HttpRequest, slug: str) -> HttpResponse:
    """When the system was evaluated and what came of it, when it is next, and the forms for whoever may supply them."""
    system = system_called(slug)
    sent = _sent(request, system)
    if sent is not None:
        kind, form = sent
        if attempt(request, form, lambda: _supply(request, system, kind, form), done=_("The record is supplied.")):
            return redirect("decisions:evaluations", slug)
        newest(form, system)
    context = {
        "system": system,
        "evaluations": shown_evaluations(system, public=False),
        "due": queries.due_of(system, clock.today()),
        "benefits": queries.benefits_of(system, public=False),
        "forms": [_shown(request, system, kind, sent) for kind in _WRITTEN],
        "sent": sent[1] if sent else None,
        "today": clock.today(),
    }
    return render(request, "decisions/evaluations.html", context)


def _sent(request: HttpRequest, system: System) -> tuple[RecordKind, RecordForm] | None:
    if request.method != "POST":
        return None
    kind = next((kind for kind in _WRITTEN if kind == request.POST.get("kind")), None)
    if kind is None:
        raise Http404
    return kind, RecordForm(request.POST, kind=kind, system=system, auto_id=f"{kind}-%s")


def _supply(request: HttpRequest, system: System, kind: RecordKind, form: RecordForm) -> object:
    role = supplying_role(request.user, system, kind, clock.today())
    if not role:
        raise NotAllowed(_("None of your roles may supply this record."))
    return supply_record(actor=actor_of(request.user, role, clock.today()), system=system, **form.record())


def _shown(request: HttpRequest, system: System, kind: RecordKind, sent: tuple[RecordKind, RecordForm] | None) -> dict[str, object]:
    if not supplying_role(request.user, system, kind, clock.today()):
        return {"kind": kind, "form": None, "open": False}
    if sent is not None and sent[0] is kind:
        return {"kind": kind, "form": sent[1], "open": True}
    initial = {"kind": kind.value, "revision": system.revision}
    return {"kind": kind, "form": RecordForm(kind=kind, system=system, initial=initial, auto_id=f"{kind}-%s"), "open": False}


@public("what a board has handed to officials and to functions is public")
@require_safe
def public_delegation(request: HttpRequest) -> HttpResponse:
    """The delegation list, as far as it is about AI systems."""
    rows = [row for row in queries.delegation_rows(clock.today()) if row.state != "ended"]
    context = {"rows": rows, "never": queries.never().filter(lifted_on=None)}
    return render(request, "decisions/public_delegation.html", context)


@public("deviations from the policy are public")
@require_safe
def public_deviations(request: HttpRequest) -> HttpResponse:
    """Every deviation that an owner has accepted, those in effect first."""
    return render(request, "decisions/public_deviations.html", {"rows": queries.deviations_on(clock.today(), public=True)})
