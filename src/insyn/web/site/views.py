"""The public pages. They read the register and the published files, and need neither sign-in nor script."""

from __future__ import annotations

import json
from datetime import date

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from insyn.core.terms import Phase, Reach
from insyn.web import clock
from insyn.web.accounts.permissions import public
from insyn.web.assessments.fidelity import ExplanationTest, explanation_tests
from insyn.web.assessments.shown import public_files, public_tests
from insyn.web.decisions.queries import public_part
from insyn.web.feedback.queries import public_feedback
from insyn.web.history.finding import MOST
from insyn.web.incidents.queries import public_incidents, public_stop_by_people
from insyn.web.letters.queries import told_of
from insyn.web.oversight.exercises import exercises_of
from insyn.web.oversight.queries import PARTS, stop_in_force, stops_over, stops_that_held
from insyn.web.participation.queries import public_influence
from insyn.web.register.datalimits import public_data
from insyn.web.register.ends import holds_of
from insyn.web.register.entry import LINKS, veiled
from insyn.web.register.limit_words import limit_lines
from insyn.web.register.limiting import limits_of_entry
from insyn.web.register.models import System
from insyn.web.register.rows import Rows
from insyn.web.remedies.shown import people_part

from . import logfiles
from .choosing import Choice, as_listed, chosen, filters_of
from .figures import bar, group_rows, read_figures
from .publishedlog import read_entry, read_published
from .queries import public_class, public_gates, public_records
from .status import overdue, status_of

ON_A_PAGE = 25


@public("the register is public")
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Every system, with a search by word and choices of status, office, class and kind."""
    choice, today = Choice.of(request.GET), clock.today()
    found = chosen(choice, today)
    page = Paginator(found.rows, ON_A_PAGE).get_page(request.GET.get("sida"))
    context = {
        "choice": choice,
        "rows": as_listed(page.object_list, today),
        "page": page,
        "cut": MOST if found.cut else 0,
        "filters": filters_of(choice),
        "any": choice != Choice() or page.paginator.count,
    }
    return render(request, "site/start.html", context)


@public("the register is public")
@require_safe
def system(request: HttpRequest, slug: str) -> HttpResponse:
    """All that the public may know of one system, the plain part first."""
    found = get_object_or_404(System.objects.select_related("office", "owner"), slug=slug)
    today = clock.today()
    if request.GET.get("visa") == "lattlast":
        easy = {"system": veiled(found), "status": status_of(found, stop_in_force(found), holds_of([found]).get(found.pk), today)}
        return render(request, "site/system_easy.html", easy)
    figures = read_figures(settings.HOME.figures, slug) if found.in_figures else None
    rows = Rows(found)
    gates = public_gates(found, today, rows)
    records, withheld = public_records(today, rows)
    shown = veiled(found)
    context = {
        "system": shown,
        "status": status_of(found, stop_in_force(found), holds_of([found]).get(found.pk), today),
        "gone": found.phase in (Phase.RETIRED, Phase.ARCHIVED, Phase.REFUSED),
        "decisions": sorted(rows.decisions, key=lambda row: (row.decided_on, row.pk), reverse=True),
        "versions": rows.versions,
        "link_names": LINKS.items(),
        "data_rows": public_data(found, hidden="data_uses" in {*shown.withheld, *shown.internal}, on=today),
        "limits": limit_lines(limits_of_entry(found)),
        "risk_class": public_class(found, today, rows),
        "gates": gates,
        "missing": [gate for gate in gates or () if not gate.met],
        "records": records,
        "tests": public_tests(today, rows),
        "files": public_files(today, rows),
        "explanations": _explanations(found, today, rows),
        "influence": public_influence(found, today),
        "decided": public_part(found, today, rows),
        "told": told_of(found, today),
        "feedback": public_feedback(today, system=found),
        "withheld": withheld,
        "by_people": public_stop_by_people(found, today),
        "incidents": public_incidents(found),
        "stops": stops_that_held(found).prefetch_related("resumes__act__outbox"),
        "parts_stopped": [stop for stop in stops_over(found) if stop.scope in PARTS],
        "measured": exercises_of(settings.HOME.figures, slug),
        "figures": figures,
        "agreement": figures and figures.agreement and bar(figures.agreement.rate, figures.agreement.low, figures.agreement.high),
        "groups": group_rows(figures, found.groups) if figures else [],
        **people_part(figures),
        "favourable": shown.outcomes.get(figures.favourable, figures.favourable) if figures else "",
        "overdue": overdue(found, today),
        "acts": found.acts.exclude(log_index=None).only("verb", "at", "log_index").order_by("-log_index")[:20],
    }
    return render(request, "site/system.html", context)


def _explanations(system: System, on: date, rows: Rows) -> list[ExplanationTest]:
    """For each decided version of a system whose calls are held and explained; a test from before it was decided counts too."""
    if system.reach != Reach.EVERY_CALL:
        return []
    return explanation_tests(rows.valid(on), [version.name for version in rows.versions if version.decided])


@public("anyone may check the log")
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """How to check the log, and what it says right now."""
    base = request.build_absolute_uri(reverse("site:log_data", args=["checkpoint"])).removesuffix("checkpoint")
    return render(request, "site/log.html", {"published": read_published(settings.HOME.public), "base": base})


@public("anyone may check the log")
@require_safe
def log_entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry as it was published, or word that it is not out yet."""
    published = read_published(settings.HOME.public)
    entry = read_entry(settings.HOME.public, index, published.size) if published else None
    shown = json.dumps(entry, indent=2, sort_keys=True) if entry else ""
    context = {"index": index, "entry": entry, "shown": shown, "published": published}
    return render(request, "site/log_entry.html", context, status=200 if entry else 404)


@public("anyone may check the log")
@require_safe
def log_data(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of the published log."""
    return logfiles.serve(settings.HOME.public, path)


@public("about the site")
@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "site/about.html")


@public("about the site")
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "site/accessibility.html")


@csrf_exempt  # choosing a language harms nobody, and public pages then need no cookie
@public("anyone may choose a language")
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Set the language and go back to the same place."""
    place = request.POST.get("next", "")
    known = url_has_allowed_host_and_scheme(place, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(place if known else reverse("site:start"))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and chosen != get_language():
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=365 * 24 * 3600,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
    return response
