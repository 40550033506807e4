"""Participation in public: which rounds there are, and the page where anybody answers without saying who it is."""

from __future__ import annotations

import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.errors import InvalidInput
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import public
from insyn.web.feedback.queries import public_feedback

from ..forms import AnswerForm
from ..models import Round
from ..proposals import answer_round, count_answer
from ..queries import outcome_of, public_rounds
from ..words import RoundState


@public("anyone may see what is asked")
@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """Open rounds, those that come, and those that were."""
    today = clock.today()
    found = public_rounds()
    context = {
        "open": [row for row in found if row.is_open(today)],
        "coming": [row for row in found if not row.is_open(today) and not row.has_ended(today)],
        "past": [row for row in found if row.has_ended(today)],
    }
    return render(request, "participation/public_rounds.html", context)


@public("anyone may take part, without saying who it is")
@require_http_methods(["GET", "HEAD", "POST"])
def one_round(request: HttpRequest, slug: str) -> HttpResponse:
    """One round: the question and the form while it is open, proposals and answers when it is published."""
    row = get_object_or_404(Round.objects.exclude(state=RoundState.DRAFT).select_related("system"), slug=slug)
    form, status = AnswerForm(request.POST or None, asked=row, initial={"token": secrets.token_hex(16), "group": ""}), 200
    if request.method == "POST":
        status = _answer(request, row, form)
        if status == 302:
            return redirect("participation:public_round", slug)
    today = clock.today()
    context = {
        "row": row,
        "form": form,
        "open": row.is_open(today),
        "coming": not row.is_open(today) and not row.has_ended(today),
        "received": row.contributions.count(),
        "feedback": public_feedback(today, asked=row),
        "outcome": outcome_of(row) if row.state == RoundState.PUBLISHED else None,
    }
    return render(request, "participation/public_round.html", context, status=status)


def _answer(request: HttpRequest, row: Round, form: AnswerForm) -> int:
    """Take the proposal in. The status of the answer: 302 when it is saved, otherwise the form says what is in the way."""
    if not form.is_valid():
        return 422
    if not count_answer(request.META.get("REMOTE_ADDR", "")):
        form.add_error(None, _("Many proposals have come from your connection in the last hour. Wait an hour, or write a letter."))
        return 429
    try:
        saved = answer_round(asked=row, language=(get_language() or "sv")[:2], **form.cleaned_data)
    except InvalidInput as error:
        form.add_error(error.place if error.place in ("text", "email", "group") else None, error.message)
        return 422
    except ActRefused as error:
        form.add_error(None, list(error.reasons))
        return 409
    messages.success(
        request,
        _("Thank you. Your proposal has number %(number)d. An official reads it before it is shown.") % {"number": saved.number}
        + " "
        + _("Follow it with the number %(receipt)s.") % {"receipt": saved.receipt},
    )
    return 302
