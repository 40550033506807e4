"""The calendar and its feeds, one's own settings, and the systems in figures."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.models import Office
from insyn.web.accounts.permissions import public, requires
from insyn.web.attempts import attempt
from insyn.web.feedback.days import deviation_days
from insyn.web.feedback.queries import pace
from insyn.web.inventory.queries import shares

from .actions import choose_digest, hashed, rotate_calendar_address
from .board import board_table, read_board
from .feeds import AHEAD, BACK, feed
from .forms import DigestForm, RotateForm
from .items import Dated, collect_calendar, collect_dates
from .models import CalendarAddress, DigestChoice
from .own_items import public_dates
from .tables import csv_response

_CALENDAR = "text/calendar; charset=utf-8"
_YEARS = range(2020, 2101)


@requires("calendar.see")
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """A month as a list of days."""
    today = clock.today()
    first = _month(request.GET.get("manad", ""), today)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    days: dict[date, list[Dated]] = {}
    for dated in collect_calendar(request.user, first, last, on=today):
        days.setdefault(dated.day, []).append(dated)
    context = {
        "month": first,
        "days": list(days.items()),
        "today": today,
        "previous": _shifted(first, -1),
        "next": _shifted(first, 1),
        "now": f"{today:%Y-%m}",
    }
    return render(request, "portfolio/calendar.html", context)


def _month(text: str, today: date) -> date:
    """The first day of a month such as 2026-11; of this month where nothing is asked for. Anything else is no such page."""
    if not text:
        return today.replace(day=1)
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise BadRequest("no month") from error
    if found.year not in _YEARS:
        raise BadRequest("no month")
    return found


def _shifted(first: date, months: int) -> str:
    """The month so many months on, as its address says it; empty where there is no such page."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return f"{year}-{month + 1:02}" if year in _YEARS else ""


@public("whoever has the secret address may read the calendar; it names systems and days, and nobody")
@never_cache
@require_safe
def own_feed(request: HttpRequest, token: str) -> HttpResponse:
    """A person's calendar for their calendar program. Every address that leads nowhere gets the same few bytes."""
    today = clock.today()
    found = CalendarAddress.objects.filter(sha256=hashed(token)).select_related("user").first()
    if found is None or not found.user.mandates.valid(today).exists():
        return HttpResponseNotFound(b"", content_type="text/plain")
    dates = collect_calendar(found.user, today - BACK, today + AHEAD, on=today)
    choice = DigestChoice.objects.filter(user=found.user).first()
    with translation.override(choice.language if choice else "sv"):
        return _feed(request, _("Insyn: my work"), dates)


@public("when the municipality evaluates its systems and whom it listens to is for everybody")
@require_safe
def public_feed(request: HttpRequest) -> HttpResponse:
    """Days that are for everybody."""
    today = clock.today()
    first, last = today - BACK, today + AHEAD
    dates = [dated for dated in collect_dates(today) if dated.public and first <= dated.day <= last]
    dates = sorted([*dates, *public_dates(first, last), *deviation_days(first, last)], key=lambda dated: (dated.day, dated.uid))
    response = _feed(request, _("AI systems of the municipality"), dates)
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _feed(request: HttpRequest, name: str, dates: list[Dated]) -> HttpResponse:
    base = request.build_absolute_uri("/").rstrip("/")
    return HttpResponse(feed(name, dates, base=base, on=clock.today()), content_type=_CALENDAR)


@requires("settings.own")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """One's own address and letters, and the address of one's calendar, which is shown once."""
    rotating = request.POST.get("what") == "rotate"
    choice = DigestChoice.objects.filter(user=request.user).first()
    held = {"email": request.user.email, "often": choice.often if choice else "never", "language": choice.language if choice else "sv"}
    form = DigestForm(None if rotating else request.POST or None, initial=held)
    rotate = RotateForm(request.POST if rotating else None)
    made: list[str] = []
    if request.method == "POST" and rotating:
        done = _("The address is made. It is shown only now.")
        attempt(request, rotate, lambda: made.append(rotate_calendar_address(actor=request.actor)), done=done)
    elif request.method == "POST" and attempt(
        request, form, lambda: choose_digest(actor=request.actor, **form.cleaned_data), done=_("Your choice is saved.")
    ):
        return redirect("portfolio:settings")
    context = {
        "form": form,
        "rotate": rotate,
        "address": request.build_absolute_uri(reverse("portfolio:own_feed", args=made)) if made else "",
        "has_address": CalendarAddress.objects.filter(user=request.user).exists(),
        "mandates": request.user.mandates.select_related("office").order_by("-first_day"),
        "today": clock.today(),
    }
    return render(request, "portfolio/settings.html", context)


@requires("portfolio.see")
@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    """The systems in figures for the board, of the whole municipality or of one office and those below it."""
    today, slug = clock.today(), request.GET.get("enhet", "")
    office = get_object_or_404(Office, slug=slug) if slug else None
    board = read_board(today, office=office)
    if request.GET.get("format") == "csv":
        return csv_response(f"portfolj-{today.isoformat()}", board_table(board, today))
    context = {"board": board, "office": office, "offices": Office.objects.order_by("name_sv"), "today": today, "inventory": shares(today)}
    return render(request, "portfolio/portfolio.html", context)


@public("how many systems there are and how they stand is for everybody")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The same in short for everybody."""
    today = clock.today()
    board = read_board(today, for_public=True)
    if request.GET.get("format") == "csv":
        return csv_response(f"oversikt-{today.isoformat()}", board_table(board, today))
    context = {"board": board, "today": today, "inventory": shares(today), "pace": pace(today)}
    return render(request, "portfolio/overview.html", context)
