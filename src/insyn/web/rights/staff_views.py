"""One request as the office sees it, with everything that can be done about it; and the decisions to erase."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.accounts.errors import ActRefused, NotAllowed
from insyn.web.accounts.models import Mandate, User
from insyn.web.accounts.permissions import PERMISSIONS, as_actor, requires
from insyn.web.attempts import attempt
from insyn.web.register.views.common import acting, may
from insyn.web.remedies.queries import reconsidered_for
from insyn.web.residents.standing import is_protected

from . import handling, keeping
from .clocks import may_extend
from .employees import is_held, outside_every_line
from .forms import AnswerForm, AssignForm, ErasureForm, EscalateForm, ExtendForm, WhyForm
from .grounds import ABOUT
from .models import ErasureDecision, RightsRequest
from .queue import erasures_to_decide, rows_for
from .restricted import restriction_of
from .words import EscalatedTo, RequestKind

_WITH = ("system__office", "act", "answer_act", "assigned_to", "code")


@requires("rights.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def request_page(request: HttpRequest, receipt: str) -> HttpResponse:
    """Everything about one request, and its forms. What somebody may not see looks like what is not there to do."""
    asked = get_object_or_404(RightsRequest.objects.select_related(*_WITH), receipt=receipt)
    mandate = _mandate(request, asked)
    if mandate is None:
        return render(request, "rights/refused.html", {"asked": asked, "why_not": handling.why_not_for(request.mandate, asked)}, status=403)
    sent = request.POST.get("what_form", "") if request.method == "POST" else ""
    made = _forms(request, asked, sent)
    if sent in made and _done(request, asked, sent, made[sent], as_actor(mandate)):
        return redirect("rights:request", receipt)
    return render(request, "rights/request.html", _context(request, asked, mandate, made), status=422 if sent else 200)


def _mandate(request: HttpRequest, asked: RightsRequest) -> Mandate | None:
    """The reader's mandate by which they may handle the request: that of the office it was passed on to first."""
    roles = [str(role) for role in PERMISSIONS["rights.see"]]
    held = request.user.mandates.valid(clock.today()).filter(role__in=roles).select_related("office__parent", "user")
    able = [one for one in held if not handling.why_not_for(one, asked)]
    order = (asked.escalated_to, Role.RIGHTS_OFFICER, Role.DATA_PROTECTION_OFFICER, Role.COUNCIL_SECRETARY, Role.CASE_OFFICER)
    return min(able, key=lambda one: order.index(one.role), default=None)


def _forms(request: HttpRequest, asked: RightsRequest, sent: str) -> dict[str, forms.Form]:
    """Each form by its name; the one that was sent is filled in."""

    def given(name: str) -> object:
        return request.POST if sent == name else None

    kind = RequestKind(asked.kind)
    draft = asked.drafts.first()
    begun = {"text": draft.text, "outcome": draft.outcome} if draft else {}
    again = reconsidered_for(asked.receipt)
    if again is not None:
        begun["changed"] = "yes" if again.state == "changed" else "no"
    writing = given("answer") or given("draft")
    return {
        "answer": AnswerForm(writing, about_a_decision=kind in handling.ABOUT_A_DECISION, initial=begun, auto_id="answer-%s"),
        "draft": _DraftForm(given("draft")),
        "assign": AssignForm(given("assign"), people=_people(asked), initial={"to": asked.assigned_to}, auto_id="assign-%s"),
        "extend": ExtendForm(given("extend"), auto_id="extend-%s"),
        "escalate": EscalateForm(given("escalate"), auto_id="escalate-%s"),
        "restrict": WhyForm(given("restrict"), auto_id="restrict-%s"),
        "lift": WhyForm(given("lift"), auto_id="lift-%s"),
    }


class _DraftForm(forms.Form):
    """A draft needs no more than its words."""

    text = forms.CharField(max_length=handling.MAX_ANSWER)
    outcome = forms.CharField(max_length=8, required=False)


def _people(asked: RightsRequest) -> object:
    """Whoever may answer the request today."""
    roles = [str(role) for role in PERMISSIONS["rights.answer"]]
    held = Mandate.objects.valid(clock.today()).filter(role__in=roles).select_related("office__parent", "user")
    return User.objects.filter(pk__in={one.user_id for one in held if not handling.why_not_for(one, asked)}).order_by("last_name", "pk")


def _done(request: HttpRequest, asked: RightsRequest, sent: str, form: forms.Form, actor: Actor) -> bool:
    def act() -> object:
        return _acts(asked, form, actor)[sent]()

    said = {
        "answer": _("The answer is sent to the person's page. Print the letter if they have no page."),
        "draft": _("The draft is saved."),
        "assign": _("The request is handed over."),
        "extend": _("The time is extended, and the person is told why."),
        "escalate": _("The request is passed on."),
        "restrict": _("The data is left alone from now on."),
        "lift": _("The restriction is lifted."),
    }
    return attempt(request, form, act, done=said[sent])


def _acts(asked: RightsRequest, form: forms.Form, actor: Actor) -> dict[str, Callable[[], object]]:
    data = form.cleaned_data
    return {
        "answer": lambda: handling.answer_request(actor=actor, request=asked, **form.answer()),  # type: ignore[attr-defined]
        "draft": lambda: handling.save_draft(actor=actor, request=asked, text=data["text"], outcome=data["outcome"]),
        "assign": lambda: handling.assign_request(actor=actor, request=asked, to=data["to"]),
        "extend": lambda: handling.extend_request(actor=actor, request=asked, why=data["why"]),
        "escalate": lambda: handling.escalate_request(actor=actor, request=asked, to=EscalatedTo(data["to"]), why=data["why"]),
        "restrict": lambda: keeping.restrict_record(actor=actor, request=asked, why=data["why"]),
        "lift": lambda: _lift(asked, actor, data["why"]),
    }


def _lift(asked: RightsRequest, actor: Actor, why: str) -> object:
    standing = restriction_of(asked.system, asked.rid) if asked.system else None
    if standing is None:
        raise ActRefused(_("No restriction stands on it."))
    return keeping.lift_restriction(actor=actor, restriction=standing, why=why)


def _context(request: HttpRequest, asked: RightsRequest, mandate: Mandate, made: dict[str, forms.Form]) -> dict[str, object]:
    kind, today = RequestKind(asked.kind), clock.today()
    role = mandate.role
    allowed = {name: asked.is_open and role in PERMISSIONS[permission] for name, permission in _PERMISSION_OF.items()}
    settles = not asked.escalated_to or asked.escalated_to == role
    standing = restriction_of(asked.system, asked.rid) if asked.system and asked.rid else None
    may_restrict = role in PERMISSIONS["rights.restrict"]
    return {
        "asked": asked,
        "about": ABOUT[kind],
        "forms": made,
        "may": {**allowed, "answer": allowed["answer"] and settles, "extend": allowed["extend"] and settles},
        "may_extend": may_extend(asked.law_due, asked.extended_on, today),
        "additions": asked.additions.all(),
        "drafts": asked.drafts.select_related("author"),
        "restriction": standing,
        "may_restrict": may_restrict and standing is None and bool(asked.rid) and asked.system is not None,
        "may_lift": may_restrict and standing is not None,
        "findings": keeping.archive_check(asked) if kind is RequestKind.ERASURE and asked.is_open else [],
        "erasure": asked.erasures.first(),
        "again": reconsidered_for(asked.receipt),
        "may_extract": role in PERMISSIONS["rights.extract"] and kind is RequestKind.EXTRACT and asked.is_open and bool(asked.token),
        "held": asked.system is not None and is_held(asked.system),
        "looks_again": kind in handling.ABOUT_A_DECISION and bool(asked.rid) and asked.system is not None,
        "protected": is_protected(asked.token) if asked.token else False,
        "complaints": handling.complaint_to(asked),
    }


_PERMISSION_OF = {
    "answer": "rights.answer",
    "draft": "rights.answer",
    "assign": "rights.assign",
    "extend": "rights.extend",
    "escalate": "rights.escalate",
}


@requires("work.see")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erasures(request: HttpRequest) -> HttpResponse:
    """Requests for erasure: those to decide on, for whoever decides; decisions to carry out, for whoever does that."""
    decides, runs = may(request, "erasure.decide"), may(request, "erasure.run")
    if not decides and not runs:
        return render(
            request,
            "rights/refused.html",
            {"why_not": _("Erasure is decided by the board and carried out by a rights officer.")},
            status=403,
        )
    sent = request.POST.get("what_form", "") if request.method == "POST" else ""
    form = ErasureForm(request.POST if sent == "decide" else None, initial={"decided_on": clock.today()})
    if (sent == "decide" and _decide(request, form)) or (sent == "run" and _run(request)):
        return redirect("rights:erasures")
    waiting = erasures_to_decide(request.user, clock.today()) if decides else []
    context = {
        "waiting": [(asked, keeping.archive_check(asked)) for asked in waiting],
        "decided": [row for row in _decided() if _is_shown(request, row, decides=decides)],
        "form": form,
        "sent": request.POST.get("receipt", ""),
        "decides": decides,
        "runs": runs,
        "seen": {row.receipt for row in rows_for(request.user, clock.today())},
    }
    return render(request, "rights/erasures.html", context, status=422 if sent else 200)


def _is_shown(request: HttpRequest, row: ErasureDecision, *, decides: bool) -> bool:
    """To whoever decides and to whoever carries out; about an employee to nobody of their line."""
    shown = decides and outside_every_line(row.system, request.user, clock.today())
    return shown or _mandate(request, row.request) is not None


def _decided() -> Iterable[ErasureDecision]:
    return ErasureDecision.objects.select_related("system", "act", "request__system__office__parent")


def _decide(request: HttpRequest, form: ErasureForm) -> bool:
    def act() -> object:
        words = {name: value for name, value in form.cleaned_data.items() if name != "receipt"}
        asked = get_object_or_404(RightsRequest.objects.select_related("system__office"), receipt=form.cleaned_data["receipt"])
        return keeping.decide_erasure(actor=acting(request, "erasure.decide"), request=asked, **words)

    return attempt(request, form, act, done=_("The decision is recorded. Nothing is erased yet: another person carries it out."))


def _run(request: HttpRequest) -> bool:
    number = request.POST.get("decision", "")
    key = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    decision = get_object_or_404(ErasureDecision.objects.select_related("act", "system"), pk=key)
    try:
        done = keeping.carry_out_erasure(actor=acting(request, "erasure.run"), decision=decision)
    except (ActRefused, NotAllowed) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Erased: entry %(index)d of the log.") % {"index": done.done_index})
    return True
