"""The review queue and one case. The case is opened by a press, because each opening stands in the log; nothing of it is kept here."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from django.contrib import messages
from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from insyn.core.errors import Unreachable
from insyn.core.messages import Actor, Denied, Done, Review, Waiting, WaitingItem, WaitingList
from insyn.core.refusals import RefusalCode, Refused, refuse
from insyn.core.terms import ReviewVerdict
from insyn.web import bridge, clock
from insyn.web.accounts.permissions import not_allowed, requires
from insyn.web.register.models import System
from insyn.web.residents.queries import open_requests

from .forms import ReviewForm
from .opening import Case, open_case, outcome_label
from .queries import may_review, systems_to_review
from .reasons import marks_of

SEAL = "insyn.oversight.proposal"
SEAL_SECONDS = 12 * 3600
SHOWN = 100


@dataclass(frozen=True)
class Row:
    """One waiting proposal, as the queue shows it: nothing of the case itself."""

    item: WaitingItem
    outcome: str


@dataclass(frozen=True)
class Waits:
    """What waits in one system; ``total`` may be more than the rows."""

    system: System
    rows: list[Row]
    total: int


@requires("review.see")
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Proposals that wait for the signed-in person, by system."""
    systems = systems_to_review(request.actor.person, clock.today())
    chosen = request.GET.get("system", "")
    waits: list[Waits] = []
    unreachable = False
    for system in (system for system in systems if chosen in ("", system.slug)):
        try:
            waits.append(_waiting(system))
        except Unreachable:
            unreachable = True
    context = {
        "systems": systems,
        "chosen": chosen,
        "waits": [group for group in waits if group.total],
        "total": sum(group.total for group in waits),
        "unreachable": unreachable,
        "requests": open_requests(systems),
    }
    return render(request, "oversight/queue.html", context)


def _waiting(system: System) -> Waits:
    answer = bridge.ask(lambda number: Waiting(id=number, system=system.slug, limit=SHOWN))
    if not isinstance(answer, WaitingList):
        return Waits(system, [], 0)
    return Waits(system, [Row(item, outcome_label(system, item.outcome)) for item in answer.items], answer.total)


@requires("review.do")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, rid: str) -> HttpResponse:
    """GET asks whether to open; POST opens the case, or decides it."""
    system = get_object_or_404(System, slug=request.POST.get("system") or request.GET.get("system", ""))
    if not may_review(system, request.actor.person, clock.today()):
        return not_allowed(request, "review.do")
    if request.method != "POST":
        return render(request, "oversight/open.html", {"system": system, "rid": rid})
    if "seal" in request.POST:
        return _decide(request, system, rid)
    return _show(request, system, rid, form=None)


def _show(request: HttpRequest, system: System, rid: str, *, form: ReviewForm | None, status: int = 200) -> HttpResponse:
    try:
        case = open_case(system, rid, actor=request.actor, purpose="review", language=get_language() or "sv", with_review=True)
    except Refused as refused:
        return _refused(request, system, refused, rid)
    except Unreachable:
        return _refused(request, system, Refused(refuse(RefusalCode.UNREACHABLE)), rid)
    marks = marks_of([line.sentence for line in case.factors] + [f"{label}: {value}" for label, value in case.rows])
    form = form or ReviewForm(outcomes=system.outcomes, proposed=case.proposed, marks=marks)
    context = {"system": system, "case": case, "form": form, "seal": _seal(case, marks, request.actor)}
    context["favourable"] = outcome_label(system, system.favourable_outcome) if system.favourable_outcome else ""
    return render(request, "oversight/case.html", context, status=status)


def _decide(request: HttpRequest, system: System, rid: str) -> HttpResponse:
    try:
        sealed = signing.loads(request.POST["seal"], salt=SEAL, max_age=SEAL_SECONDS)
    except signing.BadSignature:
        messages.error(request, _("The page was open for too long. Open the case again."))
        return redirect(f"{reverse('oversight:case', args=[rid])}?system={system.slug}")
    if (sealed["rid"], sealed.get("person")) != (rid, request.actor.person):
        raise SuspiciousOperation("a seal of another case, or made for another person")
    form = ReviewForm(request.POST, outcomes=system.outcomes, proposed=sealed["proposed"], marks=frozenset(sealed["marks"]))
    if not form.is_valid():
        return _show(request, system, rid, form=form, status=422)
    return _send(request, system, _review(rid, system, sealed["leaf"], form.cleaned_data, request.actor))


def _review(rid: str, system: System, leaf: str, decided: dict[str, object], actor: Actor) -> Review:
    return Review(
        id=0,
        system=system.slug,
        rid=rid,
        proposal=leaf,
        verdict=ReviewVerdict(decided["verdict"]),
        outcome=str(decided["outcome"]),
        reasons=str(decided["reasons"]),
        heard_party=bool(decided["heard_party"]),
        actor=actor,
    )


def _send(request: HttpRequest, system: System, review: Review) -> HttpResponse:
    try:
        answer = bridge.ask(lambda number: msgspec.structs.replace(review, id=number))
    except Unreachable:
        return _refused(request, system, Refused(refuse(RefusalCode.UNREACHABLE)), review.rid)
    if isinstance(answer, Denied):
        return _refused(request, system, Refused(answer.refusal), review.rid)
    if not isinstance(answer, Done):
        return _refused(request, system, Refused(refuse(RefusalCode.NOT_READY)), review.rid)
    messages.success(request, _("Your decision stands in the log as entry %(index)d.") % {"index": answer.receipt.index})
    return redirect(f"{reverse('residents:letter', args=[review.rid])}?system={system.slug}")


def _seal(case: Case, marks: frozenset[str], actor: Actor) -> str:
    """What the decision must be bound to, signed: the case as it was, and who opened it. Of the case it holds the proposed outcome and hashes."""
    held = {"rid": case.rid, "leaf": case.leaf, "proposed": case.proposed, "marks": sorted(marks), "person": actor.person}
    return signing.dumps(held, salt=SEAL, compress=True)


def _refused(request: HttpRequest, system: System, refused: Refused, rid: str) -> HttpResponse:
    status = 503 if refused.refusal.code is RefusalCode.UNREACHABLE else 409
    return render(request, "oversight/refused.html", {"system": system, "refusal": refused.refusal, "rid": rid}, status=status)
