"""Errors that touched many decisions: describe one, see what it touched, open the cases, follow them to the end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.terms import Reach
from insyn.evidence.affected import Counted, named_in_facts
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import requires
from insyn.web.attempts import attempt
from insyn.web.incidents.models import Incident
from insyn.web.incidents.queries import incidents_for
from insyn.web.oversight.opening import outcome_label
from insyn.web.oversight.queries import may_review
from insyn.web.portfolio.board import Bar, Chart
from insyn.web.portfolio.tables import csv_response
from insyn.web.register.models import System
from insyn.web.register.views.common import acting, may, system_called

from . import actions, errors
from .forms import ErrorForm, PeopleForm, ToldForm, WhyForm
from .models import ErrorFound, RemedyCase
from .queries import errors_for, months_of, progress_of
from .words import SETTLED, CaseState, ErrorState, word

ON_A_PAGE = 50
REFRESH_SECONDS = 3
#: Pixels between two bars of a chart.
LINE = 44


@requires("reconsider.see")
@never_cache
@require_safe
def error_list(request: HttpRequest) -> HttpResponse:
    """Every error that the reader may see, the newest first."""
    page = Paginator(errors_for(request.user, clock.today()), ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [(error, progress_of(error)) for error in page.object_list]
    held = System.objects.filter(reach=Reach.EVERY_CALL).order_by("name_sv")
    context = {"rows": rows, "page": page, "systems": [system for system in held if may(request, "error.find", system)]}
    return render(request, "remedies/errors.html", context)


@requires("error.find")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_error(request: HttpRequest, slug: str) -> HttpResponse:
    """Describe the error, look how many decisions it touched, and then open a case for each."""
    system = system_called(slug)
    incidents = list(incidents_for(request.user, clock.today()).filter(system=system))
    form = ErrorForm(request.POST or None, system=system, incidents=_choices(incidents), **_named(system), initial=_first(request))
    counted: list[Counted] = []
    step = request.POST.get("step", "")
    if step == "look":
        attempt(
            request, form, lambda: counted.append(errors.look_for(system, form.sought(system))), done=_("Counted. Nothing is written yet.")
        )
    elif step == "open":
        opened: list[ErrorFound] = []
        if attempt(request, form, lambda: opened.append(_open(request, system, form, incidents)), done=_("The error is opened.")):
            return redirect("remedies:error", opened[0].pk)
    found = counted[0] if counted else None
    context = {
        "system": system,
        "form": form,
        "counted": found,
        "chart": found and chart_of(found.months),
        "may_find": may(request, "error.find", system),
    }
    return render(request, "remedies/new_error.html", context, status=422 if form.errors else 200)


def _first(request: HttpRequest) -> dict[str, str]:
    """From an incident's page: its number comes along."""
    return {"incident": request.GET.get("incident", "")}


def _choices(incidents: list[Incident]) -> list[tuple[str, str]]:
    return [(str(incident.pk), _("Incident %(number)d") % {"number": incident.pk}) for incident in incidents]


def _named(system: System) -> dict[str, dict[str, list[str]]]:
    """Groups and features as the facts rows name them; nothing where the log cannot be read."""
    try:
        with errors.log() as reader:
            return {column: named_in_facts(reader.connection, system.slug, column) for column in ("groups", "features")}
    except ActRefused:
        return {"groups": {}, "features": {}}


def _open(request: HttpRequest, system: System, form: ErrorForm, incidents: list[Incident]) -> ErrorFound:
    typed = form.cleaned_data
    return errors.open_error(
        actor=acting(request, "error.find", system),
        system=system,
        sought=form.sought(system),
        what=typed["what"],
        deadline=typed["deadline"],
        incident=next((one for one in incidents if str(one.pk) == typed.get("incident")), None),
    )


def chart_of(months: dict[str, int]) -> Chart | None:
    """How the decisions lie over the months, as a picture and a table."""
    if not months:
        return None
    most, total = max(months.values()), sum(months.values())
    bars = [
        Bar(month, n, round(100 * n / total, 1), round(100 * n / most, 1), LINE * number)
        for number, (month, n) in enumerate(months.items())
    ]
    return Chart("months", _("Decisions by month"), _("Month"), _("Decisions"), bars, total)


@requires("reconsider.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def error(request: HttpRequest, pk: int) -> HttpResponse:
    """One error: what it is, how far it has come, its decisions, and what can be done about them."""
    found = get_object_or_404(errors_for(request.user, clock.today()), pk=pk)
    bound = _bound(request, found)
    if request.method == "POST" and _act(request, found, bound):
        return redirect(request.get_full_path())
    found.refresh_from_db()
    progress = progress_of(found)
    rows = found.cases.select_related("assigned_to")
    state = request.GET.get("lage", "")
    if state in set(CaseState):
        rows = rows.filter(state=state)
    elif state == "inte-underrattade":
        rows = rows.filter(state__in=SETTLED, told_on=None, excused_why="")
    standing = found.state != ErrorState.WITHDRAWN
    context = {
        "error": found,
        "system": found.system,
        "progress": progress,
        "chart": chart_of(months_of(found)),
        "outcome": outcome_label(found.system, found.outcome),
        "listing": found.state == ErrorState.LISTING,
        "refresh": REFRESH_SECONDS if found.state == ErrorState.LISTING and request.method == "GET" else 0,
        "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": [(one.value, word("case", one), getattr(progress, one.value)) for one in CaseState if getattr(progress, one.value)],
        "query": f"lage={state}&" if state else "",
        "today": clock.today(),
        "late": found.deadline < clock.today() and progress.open > 0,
        "may_find": may(request, "error.find", found.system) and standing,
        "may_assign": may(request, "reconsider.assign", found.system) and standing and progress.open > 0,
        "may_tell": may(request, "reconsider.tell", found.system) and progress.untold > 0,
        "may_decide": may_review(found.system, request.user.person, clock.today()),
        "may_withdraw": may(request, "error.find", found.system) and standing and progress.open == progress.total,
        **bound,
        "form": next((form for form in bound.values() if form.is_bound), None),
    }
    return render(request, "remedies/error.html", context)


def reviewers_of(system: System) -> list[User]:
    """Who may decide on cases of the system today."""
    people = User.objects.filter(is_active=True, mandates__in=_officers()).distinct().order_by("first_name", "last_name")
    return [person for person in people if may_review(system, person.person, clock.today())]


def _officers() -> Any:
    from insyn.core.terms import Role
    from insyn.web.accounts.models import Mandate

    return Mandate.objects.valid(clock.today()).filter(role=Role.CASE_OFFICER)


def _bound(request: HttpRequest, found: ErrorFound) -> dict[str, forms.Form]:
    sent = request.POST.get("step", "") if request.method == "POST" else ""

    def data(name: str) -> object:
        return request.POST if name == sent else None

    return {
        "assign": PeopleForm(data("assign"), people=reviewers_of(found.system), auto_id="assign-%s"),
        "tell": ToldForm(data("tell"), auto_id="tell-%s", initial={"told_on": clock.today()}),
        "withdraw": WhyForm(data("withdraw"), auto_id="withdraw-%s"),
        "again": forms.Form(data("again")),
        "erased": forms.Form(data("erased")),
        "more": forms.Form(data("more")),
    }


def _act(request: HttpRequest, found: ErrorFound, bound: dict[str, forms.Form]) -> bool:
    name, form = next(((name, form) for name, form in bound.items() if form.is_bound), ("", None))
    if form is None:
        return False
    return attempt(request, form, lambda: _do(request, found, name, form), done=_("Saved."))


def _do(request: HttpRequest, found: ErrorFound, name: str, form: forms.Form) -> object:
    system = found.system
    if name == "more":
        return errors.list_more(found)
    if name == "again":
        return errors.look_again(actor=acting(request, "error.find", system), error=found)
    if name == "withdraw":
        return errors.withdraw_error(actor=acting(request, "error.find", system), error=found, why=form.cleaned_data["why"])
    if name == "erased":
        return errors.note_erased(actor=acting(request, "reconsider.assign", system), error=found)
    if name == "assign":
        people = list(form.cleaned_data["people"])
        rows = _chosen(request, found).filter(state=CaseState.OPEN)
        return actions.assign_cases(actor=acting(request, "reconsider.assign", system), system=system, cases=rows, people=people)
    return actions.record_told(
        actor=acting(request, "reconsider.tell", system), system=system, cases=_chosen(request, found), **form.cleaned_data
    )


def _chosen(request: HttpRequest, found: ErrorFound) -> Any:
    """The ticked rows, or every row when asked for."""
    rows = found.cases.all()
    if "everybody" in request.POST:
        return rows
    return rows.filter(pk__in={number for number in request.POST.getlist("cases") if number.isdecimal() and len(number) < 19})


@requires("reconsider.see")
@never_cache
@require_safe
def error_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Ids and states; nothing from a case."""
    found = get_object_or_404(errors_for(request.user, clock.today()), pk=pk)
    heads = ["rid", "day", "state", "ground", "entry", "settled_on", "told_on", "assigned_to"]
    return csv_response(f"fel-{found.pk}", [heads, *(_line(row) for row in found.cases.select_related("assigned_to").iterator())])


def _line(row: RemedyCase) -> list[str]:
    days = [day.isoformat() if day else "" for day in (row.day, row.settled_on, row.told_on)]
    where = "" if row.index is None else str(row.index)
    return [row.rid, days[0], row.state, row.ground, where, days[1], days[2], str(row.assigned_to or "")]
