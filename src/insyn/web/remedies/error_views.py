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
from .queries import Progress, errors_for, months_of, progress_of, progress_of_each, systems_to_look_in
from .telling import Magnitude, names_what_is_sealed, sees_each, shown_months, shown_number, tells_how_it_ended
from .words import SETTLED, CaseState, ErrorState, word

ON_A_PAGE = 50
#: Changed or not, for whoever does not see how each ended.
DECIDED = "decided"
REFRESH_SECONDS = 3
#: Pixels between two bars of a chart.
LINE = 44


@requires("reconsider.see")
@never_cache
@require_safe
def error_list(request: HttpRequest) -> HttpResponse:
    """Every error that the reader may see, the newest first."""
    page = Paginator(errors_for(request.user, clock.today()), ON_A_PAGE).get_page(request.GET.get("page"))
    progress = progress_of_each(page.object_list)
    rows = [(error, progress[error.pk]) for error in page.object_list]
    context = {"rows": rows, "page": page, "systems": systems_to_look_in(request.user, clock.today())}
    return render(request, "remedies/errors.html", context)


@requires("error.find")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_error(request: HttpRequest, slug: str) -> HttpResponse:
    """Describe the error, look how many decisions it touched, and then open a case for each."""
    system = system_called(slug)
    incidents = list(incidents_for(request.user, clock.today()).filter(system=system))
    form = ErrorForm(request.POST or None, system=system, incidents=_choices(incidents), **_named(system), initial=_first(request))
    counted: list[Counted | Magnitude] = []
    step = request.POST.get("step", "")
    if step == "look":
        attempt(request, form, lambda: counted.append(_look(request, system, form)), done=_("Counted. Nothing is written yet."))
    elif step == "open":
        opened: list[ErrorFound] = []
        if attempt(request, form, lambda: opened.append(_open(request, system, form, incidents)), done=_("The error is opened.")):
            return redirect("remedies:error", opened[0].pk)
    looked = counted[0] if counted else None
    found = looked if isinstance(looked, Counted) else None
    context = {
        "system": system,
        "form": form,
        "counted": found,
        "magnitude": looked if isinstance(looked, Magnitude) else None,
        "chart": found and chart_of(found.months),
        "may_find": may(request, "error.find", system),
    }
    return render(request, "remedies/new_error.html", context, status=422 if form.errors else 200)


def _look(request: HttpRequest, system: System, form: ErrorForm) -> Counted | Magnitude:
    sought = form.sought(system)
    if names_what_is_sealed(sought) and not sees_each(request.user, system, clock.today()):
        return errors.look_told(system, sought)
    return errors.look_for(system, sought)


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
    each = sees_each(request.user, found.system, clock.today())
    sealed = names_what_is_sealed(found.sought) and not each
    months = months_of(found)
    states = _states(progress, each)
    state = request.GET.get("lage", "")
    if state == DECIDED and not each:
        rows = rows.filter(state__in=SETTLED)
    elif state in {word for word, _name, _n in states}:
        rows = rows.filter(state=state)
    elif state == "inte-underrattade":
        rows = rows.filter(state__in=SETTLED, told_on=None, excused_why="")
    standing = found.state != ErrorState.WITHDRAWN
    context = {
        "error": found,
        "system": found.system,
        "progress": progress,
        "chart": chart_of(shown_months(months) if sealed else months),
        "each": each,
        "settled": SETTLED,
        "sealed": sealed,
        "ended": each or tells_how_it_ended(found, progress),
        "waiting": shown_number(found.waiting) if sealed else found.waiting,
        "outside": shown_number(found.outside) if sealed else found.outside,
        "outcome": outcome_label(found.system, found.outcome),
        "listing": found.state == ErrorState.LISTING,
        "refresh": REFRESH_SECONDS if found.state == ErrorState.LISTING and request.method == "GET" else 0,
        "page": Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": states,
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


def _states(progress: Progress, each: bool) -> list[tuple[str, str, int]]:
    """The states of the list with their numbers; for whoever does not see how each ended, those that are decided are one."""
    found = [(one.value, word("case", one), getattr(progress, one.value)) for one in CaseState if each or one not in SETTLED]
    decided = [] if each else [(DECIDED, _("Decided again"), progress.settled)]
    return [row for row in (*found[:1], *decided, *found[1:]) if row[2]]


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
    each = sees_each(request.user, found.system, clock.today())
    day = each or not names_what_is_sealed(found.sought)
    heads = ["rid", "day", "state", "ground", "entry", "settled_on", "told_on", "assigned_to"]
    rows = found.cases.select_related("assigned_to").iterator()
    return csv_response(f"fel-{found.pk}", [heads, *(_line(row, each=each, day=day) for row in rows)])


def _line(row: RemedyCase, *, each: bool, day: bool) -> list[str]:
    """Without ``each``: not how it ended. Without ``day``: not when it was decided."""
    days = [one.isoformat() if one else "" for one in (row.day if day else None, row.settled_on, row.told_on)]
    ended = [row.state, row.ground, "" if row.index is None else str(row.index)]
    if not each and row.state in SETTLED:
        ended = [DECIDED, "", ""]
    return [row.rid, days[0], *ended, days[1], days[2], str(row.assigned_to or "")]
