"""The page that follows an order: how far it has come, and what holds it up. Without scripts: the page asks to be read again."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from insyn.core.messages import StopReport
from insyn.core.refusals import Refusal
from insyn.core.scope import Target
from insyn.web import bridge
from insyn.web.language import spoken
from insyn.web.site.templatetags.site_words import clock_time

from . import stopping
from .stopping import Stage
from .targets import name_of, to_query
from .tokens import StopToken

#: Seconds between two looks at a stop on its way; slower when it takes long, so that a forgotten page asks little.
QUICK, SLOW, QUICK_LOOKS = 1, 10, 60
_AT_REST = (Stage.DRAINED, Stage.LIFTED, Stage.REFUSED)


def state_page(request: HttpRequest, token: StopToken, of: Target, order: str) -> HttpResponse:
    """Asks the sequencer and the spool, never the register."""
    client = bridge.control()
    report = stopping.ask_state(client, of)
    stage = stopping.stage_of(stopping.where(settings.HOME.spool, order), report)
    told = request.GET.get("n", "0")
    looks = int(told) if told.isdecimal() and len(told) < 8 else 0
    context = {
        "stop": token,
        "name": name_of(token, of),
        "stage": stage.value,
        "report": report,
        "order": order,
        "all_stops": reverse("oversight:stops", args=[token.system]) if token.system else reverse("oversight:wide_stops"),
        "held_up": held_up(stage, report, stopping.ask_refusal(client) if report else None),
        "seconds": seconds_to_next_look(stage, looks),
        "next_look": to_query(of, n=looks + 1),
    }
    return render(request, "oversight/stop_state.html", context)


def held_up(stage: Stage, report: StopReport | None, closed: Refusal | None) -> list[str]:
    """What the stop still waits for, and what is wrong with the log meanwhile. Pure."""
    found = []
    if report is None and stage is not Stage.REFUSED:
        found.append(
            _("The log does not answer: it is down, or cannot be reached from here. The order lies in the spool, and is read first.")
        )
    if stage is Stage.COMMITTED and report is not None:
        found.append(_("Answers already on their way. The last of them is too old at %(time)s.") % {"time": clock_time(report.drained_at)})
    if stage is Stage.ORDERED:
        found.append(_("The order has reached the log, and its entry is not durable yet."))
    if closed is not None and stage not in (Stage.LIFTED, Stage.REFUSED):
        found.append(f"{spoken(closed.sentence)} {spoken(closed.reasons[0].mend)}")
    return found


def seconds_to_next_look(stage: Stage, looks: int) -> int:
    """0: nothing more to wait for."""
    if stage in _AT_REST:
        return 0
    return QUICK if looks < QUICK_LOOKS else SLOW
