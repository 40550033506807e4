"""The queue: what waits, and who takes it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import User
from insyn.web.accounts.permissions import requires
from insyn.web.oversight.queries import named_in, systems_to_review
from insyn.web.register.models import System
from insyn.web.register.rows import Rows
from insyn.web.rights.queries import open_requests

from . import claims, worklist
from .queries import colleagues
from .standing import Lack, lacks_of
from .worklist import Found, Row, Wanted

AGES = (0, 7, 30, 90)


@requires("review.see")
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for the signed-in person, over all systems that they may decide."""
    today, person = clock.today(), request.actor.person
    systems = systems_to_review(person, today)
    requests = open_requests(systems)
    found = worklist.gather(systems, person, today, asked=frozenset(one.rid for one in requests if one.rid))
    want = worklist.wanted(request.GET)
    rows = worklist.chosen(found, want, person)
    page = Paginator(rows, worklist.PER_PAGE).get_page(request.GET.get("page"))
    people = colleagues(systems, today)
    context = {
        "systems": systems,
        "lacking": _lacking(systems, person),
        "requests": requests,
        "found": found,
        "want": want,
        "rows": rows,
        "page": page,
        "query": _query(want),
        "counts": worklist.counts(found, person),
        "taken": sum(1 for row in found.rows if row.claim),
        "load": worklist.load(found, people),
        "people": people,
        "ages": AGES,
        "whole": want == Wanted(order=want.order),
    }
    return render(request, "reviews/queue.html", context)


def _lacking(systems: list[System], person: str) -> list[tuple[System, list[Lack]]]:
    """Systems whose records name the person who yet may not decide there: an instruction or a training that has ended, say."""
    today, mine = clock.today(), {system.pk for system in systems}
    named = [system for system in named_in(person) if system.pk not in mine]
    found = [(system, lacks_of(Rows(system).held(today), person, today)) for system in named]
    return [(system, lacks) for system, lacks in found if lacks]


def _query(want: Wanted) -> str:
    """The filter as an address's words, for links that keep it."""
    told = {"system": want.system, "age": want.age or "", "whose": want.whose, "kind": want.kind, "order": want.order}
    return urlencode({name: value for name, value in told.items() if value and (name, value) != ("order", "oldest")})


@requires("review.do")
@never_cache
@require_POST
def share(request: HttpRequest) -> HttpResponse:
    """Take, let go of or give away the chosen cases. Afterwards the same part of the queue is shown."""
    today, person = clock.today(), request.actor.person
    systems = systems_to_review(person, today)
    found = worklist.gather(systems, person, today)
    one = request.POST.get("take") or request.POST.get("let_go")
    keys = {one} if one else set(request.POST.getlist("case"))
    rows = [row for row in found.rows if row.key in keys]
    if not rows:
        messages.warning(request, _("Choose at least one case that still waits."))
    else:
        try:
            _share(request, rows, what=_what(request))
        except (ActRefused, NotAllowed) as refused:
            messages.error(request, str(refused))
    _clear(systems, found)
    back = _query(worklist.wanted(request.POST))
    return redirect(reverse("oversight:queue") + (f"?{back}" if back else ""))


def _what(request: HttpRequest) -> str:
    return "take" if request.POST.get("take") else "let_go" if request.POST.get("let_go") else request.POST.get("what", "")


def _share(request: HttpRequest, rows: list[Row], *, what: str) -> None:
    if what == "let_go":
        count = claims.release(actor=request.actor, rows=rows)
        messages.success(request, ngettext("You let go of %(n)d case.", "You let go of %(n)d cases.", count) % {"n": count})
    elif what == "give":
        to = get_object_or_404(User, pk=request.POST["to"]) if request.POST.get("to", "").isdecimal() else None
        if to is None:
            raise ActRefused(_("Choose to whom."))
        count = claims.assign(actor=request.actor, rows=rows, to=to)
        words = {"n": count, "person": to}
        messages.success(request, ngettext("%(person)s has %(n)d case from you.", "%(person)s has %(n)d cases from you.", count) % words)
    else:
        count, others = claims.claim(actor=request.actor, rows=rows)
        if count:
            messages.success(request, ngettext("You have taken %(n)d case.", "You have taken %(n)d cases.", count) % {"n": count})
        if others:
            messages.warning(request, _("Some were taken already, by %(persons)s.") % {"persons": ", ".join(others)})


def _clear(systems: list[System], found: Found) -> None:
    """Drop what is claimed and waits no more, where everything that waits could be read."""
    if not found.unreachable and not found.left_out:
        claims.drop_stale([system for system in systems if system.slug in found.totals], [row.rid for row in found.rows])
