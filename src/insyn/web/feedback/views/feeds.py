"""The events of the record and its coming days, for feed readers and calendars."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import public
from insyn.web.portfolio.feeds import AHEAD, BACK, feed
from insyn.web.portfolio.items import collect_dates
from insyn.web.portfolio.own_items import public_dates
from insyn.web.register.models import Municipality, System

from ..days import deviation_days
from ..events import events, public_size
from ..feeds import MOST, atom, newest

_ATOM, _CALENDAR = "application/atom+xml; charset=utf-8", "text/calendar; charset=utf-8"
#: So long a feed may be kept by whoever stands between: what it tells of is as old as the public log already.
_SECONDS = 600


@public("what happens to the record is for everybody")
@require_safe
def all_events(request: HttpRequest) -> HttpResponse:
    """The newest events of the whole register."""
    title = _("AI in %(name)s") % {"name": Municipality.the().name or "Insyn"}
    return _events(request, None, title, reverse("site:start"))


@public("what happens to the record is for everybody")
@require_safe
def events_of_system(request: HttpRequest, slug: str) -> HttpResponse:
    """The newest events of one system."""
    system = get_object_or_404(System, slug=slug)
    return _events(request, system, system.name, reverse("site:system", args=[slug]))


def _events(request: HttpRequest, system: System | None, title: str, page: str) -> HttpResponse:
    found = events(0, public_size(), system=system, most=MOST)
    base = request.build_absolute_uri("/").rstrip("/")
    subtitle = _("Changes, stops, decisions, rounds and answers, as the public log tells of them.")
    told = atom(title, subtitle, found, base=base, path=request.path, page=page, language=(get_language() or "sv")[:2])
    return _kept(request, told, _ATOM, newest(found))


@public("when a system is evaluated and whom the municipality listens to is for everybody")
@require_safe
def days_of_system(request: HttpRequest, slug: str) -> HttpResponse:
    """The coming days of one system: its evaluation, the last day of a round, the end of a deviation."""
    system = get_object_or_404(System, slug=slug)
    today = clock.today()
    first, last = today - BACK, today + AHEAD
    dates = [one for one in collect_dates(today) if one.public and one.system_id == system.pk and first <= one.day <= last]
    dates = sorted(
        [*dates, *public_dates(first, last, system=system), *deviation_days(first, last, system=system)], key=lambda one: (one.day, one.uid)
    )
    base = request.build_absolute_uri("/").rstrip("/")
    return _kept(request, feed(system.name, dates, base=base, on=today), _CALENDAR, None)


def _kept(request: HttpRequest, body: bytes, kind: str, changed: datetime | None) -> HttpResponse:
    """The file with its tag; nothing but the tag to whoever has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    modified = int(changed.timestamp()) if changed is not None else None
    response = HttpResponse(body, content_type=kind)
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={_SECONDS}"
    if modified is not None:
        response["Last-Modified"] = http_date(modified)
    # By the tag alone: what is taken off the record changes the file, and not the day of its newest event.
    return get_conditional_response(request, etag=tag, response=response) or response
