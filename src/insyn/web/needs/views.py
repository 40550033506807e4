"""The pages of the needs: at work, from the first words to the decision; in public, what each ended in."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import PERMISSIONS, public, requires, role_label
from insyn.web.attempts import attempt
from insyn.web.feedback.queries import public_feedback
from insyn.web.register.views.common import acting, may

from . import actions, queries
from .forms import MOST_ROWS, AnalysisForm, BeginForm, DecisionForm, NeedForm, ReopenForm, alternatives
from .models import Need
from .words import FITTING, OUTCOMES, PHASES, FocusArea as Area, NeedOutcome, NeedPhase, word

PAGE = 50


def _need_called(number: str) -> Need:
    return get_object_or_404(Need.objects.select_related("office", "system", "raised_by"), number=number)


def _filters(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "")[:200] for name in ("q", "phase", "outcome", "area")}


def _choices() -> dict[str, list[tuple[str, str]]]:
    return {
        "phases": [(phase.value, str(label)) for phase, label in PHASES.items()],
        "outcomes": [(outcome.value, str(label)) for outcome, label in OUTCOMES.items()],
        "areas": [(area.value, word("area", area)) for area in Area],
    }


# ---------------------------------------------------------------------------------------------------------------- at work


@requires("need.see")
@require_safe
def needs(request: HttpRequest) -> HttpResponse:
    """Every need, by phase, outcome and focus area."""
    chosen = _filters(request)
    found = queries.needs_matching(chosen["q"], phase=chosen["phase"], outcome=chosen["outcome"], area=chosen["area"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "needs/needs.html", {"page": page, "chosen": chosen, **_choices()})


@requires("need.raise")
@require_http_methods(["GET", "HEAD", "POST"])
def new_need(request: HttpRequest) -> HttpResponse:
    """Raise a need."""
    form = NeedForm(request.POST or None)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.raise_need(actor=acting(request, "need.raise"), **form.cleaned_data),
        done=_("The need is entered. Next it is analysed: AI is weighed against a traditional solution."),
    ):
        return redirect("needs:needs")
    return render(request, "needs/new.html", {"form": form})


@requires("need.see")
@require_http_methods(["GET", "HEAD", "POST"])
def need(request: HttpRequest, number: str) -> HttpResponse:
    """One need: what was raised, weighed and decided; and what can be done now, for those who may."""
    found = _need_called(number)
    deciding, reopening = _deciding(request, found), _reopening(request, found)
    what = request.POST.get("what", "")
    sent = {"decide": deciding, "reopen": reopening}.get(what)
    if request.method == "POST" and sent is None:
        raise Http404
    if sent is not None and attempt(request, sent, lambda: _do(request, found, what, sent), done=_said(what)):
        return redirect("needs:need", number)
    if sent is not None:
        _newest(sent, found)
    return render(request, "needs/need.html", _context(request, found, deciding=deciding, reopening=reopening, sent=sent))


def _deciding(request: HttpRequest, found: Need) -> DecisionForm | None:
    analysis = found.analyses.first()
    if found.phase != NeedPhase.ANALYSED or analysis is None:
        # An old page may still send it: the act says that it cannot be done.
        if request.POST.get("what") != "decide":
            return None
        return DecisionForm(request.POST, fitting=tuple(NeedOutcome))
    data = request.POST if request.POST.get("what") == "decide" else None
    initial = {"revision": found.revision, "decided_on": clock.today()}
    return DecisionForm(data, fitting=FITTING[analysis.chosen_kind], initial=initial, auto_id="decide-%s")


def _reopening(request: HttpRequest, found: Need) -> ReopenForm:
    data = request.POST if request.POST.get("what") == "reopen" else None
    return ReopenForm(data, initial={"revision": found.revision}, auto_id="reopen-%s")


def _do(request: HttpRequest, found: Need, what: str, form: forms.Form) -> object:
    act: Callable[..., object] = actions.decide_need if what == "decide" else actions.reopen_need
    return act(actor=acting(request, f"need.{what}"), need=found, **form.cleaned_data)


def _said(what: str) -> str:
    return _("The need is decided. What it ended in is public from now on.") if what == "decide" else _("The need is open again.")


def _newest(form: forms.Form, found: Need) -> None:
    """After a refusal the form carries the newest revision: what was typed stands, and sending it again is a choice made knowingly."""
    found.refresh_from_db()
    form.data = form.data.copy()
    form.data["revision"] = str(found.revision)


def _context(request: HttpRequest, found: Need, **forms_: object) -> dict[str, object]:
    decisions = list(found.decisions.select_related("analysis"))
    ended = found.phase == NeedPhase.ENDED
    return {
        "need": found,
        "analysis": found.analyses.first(),
        "older": found.analyses.all()[1:],
        "decision": decisions[0] if decisions and ended else None,
        "earlier": decisions[1:] if ended else decisions,
        "may": {
            "analyse": not ended and may(request, "need.analyse"),
            "decide": may(request, "need.decide") and actions.may_decide(request.user.person, found),
            "reopen": found.phase != NeedPhase.OPEN and found.system_id is None and may(request, "need.reopen"),
            "begin": found.outcome == NeedOutcome.AI and found.system_id is None and may(request, "need.begin"),
        },
        "deciders": sorted(role_label(role) for role in PERMISSIONS["need.decide"]),
        "analysts": sorted(role_label(role) for role in PERMISSIONS["need.analyse"]),
        **forms_,
    }


@requires("need.analyse")
@require_http_methods(["GET", "HEAD", "POST"])
def analysis(request: HttpRequest, number: str) -> HttpResponse:
    """Weigh the solutions. The button for one more row keeps what is written."""
    found = _need_called(number)
    before = found.analyses.first()
    data = _with_one_more(request)
    form = AnalysisForm(data, initial={**_written(before), "revision": found.revision})
    rows = alternatives(data, initial=before.alternatives if before else None)
    if request.method == "POST" and "more" not in request.POST:
        if rows.is_valid() and attempt(
            request,
            form,
            lambda: actions.analyse_need(actor=acting(request, "need.analyse"), need=found, alternatives=rows.rows(), **form.cleaned_data),
            done=_("The analysis is entered. The need waits for a decision."),
        ):
            return redirect("needs:need", number)
        _newest(form, found)
    asked_for_more = "more" in request.POST
    context = {"need": found, "form": form, "rows": rows, "full": rows.total_form_count() >= MOST_ROWS, "asked_for_more": asked_for_more}
    return render(request, "needs/analysis.html", context)


def _with_one_more(request: HttpRequest) -> object:
    """What was sent, with one more row where that was asked for."""
    if request.method != "POST" or "more" not in request.POST:
        return request.POST or None
    data = request.POST.copy()
    try:
        number = int(data.get("row-TOTAL_FORMS", "0"))
    except ValueError:
        number = 0
    data["row-TOTAL_FORMS"] = str(max(1, min(MOST_ROWS, number + 1)))
    return data


def _written(before: object) -> dict[str, object]:
    names = ("summary", "chosen", "reasons", "measure", "expected", "expected_by")
    return {name: getattr(before, name) for name in names} if before else {}


@requires("need.begin")
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, number: str) -> HttpResponse:
    """Register the system that the need ended in."""
    found = _need_called(number)
    form = BeginForm(request.POST or None, initial={"revision": found.revision, "name_sv": found.title_sv[:120]})
    if request.method == "POST":
        if attempt(
            request,
            form,
            lambda: actions.begin_system_from_need(actor=acting(request, "need.begin"), need=found, **form.cleaned_data),
            done=_("The system stands in the register, with the needs analysis as its first record."),
        ):
            return redirect("register:gates", form.cleaned_data["slug"])
        _newest(form, found)
    return render(request, "needs/begin.html", {"need": found, "form": form})


# --------------------------------------------------------------------------------------------------------------- in public


@public("what a need ended in, and why, is for everybody to read")
@require_safe
def public_needs(request: HttpRequest) -> HttpResponse:
    """Decided needs; of the others only how many there are."""
    chosen = _filters(request)
    found = queries.public_needs(chosen["q"], outcome=chosen["outcome"], area=chosen["area"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "needs/public_needs.html", {"page": page, "chosen": chosen, "under_way": queries.under_way(), **_choices()})


@public("what a need ended in, and why, is for everybody to read")
@require_safe
def public_need(request: HttpRequest, number: str) -> HttpResponse:
    """What a need was, which solutions were weighed, and what it ended in."""
    result = queries.public_need(number)
    if result is None:
        raise Http404
    feedback = public_feedback(clock.today(), need=result.need)
    return render(request, "needs/public_need.html", {"need": result.need, "decision": result.decision, "feedback": feedback})
