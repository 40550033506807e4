"""The work-environment assessment as the safety representative meets it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insyn.web.accounts.permissions import requires
from insyn.web.register.models import Record, System
from insyn.web.register.views.common import acting, may, system_called

from .. import queries, safety
from ..forms import AnswerObjectionForm, SafetyForm
from ..models import SafetyStatement
from .steps import Step, sent_form, take


@requires("influence.see")
@require_http_methods(["GET", "HEAD", "POST"])
def work_environment(request: HttpRequest, slug: str) -> HttpResponse:
    """The assessment, what safety representatives have said of it, and their form."""
    system = system_called(slug)
    assessment = queries.assessment_to_sign(system)
    statements = list(SafetyStatement.objects.filter(system=system).select_related("act", "assessment").order_by("-pk"))
    signed = any(one.record_id and assessment and one.assessment_id == assessment.pk for one in statements)
    steps = [_stating(request, system, assessment, signed), *_answering(request, system, statements)]
    if take(request, steps):
        return redirect("participation:safety", slug)
    context = {
        "system": system,
        "assessment": assessment,
        "statements": statements,
        "signed": signed,
        "steps": [step for step in steps if step.offered],
        "sent": sent_form(steps),
    }
    return render(request, "participation/safety.html", context)


def _stating(request: HttpRequest, system: System, assessment: Record | None, signed: bool) -> Step:
    def state(form: SafetyForm) -> object:
        data = dict(form.cleaned_data)
        read = get_object_or_404(Record, pk=data.pop("assessment"), system=system)
        return safety.state_safety_part(actor=acting(request, "safety.state"), system=system, assessment=read, **data)

    return Step(
        name="state",
        title=_("Give your word as safety representative"),
        done=_("Your word is recorded."),
        form=SafetyForm,
        act=state,
        offered=may(request, "safety.state") and assessment is not None and not signed,
        initial={"assessment": assessment.pk if assessment else None},
        open=True,
    )


def _answering(request: HttpRequest, system: System, statements: list[SafetyStatement]) -> list[Step]:
    def answer(form: AnswerObjectionForm) -> object:
        asked = get_object_or_404(SafetyStatement, pk=form.cleaned_data["statement"], system=system)
        return safety.answer_objection(actor=acting(request, "safety.answer", system), statement=asked, answer=form.cleaned_data["answer"])

    open_ones = [one for one in statements if one.stance == "objects" and one.answered_on is None]
    return [
        Step(
            name="answer",
            title=_("Answer the objection"),
            done=_("The objection is answered."),
            form=AnswerObjectionForm,
            act=answer,
            offered=may(request, "safety.answer", system) and bool(open_ones),
            initial={"statement": open_ones[-1].pk if open_ones else None},
        )
    ]
