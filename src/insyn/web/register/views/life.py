"""The next step of a system's life, tried before it is taken; and handing a system over to another owner."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from insyn.core.terms import Phase, Role
from insyn.rules.gates import GateState
from insyn.rules.phases import leads_back, may_follow
from insyn.web import clock
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import PERMISSIONS, requires
from insyn.web.attempts import attempt

from .. import actions, life, queries
from ..actions.phases import STEPS, step_to
from ..forms import Revised, WhyForm
from ..labels import label
from ..models import System
from .common import acting, may, system_called
from .systems import newest


class StepForm(WhyForm):
    case_number = forms.CharField(label=gettext_lazy("Case number"), max_length=40, required=False)


class HandOverForm(Revised):
    owner = forms.ModelChoiceField(label=gettext_lazy("New owner"), queryset=User.objects.none(), to_field_name="person")
    why = forms.CharField(label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: object, system: System, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        owners = queries.holders_of(Role.SYSTEM_OWNER, clock.today())
        people = User.objects.filter(person__in=[person for person, _name in owners]).exclude(pk=system.owner_id)
        self.fields["owner"].queryset = people.order_by("last_name", "first_name")


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, slug: str, to: str) -> HttpResponse:
    """What a step asks, met and missing, before it is taken; and the form for the owner when nothing is missing."""
    system = system_called(slug)
    phase = _phase(to)
    sent = StepForm(request.POST) if request.method == "POST" else None
    if sent is not None and attempt(request, sent, lambda: _take(request, system, phase, sent), done=_done(phase)):
        return redirect("register:gates", slug)
    if sent is not None:
        newest(sent, system)
    return render(request, "register/step.html", _context(request, system, phase, sent))


def _phase(to: str) -> Phase:
    try:
        return Phase(to)
    except ValueError as error:
        raise Http404 from error


def _take(request: HttpRequest, system: System, phase: Phase, form: StepForm) -> object:
    return actions.advance_system(actor=acting(request, "system.advance", system), system=system, to=phase, **form.cleaned_data)


def _done(phase: Phase) -> str:
    return _("The step is taken. The system now stands at: %(phase)s.") % {"phase": label("phase", phase)}


def _context(request: HttpRequest, system: System, phase: Phase, sent: StepForm | None) -> dict[str, object]:
    now = Phase(system.phase)
    follows = may_follow(now, phase)
    tried = step_to(system, phase) if follows else None
    own = phase in STEPS
    missing = {(gate.rule, gate.version) for gate in tried.lacking} if tried else set()
    form = sent or StepForm(initial={"revision": system.revision})
    return {
        "system": system,
        "to": phase,
        "word": life.step_word(phase),
        "there": now is phase,
        "follows": follows,
        "back": follows and leads_back(now, phase),
        "gates": [_line(gate) for gate in sorted(tried.gates, key=lambda gate: gate.met)] if tried else [],
        "met": len(tried.gates) - len(missing) if tried else 0,
        "missing": len(missing),
        "form": form if follows and own and (not missing or sent) and may(request, "system.advance", system) else None,
        "sent": sent,
        "own": own,
        "roles": sorted(PERMISSIONS["system.advance" if own else "use.decide"]),
        "way": life.way_of(system),
    }


def _line(gate: GateState) -> dict[str, object]:
    return {"gate": gate, "anchor": queries.anchor_of(gate)}


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, slug: str) -> HttpResponse:
    """Who owns the system, and the form that gives it another owner."""
    system = system_called(slug)
    form = HandOverForm(request.POST or None, system=system, initial={"revision": system.revision})
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.hand_over_system(actor=acting(request, "system.hand_over", system), system=system, **form.cleaned_data),
        done=_("The system has another owner."),
    ):
        return redirect("register:system", slug)
    context = {"system": system, "form": newest(form, system), "may_hand_over": may(request, "system.hand_over", system)}
    return render(request, "register/hand_over.html", context)
