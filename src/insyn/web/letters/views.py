"""The page of notices with its texts to copy, the texts of letters, and what the public and suppliers fetch."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.labels import label
from insyn.core.terms import NoticeChannel
from insyn.web import clock
from insyn.web.accounts.permissions import public, requires
from insyn.web.attempts import attempt
from insyn.web.language import spoken
from insyn.web.register.models import System
from insyn.web.register.views.common import acting, may, system_called

from . import actions
from .addresses import short_address
from .forms import EndForm, MatterTextForm, NoticeForm
from .models import NoticeWay
from .notice_words import STEPS
from .notices import every_notice, marking, notice_text, step_text
from .queries import must_mark, newest_texts, notice_due, notice_missing, ways_of


@public("the register is public")
@require_safe
def short(request: HttpRequest, slug: str) -> HttpResponse:
    """The short address of a system, as it is said and printed."""
    return redirect("site:system", get_object_or_404(System, slug=slug).slug)


@public("suppliers and others fetch what people are to be told")
@require_safe
def public_notices(request: HttpRequest, slug: str) -> JsonResponse:
    """The texts that people are to meet, for whoever builds what they meet; and how they are told now."""
    system = get_object_or_404(System.objects.select_related("office"), slug=slug)
    today = clock.today()
    ways = ways_of(system, today)
    found: dict[str, Any] = {
        "system": system.slug,
        "name": {"sv": system.name_sv, "en": system.name_en},
        "register": short_address(system),
        "office": {"sv": system.office.name_sv, "en": system.office.name_en},
        "notices": [{name: one[name] for name in ("channel", "texts", "easy")} for one in every_notice(system)],
        "given": [_told(way) for way in ways],
        "missing": notice_missing(system, today, ways),
        "marking": marking(system) if must_mark(system, today) else None,
    }
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Access-Control-Allow-Origin"] = "*"  # it is for everybody's pages, and holds nothing of anybody's
    response["Cache-Control"] = "public, max-age=300"
    return response


def _told(way: NoticeWay) -> dict[str, Any]:
    return {
        "channel": str(way.channel),
        "step": {"sv": way.step_sv, "en": way.step_en},
        "words": {"sv": way.words_sv, "en": way.words_en},
        "sample": way.sample,
        "first_day": way.first_day.isoformat(),
        "last_day": way.last_day.isoformat() if way.last_day else None,
    }


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: HttpRequest, slug: str) -> HttpResponse:
    """Texts to copy and print, how people are told now, and the form to record another way."""
    system, today = system_called(slug), clock.today()
    step = request.GET.get("steg", "")
    step = step if step in STEPS else ""
    form = NoticeForm(request.POST or None, initial=_suggested(system, request.GET.get("plats", ""), step))
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.record_notice(actor=acting(request, "notice.record", system), system=system, **form.cleaned_data),
        done=_("It stands in the register how people are told."),
    ):
        return redirect("letters:notices", slug)
    ways = ways_of(system, today)
    context = {
        "system": system,
        "steps": [(key, spoken(text)) for key, text in STEPS.items()],
        "step": step,
        "rows": every_notice(system, step),
        "ways": ways,
        "earlier": system.notice_ways.exclude(pk__in=[way.pk for way in ways]).select_related("act"),
        "due": notice_due(system, today),
        "missing": notice_missing(system, today, ways),
        "mark": marking(system) if must_mark(system, today) else None,
        "form": form,
        "may_record": may(request, "notice.record", system),
    }
    return render(request, "letters/notices.html", context)


def _suggested(system: System, channel: str, step: str) -> dict[str, Any]:
    """Our own text for the place that was chosen, to change or keep: what is recorded is what is said."""
    found: dict[str, Any] = {"first_day": clock.today()}
    if channel in set(NoticeChannel):
        found["channel"] = channel
        for language in ("sv", "en"):
            found[f"step_{language}"] = step_text(system, step, language)
            found[f"words_{language}"] = notice_text(system, channel, step, language)
    return found


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def way(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One way in which people are told, and its end."""
    system = system_called(slug)
    found = get_object_or_404(NoticeWay.objects.select_related("act", "ending", "system"), pk=pk, system=system)
    form = EndForm(request.POST or None, initial={"ended_on": clock.today()})
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.end_notice(actor=acting(request, "notice.record", system), way=found, **form.cleaned_data),
        done=_("It stands in the register that people are no longer told in this way."),
    ):
        return redirect("letters:notices", slug)
    found.refresh_from_db()
    may_end = may(request, "notice.record", system) and found.ended_on is None
    context = {"system": system, "way": found, "place": spoken(label(NoticeChannel(found.channel))), "form": form, "may_end": may_end}
    return render(request, "letters/way.html", context)


@requires("system.see")
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request: HttpRequest, slug: str) -> HttpResponse:
    """How one appeals and whom one asks, of each type of matter: the municipality's own words for its letters."""
    system = system_called(slug)
    types = actions.matter_types(system)
    chosen = request.GET.get("typ", "")
    held = next((row for row in newest_texts(system) if row.matter_type == chosen), None)
    names = ("matter_type", "appeal_sv", "appeal_en", "contact_sv", "contact_en")
    initial = {name: getattr(held, name) for name in names} if held else {"matter_type": chosen if chosen in types else ""}
    form = MatterTextForm(request.POST or None, types=types, initial=initial)
    if request.method == "POST" and attempt(
        request,
        form,
        lambda: actions.set_matter_text(actor=acting(request, "letter.text", system), system=system, **form.cleaned_data),
        done=_("The text stands in the letters from now on."),
    ):
        return redirect("letters:texts", slug)
    rows = newest_texts(system)
    told = {row.matter_type for row in rows}
    context = {
        "system": system,
        "rows": rows,
        "lacking": [] if "" in told else [name for name in types if name not in told],
        "none": not rows,
        "form": form,
        "may_set": may(request, "letter.text", system),
    }
    return render(request, "letters/texts.html", context)
