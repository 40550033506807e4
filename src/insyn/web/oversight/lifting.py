"""The forms below a list of stops: the formal decision that lifts one, and what the public is told about one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from insyn.core.errors import InsynError, InvalidInput
from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.permissions import as_actor, holds

from .actions import explain_stop, lift_stop
from .forms import ExplainForm, ResumeForm
from .models import Resume, StopOrder
from .queries import waiting_resume


@dataclass
class StopForms:
    """The forms of a page with stops. ``resume`` is bound when it was sent and something was wrong with it."""

    resume: ResumeForm = field(default_factory=ResumeForm)
    explain: ExplainForm = field(default_factory=ExplainForm)

    def resume_of(self, stop: StopOrder) -> ResumeForm:
        sent = self.resume.is_bound and self.resume.data.get("stop_index") == str(stop.index)
        return self.resume if sent else ResumeForm(initial={"stop_index": stop.index}, auto_id=f"id_%s_{stop.index}")


@dataclass(frozen=True)
class ToLift:
    """A stop in force, the decision to lift it that is on its way, and the form of a new one."""

    stop: StopOrder
    waiting: Resume | None
    form: ResumeForm


def to_lift(stop: StopOrder, forms: StopForms) -> ToLift:
    return ToLift(stop, waiting_resume(stop), forms.resume_of(stop))


def handle(request: HttpRequest, among: QuerySet[StopOrder], back: str) -> StopForms | HttpResponse:
    """Do what was sent about one of these stops; the forms to show otherwise."""
    forms = StopForms()
    if request.method != "POST":
        return forms
    if "resume" in request.POST:
        forms.resume = ResumeForm(request.POST)
        if forms.resume.is_valid() and _lifted(request, among, forms.resume):
            return redirect(back)
    elif "explain" in request.POST:
        forms.explain = ExplainForm(request.POST)
        stop = get_object_or_404(among, rid=request.POST.get("stop", ""))
        if forms.explain.is_valid() and done(
            request, "stop.order", lambda actor: explain_stop(actor=actor, stop=stop, **forms.explain.cleaned_data)
        ):
            messages.success(request, _("The explanation is published."))
            return redirect(back)
    return forms


def _lifted(request: HttpRequest, among: QuerySet[StopOrder], form: ResumeForm) -> bool:
    stop = get_object_or_404(among, index=form.cleaned_data["stop_index"])
    if not done(request, "stop.lift", lambda actor: lift_stop(actor=actor, newest=stop, **form.cleaned_data)):
        return False
    messages.success(request, _("The decision is taken. The stop is lifted when the decision stands in the log."))
    return True


def done(request: HttpRequest, permission: str, act: Callable[[Actor], object]) -> bool:
    """Do the act as the user; what stood in the way is shown as a message."""
    mandate = holds(request.user, permission, clock.today())
    try:
        if mandate is None:
            raise NotAllowed(_("You hold no mandate for this."))
        act(as_actor(mandate))
    except InvalidInput as error:  # without its place, which is the field's name in the program
        messages.error(request, f"{error.message} {error.mend}".strip())
        return False
    except (ActRefused, NotAllowed, InsynError) as error:
        messages.error(request, str(error))
        return False
    return True
