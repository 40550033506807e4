"""A person's own requests: asking, following, adding and taking back. Works by e-ID and by the code of a letter."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from insyn.core.entries import EntryKind
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused
from insyn.web.attempts import attempt
from insyn.web.register.models import System
from insyn.web.residents.sessions import resident_page, unknown
from insyn.web.residents.standing import Resident

from .actions import add_to_request, file_request, withdraw_request
from .clocks import days_of
from .forms import AddForm, AskForm
from .grounds import ABOUT, ARCHIVE_RULES, BY_SLUG, COMPLAINT, TIME
from .handling import complaint_to
from .models import OwnDays, RightsRequest
from .queries import request_of, requests_of
from .words import RequestKind


def easy_of(request: HttpRequest) -> dict[str, object]:
    """Whether the easy-to-read layer is asked for, and the query that keeps it."""
    easy = request.GET.get("lattlast") == "1"
    return {"easy": easy, "keep": "?lattlast=1" if easy else "", "and_keep": "&lattlast=1" if easy else ""}


@resident_page
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What one may ask for, and what one has asked for."""
    context = {"resident": request.resident, "requests": requests_of(request.resident), **easy_of(request)}
    return render(request, "rights/start.html", context)


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind: what it is, by what right, when there is an answer, and the form."""
    if kind not in BY_SLUG:
        raise Http404
    asked_for = BY_SLUG[kind]
    if asked_for is RequestKind.EXTRACT:
        return redirect("rights:extract")
    resident, cases = request.resident, _cases(request.resident)
    chosen = request.GET.get("arende", "")
    if chosen and chosen not in [value for value, _words in cases]:
        return unknown(request)
    form = AskForm(request.POST if request.method == "POST" else None, kind=asked_for, cases=cases, initial={"arende": chosen})
    made: list[RightsRequest] = []

    def act() -> None:
        rid = form.cleaned_data.get("arende", "")
        made.append(
            file_request(resident=resident, kind=asked_for, system=_system(resident, rid), rid=rid, message=form.cleaned_data["message"])
        )

    if request.method == "POST" and attempt(request, form, act, done=_("Your request is in. This is your receipt.")):
        return redirect("rights:mine", made[0].receipt)
    own = OwnDays.objects.filter(kind=asked_for).values_list("days", flat=True).first()
    context = {
        "resident": resident,
        "kind": asked_for,
        "about": ABOUT[asked_for],
        "time": TIME,
        "day": days_of(asked_for, clock.today(), own_days=own).counts,
        "form": form,
        "nothing": ABOUT[asked_for].needs_record and not cases,
        "rules": ARCHIVE_RULES if asked_for is RequestKind.ERASURE else (),
        **easy_of(request),
    }
    return render(request, "rights/ask.html", context, status=422 if form.is_bound else 200)


def _cases(resident: Resident) -> list[tuple[str, str]]:
    """The person's own records that something can be asked about, the newest first."""
    named = {system.slug: system.name for system in System.objects.filter(slug__in={one.system for one in resident.records})}
    return [
        (
            one.rid,
            f"{named.get(one.system, one.system)}, {one.day}" + (f", {_('entry %(n)s') % {'n': one.index}}" if one.index >= 0 else ""),
        )
        for one in reversed(resident.records)
        if one.kind in (EntryKind.DECISION.value, EntryKind.HISTORICAL_DECISION.value) and not one.erased
    ]


def _system(resident: Resident, rid: str) -> System | None:
    found = next((one.system for one in resident.records if one.rid == rid), "")
    return System.objects.filter(slug=found).first() if found else None


@resident_page
@require_safe
def one(request: HttpRequest, receipt: str) -> HttpResponse:
    """One request: the receipt, where it stands, and the answer."""
    found = request_of(request.resident, receipt)
    if found is None:
        return unknown(request)
    return _page(request, found, AddForm())


def _page(request: HttpRequest, found: RightsRequest, form: AddForm) -> HttpResponse:
    context = {
        "resident": request.resident,
        "asked": found,
        "about": ABOUT[RequestKind(found.kind)],
        "form": form,
        "complaint": COMPLAINT,
        "complaints": complaint_to(found),
        "restrictions": found.restrictions.all(),
        "erasures": found.erasures.exclude(done_index=None),
        **easy_of(request),
    }
    return render(request, "rights/mine.html", context, status=422 if form.is_bound else 200)


@resident_page
@require_POST
def add(request: HttpRequest, receipt: str) -> HttpResponse:
    """More about a request that waits."""
    found = request_of(request.resident, receipt)
    if found is None:
        return unknown(request)
    form = AddForm(request.POST)

    def act() -> object:
        return add_to_request(resident=request.resident, request=found, text=form.cleaned_data["text"])

    if attempt(request, form, act, done=_("It is added.")):
        return redirect("rights:mine", receipt)
    return _page(request, found, form)


@resident_page
@require_POST
def withdraw(request: HttpRequest, receipt: str) -> HttpResponse:
    """The person takes the request back."""
    found = request_of(request.resident, receipt)
    if found is None:
        return unknown(request)
    try:
        withdraw_request(resident=request.resident, request=found)
        messages.success(request, _("You have taken the request back. You can ask again whenever you want."))
    except ActRefused as refused:
        messages.error(request, str(refused))
    return redirect("rights:mine", receipt)
