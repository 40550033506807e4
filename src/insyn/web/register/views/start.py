"""The reader's own start page, the list of systems, and the acts."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from insyn.core.terms import Phase, SystemKind
from insyn.rules.classify import SystemClass
from insyn.web import clock
from insyn.web.accounts.models import Office
from insyn.web.accounts.permissions import requires
from insyn.web.accounts.tree import in_order
from insyn.web.assessments import words
from insyn.web.history.finding import MOST
from insyn.web.history.models import Listing
from insyn.web.oversight.queries import stops_in_force
from insyn.web.portfolio import worklist
from insyn.web.portfolio.own_items import systems_owned
from insyn.web.portfolio.tables import csv_response
from insyn.web.site.status import Status, status_of

from .. import queries, waiting
from ..ends import Hold
from ..labels import label
from ..models import System
from .common import may, system_called

PAGE = 50
#: The list of systems.
LISTED = 25


@requires("work.see")
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What waits for me: overdue first, by day; for one of my roles or one kind of thing where the reader chooses so."""
    today = clock.today()
    shown = worklist.read(request.user, today, role=request.GET.get("roll", ""), kind=request.GET.get("slag", ""))
    if request.GET.get("format") == "csv":
        return csv_response(f"arbete-{today.isoformat()}", worklist.table(shown))
    page = Paginator(shown.items, worklist.PAGE).get_page(request.GET.get("page"))
    context = {
        "mandates": list(request.user.mandates.valid(today).select_related("office")),
        "list": shown,
        "page": page,
        "groups": worklist.grouped(page.object_list, today),
        "query": worklist.query(shown),
        "new_packs": _new_packs(request),
        "own": systems_owned(request.user)[: worklist.OWN],
        "interrupted": queries.interrupted(),
        "stuck": queries.stuck(),
        "may": {
            "register": may(request, "system.register"),
            "adopt": may(request, "pack.adopt"),
            "appoint": may(request, "mandate.appoint"),
            "stop": may(request, "stop.order"),
            "review": may(request, "review.see"),
            "archive": may(request, "archive.see"),
            "bundle": may(request, "bundle.open"),
        },
    }
    return render(request, "register/start.html", context)


def _new_packs(request: HttpRequest) -> list[waiting.Waiting]:
    """The versions of law that wait, for whoever may apply them."""
    return [one for one in waiting.waiting_packs() if one.digest] if may(request, "pack.apply") else []


@requires("system.see")
@require_safe
def systems(request: HttpRequest) -> HttpResponse:
    """Every system, searched by word and narrowed by status, office, class and kind."""
    sought = request.GET.get("q", "")[:100]
    asked = {name: request.GET.get(parameter, "")[:100] for name, parameter in _CHOICES.items()}
    found = queries.systems_matching(sought, **asked)
    page = Paginator(found.rows, LISTED).get_page(request.GET.get("page"))
    context = {
        "rows": _with_status(page.object_list),
        "page": page,
        "q": sought,
        "cut": MOST if found.cut else 0,
        "query": urlencode({"q": sought, **{_CHOICES[name]: value for name, value in asked.items() if value}}) + "&",
        "choices": _choices(asked),
        "may_register": may(request, "system.register"),
    }
    return render(request, "register/systems.html", context)


def _with_status(lines: Iterable[Listing]) -> list[tuple[System, Hold | None, Status]]:
    """Each system with its permit's gist and how it stands, in the words that the public reads too."""
    rows, today = queries.with_holds(lines), clock.today()
    stops = stops_in_force(system for system, _hold in rows)
    return [(system, hold, status_of(system, stops.get(system.pk), hold, today)) for system, hold in rows]


#: What each choice is called in an address.
_CHOICES = {"phase": "phase", "office": "namnd", "system_class": "klass", "kind": "art"}


def _choices(asked: dict[str, str]) -> list[tuple[str, str, str, str, list[tuple[str, str]]]]:
    """Parameter, label, word for no choice, what is chosen, and the alternatives."""
    offices = [(office.slug, "– " * depth + office.name) for office, depth in in_order(Office.objects.all())]
    classes = [(queries.NO_CLASS, _("Not classified")), *((one.value, words.named(words.CLASSES, one)) for one in SystemClass)]
    return [
        ("phase", _("Status"), _("Every status"), asked["phase"], [(one.value, label("phase", one)) for one in Phase]),
        ("namnd", _("Office"), _("Every office"), asked["office"], offices),
        ("klass", _("Class under the AI Act"), _("Every class"), asked["system_class"], classes),
        ("art", _("Kind"), _("Every kind"), asked["kind"], [(one.value, label("kind", one)) for one in SystemKind]),
    ]


@requires("act.see")
@require_safe
def acts(request: HttpRequest, slug: str = "") -> HttpResponse:
    """What was done, by whom, and where it stands in the log."""
    system = system_called(slug) if slug else None
    page = Paginator(queries.acts_of(system), PAGE).get_page(request.GET.get("page"))
    return render(request, "register/acts.html", {"page": page, "system": system, "stuck": queries.stuck()})
