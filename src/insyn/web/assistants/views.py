"""Pages for whoever uses an assistant: which there are, what the instruction says, and one's own passes."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.terms import Phase, RecordKind
from insyn.web import clock
from insyn.web.accounts.permissions import requires, role_label
from insyn.web.attempts import attempt
from insyn.web.register.models import Record, System
from insyn.web.register.views.common import acting, system_called

from . import actions
from .forms import ConfirmForm, RevokeForm
from .models import AssistantPass
from .standing import NOT_SHARED, instruction_of, is_assistant

_OPEN = (Phase.PILOT, Phase.IN_USE)


@requires("assistant.use")
@require_safe
def assistants(request: HttpRequest) -> HttpResponse:
    """Every assistant in use, and the reader's own passes."""
    today = clock.today()
    told = Record.objects.filter(kind=RecordKind.INSTRUCTION, content__has_key=NOT_SHARED).values("system")
    found = [
        system for system in System.objects.filter(phase__in=_OPEN, pk__in=told).order_by("slug") if is_assistant(system.records.all())
    ]
    own = AssistantPass.objects.standing(today).filter(person=request.user.person).select_related("system")
    return render(request, "assistants/assistants.html", {"systems": found, "passes": own})


@requires("assistant.use")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def assistant(request: HttpRequest, slug: str) -> HttpResponse:
    """The instruction as it reads today; confirming it hands out a pass, shown once."""
    system = system_called(slug)
    if not is_assistant(system.records.all()):
        raise Http404
    today = clock.today()
    instruction = instruction_of(system.records.all(), today)
    what = request.POST.get("what_form", "") if request.method == "POST" else ""
    form = ConfirmForm(request.POST if what == "confirm" else None, initial={"digest": instruction.digest if instruction else ""})
    made: list[actions.IssuedPass] = []

    def confirm() -> None:
        actor = acting(request, "assistant.use", system)
        made.append(actions.confirm_instruction(actor=actor, system=system, digest=form.cleaned_data["digest"]))

    if what == "confirm":
        attempt(request, form, confirm, done=_("The instruction is confirmed. Copy your pass now: it is shown only here and now."))
    if what == "revoke" and _revoke(request, system):
        return redirect("assistants:assistant", slug=slug)
    held = AssistantPass.objects.filter(system=system, last_day__gte=today)
    if request.user != system.owner:
        held = held.filter(person=request.user.person)
    context = {
        "system": system,
        "instruction": instruction,
        "lines": [(role_label(str(row["role"])), row["instruction"], row["holds_through"]) for row in instruction.rows]
        if instruction
        else [],
        "form": form,
        "token": made[0].token if made else "",
        "passes": held.order_by("-issued_on"),
        "days": actions.MOST_DAYS,
    }
    return render(request, "assistants/assistant.html", context)


def _revoke(request: HttpRequest, system: System) -> bool:
    form = RevokeForm(request.POST)
    held = get_object_or_404(AssistantPass, pk=request.POST.get("key", ""), system=system)
    if request.user.person != held.person and request.user != system.owner:
        raise Http404
    return attempt(
        request,
        form,
        lambda: actions.revoke_pass(actor=acting(request, "assistant.use", system), held=held),
        done=_("The pass is taken back. It opens nothing from now on."),
    )
