"""Looking at one decision again. The case is opened by a press, because each opening stands in the log; nothing of it is kept here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.errors import InvalidInput, Unreachable
from insyn.core.messages import Actor
from insyn.core.own_words import marks_of
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import ReviewVerdict, Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import actor_of, requires
from insyn.web.letters.drafting import draft_letter, open_slots
from insyn.web.letters.protecting import is_protected
from insyn.web.oversight.opening import outcome_label
from insyn.web.oversight.queries import may_review
from insyn.web.register.issuing import issued
from insyn.web.register.models import System
from insyn.web.reviews.case_views import keeps_words, not_reviewer, typed_in, words_of

from . import actions
from .forms import ReconsiderForm
from .grounds import PARAGRAPH
from .opening import Standing, open_standing, waits_for_first_decision
from .queries import cases_for, errors_for, open_about
from .words import CaseState

SEAL = "insyn.remedies.case"
SEAL_SECONDS = 12 * 3600
ON_A_PAGE = 50


@requires("reconsider.see")
@never_cache
@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Decisions that wait to be looked at again, the reader's own first to choose; and the errors that are being dealt with."""
    today = clock.today()
    cases = cases_for(request.user, today).filter(state=CaseState.OPEN)
    whose = request.GET.get("vems", "")
    chosen = cases
    if whose == "mina":
        chosen = cases.filter(assigned_to=request.user)
    elif whose == "ingens":
        chosen = cases.filter(assigned_to=None)
    page = Paginator(chosen.order_by("deadline", "pk"), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "whose": whose,
        "mine": cases.filter(assigned_to=request.user).count(),
        "nobodys": cases.filter(assigned_to=None).count(),
        "total": cases.count(),
        "errors": errors_for(request.user, today).exclude(state="withdrawn")[:20],
        "today": today,
        "query": f"vems={whose}&" if whose else "",
    }
    return render(request, "remedies/work.html", context)


@keeps_words
@requires("reconsider.do")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, rid: str) -> HttpResponse:
    """GET asks whether to open; POST opens the case, drafts a letter, or decides."""
    system = get_object_or_404(System, slug=request.POST.get("system") or request.GET.get("system", ""))
    if not may_review(system, request.actor.person, clock.today()):
        return not_reviewer(request, system)
    receipt = request.POST.get("receipt") or request.GET.get("receipt", "")
    try:
        actions.request_of(receipt, system, rid)
    except ActRefused as error:
        messages.error(request, str(error))
        receipt = ""
    if waits_for_first_decision(settings.HOME, rid):
        messages.info(request, _("Nobody has decided this yet: it is not reconsidered, but decided."))
        return redirect(f"{reverse('oversight:case', args=[rid])}?system={system.slug}")
    if request.method != "POST":
        return render(request, "remedies/open.html", {"system": system, "rid": rid, "receipt": receipt, "cases": open_about(system, rid)})
    if "seal" in request.POST:
        return _sent(request, system, rid, receipt)
    return _show(request, system, rid, receipt)


def _show(
    request: HttpRequest, system: System, rid: str, receipt: str, *, typed: Any = None, problem: str = "", drafting: bool = False
) -> HttpResponse:
    """Open the case and show it; ``typed`` comes back as it was, whatever was wrong."""
    officer = actor_of(request.user, Role.CASE_OFFICER, clock.today())
    language = get_language() or "sv"
    try:
        standing = open_standing(system, rid, actor=officer, language=language)
    except Refused as refused:
        return _refused(request, system, refused, rid)
    except Unreachable:
        return _refused(request, system, Refused(refuse(RefusalCode.UNREACHABLE)), rid)
    mine = standing.decided_by(officer.person)
    # sentences that are not the officer's own: those of the proposal, and of every decision so far
    marks = marks_of([*standing.case.sentences, *(taken.said.reasons for taken in standing.taken)])
    notice_due = _notice_due(system, standing)
    form = ReconsiderForm(typed, outcomes=system.outcomes, marks=marks, mine=mine, notice_due=notice_due)
    if drafting:
        form = _drafted(form, system, standing, language, officer)
    if problem:
        form.add_error(None, problem)
    context = {
        "system": system,
        "rid": rid,
        "receipt": receipt,
        "standing": standing,
        "case": standing.case,
        "form": form,
        "mine": mine,
        "paragraph": PARAGRAPH,
        "favourable": outcome_label(system, system.favourable_outcome) if system.favourable_outcome else "",
        "cases": open_about(system, rid),
        "seal": _seal(standing, marks, officer.person, mine=mine, notice_due=notice_due),
        "drafted": drafting and not form.errors,
    }
    return render(request, "remedies/case.html", context, status=422 if form.errors else 200)


def _notice_due(system: System, standing: Standing) -> bool:
    permit = issued(system)
    return bool(permit and permit.notice_due and not standing.told)


def _seal(standing: Standing, marks: frozenset[str], person: str, *, mine: bool, notice_due: bool) -> str:
    """What the decision must be bound to, signed: who opened it, and what held then. Of the case it holds the outcome and hashes."""
    held = {
        "rid": standing.case.rid,
        "opened": standing.case.opened,
        "replaces": standing.replaces,
        "before": standing.outcome,
        "marks": sorted(marks),
        "person": person,
        "mine": mine,
        "notice_due": notice_due,
    }
    return signing.dumps(held, salt=SEAL, compress=True)


def _drafted(form: ReconsiderForm, system: System, standing: Standing, language: str, officer: Actor) -> ReconsiderForm:
    """The form as it was typed, with a draft of the letter in the place of what stood there."""
    if not form.is_valid():
        return form
    typed = form.cleaned_data
    verdict = ReviewVerdict.ACCEPTED if typed["outcome"] == standing.outcome else ReviewVerdict.CHANGED
    text = draft_letter(
        system=system,
        case=standing.case,
        verdict=verdict,
        outcome=outcome_label(system, typed["outcome"]),
        reasons=typed["reasons"],
        ground=typed["ground"].value,
        language=language,
        protected=is_protected(system, standing.case.rid, actor=officer),
    )
    form.data = form.data.copy()
    form.data["letter"] = text
    return form


def _sent(request: HttpRequest, system: System, rid: str, receipt: str) -> HttpResponse:
    again: dict[str, Any] = {"typed": request.POST}
    try:
        sealed = signing.loads(request.POST["seal"], salt=SEAL, max_age=SEAL_SECONDS)
    except signing.BadSignature:
        return _show(
            request,
            system,
            rid,
            receipt,
            **again,
            problem=_(
                "The page was open for too long. The case has been opened again; what you wrote is kept. Read it through and decide."
            ),
        )
    if (sealed["rid"], sealed["person"]) != (rid, request.actor.person):
        raise SuspiciousOperation("a seal of another case, or made for another person")
    if request.POST.get("step") == "draft":
        return _show(request, system, rid, receipt, **again, drafting=True)
    form = ReconsiderForm(
        request.POST,
        outcomes=system.outcomes,
        marks=frozenset(sealed["marks"]),
        mine=sealed["mine"],
        notice_due=sealed.get("notice_due", False),
    )
    if not form.is_valid():
        return _show(request, system, rid, receipt, **again)
    if gaps := open_slots(form.cleaned_data["letter"]):  # the person concerned reads the letter as it is kept
        return _show(request, system, rid, receipt, **again, problem=_("Fill in or take away: %(gap)s") % {"gap": gaps[0]})
    try:
        done = actions.reconsider(
            actor=actor_of(request.user, Role.CASE_OFFICER, clock.today()),
            system=system,
            decided=actions.Decided(
                rid=rid,
                receipt=receipt,
                **{name: sealed[name] for name in ("replaces", "opened", "before")},
                **form.decided,
            ),
        )
    except (ActRefused, InvalidInput) as error:
        return _show(request, system, rid, receipt, **again, problem=getattr(error, "message", "") or str(error))
    except Refused as refused:
        if refused.refusal.code is RefusalCode.NOTHING_TO_RECONSIDER:
            return _show(
                request,
                system,
                rid,
                receipt,
                **again,
                problem=_("Somebody has decided the case since you opened it. What you wrote is kept: read the newest decision first."),
            )
        return _refused(request, system, refused, rid)
    except Unreachable:
        return _refused(request, system, Refused(refuse(RefusalCode.UNREACHABLE)), rid)
    messages.success(request, _("Your decision stands in the log as entry %(index)d.") % {"index": done.index})
    return redirect("remedies:work")


def _refused(request: HttpRequest, system: System, refused: Refused, rid: str) -> HttpResponse:
    """What stood in the way, with all that was typed: to send once more, or to take into the case opened again."""
    down, sent = refused.refusal.code is RefusalCode.UNREACHABLE, request.POST
    context = {
        "system": system,
        "refusal": refused.refusal,
        "rid": rid,
        "typed": typed_in(request),
        "words": words_of(request),
        "seal": sent.get("seal", "") if down else "",
    }
    return render(request, "remedies/refused.html", context, status=503 if down else 409)
