"""Decisions about a system: those that can be taken, and an old one explained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.terms import Phase
from insyn.law.answers import facts_of
from insyn.web import clock
from insyn.web.accounts.permissions import PERMISSIONS, requires, role_label
from insyn.web.attempts import attempt

from .. import actions, queries
from ..explaining import as_json, explain
from ..forms import ContinueForm, DecideForm, PauseForm, RefuseForm, RetireForm, WhyForm
from ..limit_words import limit_lines
from ..limiting import limits_of_entry
from ..models import Act, Decision, System
from ..wording import CLASSES
from .common import acting, may, system_called
from .systems import newest

_BEFORE_USE = frozenset({Phase.NEEDS_ANALYSIS, Phase.DEVELOPMENT, Phase.PROCUREMENT, Phase.ASSESSMENT, Phase.DECISION})
_IN_USE = frozenset({Phase.PILOT, Phase.IN_USE})
_ALIVE = _BEFORE_USE | _IN_USE | {Phase.PAUSED}


@dataclass(frozen=True)
class Choice:
    """A decision that can be taken in some phases: its form, its act, and what the page calls it."""

    name: str
    permission: str
    phases: frozenset[Phase]
    form: type[forms.Form]
    act: Callable[..., Act]
    title: Promise
    done: Promise


CHOICES = (
    Choice(
        "propose",
        "use.propose",
        frozenset({Phase.ASSESSMENT}),
        WhyForm,
        actions.propose_use,
        gettext_lazy("Ask for a decision on use"),
        gettext_lazy("A decision on use is asked for."),
    ),
    Choice(
        "decide",
        "use.decide",
        frozenset({Phase.ASSESSMENT, Phase.DECISION}) | _IN_USE,
        DecideForm,
        actions.decide_use,
        gettext_lazy("Decide that the system may be used"),
        gettext_lazy("The use is decided. It takes effect when the decision stands in the log."),
    ),
    Choice(
        "pause",
        "system.pause",
        _IN_USE,
        PauseForm,
        actions.pause_system,
        gettext_lazy("Pause the system"),
        gettext_lazy("The system is paused. Every call is refused from now on."),
    ),
    Choice(
        "continue",
        "system.continue",
        frozenset({Phase.PAUSED}),
        ContinueForm,
        actions.continue_system,
        gettext_lazy("Decide that the system goes on"),
        gettext_lazy("The system goes on when the decision stands in the log."),
    ),
    Choice(
        "retire",
        "system.retire",
        _ALIVE,
        RetireForm,
        actions.retire_system,
        gettext_lazy("Retire the system"),
        gettext_lazy("The system is retired."),
    ),
    Choice(
        "refuse",
        "system.refuse",
        _ALIVE,
        RefuseForm,
        actions.refuse_system,
        gettext_lazy("Decide not to use the system"),
        gettext_lazy("The decision not to use the system is recorded."),
    ),
)


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def decisions(request: HttpRequest, slug: str) -> HttpResponse:
    """What has been decided, and the decisions that can be taken now."""
    system = system_called(slug)
    sent = _sent(request, system)
    if sent is not None:
        choice, form = sent
        if attempt(request, form, lambda: _decide(request, system, choice, form), done=str(choice.done)):
            return redirect("register:decisions", slug)
        newest(form, system)
    shown = [_shown(request, system, choice, sent) for choice in CHOICES if system.phase in choice.phases]
    permit = queries.permits_of([system]).get(system.pk)
    context = {
        "system": system,
        "choices": shown,
        "sent": sent[1] if sent else None,
        "decisions": system.decisions.select_related("act").order_by("-pk"),
        "missing": [reason for reason in permit.missing if reason.rule] if permit else [],
        "limits": limit_lines(limits_of_entry(system)),
    }
    return render(request, "register/decisions.html", context)


def _sent(request: HttpRequest, system: System) -> tuple[Choice, forms.Form] | None:
    if request.method != "POST":
        return None
    choice = next((one for one in CHOICES if one.name == request.POST.get("what")), None)
    if choice is None:
        raise Http404
    return choice, _form(choice, system, request.POST)


def _form(choice: Choice, system: System, data: object = None) -> forms.Form:
    extra = {"system": system} if choice.form is DecideForm else {}
    initial = {"revision": system.revision, "decided_on": clock.today()}
    return choice.form(data, initial=initial, auto_id=f"{choice.name}-%s", **extra)


def _decide(request: HttpRequest, system: System, choice: Choice, form: forms.Form) -> Act:
    return choice.act(actor=acting(request, choice.permission, system), system=system, **form.cleaned_data)


def _shown(request: HttpRequest, system: System, choice: Choice, sent: tuple[Choice, forms.Form] | None) -> dict[str, object]:
    """A decision on the page: with its form for those who may take it, otherwise with the offices that can."""
    allowed = may(request, choice.permission, system)
    form = sent[1] if sent and sent[0] is choice else _form(choice, system)
    roles = sorted(role_label(role) for role in PERMISSIONS[choice.permission])
    return {"choice": choice, "form": form if allowed else None, "roles": roles, "open": bool(sent and sent[0] is choice)}


@requires("system.see")
@require_safe
def decision(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One decision, explained with the packs, the law and the answers of its time. ``?format=json`` gives everything."""
    system = system_called(slug)
    row = get_object_or_404(Decision.objects.select_related("act", "system"), pk=pk, system=system)
    found = explain(row)
    if request.GET.get("format") == "json":
        return JsonResponse(as_json(found))
    gates = [gate for gate in found.result.gates if gate.in_force] if found.result else []
    effects = {effect.rule: effect for effect in found.result.effects} if found.result else {}
    context = {
        "system": system,
        "decision": row,
        "found": found,
        "gates": [(gate, effects[gate.rule].citations) for gate in gates],
        "class_words": CLASSES[found.result.system_class] if found.result else None,
        "questions": facts_of(found.packs),
    }
    return render(request, "register/decision.html", context)
