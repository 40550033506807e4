"""My page: where AI was used in the resident's own cases, one case at a time, and for whom a representative looks."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from insyn.web import clock
from insyn.web.accounts.permissions import public
from insyn.web.letters.pdf import letter_pdf
from insyn.web.oversight.opening import outcome_label
from insyn.web.reviews.bias import differences
from insyn.web.site.figures import read_figures

from .models import Representation, ResidentSession
from .sessions import act_for, let_out, private, resident_page, unknown, why_not_for
from .showing import letter_of, lines_of, show
from .standing import Resident, Via, tokens_of

PAGE = 25


@resident_page
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Has AI been used in my case? Every record about the resident, the newest first."""
    resident = request.resident
    if resident.code is not None and len(resident.code.rids) == 1:
        return redirect(_with_easy(request, reverse("residents:mine_case", args=resident.code.rids)))
    lines, parts = lines_of(resident)
    system, year = request.GET.get("system", ""), request.GET.get("ar", "")
    chosen = [line for line in lines if system in ("", line.record.system) and year in ("", line.year)]
    page = _page(request, len(chosen))
    context = {
        "resident": resident,
        "lines": chosen[PAGE * (page - 1) : PAGE * page],
        "found": len(chosen),
        "any": bool(lines),
        "parts": parts,
        "system": system,
        "year": year,
        "systems": sorted({(line.record.system, line.name) for line in lines}, key=lambda pair: pair[1]),
        "years": sorted({line.year for line in lines if line.year}, reverse=True),
        "page": page,
        "later": page * PAGE < len(chosen),
        "for_others": _for_others(resident),
        **_easy(request),
    }
    return render(request, "residents/mine.html", context)


@resident_page
@require_safe
def mine_case(request: HttpRequest, rid: str) -> HttpResponse:
    """One record: what the system knew, what it said and why, and what a person decided."""
    resident = request.resident
    shown = show(resident, rid, language=get_language() or "sv")
    if shown is None:
        return unknown(request)
    favourable = shown.system.favourable_outcome
    context = {
        "resident": resident,
        "shown": shown,
        "case": shown.case,
        "system": shown.system,
        "rid": rid,
        "favourable": outcome_label(shown.system, favourable) if favourable else "",
        "differences": differences(read_figures(settings.HOME.figures, shown.system.slug), shown.system.groups),
        **_easy(request),
    }
    return render(request, "residents/mine_case.html", context)


@resident_page
@require_safe
def mine_letter(request: HttpRequest, rid: str, decision: str) -> HttpResponse:
    """The letter of a decision, as a file."""
    found = letter_of(request.resident, rid, decision)
    if found is None:
        return unknown(request)
    system, text, day = found
    made = letter_pdf(text, system=system, day=date.fromisoformat(day), language=get_language() or "sv")
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": 'attachment; filename="beslut.pdf"'})


@resident_page
@require_http_methods(["POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """A representative chooses for whom to look; without a choice they look for themselves."""
    resident, chosen = request.resident, request.POST.get("for", "")
    session = ResidentSession.objects.get(pk=resident.session)
    if not chosen:
        act_for(session, None)
        return redirect("residents:mine")
    own = tokens_of(resident.signed_in) if resident.signed_in else ()
    found = Representation.objects.filter(pk=int(chosen), who__in=own).first() if chosen.isdecimal() and len(chosen) < 19 else None
    if found is None:
        return unknown(request)
    if refusal := why_not_for(found):
        return render(request, "residents/authority_over.html", {"refusal": refusal, "acting": found}, status=403)
    act_for(session, found)
    return redirect("residents:mine")


@public("ends the half hour early, on a shared computer")
@private
@require_http_methods(["POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    return let_out(request, redirect("residents:signed_out"))


@public("says that the half hour is over; shows nothing of anybody")
@private
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    return render(request, "residents/signed_out.html")


def _for_others(resident: Resident) -> list[tuple[Representation, str]]:
    """Authority of the one who signed in, with what stands in its way. What is closed is left out: that alone would tell something."""
    if resident.via is not Via.EID:
        return []
    rows = Representation.objects.filter(who__in=tokens_of(resident.signed_in))
    told = [(row, why_not_for(row)) for row in rows]
    return [(row, refusal) for row, refusal in told if refusal != "closed"]


def _easy(request: HttpRequest) -> dict[str, object]:
    easy = request.GET.get("lattlast") == "1"
    return {"easy": easy, "keep": "?lattlast=1" if easy else "", "today": clock.today()}


def _with_easy(request: HttpRequest, address: str) -> str:
    return address + ("?lattlast=1" if request.GET.get("lattlast") == "1" else "")


def _page(request: HttpRequest, found: int) -> int:
    asked = request.GET.get("sida", "1")
    last = max(1, -(-found // PAGE))
    return min(max(int(asked), 1), last) if asked.isdecimal() and len(asked) < 6 else 1
