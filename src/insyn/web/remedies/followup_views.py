"""How people decide on a system's proposals: for those who answer for it, with the limits of alarm and what stands beyond them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.register.views.common import acting, may, system_called
from insyn.web.reviews.queries import calibration_results
from insyn.web.rights.queries import outcomes

from . import alarms
from .forms import AnswerForm, LimitsForm
from .shown import ground_rows, lines_of, step_rows
from .words import Measure, Reply, word


@requires("followup.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def followup(request: HttpRequest, slug: str) -> HttpResponse:
    """The figures, the alarms with a suggestion each, and for the owner the limits."""
    system = system_called(slug)
    step = request.POST.get("step", "")
    held = {measure.value: per_cent for measure, per_cent in alarms.limits_of(system).items()}
    limits = LimitsForm(request.POST if step == "limits" else None, initial=held, auto_id="limits-%s")
    answer = AnswerForm(request.POST if step == "answer" else None, auto_id="answer-%s")
    if limits.is_bound and attempt(
        request,
        limits,
        lambda: alarms.set_alarm_limits(
            actor=acting(request, "alarm.set", system), system=system, limits=limits.limits(), why=limits.cleaned_data["why"]
        ),
        done=_("The limits are set."),
    ):
        return redirect("remedies:followup", slug)
    if answer.is_bound and attempt(
        request,
        answer,
        lambda: alarms.answer_alarm(
            actor=acting(request, "alarm.answer", system),
            system=system,
            measure=Measure(answer.cleaned_data["measure"]),
            reply=Reply(answer.cleaned_data["reply"]),
            why=answer.cleaned_data["why"],
        ),
        done=_("The alarm is answered."),
    ):
        return redirect("remedies:followup", slug)
    counted = alarms.followed(slug)
    figures = counted and counted.told
    raised = [
        (alarm, word("measure", alarm.measure), AnswerForm(initial={"measure": alarm.measure.value}, auto_id=f"{alarm.measure}-%s"))
        for alarm in alarms.alarms_of(system)
    ]
    context = {
        "system": system,
        "figures": figures,
        "lines": lines_of(figures) if figures else [],
        "grounds": ground_rows(figures) if figures else [],
        "steps": step_rows(figures) if figures else [],
        "held": list(held.items()),
        "made": calibration_results(system),
        "asked": outcomes(system),
        "raised": raised,
        "limits": limits,
        "answer": answer,
        "form": next((form for form in (limits, answer) if form.is_bound), None),
        "may_set": may(request, "alarm.set", system),
        "may_answer": may(request, "alarm.answer", system),
        "may_find": may(request, "error.find", system),
        "answers": system.alarm_answers.select_related("act")[:20],
    }
    return render(request, "remedies/followup.html", context)
