"""The pages of the inventory: rounds, one office's answer, what was reported, and competence."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from insyn.core.errors import InvalidInput
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.permissions import actor_of, requires
from insyn.web.attempts import attempt
from insyn.web.register.models import System
from insyn.web.register.views.common import acting, may

from . import actions, forms, queries
from .competence import demanded
from .models import Assignment, CompetenceRecord, ReportedSystem, Round

_METHODS = ["GET", "HEAD", "POST"]
PAGE = 50


@requires("inventory.see")
@require_http_methods(_METHODS)
def rounds(request: HttpRequest) -> HttpResponse:
    """Every round, and the form that opens the next."""
    form = forms.OpenForm(request.POST or None)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.open_round(actor=acting(request, "inventory.open"), **form.cleaned_data),
        done=_("The round is open. See that every office has a lead."),
    ):
        return redirect("inventory:round", queries.newest_round().pk)
    today = clock.today()
    found = Round.objects.prefetch_related("assignments")
    context = {
        "form": form,
        "tried": [form],
        "rounds": found,
        "due": queries.round_is_due(today),
        "may_open": may(request, "inventory.open") and not found.filter(closed_on=None).exists(),
    }
    return render(request, "inventory/rounds.html", context)


@requires("inventory.see")
@require_http_methods(_METHODS)
def one_round(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the offices have come, what they reported, and the closing."""
    found = get_object_or_404(Round.objects.select_related("act", "repeat_of"), pk=pk)
    form = forms.CloseForm(request.POST or None)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.close_round(actor=acting(request, "inventory.close"), round_=found, **form.cleaned_data),
        done=_("The round is closed. Answers that come now count as late."),
    ):
        return redirect("inventory:round", pk)
    today = clock.today()
    assignments = list(found.assignments.select_related("office", "lead", "round"))
    reported = ReportedSystem.objects.filter(assignment__round=found).select_related("assignment__office", "system")
    context = {
        "round": found,
        "form": form,
        "tried": [form],
        "rows": [(assignment, queries.state_of(assignment, today)) for assignment in assignments],
        "page": Paginator(reported, PAGE).get_page(request.GET.get("page")),
        "changed": queries.not_right(found),
        "may_close": may(request, "inventory.close") and found.closed_on is None,
    }
    return render(request, "inventory/round.html", context)


@requires("inventory.see")
@require_http_methods(_METHODS)
def assignment(request: HttpRequest, pk: int) -> HttpResponse:
    """One office: its lead, its day, its answer, and the forms for whoever may."""
    found = get_object_or_404(Assignment.objects.select_related("round", "office", "lead"), pk=pk)
    today, what = clock.today(), request.POST.get("what", "")
    answer = _answer_form(request, found, what)
    lead = forms.LeadForm(request.POST if what == "lead" else None, leads=queries.leads_at(found, today))
    extend = forms.ExtendForm(request.POST if what == "extend" else None)
    if request.method == "POST" and _changed(request, found, what, answer=answer, lead=lead, extend=extend):
        return redirect("inventory:assignment", pk)
    leads_it = found.lead_id == request.user.pk and may(request, "inventory.answer")
    still_open = found.state == Assignment.State.OPEN
    context = {
        "assignment": found,
        "round": found.round,
        "state": queries.state_of(found, today),
        "tried": [answer, lead, extend],
        "answer": answer if leads_it and still_open else None,
        "lead": lead,
        "extend": extend,
        "may_assign": may(request, "inventory.assign") and still_open,
        "confirmed": found.confirmed.select_related("system"),
        "reported": found.reported.select_related("system"),
        "more_rows": min(answer.rows + 10, forms.MOST_ROWS) if answer.rows < forms.MOST_ROWS else 0,
    }
    return render(request, "inventory/assignment.html", context)


def _answer_form(request: HttpRequest, found: Assignment, what: str) -> forms.AnswerForm:
    asked = request.GET.get("rader", "")
    rows = min(max(int(asked), forms.ROWS), forms.MOST_ROWS) if asked.isascii() and asked.isdigit() and len(asked) < 4 else forms.ROWS
    systems = actions.systems_asked_about(found.office)
    return forms.AnswerForm(request.POST if what == "answer" else None, systems=systems, rows=rows)


def _changed(
    request: HttpRequest, found: Assignment, what: str, *, answer: forms.AnswerForm, lead: forms.LeadForm, extend: forms.ExtendForm
) -> bool:
    if what == "lead":
        return attempt(
            request,
            lead,
            lambda: actions.assign_lead(actor=acting(request, "inventory.assign"), assignment=found, **lead.cleaned_data),
            done=_("The lead is named."),
        )
    if what == "extend":
        return attempt(
            request,
            extend,
            lambda: actions.extend_assignment(actor=acting(request, "inventory.assign"), assignment=found, **extend.cleaned_data),
            done=_("The office has more time."),
        )
    return attempt(request, answer, lambda: _give_answer(request, found, answer), done=_("The answer is in. Thank you."))


def _give_answer(request: HttpRequest, found: Assignment, form: forms.AnswerForm) -> object:
    actor = actor_of(request.user, Role.INVENTORY_LEAD, clock.today())
    return actions.answer_assignment(actor=actor, assignment=found, **form.answer())


@requires("inventory.see")
@require_http_methods(_METHODS)
def reported(request: HttpRequest, pk: int) -> HttpResponse:
    """A system that an office reported: enter it, find its entry, or say why it is none."""
    found = get_object_or_404(ReportedSystem.objects.select_related("assignment__office", "assignment__round", "system"), pk=pk)
    entering = request.POST.get("what") == "enter"
    enter = forms.EnterForm(request.POST if entering else None)
    settle = forms.SettleForm(None if entering else request.POST or None)
    if request.method == "POST" and _settled(request, found, enter if entering else None, settle):
        return redirect("inventory:reported", pk)
    context = {
        "reported": found,
        "round": found.assignment.round,
        "enter": enter,
        "settle": settle,
        "tried": [enter, settle],
        "may_settle": may(request, "inventory.settle") and found.settled_id is None,
    }
    return render(request, "inventory/reported.html", context)


def _settled(request: HttpRequest, found: ReportedSystem, enter: forms.EnterForm | None, settle: forms.SettleForm) -> bool:
    if enter is not None:
        return attempt(
            request,
            enter,
            lambda: actions.enter_reported(actor=acting(request, "inventory.settle"), reported=found, **enter.cleaned_data),
            done=_("The system stands in the register. Nothing about it is approved."),
        )

    def act() -> object:
        slug = settle.cleaned_data["system"].strip()
        system = System.objects.filter(slug=slug).first()
        if slug and system is None:
            raise InvalidInput(_("The register has no system with this short name."), place="system")
        actor = acting(request, "inventory.settle")
        return actions.settle_reported(actor=actor, reported=found, system=system, why_not=settle.cleaned_data["why_not"])

    return attempt(request, settle, act, done=_("The report is dealt with."))


@requires("inventory.see")
@require_http_methods(_METHODS)
def competence(request: HttpRequest) -> HttpResponse:
    """Who has the competence that classifying and assessing take, and the form for one more."""
    today, withdrawing = clock.today(), request.POST.get("what") == "withdraw"
    form = forms.CompetenceForm(None if withdrawing else request.POST or None, initial={"first_day": today})
    withdraw = forms.WithdrawForm(request.POST if withdrawing else None)
    if request.method == "POST" and _recorded(request, form, withdraw, withdrawing=withdrawing):
        return redirect("inventory:competence")
    context = {
        "form": form,
        "withdraw": withdraw,
        "tried": [form, withdraw],
        "page": Paginator(queries.competences(), PAGE).get_page(request.GET.get("page")),
        "today": today,
        "demanded": demanded(today),
        "may_record": may(request, "competence.record"),
    }
    return render(request, "inventory/competence.html", context)


def _recorded(request: HttpRequest, form: forms.CompetenceForm, withdraw: forms.WithdrawForm, *, withdrawing: bool) -> bool:
    if not withdrawing:
        return attempt(
            request,
            form,
            lambda: actions.record_competence(actor=acting(request, "competence.record"), **form.cleaned_data),
            done=_("The competence is recorded."),
        )

    def act() -> object:
        record = get_object_or_404(CompetenceRecord, pk=withdraw.cleaned_data["record"])
        return actions.withdraw_competence(actor=acting(request, "competence.record"), record=record, why=withdraw.cleaned_data["why"])

    return attempt(request, withdraw, act, done=_("The competence is withdrawn."))
