"""The extract: for the person on their own page and as a file, and on paper by a rights officer for whoever asked so."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from insyn.core.errors import Unreachable
from insyn.core.messages import SubjectRecord
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.web import clock
from insyn.web.accounts.permissions import requires
from insyn.web.feedback import limits
from insyn.web.register.models import Municipality, System
from insyn.web.residents.sessions import private, resident_page
from insyn.web.residents.standing import Resident, find_token, tokens_of

from .actions import asker_of, deliver_extract, file_request
from .employees import outside_the_line
from .extracting import PAGE, as_json, extract_of
from .grounds import ABOUT, TIME
from .handling import why_not_for
from .models import RightsRequest
from .queries import requests_of
from .views import easy_of
from .words import RequestKind, RequestOutcome


@resident_page
@require_http_methods(["GET", "HEAD", "POST"])
def extract(request: HttpRequest) -> HttpResponse:
    """GET says what an extract is. POST makes it: every record is opened, and each opening stands in the log."""
    resident = request.resident
    context = {"resident": resident, "about": ABOUT[RequestKind.EXTRACT], "time": TIME, **easy_of(request)}
    if request.method != "POST":
        return render(request, "rights/extract_ask.html", context)
    if resident.protected:
        context["asked"] = file_request(resident=resident, kind=RequestKind.EXTRACT)
        return render(request, "rights/extract_ask.html", context)
    if (enough := _enough_for_now(request, resident)) is not None:
        return enough
    page, pages, records = _page(request, resident.records)
    parts = extract_of(records, actor=resident.actor, language=get_language() or "sv")
    context |= {"parts": parts, "page": page, "pages": pages, "asked": _answered(resident), "made": clock.today()}
    return render(request, "rights/extract.html", context)


@resident_page
@require_POST
def extract_file(request: HttpRequest) -> HttpResponse:
    """The same for machines, as a file that the browser saves."""
    resident = request.resident
    if resident.protected:
        return extract(request)
    if (enough := _enough_for_now(request, resident)) is not None:
        return enough
    page, pages, records = _page(request, resident.records)
    parts = extract_of(records, actor=resident.actor, language=get_language() or "sv")
    _answered(resident)
    controller, made = Municipality.the().name, clock.now().isoformat(timespec="seconds")
    body = as_json(parts, requests_of(resident), made=made, controller=controller, page=page, pages=pages)
    return HttpResponse(
        body, content_type="application/json", headers={"Content-Disposition": 'attachment; filename="mina-uppgifter.json"'}
    )


def _answered(resident: Resident) -> RightsRequest:
    """The request that the extract answers. One a day: looking again the same day is the same request."""
    today = asker_of(resident).own("").filter(kind=RequestKind.EXTRACT, outcome=RequestOutcome.GRANTED, answered_on=clock.today()).first()
    return today or deliver_extract(resident=resident, request=file_request(resident=resident, kind=RequestKind.EXTRACT))


def _enough_for_now(request: HttpRequest, resident: Resident) -> HttpResponse | None:
    """Count the page; the answer instead of it, with the time and the page to go on from, where the person has had those of this hour.

    Nothing has been looked up or opened then. Each hour has its pages, so that everybody comes to the end of their extract.
    """
    who = f"code {resident.code.pk}" if resident.code else f"{resident.signed_in} for {resident.subject}"
    if limits.count("extract", who):
        return None
    context = {"again": limits.free_again("extract", who), "page": _asked_page(request), "most": limits.MOST["extract"]}
    return render(request, "rights/extract_wait.html", context, status=429)


def _asked_page(request: HttpRequest) -> int:
    asked = request.POST.get("sida", "1")
    return max(int(asked), 1) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1


def _page(request: HttpRequest, records: Sequence[SubjectRecord]) -> tuple[int, int, Sequence[SubjectRecord]]:
    pages = max(1, -(-len(records) // PAGE))
    page = min(_asked_page(request), pages)
    return page, pages, records[PAGE * (page - 1) : PAGE * page]


@requires("rights.extract")
@private
@require_POST
def for_paper(request: HttpRequest, receipt: str) -> HttpResponse:
    """The extract of a request that came by visit, phone or letter, to print and hand over."""
    asked = get_object_or_404(RightsRequest.objects.select_related("system__office"), receipt=receipt, kind=RequestKind.EXTRACT)
    if (why_not := why_not_for(request.mandate, asked)) or not asked.is_open or not asked.token:
        return render(request, "rights/refused.html", {"asked": asked, "why_not": why_not}, status=409)
    try:
        records = [one for token in tokens_of(asked.token) for one in find_token(token, actor=request.actor, purpose="extract")]
        if in_line := _in_their_line(request, records):
            return render(request, "rights/refused.html", {"asked": asked, "why_not": in_line}, status=403)
        page, pages, some = _page(request, records)
        parts = extract_of(some, actor=request.actor, language=get_language() or "sv")
    except Unreachable:
        return render(request, "rights/refused.html", {"asked": asked, "refusal": refuse(RefusalCode.UNREACHABLE)}, status=503)
    except Refused as refused:
        return render(request, "rights/refused.html", {"asked": asked, "refusal": refused.refusal}, status=409)
    context = {"asked": asked, "parts": parts, "page": page, "pages": pages, "made": clock.today(), "paper": True}
    return render(request, "rights/extract.html", context)


def _in_their_line(request: HttpRequest, records: Sequence[SubjectRecord]) -> str:
    """Why the officer may not open the records: one of them says something about an employee in their own line. Empty where none does."""
    systems = System.objects.filter(slug__in={one.system for one in records}).select_related("office__parent")
    if all(outside_the_line(system, request.mandate.user, request.mandate.office) for system in systems):
        return ""
    return _("What employees ask for is handled outside their own line: by a rights officer of another office.")
