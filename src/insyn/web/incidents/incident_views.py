"""Pages of incidents: report, follow the clocks, draft and record notifications, and see to those who were harmed."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.terms import Reach
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.accounts.permissions import holds, public, requires
from insyn.web.attempts import attempt
from insyn.web.register import packs as rule_packs
from insyn.web.register.compiling import known_answers
from insyn.web.register.models import System
from insyn.web.register.views.common import acting, may, system_called
from insyn.web.remedies.queries import reconsidered_of

from . import handling, remedy
from .clocks import NotYet, not_yet
from .drafting import draft_text
from .forms import (
    ByHandForm,
    CloseForm,
    DraftForm,
    FromLogForm,
    PublishForm,
    PutRightForm,
    ReportForm,
    SentForm,
    TellForm,
    UpdateForm,
    WhyForm,
    now_local,
)
from .models import Harmed, Incident, Notification
from .queries import incidents_for, published_incidents, systems_named
from .wording import clock_text, moment_text
from .words import IncidentState, NotificationState

PAGE = 50


@dataclass(frozen=True)
class ClockLine:
    """A duty to notify and where its clock stands, in words."""

    row: Notification
    overdue: bool
    text: str


def clock_lines(incident: Incident) -> list[ClockLine]:
    now = clock.now()
    return [ClockLine(row, row.is_overdue(now), _clock_words(row)) for row in incident.notifications.all()]


def _clock_words(row: Notification) -> str:
    if not row.asked:
        return _("An answer says that this is not due.")
    if row.state == NotificationState.SENT:
        words = {"moment": moment_text(row.sent_at)}
        return _("Sent %(moment)s, too late") % words if row.was_late else _("Sent %(moment)s, in time") % words
    if row.state == NotificationState.NOT_NEEDED:
        return _("Decided that it is not needed")
    return clock_text(row.due_at, clock.now())


@requires("incident.report")
@require_safe
def incident_list(request: HttpRequest) -> HttpResponse:
    """The incidents that the reader may see, open ones first."""
    found = incidents_for(request.user, clock.today())
    open_ones = [
        (incident, _next_clock(incident)) for incident in found.exclude(state=IncidentState.CLOSED).prefetch_related("notifications")[:200]
    ]
    page = Paginator(found.filter(state=IncidentState.CLOSED), PAGE).get_page(request.GET.get("page"))
    return render(request, "incidents/incidents.html", {"open": open_ones, "page": page})


def _next_clock(incident: Incident) -> ClockLine | None:
    """The clock that runs out first."""
    waiting = [row for row in incident.notifications.all() if row.waits]
    row = min(waiting, key=lambda one: one.due_at, default=None)
    return ClockLine(row, row.is_overdue(clock.now()), clock_text(row.due_at, clock.now())) if row else None


@requires("incident.report")
@require_safe
def choose_system(request: HttpRequest) -> HttpResponse:
    """Which system the incident concerns."""
    words = request.GET.get("q", "").strip()[:200]
    found = list(systems_named(words)[: PAGE + 1])
    return render(request, "incidents/choose_system.html", {"q": words, "systems": found[:PAGE], "more": len(found) > PAGE})


@requires("incident.report")
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Report an incident with one system."""
    system = system_called(slug)
    form = ReportForm(request.POST or None, initial={"discovered_at": now_local()})
    made: list[Incident] = []
    if request.method == "POST" and attempt(
        request, form, lambda: made.append(_report(request, system, form)), done=_("The incident is reported. Its clocks run.")
    ):
        return redirect("incidents:incident", made[0].pk)
    return render(request, "incidents/report.html", {"system": system, "form": form})


def _report(request: HttpRequest, system: System, form: ReportForm) -> Incident:
    typed = form.cleaned_data
    return handling.report_incident(
        actor=acting(request, "incident.report", system),
        system=system,
        what=typed["what"],
        kinds=typed["kinds"],
        discovered_at=typed["discovered_at"],
        happened_at=typed["happened_at"],
        answers=form.answers(),
    )


@requires("incident.report")
@require_http_methods(["GET", "HEAD", "POST"])
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: its clocks, what is known, what the public reads, and closing it."""
    found = _visible(request, pk)
    bound = _bound(request, found)
    if request.method == "POST" and _incident_act(request, found, bound):
        return redirect("incidents:incident", pk)
    found.refresh_from_db()
    system = found.system
    context = {
        "incident": found,
        "system": system,
        "clocks": clock_lines(found),
        "not_yet": _not_yet(found),
        "update": bound["update"],
        "publish": bound["publish"],
        "close": bound["close"],
        "form": next((form for form in bound.values() if form.is_bound), None),
        "may_handle": may(request, "incident.handle", system),
        "may_close": may(request, "incident.close", system) and found.state != IncidentState.CLOSED,
        "may_stop": holds(request.user, "stop.order", clock.today()) is not None,
        "in_the_way": list(handling.in_the_way(found)),
        "harmed": found.harmed.count(),
        "errors_found": found.errors_found.exclude(state="withdrawn"),
        "closed": found.state == IncidentState.CLOSED,
    }
    return render(request, "incidents/incident.html", context)


def _visible(request: HttpRequest, pk: int) -> Incident:
    """The incident, or a 404 for who may not read it: that it is there is internal too."""
    return get_object_or_404(incidents_for(request.user, clock.today()), pk=pk)


def _bound(request: HttpRequest, found: Incident) -> dict[str, forms.Form]:
    """The three forms of the page; the one that was sent holds what was typed."""
    known = {name: getattr(found, name) for name in handling.QUESTIONS}
    first = {
        "update": {**known, "measures": found.measures, "handled": found.state == IncidentState.HANDLED},
        "publish": {"text_sv": found.public_text_sv, "text_en": found.public_text_en, "public": found.public},
        "close": {"nobody_harmed_why": found.nobody_harmed_why},
    }
    kinds: dict[str, type[forms.Form]] = {"update": UpdateForm, "publish": PublishForm, "close": CloseForm}
    sent = request.POST.get("step", "") if request.method == "POST" else ""
    return {
        name: form(request.POST if name == sent else None, initial={**first[name], "revision": found.revision}, auto_id=f"{name}-%s")
        for name, form in kinds.items()
    }


def _incident_act(request: HttpRequest, found: Incident, bound: dict[str, forms.Form]) -> bool:
    update, publish, close = bound["update"], bound["publish"], bound["close"]
    if update.is_bound:
        return attempt(request, update, lambda: _update(request, found, update), done=_("Saved. The clocks follow the answers."))
    if publish.is_bound:
        return attempt(request, publish, lambda: _publish(request, found, publish), done=_("What everybody reads is saved."))
    return close.is_bound and attempt(request, close, lambda: _close(request, found, close), done=_("The incident is closed."))


def _update(request: HttpRequest, found: Incident, form: forms.Form) -> Incident:
    typed = form.cleaned_data
    named = {name: typed[name] for name in ("revision", "measures", "why", "handled")}
    return handling.update_incident(actor=acting(request, "incident.handle", found.system), incident=found, answers=form.answers(), **named)


def _publish(request: HttpRequest, found: Incident, form: forms.Form) -> Incident:
    return handling.publish_incident(actor=acting(request, "incident.handle", found.system), incident=found, **form.cleaned_data)


def _close(request: HttpRequest, found: Incident, form: forms.Form) -> Incident:
    return handling.close_incident(actor=acting(request, "incident.close", found.system), incident=found, **form.cleaned_data)


def _not_yet(found: Incident) -> tuple[NotYet, ...]:
    """The duties that the packs know and that are not in force on the incident's day. None where the packs cannot be read."""
    day = timezone.localdate(found.discovered_at)
    try:
        packs = rule_packs.in_force(day)
    except ActRefused:
        return ()
    return not_yet(packs, known_answers(found.system, packs), on=day)


@requires("incident.report")
@require_http_methods(["GET", "HEAD", "POST"])
def notification(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One duty to notify: the draft, and what became of it."""
    found = _visible(request, pk)
    row = get_object_or_404(
        Notification.objects.select_related("incident__system__office", "incident__system__owner"), pk=number, incident=found
    )
    bound = _notification_forms(request, row)
    if request.method == "POST" and _notification_act(request, row, bound):
        return redirect("incidents:notification", pk, number)
    row.refresh_from_db()
    context = {
        "incident": found,
        "system": found.system,
        "row": row,
        "line": ClockLine(row, row.is_overdue(clock.now()), _clock_words(row)),
        "started": moment_text(row.started_at),
        "due": moment_text(row.due_at),
        "draft": bound["draft"],
        "sent": bound["sent"],
        "waive": bound["waive"],
        "form": next((form for form in bound.values() if form.is_bound), None),
        "may_handle": may(request, "incident.handle", found.system) and row.state == NotificationState.OPEN,
    }
    return render(request, "incidents/notification.html", context)


def _notification_forms(request: HttpRequest, row: Notification) -> dict[str, forms.Form]:
    sent = request.POST.get("step", "") if request.method == "POST" else ""
    first = {"draft": {"draft": row.draft or draft_text(row)}, "sent": {"sent_at": now_local()}, "waive": {}}
    kinds: dict[str, type[forms.Form]] = {"draft": DraftForm, "sent": SentForm, "waive": WhyForm}
    return {name: form(request.POST if name == sent else None, initial=first[name], auto_id=f"{name}-%s") for name, form in kinds.items()}


def _notification_act(request: HttpRequest, row: Notification, bound: dict[str, forms.Form]) -> bool:
    acts = {
        "draft": (handling.draft_notification, _("The draft is kept.")),
        "sent": (handling.record_notification, _("Recorded as sent.")),
        "waive": (handling.waive_notification, _("Recorded that it is not needed.")),
    }
    name = next((name for name, form in bound.items() if form.is_bound), None)
    if name is None:
        return False
    (act, done), form = acts[name], bound[name]
    return attempt(request, form, lambda: act(actor=_handler(request, row), notification=row, **form.cleaned_data), done=done)


def _handler(request: HttpRequest, row: Notification) -> object:
    return acting(request, "incident.handle", row.incident.system)


@requires("incident.report")
@require_http_methods(["GET", "HEAD", "POST"])
def harmed(request: HttpRequest, pk: int) -> HttpResponse:
    """The decisions that were touched: listed, told, put right."""
    found = _visible(request, pk)
    bound = _harmed_forms(request, found)
    if request.method == "POST" and _harmed_act(request, found, bound):
        return redirect("incidents:harmed", pk)
    page = Paginator(found.harmed.all(), PAGE * 2).get_page(request.GET.get("page"))
    rows = found.harmed
    context = {
        "incident": found,
        "system": found.system,
        "page": page,
        "total": rows.count(),
        "untold": rows.filter(told_on=None, excused_why="").count(),
        "unmended": rows.filter(put_right="").count(),
        **bound,
        "form": next((form for form in bound.values() if form.is_bound), None),
        "held": found.system.reach == Reach.EVERY_CALL,
        "again": reconsidered_of(found.pk, [row.rid for row in page.object_list if row.rid]),
        "may_handle": may(request, "incident.handle", found.system) and found.state != IncidentState.CLOSED,
    }
    return render(request, "incidents/harmed.html", context)


def _harmed_forms(request: HttpRequest, found: Incident) -> dict[str, forms.Form]:
    sent = request.POST.get("step", "") if request.method == "POST" else ""

    def data(name: str) -> object:
        return request.POST if name == sent else None

    day = timezone.localdate(found.happened_at or found.discovered_at)
    first = {"first_day": day, "last_day": timezone.localdate(found.discovered_at)}
    return {
        "from_log": FromLogForm(data("from_log"), system=found.system, initial=first, auto_id="from-log-%s"),
        "by_hand": ByHandForm(data("by_hand"), auto_id="by-hand-%s"),
        "tell": TellForm(data("tell"), auto_id="tell-%s", initial={"told_on": clock.today()}),
        "mend": PutRightForm(data("mend"), auto_id="mend-%s", initial={"on": clock.today()}),
    }


def _harmed_act(request: HttpRequest, found: Incident, bound: dict[str, forms.Form]) -> bool:
    name, form = next(((name, form) for name, form in bound.items() if form.is_bound), ("", None))
    if form is None:
        return False
    return attempt(request, form, lambda: _remedy(request, found, name, form), done=_("Saved."))


def _remedy(request: HttpRequest, found: Incident, name: str, form: forms.Form) -> int:
    actor, typed = acting(request, "incident.handle", found.system), form.cleaned_data
    if name == "from_log":
        return remedy.list_harmed_from_log(actor=actor, incident=found, **typed)
    if name == "by_hand":
        return remedy.list_harmed_by_hand(actor=actor, incident=found, case_numbers=typed["case_numbers"].splitlines())
    chosen = _chosen(request, found, name)
    if name == "tell":
        return remedy.tell_harmed(actor=actor, incident=found, harmed=chosen, **typed)
    return remedy.put_right(actor=actor, incident=found, harmed=chosen, **typed)


def _chosen(request: HttpRequest, found: Incident, name: str) -> list[Harmed]:
    """The ticked rows; or, when asked for, every row that still lacks what is being entered."""
    rows = found.harmed.all()
    if "everybody" in request.POST:
        return [row for row in rows if (not row.told if name == "tell" else not row.put_right)]
    numbers = {number for number in request.POST.getlist("harmed") if number.isdecimal() and len(number) < 19}
    return list(rows.filter(pk__in=numbers))


@public("what went wrong is public when it names nobody")
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Every incident whose text is public."""
    page = Paginator(published_incidents(), PAGE).get_page(request.GET.get("sida"))
    total = page.paginator.count
    heading = ngettext("%(n)d incident has been told", "%(n)d incidents have been told", total) % {"n": total}
    return render(request, "incidents/events.html", {"page": page, "heading": heading})
